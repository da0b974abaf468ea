// SPDX-License-Identifier: GPL-2.0
/*
 * The depot: a zone's slabs of one NUMA node that no CPU owns. Such a slab is in a
 * bin by how full it was when it was listed, or it is full and on no list, or it is
 * retiring. The depot's lock protects free[] of all of them.
 *
 * The rule by which a slab is given up, and a full one is left unlisted:
 *
 *	giver, under the lock			a CPU that frees an object
 *	---------------------			--------------------------
 *	owner = DEPOT, listed = UNLISTED	test_and_set_bit() in remote[]
 *	smp_mb()				(a full barrier)
 *	collect remote[]			owner == DEPOT and not listed?
 *	list it if anything is free		then take the lock, check again,
 *						collect, list
 *
 * This is Dekker's algorithm: at least one side sees the other's write, and under
 * the lock the slab is listed once. So a slab with a free object is always on a
 * list, though full slabs are never searched. "Model: give.mb" names a step in
 * scripts/model/kmobj.pml.
 *
 * A slab whose pages come from below the watermarks (page_is_pfmemalloc()) serves
 * only allocations that may use such pages, so that memory reserved for reclaim
 * is not used up by others. So no CPU owns it: it has a bin of its own in the
 * depot, and retires as soon as all its objects are free.
 *
 * Small slabs (small.c) are the same: their bin is the last for ordinary allocations,
 * and they retire as soon as all their objects are free. And so are watched ones
 * (debug/watch.c), whose bin ordinary allocations use only when no slab can be made.
 *
 * Where the lock is not asserted, the function takes it, in any context but NMI.
 */
#include <linux/prefetch.h>

#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/layout.h"
#include "slab/state.h"

/* Under the lock; nr[] may be read without it. */
static void depot_count(struct kmobj_depot *depot, unsigned int bin, int more)
{
	WRITE_ONCE(depot->nr[bin], depot->nr[bin] + more);
}

static void depot_leaving(struct kmobj_depot *depot, int more)
{
	WRITE_ONCE(depot->nr_leaving, depot->nr_leaving + more);
}

/*
 * Take a slab out of its bin. False if it was corrupt, or its neighbour was: that is out
 * of service now, and the caller looks again.
 */
bool depot_unlist(struct kmobj_zone *zone, struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	lockdep_assert_held(&depot->lock);
	if (unlikely(!slab_may_leave_list(zone, depot, slab, KMOBJ_OWNER_DEPOT)))
		return false;
	depot_count(depot, slab->listed - 1, -1);
	list_del(&slab->link);
	WRITE_ONCE(slab->listed, KMOBJ_UNLISTED);
	return true;
}

/* The bin of a slab that is apart. */
static unsigned int bin_apart(const struct kmobj_slab *slab)
{
	if (slab->pfmemalloc)
		return KMOBJ_BIN_PFMEMALLOC;
	return slab->watched ? KMOBJ_BIN_WATCHED : KMOBJ_BIN_SMALL;
}

static unsigned int bin_for(const struct kmobj_zone *zone,
			    const struct kmobj_slab *slab, unsigned int nr_free)
{
	if (unlikely(slab_is_apart(slab)))
		return bin_apart(slab);
	if (nr_free >= zone->nr_objs)	/* more if free[] was written over */
		return KMOBJ_BIN_FREE;
	return nr_free * KMOBJ_BINS / zone->nr_objs;
}

/*
 * An unlisted slab, all of whose objects are free, begins to leave. Slabs that only
 * some allocations may use go last: first_leaving() looks at the first one only.
 */
void depot_begin_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			struct kmobj_slab *slab)
{
	lockdep_assert_held(&depot->lock);
	slab_set_owner(slab, KMOBJ_OWNER_RETIRING);
	WRITE_ONCE(slab->cookie, ~slab->cookie);
	if (unlikely(slab_is_apart(slab)))
		list_add_tail(&slab->link, &depot->retired);
	else
		list_add(&slab->link, &depot->retired);
	depot_leaving(depot, 1);
	zone_wake(zone);
}

/*
 * Take a slab that leaves off its list. False as depot_unlist() says.
 */
bool depot_unlist_leaving(struct kmobj_zone *zone, struct kmobj_depot *depot,
			  struct kmobj_slab *slab)
{
	lockdep_assert_held(&depot->lock);
	if (unlikely(!slab_may_leave_list(zone, depot, slab, KMOBJ_OWNER_RETIRING)))
		return false;
	list_del(&slab->link);
	depot_leaving(depot, -1);
	return true;
}

