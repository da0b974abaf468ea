/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between Linux 6.1 and 7.x.
 */
#ifndef NAMECACHE_COMPAT_H
#define NAMECACHE_COMPAT_H

#include <linux/list_lru.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/version.h>

typedef unsigned long (*compat_shrink_fn)(struct shrinker *shrinker,
					  struct shrink_control *sc);

/* 6.7: a shrinker is the kernel's memory and knows what it shrinks. */
#if KERNEL_VERSION(6, 7, 0) <= LINUX_VERSION_CODE
static inline struct shrinker *
compat_shrinker_start(const char *name, compat_shrink_fn count,
		      compat_shrink_fn scan, void *shrinks)
{
	struct shrinker *shrinker = shrinker_alloc(SHRINKER_NUMA_AWARE, "%s",
						   name);

	if (!shrinker)
		return NULL;
	shrinker->count_objects = count;
	shrinker->scan_objects = scan;
	shrinker->private_data = shrinks;
	shrinker_register(shrinker);
	return shrinker;
}

static inline void *compat_shrinks(struct shrinker *shrinker)
{
	return shrinker->private_data;
}

static inline void compat_shrinker_stop(struct shrinker *shrinker)
{
	shrinker_free(shrinker);
}
#else
struct compat_shrinker {
	struct shrinker shrinker;
	void *shrinks;
};

static inline struct shrinker *
compat_shrinker_start(const char *name, compat_shrink_fn count,
		      compat_shrink_fn scan, void *shrinks)
{
	struct compat_shrinker *cs = kzalloc(sizeof(*cs), GFP_KERNEL);

	if (!cs)
		return NULL;
	cs->shrinker.count_objects = count;
	cs->shrinker.scan_objects = scan;
	cs->shrinker.seeks = DEFAULT_SEEKS;
	cs->shrinker.flags = SHRINKER_NUMA_AWARE;
	cs->shrinks = shrinks;
	if (register_shrinker(&cs->shrinker, "%s", name)) {
		kfree(cs);
		return NULL;
	}
	return &cs->shrinker;
}

static inline void *compat_shrinks(struct shrinker *shrinker)
{
	return container_of(shrinker, struct compat_shrinker, shrinker)->shrinks;
}

static inline void compat_shrinker_stop(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(container_of(shrinker, struct compat_shrinker, shrinker));
}
#endif

/* 6.8: the calls that find the object's node by themselves got a new name. */
#if KERNEL_VERSION(6, 8, 0) > LINUX_VERSION_CODE
#define list_lru_add_obj	list_lru_add
#define list_lru_del_obj	list_lru_del
#endif

/* 6.13: who isolates is no longer given the list's lock. */
#if KERNEL_VERSION(6, 13, 0) > LINUX_VERSION_CODE
#define COMPAT_LOCK_ARG		spinlock_t *lock,
#else
#define COMPAT_LOCK_ARG
#endif

#endif /* NAMECACHE_COMPAT_H */
