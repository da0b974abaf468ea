// SPDX-License-Identifier: GPL-2.0
/*
 * Take what idle CPUs own besides their active and alternate slabs, and what all
 * CPUs own of a dying zone, without their help.
 *
 * The poller takes the slabs of a CPU whose moves stand still in three steps,
 * with a grace period between each two. Sections run with preemption off, so a
 * grace period waits for those that have begun.
 *
 *	freeze	reserve_state = FROZEN. After a grace period no section is left that
 *		found it OPEN. A CPU that needs its lists sets it to OPEN by cmpxchg().
 *	take	FROZEN to TAKEN by cmpxchg(). If this succeeds the CPU has not used its
 *		lists, and does not use them until they are OPEN again. The poller
 *		empties them and disowns the slabs: frees set a bit in remote[] from
 *		then on.
 *	give	After another grace period no section is left that read the old owner
 *		and may write free[]. The slabs go to the depot.
 */
#include "slab/depot.h"
#include "core/drain.h"
#include "core/reserve.h"

/* With fewer moves since the last pass a CPU is slow to do what it is asked: queue work. */
#define SELDOM		64

/* Take a slab from its CPU; the depot gets it after a grace period. Model: disown. */
static void disown(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	slab_set_owner(slab, KMOBJ_OWNER_IN_TRANSIT);
	list_add(&slab->link, &zone->disowned);
}

/* Take a slab that was on a CPU's notified list. The reserve is TAKEN. */
static void notified_take(struct kmobj_zone *zone, struct kmobj_cpu *c,
			  struct kmobj_slab *slab)
{
	struct llist_node *node = &slab_remote(zone, slab)->node;
	int owner = READ_ONCE(slab->owner);

	if (owner >= 0 && (owner & ~KMOBJ_HIDDEN_HALF) == c->owner) {
		/* active or alternate: only its CPU may collect, so it stays notified */
		node->next = c->backlog;
		WRITE_ONCE(c->backlog, node);
		return;
	}
	if (owner == (c->owner | KMOBJ_FULL_OWNED))
		disown(zone, slab);
	notified_pass_on(zone, slab);
}

static void notified_take_list(struct kmobj_zone *zone, struct kmobj_cpu *c,
			       struct llist_node *list)
{
	struct kmobj_remote *remote, *next;

	llist_for_each_entry_safe(remote, next, list, node) {
		notified_take(zone, c, slab_from_remote(zone, remote));
		cond_resched();
	}
}

/* Take what a CPU owns besides active and alternate. Its reserve is TAKEN. */
static void take_all(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct llist_node *todo = c->backlog;
	struct kmobj_slab *slab;

	while ((slab = reserve_pop(zone, c))) {
		disown(zone, slab);
		cond_resched();
	}
	WRITE_ONCE(c->backlog, NULL);
	notified_take_list(zone, c, todo);
	notified_take_list(zone, c, llist_del_all(&c->notified));
}

/* Does the CPU own something that the poller could take? */
static bool cpu_holds_more(struct kmobj_cpu *c)
{
	return READ_ONCE(c->nr_reserve) || !llist_empty(&c->notified) ||
	       (READ_ONCE(c->backlog) && !READ_ONCE(c->backlog_is_held));
}

/*
 * Keep the CPU from its lists; false if it has used them since they were frozen.
 * take_all() leaves only active and alternate slabs in backlog. They stay that
 * until the CPU uses its lists: then reserve_open() clears backlog_is_held.
 * Model: taken, came.
 */
static bool cpu_take(struct kmobj_cpu *c)
{
	if (READ_ONCE(c->reserve_state) != RESERVE_FROZEN)
		return false;
	WRITE_ONCE(c->backlog_is_held, true);
	if (cmpxchg(&c->reserve_state, RESERVE_FROZEN, RESERVE_TAKEN) == RESERVE_FROZEN)
		return true;
	WRITE_ONCE(c->backlog_is_held, false);
	return false;
}

