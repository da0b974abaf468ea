// SPDX-License-Identifier: GPL-2.0
/*
 * What lies at an address, for reports that know no zones: of KASAN, of an oops, of
 * clients. No lock is taken, and what may be unmapped is read with kmobj_peek(), so
 * this is for any context; see zone_lookup(). It relies on struct kmobj_zone and on
 * headers with a good cookie.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include "slab/lookup.h"
#include "debug/where.h"

/* Object @idx, of which @slab is NULL if it is not in service. */
static const char *state_of(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx)
{
	if (!slab)
		return atomic_long_read(&zone->slabs_corrupt) ?
		       "an object, free or of a corrupt slab," : "a free object";
	if (slab_is_free(zone, slab, idx))
		return "a free object";
	return slab_waits(zone, slab, idx) ? "an object waiting for RCU" : "a live object";
}

/*
 * If @addr lies in a slab, print where, as "@what: 24 bytes into a free object ...", fill
 * in @where and return true. With preemption off until @where has been used.
 */
bool where_print(const char *what, unsigned long addr, struct kmobj_where *where)
{
	const void *at = kasan_reset_tag((void *)addr);
	struct kmobj_slab *slab;
	struct kmobj_zone *zone = zone_lookup(at, &slab);
	unsigned long off;
	void *objs;
	u32 idx;

	if (!zone)
		return false;
	where->zone = zone;
	where->obj = NULL;
	objs = objs_by_page(zone, at);
	off = at - objs;
	if ((long)off < 0) {
		pr_err("%s: %ld bytes before the first object of a slab of zone %s\n",
		       what, -(long)off, zone->name);
		return true;
	}
	idx = off / zone->stride;
	if (index_by_page(zone, objs + idx * zone->stride) >= zone->nr_objs) {
		pr_err("%s: behind the last object of a slab of zone %s\n", what, zone->name);
		return true;
	}
	where->obj = objs + idx * zone->stride;
	pr_err("%s: %lu bytes into %s of zone %s, at %p, of %u bytes\n", what,
	       off % zone->stride, state_of(zone, slab, idx), zone->name, where->obj,
	       zone->size);
	return true;
}
