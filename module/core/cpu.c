// SPDX-License-Identifier: GPL-2.0
/*
 * The active and the alternate slab that a CPU owns in a zone. The CPU touches
 * them only in a section: see section.h.
 *
 * A slab that the CPU takes becomes the active one. When the next one comes it
 * becomes the alternate, and when another comes it leaves, full and still owned
 * by the CPU: see reserve.c. Frees by this CPU into the two are plain stores. A
 * CPU that allocates and frees around the end of a slab only swaps the two.
 *
 * The CPU is asked to give up its slabs when they are needed elsewhere: see
 * drain.c.
 */
#include <linux/topology.h>

#include "slab/depot.h"
#include "core/reserve.h"

/*
 * Make @slab, which this CPU owns already, the active one. Both the active and
 * the alternate slab are full.
 */
void cpu_push(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	struct kmobj_slab *out = c->alternate;

	WRITE_ONCE(c->alternate, c->active);
	WRITE_ONCE(c->active, slab);
	reserve_leave(zone, c, out);
}

/* Has the active or the alternate slab a free object? Then make it the active one. */
static __always_inline bool cpu_has_free(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *alternate = c->alternate;

	if (slab_has_free(zone, c->active))
		return true;
	if (!slab_has_free(zone, alternate))
		return false;
	WRITE_ONCE(c->alternate, c->active);
	WRITE_ONCE(c->active, alternate);
	return true;
}

/*
 * Make a slab with a free object the active one, and point its hint to that
 * object. In a section. False if kmobj holds no such slab for this CPU or its
 * node, or if CPUs may not take the depot's slabs because of the limit. Model:
 * answer.refill, felt.
 */
bool cpu_refill(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *slab = NULL;

	if (unlikely(zone_is_debug(zone)))
		return false;
	if (unlikely(READ_ONCE(c->drain)))
		cpu_drain(zone, c);
	slab_try_reveal(zone, c, c->active);
	slab_try_reveal(zone, c, c->alternate);
	if (cpu_has_free(zone, c))
		return true;
	if (reserve_look(zone, c)) {
		if (cpu_has_free(zone, c))
			return true;
		slab = reserve_pop(c);
	}
	if (!slab && likely(!READ_ONCE(zone->limit_felt)))
		slab = depot_take(zone, numa_mem_id(), c->owner);
	if (!slab)
		return false;
	cpu_push(zone, c, slab);
	return slab_has_free(zone, slab);
}

void cpus_init(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		c->active = &kmobj_no_slab;
		c->alternate = &kmobj_no_slab;
		c->owner = c == cpu_at(zone, cpu, 0) ? cpu : cpu | KMOBJ_SECOND;
	}
}
