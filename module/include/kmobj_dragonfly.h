/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The interface of DragonFly's kmalloc_obj() on zones, to port code written for
 * it: README.md in this folder says what each call and flag does.
 *
 *	MALLOC_DEFINE_OBJ(M_FOO, sizeof(struct foo), "foo", "foos");
 *
 *	foo = kmalloc_obj(sizeof(*foo), M_FOO, M_WAITOK | M_ZERO);
 *	...
 *	kfree_obj(foo, M_FOO);
 *
 * Modules have no SYSINIT: call malloc_init(M_FOO) in the module's init, and
 * malloc_uninit(M_FOO) in its exit. The type has a zone only in between.
 *
 * <linux/slab.h> has a macro kmalloc_obj() since Linux 7.0, with other
 * arguments: it is undefined here, so a file can use only one of them.
 */
#ifndef KMOBJ_DRAGONFLY_H
#define KMOBJ_DRAGONFLY_H

#include <linux/mm.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "kmobj.h"

#undef kmalloc_obj

/**
 * struct malloc_type - objects of one type and size
 * @zone: their zone; NULL before malloc_init()
 * @size: bytes of an object
 * @descr: the zone's name
 * @longdescr: a description, for debugging
 * @dying: destroyed with live objects: allocations fail
 */
struct malloc_type {
	struct kmobj_zone *zone;
	size_t size;
	const char *descr;
	const char *longdescr;
	bool dying;
};

/* Flags of kmalloc_obj(): one of the first two, or-ed with any of the others. */
#define M_RNOWAIT		0x0001	/* never sleep; NULL if no memory */
#define M_WAITOK		0x0002	/* sleep until there is memory */
#define M_ZERO			0x0100	/* zeroed */
#define M_USE_RESERVE		0x0200	/* may use emergency reserves */
#define M_NULLOK		0x0400	/* at the limit NULL, not a panic */
#define M_PASSIVE_ZERO		0x0800	/* no effect */
#define M_USE_INTERRUPT_RESERVE	0x1000	/* as M_USE_RESERVE */
#define M_POWEROF2		0x2000	/* no effect: the type sets the size */
#define M_CACHEALIGN		0x4000	/* no effect */

#define M_NOWAIT	(M_RNOWAIT | M_USE_RESERVE)
#define M_INTWAIT	(M_WAITOK | M_USE_RESERVE | M_USE_INTERRUPT_RESERVE)
#define M_SYSWAIT	M_INTWAIT
#define M_INTNOWAIT	(M_RNOWAIT | M_USE_RESERVE | M_USE_INTERRUPT_RESERVE)
#define M_SYSNOWAIT	M_INTNOWAIT

#define MALLOC_DECLARE(type)						\
	extern struct malloc_type type[1]

#define MALLOC_DEFINE_OBJ(type, objsize, shortdesc, longdesc)		\
	struct malloc_type type[1] = { {				\
		.size = (objsize),					\
		.descr = (shortdesc),					\
		.longdescr = (longdesc),				\
	} }

/* A tenth of memory, the default on DragonFly. */
static inline unsigned long malloc_default_limit(void)
{
	return totalram_pages() / 10 * PAGE_SIZE;
}

/**
 * malloc_init() - create the zone of a type
 * @type: from MALLOC_DEFINE_OBJ()
 *
 * Context: a task that may sleep.
 * Return: 0, or the error of kmobj_zone_create().
 */
static inline int malloc_init(struct malloc_type *type)
{
	const struct kmobj_zone_args args = {
		.limit = malloc_default_limit(),
	};
	struct kmobj_zone *zone;

	zone = kmobj_zone_create(type->descr, type->size, &args);
	if (IS_ERR(zone))
		return PTR_ERR(zone);
	type->zone = zone;
	return 0;
}

/**
 * malloc_uninit() - destroy the zone of a type
 * @type: from MALLOC_DEFINE_OBJ(); ignored if it has no zone
 *
 * With objects live the zone stays, and the log says so.
 *
 * Context: a task that may sleep.
 */
static inline void malloc_uninit(struct malloc_type *type)
{
	type->dying = kmobj_zone_destroy(type->zone);
	if (!type->dying)
		type->zone = NULL;
}

/**
 * kmalloc_create_obj() - create a type and its zone
 * @typep: set to the type, or to NULL on failure
 * @descr: the zone's name; must live as long as the type
 * @objsize: bytes of an object
 *
 * Context: a task that may sleep.
 */
