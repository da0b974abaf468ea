// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU owns besides its pair, so that it goes on to free into its slabs
 * with plain stores, and takes them back without the depot's lock.
 *
 *	dormant	full when it left the pair: owner is the CPU | KMOBJ_FULL_OWNED,
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
#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/prefetch.h>
#include <linux/topology.h>

#include "kernel/compat.h"
#include "slab/depot.h"
#include "slab/slab.h"
#include "slab/state.h"
#include "slab/zone.h"
#include "core/reserve.h"
#include "core/section.h"

/* All reserves of a zone may hold this part of its limit, or of all memory. */
#define RESERVE_SHARE	8

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
static bool reserve_open(struct kmobj_cpu *c)
{
	bool open;

	count(&c->moves, 1);
	/* pairs with smp_store_release() in cpu_age(); model: open */
	open = likely(kmobj_load_acquire(&c->reserve_state) == RESERVE_OPEN) ||
	       cmpxchg(&c->reserve_state, RESERVE_FROZEN,
		       RESERVE_OPEN) == RESERVE_FROZEN;
	/*
	 * What the poller has seen in the pair may leave it; model: came. A
	 * cmpxchg that fails orders no load after it, but a store.
	 */
	if (unlikely(!open || READ_ONCE(c->backlog_is_pair)))
		WRITE_ONCE(c->backlog_is_pair, false);
	return open;
}

static void reserve_push(struct kmobj_zone *zone, struct kmobj_cpu *c,
			 struct kmobj_slab *slab)
{
	if (c->nr_reserve >= READ_ONCE(zone->reserve_max)) {
		depot_give(zone, slab);
		return;
	}
	slab->next = c->reserve;
	c->reserve = slab;
	WRITE_ONCE(c->nr_reserve, c->nr_reserve + 1);
}

/* A slab with free objects, the one that came last; or NULL. */
struct kmobj_slab *reserve_pop(struct kmobj_cpu *c)
{
	struct kmobj_slab *slab = c->reserve;

	if (!slab)
		return NULL;
	c->reserve = slab->next;
	WRITE_ONCE(c->nr_reserve, c->nr_reserve - 1);
	c->low_watermark = min(c->low_watermark, c->nr_reserve);
	return slab;
}

/* A full slab of this CPU's, or none, leaves the pair. Model: leave. */
void reserve_leave(struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	if (slab != &kmobj_no_slab)
		slab_set_owner(slab, c->owner | KMOBJ_FULL_OWNED);
}

/*
 * A fresh slab of the pair becomes one like all others, with the rest to hand
 * out. In a section. Destroy may just have marked it as taken; that it is the
 * CPU's again is what mark_all_taken() looks for once more.
 */
void slab_reveal(struct kmobj_zone *zone, struct kmobj_cpu *c,
		 struct kmobj_slab *slab)
{
	slab_collect(zone, slab);
	slab_set_owner(slab, c->owner);
}

/*
 * A dormant slab of this CPU's has free objects again: it is of use. True. Model:
 * awake.
 */
static bool reserve_reuse(struct kmobj_zone *zone, struct kmobj_cpu *c,
			  struct kmobj_slab *slab)
{
	struct kmobj_slab *out = c->alternate;

	slab_set_owner(slab, c->owner);
	slab_try_reveal(zone, c, out);
	if (slab_has_free(zone, out)) {
		reserve_push(zone, c, slab);
		return true;
	}
	WRITE_ONCE(c->alternate, slab);
	reserve_leave(c, out);
	return true;
}

/*
 * A remote bit of a slab of @owner's was set, and told was clear: see that it
 * will look. Model: tell.
 */
void reserve_notify(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner)
{
	struct kmobj_remote *remote = slab_remote(zone, slab);

	if (!xchg(&remote->notified, 1))
		llist_add(&remote->node, &cpu_of_owner(zone, owner)->notified);
}

/*
 * A slab off a told list that is not, or no longer, the list's CPU's. If it is
 * retiring, its grace period may be over: then to clear told is the last
 * access. If it begins to retire later, that waits for the caller, who is in a
 * section or holds zone->maintenance. Model: pass.clear, pass.tell.
 */
void notified_pass_on(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	int owner;

	if (READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING &&
	    depot_unnotify(zone, slab))
		return;
	xchg(&slab_remote(zone, slab)->notified, 0);
	owner = READ_ONCE(slab->owner);
	if (owner >= 0)
		reserve_notify(zone, slab, owner);
	else if (owner == KMOBJ_OWNER_DEPOT)
		depot_on_remote_free(zone, slab);	/* who gave it has looked, too */
}

/* A slab off the told list of the CPU whose section this is. */
static void notified_look(struct kmobj_zone *zone, struct kmobj_cpu *c,
			  struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (!cpu_owns(c, owner)) {
		notified_pass_on(zone, slab);
		return;
	}
	/*
	 * A full barrier: pairs with test_and_set_bit() in free_remote().
	 * Model: told.clear.
	 */
	xchg(&slab_remote(zone, slab)->notified, 0);
	if (slab_collect(zone, slab) && owner & KMOBJ_FULL_OWNED)
		reserve_reuse(zone, c, slab);
	else if (owner & KMOBJ_HIDDEN_HALF)
		slab_set_owner(slab, c->owner);
}

