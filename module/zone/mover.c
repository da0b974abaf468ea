// SPDX-License-Identifier: GPL-2.0
/*
 * Move objects out of sparse slabs, so that these become free: for zones whose
 * client gives kmobj_zone_args.move, as kmem_cache_set_move(9F) of illumos does.
 *
 * The mover takes a small slab of a depot, or else the sparsest. Its owner is
 * IN_TRANSIT, so none of its objects is allocated, and it does not leave the zone; a
 * free sets a bit in remote[]. For each of its objects that is neither free nor waits
 * for RCU, another is allocated from the fullest slabs of that node, and the client is
 * called. What was moved is freed after a grace period. Then the slab goes back to the
 * depot: free, if all of its objects were moved.
 *
 * Nothing is moved in debug zones, whose slabs the depot owns all the time.
 *
 *	function	context
 *	mover_wake	preemptible task, under zone->maintenance
 *	mover_stop	preemptible task, without it; waits for the client
 *	mover_work	a work item, with no lock held when the client is called
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/prefetch.h>

#include "kernel/trace.h"
#include "slab/depot.h"
#include "slab/lookup.h"
#include "core/alloc.h"
#include "core/section.h"
#include "zone/mover.h"

/* Objects moved before a grace period is waited for. */
#define MOVER_ROUND	1024U

/* Objects to move to that are allocated at once; and those that are freed at once. */
#define MOVER_SPARES	16U
#define MOVER_RUN	64U

/* Bytes of an object that are fetched ahead. */
#define MOVER_AHEAD	512U

/* Passes left out after one in which the client was mostly busy, at most. */
#define MOVER_SKIP_MAX	63

struct kmobj_mover {
	struct kmobj_zone *zone;
	enum kmobj_move (*move)(struct kmobj_zone *zone, void *from, void *to);
	struct work_struct work;
	struct rcu_head rcu;
	bool closed;		/* written under zone->maintenance */
	bool pressed;		/* memory is short */
	u8 skip;		/* passes of the poller to be left out */
	u8 skipped;		/* how many were, last time */
	unsigned long ended;	/* jiffies of the last pass's end */

	/* of the work item; the counters are read by others */
	unsigned long moved;
	unsigned long busy;
	unsigned long pinned;
	unsigned long held;		/* slabs on emptying */
	struct list_head emptying;
	void *spare[MOVER_SPARES];	/* of one slab: allocated, and not yet moved to */
	unsigned int nr_spares;
	unsigned long won;		/* objects moved or freed in this pass */
	bool in_need;			/* memory was short as it began */
	unsigned int max;
	unsigned int nr;
	void *from[];			/* moved, to be freed */
};

static struct workqueue_struct *mover_wq;

static void add(unsigned long *counter, long more)
{
	WRITE_ONCE(*counter, *counter + more);
}

/* It begins when one in so many of a zone's objects is free, and ends at the last. */
#define BEGIN_AT		4
#define BEGIN_IN_NEED_AT	8
#define END_AT			16

/*
 * Do slabs of depots have more than one in @part of the zone's objects free? Slabs
 * that are free altogether are on their way out and do not count, nor does what CPUs
 * keep, their working set. In eighths of a slab, by what a slab of a bin has free on
 * average.
 */
static bool is_sparse(const struct kmobj_zone *zone, unsigned int part)
{
	unsigned long slabs = atomic_long_read(&zone->nr_slabs);
	unsigned long eighths = 0, partial = 0, leaving = 0, nr;
	const struct kmobj_depot *depot;
	unsigned int bin;
	int nid;

	for_each_node(nid) {
		depot = zone->depot[nid];
		leaving += depot_reclaimable(depot);
		for (bin = 0; bin < KMOBJ_BINS; bin++) {
			nr = READ_ONCE(depot->nr[bin]);
			partial += nr;
			eighths += nr * (2 * bin + 1);
		}
	}
	slabs -= min(slabs, leaving);
	return partial > 1 && eighths * part > 8 * slabs;
}

/* What the client touches next; most of the time of a move is cache misses. */
static void prefetch_object(const struct kmobj_zone *zone, const void *obj)
{
	unsigned int i;

	for (i = 0; i < min(zone->size, MOVER_AHEAD); i += SMP_CACHE_BYTES)
		prefetch(obj + i);
}

/* An object to move to, which does not make the zone grow; or NULL. */
static void *alloc_to(struct kmobj_mover *m, int nid)
{
	struct kmobj_zone *zone = m->zone;
	unsigned int i;

	if (!m->nr_spares) {
		m->nr_spares = alloc_nested_bulk(zone, nid, KMOBJ_BINS, MOVER_SPARES, m->spare);
		for (i = 0; i < m->nr_spares; i++)
			obj_alloc_hooks(zone, m->spare[i], GFP_KERNEL);
	}
	if (m->nr_spares > 1)
		prefetch_object(zone, m->spare[m->nr_spares - 2]);
	return m->nr_spares ? m->spare[--m->nr_spares] : NULL;
}

