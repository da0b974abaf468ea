// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs whose header was written over are found, and taken out of service: their
 * objects are not allocated again, and their pages stay until the zone is destroyed.
 *
 * A header is checked where a slab comes to a CPU, or to the front of its two with a
 * free object, where it leaves a list of the depot, and where it is given to the depot.
 * It is believed as far as the cookie goes, which is made of a secret, of the zone and of
 * where the slab lies; from depot_add() until the slab leaves the depot, under the
 * depot's lock, page_private of the head page holds the zone's cookie, and lru.next the
 * header's address. Those cannot be written over by who writes past an object.
 *
 * A corrupt slab looks full: free[] is empty, and every free object is marked in
 * remote[], which is not collected. So a CPU that owned the slab leaves it alone,
 * double frees are found, and destroy knows when all its objects are free.
 *
 * The depot's list that the slab was on, and the list of all slabs, are repaired from
 * the pointers of its neighbours: a walk of unbounded length with interrupts off. Where
 * those are damaged, too, the list loses what is between the first damaged slabs from
 * both ends. Not repaired are a header that is overwritten while the slab is on
 * zone->disowned, the mover's, on a notified list or on one of free_rcu.c; and a reserve loses what
 * comes after such a slab. A header outside its slab, of which neither cookie nor objs is
 * left, is found when something is freed into the slab (core/corrupt.c).
 */
#include <linux/bitmap.h>

#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/lookup.h"
#include "slab/state.h"

/* Is @link what is at @at, which may be any address? */
static bool link_is_at(struct list_head **at, const struct list_head *link)
{
	unsigned long is;

	if (!is_linear((unsigned long)at) || !IS_ALIGNED((unsigned long)at, sizeof(is)))
		return false;
	kmobj_peek(&is, (unsigned long *)at, unmapped);
	return is == (unsigned long)link;
unmapped:
	return false;
}

/* Do the two, one of which may be any address, point to each other? */
bool list_link_holds(struct list_head *prev, struct list_head *next)
{
	return link_is_at(&prev->next, next) && link_is_at(&next->prev, prev);
}

/*
 * Find what is before and behind @lost on the list @head, by walks from both ends that
 * follow no pointer which is not answered by one back. How many of the two lead to it.
 */
static int neighbours(struct list_head *head, const struct list_head *lost,
		      struct list_head **before, struct list_head **behind)
{
	struct list_head *prev = head, *next = head;

