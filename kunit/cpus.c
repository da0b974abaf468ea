// SPDX-License-Identifier: GPL-2.0
/*
 * The CPU a case runs on, and work for the others.
 */
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/kthread.h>
#include <linux/workqueue.h>

#include "kmobj_kunit.h"

struct worker {
	void (*fn)(void *arg);
	void *arg;
	struct completion done;
};

/* Stay on @cpu until the case ends, as each case has its own thread. */
int pin_to(struct kunit *test, int cpu)
{
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(cpu)),
			0);
	KUNIT_ASSERT_EQ(test, raw_smp_processor_id(), cpu);
	return cpu;
}

/* Stay on this CPU, whichever it is. */
int pin_here(struct kunit *test)
{
	return pin_to(test, raw_smp_processor_id());
}

/* Of all that are online CPUS_AT_WORK at most, from the first to the last. */
const struct cpumask *cpus_at_work(void)
{
	static struct cpumask at_work;
	unsigned int nr = 0, each = DIV_ROUND_UP(num_online_cpus(), CPUS_AT_WORK);
	int cpu;

	cpumask_clear(&at_work);
	for_each_online_cpu(cpu) {
		if (nr++ % each == 0)
			cpumask_set_cpu(cpu, &at_work);
	}
	return &at_work;
}

/*
 * An online CPU of this node that is not this one. Skips if there is none: so a
 * case asks before it has an object, or a zone that nobody destroys for it.
 */
int other_cpu(struct kunit *test)
{
	int cpu, here = raw_smp_processor_id();

	for_each_online_cpu(cpu) {
		if (cpu != here && cpu_to_mem(cpu) == cpu_to_mem(here))
			return cpu;
	}
	kunit_skip(test, "needs two CPUs on a node");
	return -1;
}

static int work(void *data)
{
	struct worker *worker = data;

	worker->fn(worker->arg);
	kthread_complete_and_exit(&worker->done, 0);
}

/* Run @fn on @cpu beside the case, which must join it before it ends. */
struct worker *worker_start(struct kunit *test, int cpu, void (*fn)(void *arg),
			    void *arg)
{
	struct worker *worker;
	struct task_struct *task;

	worker = kunit_kzalloc(test, sizeof(*worker), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, worker);
	worker->fn = fn;
	worker->arg = arg;
	init_completion(&worker->done);
	task = kthread_create(work, worker, "kmobj_kunit/%d", cpu);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	return worker;
}

void worker_join(struct kunit *test, struct worker *worker)
{
	wait_for_completion(&worker->done);
	kunit_kfree(test, worker);
}

/* Run @fn on @cpu and wait for it. */
void on_cpu(struct kunit *test, int cpu, void (*fn)(void *arg), void *arg)
{
	worker_join(test, worker_start(test, cpu, fn, arg));
}

struct visit {
	struct kmobj_zone *zone;
	void **objs;
	size_t nr;
	size_t got;
};

static void visit_alloc(void *data)
{
	struct visit *visit = data;
	void *obj;

	while (visit->got < visit->nr) {
		obj = kmobj_alloc(visit->zone, GFP_KERNEL);
		if (!obj)
			break;
		visit->objs[visit->got++] = obj;
	}
}

static void visit_free(void *data)
{
	struct visit *visit = data;

	objs_free(visit->zone, visit->objs, visit->nr);
}

/* The case ends if there are not so many. */
void alloc_on_cpu(struct kunit *test, int cpu, struct kmobj_zone *zone,
		  void **objs, size_t nr)
{
	struct visit visit = { zone, objs, nr };

	on_cpu(test, cpu, visit_alloc, &visit);
	KUNIT_ASSERT_EQ(test, visit.got, nr);
}

void free_on_cpu(struct kunit *test, int cpu, struct kmobj_zone *zone,
		 void **objs, size_t nr)
{
	struct visit visit = { zone, objs, nr };

	on_cpu(test, cpu, visit_free, &visit);
}

static bool reader_may_enter, reader_is_in, reader_may_leave;

/*
 * A reader that keeps every grace period from ending; for 15 seconds at most, before
 * the kernel calls that a stall.
 */
static void read_on(void *unused)
{
	unsigned long end;

	while (!READ_ONCE(reader_may_enter))
		schedule_timeout_uninterruptible(1);
	end = jiffies + 15 * HZ;
	rcu_read_lock();
	WRITE_ONCE(reader_is_in, true);
	while (!READ_ONCE(reader_may_leave) && time_before(jiffies, end))
		cpu_relax();
	rcu_read_unlock();
}

/* A reader that waits for reader_enter(), and is stopped after that. */
struct worker *reader_make(struct kunit *test, int cpu)
{
	reader_may_enter = false;
	reader_is_in = false;
	reader_may_leave = false;
	return worker_start(test, cpu, read_on, NULL);
}

/* When it returns, no grace period ends before reader_stop(). */
void reader_enter(void)
{
	WRITE_ONCE(reader_may_enter, true);
	while (!READ_ONCE(reader_is_in))
		schedule_timeout_uninterruptible(1);
}

struct worker *reader_start(struct kunit *test, int cpu)
{
	struct worker *worker = reader_make(test, cpu);

	reader_enter();
	return worker;
}

void reader_stop(struct kunit *test, struct worker *worker)
{
	WRITE_ONCE(reader_may_leave, true);
	worker_join(test, worker);
}

/*
 * Whoever asked for a grace period before finds it over: also where
 * synchronize_rcu() takes a shorter way than who polls.
 */
void grace_period_wait(void)
{
	unsigned long gp = start_poll_synchronize_rcu();

	while (!poll_state_synchronize_rcu(gp))
		schedule_timeout_uninterruptible(1);
}