static void free_spares(struct kmobj_mover *m)
{
	kmobj_free_bulk(m->zone, m->nr_spares, m->spare);
	m->nr_spares = 0;
}

static void report_bad_answer(const struct kmobj_zone *zone, const void *from,
			      int answer, bool no_to)
{
	pr_err_ratelimited("%s: move() of object %p returned %d%s: taken for KMOBJ_BUSY\n",
			   zone->name, from, answer,
			   no_to ? ", but there was nothing to move to" : "");
}

/* Ask for one object; false if there is nothing to move it to. */
static bool move_object(struct kmobj_mover *m, struct kmobj_slab *slab, u32 idx, int nid)
{
	void *from = slab_object(m->zone, slab, idx);
	void *to = alloc_to(m, nid);
	enum kmobj_move answer;

	if (!to && !m->in_need)
		return false;
	answer = m->move(m->zone, from, to);
	trace_move(m->zone->name, from, to, answer);
	if (answer == KMOBJ_MOVED && likely(to)) {
		m->from[m->nr++] = from;
		m->won++;
		add(&m->moved, 1);
		return true;
	}
	if (to)
		m->spare[m->nr_spares++] = to;
	switch (answer) {
	case KMOBJ_GONE:
		m->won += slab_is_free(m->zone, slab, idx) || slab_waits(m->zone, slab, idx);
		break;
	case KMOBJ_PINNED:
		slab_pin(slab, idx);
		add(&m->pinned, 1);
		break;
	default:
		report_bad_answer(m->zone, from, answer, !to);
		fallthrough;
	case KMOBJ_BUSY:
		add(&m->busy, 1);
	}
	return true;
}

/* Ask for each live object of @slab; false if it is of no use to go on. */
static bool move_slab(struct kmobj_mover *m, struct kmobj_slab *slab, int nid)
{
	struct kmobj_zone *zone = m->zone;
	unsigned long live, next;
	unsigned int w, first;

	if (unlikely(READ_ONCE(slab->cookie) != slab_cookie(zone, slab)))
		return true;	/* written over: objs may be anything */
	if (m->nr_spares && slab_pages(zone, m->spare[0]) == slab_pages(zone, slab->objs))
		free_spares(m);
	for (w = 0; w * BITS_PER_LONG < slab_nr_objs(zone, slab); w++) {
		first = w * BITS_PER_LONG;
		for (live = slab_live_word(zone, slab, w); live; live = next) {
			if (READ_ONCE(zone->dying) || READ_ONCE(m->closed))
				return false;
			next = live & (live - 1);
			if (next)
				prefetch_object(zone, slab_object(zone, slab, first + __ffs(next)));
			if (!move_object(m, slab, first + __ffs(live), nid))
				return false;
			if (slab->pinned)
				return true;	/* it cannot become free */
			cond_resched();
		}
	}
	return true;
}

/* A run at a time, for others to get the CPU. */
static void free_moved(struct kmobj_mover *m)
{
	unsigned int nr, done;

	for (done = 0; done < m->nr; done += nr) {
		nr = min(m->nr - done, MOVER_RUN);
		kmobj_free_bulk(m->zone, nr, m->from + done);
		cond_resched();
	}
	m->nr = 0;
}

/* Free what was moved, and give the slabs to the depot. */
static void settle(struct kmobj_mover *m)
{
	struct kmobj_slab *slab, *next;

	if (m->nr || READ_ONCE(m->zone->limit_felt))
		free_spares(m);
	if (m->nr) {
		synchronize_rcu();	/* for readers who look at it */
		free_moved(m);
	}
	list_for_each_entry_safe(slab, next, &m->emptying, link) {
		depot_give(m->zone, slab);
		add(&m->held, -1);
		cond_resched();
	}
	INIT_LIST_HEAD(&m->emptying);
}

/*
 * What the mover holds nobody can allocate: without anything to free it goes back at
 * once, at a limit after each slab, and else when from[] has no room for another.
 */
static bool is_time_to_settle(const struct kmobj_mover *m)
{
	return !m->nr || READ_ONCE(m->zone->limit_felt) || m->nr + m->zone->nr_objs > m->max;
}

static void move_node(struct kmobj_mover *m, int nid)
{
	struct kmobj_zone *zone = m->zone;
	struct kmobj_slab *slab;
	unsigned long left;
	bool more = true;

	/* each slab once: some may come back as sparse as they were */
	left = depot_count_partial(zone->depot[nid]) +
	       READ_ONCE(zone->depot[nid]->nr[KMOBJ_BIN_SMALL]);
	while (more && left && is_sparse(zone, END_AT)) {
		cond_resched();
		slab = depot_take_sparse(zone, nid);
		if (!slab) {	/* those that were looked at are pinned */
			left -= min(left, KMOBJ_RUN);
			continue;
		}
		left--;
		list_add(&slab->link, &m->emptying);
		add(&m->held, 1);
		more = move_slab(m, slab, nid);
		if (is_time_to_settle(m))
			settle(m);
	}
	settle(m);
	free_spares(m);
}