	while (prev->next != lost && prev->next != head &&
	       list_link_holds(prev, prev->next))
		prev = prev->next;
	while (next->prev != lost && next->prev != head &&
	       list_link_holds(next->prev, next))
		next = next->prev;
	*before = prev;
	*behind = next;
	return (prev->next == lost) + (next->prev == lost);
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

static unsigned long list_length(struct list_head *head)
{
	struct list_head *at = head;
	unsigned long nr = 0;

	while (at->next != head && list_link_holds(at, at->next)) {
		at = at->next;
		nr++;
	}
	return nr;
}

/* Repair the pointers of @lost, which stays on the list @head. */
static void mend(struct list_head *head, struct list_head *lost)
{
	struct list_head *prev, *next;

	if (neighbours(head, lost, &prev, &next) == 2) {
		lost->prev = prev;
		WRITE_ONCE(lost->next, next);
	}
}

/*
 * Before @at, on the list @head of all slabs or that itself, gets another neighbour:
 * repair links from there and to it that do not hold, as far as others show how they were.
 */
void links_mend(struct list_head *head, struct list_head *at)
{
	if (likely(list_link_holds(at->prev, at) && list_link_holds(at, at->next)))
		return;
	if (at != head)
		mend(head, at);
	if (at->prev != head)
		mend(head, at->prev);
	if (at->next != head)
		mend(head, at->next);
}

static void lists_leave(struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	unsigned int bin;

	for (bin = 0; bin < KMOBJ_NR_BINS; bin++) {
		if (cut_out(&depot->bin[bin], &slab->link)) {
			WRITE_ONCE(depot->nr[bin], list_length(&depot->bin[bin]));
			return;
		}
	}
	if (cut_out(&depot->retired, &slab->link) || cut_out(&depot->waiting, &slab->link))
		WRITE_ONCE(depot->nr_leaving, list_length(&depot->retired) +
					      list_length(&depot->waiting));
}

/* Clear the bits of all bitmaps that no object has. */
static void bits_trim(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *bits = slab_remote(zone, slab)->bits, beyond;
	unsigned int w, map;

	for (w = 0; w < zone->bitmap_words; w++) {
		beyond = word_beyond(slab_nr_objs(zone, slab), w);
		for (map = 0; beyond && map < KMOBJ_REMOTE_MAPS; map++)
			atomic_long_andnot(beyond, (atomic_long_t *)
					   &bits[map * zone->bitmap_words + w]);
	}
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
	bits_trim(zone, slab);
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

/*
 * Is the header of @slab, whose cookie should be @cookie, as kmobj may have left it? For
 * who owns the slab, or under the depot's lock. The rest of it is not read before.
 */
bool slab_is_sound(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
		   unsigned long cookie)
{
	void *objs = objs_by_cookie(zone, slab, cookie);
	unsigned long beyond = 0;
	unsigned int w, nr;

	if (unlikely(!objs || slab->objs != objs || slab->zone != zone ||
		     *(const u8 *)&slab->small != ((cookie ^ zone->cookie) & KMOBJ_SMALL)))
		return false;
	nr = slab_nr_objs(zone, slab);
	for (w = nr / BITS_PER_LONG; w < zone->bitmap_words; w++)
		beyond |= slab->free[w] & word_beyond(nr, w);
	return !beyond && slab->hint < zone->bitmap_words;
}

/* Does a flag hold what kmobj may have written? As a byte, for it may hold anything. */
static bool flag_is_sound(const bool *flag)
{
	return *(const u8 *)flag <= 1;
}

/* The same, with what only the depot believes. */
bool slab_is_fit_for_depot(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
			   unsigned long cookie)
{
	return slab_is_sound(zone, slab, cookie) &&
	       slab->node == page_to_nid(virt_to_page(slab->objs)) &&
	       flag_is_sound(&slab->pfmemalloc) && flag_is_sound(&slab->tagged) &&
	       *(const u8 *)&slab->watched == !!watch_of(zone, slab->objs);
}

/* The same by @cookie, or that of a slab that retires, if the page points to @slab. */
static void *objs_by_pages(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
			   unsigned long cookie)
{
	unsigned long pages = (cookie ^ zone->cookie) & ~KMOBJ_SMALL;

	if (offslab_header(pages) == slab)
		return objs_by_page(zone, (void *)pages);
	pages = (~cookie ^ zone->cookie) & ~KMOBJ_SMALL;
	if (offslab_header(pages) == slab)
		return objs_by_page(zone, (void *)pages);
	return NULL;
}

/*
 * Object 0 of @slab, a header of the zone's of which anything may be written over; NULL
 * if no page points to it. A header in its slab is where the zone's slabs have theirs.
 */
static void *objs_by_header(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct page *head = virt_to_head_page(slab);
	unsigned long objs, cookie;

	if (READ_ONCE(head->private) == zone->cookie && slab_from_page(head) == slab)
		return objs_by_page(zone, slab);
	if (!zone->offslab && !zone->small_objs)
		return NULL;
	kmobj_peek(&objs, (unsigned long *)&slab->objs, unmapped);
	kmobj_peek(&cookie, &slab->cookie, unmapped);
	objs &= zone->slab_mask;
	if (zone->offslab && offslab_header(objs) == slab)
		return objs_by_page(zone, (void *)objs);
	return objs_by_pages(zone, slab, cookie) ?: objs_by_cookie(zone, slab, cookie);
unmapped:
	return NULL;
}

/* Is @slab, which may be any address, a header of the zone's, whatever is left of it? */
bool slab_is_header(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	return virt_addr_valid(slab) && IS_ALIGNED((unsigned long)slab, SMP_CACHE_BYTES) &&
	       objs_by_header(zone, slab);
}

/*
 * Take @slab out of service. @objs is object 0 if the caller knows it. Under the lock.
 */
void slab_isolate_locked(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 struct kmobj_slab *slab, void *objs)
{
	lockdep_assert_held(&depot->lock);
	if (slab_is_corrupt(zone, slab))
		return;
	lists_leave(depot, slab);
	objs = objs ?: objs_by_header(zone, slab);
	if (!objs)
		return;
	slab->zone = zone;
	WRITE_ONCE(slab->objs, objs);
	slab->small = lies_in_small(zone, objs);
	slab->tagged = atomic_long_read(&zone->tagged[slab->small]);	/* as others are */
	slab->pfmemalloc = false;
	slab->watched = watch_of(zone, objs);
	slab->node = page_to_nid(slab_head(slab));
	slab->home = raw_smp_processor_id();
	mend(&depot->all, &slab->all);
	WRITE_ONCE(slab->listed, KMOBJ_UNLISTED);
	slab_set_owner(slab, KMOBJ_OWNER_CORRUPT);
	WRITE_ONCE(slab->rcu_batches, batches_of(zone, slab));
	slab->hint = 0;
	bits_move(zone, slab);
	WRITE_ONCE(slab->cookie, slab_corrupt_cookie(zone, slab));
	atomic_long_inc(&zone->slabs_corrupt);
	WRITE_ONCE(zone->late_corrupt, slab);
	zone_wake(zone);
}

/* The same without the lock, in any context but NMI. */
void slab_isolate(struct kmobj_zone *zone, struct kmobj_slab *slab, void *objs)
{
	struct kmobj_depot *depot;
	unsigned long flags;

	objs = objs ?: objs_by_header(zone, slab);
	if (!objs)
		return;
	depot = zone->depot[page_to_nid(virt_to_page(objs))];
	raw_spin_lock_irqsave(&depot->lock, flags);
	slab_isolate_locked(zone, depot, slab, objs);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

/*
 * The link of @slab, which is sound, does not hold: was its neighbour written over? Then
 * the neighbour, else NULL.
 */
static struct kmobj_slab *neighbour_to_blame(const struct kmobj_zone *zone,
					     struct kmobj_slab *slab)
{
	struct list_head *link = &slab->link, *other = link->prev;

	if (list_link_holds(other, link))
		other = link->next;
	slab = list_entry(other, struct kmobj_slab, link);
	return slab_is_genuine(zone, slab) && !slab_is_corrupt(zone, slab) ? slab : NULL;
}

/*
 * May @slab, of this @owner, be taken off the depot's list that it is on? If not, what
 * was written over, that slab or its neighbour, is on no list now, and the caller looks
 * again.
 */
bool slab_may_leave_list(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 struct kmobj_slab *slab, int owner)
{
	bool retires = owner == KMOBJ_OWNER_RETIRING;
	struct kmobj_slab *bad = NULL;

	if (likely(slab_is_fit_for_depot(zone, slab, retires ? ~slab->cookie : slab->cookie) &&
		   slab->owner == owner && slab->listed <= KMOBJ_NR_BINS &&
		   !slab->listed == retires)) {
		if (likely(link_is_at(&slab->link.prev->next, &slab->link) &&
			   link_is_at(&slab->link.next->prev, &slab->link)))
			return true;
		bad = neighbour_to_blame(zone, slab);
	}
	slab_isolate_locked(zone, depot, bad ?: slab, NULL);
	return false;
}
