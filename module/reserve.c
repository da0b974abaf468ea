// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU owns besides its pair, so that it goes on to free into its slabs
 * with plain stores, and takes them back without the depot's lock.
 *
 *	dormant	full when it left the pair: owner is the CPU | KMOBJ_DORMANT,
 *		and it is on no list
 *	reserve	has free objects: owner is the CPU, on the CPU's list
 *
 * Local frees. The first into a dormant slab wakes it: into the pair if the
 * alternate has nothing to offer, else into the reserve. All of this is the
 * CPU's alone, in its sections: plain stores.
 *
 * Remote frees. Who frees into a slab of another CPU tells it, once until that
 * CPU has looked: by putting the slab on the CPU's told list.
 *
 *	freer					owner
 *	-----					-----
 *	test_and_set_bit() in remote[]		told = 0 by xchg(), a full barrier
 *	(a full barrier)			collect remote[]
 *	told == 0? xchg(told, 1), and if it
 *	was 0, put it on the told list
 *
 * Either the freer finds told clear, or the owner finds the bit (model: free.set,
 * tell, told.clear, pass.clear; see depot.c for what that means). A told list
 * is drained by its owner in reserve_look(), with each slow path that counts in
 * moves; by the poller, if moves stands still; a slab that has changed hands
 * since is passed on. While told is set
 * the slab does not leave its zone.
 *
 * Idle CPUs. The poller must get at what a CPU owns that does not come by any
 * more, without disturbing it. It freezes the reserve; after a grace period, as
 * sections run with preemption off, no section is left that found it open. A
 * CPU that comes by opens it again with a cmpxchg. If the poller's cmpxchg to
 * TAKEN succeeds, the CPU has not come, and now stays away: its lists are the
 * poller's. What it takes is disowned: frees set a remote bit from then on, and
 * after one more grace period no section is left that saw the old owner and
 * might store into free[]; then the slabs are given to the depot.
 *
 * A CPU that does come by is asked to trim: to give up what its reserve never
 * fell below since the last pass, which is not part of its working set
 * (Bonwick and Adams, "Magazines and Vmem", USENIX 2001, section 3.6). So that it
 * does in bounded time, every slow path that counts in moves looks at what the CPU
 * was asked for, the one that only wakes a slab included.
 */
#include <linux/mm.h>
#include <linux/prefetch.h>

#include "internal.h"
#include "pair.h"

/* All reserves of a zone may hold this part of its limit, or of all memory. */
#define RESERVE_SHARE	8

/* Slabs looked at in one section: bounds the time that preemption is off. */
#define RUN		32

/*
 * A CPU that came by less often since the last pass, or has more to look at than it
 * could at once, is slow to do what it is asked: work does it.
 */
#define SELDOM		64

/*
 * A reserve's free objects are out of reach for other CPUs until the poller
 * comes: so it is bounded.
 */
void reserve_set_max(struct kmobj_zone *zone)
{
	unsigned long all = min(READ_ONCE(zone->limit),
				totalram_pages() >> zone->order);

	WRITE_ONCE(zone->reserve_max,
		   all / RESERVE_SHARE / num_possible_cpus() / KMOBJ_PAIRS);
}

/* Are this CPU's lists its own? In a section; holds until it ends. Model: moves. */
static bool reserve_open(struct kmobj_pair *pair)
{
	bool open;

	count(&pair->moves, 1);
	/* pairs with smp_store_release() in pair_age(); model: open */
	open = likely(kmobj_load_acquire(&pair->reserve_state) == RESERVE_OPEN) ||
	       cmpxchg(&pair->reserve_state, RESERVE_FROZEN,
		       RESERVE_OPEN) == RESERVE_FROZEN;
	/*
	 * What the poller has seen in the pair may leave it; model: came. A
	 * cmpxchg that fails orders no load after it, but a store.
	 */
	if (unlikely(!open || READ_ONCE(pair->todo_is_pair)))
		WRITE_ONCE(pair->todo_is_pair, false);
	return open;
}

static int cpu_of(const struct kmobj_pair *pair)
{
	return pair->owner & ~KMOBJ_SECOND;
}

static void reserve_push(struct kmobj_zone *zone, struct kmobj_pair *pair,
			 struct kmobj_slab *slab)
{
	if (pair->nr_reserve >= READ_ONCE(zone->reserve_max)) {
		depot_give(zone, slab);
		return;
	}
	slab->next = pair->reserve;
	pair->reserve = slab;
	WRITE_ONCE(pair->nr_reserve, pair->nr_reserve + 1);
}

