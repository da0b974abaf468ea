/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a drop-in needs of kmobj besides kmobj.h: a module that offers the functions
 * of another allocator on zones, as kmobj_kmem_cache.ko does. Its callers choose
 * names that zones may not have, free objects without saying whose they are, and
 * have caches and lists of the kernel's besides.
 *
 * A module that makes its own zones needs kmobj.h alone.
 */
#ifndef KMOBJ_DROPIN_H
#define KMOBJ_DROPIN_H

#include <linux/mm.h>
#include <linux/minmax.h>

#include "kmobj.h"

struct module;

/**
 * kmobj_dropin_start() - say that calls from a module are made for others
 * @module: THIS_MODULE of the drop-in; there is one at a time
 *
 * KMOBJ_TRACK_USER remembers the callers of that module, then, as it does those of
 * kmobj.
 *
 * Context: any.
 */
void kmobj_dropin_start(struct module *module);

/**
 * kmobj_dropin_stop() - take back kmobj_dropin_start()
 * @module: the same
 *
 * Context: a task that may sleep (for a grace period of RCU).
 */
void kmobj_dropin_stop(struct module *module);

/* No zone of a client has a name that begins so. */
#define KMOBJ_OWN_NAMES		"kmobj:"

/*
 * The coarsest alignment that a zone can have without a word on the order of its
 * slabs: a quarter of the largest slab that it would choose.
 */
#define KMOBJ_MAX_ALIGN							\
	(min(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER, 512UL << 10) / 4)

/**
 * kmobj_zone_create_quietly() - kmobj_zone_create() for who tries several names
 * @name: as for kmobj_zone_create()
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create(), not NULL; KMOBJ_PANIC has no effect
 *
 * Context: a task that may sleep.
 * Return: as kmobj_zone_create(); but the log says nothing of -EEXIST.
 */
struct kmobj_zone *kmobj_zone_create_quietly(const char *name, size_t size,
					     const struct kmobj_zone_args *args)
	__must_check;

/**
 * kmobj_zone_name_taken() - is there a zone of that name?
 * @name: the name
 *
 * For a look before kmobj_zone_create_quietly(), which says it for certain.
 *
 * Context: a task that may sleep.
 * Return: true if there is one now, other than a dying one.
 */
bool kmobj_zone_name_taken(const char *name);

/**
 * kmobj_zone_size() - bytes of an object
 * @zone: the zone
 *
 * Context: any.
 * Return: bytes of an object as asked for, at the price of one load.
 */
unsigned int kmobj_zone_size(const struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_holding() - find the zone that a pointer points into
 * @obj: any pointer
 * @live: if not NULL: is set to true if @obj is an object that was not freed, else
 *	to false; a snapshot, for the owner of @obj to ask for
 *
 * Unlike that of kmobj_zone_of(), the answer is a zone for an address within an
 * object or a header, too: who was asked to free it lets kmobj_free() refuse it.
 *
 * Context: any. The answer holds as long as the caller keeps the object, or has had
 * preemption off since before the call.
 * Return: the zone in whose slab @obj lies; or NULL.
 */
struct kmobj_zone *kmobj_zone_holding(const void *obj, bool *live) __must_check;

/**
 * kmobj_refuse_kernels_cache() - refuse a free to a cache of the kernel's
 * @obj: any pointer, which is to be freed to such a cache
 * @size: bytes of that cache's objects, for the report
 *
 * If @obj lies in a slab of any zone, that is reported and counted in bad_frees.
 *
 * Context: any.
 * Return: true if it does: then the caller does not free it.
 */
bool kmobj_refuse_kernels_cache(const void *obj, unsigned int size) __must_check;

/**
 * kmobj_alloc_lru() - allocate an object that will be on a list_lru
 * @zone: the zone
 * @gfp: as for kmobj_alloc()
 *
 * A list_lru with a list for each memory cgroup takes the list of the one that is
 * charged for the object's page, and nobody has made that. So from the first such
 * call on, no slab of @zone is ever charged, whatever KMOBJ_ACCOUNT or
 * __GFP_ACCOUNT say, and all its objects are on the list of all.
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc(); also NULL, and the log says so, from a zone that has
 * charged somebody before.
 */
void *kmobj_alloc_lru(struct kmobj_zone *zone, gfp_t gfp)
	__malloc __must_check KMOBJ_NEEDS_ZONE;

#endif /* KMOBJ_DROPIN_H */
