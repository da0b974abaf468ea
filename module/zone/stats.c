// SPDX-License-Identifier: GPL-2.0
/* Statistics of a zone. */
#include <linux/module.h>

#include "include/kmobj_dropin.h"
#include "slab/lookup.h"
#include "core/free_rcu.h"
#include "core/section.h"
#include "zone/mover.h"

static void sum_cpus(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
{
	const struct kmobj_cpu *c;
	unsigned long late;
	int cpu;

	/* frees before allocs, so that their difference is not negative */
	late = atomic_long_read(&zone->late_bad_frees);
	stats->rcu_waiting = rcu_count(zone, &stats->frees_rcu);
	for_each_kmobj_cpu(cpu, c, zone) {
		stats->frees_remote += READ_ONCE(c->frees_remote) + READ_ONCE(c->frees_nested);
		stats->frees += READ_ONCE(c->frees);
	}
	stats->frees += stats->frees_remote + stats->frees_rcu;
	stats->frees -= min(late, stats->frees);
	smp_rmb();	/* best effort: the CPUs that count have no barrier */
	for_each_kmobj_cpu(cpu, c, zone) {
		stats->allocs_depot += READ_ONCE(c->allocs_nested);
		stats->allocs += READ_ONCE(c->allocs);
	}
	stats->allocs += stats->allocs_depot;
	/* a double free from two CPUs counts twice until it is detected */
	stats->frees = min(stats->frees, stats->allocs);
}

void kmobj_zone_stats(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
{
	unsigned long limit = READ_ONCE(zone->limit);

	*stats = (struct kmobj_zone_stats) {
		.size = zone->size,
		.stride = zone->stride,
		.objs_per_slab = zone->nr_objs,
		.slab_bytes = PAGE_SIZE << zone->order,
		.slabs = atomic_long_read(&zone->nr_slabs),
		.slabs_made = atomic_long_read(&zone->slabs_made),
		.slabs_retired = atomic_long_read(&zone->slabs_retired),
		.alloc_fails = atomic_long_read(&zone->alloc_fails),
		.limit_hits = atomic_long_read(&zone->limit_hits),
		.bad_frees = atomic_long_read(&zone->bad_frees),
		.bad_copies = atomic_long_read(&zone->bad_copies),
		.slabs_corrupt = atomic_long_read(&zone->slabs_corrupt),
		.corrupted = atomic_long_read(&zone->corrupted),
		.order_fails = atomic_long_read(&zone->order_fails),
		.order_fallbacks = atomic_long_read(&zone->order_fallbacks),
		.pages_left = atomic_long_read(&zone->pages_left),
		.slabs_watched = atomic_long_read(&zone->nr_watched),
	};
	stats->limit = limit == ULONG_MAX ? KMOBJ_UNLIMITED :
					    limit * stats->slab_bytes;
	mover_stats(zone, stats);
	sum_cpus(zone, stats);
}
EXPORT_SYMBOL_GPL(kmobj_zone_stats);

unsigned int kmobj_slab_live(struct kmobj_zone *zone, const void *obj)
{
	struct kmobj_slab *slab;
	unsigned int live = 0;
	u32 idx;

	preempt_disable();
	if (slab_lookup(zone, obj, &slab, &idx) && idx < zone->nr_objs)
		live = slab_count_live(zone, slab);
	preempt_enable();
	return live;
}
EXPORT_SYMBOL_GPL(kmobj_slab_live);

unsigned int kmobj_zone_size(const struct kmobj_zone *zone)
{
	return zone->size;
}
EXPORT_SYMBOL_GPL(kmobj_zone_size);