/* A slab with free objects, the one that came last; or NULL. */
struct kmobj_slab *reserve_pop(struct kmobj_pair *pair)
{
	struct kmobj_slab *slab = pair->reserve;

	if (!slab)
		return NULL;
	pair->reserve = slab->next;
	WRITE_ONCE(pair->nr_reserve, pair->nr_reserve - 1);
	pair->low = min(pair->low, pair->nr_reserve);
	return slab;
}

/* A full slab of this CPU's, or none, leaves the pair. Model: leave. */
void reserve_leave(struct kmobj_pair *pair, struct kmobj_slab *slab)
{
	if (slab != &kmobj_no_slab)
		slab_set_owner(slab, pair->owner | KMOBJ_DORMANT);
}

/*
 * A dormant slab of this CPU's has free objects again: it is of use. True. Model:
 * awake.
 */
static bool reserve_awake(struct kmobj_zone *zone, struct kmobj_pair *pair,
			  struct kmobj_slab *slab)
{
	struct kmobj_slab *out = pair->alternate;

	slab_set_owner(slab, pair->owner);
	slab_look_fresh(zone, pair, out);
	if (slab_has_free(zone, out)) {
		reserve_push(zone, pair, slab);
		return true;
	}
	WRITE_ONCE(pair->alternate, slab);
	reserve_leave(pair, out);
	return true;
}

static noinline bool reserve_awake_and_answer(struct kmobj_zone *zone,
					      struct kmobj_pair *pair,
					      struct kmobj_slab *slab)
{
	reserve_awake(zone, pair, slab);
	pair_answer(zone, pair);
	return true;
}

/*
 * Free object @idx of a slab of this CPU's that was dormant. False if it is
 * not any more, or if the poller is at the CPU's lists: a remote free then.
 * Model: wake.look.
 */
bool reserve_wake(struct kmobj_zone *zone, struct kmobj_pair *pair,
		  struct kmobj_slab *slab, u32 idx)
{
	if (!reserve_open(pair) ||
	    READ_ONCE(slab->owner) != (pair->owner | KMOBJ_DORMANT))
		return false;
	/* the CPU will soon hand it out again; it may be long out of its caches */
	prefetchw(slab_object(zone, slab, idx));
	slab_push(slab, idx);
	if (unlikely(pair_is_asked(pair)))
		return reserve_awake_and_answer(zone, pair, slab);
	return reserve_awake(zone, pair, slab);
}

/*
 * A remote bit of a slab of @owner's was set, and told was clear: see that it
 * will look. Model: tell.
 */
void reserve_tell(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner)
{
	struct kmobj_remote *remote = slab_remote(zone, slab);

	if (!xchg(&remote->told, 1))
		llist_add(&remote->node, &pair_of(zone, owner)->told);
}

/*
 * A slab off a told list that is not, or no longer, the list's CPU's. If it is
 * retiring, its grace period may be over: then to clear told is the last
 * access. If it begins to retire later, that waits for the caller, who is in a
 * section or holds zone->care. Model: pass.clear, pass.tell.
 */
static void told_pass_on(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	int owner;

	if (READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING &&
	    depot_untell(zone, slab))
		return;
	xchg(&slab_remote(zone, slab)->told, 0);
	owner = READ_ONCE(slab->owner);
	if (owner >= 0)
		reserve_tell(zone, slab, owner);
	else if (owner == KMOBJ_OWNER_DEPOT)
		depot_freed(zone, slab);	/* who gave it has looked, too */
}

/* A slab off the told list of the CPU whose section this is. */
static void told_look(struct kmobj_zone *zone, struct kmobj_pair *pair,
		      struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (!pair_owns(pair, owner)) {
		told_pass_on(zone, slab);
		return;
	}
	/*
	 * A full barrier: pairs with test_and_set_bit() in free_remote().
	 * Model: told.clear.
	 */
	xchg(&slab_remote(zone, slab)->told, 0);
	if (slab_collect(zone, slab) && owner & KMOBJ_DORMANT)
		reserve_awake(zone, pair, slab);
	else if (owner & KMOBJ_FRESH)
		slab_set_owner(slab, pair->owner);
}

static struct kmobj_slab *told_pop(struct kmobj_zone *zone,
				   struct kmobj_pair *pair)
{
	struct llist_node *node;

	if (!pair->todo) {
		if (llist_empty(&pair->told))
			return NULL;
		WRITE_ONCE(pair->todo, llist_del_all(&pair->told));
	}
	node = pair->todo;
	WRITE_ONCE(pair->todo, node->next);
	return remote_slab(zone, llist_entry(node, struct kmobj_remote, node));
}

