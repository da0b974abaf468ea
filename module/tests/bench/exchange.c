// SPDX-License-Identifier: GPL-2.0
/*
 * Row exchange, after Larson and Krishnan, "Memory Allocation for Long-Running
 * Server Applications", 1998: each CPU allocates, hands the object to a random
 * CPU, and frees what it is handed. There is a ring from each CPU to each, its
 * own included. The floor of this row is the rings alone.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"
#include "ring.h"

#define OBJECTS	(8U << 10)

struct exchange {
	struct pool pool;
	struct series *series;
	unsigned int nr;
	atomic_t sending;
	struct ring ring[];	/* from, to */
};

struct trader {
	struct job job;		/* first: a loop is given this */
	struct exchange *x;
	unsigned int me;
};

static __always_inline struct ring *ring_of(struct exchange *x,
					    unsigned int from, unsigned int to)
{
	return &x->ring[from * x->nr + to];
}

/* Free all that was handed over and published; false if that is nothing. */
static __always_inline bool take_in(const enum side side, struct trader *t)
{
	unsigned int from;
	bool any = false;
	void *obj;

	for (from = 0; from < t->x->nr; from++) {
		struct ring *ring = ring_of(t->x, from, t->me);

		while ((obj = ring_get(ring))) {
			if (side != SIDE_FLOOR)
				pool_free(side, t->job.pool, obj);
			any = true;
		}
	}
	return any;
}

static __always_inline void hand_over(const enum side side, struct trader *t,
				      void *obj)
{
	u32 to = random_below(&t->job.random, t->x->nr);

	while (unlikely(!ring_put(ring_of(t->x, t->me, to), obj))) {
		if (!take_in(side, t))
			cond_resched();
	}
}

static __always_inline u64 trade_inline(const enum side side, struct job *job)
{
	struct trader *t = container_of(job, struct trader, job);
	unsigned int i = job->steps, to;
	u64 start = ktime_get_ns();
	void *obj = t;

	while (i--) {
		if (side != SIDE_FLOOR) {
			obj = pool_alloc(side, job->pool, GFP_KERNEL);
			if (unlikely(!obj))
				break;
			touch(obj, i);
		}
		hand_over(side, t, obj);
		if (i % RING_BURST == 0)
			take_in(side, t);
	}
	for (to = 0; to < t->x->nr; to++)
		ring_publish(ring_of(t->x, t->me, to));
	/* After all has been published: who sees 0 sees that. */
	atomic_dec_return(&t->x->sending);
	while (atomic_read_acquire(&t->x->sending)) {
		if (!take_in(side, t))
			cond_resched();
	}
	take_in(side, t);
	return obj ? ktime_get_ns() - start : LOOP_FAILED;
}

BENCH_LOOP(trade)
static loop_t *const trade_on[NR_SIDES] = BENCH_SIDES(trade);

static void exchange_thread(struct gang *gang, unsigned int me)
{
	struct exchange *x = gang->arg;
	struct trader t = {
		.job = { .pool = &x->pool, .steps = OBJECTS, .random = me + 1 },
		.x = x, .me = me,
	};
	unsigned int rep;
	enum side side;

	for (rep = 0; gang_more(gang, me, rep); rep++) {
		for_each_set_bit(side, &x->pool.sides, NR_SIDES) {
			if (!me)
				atomic_set(&x->sending, x->nr);
			gang_wait(gang);
			gang->ns[me] = trade_on[side](&t.job);
			gang_wait(gang);
			if (!me && rep)
				gang_add(gang, x->series, side, OBJECTS);
		}
	}
}

int row_exchange(unsigned int size)
{
	unsigned int nr = num_online_cpus();
	struct exchange *x;
	int err;

	if (nr < 2) {
		series_none("exchange", size, "needs two CPUs");
		return 0;
	}
	x = vzalloc(struct_size(x, ring, nr * nr));
	if (!x)
		return -ENOMEM;
	x->nr = nr;
	err = pool_open(&x->pool, SIDES_FLOOR, size, 1);
	if (err)
		goto out;
	x->series = series_open();
	err = x->series ? gang_run(nr, exchange_thread, x) : -ENOMEM;
	if (!err)
		series_print(x->series, "exchange", size, nr, time_unit());
	series_close(x->series);
	pool_close(&x->pool);
out:
	vfree(x);
	return err;
}
