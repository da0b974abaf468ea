// SPDX-License-Identifier: GPL-2.0
/*
 * Row handover: one CPU allocates, another frees, over a ring. The floor of
 * this row is the ring alone, with the same pointer each time: to be
 * subtracted.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"
#include "ring.h"

#define OBJECTS	(8U << 10)

struct handover {
	struct pool pool;
	struct series *series;
	struct ring *ring;
};

/* Uses steps and ring; as all that follow. */
static __always_inline u64 send_inline(const enum side side, struct job *job)
{
	struct ring *ring = job->ring;
	unsigned int i = job->steps;
	u64 start = ktime_get_ns();

	while (i--) {
		void *obj = ring;

		if (side != SIDE_FLOOR) {
			obj = pool_alloc(side, job->pool, GFP_KERNEL);
			if (unlikely(!obj))
				return LOOP_FAILED;
			touch(obj, i);
		}
		while (unlikely(!ring_put(ring, obj))) {
			cpu_relax();
			cond_resched();
		}
	}
	ring_publish(ring);
	return ktime_get_ns() - start;
}

BENCH_LOOP(send)
static loop_t *const send_on[NR_SIDES] = BENCH_SIDES(send);

static __always_inline u64 receive_inline(const enum side side,
					  struct job *job)
{
	struct ring *ring = job->ring;
	unsigned int i = job->steps;
	u64 start = ktime_get_ns();

	while (i--) {
		void *obj = ring_get(ring);

		while (unlikely(!obj)) {
			cpu_relax();
			cond_resched();
			obj = ring_get(ring);
		}
		if (side != SIDE_FLOOR)
			pool_free(side, job->pool, obj);
	}
	return ktime_get_ns() - start;
}

BENCH_LOOP(receive)
static loop_t *const receive_on[NR_SIDES] = BENCH_SIDES(receive);

static void repetition(struct gang *gang, unsigned int me, enum side side,
		       bool keep)
{
	struct handover *h = gang->arg;
	struct job job = {
		.pool = &h->pool, .ring = h->ring, .steps = OBJECTS,
	};

	gang_wait(gang);
	gang->ns[me] = me ? receive_on[side](&job) : send_on[side](&job);
	gang_wait(gang);
	if (!me && keep)
		series_add(h->series, side, max(gang->ns[0], gang->ns[1]),
			   OBJECTS);
}

static void handover_thread(struct gang *gang, unsigned int me)
{
	struct handover *h = gang->arg;
	unsigned int rep;
	enum side side;

	for (rep = 0; gang_more(gang, me, rep); rep++) {
		for_each_set_bit(side, &h->pool.sides, NR_SIDES)
			repetition(gang, me, side, rep);
	}
}

int row_handover(unsigned int size)
{
	struct handover h = {};
	int err;

	if (num_online_cpus() < 2) {
		series_none("handover", size, "needs two CPUs");
		return 0;
	}
	err = pool_open(&h.pool, SIDES_FLOOR, size, 1);
	if (err)
		return err;
	h.series = series_open();
	h.ring = vzalloc(sizeof(*h.ring));
	err = h.ring && h.series ? gang_run(2, handover_thread, &h) : -ENOMEM;
	if (!err)
		series_print(h.series, "handover", size, 2, time_unit());
	vfree(h.ring);
	series_close(h.series);
	pool_close(&h.pool);
	return err;
}
