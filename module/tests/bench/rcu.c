// SPDX-License-Identifier: GPL-2.0
/*
 * Row free-rcu: allocate an object, free it after a grace period, again and
 * again for some grace periods, until all are back; on one CPU and on all. The
 * peer is kfree_rcu() of an object of a kmem_cache, with its rcu_head in it.
 *
 * Row free-rcu-flight: the same at a pace that both sides keep, on one CPU;
 * the most memory that the side held. Its objects are of one size, and have
 * room for an rcu_head that no reader misses. Row free-rcu-flight-data: what
 * readers look at is of one size, and the peer's objects an rcu_head larger.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>

#include "bench.h"

#define RUN_NS		(300 * NSEC_PER_MSEC)
#define RUN_OBJS	1024U		/* between looks at the clock */
#define PACE_NS		2000U		/* an object, or 2 ns a byte if that is more */
#define PACE_OBJS	64U		/* in a burst */
#define WARM_ORDER	4

/* A side with this part of all memory in flight waits for some to come back. */
#define MEMORY_PART	2

struct object {
	unsigned long value;
	struct rcu_head rcu;
};

struct run {
	struct pool pool;
	struct series *series;
	unsigned int size;
	unsigned int reps;
	bool paced;
	bool data;		/* @size is of what readers look at */
	int err;
	struct kept kept;
	long most;		/* bytes */
	u64 *objs;		/* of each thread */
};

static __always_inline bool turn_over(const enum side side,
				      const struct pool *pool, unsigned int nr)
{
	while (nr--) {
		struct object *obj = pool_alloc(side, pool, GFP_KERNEL);

		if (unlikely(!obj))
			return false;
		touch(obj, nr);
		if (side == SIDE_KMOBJ)
			kmobj_free_rcu(pool->zone, obj);
		else
			kfree_rcu(obj, rcu);
	}
	return true;
}

static noinline bool turn_over_kmobj(const struct pool *pool, unsigned int nr)
{
	return turn_over(SIDE_KMOBJ, pool, nr);
}

static noinline bool turn_over_peer(const struct pool *pool, unsigned int nr)
{
	return turn_over(SIDE_PEER, pool, nr);
}

/* Of the peer's all but the last few: modules cannot wait for those. */
static void all_back(enum side side, struct pool *pool)
{
	if (side == SIDE_KMOBJ)
		kmobj_rcu_barrier(pool->zone);
	else
		rcu_barrier();
}

static unsigned int object_size(const struct run *run, enum side side)
{
	return run->size + (run->data && side == SIDE_PEER ?
			    sizeof(struct rcu_head) : 0);
}

static long held(struct run *run)
{
	long bytes = kept_bytes(&run->kept);

	run->most = max(run->most, bytes);
	return bytes;
}

/* Where memory is lent by a host, its first use is slow: have it behind us. */
static void memory_warm(void)
{
	unsigned long i, nr = totalram_pages() / 2 >> WARM_ORDER;
	struct page *page;
	LIST_HEAD(pages);

	for (i = 0; i < nr; i++) {
		page = alloc_pages(GFP_KERNEL | __GFP_ZERO | __GFP_NORETRY |
				   __GFP_NOWARN, WARM_ORDER);
		if (!page)
			break;
		list_add(&page->lru, &pages);
		cond_resched();
	}
	while ((page = list_first_entry_or_null(&pages, struct page, lru))) {
		list_del(&page->lru);
		__free_pages(page, WARM_ORDER);
	}
}

/*
 * Of what is held, what cannot be handed out: of kmobj's slabs, which stay in
 * their zone for a while, not the free objects. The peer's leave at once, so
 * there it is all.
 */
static long in_flight(struct run *run, enum side side)
{
	long bytes = held(run);
	struct kmobj_zone_stats stats;

	if (side != SIDE_KMOBJ)
		return bytes;
	kmobj_zone_stats(run->pool.zone, &stats);
	return min(bytes, (long)(stats.rcu_waiting * stats.stride));
}

