// SPDX-License-Identifier: GPL-2.0
/*
 * Row pair: allocate an object, free it. The floor's own row, and objpool's,
 * are this one.
 */
#include <linux/sched.h>

#include "bench.h"

#define PAIRS		32768U
#define PAIRS_OBJPOOL	1024U	/* it turns interrupts off, slow in uml */
#define PAIRS_ICOUNT	512U

/* Uses steps. */
static __always_inline u64 pair_loop_inline(const enum side side, struct job *job)
{
	const struct pool *pool = job->pool;
	unsigned int i = job->steps;
	u64 start = ktime_get_ns();
	void *obj;

	while (i--) {
		obj = pool_alloc(side, pool, GFP_KERNEL);
		if (unlikely(!obj))
			return LOOP_FAILED;
		touch(obj, i);
		pool_free(side, pool, obj);
	}
	return ktime_get_ns() - start;
}

BENCH_LOOP(pair_loop)
loop_t *const pair_loop_on[NR_SIDES] = BENCH_SIDES(pair_loop);

static unsigned int steps(enum side side)
{
	if (bench_icount)
		return PAIRS_ICOUNT;
	return side == SIDE_OBJPOOL ? PAIRS_OBJPOOL : PAIRS;
}

static void measure(const struct pool *pool, struct series *series)
{
	struct job job = { .pool = pool };
	unsigned int rep;
	enum side side;

	for_each_set_bit(side, &pool->sides, NR_SIDES) {
		job.steps = steps(side);
		pair_loop_on[side](&job);
	}
	for (rep = 0; rep < 4 * bench_reps; rep++) {
		for_each_set_bit(side, &pool->sides, NR_SIDES) {
			job.steps = steps(side);
			series_add(series, side, pair_loop_on[side](&job),
				   job.steps);
			cond_resched();
		}
	}
}

int row_pair(unsigned int size)
{
	unsigned long sides = SIDES_FLOOR;
	struct series *series;
	struct pool pool;
	int err;

	if (BENCH_HAS_OBJPOOL)
		sides |= BIT(SIDE_OBJPOOL);
	err = pool_open(&pool, sides, size, 1);
	if (err)
		return err;
	series = series_open();
	if (series) {
		measure(&pool, series);
		series_print(series, "pair", size, 1, time_unit());
	}
	series_close(series);
	pool_close(&pool);
	return series ? 0 : -ENOMEM;
}
