// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs whose header was overwritten.
 *
 * The next free into such a slab does not find its cookie. The page can still
 * show that it is a slab of that zone: from depot_add() until the slab leaves the
 * depot, under the depot's lock, page_private of the head page holds the zone's
 * cookie and lru.next the header's address. Then the slab is marked corrupt and
 * taken out of service: its objects are not allocated again, and its pages stay
 * until the zone is destroyed.
 *
 * A corrupt slab looks full: free[] is empty, and every free object is marked in
 * remote[], which is not collected. So a CPU that owned the slab leaves it alone,
 * double frees are found, and destroy knows when all its objects are free.
 *
 * Nothing in the header is trusted. The depot's list that the slab was on, and
 * the list of all slabs, are repaired from the pointers of its neighbours: a walk
 * of unbounded length with interrupts off. Not repaired are a header that is
 * overwritten while the slab is next to another such slab on a list, in a
 * reserve, on zone->disowned or on a CPU's list of free_rcu.c, and one into whose
 * slab nothing was freed since.
 */
#include <linux/bitmap.h>

#include "slab/depot.h"
#include "slab/lookup.h"
#include "slab/state.h"
#include "debug/report.h"
#include "core/free.h"

/* Find the neighbours of @lost on the list @head; false if it is not on it. */
static bool neighbours(struct list_head *head, const struct list_head *lost,
		       struct list_head **prev, struct list_head **next)
{
	for (*prev = head; (*prev)->next != lost; *prev = (*prev)->next) {
		if ((*prev)->next == head)
			return false;
	}
	for (*next = head; (*next)->prev != lost; *next = (*next)->prev) {
		if ((*next)->prev == head)
			return false;
	}
	return true;
}

/* Take @lost off the list @head, if it is on it. */
static bool cut_out(struct list_head *head, struct list_head *lost)
{
	struct list_head *prev, *next;

	if (!neighbours(head, lost, &prev, &next))
		return false;
	WRITE_ONCE(prev->next, next);
	next->prev = prev;
	INIT_LIST_HEAD(lost);
	return true;
}

/* Repair the pointers of @lost, which stays on the list @head. */
static void mend(struct list_head *head, struct list_head *lost)
{
	struct list_head *prev, *next;

	if (neighbours(head, lost, &prev, &next)) {
		lost->prev = prev;
		WRITE_ONCE(lost->next, next);
	}
}

static void lists_leave(struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	unsigned int bin;

	for (bin = 0; bin < KMOBJ_NR_BINS; bin++) {
		if (cut_out(&depot->bin[bin], &slab->link)) {
			WRITE_ONCE(depot->nr[bin], depot->nr[bin] - 1);
			return;
		}
	}
	if (cut_out(&depot->retired, &slab->link) || cut_out(&depot->waiting, &slab->link))
		depot_leaving(depot, -1);
}

/*
 * Mark all free objects in remote[] instead of free[]. A CPU that owns the slab
 * may be allocating from it: it gets its object, and its store brings back at
 * most the other bits of that word, once.
 */
static void bits_move(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int i;

	for (i = 0; i < slab_nr_objs(zone, slab); i++) {
		if (!data_race(slab_is_live(slab, i)))	/* its owner may write it */
			set_bit(i, remote);
	}
	for (i = 0; i < zone->bitmap_words; i++)
		WRITE_ONCE(slab->free[i], 0);
}

/* The batches in which objects of @slab wait. */
static u8 batches_of(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int nr;
	u8 batches = 0;

	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		if (!bitmap_empty(slab_waiting(zone, slab, nr), zone->nr_objs))
			batches |= BIT(nr);
	}
	return batches;
}

static void isolate(struct kmobj_zone *zone, struct kmobj_depot *depot,
		    struct kmobj_slab *slab, void *objs)
{
	lockdep_assert_held(&depot->lock);
	slab->zone = zone;
	WRITE_ONCE(slab->objs, objs);
	slab->small = lies_in_small(zone, objs);
	slab->tagged = atomic_long_read(&zone->tagged[slab->small]);	/* as others are */
	slab->node = page_to_nid(slab_head(slab));
	slab->home = raw_smp_processor_id();
	lists_leave(depot, slab);
	mend(&depot->all, &slab->all);
	WRITE_ONCE(slab->listed, KMOBJ_UNLISTED);
	slab_set_owner(slab, KMOBJ_OWNER_CORRUPT);
	WRITE_ONCE(slab->rcu_batches, batches_of(zone, slab));
	slab->hint = 0;
	bits_move(zone, slab);
	WRITE_ONCE(slab->cookie, slab_corrupt_cookie(zone, slab));
	atomic_long_inc(&zone->slabs_corrupt);
}

/* Under the lock. True if the slab was found corrupt just now. */
static bool look(struct kmobj_zone *zone, struct kmobj_depot *depot,
		 struct kmobj_slab *slab, void *objs)
{
	unsigned long good = slab_cookie(zone, slab);

	if (slab->objs == objs && (slab->cookie == good || slab->cookie == ~good ||
				   slab_is_corrupt(zone, slab)))
		return false;
	isolate(zone, depot, slab, objs);
	return true;
}

/*
 * @obj was not found to be an object of @zone. If its slab is corrupt and @obj
 * was live, free it: then true. With preemption off.
 */
bool corrupt_free(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_depot *depot;
	bool now = false, good = false;
	struct kmobj_slab *slab;
	unsigned long flags;
	struct page *head;
	void *objs = NULL;
	u32 idx;

	if (!virt_addr_valid(obj))
		return false;
	head = compound_head(virt_to_page(obj));
	if (likely(READ_ONCE(head->private) != zone->cookie))
		return false;
	depot = zone->depot[page_to_nid(head)];
	raw_spin_lock_irqsave(&depot->lock, flags);
	if (READ_ONCE(head->private) == zone->cookie) {
		slab = slab_from_page(head);
		objs = objs_by_page(zone, obj);
		idx = index_by_page(zone, obj);
		now = look(zone, depot, slab, objs);
		good = slab_is_corrupt(zone, slab) && idx < zone->nr_objs &&
		       !slab_waits(zone, slab, idx) &&
		       !test_and_set_bit(idx, slab_remote(zone, slab)->bits);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	if (unlikely(now))
		report_corrupt(zone, slab, objs);
	if (good)
		kmemleak_free(obj);
	return good;
}
