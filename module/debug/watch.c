// SPDX-License-Identifier: GPL-2.0
/*
 * Watched slabs: debugging for zones that cannot pay for it. Of a zone that the module
 * parameter sample=N names, one new slab in N is watched:
 *
 * - Its free objects are poisoned, which is checked when one is handed out and when the
 *   slab leaves the zone (debug.c). Who allocated and who freed an object is kept beside
 *   the slab (track.c).
 * - A freed object is kept back for WATCH_REST, so that a late write meets poison. When
 *   no slab can be made it is handed out all the same.
 * - No CPU owns the slab: it is in a bin of its own in the depot, and retires once all
 *   its objects are free, as a small slab does. So a free into it is none of the fast
 *   path's, which is the same with or without watched slabs. An allocation gets an object
 *   of it when the CPU's two slabs have none left, and before the CPU takes another slab.
 *
 * lru.prev of the head page points to what is known of its objects, where nobody who
 * writes past an object gets at it. KFENCE could not be asked to do this: of its
 * functions none that allocates or frees is exported to modules.
 */
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "slab/depot.h"
#include "slab/lookup.h"
#include "slab/pages.h"
#include "debug/track.h"
#include "debug/watch.h"

#define WATCH_REST	HZ

/* Free objects looked at, at most, for one that was kept back for long enough. */
#define WATCH_TRIES	32

static struct kmobj_watch *watch_alloc(const struct kmobj_zone *zone, gfp_t gfp)
{
	struct kmobj_watch *watch;

	if (!may_ask_for_pages())
		return NULL;
	/* with little effort, and not from what is kept for emergencies: it can be done without */
	gfp &= ~(__GFP_ACCOUNT | __GFP_THISNODE | __GFP_RECLAIMABLE | __GFP_NOFAIL |
		 __GFP_RETRY_MAYFAIL | __GFP_HIGH | __GFP_MEMALLOC);
	gfp |= __GFP_NORETRY | __GFP_NOMEMALLOC | __GFP_NOWARN;
	watch = kzalloc(struct_size(watch, track, zone->nr_objs), gfp);
	kmemleak_ignore(watch);		/* only struct page points to it */
	return watch;
}

/*
 * Is the slab about to be made of @pages, of a zone that is sampled, to be watched? Not
 * one that is apart for other reasons, nor if there is no memory. Until it is in the
 * depot its page is the caller's.
 */
bool watch_open(struct kmobj_zone *zone, void *pages, gfp_t gfp)
{
	struct page *head = virt_to_head_page(pages);
	struct kmobj_watch *watch = NULL;

	if ((u32)atomic_inc_return(&zone->sample_turn) % zone->sample == 0 &&
	    !page_is_pfmemalloc(head) && !lies_in_small(zone, pages))
		watch = watch_alloc(zone, gfp);
	WRITE_ONCE(head->lru.prev, (struct list_head *)watch);
	if (watch)
		atomic_long_inc(&zone->nr_watched);
	return watch;
}

/* @slab, which may be watched, leaves its zone. A report may still read its tracks. */
void watch_close(struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	struct kmobj_watch *watch = watch_of(zone, slab->objs);

	if (!watch)
		return;
	WRITE_ONCE(slab_head(slab)->lru.prev, NULL);
	atomic_long_dec(&zone->nr_watched);
	kfree_rcu(watch, rcu);
}

/* Was object @idx never freed, or long enough ago? */
static bool has_rested(const struct kmobj_watch *watch, u32 idx)
{
	unsigned long when = watch->track[idx][TRACK_FREE].when;

	return !when || jiffies - when >= WATCH_REST;
}

/* A free object of @slab that has rested; nr_objs if none was found. */
static u32 find_rested(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
		       struct kmobj_watch *watch)
{
	u32 from = watch->cursor, tries = WATCH_TRIES, idx;

	for_each_set_bit_wrap(idx, slab->free, zone->nr_objs, from) {
		watch->cursor = idx + 1;
		if (has_rested(watch, idx))
			return idx;
		if (!--tries)
			break;
	}
	return zone->nr_objs;
}

/* The same, which is allocated; NULL if none was found. Under the lock. */
static void *take_rested(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_watch *watch = watch_of(zone, slab->objs);
	u32 idx = watch ? find_rested(zone, slab, watch) : zone->nr_objs;

	if (idx == zone->nr_objs)
		return NULL;
	__clear_bit(idx, slab->free);
	return slab_object(zone, slab, idx);
}

/*
 * An object of one of the node's watched slabs, which take turns; NULL if all that was
 * looked at is still kept back, and then for the rest of this jiffy. The caller counts
 * it, and calls debug_alloc(). Any context but NMI.
 */
void *watch_take(struct kmobj_zone *zone, int nid)
{
	struct kmobj_depot *depot = zone->depot[nid];
	unsigned long tried = READ_ONCE(depot->watch_tried), flags;
	struct kmobj_slab *slab;
	void *obj = NULL;

	if (!READ_ONCE(depot->nr[KMOBJ_BIN_WATCHED]) || time_in_range(jiffies, tried, tried))
		return NULL;
	raw_spin_lock_irqsave(&depot->lock, flags);
	if (depot->nr[KMOBJ_BIN_WATCHED]) {
		slab = list_last_entry(&depot->bin[KMOBJ_BIN_WATCHED], struct kmobj_slab, link);
		if (likely(depot_unlist(zone, depot, slab))) {	/* it is sound */
			obj = take_rested(zone, slab);
			if (!obj)
				WRITE_ONCE(depot->watch_tried, jiffies);
			depot_list_after_barrier(zone, depot, slab);
		}
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return obj;
}
