// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs in /proc/allocinfo, in kernels with CONFIG_MEM_ALLOC_PROFILING: a zone's slabs
 * are counted in the line of the call that created it (the macros at the end of
 * kmobj.h), and cached free slabs in the line of free_slabs().
 *
 * To the page allocator all pages are of free_slabs(), as only it can change that. While
 * a slab is in a zone, its bytes are moved from that tag's counters to the zone's. Slabs
 * made while profiling is switched off are in neither; made later of pages from that
 * time, in the zone's, and free_slabs() is so much too low.
 *
 * zone->tag is memory of the creator's module. profile_left_by() clears it before that is
 * unloaded, and waits for those who read it under rcu_read_lock().
 */
#include "slab/profile.h"
#include "slab/slab.h"

/* The tag of pages; its function's name is shown. */
static struct alloc_tag *free_slabs(void)
{
	return kmobj_function_tag();
}

struct page *profile_alloc_pages(unsigned int order, gfp_t gfp, int nid)
{
	return kmobj_alloc_pages(free_slabs(), nid, gfp, order);
}

/* A slab joins the zone. */
void profile_join(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct alloc_tag *tag;

	slab->tagged = false;
	if (!kmobj_profiling())
		return;
	rcu_read_lock();
	tag = READ_ONCE(zone->tag);
	if (tag) {
		kmobj_tag_move(free_slabs(), tag, slab_bytes(slab_order(zone, slab)));
		atomic_long_inc(&zone->tagged[slab->small]);
		slab->tagged = true;
	}
	rcu_read_unlock();
}

/* A slab leaves the zone. */
void profile_leave(struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	struct alloc_tag *tag;

	if (!slab->tagged)
		return;
	rcu_read_lock();
	tag = READ_ONCE(zone->tag);
	if (tag) {
		kmobj_tag_move(tag, free_slabs(), slab_bytes(slab_order(zone, slab)));
		atomic_long_dec(&zone->tagged[slab->small]);
	}
	rcu_read_unlock();
}

/* @module is being unloaded: if it has created @zone, its slabs are free_slabs()'. */
void profile_left_by(struct kmobj_zone *zone, const struct module *module)
{
	struct alloc_tag *tag = zone->tag;
	unsigned int small;
	long nr;

	if (!kmobj_tag_is_of(tag, module))
		return;
	WRITE_ONCE(zone->tag, NULL);
	synchronize_rcu();
	for (small = 0; small < ARRAY_SIZE(zone->tagged); small++) {
		for (nr = atomic_long_xchg(&zone->tagged[small], 0); nr > 0; nr--)
			kmobj_tag_move(tag, free_slabs(),
				       slab_bytes(small ? zone->small_order : zone->order));
	}
}
