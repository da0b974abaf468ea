// SPDX-License-Identifier: GPL-2.0
/* Exports for a drop-in replacement of kmem_cache: see kmobj_dropin.h. */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/module.h>

#include "include/kmobj_dropin.h"
#include "slab/lookup.h"
#include "debug/report.h"
#include "zone/uncharged.h"

/* Is @obj an object of @slab that is neither free nor waiting for RCU? A snapshot. */
static bool is_live(const struct kmobj_zone *zone, struct kmobj_slab *slab, const void *obj)
{
	u32 idx = index_by_page(zone, obj);

	return idx < zone->nr_objs && !slab_is_free(zone, slab, idx) &&
	       !slab_waits(zone, slab, idx);
}

struct kmobj_zone *kmobj_zone_holding(const void *obj, bool *live)
{
	struct kmobj_zone *zone = NULL;
	struct kmobj_slab *slab = NULL;

	preempt_disable();	/* keeps the slab and the zone */
	if (!ZERO_OR_NULL_PTR(obj))
		zone = zone_lookup(obj, &slab);
	if (live)
		*live = zone && slab && is_live(zone, slab, obj);
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_holding);

bool kmobj_refuse_kernels_cache(const void *obj, unsigned int size)
{
	struct kmobj_zone *zone = NULL;
	struct kmobj_slab *slab;

	preempt_disable();	/* keeps the zone */
	if (!ZERO_OR_NULL_PTR(obj))
		zone = zone_lookup(obj, &slab);
	if (unlikely(zone))
		report_kernels_cache(zone, obj, size);
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_refuse_kernels_cache);

/* Never charge a page of @zone. False if a page is or may be charged already. */
static bool zone_never_charge(struct kmobj_zone *zone)
{
	int was = cmpxchg(&zone->charging, CHARGE_UNDECIDED, CHARGE_NEVER);

	if (was == CHARGE_SLABS)
		pr_err_ratelimited("%s: an object for a list_lru refused: use kmem_cache_alloc_lru() from the first on, or no SLAB_ACCOUNT and no __GFP_ACCOUNT\n",
				   zone->name);
	if (was == CHARGE_UNDECIDED && (zone->gfp & __GFP_ACCOUNT))
		uncharged_note(zone, "on objects for a list_lru");
	return was != CHARGE_SLABS;
}

void *kmobj_alloc_lru(struct kmobj_zone *zone, gfp_t gfp)
{
	if (unlikely(READ_ONCE(zone->charging) != CHARGE_NEVER) && !zone_never_charge(zone))
		return NULL;
	return kmobj_alloc(zone, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_alloc_lru);
