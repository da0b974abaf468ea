// SPDX-License-Identifier: GPL-2.0
/*
 * Free slabs leave the zone: they retire, wait for a grace period of RCU, so that
 * whoever looked at one before still finds a slab of this zone, and are released.
 * Lists and lock are the depot's.
 *
 *	function		context
 *	depot_retire, _advance,	preemptible task, under zone->maintenance; never wait
 *	depot_reclaim
 *	depot_flush		the same; waits for a grace period
 *	corrupt_release	the same, of a dying zone
 */
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "slab/depot.h"
#include "slab/lookup.h"
#include "slab/slab.h"
#include "slab/zone.h"
#include "core/birth.h"
#include "core/free_rcu.h"
#include "core/retire.h"

/*
 * One that is on a told list or one of free_rcu.c is put back for the next pass: it
 * would only wait for a grace period in vain, for release_first() looks again.
 * Model: retire.
 */
static bool retire_oldest(struct kmobj_zone *zone, struct kmobj_depot *depot)
{
	struct kmobj_slab *slab = list_last_entry(&depot->bin[KMOBJ_BIN_FREE],
						  struct kmobj_slab, link);

	if (slab_is_referenced(zone, slab)) {
		list_move(&slab->link, &depot->bin[KMOBJ_BIN_FREE]);
		return false;
	}
	depot_unlist(depot, slab);
	slab_collect(zone, slab);	/* notes what was freed twice */
	depot_begin_retire(depot, slab);
	return true;
}

/*
 * Retire up to @budget free slabs, but leave @keep. They stay type-stable on
 * depot->retired until a grace period is started for them. Those that nobody is
 * to keep are looked for, too.
 */
unsigned long depot_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			   unsigned long keep, unsigned long budget)
{
	unsigned long left, nr = 0;

	lockdep_assert_held(&zone->maintenance);
	/* few, and what is needed most: whatever others have left of the budget */
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

/* Take a slab that waits out of the zone, or back if it is called for. */
static void release_first(struct kmobj_zone *zone, struct kmobj_depot *depot,
			  struct list_head *out)
{
	struct kmobj_slab *slab = list_first_entry(&depot->waiting,
						   struct kmobj_slab, link);

	lockdep_assert_held(&depot->lock);
	if (slab_is_referenced(zone, slab)) {
		/* a free that raced with the last to come home; model: release.look */
		depot_undo_retire(depot, slab);
		depot_list_after_barrier(zone, depot, slab);
		return;
	}
	depot_leaving(depot, -1);
	list_move(&slab->link, out);
	depot_unlink(depot, slab);
}

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

/* Release up to @max of those that wait; their grace period is over. */
static unsigned long depot_release(struct kmobj_zone *zone,
				   struct kmobj_depot *depot,
				   unsigned long max, bool to_cache)
{
	struct kmobj_slab *slab, *next;
	unsigned long nr = 0;
	LIST_HEAD(out);

	while (release_some(zone, depot, max - nr, &out)) {
		list_for_each_entry_safe(slab, next, &out, link) {
			slab_release(zone, slab, to_cache);
			nr++;
		}
		INIT_LIST_HEAD(&out);
		cond_resched();
	}
	return nr;
}

/*
 * Release up to @max of those that wait if their grace period is over. Model:
 * retire.gp.
 */
static unsigned long depot_let_go(struct kmobj_zone *zone,
				  struct kmobj_depot *depot,
				  unsigned long max, bool to_cache)
{
	unsigned long nr;

	if (!depot->gp_started || !poll_state_synchronize_rcu(depot->gp))
		return 0;
	nr = depot_release(zone, depot, max, to_cache);
	if (nr < max)
		depot->gp_started = false;	/* that was all of them */
	return nr;
}

/* Start a grace period for those that have retired, unless one is under way. */
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

/*
 * Retired slabs move one step on: to a grace period, or, where that is over,
 * out of the zone. Never waits. True if some are still on their way.
 */
bool depot_advance(struct kmobj_zone *zone, struct kmobj_depot *depot)
{
	lockdep_assert_held(&zone->maintenance);
	depot_let_go(zone, depot, ULONG_MAX, true);
	return depot_start_gp(depot);
}

/*
 * Memory is short: up to @max slabs whose grace period is over leave for the
 * page allocator, and for as many as are lacking free ones are retired, those
 * that the zone keeps too. Never waits. How many left; *more is set if some
 * are on their way.
 */
unsigned long depot_reclaim(struct kmobj_zone *zone, struct kmobj_depot *depot,
			    unsigned long max, bool *more)
{
	unsigned long nr;

	lockdep_assert_held(&zone->maintenance);
	nr = depot_let_go(zone, depot, max, false);
	depot_retire(zone, depot, 0, max - nr);
	*more |= depot_start_gp(depot);
	return nr;
}

/* Let every retired slab of @zone out, waiting for a grace period if need be. */
unsigned long depot_flush(struct kmobj_zone *zone)
{
	struct kmobj_depot *depot;
	unsigned long nr = 0;
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
		nr += depot_release(zone, zone->depot[nid], ULONG_MAX, true);
	return nr;
}

/*
 * Of a dying zone: let those out whose objects are all home. Such a slab may still be
 * on a CPU's list of free_rcu.c, put there by a free whose bit a pass had found already:
 * a pass takes it off. None can be put there anew, as its cookie is not good. Told
 * lists are empty since destroy has taken them.
 */
void corrupt_release(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab, *next;
	int nid;

	lockdep_assert_held(&zone->maintenance);
	if (!atomic_long_read(&zone->slabs_corrupt))
		return;
	synchronize_rcu();	/* nobody who looked before is still at them */
	mutex_lock(&zone->rcu_lock);	/* nor is a pass */
	rcu_pass(zone);
	for_each_node(nid) {
		list_for_each_entry_safe(slab, next, &zone->depot[nid]->all,
					 all) {
			cond_resched();
			if (!slab_is_corrupt(zone, slab) ||
			    slab_count_rcu(zone, slab) ||
			    slab_count_all_free(zone, slab) != zone->nr_objs)
				continue;
			atomic_long_dec(&zone->slabs_corrupt);
			depot_del(zone, slab);
			slab_release(zone, slab, false);
		}
	}
	mutex_unlock(&zone->rcu_lock);
}
