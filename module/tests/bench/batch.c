// SPDX-License-Identifier: GPL-2.0
/*
 * Row batch: allocate 10,000 objects, free them in order, in reverse, in
 * random order.
 */
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define BATCH	10000U

static const char * const free_row[NR_ORDERS] = {
	"batch-free-order", "batch-free-reverse", "batch-free-random",
};

/* Uses objs and nr. */
static __always_inline u64 batch_alloc_inline(const enum side side, struct job *job)
{
	const struct pool *pool = job->pool;
	void **objs = job->objs;
	unsigned int i, nr = job->nr;
	u64 start = ktime_get_ns();

	for (i = 0; i < nr; i++) {
		void *obj = pool_alloc(side, pool, GFP_KERNEL);

		if (unlikely(!obj))
			return LOOP_FAILED;
		touch(obj, i);
		objs[i] = obj;
	}
	return ktime_get_ns() - start;
}

BENCH_LOOP(batch_alloc)
loop_t *const batch_alloc_on[NR_SIDES] = BENCH_SIDES(batch_alloc);

/* Uses objs, nr and order. */
static __always_inline u64 batch_free_inline(const enum side side, struct job *job)
{
	const struct pool *pool = job->pool;
	const u32 *order = job->order;
	void **objs = job->objs;
	unsigned int i, nr = job->nr;
	u64 start = ktime_get_ns();

	for (i = 0; i < nr; i++)
		pool_free(side, pool, objs[order[i]]);
	return ktime_get_ns() - start;
}

BENCH_LOOP(batch_free)
loop_t *const batch_free_on[NR_SIDES] = BENCH_SIDES(batch_free);

/* One batch: allocate, free; the times into @alloc and @free. */
static bool batch(enum side side, struct job *job, struct series *alloc,
		  struct series *free)
{
	u64 ns;

	ns = batch_alloc_on[side](job);
	if (ns == LOOP_FAILED) {
		job_free_all(job, side);
		return false;
	}
	if (alloc)
		series_add(alloc, side, ns, job->nr);
	ns = batch_free_on[side](job);
	if (free)
		series_add(free, side, ns, job->nr);
	memset(job->objs, 0, job->nr * sizeof(*job->objs));
	cond_resched();
	return true;
}

static void measure(struct job *job, struct series *alloc, struct series *free)
{
	unsigned int rep;
	enum side side;

	for_each_set_bit(side, &job->pool->sides, NR_SIDES)
		batch(side, job, NULL, NULL);
	for (rep = 0; rep < bench_reps; rep++) {
		for_each_set_bit(side, &job->pool->sides, NR_SIDES) {
			if (!batch(side, job, alloc, free))
				return;
		}
	}
}

static int measure_orders(struct job *job, struct series *alloc,
			  struct series *free)
{
	enum order order;
	u32 *index;

	for (order = 0; order < NR_ORDERS; order++) {
		index = order_make(order, job->nr);
		if (!index)
			return -ENOMEM;
		job->order = index;
		measure(job, alloc, free);
		series_print(free, free_row[order], job->pool->size, 1,
			     time_unit());
		vfree(index);
	}
	series_print(alloc, "batch-alloc", job->pool->size, 1, time_unit());
	return 0;
}

int row_batch(unsigned int size)
{
	struct series *alloc = series_open(), *free = series_open();
	struct pool pool;
	struct job job;
	int err;

	err = pool_open(&pool, SIDES_FLOOR, size, BATCH);
	if (err)
		goto out;
	err = job_open(&job, &pool, BATCH);
	if (!err)
		err = alloc && free ? measure_orders(&job, alloc, free) : -ENOMEM;
	job_close(&job);
	pool_close(&pool);
out:
	series_close(free);
	series_close(alloc);
	return err;
}
