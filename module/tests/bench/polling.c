// SPDX-License-Identifier: GPL-2.0
/*
 * Row poll-hold: how long the poller keeps a CPU, as pinger.c sees it, while its passes
 * sort the slabs of a zone of which nine of ten objects were freed, then retire and
 * release them all. The longest of all those passes, the least of all repetitions. Only
 * where the clock counts instructions, so that nothing else of the host is in it.
 */
#include <linux/delay.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define OBJECTS		500000U
#define SORT_MS		5000	/* a few passes at the default poll_ms */
#define WAIT_MS		200
#define WAITS_MAX	600
#define REPS_MAX	3U

static unsigned long slabs(const struct pool *pool)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(pool->zone, &stats);
	return stats.slabs;
}

static void free_nine_of_ten(struct job *job)
{
	unsigned int i;

	for (i = 0; i < job->nr; i++) {
		if (random_below(&job->random, 10)) {
			kmobj_free(job->pool->zone, job->objs[i]);
			job->objs[i] = NULL;
		}
		if (i % 1024 == 0)
			cond_resched();
	}
}

/* Until what @job had is with the page allocator again, but for a sixteenth. */
static int wait_for_slabs(struct job *job, unsigned long were)
{
	unsigned int waits;

	for (waits = 0; waits < WAITS_MAX; waits++) {
		if (slabs(job->pool) <= were / 16)
			return 0;
		msleep(WAIT_MS);
	}
	return -ETIMEDOUT;
}

static int hold(struct job *job, struct pinger *pingers, u64 *longest)
{
	unsigned long were;
	int err;

	if (batch_alloc_on[SIDE_KMOBJ](job) == LOOP_FAILED)
		return -ENOMEM;
	were = slabs(job->pool);
	free_nine_of_ten(job);
	pingers_longest(pingers);
	msleep(SORT_MS);
	*longest = pingers_longest(pingers);
	job_free_all(job, SIDE_KMOBJ);
	pingers_longest(pingers);
	err = wait_for_slabs(job, were);
	*longest = max(*longest, pingers_longest(pingers));
	return err;
}

static int hold_reps(struct job *job, struct series *series)
{
	struct pinger *pingers = pingers_start();
	unsigned int rep;
	u64 longest;
	int err = 0;

	if (!pingers)
		return -ENOMEM;
	for (rep = 0; !err && rep < min(bench_reps, REPS_MAX); rep++) {
		err = hold(job, pingers, &longest);
		if (!err)
			series_add(series, SIDE_KMOBJ, longest, 1);
	}
	pingers_stop(pingers);
	return err;
}

static int polling(struct series *series, unsigned int size)
{
	struct pool pool;
	struct job job;
	int err;

	err = pool_open(&pool, BIT(SIDE_KMOBJ), size, 0);
	if (err)
		return err;
	err = job_open(&job, &pool, OBJECTS) ?: hold_reps(&job, series);
	if (job.objs)
		job_free_all(&job, SIDE_KMOBJ);
	job_close(&job);
	pool_close(&pool);
	if (!err)
		series_print(series, "poll-hold", size, 1, time_unit());
	return err;
}

int row_polling(unsigned int size)
{
	struct series *series;
	int err;

	if (!bench_icount) {
		series_none("poll-hold", size, "needs a clock that counts instructions");
		return 0;
	}
	series = series_open();
	if (!series)
		return -ENOMEM;
	err = polling(series, size);
	series_close(series);
	return err;
}
