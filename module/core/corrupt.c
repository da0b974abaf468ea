// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs whose header was written over.
 *
 * The next free into such a slab does not find its cookie. If the page says
 * that it is a slab of that zone all the same (page_private of the head page
 * holds the zone's cookie and lru.next the header's address, from depot_add()
 * until the slab leaves the depot, under its lock), the slab is put into
 * quarantine: no object of it is handed out again, and its pages stay until the
 * zone is destroyed.
 *
 * In quarantine a slab looks full: free[] is empty and nobody collects its
 * remote[], where every object that is home is marked. So whoever owned it
 * finds nothing in it and leaves it alone, second frees are found as ever, and
 * destroy knows when all its objects are home. Its cookie says what it is.
 *
 * Nothing in the header is believed. The list it was on, and the list of all
 * slabs, are mended by what its neighbours say: a walk with interrupts off, for
 * once not bounded. What is not mended: a header written over in a slab next
 * to another such one on a list, or while it is in a reserve, on zone->disowned
 * or on a CPU's list of free_rcu.c; and what is done to a slab of which nothing was
 * freed since.
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/spinlock.h>

#include "kernel/kasan.h"
#include "slab/depot.h"
#include "slab/layout.h"
#include "slab/lookup.h"
#include "slab/slab.h"
#include "slab/state.h"
#include "slab/zone.h"
#include "debug/report.h"
#include "core/corrupt.h"

/* The neighbours of @lost on the list @head; false if it is not on it. */
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

/* @lost stays on the list @head: make its own pointers right. */
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
	if (cut_out(&depot->retired, &slab->link) ||
	    cut_out(&depot->waiting, &slab->link))
		depot_leaving(depot, -1);
}

/*
 * All that is free is marked in remote[] instead. A CPU that owns the slab may
 * be taking an object just now: it has its object, and puts back at most the
 * others of that word, once.
 */
static void bits_move(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int i;

	for (i = 0; i < zone->nr_objs; i++) {
		if (!data_race(slab_is_live(slab, i)))	/* as said above */
			set_bit(i, remote);
	}
	for (i = 0; i < zone->bitmap_words; i++)
		WRITE_ONCE(slab->free[i], 0);
}

/* The batches that wait for objects of @slab. */
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

static bool is_of(const struct kmobj_zone *zone, struct page *head)
{
	return READ_ONCE(head->private) == zone->cookie;
}

/* Under the lock. True if the slab was put into quarantine just now. */
static bool look(struct kmobj_zone *zone, struct kmobj_depot *depot,
		 struct kmobj_slab *slab, void *objs)
{
	unsigned long good = slab_cookie(zone, slab);

	if (slab->objs == objs &&
	    (slab->cookie == good || slab->cookie == ~good ||
	     slab_is_corrupt(zone, slab)))
		return false;
	isolate(zone, depot, slab, objs);
	return true;
}

/*
 * @obj was not found to be an object of @zone. True if that is because its
 * slab is in quarantine, or goes there now, and @obj was live: it is free then.
 * With preemption off.
 */
bool corrupt_free(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_depot *depot;
	bool now = false, good = false;
	struct kmobj_slab *slab;
	unsigned long flags;
	struct page *head;
	void *objs;
	u32 idx;

	if (!virt_addr_valid(obj))
		return false;
	head = compound_head(virt_to_page(obj));
	if (likely(!is_of(zone, head)))
		return false;
	objs = slab_objs(zone, obj);
	idx = slab_index(zone, obj);
	depot = zone->depot[page_to_nid(head)];
	raw_spin_lock_irqsave(&depot->lock, flags);
	if (is_of(zone, head)) {
		slab = slab_from_page(head);
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
