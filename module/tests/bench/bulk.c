// SPDX-License-Identifier: GPL-2.0
/*
 * Row bulk: 1 to 3, 16 or 64 objects at a time, allocated and freed; per object.
 * Up to FEW the floor is kmobj, too, by calls for one object.
 */
#include <linux/sched.h>

#include "bench.h"

#define OBJECTS		32768U
#define OBJECTS_ICOUNT	512U
#define FEW		3

/* The floor has no bulk calls: its objects come one at a time from @single. */
static __always_inline bool bulk_alloc(const enum side side, const enum side single,
				       const struct pool *pool, size_t nr,
				       void **objs)
{
	size_t i;

	if (side == SIDE_KMOBJ)
		return kmobj_alloc_bulk(pool->zone, GFP_KERNEL, nr, objs);
	if (side == SIDE_PEER)
		return bench_cache_alloc_bulk(pool->cache, nr, objs);
	for (i = 0; i < nr; i++) {
		objs[i] = pool_alloc(single, pool, GFP_KERNEL);
		if (single == SIDE_KMOBJ && unlikely(!objs[i]))
			return false;
	}
	return true;
}

static __always_inline void bulk_free(const enum side side, const enum side single,
				      const struct pool *pool, size_t nr,
				      void **objs)
{
	size_t i;

	if (side == SIDE_KMOBJ)
		return kmobj_free_bulk(pool->zone, nr, objs);
	if (side == SIDE_PEER)
		return kmem_cache_free_bulk(pool->cache, nr, objs);
	for (i = 0; i < nr; i++)
		pool_free(single, pool, objs[i]);
}

/* Uses objs, nr and steps. */
static __always_inline u64 loop(const enum side side, const enum side single,
				struct job *job)
{
	const struct pool *pool = job->pool;
	unsigned int i, nr = job->nr, step = job->steps;
	void **objs = job->objs;
	u64 start = ktime_get_ns();

	while (step--) {
		if (unlikely(!bulk_alloc(side, single, pool, nr, objs)))
			return LOOP_FAILED;
		for (i = 0; i < nr; i++)
			touch(objs[i], step);
		bulk_free(side, single, pool, nr, objs);
	}
	return ktime_get_ns() - start;
}

static __always_inline u64 bulk_loop_inline(const enum side side, struct job *job)
{
	return loop(side, side, job);
}

static __always_inline u64 few_loop_inline(const enum side side, struct job *job)
{
	return loop(side, side == SIDE_FLOOR ? SIDE_KMOBJ : side, job);
}

BENCH_LOOP(bulk_loop)
BENCH_LOOP(few_loop)
static loop_t *const bulk_loop_on[NR_SIDES] = BENCH_SIDES(bulk_loop);
static loop_t *const few_loop_on[NR_SIDES] = BENCH_SIDES(few_loop);

static void measure(struct job *job, struct series *series)
{
	loop_t *const *loop_on = job->nr <= FEW ? few_loop_on : bulk_loop_on;
	unsigned long sides = job->pool->sides;
	unsigned int rep;
	enum side side;

	job->steps = (bench_icount ? OBJECTS_ICOUNT : OBJECTS) / job->nr;
	for_each_set_bit(side, &sides, NR_SIDES)
		loop_on[side](job);
	for (rep = 0; rep < 4 * bench_reps; rep++) {
		for_each_set_bit(side, &sides, NR_SIDES) {
			series_add(series, side, loop_on[side](job),
				   job->nr * job->steps);
			cond_resched();
		}
	}
}

static int bulk(const char *row, unsigned int size, unsigned int nr)
{
	struct series *series;
	struct pool pool;
	struct job job;
	int err;

	err = pool_open(&pool, SIDES_FLOOR, size, nr);
	if (err)
		return err;
	series = series_open();
	err = job_open(&job, &pool, nr);
	if (!err && series) {
		measure(&job, series);
		series_print(series, row, size, 1, time_unit());
	}
	job_close(&job);
	series_close(series);
	pool_close(&pool);
	return err;
}

int row_bulk(unsigned int size)
{
	static const struct {
		const char *row;
		unsigned int nr;
	} rows[] = {
		{ "bulk-1", 1 }, { "bulk-2", 2 }, { "bulk-3", 3 },
		{ "bulk-16", 16 }, { "bulk-64", 64 },
	};
	unsigned int i;
	int err = 0;

	for (i = 0; !err && i < ARRAY_SIZE(rows); i++)
		err = bulk(rows[i].row, size, rows[i].nr);
	return err;
}
