// SPDX-License-Identifier: GPL-2.0
/*
 * Rows irq-hard and irq-soft: pairs from a timer's handler in hardirq, and in
 * softirq, while the task that it interrupts does the same on the same CPU
 * with the same pool. What is shown is the handler's time: a mixture, of when
 * it interrupts an allocator that has to be left alone then, and when not. So
 * each sample is the mean of many firings, and its median is the figure.
 */
#include <linux/hrtimer.h>
#include <linux/sched.h>
#include <linux/sort.h>

#include "bench.h"

#define PERIOD_NS	100000
#define SPREAD_NS	1024	/* so that it does not keep step with the task's loop */
#define FIRINGS		64U	/* of the timer in a repetition */
#define FIRINGS_KEPT	60U	/* the longest met something else */
#define PAIRS_HANDLER	256U
#define PAIRS_TASK	64U	/* between two looks at the firings */

struct irq_row {
	struct hrtimer timer;
	struct job job;		/* the handler's */
	enum side side;
	unsigned int left;	/* firings to come */
	u64 ns[FIRINGS];
};

/* Uses steps. */
static __always_inline u64 atomic_pair_inline(const enum side side,
					      struct job *job)
{
	unsigned int i = job->steps;
	u64 start = ktime_get_ns();
	void *obj;

	while (i--) {
		obj = pool_alloc(side, job->pool, GFP_ATOMIC);
		if (unlikely(!obj))
			return LOOP_FAILED;
		touch(obj, i);
		pool_free(side, job->pool, obj);
	}
	return ktime_get_ns() - start;
}

BENCH_LOOP(atomic_pair)
static loop_t *const atomic_pair_on[NR_SIDES] = BENCH_SIDES(atomic_pair);

static enum hrtimer_restart fire(struct hrtimer *timer)
{
	struct irq_row *row = container_of(timer, struct irq_row, timer);
	unsigned int left = row->left - 1;
	unsigned int more = random_below(&row->job.random, SPREAD_NS);

	row->ns[left] = atomic_pair_on[row->side](&row->job);
	WRITE_ONCE(row->left, left);
	if (!left)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(PERIOD_NS + more));
	return HRTIMER_RESTART;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/* Of all firings but the longest. */
static u64 sum_of_kept(struct irq_row *row)
{
	unsigned int i;
	u64 sum = 0;

	sort(row->ns, FIRINGS, sizeof(*row->ns), compare, NULL);
	if (row->ns[FIRINGS - 1] == LOOP_FAILED)
		return LOOP_FAILED;
	for (i = 0; i < FIRINGS_KEPT; i++)
		sum += row->ns[i];
	return sum;
}

/* The task's part, until the timer has fired often enough. */
static u64 repetition(struct irq_row *row, enum hrtimer_mode mode)
{
	struct job task = { .pool = row->job.pool, .steps = PAIRS_TASK };

	row->left = FIRINGS;
	hrtimer_start(&row->timer, ns_to_ktime(PERIOD_NS), mode);
	while (READ_ONCE(row->left)) {
		pair_loop_on[row->side](&task);
		cond_resched();
	}
	hrtimer_cancel(&row->timer);
	return sum_of_kept(row);
}

static void measure(const struct pool *pool, struct series *series,
		    const char *name, enum hrtimer_mode mode)
{
	struct irq_row row = {
		.job = { .pool = pool, .steps = PAIRS_HANDLER },
	};
	unsigned int rep;

	hrtimer_setup(&row.timer, fire, CLOCK_MONOTONIC, mode);
	for (rep = 0; rep <= bench_reps; rep++) {
		for_each_set_bit(row.side, &pool->sides, NR_SIDES) {
			u64 ns = repetition(&row, mode);

			if (rep)
				series_add(series, row.side, ns,
					   FIRINGS_KEPT * PAIRS_HANDLER);
		}
	}
	series_print(series, name, pool->size, 1, time_unit());
}

int row_irq(unsigned int size)
{
	struct series *series;
	struct pool pool;
	int err;

	err = pool_open(&pool, SIDES_BOTH, size, 1);
	if (err)
		return err;
	series = series_open();
	if (series) {
		measure(&pool, series, "irq-hard",
			HRTIMER_MODE_REL_PINNED_HARD);
		measure(&pool, series, "irq-soft",
			HRTIMER_MODE_REL_PINNED_SOFT);
	}
	series_close(series);
	pool_close(&pool);
	return series ? 0 : -ENOMEM;
}
