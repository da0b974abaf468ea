// SPDX-License-Identifier: GPL-2.0
/*
 * Free slabs leave the zone: they retire, wait for a grace period of RCU, so that
 * a CPU that has begun to look at one still finds a slab of this zone, and are
 * released. The lists and the lock are the depot's.
 */
#include "slab/depot.h"
#include "slab/lookup.h"
#include "core/birth.h"
#include "core/free_rcu.h"
#include "core/retire.h"

/*
 * Retire the oldest free slab. If a notified list or one of free_rcu.c has it, it stays
 * in the bin, as release_first() would not release it: false. Model: retire.
 */
static bool retire_oldest(struct kmobj_zone *zone, struct kmobj_depot *depot)
{
	struct kmobj_slab *slab = list_last_entry(&depot->bin[KMOBJ_BIN_FREE],
						  struct kmobj_slab, link);

	if (unlikely(!depot_unlist(zone, depot, slab)))
		return false;
	if (slab_is_referenced(zone, slab)) {
		depot_list_after_barrier(zone, depot, slab);
		return false;
	}
	slab_collect(zone, slab);	/* notes double frees */
	depot_begin_retire(zone, depot, slab);
	return true;
}

/*
 * Retire up to @budget free slabs, but leave @keep. Free slabs that are apart, none of
 * which is kept, are looked for first.
 */
unsigned long depot_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			   unsigned long keep, unsigned long budget)
{
	unsigned long left, nr = 0;

	lockdep_assert_held(&zone->maintenance);
	depot_sort(zone, depot, KMOBJ_BIN_SMALL, max(budget, KMOBJ_RUN));
	depot_sort(zone, depot, KMOBJ_BIN_WATCHED, max(budget, KMOBJ_RUN));
	/* few, and needed most: at least a run, whatever is left of the budget */
	depot_sort(zone, depot, KMOBJ_BIN_PFMEMALLOC, max(budget, KMOBJ_RUN));
	left = min(budget, READ_ONCE(depot->nr[KMOBJ_BIN_FREE]));
	while (left && READ_ONCE(depot->nr[KMOBJ_BIN_FREE]) > keep) {
		unsigned int run = min(left, KMOBJ_RUN);

		left -= run;
		raw_spin_lock_irq(&depot->lock);
		while (run-- && depot->nr[KMOBJ_BIN_FREE] > keep)
			nr += retire_oldest(zone, depot);
		raw_spin_unlock_irq(&depot->lock);
		cond_resched();
	}
	return nr;
}

/* Take a slab that waits out of the zone, or back into a bin if it is referenced. */
static void release_first(struct kmobj_zone *zone, struct kmobj_depot *depot,
			  struct list_head *out)
{
	struct kmobj_slab *slab = list_first_entry(&depot->waiting,
						   struct kmobj_slab, link);

	lockdep_assert_held(&depot->lock);
	if (unlikely(!depot_unlist_leaving(zone, depot, slab)))
		return;
	if (slab_is_referenced(zone, slab)) {
		/* by a free that raced with the last one; model: release.look */
		depot_undo_retire(depot, slab);
		depot_list_after_barrier(zone, depot, slab);
		return;
	}
	list_add(&slab->link, out);
	depot_unlink(depot, slab);
}

/* The same for a run of them; false if there was none. */
static bool release_some(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 unsigned long max, struct list_head *out)
{
	unsigned long run = min(max, KMOBJ_RUN), left;

	raw_spin_lock_irq(&depot->lock);
	for (left = run; left && !list_empty(&depot->waiting); left--)
		release_first(zone, depot, out);
	raw_spin_unlock_irq(&depot->lock);
	return left != run;
}

/* Release up to @max slabs that wait: how many. Adds their pages to *@pages. */
static unsigned long depot_release(struct kmobj_zone *zone, struct kmobj_depot *depot,
				   unsigned long max, bool to_cache, unsigned long *pages)
{
	struct kmobj_slab *slab, *next;
	unsigned long nr = 0;
	LIST_HEAD(out);

	while (release_some(zone, depot, max - nr, &out)) {
		list_for_each_entry_safe(slab, next, &out, link) {
			*pages += 1UL << slab_order(zone, slab);
			slab_release(zone, slab, to_cache);
			nr++;
		}
		INIT_LIST_HEAD(&out);
		cond_resched();
	}
	return nr;
}

