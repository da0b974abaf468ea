// SPDX-License-Identifier: GPL-2.0
/*
 * How long a CPU is kept from others: how late tasks of the highest priority, one on each
 * CPU, get it when they wake up each 50 us. Where the kernel is not preempted that is how
 * long whoever runs goes without giving way.
 */
#include <linux/cpumask.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

struct pinger {
	struct task_struct *task;
	u64 longest;
};

#define PING_NS		(50 * NSEC_PER_USEC)

static int ping(void *data)
{
	struct pinger *pinger = data;
	ktime_t at;
	u64 late;

	sched_set_fifo(current);
	while (!kthread_should_stop()) {
		at = ktime_add_ns(ktime_get(), PING_NS);
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout(&at, HRTIMER_MODE_ABS);
		late = ktime_to_ns(ktime_sub(ktime_get(), at));
		if (late > READ_ONCE(pinger->longest))
			WRITE_ONCE(pinger->longest, late);
	}
	return 0;
}

void pingers_stop(struct pinger *pingers)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (!IS_ERR_OR_NULL(pingers[cpu].task))
			kthread_stop(pingers[cpu].task);
	}
	vfree(pingers);
}

/* One on each CPU; NULL if there are not all. */
struct pinger *pingers_start(void)
{
	struct pinger *pingers = vcalloc(nr_cpu_ids, sizeof(*pingers));
	int cpu;

	if (!pingers)
		return NULL;
	for_each_online_cpu(cpu) {
		pingers[cpu].task = kthread_create(ping, &pingers[cpu], "kmobj_ping/%d", cpu);
		if (IS_ERR(pingers[cpu].task)) {
			pingers_stop(pingers);
			return NULL;
		}
		kthread_bind(pingers[cpu].task, cpu);
		wake_up_process(pingers[cpu].task);
	}
	return pingers;
}

/* The longest wait on any CPU since the last call of this. */
u64 pingers_longest(struct pinger *pingers)
{
	u64 ns = 0;
	int cpu;

	for_each_online_cpu(cpu) {
		ns = max(ns, READ_ONCE(pingers[cpu].longest));
		WRITE_ONCE(pingers[cpu].longest, 0);
	}
	return ns;
}
