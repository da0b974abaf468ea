// SPDX-License-Identifier: GPL-2.0
/*
 * Threads that allocate objects, put them where others find them, and verify
 * and free what they find: twice as many as there are CPUs, free to move.
 */
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "exercise.h"

#define SLOTS		4096
#define THREADS_MAX	32

static struct task_struct *threads[THREADS_MAX];
static struct thing *slots[SLOTS];
static struct kmobj_zone *churned;
static atomic_long_t rounds;

unsigned long churn_rounds(void)
{
	return atomic_long_read(&rounds);
}

static void swap_one(u32 where)
{
	struct thing *thing = NULL;

	/* as often empty a slot as fill one */
	if (where & SLOTS)
		thing = kmobj_alloc(churned, GFP_KERNEL);
	if (thing)
		thing_stamp(thing);
	thing = xchg(&slots[where % SLOTS], thing);
	if (!thing)
		return;
	WARN_ON_ONCE(!thing_is_sound(thing));
	thing->stamp = 0;
	kmobj_free(churned, thing);
}

static int churn(void *unused)
{
	u32 x = get_random_u32() | 1;
	unsigned int i;

	while (!kthread_should_stop()) {
		for (i = 0; i < 256; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			swap_one(x);
		}
		atomic_long_add(256, &rounds);
		cond_resched();
	}
	return 0;
}

/* Everybody stops, and all that lies about is freed. */
void churn_stop(void)
{
	unsigned int i;

	for (i = 0; i < THREADS_MAX; i++) {
		if (threads[i])
			kthread_stop(threads[i]);
		threads[i] = NULL;
	}
	for (i = 0; i < SLOTS; i++) {
		if (slots[i])
			kmobj_free(churned, slots[i]);
		slots[i] = NULL;
	}
}

int churn_start(struct kmobj_zone *zone)
{
	unsigned int i, nr = min(THREADS_MAX, 2 * num_online_cpus());
	struct task_struct *thread;

	churned = zone;
	atomic_long_set(&rounds, 0);
	for (i = 0; i < nr; i++) {
		thread = kthread_run(churn, NULL, "kmobj_churn/%u", i);
		if (IS_ERR(thread)) {
			churn_stop();
			return PTR_ERR(thread);
		}
		threads[i] = thread;
	}
	return 0;
}
