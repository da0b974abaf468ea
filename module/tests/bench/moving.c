// SPDX-License-Identifier: GPL-2.0
/*
 * Rows pair-moving, batch-moving, churn-moving: pair, batch and churn in a zone while
 * kmobj moves other objects of it on another CPU. Their floor is the same in the moments
 * in between, when a grace period is waited for and nothing is moved. The loops are
 * short, so that the mover is at work during all of one, or none.
 *
 * Row move-hold: how long the mover keeps a CPU, as pinger.c sees it. The longest of a
 * pass, the least of all passes. Its floor is the same beside a task that calls
 * cond_resched() all the time. Other programs of the host are in both, but not where the
 * clock counts instructions.
 */
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Objects to be moved in a pass: those of a tenth that live. */
#define MESS		100000U
#define MESS_LEFT	(MESS / 10)

/* The mover is done if it calls nobody for so long; a grace period takes less. */
#define QUIET_NS	(200 * NSEC_PER_MSEC)

#define PAIRS		4096U
#define BATCH		1000U
#define CHURN_SET	(16U << 10)
#define CHURN_STEPS	1000U

/* It is at work if it has moved an object in so many ns. */
#define AT_WORK_NS	1500
#define ENOUGH		100U
#define MESSES_MAX	20U

struct moving {
	struct movable mess;
	struct pool pool;
	struct job job;
	struct series *series;
	u64 random;
};

/* A zone that is sparse, and whose mover has just been woken. */
static int mess_make(struct moving *m)
{
	void *obj;

	while (m->mess.nr < MESS) {
		obj = kmobj_alloc(m->mess.zone, GFP_KERNEL);
		if (!obj)
			return -ENOMEM;
		movable_add(&m->mess, obj);
		if (m->mess.nr % 1024 == 0)
			cond_resched();
	}
	movable_thin(&m->mess, MESS_LEFT, &m->random);
	kmobj_zone_shrink(m->mess.zone);
	return 0;
}

/* Is the mover still busy with that? */
struct watch {
	unsigned int calls;
	u64 since;
};

static bool is_moving(struct watch *watch)
{
	unsigned int calls = movable_calls();
	u64 now = ktime_get_ns();

	if (calls != watch->calls || !watch->since) {
		watch->calls = calls;
		watch->since = now;
	}
	return now - watch->since < QUIET_NS;
}

static u64 pairs(struct job *job)
{
	job->steps = PAIRS;
	return pair_loop_on[SIDE_KMOBJ](job);
}

static u64 batch(struct job *job)
{
	u64 ns = batch_alloc_on[SIDE_KMOBJ](job);

	if (ns != LOOP_FAILED)
		return ns + batch_free_on[SIDE_KMOBJ](job);
	job_free_all(job, SIDE_KMOBJ);
	return ns;
}

static u64 churn(struct job *job)
{
	job->steps = CHURN_STEPS;
	return churn_loop_on[SIDE_KMOBJ](job);
}

/* Repeat @loop, of @ops operations, until the mover is done. As many samples of each. */
static void measure(struct moving *m, loop_t *loop, unsigned int ops)
{
	const unsigned int *nr = m->series->nr;
	struct watch watch = { .calls = movable_calls() };
	unsigned int calls;
	u64 ns;

	while (is_moving(&watch)) {
		calls = movable_calls();
		ns = loop(&m->job);
		calls = movable_calls() - calls;
		if (ns == LOOP_FAILED)
			return;
		if (!calls && nr[SIDE_FLOOR] <= nr[SIDE_KMOBJ])
			series_add(m->series, SIDE_FLOOR, ns, ops);
		else if (calls && (u64)calls * AT_WORK_NS >= ns)
			series_add(m->series, SIDE_KMOBJ, ns, ops);
		cond_resched();
	}
}

