// SPDX-License-Identifier: GPL-2.0
/*
 * Rows kfree and kfree-rcu: memory of the kernel's kmalloc(), freed by a module that
 * moved to the drop-in, which looks first whether it is a zone's; the peer is the same
 * module before it moved. kfree: allocate, free. kfree-rcu: the call of kfree_rcu().
 */
#include <linux/sched.h>

#include "kfree.h"

#define PAIRS		32768U
#define PAIRS_ICOUNT	512U
#define OBJECTS_RCU	256U

static void measure(struct job *job, struct series *series, loop_t *const loop_on[],
		    unsigned int ops)
{
	unsigned int rep;
	enum side side;

	for (rep = 0; rep <= 4 * bench_reps; rep++) {
		for (side = SIDE_KMOBJ; side <= (bench_peers ? SIDE_PEER : SIDE_KMOBJ); side++) {
			u64 ns = loop_on[side](job);

			if (rep)
				series_add(series, side, ns, ops);
			cond_resched();
		}
	}
}

static int kfree_row(const char *row, struct job *job, loop_t *const loop_on[],
		     unsigned int ops)
{
	unsigned int size = job->pool->size;
	struct series *series = series_open();

	if (!series)
		return -ENOMEM;
	measure(job, series, loop_on, ops);
	series_print(series, row, size, 1, time_unit());
	series_close(series);
	return 0;
}

int row_kfree(unsigned int size)
{
	loop_t *const pairs[] = { kfree_moved, kfree_loop };
	loop_t *const frees[] = { kfree_rcu_moved, kfree_rcu_loop };
	struct pool pool = { .size = size };
	struct job job;
	int err;

	err = job_open(&job, &pool, OBJECTS_RCU);
	if (err)
		return err;
	job.steps = bench_icount ? PAIRS_ICOUNT : PAIRS;
	err = kfree_row("kfree", &job, pairs, job.steps) ?:
	      kfree_row("kfree-rcu", &job, frees, job.nr);
	job_close(&job);
	return err;
}
