/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For memory.sh: what kmobjfs uses of kmobj.h, on the kernel's own allocator. A
 * zone is a cache of its own, which the kernel may merge with others of its
 * size, as it does by default. There are no limits, and nothing moves: a ctor that is
 * there for that would keep a cache from being merged.
 */
#ifndef KMOBJ_H
#define KMOBJ_H

#include <linux/err.h>
#include <linux/slab.h>

#define KMOBJ_NAME_MAX		63
#define KMOBJ_UNLIMITED		0UL
#define KMOBJ_HWCACHE_ALIGN	SLAB_HWCACHE_ALIGN

/* Stands for a struct kmem_cache. */
struct kmobj_zone;

enum kmobj_move { KMOBJ_MOVED, KMOBJ_BUSY, KMOBJ_PINNED };

struct kmobj_zone_args {
	unsigned int align;
	slab_flags_t flags;
	void (*ctor)(void *obj);
	enum kmobj_move (*move)(struct kmobj_zone *zone, void *from, void *to);
};

struct kmobj_zone_stats {
	unsigned int objs_per_slab, slab_bytes;
	unsigned long allocs, frees, slabs, limit;
};

static inline struct kmobj_zone *
kmobj_zone_create(const char *name, size_t size,
		  const struct kmobj_zone_args *args)
{
	char label[KMOBJ_NAME_MAX + sizeof(KBUILD_MODNAME ":")];
	void *cache;

	snprintf(label, sizeof(label), KBUILD_MODNAME ":%s", name);
	cache = kmem_cache_create(label, size, args->align, args->flags,
				  args->move ? NULL : args->ctor);
	return cache ?: ERR_PTR(-ENOMEM);
}

static inline int kmobj_zone_destroy(struct kmobj_zone *zone)
{
	kmem_cache_destroy((void *)zone);
	return 0;
}

static inline void *kmobj_alloc(struct kmobj_zone *zone, gfp_t gfp)
{
	return kmem_cache_alloc((void *)zone, gfp);
}

static inline void kmobj_free(struct kmobj_zone *zone, void *obj)
{
	kmem_cache_free((void *)zone, obj);
}

static inline void kmobj_zone_shrink(struct kmobj_zone *zone)
{
	kmem_cache_shrink((void *)zone);
}

static inline int kmobj_zone_set_limit(struct kmobj_zone *zone,
				       unsigned long bytes)
{
	return 0;
}

static inline void kmobj_zone_stats(struct kmobj_zone *zone,
				    struct kmobj_zone_stats *stats)
{
	*stats = (struct kmobj_zone_stats) {
		.objs_per_slab = 1,
		.slab_bytes = 1,
	};
}

static inline const char *kmobj_zone_name(const struct kmobj_zone *zone)
{
	return "kmem_cache";
}

#define KMOBJ_DEFINE_TYPED(name, type)					\
static inline type *name##_alloc(struct kmobj_zone *zone, gfp_t gfp)	\
{									\
	return kmobj_alloc(zone, gfp);					\
}									\
									\
static inline void name##_free(struct kmobj_zone *zone, type *obj)	\
{									\
	kmobj_free(zone, obj);						\
}

#endif /* KMOBJ_H */
