// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU owns besides its active and alternate slabs: full ones (FULL_OWNED), on no
 * list, and its reserve, of slabs with free objects. It frees into them with plain
 * stores, and allocates from them again without the depot's lock. The first free into
 * a full and owned slab makes it the alternate, if that has no free object, else puts
 * it into the reserve.
 *
 * A CPU that frees into a slab of another CPU notifies the owner: it puts the slab on
 * the owner's notified list, once until the owner has looked.
 *
 *	freer					owner
 *	-----					-----
 *	test_and_set_bit() in remote[]		notified = 0 by xchg()
 *	(a full barrier)			(a full barrier)
 *	notified == 0? xchg(notified, 1), and	collect remote[]
 *	if it was 0, put it on the list
 *
 * Either the freer finds notified clear, or the owner finds the bit (model:
 * free.set, notify, notified.clear, pass.clear). While notified is set the slab does not
 * leave its zone. The owner takes slabs off its list in every slow path that counts in
 * moves. If moves stands still, the poller does: see idle.c. A slab that has changed
 * hands since is passed on.
 *
 * Trimming. At each pass the poller asks a CPU whose moves have changed to give
 * up the slabs that its reserve never fell below since the last pass, which are
 * not part of its working set (Bonwick and Adams, "Magazines and Vmem", USENIX
 * 2001, section 3.6). Every slow path that counts in moves does what the CPU was
 * asked: so this takes a bounded time.
 */
#include <linux/prefetch.h>
#include <linux/topology.h>

#include "slab/isolate.h"
#include "slab/lookup.h"
#include "core/reserve.h"

/* All reserves of a zone may hold this part of its limit, or of all memory. */
#define RESERVE_SHARE	8

/* Bounded, as other CPUs cannot allocate its free objects until the poller takes them. */
void reserve_set_max(struct kmobj_zone *zone)
{
	unsigned long all = min(READ_ONCE(zone->limit), totalram_pages() >> zone->order);

	WRITE_ONCE(zone->reserve_max,
		   all / RESERVE_SHARE / num_possible_cpus() / KMOBJ_CPU_STATES);
}

/* May this CPU use its lists? In a section; holds until its end. Model: moves. */
static bool reserve_open(struct kmobj_cpu *c)
{
	bool open;

	count(&c->moves, 1);
	/* pairs with smp_store_release() in cpu_age(); model: open */
	open = likely(kmobj_load_acquire(&c->reserve_state) == RESERVE_OPEN) ||
	       cmpxchg(&c->reserve_state, RESERVE_FROZEN, RESERVE_OPEN) == RESERVE_FROZEN;
	/*
	 * Slabs that the poller has left in backlog may cease to be active or
	 * alternate; model: came. A failed cmpxchg orders no later load, only a
	 * later store.
	 */
	if (unlikely(!open || READ_ONCE(c->backlog_is_held)))
		WRITE_ONCE(c->backlog_is_held, false);
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

/*
 * The slab that was put into the reserve last, or NULL. If its header was written over,
 * and with it where the next one is, the others are lost: they stay this CPU's, but only
 * frees find them.
 */
struct kmobj_slab *reserve_pop(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *slab = c->reserve, *next;

	if (!slab)
		return NULL;
	next = slab->next;
	if (unlikely(next && !slab_is_genuine(zone, next))) {
		slab_isolate(zone, slab, NULL);
		next = NULL;
	}
	c->reserve = next;
	WRITE_ONCE(c->nr_reserve, next ? c->nr_reserve - 1 : 0);
	c->low_watermark = min(c->low_watermark, c->nr_reserve);
	return slab;
}

/*
 * @slab, full or kmobj_no_slab, is no longer the alternate: the latter when a CPU that
 * owned no other than full slabs has got one. Model: leave.
 */
void reserve_leave(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	if (slab != &kmobj_no_slab)
		slab_set_owner(slab, c->owner | KMOBJ_FULL_OWNED);
	else
		zone_wake(zone);
}

/*
 * Make the hidden half of an active or alternate slab available. In a section. If
 * destroy has just marked the slab as taken, this makes it the CPU's again, which
 * mark_all_taken() finds when it looks once more.
 */
void slab_reveal(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	slab_collect(zone, slab);
	slab_set_owner(slab, c->owner);
}

/*
 * A full and owned slab has free objects again: reuse it. Always true, so that
 * reserve_free_into_full() ends in a jump. Model: awake.
 */
static bool reserve_reuse(struct kmobj_zone *zone, struct kmobj_cpu *c,
			  struct kmobj_slab *slab)
{
	struct kmobj_slab *out = c->alternate;
	void *objs = slab_objs(zone, slab);

	if (unlikely(!objs))
		return true;	/* corrupt */
	slab_set_owner(slab, c->owner);
	slab_try_reveal(zone, c, out);
	if (slab_has_free(zone, out)) {
		reserve_push(zone, c, slab);
		return true;
	}
	WRITE_ONCE(c->alternate, slab);
	c->alternate_objs = objs;
	reserve_leave(zone, c, out);
	return true;
}

/* A bit in remote[] of a slab of @owner's was set, notified was clear. Model: notify. */
void reserve_notify(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner)
{
	struct kmobj_remote *remote = slab_remote(zone, slab);

	/* llist_add() is a full barrier: the list is in use before awake is read */
	if (!xchg(&remote->notified, 1) &&
	    llist_add(&remote->node, &cpu_of_owner(zone, owner)->notified))
		zone_wake_after_mb(zone);
}

/*
 * Pass on a slab that was on the notified list of a CPU that does not own it. If it is
 * retiring, its grace period may be over: then clearing notified is the last access. If
 * it begins to retire later, its release waits for the caller, who is in a section or
 * holds zone->maintenance. Model: pass.clear, pass.notify.
 */
void notified_pass_on(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	int owner;

	if (READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING && depot_unnotify(zone, slab))
		return;
	xchg(&slab_remote(zone, slab)->notified, 0);
	owner = READ_ONCE(slab->owner);
	if (owner >= 0)
		reserve_notify(zone, slab, owner);
	else if (owner == KMOBJ_OWNER_DEPOT)
		depot_on_remote_free(zone, slab);	/* depot_give() has looked, too */
}

/* Look at a slab that was on this CPU's notified list. In a section. */
static void notified_look(struct kmobj_zone *zone, struct kmobj_cpu *c,
			  struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (!cpu_owns(c, owner)) {
		notified_pass_on(zone, slab);
		return;
	}
	/* pairs with test_and_set_bit() in free_remote(); model: notified.clear */
	xchg(&slab_remote(zone, slab)->notified, 0);
	if (slab_collect(zone, slab) && owner & KMOBJ_FULL_OWNED)
		reserve_reuse(zone, c, slab);
	else if (owner & KMOBJ_HIDDEN_HALF)
		slab_set_owner(slab, c->owner);
}

static struct kmobj_slab *notified_pop(struct kmobj_zone *zone, struct kmobj_cpu *c)
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
	if (unlikely(c->backlog))	/* off notified, and no slab may have come of it */
		zone_wake(zone);
}