/* Where little is to be had, the client is asked less and less often. */
static void back_off(struct kmobj_mover *m, unsigned long busy)
{
	if (!m->won || busy > m->won)
		m->skipped = min(2 * m->skipped + 1, MOVER_SKIP_MAX);
	else
		m->skipped = 0;
	WRITE_ONCE(m->skip, m->skipped);
	WRITE_ONCE(m->ended, jiffies);
}

static void mover_work(struct work_struct *work)
{
	struct kmobj_mover *m = container_of(work, struct kmobj_mover, work);
	unsigned long busy = m->busy;
	int nid;

	m->won = 0;
	m->in_need = xchg(&m->pressed, false);
	for_each_node(nid)
		move_node(m, nid);
	back_off(m, m->busy - busy);
}

/* Is it too early to ask again, as the client was mostly busy? */
static bool is_too_early(struct kmobj_mover *m, bool pressed)
{
	u8 skip = READ_ONCE(m->skip);

	if (pressed)
		return skip && time_before(jiffies, READ_ONCE(m->ended) + HZ);
	if (skip)
		WRITE_ONCE(m->skip, skip - 1);
	return skip;
}

/* Have objects moved soon, if that is of use; true then, or if they are. */
bool mover_wake(struct kmobj_zone *zone, enum mover_cause cause)
{
	struct kmobj_mover *m = zone->mover;
	bool pressed = cause == MOVER_PRESSURE;

	lockdep_assert_held(&zone->maintenance);
	if (likely(!m) || m->closed || zone_is_debug(zone))
		return false;
	if (work_busy(&m->work))
		return true;
	if (is_too_early(m, pressed))
		return false;
	if (!is_sparse(zone, pressed ? BEGIN_IN_NEED_AT : BEGIN_AT))
		return false;
	if (pressed)
		WRITE_ONCE(m->pressed, true);
	queue_work(mover_wq, &m->work);
	return true;
}

/* Slabs in transit that are the mover's, at this moment. */
unsigned long mover_holds(const struct kmobj_zone *zone)
{
	return zone->mover ? READ_ONCE(zone->mover->held) : 0;
}
EXPORT_SYMBOL_FOR_TESTS(mover_holds);

/* Is it at work, and so may take slabs and give them back? */
bool mover_is_at_work(const struct kmobj_zone *zone)
{
	return zone->mover && work_busy(&zone->mover->work);
}

void mover_stats(const struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
{
	const struct kmobj_mover *m;

	rcu_read_lock();	/* the zone may be gone: see mover_close() */
	m = READ_ONCE(zone->mover);
	if (m) {
		stats->moved = READ_ONCE(m->moved);
		stats->move_busy = READ_ONCE(m->busy);
		stats->move_pinned = READ_ONCE(m->pinned);
	}
	rcu_read_unlock();
}

/* The client is not called any more when this returns. */
void mover_stop(struct kmobj_zone *zone)
{
	if (!zone->mover)
		return;
	mutex_lock(&zone->maintenance);
	WRITE_ONCE(zone->mover->closed, true);
	mutex_unlock(&zone->maintenance);
	cancel_work_sync(&zone->mover->work);
}

int mover_open(struct kmobj_zone *zone, const struct kmobj_zone_args *args)
{
	unsigned int max = max(MOVER_ROUND, zone->nr_objs);
	struct kmobj_mover *m;

	if (!args->move)
		return 0;
	m = kvzalloc(struct_size(m, from, max), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->max = max;
	m->zone = zone;
	m->move = args->move;
	INIT_WORK(&m->work, mover_work);
	INIT_LIST_HEAD(&m->emptying);
	zone->mover = m;
	return 0;
}

/* @zone is not used any more, and mover_stop() was called. */
void mover_close(struct kmobj_zone *zone)
{
	struct kmobj_mover *m = zone->mover;

	WRITE_ONCE(zone->mover, NULL);
	if (m)
		kvfree_rcu(m, rcu);
}

/* Wait for the work that is queued. */
void mover_flush(void)
{
	flush_workqueue(mover_wq);
}
EXPORT_SYMBOL_FOR_TESTS(mover_flush);

/* Is it in @module that objects of @zone are moved? */
bool mover_calls(const struct kmobj_zone *zone, const struct module *module)
{
	return zone->mover && within_module((unsigned long)zone->mover->move, module);
}

int movers_start(void)
{
	mover_wq = alloc_workqueue("kmobj_mover", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return mover_wq ? 0 : -ENOMEM;
}

void movers_stop(void)
{
	destroy_workqueue(mover_wq);
}
