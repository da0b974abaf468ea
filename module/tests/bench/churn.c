// SPDX-License-Identifier: GPL-2.0
/*
 * Row churn: a working set of 64 Ki objects, a random one replaced each step.
 * The row churn-sets does it with sets of other sizes.
 */
#include <linux/kernel.h>
#include <linux/sched.h>

#include "bench.h"

#define SET		(64U << 10)
#define STEPS		20000U
#define STEPS_ICOUNT	5000U

/* Uses objs, nr, random and steps. */
static __always_inline u64 churn_loop_inline(const enum side side, struct job *job)
{
	const struct pool *pool = job->pool;
	void **objs = job->objs;
	unsigned int step = job->steps;
	u64 random = job->random;
	u64 start = ktime_get_ns();

	while (step--) {
		void **at = &objs[random_below(&random, job->nr)];

		pool_free(side, pool, *at);
		*at = pool_alloc(side, pool, GFP_KERNEL);
		if (unlikely(!*at))
			return LOOP_FAILED;
		touch(*at, step);
	}
	job->random = random;
	return ktime_get_ns() - start;
}

BENCH_LOOP(churn_loop)
loop_t *const churn_loop_on[NR_SIDES] = BENCH_SIDES(churn_loop);

/* Fill the sets, replace each object about once, and then look at the clock. */
static void measure(struct job *job, struct series *series)
{
	unsigned long sides = job[0].pool->sides;
	unsigned int rep;
	enum side side;

	for_each_set_bit(side, &sides, NR_SIDES) {
		if (batch_alloc_on[side](job + side) == LOOP_FAILED)
			return;
		job[side].steps = job[side].nr;
		churn_loop_on[side](&job[side]);
		job[side].steps = bench_icount ? STEPS_ICOUNT : STEPS;
		cond_resched();
	}
	for (rep = 0; rep < 2 * bench_reps; rep++) {
		for_each_set_bit(side, &sides, NR_SIDES) {
			series_add(series, side,
				   churn_loop_on[side](&job[side]),
				   job[side].steps);
			cond_resched();
		}
	}
}

static int churn(const char *row, unsigned int size, unsigned int nr)
{
	struct job job[NR_SIDES] = {};
	struct series *series;
	struct pool pool;
	enum side side;
	int err;

	err = pool_open(&pool, SIDES_FLOOR, size, nr);
	if (err)
		return err;
	series = series_open();
	for_each_set_bit(side, &pool.sides, NR_SIDES)
		err = err ?: job_open(&job[side], &pool, nr);
	if (!err && series) {
		measure(job, series);
		series_print(series, row, size, 1, time_unit());
	}
	for_each_set_bit(side, &pool.sides, NR_SIDES) {
		if (job[side].objs)
			job_free_all(&job[side], side);
		job_close(&job[side]);
	}
	series_close(series);
	pool_close(&pool);
	return err;
}

int row_churn(unsigned int size)
{
	return churn("churn", size, SET);
}

int row_churn_sets(unsigned int size)
{
	static const struct {
		const char *row;
		unsigned int nr;
	} set[] = {
		{ "churn-1k", 1U << 10 },
		{ "churn-4k", 4U << 10 },
		{ "churn-16k", 16U << 10 },
		{ "churn-64k", 64U << 10 },
		{ "churn-256k", 256U << 10 },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(set); i++)
		err = churn(set[i].row, size, set[i].nr);
	return err;
}