/* Give up the slabs of the reserve that were not used since the last pass. */
static void reserve_trim(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	unsigned int nr = min_t(unsigned int, c->low_watermark, KMOBJ_RUN);

	c->low_watermark -= nr;
	if (!c->low_watermark)
		WRITE_ONCE(c->trim, 0);
	while (nr-- && c->reserve)
		depot_give(zone, reserve_pop(zone, c));
	if (!READ_ONCE(c->trim))
		c->low_watermark = c->nr_reserve;
}

/*
 * Look at the slabs that this CPU was notified of. Trim the reserve if asked to, when
 * the backlog is empty or the poller asks for the second time: other CPUs may free
 * faster than this one looks. Model: trim.again. False if this CPU may not use its
 * lists now. In a section.
 */
bool reserve_look(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (unlikely(!reserve_open(c)))
		return false;
	notified_drain(zone, c);
	if (unlikely(READ_ONCE(c->trim)) && (!c->backlog || READ_ONCE(c->trim) > 1))
		reserve_trim(zone, c);
	return true;
}

/* Give KMOBJ_RUN slabs of the reserve to the depot, after a look at as many notified ones. */
static bool reserve_drain(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	unsigned int i;

	if (!reserve_open(c))
		return false;
	notified_drain(zone, c);
	for (i = 0; i < KMOBJ_RUN && c->reserve; i++)
		depot_give(zone, reserve_pop(zone, c));
	return c->reserve || c->backlog;
}

static void slab_give(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	if (slab != &kmobj_no_slab)
		depot_give(zone, slab);
}

/*
 * Give a bounded number of this CPU's slabs to the depot; true if there are more.
 * Each call gives up the active and the alternate too, after the look at notified
 * slabs, as one of those may become the alternate. In a section, or for a CPU that
 * cannot be in one. Model: drain.notified.
 */
bool cpu_drain(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *active, *alternate;
	bool more;

	/* first, so that a request that comes later is not lost */
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
 * Do what this CPU was asked. For slow paths that do not need a slab: a CPU that
 * frees its oldest objects and allocates as many may never need cpu_refill(),
 * which does the same. In a section.
 */
static void cpu_answer(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (unlikely(READ_ONCE(c->drain)))
		cpu_drain(zone, c);
	else
		reserve_look(zone, c);
}

static noinline bool reserve_reuse_and_answer(struct kmobj_zone *zone, struct kmobj_cpu *c,
					      struct kmobj_slab *slab)
{
	reserve_reuse(zone, c, slab);
	cpu_answer(zone, c);
	return true;
}

/*
 * Free object @idx of a full and owned slab of this CPU's. False if the slab is
 * no longer that, or the poller has the CPU's lists: then it is a remote free.
 * Model: wake.look.
 */
bool reserve_free_into_full(struct kmobj_zone *zone, struct kmobj_cpu *c,
			    struct kmobj_slab *slab, u32 idx)
{
	if (!reserve_open(c) || READ_ONCE(slab->owner) != (c->owner | KMOBJ_FULL_OWNED))
		return false;
	/* the CPU will soon allocate it again, and may not have it in its caches */
	prefetchw(slab_object(zone, slab, idx));
	slab_push(slab, idx);
	if (unlikely(cpu_is_asked(c)))
		return reserve_reuse_and_answer(zone, c, slab);
	return reserve_reuse(zone, c, slab);
}

unsigned long reserve_count(struct kmobj_zone *zone, int nid)
{
	unsigned long slabs = 0;
	struct kmobj_cpu *c;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		if (cpu_to_mem(cpu) == nid)
			slabs += READ_ONCE(c->nr_reserve);
	}
	return slabs;
}
