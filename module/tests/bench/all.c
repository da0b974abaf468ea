// SPDX-License-Identifier: GPL-2.0
/*
 * Rows all-pair, all-batch, all-churn: pair, batch and churn on every CPU at
 * once, each thread with objects of its own from the same pool; then the same
 * on 1, 2, 4, ... CPUs. What is shown is the mean of the threads' times.
 */
#include <linux/cpumask.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define BATCH		10000U
#define PAIRS		16384U
#define CHURN_SET	(16U << 10)
#define CHURN_STEPS	8192U

enum work { WORK_PAIR, WORK_BATCH, WORK_CHURN, NR_WORKS };

static const char * const work_row[NR_WORKS] = {
	"all-pair", "all-batch", "all-churn",
};

static const unsigned int work_objs[NR_WORKS] = { 1, BATCH, CHURN_SET };
static const unsigned int work_ops[NR_WORKS] = { PAIRS, BATCH, CHURN_STEPS };

struct all {
	struct pool pool;
	struct series *series;
	enum work work;
	u32 *order;
	struct job (*jobs)[NR_SIDES];	/* of each thread */
};

static u64 work_once(enum work work, enum side side, struct job *job)
{
	u64 ns;

	switch (work) {
	case WORK_PAIR:
		job->steps = PAIRS;
		return pair_loop_on[side](job);
	case WORK_BATCH:
		ns = batch_alloc_on[side](job);
		if (ns == LOOP_FAILED) {
			job_free_all(job, side);
			return ns;
		}
		ns += batch_free_on[side](job);
		memset(job->objs, 0, job->nr * sizeof(*job->objs));
		return ns;
	default:
		job->steps = CHURN_STEPS;
		return churn_loop_on[side](job);
	}
}

/* What has to be there before the first repetition. */
static void work_prepare(struct all *all, enum side side, struct job *job)
{
	if (all->work != WORK_CHURN)
		return;
	batch_alloc_on[side](job);
	job->steps = job->nr;
	churn_loop_on[side](job);
}

static void all_thread(struct gang *gang, unsigned int me)
{
	struct all *all = gang->arg;
	struct job *jobs = all->jobs[me];
	unsigned int rep;
	enum side side;

	for_each_set_bit(side, &all->pool.sides, NR_SIDES)
		work_prepare(all, side, jobs + side);
	for (rep = 0; gang_more(gang, me, rep); rep++) {
		for_each_set_bit(side, &all->pool.sides, NR_SIDES) {
			gang_wait(gang);
			gang->ns[me] = work_once(all->work, side, jobs + side);
			gang_wait(gang);
			if (!me && rep)
				gang_add(gang, all->series, side,
					 work_ops[all->work]);
		}
	}
	/* The floor's objects have to go back where they came from. */
	for_each_set_bit(side, &all->pool.sides, NR_SIDES)
		job_free_all(jobs + side, side);
}

static int jobs_open(struct all *all, unsigned int nr)
{
	unsigned int i, nr_objs = work_objs[all->work];
	enum side side;
	int err = 0;

	for (i = 0; i < nr; i++) {
		for_each_set_bit(side, &all->pool.sides, NR_SIDES) {
			struct job *job = &all->jobs[i][side];

			err = err ?: job_open(job, &all->pool, nr_objs);
			job->order = all->order;
			job->random = i + 1;
		}
	}
	return err;
}

static void jobs_close(struct all *all, unsigned int nr)
{
	unsigned int i;
	enum side side;

	for (i = 0; i < nr; i++)
		for (side = 0; side < NR_SIDES; side++)
			job_close(&all->jobs[i][side]);
}

static int work_on(struct all *all, unsigned int size, unsigned int nr)
{
	int err;

	err = pool_open(&all->pool, SIDES_FLOOR, size, work_objs[all->work]);
	if (err)
		return err;
	err = jobs_open(all, nr) ?: gang_run(nr, all_thread, all);
	if (!err)
		series_print(all->series, work_row[all->work], size, nr,
			     time_unit());
	jobs_close(all, nr);
	pool_close(&all->pool);
	return err;
}

/* All three on 1, 2, 4, ... CPUs, and on all. */
static int all_works(unsigned int size)
{
	unsigned int nr, cpus = num_online_cpus();
	struct all all = {};
	int err = -ENOMEM;

	all.series = series_open();
	all.order = order_make(ORDER_SAME, BATCH);
	all.jobs = vcalloc(cpus, sizeof(*all.jobs));
	if (!all.series || !all.order || !all.jobs)
		goto out;
	err = 0;
	for (all.work = 0; !err && all.work < NR_WORKS; all.work++) {
		for (nr = 1; !err && nr < cpus; nr *= 2)
			err = work_on(&all, size, nr);
		err = err ?: work_on(&all, size, cpus);
	}
out:
	vfree(all.jobs);
	vfree(all.order);
	series_close(all.series);
	return err;
}

int row_all(unsigned int size)
{
	enum work work;

	if (num_online_cpus() > 1)
		return all_works(size);
	for (work = 0; work < NR_WORKS; work++)
		series_none(work_row[work], size, "needs two CPUs");
	return 0;
}