static inline void kmalloc_create_obj(struct malloc_type **typep,
				      const char *descr, size_t objsize)
{
	struct malloc_type *type = kzalloc(sizeof(**typep), GFP_KERNEL);

	*typep = NULL;
	if (!type)
		return;
	type->size = objsize;
	type->descr = descr;
	if (malloc_init(type))
		kfree(type);
	else
		*typep = type;
}

/**
 * kmalloc_destroy_obj() - destroy a type and its zone
 * @typep: set by kmalloc_create_obj(); *@typep may be NULL
 *
 * With objects live the type stays, and the log says so.
 *
 * Context: a task that may sleep.
 */
static inline void kmalloc_destroy_obj(struct malloc_type **typep)
{
	struct malloc_type *type = *typep;

	if (!type)
		return;
	malloc_uninit(type);
	if (type->dying)
		return;
	kfree(type);
	*typep = NULL;
}

/**
 * kmalloc_raise_limit() - raise the limit of a type
 * @type: the type
 * @bytes: of slabs; no effect unless above the present limit
 *
 * Context: any.
 */
static inline void kmalloc_raise_limit(struct malloc_type *type, size_t bytes)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(type->zone, &stats);
	if (stats.limit != KMOBJ_UNLIMITED && bytes > stats.limit)
		kmobj_zone_set_limit(type->zone, bytes);
}

/**
 * kmalloc_set_unlimited() - remove the limit of a type
 * @type: the type
 *
 * Context: any.
 */
static inline void kmalloc_set_unlimited(struct malloc_type *type)
{
	kmobj_zone_set_limit(type->zone, KMOBJ_UNLIMITED);
}

/* Would one more slab exceed the limit of @type? */
static inline bool malloc_at_limit(struct malloc_type *type)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(type->zone, &stats);
	return stats.limit != KMOBJ_UNLIMITED &&
	       (stats.slabs + 1) * stats.slab_bytes > stats.limit;
}

/*
 * M_WAITOK: wait while memory is short. At the limit waiting does not help; but as
 * CPUs may own free objects, shrink the zone and try again.
 */
static inline void *malloc_patiently(struct malloc_type *type, gfp_t gfp,
				     int flags)
{
	void *obj;

	while (!(obj = kmobj_alloc(type->zone, gfp))) {
		if (!malloc_at_limit(type)) {
			memalloc_retry_wait(gfp);
			continue;
		}
		kmobj_zone_shrink(type->zone);
		obj = kmobj_alloc(type->zone, gfp);
		if (obj || (flags & M_NULLOK))
			break;
		panic("%s: malloc limit exceeded\n", type->descr);
	}
	return obj;
}

/**
 * kmalloc_obj() - allocate an object
 * @size: bytes of the object, as the type was created with
 * @type: the type
 * @flags: M_WAITOK, M_RNOWAIT or M_NOWAIT; or-ed with M_ZERO, M_NULLOK
 *
 * Context: a task that may sleep for M_WAITOK, else as kmobj_alloc().
 * Return: the object; or NULL: another size; no memory without M_WAITOK; the limit
 * is reached with M_NULLOK or without M_WAITOK. With M_WAITOK and without M_NULLOK
 * the limit is a panic, as on DragonFly.
 */
static inline void * __must_check kmalloc_obj(size_t size,
					      struct malloc_type *type,
					      int flags)
{
	gfp_t gfp = flags & M_WAITOK ? GFP_KERNEL : GFP_NOWAIT;

	if (unlikely(size != type->size)) {
		pr_err_once("%s: its objects have %zu bytes, not %zu\n",
			    type->descr, type->size, size);
		return NULL;
	}
	if (flags & (M_USE_RESERVE | M_USE_INTERRUPT_RESERVE))
		gfp |= __GFP_HIGH;
	if (flags & M_ZERO)
		gfp |= __GFP_ZERO;
	if ((flags & M_WAITOK) && !type->dying)
		return malloc_patiently(type, gfp, flags);
	return kmobj_alloc(type->zone, gfp);
}

/**
 * kfree_obj() - free an object
 * @obj: the object; NULL is ignored
 * @type: its type
 *
 * Context: any.
 */
static inline void kfree_obj(void *obj, struct malloc_type *type)
{
	kmobj_free(type->zone, obj);
}

#endif /* KMOBJ_DRAGONFLY_H */