static void told_drain(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	struct kmobj_slab *slab;
	unsigned int i;

	for (i = 0; i < RUN; i++) {
		slab = told_pop(zone, pair);
		if (!slab)
			break;
		told_look(zone, pair, slab);
	}
	WRITE_ONCE(pair->behind, pair->todo);
}

/* Give up what was of no use since the last pass. */
static void reserve_trim(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	unsigned int nr = min_t(unsigned int, pair->low, RUN);

	pair->low -= nr;
	if (!pair->low)
		WRITE_ONCE(pair->trim, 0);
	while (nr-- && pair->reserve)
		depot_give(zone, reserve_pop(pair));
	if (!READ_ONCE(pair->trim))
		pair->low = pair->nr_reserve;
}

/*
 * Look at what others told, which may bring slabs of the pair back to use. The
 * reserve is trimmed when all that may yet wake has, but no later than when the
 * poller asks again: others may free faster than the CPU looks. Model: trim.again.
 * False if the lists are not this CPU's at the moment. In a section.
 */
bool reserve_look(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	if (unlikely(!reserve_open(pair)))
		return false;
	told_drain(zone, pair);
	if (unlikely(READ_ONCE(pair->trim)) &&
	    (!pair->todo || READ_ONCE(pair->trim) > 1))
		reserve_trim(zone, pair);
	return true;
}

/*
 * Give up to the depot what is not in the pair, RUN slabs at a time; true if
 * there is more. In a section, or for a CPU that cannot be in one.
 */
bool reserve_drain(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	unsigned int i;

	if (!reserve_open(pair))
		return false;
	told_drain(zone, pair);
	for (i = 0; i < RUN && pair->reserve; i++)
		depot_give(zone, reserve_pop(pair));
	return pair->reserve || pair->todo;
}

/*
 * Take a slab away from its CPU; it is given away after a grace period. Model:
 * disown.
 */
static void disown(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	slab_set_owner(slab, KMOBJ_OWNER_HELD);
	list_add(&slab->link, &zone->disowned);
}

/* A slab off the told list of a CPU that stays away from its lists. */
static void told_take(struct kmobj_zone *zone, struct kmobj_pair *pair,
		      struct kmobj_slab *slab)
{
	struct llist_node *node = &slab_remote(zone, slab)->node;
	int owner = READ_ONCE(slab->owner);

	if (owner >= 0 && (owner & ~KMOBJ_FRESH) == pair->owner) {
		/* in the pair: not the poller's to collect, so told it stays */
		node->next = pair->todo;
		WRITE_ONCE(pair->todo, node);
		return;
	}
	if (owner == (pair->owner | KMOBJ_DORMANT))
		disown(zone, slab);
	told_pass_on(zone, slab);
}

static void told_take_list(struct kmobj_zone *zone, struct kmobj_pair *pair,
			   struct llist_node *list)
{
	struct kmobj_remote *remote, *next;

	llist_for_each_entry_safe(remote, next, list, node) {
		told_take(zone, pair, remote_slab(zone, remote));
		cond_resched();
	}
}

/* All that a CPU owns besides its pair. Its reserve is TAKEN. */
static void take_all(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	struct llist_node *todo = pair->todo;
	struct kmobj_slab *slab;

	while ((slab = reserve_pop(pair))) {
		disown(zone, slab);
		cond_resched();
	}
	WRITE_ONCE(pair->todo, NULL);
	told_take_list(zone, pair, todo);
	told_take_list(zone, pair, llist_del_all(&pair->told));
}

/* Is there something for the poller to bring home? */
static bool pair_holds(struct kmobj_pair *pair)
{
	return READ_ONCE(pair->nr_reserve) || !llist_empty(&pair->told) ||
	       (READ_ONCE(pair->todo) && !READ_ONCE(pair->todo_is_pair));
}

/*
 * Have the CPU stay away from its lists; false if it has come since they were
 * frozen. take_all() leaves slabs of the pair in todo, no others, and that stays
 * so unless the CPU comes meanwhile: it says so in reserve_open(). Model: taken,
 * came.
 */
static bool pair_take(struct kmobj_pair *pair)
{
	if (READ_ONCE(pair->reserve_state) != RESERVE_FROZEN)
		return false;
	WRITE_ONCE(pair->todo_is_pair, true);
	if (cmpxchg(&pair->reserve_state, RESERVE_FROZEN,
		    RESERVE_TAKEN) == RESERVE_FROZEN)
		return true;
	WRITE_ONCE(pair->todo_is_pair, false);
	return false;
}

