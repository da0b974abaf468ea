/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The loops of rows kfree and kfree-rcu, compiled twice: in kfree.c as they stand,
 * for the peer, and in kfree_moved.c as in a module that moved to the drop-in.
 */
#ifndef KMOBJ_BENCH_KFREE_H
#define KMOBJ_BENCH_KFREE_H

#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "bench.h"

struct kfree_obj {
	unsigned long value;
	struct rcu_head rcu;
};

/* Uses steps. */
static noinline u64 kfree_loop(struct job *job)
{
	unsigned int i = job->steps, size = job->pool->size;
	u64 start = ktime_get_ns();
	void *obj;

	while (i--) {
		obj = kmalloc(size, GFP_KERNEL);
		if (unlikely(!obj))
			return LOOP_FAILED;
		touch(obj, i);
		kfree(obj);
	}
	return ktime_get_ns() - start;
}

/* Uses objs and nr; the time of the frees alone. */
static noinline u64 kfree_rcu_loop(struct job *job)
{
	unsigned int i, size = job->pool->size;
	struct kfree_obj *obj;
	bool all;
	u64 start;

	for (i = 0; i < job->nr; i++) {
		job->objs[i] = kmalloc(size, GFP_KERNEL);
		if (unlikely(!job->objs[i]))
			break;
		touch(job->objs[i], i);
	}
	all = i == job->nr;
	start = ktime_get_ns();
	while (i--) {
		obj = job->objs[i];
		kfree_rcu(obj, rcu);
	}
	return all ? ktime_get_ns() - start : LOOP_FAILED;
}

extern loop_t *const kfree_moved, *const kfree_rcu_moved;

#endif /* KMOBJ_BENCH_KFREE_H */
