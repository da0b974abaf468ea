// SPDX-License-Identifier: GPL-2.0
/*
 * Copies between an object and user space that cannot pass the end of the object.
 *
 * HARDENED_USERCOPY knows the bounds of an object only in the kernel's own slabs. For
 * an object of kmobj it sees a compound page, so it keeps copy_to_user() within the
 * slab. These functions keep a copy within the object.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ratelimit.h>

#include "slab/lookup.h"
#include "debug/report.h"

struct ratelimit_state bad_copy_limit =
	RATELIMIT_STATE_INIT(bad_copy_limit, KMOBJ_REPORT_INTERVAL, 20);
EXPORT_SYMBOL_FOR_TESTS(bad_copy_limit);

/* Why these bytes must not be copied; NULL if they may be. */
static const char *why_not(struct kmobj_zone *zone, const void *obj, size_t off, size_t n)
{
	const char *why = NULL;
	struct kmobj_slab *slab;
	u32 idx;

	if (off > zone->size || n > zone->size - off)
		return "it reaches past the object";
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

static bool copy_refused(struct kmobj_zone *zone, const void *obj, size_t off,
			 size_t n, const char *where)
{
	const char *why = why_not(zone, obj, off, n);

	if (likely(!why))
		return false;
	atomic_long_inc(&zone->bad_copies);
	if (__ratelimit(&bad_copy_limit)) {
		pr_err("%s: copy %s user space refused, %zu bytes at %zu of %p: %s\n",
		       zone->name, where, n, off, obj, why);
		dump_stack();
	}
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