/* A slab that is on no list stays: it is an unlisted slab of the depot again. */
void depot_undo_retire(struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	lockdep_assert_held(&depot->lock);
	WRITE_ONCE(slab->cookie, ~slab->cookie);
	slab_set_owner(slab, KMOBJ_OWNER_DEPOT);
}

/*
 * List an unlisted slab if any of its objects is free: at the head of its bin, to be
 * taken while its cache lines are warm. Model: give.look, unlist.look.
 */
void depot_list(struct kmobj_zone *zone, struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	unsigned int nr_free, bin;

	lockdep_assert_held(&depot->lock);
	slab_collect(zone, slab);
	nr_free = slab_count_known_free(zone, slab);
	if (!nr_free)
		return;
	if (unlikely(slab_is_apart(slab)) && nr_free == slab_nr_objs(zone, slab) &&
	    !slab_is_referenced(zone, slab)) {
		depot_begin_retire(zone, depot, slab);
		return;
	}
	bin = bin_for(zone, slab, nr_free);
	depot_count(depot, bin, 1);
	list_add(&slab->link, &depot->bin[bin]);
	WRITE_ONCE(slab->listed, bin + 1);
	if (bin >= KMOBJ_BIN_FREE || zone->mover)
		zone_wake(zone);
}

/* The giver's side of the rule at the top, with owner or listed just set. */
void depot_list_after_barrier(struct kmobj_zone *zone, struct kmobj_depot *depot,
			      struct kmobj_slab *slab)
{
	/*
	 * Pairs with test_and_set_bit() in free_remote().
	 * Model: give.mb, unlist.mb, taken.mb.
	 */
	smp_mb();
	depot_list(zone, depot, slab);
}