/* One step on the way of an idle CPU's slabs; true if there is a next. Model: age. */
static bool pair_age(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	unsigned long moves = READ_ONCE(pair->moves);
	bool seldom;

	if (pair_take(pair)) {
		take_all(zone, pair);
		/* pairs with kmobj_load_acquire() in reserve_open(); model: reopen */
		smp_store_release(&pair->reserve_state, RESERVE_OPEN);
		return true;
	}
	if (!pair_holds(pair))
		return false;
	if (moves != pair->moves_seen) {
		seldom = moves - pair->moves_seen < SELDOM;
		pair->moves_seen = moves;
		WRITE_ONCE(pair->trim, READ_ONCE(pair->trim) ? 2 : 1);
		if (seldom || READ_ONCE(pair->behind))
			drain_hurry(cpu_of(pair));
		return false;
	}
	WRITE_ONCE(pair->reserve_state, RESERVE_FROZEN);
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
 * The poller's pass. Never waits; true if there is more to do soon. Under
 * zone->care. Model: freeze.gp, disown.gp.
 */
bool reserve_age(struct kmobj_zone *zone)
{
	bool more = false;
	unsigned int nr;
	int cpu;

	lockdep_assert_held(&zone->care);
	if (zone->reserve_waits) {
		if (!poll_state_synchronize_rcu(zone->reserve_gp))
			return true;
		reserve_give_disowned(zone);
	}
	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++)
			more |= pair_age(zone, pair_at(zone, cpu, nr));
	}
	zone->reserve_waits = more;
	if (more)
		zone->reserve_gp = start_poll_synchronize_rcu();
	return more;
}

/* Slabs in the reserves of node @nid's CPUs, at this moment. */
unsigned long reserve_count(struct kmobj_zone *zone, int nid)
{
	unsigned long slabs = 0;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		if (cpu_to_mem(cpu) != nid)
			continue;
		for (nr = 0; nr < KMOBJ_PAIRS; nr++)
			slabs += READ_ONCE(pair_at(zone, cpu, nr)->nr_reserve);
	}
	return slabs;
}

/* What was disowned, to the depot now; waits for a grace period. */
void reserve_flush(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->care);
	if (list_empty(&zone->disowned))
		return;
	synchronize_rcu();
	reserve_give_disowned(zone);
}

/* Have all CPUs of a dying zone stay away from their lists, for good. */
static void reserve_close(struct kmobj_zone *zone)
{
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++)
			WRITE_ONCE(pair_at(zone, cpu, nr)->reserve_state,
				   RESERVE_TAKEN);
	}
}

/*
 * Take the name of whoever owns it off a slab; true if a CPU did. By cmpxchg:
 * a section may be giving the slab to the depot. Where that fails, it may as
 * well have been waking the slab: true too, so that it is looked at again. Model:
 * mark, mark.again.
 */
static bool slab_mark_taken(struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (owner < 0)
		return false;
	slab_cmpxchg_owner(slab, owner, KMOBJ_OWNER_TAKEN);
	return true;
}

/* True if there was any. */
static bool mark_all_taken(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	bool any = false;
	int nid;

	for_each_node(nid) {
		list_for_each_entry_rcu(slab, &zone->depot[nid]->all, all,
					lockdep_is_held(&zone->care)) {
			any |= slab_mark_taken(slab);
			cond_resched();
		}
	}
	return any;
}

/*
 * Give up what all CPUs own of a dying zone, without their help. After a grace
 * period no section is left that found its lists open, or saw the old owner
 * and stores into free[] or is about to tell. One that was under way may have
 * made its CPU the owner of a slab again: so until there is none. Model: close,
 * mark, mark.gp.
 */
void reserve_take_from_all(struct kmobj_zone *zone)
{
	bool wait = zone->reserve_waits;
	struct kmobj_pair *pair;
	unsigned int nr;
	int cpu, nid;

	lockdep_assert_held(&zone->care);
	if (!atomic_long_read(&zone->nr_slabs))
		return;
	reserve_close(zone);
	while (mark_all_taken(zone) || wait) {
		synchronize_rcu();
		wait = false;
	}
	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			pair = pair_at(zone, cpu, nr);
			WRITE_ONCE(pair->active, &kmobj_no_slab);
			WRITE_ONCE(pair->alternate, &kmobj_no_slab);
			pair->reserve = NULL;
			WRITE_ONCE(pair->nr_reserve, 0);
		}
	}
	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++)
			take_all(zone, pair_at(zone, cpu, nr));
	}
	reserve_give_disowned(zone);
	for_each_node(nid)
		depot_give_taken(zone, zone->depot[nid]);
}