/* Take the next step for this CPU; true if another is to follow. Model: age. */
static bool cpu_age(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	unsigned long moves = READ_ONCE(c->moves);
	bool seldom;

	if (cpu_take(c)) {
		take_all(zone, c);
		/* pairs with kmobj_load_acquire() in reserve_open(); model: reopen */
		smp_store_release(&c->reserve_state, RESERVE_OPEN);
		return true;
	}
	if (!cpu_holds_more(c))
		return false;
	if (moves != c->moves_seen) {
		seldom = moves - c->moves_seen < SELDOM;
		c->moves_seen = moves;
		WRITE_ONCE(c->trim, READ_ONCE(c->trim) ? 2 : 1);
		if (seldom || READ_ONCE(c->behind))
			drain_hurry(c->owner & ~KMOBJ_SECOND);
		return false;
	}
	WRITE_ONCE(c->reserve_state, RESERVE_FROZEN);
	return true;
}

static void reserve_give_disowned(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab, *next;

	list_for_each_entry_safe(slab, next, &zone->disowned, link) {
		depot_give(zone, slab);
		cond_resched();
	}
	INIT_LIST_HEAD(&zone->disowned);
}

/*
 * The poller's pass. Never waits; true if there is more to do soon. Model:
 * freeze.gp, disown.gp.
 */
bool reserve_age(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	bool more = false;
	int cpu;

	lockdep_assert_held(&zone->maintenance);
	if (zone->reserve_waits) {
		if (!poll_state_synchronize_rcu(zone->reserve_gp))
			return true;
		reserve_give_disowned(zone);
	}
	for_each_kmobj_cpu(cpu, c, zone)
		more |= cpu_age(zone, c);
	zone->reserve_waits = more;
	if (more)
		zone->reserve_gp = start_poll_synchronize_rcu();
	return more;
}

void reserve_flush(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->maintenance);
	if (list_empty(&zone->disowned))
		return;
	synchronize_rcu();
	reserve_give_disowned(zone);
}

/*
 * Mark a slab as taken if a CPU owns it; true if one did. By cmpxchg, as a section may
 * be giving the slab to the depot. If that fails, a section may also have reused a full
 * slab: true as well, to look at it again. Model: mark, mark.again.
 */
static bool slab_mark_taken(struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (owner < 0)
		return false;
	slab_cmpxchg_owner(slab, owner, KMOBJ_OWNER_TAKEN);
	return true;
}

/* Mark all slabs that CPUs own; true if there was any. */
static bool mark_all_taken(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	bool any = false;
	int nid;

	for_each_node(nid) {
		for_each_slab(slab, nid, zone) {
			any |= slab_mark_taken(slab);
			cond_resched();
		}
	}
	return any;
}

/*
 * Give what all CPUs own of a dying zone to the depot. After a grace period no section
 * is left that found its lists open, or that read the old owner and may write free[] or
 * notify it. A section that had begun may have made its CPU the owner of a slab again:
 * repeat until there is none. Model: close, mark, mark.gp.
 */
void reserve_take_from_all(struct kmobj_zone *zone)
{
	bool wait = zone->reserve_waits;
	struct kmobj_cpu *c;
	int cpu, nid;

	lockdep_assert_held(&zone->maintenance);
	if (!atomic_long_read(&zone->nr_slabs))
		return;
	for_each_kmobj_cpu(cpu, c, zone)
		WRITE_ONCE(c->reserve_state, RESERVE_TAKEN);	/* for good */
	while (mark_all_taken(zone) || wait) {
		synchronize_rcu();
		wait = false;
	}
	for_each_kmobj_cpu(cpu, c, zone) {
		WRITE_ONCE(c->active, &kmobj_no_slab);
		WRITE_ONCE(c->alternate, &kmobj_no_slab);
		c->reserve = NULL;
		WRITE_ONCE(c->nr_reserve, 0);
	}
	for_each_kmobj_cpu(cpu, c, zone)
		take_all(zone, c);
	reserve_give_disowned(zone);
	for_each_node(nid)
		depot_give_taken(zone, zone->depot[nid]);
}