/* The same if their grace period is over. Model: retire.gp. */
static unsigned long depot_let_go(struct kmobj_zone *zone, struct kmobj_depot *depot,
				  unsigned long max, bool to_cache, unsigned long *pages)
{
	unsigned long nr;

	if (!depot->gp_started || !poll_state_synchronize_rcu(depot->gp))
		return 0;
	nr = depot_release(zone, depot, max, to_cache, pages);
	if (nr < max)
		depot->gp_started = false;	/* that was all of them */
	return nr;
}

/* Start a grace period for retired slabs, unless one is in progress; true if any wait. */
static bool depot_start_gp(struct kmobj_depot *depot)
{
	bool more;

	raw_spin_lock_irq(&depot->lock);
	if (!depot->gp_started)
		list_splice_init(&depot->retired, &depot->waiting);
	more = !list_empty(&depot->waiting) || !list_empty(&depot->retired);
	raw_spin_unlock_irq(&depot->lock);
	if (more && !depot->gp_started) {
		depot->gp = start_poll_synchronize_rcu();
		depot->gp_started = true;
	}
	return more;
}

/* Start a grace period for retired slabs, or release them; true if some have yet to leave. */
bool depot_advance(struct kmobj_zone *zone, struct kmobj_depot *depot)
{
	unsigned long pages = 0;

	lockdep_assert_held(&zone->maintenance);
	depot_let_go(zone, depot, ULONG_MAX, true, &pages);
	return depot_start_gp(depot);
}

/*
 * Memory is short: release up to @max slabs to the page allocator: how many pages. If
 * they are fewer, retire free slabs, kept ones too; sets *more if some have yet to leave.
 */
unsigned long depot_reclaim(struct kmobj_zone *zone, struct kmobj_depot *depot,
			    unsigned long max, bool *more)
{
	unsigned long nr, pages = 0;

	lockdep_assert_held(&zone->maintenance);
	nr = depot_let_go(zone, depot, max, false, &pages);
	depot_retire(zone, depot, 0, max - nr);
	*more |= depot_start_gp(depot);
	return pages;
}

/*
 * Release all retired slabs of @zone: how many pages. Waits for a grace period if there
 * are any.
 */
unsigned long depot_flush(struct kmobj_zone *zone)
{
	struct kmobj_depot *depot;
	unsigned long pages = 0;
	bool any = false;
	int nid;

	lockdep_assert_held(&zone->maintenance);
	for_each_node(nid) {
		depot = zone->depot[nid];
		raw_spin_lock_irq(&depot->lock);
		list_splice_init(&depot->retired, &depot->waiting);
		any |= !list_empty(&depot->waiting);
		raw_spin_unlock_irq(&depot->lock);
	}
	if (!any)
		return 0;
	synchronize_rcu();
	for_each_node(nid)
		depot_release(zone, zone->depot[nid], ULONG_MAX, true, &pages);
	return pages;
}

/*
 * Release the corrupt slabs of a dying zone whose objects are all free. A pass takes
 * such a slab off a CPU's list of free_rcu.c; it is not put there again, as its cookie
 * does not match. Destroy has emptied the notified lists.
 */
void corrupt_release(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab, *next;
	int nid;

	lockdep_assert_held(&zone->maintenance);
	if (!atomic_long_read(&zone->slabs_corrupt))
		return;
	synchronize_rcu();	/* for CPUs that looked them up before */
	mutex_lock(&zone->rcu_lock);	/* for passes */
	rcu_pass(zone);
	for_each_node(nid) {
		list_for_each_entry_safe(slab, next, &zone->depot[nid]->all, all) {
			cond_resched();
			if (!slab_is_corrupt(zone, slab) || slab_count_rcu(zone, slab) ||
			    slab_count_all_free(zone, slab) != slab_nr_objs(zone, slab))
				continue;
			atomic_long_dec(&zone->slabs_corrupt);
			depot_del(zone, slab);
			slab_release(zone, slab, false);
		}
	}
	mutex_unlock(&zone->rcu_lock);
}
