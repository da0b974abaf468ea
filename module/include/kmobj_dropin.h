/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Additions to kmobj.h for a drop-in: a module that implements the interface of
 * another allocator on zones, as kmobj_kmem_cache.ko does. Its callers use names that
 * zones cannot have and do not say which module they are, free objects without naming a
 * zone, and also use caches and lists of the kernel.
 *
 * Modules that create their own zones need only kmobj.h.
 */
#ifndef KMOBJ_DROPIN_H
#define KMOBJ_DROPIN_H

#include <linux/bits.h>
#include <linux/mm.h>
#include <linux/minmax.h>

#include "kmobj.h"

struct module;

/**
 * kmobj_dropin_start() - register a drop-in
 * @module: THIS_MODULE of the drop-in; there is one at a time
 *
 * From now on KMOBJ_TRACK_USER records the callers of that module, not the module.
 *
 * Context: any.
 */
void kmobj_dropin_start(struct module *module);

/**
 * kmobj_dropin_stop() - undo kmobj_dropin_start()
 * @module: the same
 *
 * Context: a task that may sleep (for an RCU grace period).
 */
void kmobj_dropin_stop(struct module *module);

/*
 * The bit to flip in the address of a zone to get one that the kernel never uses, for
 * callers that have other pointers, too. On 64 bits the two highest bits of all the
 * kernel's addresses are equal; on 32 bits its memory is in the upper half of the address
 * space. The report of an oops says what such a pointer in a register is.
 */
#define KMOBJ_DISGUISE		BIT(BITS_PER_LONG == 64 ? 62 : 31)

static inline bool kmobj_is_disguised(unsigned long v)
{
	return BITS_PER_LONG == 64 ? (long)(v ^ (v << 1)) < 0 : (long)v > 0;
}

/* Names with this prefix are reserved for kmobj. */
#define KMOBJ_OWN_NAMES		"kmobj:"

/*
 * The largest alignment of a zone that does not set the order of its slabs: a quarter
 * of the largest slab that kmobj chooses.
 */
#define KMOBJ_MAX_ALIGN							\
	(min(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER, 512UL << 10) / 4)

/**
 * kmobj_zone_create_quietly() - create a zone of no module, for callers that try
 *	several names
 * @name: as for kmobj_zone_create()
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create(), not NULL; KMOBJ_PANIC has no effect
 *
 * Context: a task that may sleep.
 * Return: as kmobj_zone_create(), but -EEXIST is not logged.
 */
struct kmobj_zone *kmobj_zone_create_quietly(const char *name, size_t size,
					     const struct kmobj_zone_args *args)
	__must_check;

#ifdef KMOBJ_TAGGED
#define kmobj_zone_create_quietly(...)	KMOBJ_TAGGED(kmobj_zone_create_quietly(__VA_ARGS__))
#endif

/**
 * kmobj_zone_name_taken() - is there a zone of that name?
 * @name: the name, as it is shown
 *
 * A hint before kmobj_zone_create_quietly(), whose -EEXIST is certain.
 *
 * Context: a task that may sleep.
 * Return: true if a zone that is not dying has the name now.
 */
bool kmobj_zone_name_taken(const char *name);

/**
 * kmobj_zone_size() - bytes of an object
 * @zone: the zone
 *
 * Context: any.
 * Return: bytes of an object as asked for. Costs one load.
 */
unsigned int kmobj_zone_size(const struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_holding() - find the zone that a pointer points into
 * @obj: any pointer
 * @live: if not NULL, set to whether @obj is an object that was not freed; a
 *	snapshot, useful only to the owner of @obj
 *
 * Unlike kmobj_zone_of() it also finds the zone of an address inside an object or a
 * header, so that kmobj_free() can refuse it.
 *
 * Context: any. The result is valid while the caller holds the object, or if
 * preemption is off since before the call.
 * Return: the zone in whose slab @obj lies, or NULL.
 */
struct kmobj_zone *kmobj_zone_holding(const void *obj, bool *live) __must_check;

/**
 * kmobj_refuse_kernels_cache() - check a free to a cache of the kernel
 * @obj: any pointer, about to be freed to such a cache
 * @size: bytes of that cache's objects, for the report
 *
 * If @obj lies in a slab of a zone, this is reported and counted in bad_frees.
 *
 * Context: any.
 * Return: true if it lies in one: then the caller must not free it.
 */
bool kmobj_refuse_kernels_cache(const void *obj, unsigned int size) __must_check;

/**
 * kmobj_refuse_copy() - check a copy between a zone's memory and user space
 * @ptr: any pointer, from which or to which is about to be copied
 * @n: number of bytes
 * @to_user: the copy is one to user space
 *
 * For the check of HARDENED_USERCOPY, which takes a zone's slab for ordinary pages. If
 * @ptr lies in a slab of a zone, all bytes must lie in the region, named by
 * kmobj_zone_args.useroffset and usersize, of one object. Any other copy is reported and
 * counted in bad_copies. It is not checked whether the object is live.
 *
 * Context: any.
 * Return: true if the caller must not copy.
 */
bool kmobj_refuse_copy(const void *ptr, size_t n, bool to_user) __must_check;

/**
 * kmobj_alloc_lru() - allocate an object that will be on a list_lru
 * @zone: the zone
 * @gfp: as for kmobj_alloc()
 *
 * A memcg-aware list_lru uses the list of the cgroup that is charged for the object's
 * page, and that list was not allocated. So from the first call on no slab of @zone
 * is charged, despite KMOBJ_ACCOUNT and __GFP_ACCOUNT, and its objects are on the
 * list of the root cgroup.
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc(); also NULL, with a message in the log, if slabs of the zone
 * may be charged already.
 */
void *kmobj_alloc_lru(struct kmobj_zone *zone, gfp_t gfp)
	__malloc __must_check KMOBJ_NEEDS_ZONE;

#endif /* KMOBJ_DROPIN_H */
