/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions and configurations that the
 * benchmark knows of.
 */
#ifndef KMOBJ_BENCH_COMPAT_H
#define KMOBJ_BENCH_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/mmzone.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/version.h>

/*
 * A cache that shares its slabs with no other. Before SLAB_NO_MERGE, since
 * 6.5, a region that may be copied to user space does it: nothing looks at
 * that but copy_to_user().
 */
static inline struct kmem_cache *bench_unmerged_cache(const char *name,
						      unsigned int size)
{
#ifdef SLAB_NO_MERGE
	return kmem_cache_create(name, size, 0, SLAB_NO_MERGE, NULL);
#else
	return kmem_cache_create_usercopy(name, size, 0, 0, 0, size, NULL);
#endif
}

/* The number of objects until 7.0, then whether there are all. */
static __always_inline bool bench_cache_alloc_bulk(struct kmem_cache *cache,
						   size_t nr, void **objs)
{
	return kmem_cache_alloc_bulk(cache, GFP_KERNEL, nr, objs);
}

/* What @cpu has not yet added to what @zone counts. */
#ifdef CONFIG_SMP
static inline long bench_zone_diff(struct zone *zone, int cpu,
				   enum zone_stat_item item)
{
	return per_cpu_ptr(zone->per_cpu_zonestats, cpu)->vm_stat_diff[item];
}
#else
static inline long bench_zone_diff(struct zone *zone, int cpu,
				   enum zone_stat_item item)
{
	return 0;
}
#endif

/* kmem_cache_destroy() waits for what kfree_rcu() was given since 6.12. */
#define BENCH_CAN_KFREE_RCU	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0))

/* The pool of objects of lib/objpool.c, since 6.7. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#include <linux/objpool.h>
#define BENCH_HAS_OBJPOOL	1
#else
#define BENCH_HAS_OBJPOOL	0
struct objpool_head {
	int nr_objs;
};

static inline int objpool_init(struct objpool_head *pool, int nr, int size,
			       gfp_t gfp, void *context, void *init,
			       void *release)
{
	return -EOPNOTSUPP;
}

static inline void *objpool_pop(struct objpool_head *pool)
{
	return NULL;
}

static inline int objpool_push(void *obj, struct objpool_head *pool)
{
	return 0;
}

static inline void objpool_free(struct objpool_head *pool)
{
}
#endif

/* hrtimer_init() and setting .function became one call in 6.13. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

#endif /* KMOBJ_BENCH_COMPAT_H */
