// SPDX-License-Identifier: GPL-2.0
/*
 * Rows memory-live: bytes held per byte asked for, with a million objects
 * live (or as many as half of the free memory holds); memory-90: the same
 * after 90% of them were freed in random order, at once; memory-90-later: and
 * when the poller has done what it can; memory-90-moved: and if kmobj may move
 * objects, against kmem_cache, which cannot. Row move: from one object that kmobj
 * moves then to the next.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define MILLION		1000000U
#define WAIT_MS		400
#define WAITS_MAX	50
#define SAME_MIN	8

enum moment { LIVE, FREED, LATER, MOVED, MOVING, NR_MOMENTS };

static const char * const moment_row[NR_MOMENTS] = {
	"memory-live", "memory-90", "memory-90-later", "memory-90-moved", "move",
};

static unsigned int objects_wanted(unsigned int size)
{
	unsigned long fit = si_mem_available() / 2 * PAGE_SIZE / size;

	if (fit < MILLION)
		pr_info("bench-note: memory: %lu objects of %u bytes\n", fit,
			size);
	return min_t(unsigned long, fit, MILLION);
}

/* Until two looks in a row are the same. */
static long bytes_settled(const struct kept *kept)
{
	unsigned int waits = 0;
	long bytes, before;

	bytes = kept_bytes(kept);
	do {
		before = bytes;
		msleep(WAIT_MS);
		bytes = kept_bytes(kept);
	} while (bytes != before && waits++ < WAITS_MAX);
	return bytes;
}

/* And the mover has begun, and moves nothing any more: it waits for grace periods, too. */
static long bytes_moved(const struct kept *kept, struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats = {};
	unsigned int waits = 0, same = 0;
	unsigned long before;
	long bytes;

	do {
		before = stats.moved;
		bytes = bytes_settled(kept);
		kmobj_zone_stats(zone, &stats);
		same = stats.moved && stats.moved == before ? same + 1 : 0;
	} while (same < SAME_MIN && waits++ < WAITS_MAX);
	return bytes;
}

static int measure_moved_in(struct movable *set, unsigned int nr, struct series *series)
{
	unsigned int left = nr - nr / 10 * 9;
	struct kept kept;
	u64 random = 1;
	void *obj;

	kept_begin(&kept);
	while (set->nr < nr) {
		obj = kmobj_alloc(set->zone, GFP_KERNEL);
		if (!obj)
			return -ENOMEM;
		movable_add(set, obj);
	}
	movable_thin(set, left, &random);
	series_add(series + MOVED, SIDE_KMOBJ, bytes_moved(&kept, set->zone),
		   (u64)left * set->size);
	movable_file(series + MOVING);
	return 0;
}

static int measure_moved(unsigned int size, unsigned int nr, struct series *series)
{
	u64 random = 1;
	struct movable set;
	int err;

	err = movable_open(&set, "bench", size, nr, true) ?:
	      measure_moved_in(&set, nr, series);
	movable_thin(&set, 0, &random);
	movable_close(&set);
	return err;
}

static int measure_side(enum side side, struct pool *pool, struct job *job,
			struct series *series)
{
	struct kept kept;
	u64 live = (u64)job->nr * pool->size;
	unsigned int i, gone = job->nr / 10 * 9;
	long bytes;

	kept_begin(&kept);
	if (batch_alloc_on[side](job) == LOOP_FAILED)
		return -ENOMEM;
	series_add(series + LIVE, side,
		   kept_bytes(&kept), live);

	for (i = 0; i < gone; i++) {
		pool_free(side, pool, job->objs[job->order[i]]);
		job->objs[job->order[i]] = NULL;
		if (i % 1024 == 0)
			cond_resched();
	}
	live = (u64)(job->nr - gone) * pool->size;
	series_add(series + FREED, side,
		   kept_bytes(&kept), live);
	bytes = bytes_settled(&kept);
	series_add(series + LATER, side, bytes, live);
	if (side == SIDE_PEER)
		series_add(series + MOVED, side, bytes, live);
	return 0;
}

/* One side after the other, so that memory has to hold only one. */
static int measure(enum side side, unsigned int size, unsigned int nr,
		   const u32 *order, struct series *series)
{
	struct pool pool;
	struct job job;
	int err;

	err = pool_open(&pool, BIT(side), size, 0);
	if (err)
		return err;
	err = job_open(&job, &pool, nr);
	if (!err) {
		job.order = order;
		err = measure_side(side, &pool, &job, series);
		job_free_all(&job, side);
	}
	job_close(&job);
	pool_close(&pool);
	return err;
}

int row_memory(unsigned int size)
{
	unsigned int nr = objects_wanted(size);
	u32 *order = order_make(ORDER_RANDOM, nr);
	struct series *series = vcalloc(NR_MOMENTS, sizeof(*series));
	enum moment moment;
	int err = -ENOMEM;

	if (order && series)
		err = measure(SIDE_KMOBJ, size, nr, order, series);
	if (!err)
		err = measure_moved(size, nr, series);
	if (!err && bench_peers)
		err = measure(SIDE_PEER, size, nr, order, series);
	for (moment = 0; !err && moment < NR_MOMENTS; moment++)
		series_print(series + moment, moment_row[moment], size, 1,
			     moment == MOVING ? time_unit() : "B/B");
	vfree(series);
	vfree(order);
	return err;
}