static void wait_for_memory(struct run *run, enum side side)
{
	long room = totalram_pages() / MEMORY_PART * PAGE_SIZE;

	while (in_flight(run, side) > room)
		schedule_timeout_uninterruptible(1);
}

/* Objects turned over until @end; 0 if an allocation failed. */
static u64 go_on(struct run *run, enum side side, u64 start)
{
	unsigned int nr = run->paced ? PACE_OBJS : RUN_OBJS;
	u64 objs = 0, pace = max(PACE_NS, 2 * run->size);

	do {
		if (side == SIDE_KMOBJ ? !turn_over_kmobj(&run->pool, nr) :
					 !turn_over_peer(&run->pool, nr))
			return 0;
		objs += nr;
		wait_for_memory(run, side);
		/* as one does who waits for requests: grace periods go on */
		do {
			schedule();
		} while (run->paced &&
			 ktime_get_ns() - start < objs * pace);
	} while (ktime_get_ns() - start < RUN_NS);
	return objs;
}

/* File what the threads together did in the time of the first. */
static void file(struct run *run, struct gang *gang, enum side side, u64 ns)
{
	unsigned int i;
	u64 objs = 0;

	for (i = 0; i < gang->nr; i++) {
		if (!run->objs[i])
			return;
		objs += run->objs[i];
	}
	if (run->paced)
		series_add(run->series, side, run->most, 1);
	else
		series_add(run->series, side, ns * gang->nr, objs);
}

static void run_side(struct run *run, struct gang *gang, unsigned int me,
		     enum side side, bool count)
{
	u64 start;

	if (!me) {
		run->most = 0;
		run->err = pool_open(&run->pool, BIT(side),
				     object_size(run, side), 0);
		rcu_barrier();	/* what came before has asked for no grace period */
		kept_begin(&run->kept);
	}
	gang_wait(gang);
	if (run->err)
		return;
	start = ktime_get_ns();
	run->objs[me] = go_on(run, side, start);
	gang_wait(gang);
	if (me)
		return;
	all_back(side, &run->pool);
	if (count)
		file(run, gang, side, ktime_get_ns() - start);
	pool_close(&run->pool);
}

static void run_thread(struct gang *gang, unsigned int me)
{
	const unsigned long sides = bench_peers ? SIDES_BOTH : BIT(SIDE_KMOBJ);
	struct run *run = gang->arg;
	unsigned int rep;
	enum side side;

	for (rep = 0; rep <= run->reps; rep++) {
		for_each_set_bit(side, &sides, NR_SIDES) {
			run_side(run, gang, me, side, rep);
			gang_wait(gang);
		}
	}
}

static int run_on(struct run *run, const char *row, unsigned int nr,
		  const char *unit)
{
	int err = gang_run(nr, run_thread, run) ?: run->err;

	if (!err)
		series_print(run->series, row, run->size, nr, unit);
	return err;
}

static int run_all(struct run *run)
{
	unsigned int cpus = num_online_cpus();
	int err;

	memory_warm();
	err = run_on(run, "free-rcu", 1, "ns");
	if (!err && cpus > 1)
		err = run_on(run, "free-rcu", cpus, "ns");
	run->paced = true;
	run->reps = bench_reps;		/* grace periods differ a lot */
	err = err ?: run_on(run, "free-rcu-flight", 1, "B");
	run->data = true;
	return err ?: run_on(run, "free-rcu-flight-data", 1, "B");
}

int row_free_rcu(unsigned int size)
{
	struct run run = {
		.size = size,
		.reps = DIV_ROUND_UP(bench_reps, 3),
	};
	int err = -ENOMEM;

	if (bench_icount || !BENCH_CAN_KFREE_RCU) {
		series_none("free-rcu", size, bench_icount ?
			    "waits for RCU" : "kmem_cache_destroy() does not wait for RCU");
		return 0;
	}
	run.series = series_open();
	run.objs = kcalloc(num_online_cpus(), sizeof(*run.objs), GFP_KERNEL);
	if (run.series && run.objs)
		err = run_all(&run);
	kfree(run.objs);
	series_close(run.series);
	return err;
}