/* Give up a slab that the caller owns, unless it is corrupt. Model: give.owner. */
void depot_give(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_depot *depot;
	unsigned long flags;

	if (unlikely(!slab_is_fit_for_depot(zone, slab, slab->cookie))) {
		slab_isolate(zone, slab, NULL);
		return;
	}
	depot = depot_of(zone, slab);
	raw_spin_lock_irqsave(&depot->lock, flags);
	slab_set_owner(slab, KMOBJ_OWNER_DEPOT);
	depot_list_after_barrier(zone, depot, slab);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

void depot_give_taken(struct kmobj_zone *zone, struct kmobj_depot *depot)
{
	struct kmobj_slab *slab;
	unsigned long run = 0;

	lockdep_assert_held(&zone->maintenance);
	raw_spin_lock_irq(&depot->lock);
	list_for_each_entry_rcu(slab, &depot->all, all,
				lockdep_is_held(&zone->maintenance)) {
		if (++run % KMOBJ_RUN == 0) {
			raw_spin_unlock_irq(&depot->lock);
			cond_resched();
			raw_spin_lock_irq(&depot->lock);
		}
		if (slab->owner != KMOBJ_OWNER_TAKEN)
			continue;
		slab_set_owner(slab, KMOBJ_OWNER_DEPOT);
		depot_list_after_barrier(zone, depot, slab);
	}
	raw_spin_unlock_irq(&depot->lock);
}

/* The freeing CPU's side: @slab was the depot's, and unlisted. Model: freed.look. */
void depot_on_remote_free(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_depot *depot = depot_of(zone, slab);
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	if (READ_ONCE(slab->owner) == KMOBJ_OWNER_DEPOT && !slab->listed)
		depot_list(zone, depot, slab);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

/*
 * Clear notified of a retiring slab; false if it is not retiring any more. The lock
 * keeps the slab from being taken back meanwhile, or a CPU that frees an object of
 * it could find notified still set and not notify the owner. Once notified is
 * clear, the slab may be released. Model: last.lock.
 */
bool depot_unnotify(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_depot *depot = depot_of(zone, slab);
	unsigned long flags;
	bool retiring;

	raw_spin_lock_irqsave(&depot->lock, flags);
	retiring = READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING;
	if (retiring)
		WRITE_ONCE(slab_remote(zone, slab)->notified, 0);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return retiring;
}

/* The first of @list, unless its bin is none of the first @bins. */
static struct kmobj_slab *first_leaving(struct list_head *list, unsigned int bins)
{
	struct kmobj_slab *slab = list_first_entry_or_null(list, struct kmobj_slab, link);

	if (!slab || likely(!slab_is_apart(slab)))
		return slab;
	return bins > bin_apart(slab) ? slab : NULL;
}

/*
 * Unlist the slab to allocate from next, of the first @bins bins: the fullest
 * partial one, so that sparse ones drain; else a free one; else one that is apart; else
 * one that was about to leave.
 */
static struct kmobj_slab *unlist_best(struct kmobj_zone *zone, struct kmobj_depot *depot,
				      unsigned int bins)
{
	struct kmobj_slab *slab;
	unsigned int bin;

	lockdep_assert_held(&depot->lock);
	for (bin = 0; bin < bins; bin++) {
		while (!list_empty(&depot->bin[bin])) {
			slab = list_first_entry(&depot->bin[bin], struct kmobj_slab, link);
			if (likely(depot_unlist(zone, depot, slab)))
				return slab;
		}
	}
	if (bins <= KMOBJ_BIN_FREE)
		return NULL;
	while ((slab = first_leaving(&depot->retired, bins) ?:
		       first_leaving(&depot->waiting, bins))) {
		if (likely(depot_unlist_leaving(zone, depot, slab))) {
			depot_undo_retire(depot, slab);
			return slab;
		}
	}
	return NULL;
}

/* An unlisted slab of the depot becomes @owner's. Under the lock. */
static void hand_over(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner)
{
	slab_set_owner(slab, owner);
	/* pairs as in depot_list_after_barrier(); model: take.mb, take.look */
	smp_mb();
	slab_collect(zone, slab);
}

/* A slab with free objects, or NULL; @owner, the calling CPU, owns it now. */
struct kmobj_slab *depot_take(struct kmobj_zone *zone, int nid, int owner)
{
	struct kmobj_depot *depot = zone->depot[nid];
	struct kmobj_slab *slab;
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	slab = unlist_best(zone, depot, KMOBJ_BINS_TO_OWN);
	if (slab)
		hand_over(zone, slab, owner);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return slab;
}

/* Is an object live that cannot be moved? Else it may be another's by now: forget. */
static bool slab_is_pinned(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	u32 idx = slab->pinned - 1;

	if (likely(!slab->pinned) || unlikely(idx >= slab_nr_objs(zone, slab)))
		return false;
	if (!slab_is_free(zone, slab, idx) && !slab_waits(zone, slab, idx))
		return true;
	slab->pinned = 0;
	return false;
}

/* The slab that unlist_oldest() returns next; of an empty bin it is none, which does no harm. */
static void prefetch_oldest(const struct kmobj_zone *zone, const struct kmobj_depot *depot,
			    unsigned int bin)
{
	struct kmobj_slab *slab = list_last_entry(&depot->bin[bin], struct kmobj_slab, link);

	prefetch(slab);
	prefetch(&slab->hint);
	prefetch(slab_remote(zone, slab));
}

/* Of the first to be listed in a bin, one that is not pinned; the others go last. */
static struct kmobj_slab *unlist_oldest(struct kmobj_zone *zone, struct kmobj_depot *depot,
					unsigned int bin)
{
	struct kmobj_slab *slab;
	unsigned long i;

	lockdep_assert_held(&depot->lock);
	for (i = min(depot->nr[bin], KMOBJ_RUN); i && depot->nr[bin]; i--) {
		slab = list_last_entry(&depot->bin[bin], struct kmobj_slab, link);
		if (!depot_unlist(zone, depot, slab))
			continue;
		if (!slab_is_pinned(zone, slab)) {
			prefetch_oldest(zone, depot, bin);
			return slab;
		}
		depot_list_after_barrier(zone, depot, slab);
	}
	return NULL;
}

/*
 * A slab to empty: a small one, or of the sparsest bin that has one; NULL if a run of
 * each is pinned. The caller owns it, and gives it back by depot_give().
 */
struct kmobj_slab *depot_take_sparse(struct kmobj_zone *zone, int nid)
{
	struct kmobj_depot *depot = zone->depot[nid];
	struct kmobj_slab *slab = NULL;
	unsigned long flags;
	unsigned int bin;

	for (bin = KMOBJ_BIN_SMALL; bin && !slab; bin--) {
		if (bin == KMOBJ_BIN_FREE || !READ_ONCE(depot->nr[bin]))
			continue;
		raw_spin_lock_irqsave(&depot->lock, flags);
		slab = unlist_oldest(zone, depot, bin);
		if (slab)
			hand_over(zone, slab, KMOBJ_OWNER_IN_TRANSIT);
		raw_spin_unlock_irqrestore(&depot->lock, flags);
	}
	return slab;
}

/*
 * Up to @nr objects of one slab of the first @bins bins, for a caller that is in no
 * section. Returns how many.
 */
unsigned int depot_alloc(struct kmobj_zone *zone, int nid, unsigned int bins,
			 unsigned int nr, void **objs)
{
	struct kmobj_depot *depot = zone->depot[nid];
	struct kmobj_slab *slab;
	unsigned long flags;
	unsigned int i = 0;
	void *first;

	raw_spin_lock_irqsave(&depot->lock, flags);
	slab = unlist_best(zone, depot, bins);
	if (slab) {
		first = slab->objs;	/* checked just now */
		while (i < nr && slab_seek(zone, slab) && slab_pop(zone, slab, &first, &objs[i]))
			i++;
		depot_list_after_barrier(zone, depot, slab);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	return i;
}

/*
 * List up to @budget slabs of a bin again, oldest first, as objects may have been
 * freed since. Returns what is left of the budget.
 */
unsigned long depot_sort(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 unsigned int bin, unsigned long budget)
{
	struct kmobj_slab *slab;
	unsigned long nr;

	lockdep_assert_held(&zone->maintenance);
	for (nr = READ_ONCE(depot->nr[bin]); nr && budget; nr--, budget--) {
		raw_spin_lock_irq(&depot->lock);
		if (!list_empty(&depot->bin[bin])) {
			slab = list_last_entry(&depot->bin[bin], struct kmobj_slab, link);
			if (likely(depot_unlist(zone, depot, slab)))
				depot_list_after_barrier(zone, depot, slab);
		}
		raw_spin_unlock_irq(&depot->lock);
		cond_resched();
	}
	return budget;
}

/* A slab leaves the zone: walks of depot->all do not find it any more. */
void depot_unlink(struct kmobj_depot *depot, struct kmobj_slab *slab)
{
	struct page *head = slab_head(slab);

	lockdep_assert_held(&depot->lock);
	set_page_private(head, 0);
	WRITE_ONCE(head->lru.next, NULL);
	links_mend(&depot->all, &slab->all);
	list_del_rcu(&slab->all);
}

/* For a slab that is on no other list; walkers hold zone->maintenance. */
void depot_del(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_depot *depot = depot_of(zone, slab);

	lockdep_assert_held(&zone->maintenance);
	raw_spin_lock_irq(&depot->lock);
	depot_unlink(depot, slab);
	raw_spin_unlock_irq(&depot->lock);
}

unsigned long depot_count_partial(const struct kmobj_depot *depot)
{
	unsigned long nr = 0;
	unsigned int bin;

	for (bin = 0; bin < KMOBJ_BINS; bin++)
		nr += READ_ONCE(depot->nr[bin]);
	return nr;
}

/*
 * Has a pass nothing to do here until zone_wake() is called? Slabs in use stay listed as
 * they are until one of their objects is freed.
 */
bool depot_is_tidy(const struct kmobj_zone *zone, const struct kmobj_depot *depot)
{
	return READ_ONCE(depot->nr[KMOBJ_BIN_FREE]) <= zone->keep_free_slabs &&
	       !READ_ONCE(depot->nr[KMOBJ_BIN_SMALL]) &&
	       !READ_ONCE(depot->nr[KMOBJ_BIN_WATCHED]) &&
	       !READ_ONCE(depot->nr[KMOBJ_BIN_PFMEMALLOC]) && !READ_ONCE(depot->nr_leaving) &&
	       !(zone->mover && depot_count_partial(depot));
}

/* Slabs that depot_reclaim() could release, in time. */
unsigned long depot_reclaimable(const struct kmobj_depot *depot)
{
	return READ_ONCE(depot->nr[KMOBJ_BIN_FREE]) + READ_ONCE(depot->nr_leaving);
}

/* A slab joins the zone: depot->all has it, and its page names zone and header. */
void depot_add(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_depot *depot = depot_of(zone, slab);
	struct page *head = slab_head(slab);
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	set_page_private(head, zone->cookie);
	WRITE_ONCE(head->lru.next, (struct list_head *)slab);
	links_mend(&depot->all, &depot->all);
	list_add_rcu(&slab->all, &depot->all);
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

/* One depot for each possible node; 0, or -ENOMEM with fewer than that. */
int depot_create(struct kmobj_zone *zone)
{
	struct kmobj_depot *depot;
	unsigned int bin;
	int nid;

	for_each_node(nid) {
		depot = kzalloc_node(sizeof(*depot), GFP_KERNEL,
				     node_online(nid) ? nid : NUMA_NO_NODE);
		if (!depot)
			return -ENOMEM;
		zone->depot[nid] = depot;
		raw_spin_lock_init(&depot->lock);
		for (bin = 0; bin < KMOBJ_NR_BINS; bin++)
			INIT_LIST_HEAD(&depot->bin[bin]);
		INIT_LIST_HEAD(&depot->retired);
		INIT_LIST_HEAD(&depot->waiting);
		INIT_LIST_HEAD(&depot->all);
	}
	return 0;
}

void depot_destroy(struct kmobj_zone *zone)
{
	int nid;

	for_each_node(nid)
		kfree(zone->depot[nid]);
}
