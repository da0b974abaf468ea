// SPDX-License-Identifier: GPL-2.0
/*
 * Threads on CPUs of their own, from the last online CPU down, that work in
 * step. Where there is no kernel preemption a waiting thread has to let others
 * run, so every wait does.
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* How many more repetitions to do, and when they have taken enough time. */
#define REPS_MORE	6
#define ENOUGH_NS	(700 * NSEC_PER_MSEC)

struct member {
	struct gang *gang;
	unsigned int me;
	gang_fn *fn;
	struct completion done;
};

/* Until all have come here. */
void gang_wait(struct gang *gang)
{
	unsigned int phase = READ_ONCE(gang->phase);

	if (atomic_inc_return(&gang->arrived) == gang->nr) {
		atomic_set(&gang->arrived, 0);
		/* pairs with the acquire below: what was done before is seen */
		smp_store_release(&gang->phase, phase + 1);
		return;
	}
	/* pairs with the release above */
	while (smp_load_acquire(&gang->phase) == phase) {
		cpu_relax();
		cond_resched();
	}
}

/*
 * Should there be a repetition @rep? Above bench_reps, where the minimum of
 * more of them is less of an accident, only while there is time. The answer is
 * the same for all, who come here together.
 */
bool gang_more(struct gang *gang, unsigned int me, unsigned int rep)
{
	u64 now = ktime_get_ns();

	if (!me) {
		if (!rep)
			gang->start = now;
		gang->stop = rep > bench_reps &&
			     (rep > REPS_MORE * bench_reps ||
			      now - gang->start > ENOUGH_NS);
	}
	gang_wait(gang);
	return !gang->stop;
}

/* File the mean of the threads' times, each for @ops operations. */
void gang_add(const struct gang *gang, struct series *series, enum side side,
	      u64 ops)
{
	unsigned int i;
	u64 sum = 0;

	for (i = 0; i < gang->nr; i++) {
		if (gang->ns[i] == LOOP_FAILED)
			return;
		sum += gang->ns[i];
	}
	series_add(series, side, sum, ops * gang->nr);
}

static int member_thread(void *data)
{
	struct member *member = data;

	member->fn(member->gang, member->me);
	/* nothing of the module after that: it may be gone */
	kthread_complete_and_exit(&member->done, 0);
}

/* The CPU of the thread @me. */
static int cpu_of(unsigned int me)
{
	unsigned int left = num_online_cpus() - 1 - me;
	int cpu;

	for_each_online_cpu(cpu) {
		if (!left--)
			break;
	}
	return cpu;
}

static struct task_struct *member_start(struct member *member)
{
	struct task_struct *task;

	init_completion(&member->done);
	task = kthread_create(member_thread, member, "kmobj_bench/%u",
			      member->me);
	if (!IS_ERR(task))
		kthread_bind(task, cpu_of(member->me));
	return task;
}

static int gang_start(struct gang *gang, struct member *members, gang_fn *fn)
{
	struct task_struct **tasks;
	unsigned int i;
	int err = 0;

	tasks = vcalloc(gang->nr, sizeof(*tasks));
	if (!tasks)
		return -ENOMEM;
	for (i = 0; i < gang->nr; i++) {
		members[i] = (struct member){ .gang = gang, .me = i, .fn = fn };
		tasks[i] = member_start(&members[i]);
		if (IS_ERR(tasks[i])) {
			err = PTR_ERR(tasks[i]);
			break;
		}
	}
	/* All or none, or those who wait would wait for ever. */
	while (i--) {
		if (err)
			kthread_stop(tasks[i]);
		else
			wake_up_process(tasks[i]);
	}
	vfree(tasks);
	return err;
}

/* Run @fn in @nr threads, and wait for them. */
int gang_run(unsigned int nr, gang_fn *fn, void *arg)
{
	struct gang gang = { .nr = nr, .arg = arg };
	struct member *members = vcalloc(nr, sizeof(*members));
	unsigned int i;
	int err = -ENOMEM;

	gang.ns = vcalloc(nr, sizeof(*gang.ns));
	if (members && gang.ns)
		err = gang_start(&gang, members, fn);
	for (i = 0; !err && i < nr; i++) {
		/* a wait without end would be reported as a hung task */
		while (!wait_for_completion_timeout(&members[i].done, 10 * HZ))
			;
	}
	vfree(gang.ns);
	vfree(members);
	return err;
}