static int row(struct moving *m, const char *name, loop_t *loop, unsigned int ops)
{
	unsigned int messes;
	int err = 0;

	for (messes = 0; !err && messes < MESSES_MAX; messes++) {
		err = mess_make(m);
		if (!err)
			measure(m, loop, ops);
		if (m->series->nr[SIDE_KMOBJ] >= ENOUGH)
			break;
	}
	if (!err)
		series_print(m->series, name, m->pool.size, 1, time_unit());
	return err;
}

static int pair_row(struct moving *m)
{
	return row(m, "pair-moving", pairs, PAIRS);
}

static int batch_row(struct moving *m)
{
	u32 *order = order_make(ORDER_RANDOM, BATCH);
	int err = job_open(&m->job, &m->pool, BATCH) ?: (order ? 0 : -ENOMEM);

	if (!err) {
		m->job.order = order;
		err = row(m, "batch-moving", batch, BATCH);
	}
	job_close(&m->job);
	vfree(order);
	return err;
}

static int churn_row(struct moving *m)
{
	struct job *job = &m->job;
	int err = job_open(job, &m->pool, CHURN_SET);

	if (!err && batch_alloc_on[SIDE_KMOBJ](job) == LOOP_FAILED)
		err = -ENOMEM;
	err = err ?: row(m, "churn-moving", churn, CHURN_STEPS);
	if (job->objs)
		job_free_all(job, SIDE_KMOBJ);
	job_close(job);
	return err;
}

static u64 hold(struct pinger *pingers)
{
	unsigned int calls = movable_calls();
	struct watch watch = { .calls = calls };

	pingers_longest(pingers);
	while (is_moving(&watch))
		usleep_range(1000, 2000);
	return movable_calls() == calls ? LOOP_FAILED : pingers_longest(pingers);
}

static u64 hold_nothing(struct pinger *pingers)
{
	u64 end = ktime_get_ns() + 2 * QUIET_NS;

	pingers_longest(pingers);
	while (ktime_get_ns() < end)
		cond_resched();
	return pingers_longest(pingers);
}

static int hold_row(struct moving *m)
{
	struct pinger *pingers = pingers_start();
	unsigned int rep, unit = bench_icount ? 1 : NSEC_PER_USEC;
	int err = 0;

	if (!pingers)
		return -ENOMEM;
	for (rep = 0; !err && rep < bench_reps; rep++) {
		err = mess_make(m);
		if (err)
			break;
		series_add(m->series, SIDE_KMOBJ, hold(pingers), unit);
		series_add(m->series, SIDE_FLOOR, hold_nothing(pingers), unit);
	}
	pingers_stop(pingers);
	if (!err)
		series_print(m->series, "move-hold", m->pool.size, 1,
			     bench_icount ? time_unit() : "us");
	return err;
}

static int moving_rows(struct moving *m)
{
	static const char * const names[] = { "pair-moving", "batch-moving", "churn-moving" };
	unsigned int i;

	if (!bench_icount && num_online_cpus() > 1)
		return pair_row(m) ?: batch_row(m) ?: churn_row(m);
	for (i = 0; i < ARRAY_SIZE(names); i++)
		series_none(names[i], m->pool.size, "needs two CPUs");
	return 0;
}

static int moving(struct moving *m, unsigned int size)
{
	int err;

	m->random = 1;
	m->series = series_open();
	if (!m->series)
		return -ENOMEM;
	err = movable_open(&m->mess, "bench", size, MESS, true);
	m->pool = (struct pool){ .zone = m->mess.zone, .size = size, .sides = BIT(SIDE_KMOBJ) };
	m->job.pool = &m->pool;
	err = err ?: moving_rows(m) ?: hold_row(m);
	movable_thin(&m->mess, 0, &m->random);
	movable_close(&m->mess);
	series_close(m->series);
	return err;
}

int row_moving(unsigned int size)
{
	struct moving *m = kzalloc(sizeof(*m), GFP_KERNEL);
	int err = m ? moving(m, size) : -ENOMEM;

	kfree(m);
	return err;
}