static struct kmobj_slab *notified_pop(struct kmobj_zone *zone,
				       struct kmobj_cpu *c)
{
	struct llist_node *node;

	if (!c->backlog) {
		if (llist_empty(&c->notified))
			return NULL;
		WRITE_ONCE(c->backlog, llist_del_all(&c->notified));
	}
	node = c->backlog;
	WRITE_ONCE(c->backlog, node->next);
	return slab_from_remote(zone, llist_entry(node, struct kmobj_remote, node));
}

static void notified_drain(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *slab;
	unsigned int i;

	for (i = 0; i < KMOBJ_RUN; i++) {
		slab = notified_pop(zone, c);
		if (!slab)
			break;
		notified_look(zone, c, slab);
	}
	WRITE_ONCE(c->behind, c->backlog);
}

/* Give up what was of no use since the last pass. */
static void reserve_trim(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	unsigned int nr = min_t(unsigned int, c->low_watermark, KMOBJ_RUN);

	c->low_watermark -= nr;
	if (!c->low_watermark)
		WRITE_ONCE(c->trim, 0);
	while (nr-- && c->reserve)
		depot_give(zone, reserve_pop(c));
	if (!READ_ONCE(c->trim))
		c->low_watermark = c->nr_reserve;
}

/*
 * Look at what others told, which may bring slabs of the pair back to use. The
 * reserve is trimmed when all that may yet wake has, but no later than when the
 * poller asks again: others may free faster than the CPU looks. Model: trim.again.
 * False if the lists are not this CPU's at the moment. In a section.
 */
bool reserve_look(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (unlikely(!reserve_open(c)))
		return false;
	notified_drain(zone, c);
	if (unlikely(READ_ONCE(c->trim)) &&
	    (!c->backlog || READ_ONCE(c->trim) > 1))
		reserve_trim(zone, c);
	return true;
}

/*
 * Give up to the depot what is not in the pair, KMOBJ_RUN slabs at a time; true if
 * there is more. In a section, or for a CPU that cannot be in one.
 */
bool reserve_drain(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	unsigned int i;

	if (!reserve_open(c))
		return false;
	notified_drain(zone, c);
	for (i = 0; i < KMOBJ_RUN && c->reserve; i++)
		depot_give(zone, reserve_pop(c));
	return c->reserve || c->backlog;
}

static void slab_give(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	if (slab != &kmobj_no_slab)
		depot_give(zone, slab);
}

/*
 * Give up what this CPU owns, but a bounded number of slabs; true if there is
 * more. The pair goes last: a full slab that others freed into comes into it. In a
 * section, or for a CPU that cannot be in one. Model: drain.told.
 */
bool cpu_drain(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *active, *alternate;
	bool more;

	/* first: who asks from now on is not to be forgotten */
	WRITE_ONCE(c->drain, false);
	more = reserve_drain(zone, c);
	if (more)
		WRITE_ONCE(c->drain, true);
	active = c->active;
	alternate = c->alternate;
	WRITE_ONCE(c->active, &kmobj_no_slab);
	WRITE_ONCE(c->alternate, &kmobj_no_slab);
	slab_give(zone, active);
	slab_give(zone, alternate);
	return more;
}

/*
 * Do what others asked of this CPU. For a slow path that does not need a slab, as
 * cpu_refill() does: a CPU that frees its oldest objects and allocates as many
 * may never run out. In a section.
 */
void cpu_answer(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (unlikely(READ_ONCE(c->drain)))
		cpu_drain(zone, c);
	else
		reserve_look(zone, c);
}

static noinline bool reserve_reuse_and_answer(struct kmobj_zone *zone,
					      struct kmobj_cpu *c,
					      struct kmobj_slab *slab)
{
	reserve_reuse(zone, c, slab);
	cpu_answer(zone, c);
	return true;
}

/*
 * Free object @idx of a slab of this CPU's that was dormant. False if it is
 * not any more, or if the poller is at the CPU's lists: a remote free then.
 * Model: wake.look.
 */
bool reserve_free_into_full(struct kmobj_zone *zone, struct kmobj_cpu *c,
			    struct kmobj_slab *slab, u32 idx)
{
	if (!reserve_open(c) ||
	    READ_ONCE(slab->owner) != (c->owner | KMOBJ_FULL_OWNED))
		return false;
	/* the CPU will soon hand it out again; it may be long out of its caches */
	prefetchw(slab_object(zone, slab, idx));
	slab_push(slab, idx);
	if (unlikely(cpu_is_asked(c)))
		return reserve_reuse_and_answer(zone, c, slab);
	return reserve_reuse(zone, c, slab);
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
			slabs += READ_ONCE(cpu_at(zone, cpu, nr)->nr_reserve);
	}
	return slabs;
}
