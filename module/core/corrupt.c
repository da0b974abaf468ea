// SPDX-License-Identifier: GPL-2.0
/*
 * A free into a slab whose header was written over does not find its cookie. The page
 * still shows that it is a slab of that zone: so the slab is found to be corrupt, if
 * slab/isolate.c has not found it before, and the free is done.
 */
#include "slab/depot.h"
#include "slab/isolate.h"
#include "debug/report.h"
#include "core/free.h"

/* Under the lock: take the slab out of service if its header was written over. */
static void look(struct kmobj_zone *zone, struct kmobj_depot *depot,
		 struct kmobj_slab *slab, void *objs)
{
	unsigned long good = slab_cookie(zone, slab);

	if (slab->objs != objs || (slab->cookie != good && slab->cookie != ~good))
		slab_isolate_locked(zone, depot, slab, objs);
}

/*
 * @obj was not found to be an object of @zone. If its slab is corrupt and @obj
 * was live, free it: then true. With preemption off.
 */
bool corrupt_free(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_depot *depot;
	bool good = false;
	struct kmobj_slab *slab;
	unsigned long flags;
	struct page *head;
	void *objs;
	u32 idx;

	if (!virt_addr_valid(obj))
		return false;
	head = compound_head(virt_to_page(obj));
	if (likely(READ_ONCE(head->private) != zone->cookie))
		return false;
	depot = zone->depot[page_to_nid(head)];
	raw_spin_lock_irqsave(&depot->lock, flags);
	/* the pages may have left meanwhile, and others may be the head now */
	if (READ_ONCE(head->private) == zone->cookie &&
	    compound_head(virt_to_page(obj)) == head) {
		slab = slab_from_page(head);
		objs = objs_by_page(zone, obj);
		idx = index_by_page(zone, obj);
		look(zone, depot, slab, objs);
		good = slab_is_corrupt(zone, slab) && idx < zone->nr_objs &&
		       !slab_waits(zone, slab, idx) &&
		       !test_and_set_bit(idx, slab_remote(zone, slab)->bits);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	report_corrupt(zone);
	if (good)
		kmemleak_free(obj);
	return good;
}
