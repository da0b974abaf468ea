// SPDX-License-Identifier: GPL-2.0
/*
 * Objects of one size from each side, and what a thread needs to work with
 * them. For task context.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Objects for each CPU in an objpool: a pair holds one at a time. */
#define OBJPOOL_EACH	16

static int pool_open_side(struct pool *pool, enum side side,
			  unsigned int floor_nr)
{
	int nr_objpool = OBJPOOL_EACH * num_possible_cpus();

	switch (side) {
	case SIDE_KMOBJ:
		pool->zone = kmobj_zone_create("bench", pool->size, NULL);
		return PTR_ERR_OR_ZERO(pool->zone);
	case SIDE_PEER:
		pool->cache = bench_unmerged_cache("kmobj_bench", pool->size);
		return pool->cache ? 0 : -ENOMEM;
	case SIDE_FLOOR:
		return floor_open(floor_nr, pool->size);
	default:
		pool->objpool = vzalloc(sizeof(*pool->objpool));
		if (!pool->objpool)
			return -ENOMEM;
		return objpool_init(pool->objpool, nr_objpool, pool->size,
				    GFP_KERNEL, NULL, NULL, NULL);
	}
}

static void pool_close_side(struct pool *pool, enum side side)
{
	switch (side) {
	case SIDE_KMOBJ:
		WARN_ON(kmobj_zone_destroy(pool->zone));
		break;
	case SIDE_PEER:
		kmem_cache_destroy(pool->cache);
		break;
	case SIDE_FLOOR:
		floor_close();
		break;
	default:
		objpool_free(pool->objpool);
		vfree(pool->objpool);
	}
}

/* The floor holds @floor_nr objects for each CPU. */
int pool_open(struct pool *pool, unsigned long sides, unsigned int size,
	      unsigned int floor_nr)
{
	enum side side;
	int err;

	*pool = (struct pool){ .size = size };
	if (!bench_peers)
		sides = BIT(SIDE_KMOBJ);
	for_each_set_bit(side, &sides, NR_SIDES) {
		err = pool_open_side(pool, side, floor_nr);
		if (err) {
			pool_close(pool);
			return err;
		}
		pool->sides |= BIT(side);
	}
	return 0;
}

void pool_close(struct pool *pool)
{
	enum side side;

	for_each_set_bit(side, &pool->sides, NR_SIDES)
		pool_close_side(pool, side);
	pool->sides = 0;
}

int job_open(struct job *job, const struct pool *pool, unsigned int nr)
{
	*job = (struct job){ .pool = pool, .nr = nr, .random = nr + 1 };
	job->objs = vzalloc(array_size(nr, sizeof(*job->objs)));
	return job->objs ? 0 : -ENOMEM;
}

void job_close(struct job *job)
{
	vfree(job->objs);
	job->objs = NULL;
}

/* Free what objs holds, and forget it. */
void job_free_all(const struct job *job, enum side side)
{
	unsigned int i;

	for (i = 0; i < job->nr; i++) {
		if (job->objs[i])
			pool_free(side, job->pool, job->objs[i]);
		job->objs[i] = NULL;
		if (i % 1024 == 0)
			cond_resched();
	}
}

u32 *order_make(enum order order, unsigned int nr)
{
	u32 *index = vmalloc(array_size(nr, sizeof(*index)));
	unsigned int i, other;
	u64 random = 1;

	for (i = 0; index && i < nr; i++)
		index[i] = order == ORDER_REVERSE ? nr - 1 - i : i;
	for (i = nr; index && order == ORDER_RANDOM && i > 1; i--) {
		other = random_below(&random, i);
		swap(index[i - 1], index[other]);
	}
	return index;
}
