// SPDX-License-Identifier: GPL-2.0
/*
 * Copies between an object and user space that keep to what users may see of it: the
 * whole object, or the region that the zone's creator named.
 *
 * HARDENED_USERCOPY knows the bounds of an object only in the kernel's own slabs. For
 * an object of kmobj it sees a compound page, so it keeps copy_to_user() within the
 * slab. These functions keep a copy within the region.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ratelimit.h>

#include "include/kmobj_dropin.h"
#include "slab/lookup.h"
#include "debug/report.h"

struct ratelimit_state bad_copy_limit =
	RATELIMIT_STATE_INIT(bad_copy_limit, KMOBJ_REPORT_INTERVAL, 20);
EXPORT_SYMBOL_FOR_TESTS(bad_copy_limit);

/* Why these bytes of an object must not be copied; NULL if they may be. */
static const char *why_not_bytes(const struct kmobj_zone *zone, size_t off, size_t n)
{
	if (off > zone->size || n > zone->size - off)
		return "it reaches past the object";
	off -= zone->useroffset;
	if (off > zone->usersize || n > zone->usersize - off)
		return "users may not see these bytes";
	return NULL;
}

static const char *why_not(struct kmobj_zone *zone, const void *obj, size_t off, size_t n)
{
	const char *why = why_not_bytes(zone, off, n);
	struct kmobj_slab *slab;
	u32 idx;

	if (why)
		return why;
	preempt_disable();	/* keeps the slab, if there is one */
	if (!slab_lookup(zone, obj, &slab, &idx))
		why = "not an object of this zone";
	else if (idx >= zone->nr_objs)
		why = "not the beginning of an object";
	else if (slab_is_free(zone, slab, idx))
		why = "the object is free";
	preempt_enable();
	return why;
}

static void refuse(struct kmobj_zone *zone, const void *obj, size_t off, size_t n,
		   const char *where, const char *why)
{
	atomic_long_inc(&zone->bad_copies);
	if (__ratelimit(&bad_copy_limit)) {
		pr_err("%s: copy %s user space refused, %zu bytes at %zu of %p: %s\n",
		       zone->name, where, n, off, obj, why);
		dump_stack();
	}
}

static bool copy_refused(struct kmobj_zone *zone, const void *obj, size_t off,
			 size_t n, const char *where)
{
	const char *why = why_not(zone, obj, off, n);

	if (likely(!why))
		return false;
	refuse(zone, obj, off, n, where, why);
	return true;
}

unsigned long kmobj_copy_to_user(struct kmobj_zone *zone, const void *obj,
				 size_t off, void __user *to, size_t n)
{
	if (unlikely(copy_refused(zone, obj, off, n, "to")))
		return n;
	return copy_to_user(to, obj + off, n);
}
EXPORT_SYMBOL_GPL(kmobj_copy_to_user);

unsigned long kmobj_copy_from_user(struct kmobj_zone *zone, void *obj,
				   size_t off, const void __user *from, size_t n)
{
	if (unlikely(copy_refused(zone, obj, off, n, "from")))
		return n;
	return copy_from_user(obj + off, from, n);
}
EXPORT_SYMBOL_GPL(kmobj_copy_from_user);

/* As copy_refused(), for an address anywhere in a slab of @zone. */
static bool copy_held_refused(struct kmobj_zone *zone, const void *ptr, size_t n,
			      const char *where)
{
	const void *objs = objs_by_page(zone, ptr);
	const char *why = "not in an object";
	size_t off = 0;

	ptr = kasan_reset_tag(ptr);
	if (ptr >= objs) {
		off = (ptr - objs) % zone->stride;
		if (index_by_page(zone, ptr - off) < zone->nr_objs)
			why = why_not_bytes(zone, off, n);
	}
	if (likely(!why))
		return false;
	refuse(zone, ptr - off, off, n, where, why);
	return true;
}

bool kmobj_refuse_copy(const void *ptr, size_t n, bool to_user)
{
	struct kmobj_zone *zone = NULL;
	struct kmobj_slab *slab;
	bool refused = false;

	preempt_disable();	/* keeps the zone */
	if (n && !ZERO_OR_NULL_PTR(ptr))
		zone = zone_lookup(ptr, &slab);
	if (zone)
		refused = copy_held_refused(zone, ptr, n, to_user ? "to" : "from");
	preempt_enable();
	return refused;
}
EXPORT_SYMBOL_GPL(kmobj_refuse_copy);
