/* SPDX-License-Identifier: GPL-2.0 */
/* What kmobj_exercise.ko needs to build on older and newer kernels. */
#ifndef KMOBJ_EXERCISE_COMPAT_H
#define KMOBJ_EXERCISE_COMPAT_H

#include <linux/list_lru.h>
#include <linux/version.h>

/* The calls that ask the object's page for its node and cgroup: since 6.8. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0)
#define exercise_lru_add(lru, item)	list_lru_add_obj(lru, item)
#define exercise_lru_del(lru, item)	list_lru_del_obj(lru, item)
#else
#define exercise_lru_add(lru, item)	list_lru_add(lru, item)
#define exercise_lru_del(lru, item)	list_lru_del(lru, item)
#endif

/* A list that is told apart by cgroup; its shrinker is none. */
static inline int exercise_lru_init(struct list_lru *lru)
{
	static struct shrinker shrinker = {
#ifdef CONFIG_MEMCG
		.id = -1,
#endif
	};

	return list_lru_init_memcg(lru, &shrinker);
}

#endif /* KMOBJ_EXERCISE_COMPAT_H */
