// SPDX-License-Identifier: GPL-2.0
/*
 * Rows life-empty: create a zone and destroy it; and life-million: destroy a
 * zone with a million freed objects. Both wait for RCU, so that instructions
 * say nothing.
 */
#include <linux/sched.h>

#include "bench.h"

#define MILLION		1000000U
#define MILLION_SIZE	64

static u64 life_empty(enum side side, unsigned int size)
{
	u64 start = ktime_get_ns();
	struct pool pool;

	if (pool_open(&pool, BIT(side), size, 0))
		return LOOP_FAILED;
	pool_close(&pool);
	return ktime_get_ns() - start;
}

static u64 life_million(enum side side, unsigned int size)
{
	u64 start = LOOP_FAILED;
	struct pool pool;
	struct job job;

	if (pool_open(&pool, BIT(side), size, 0))
		return LOOP_FAILED;
	if (!job_open(&job, &pool, MILLION)) {
		batch_alloc_on[side](&job);
		job_free_all(&job, side);
		start = ktime_get_ns();
	}
	pool_close(&pool);
	if (start != LOOP_FAILED)
		start = ktime_get_ns() - start;
	job_close(&job);
	return start;
}

static int life(const char *row, u64 (*once)(enum side, unsigned int),
		unsigned int size)
{
	const unsigned long sides = bench_peers ? SIDES_BOTH : BIT(SIDE_KMOBJ);
	struct series *series;
	unsigned int rep;
	enum side side;

	if (bench_icount) {
		series_none(row, size, "waits for RCU");
		return 0;
	}
	series = series_open();
	if (!series)
		return -ENOMEM;
	for (rep = 0; rep <= bench_reps; rep++) {
		for_each_set_bit(side, &sides, NR_SIDES) {
			u64 ns = once(side, size);

			if (rep)
				series_add(series, side, ns, NSEC_PER_USEC);
		}
	}
	series_print(series, row, size, 1, "us");
	series_close(series);
	return 0;
}

int row_life(unsigned int size)
{
	return life("life-empty", life_empty, size) ?:
	       life("life-million", life_million, MILLION_SIZE);
}
