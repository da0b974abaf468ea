// SPDX-License-Identifier: GPL-2.0
/*
 * Reports of misuse: which zone, what was wrong, what to do. No fast path calls
 * them, and they are rate-limited, so that a broken client does not flood the log.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ratelimit.h>

#include "kernel/trace.h"
#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/lookup.h"
#include "slab/pages.h"
#include "debug/report.h"
#include "debug/track.h"

struct ratelimit_state bad_free_limit =
	RATELIMIT_STATE_INIT(bad_free_limit, KMOBJ_REPORT_INTERVAL, 20);
EXPORT_SYMBOL_FOR_TESTS(bad_free_limit);

static const char *foreign_kind(const void *obj)
{
	if (IS_ERR(obj))
		return "an error pointer: check the result of the call it came from with IS_ERR()";
	if (virt_addr_valid(obj))
		return "not from kmobj: free it with what allocated it";
	if (is_vmalloc_addr(obj))
		return "an address of vmalloc";
	/* last: memory of UML is below TASK_SIZE, too */
	if ((unsigned long)obj < TASK_SIZE)
		return "an address of user space or an offset from NULL";
	return "code, a static variable, or no memory at all";
}

/*
 * Why @obj, which lies in a slab of @zone, was refused: @slab, if in service, or
 * NULL, and then no object of the slab that was refused is live.
 */
static const char *own_kind(struct kmobj_zone *zone, struct kmobj_slab *slab,
			    const void *obj)
{
	u32 idx = index_by_page(zone, obj);

	if (idx < zone->nr_objs && slab && slab_waits(zone, slab, idx))
		return "it waits for RCU: freed twice";
	if (idx < zone->nr_objs)
		return "it is free already: freed twice";
	if (obj < objs_by_page(zone, obj))
		return zone->offslab ? "before the first object of a slab of this zone" :
				       "inside the header of a slab of this zone";
	return "inside an object of this zone: free the pointer that alloc returned";
}

static bool say(struct kmobj_zone *zone, const void *obj, const char *why,
		const char *other)
{
	if (!__ratelimit(&bad_free_limit))
		return false;
	pr_err("%s: free of %p refused: %s%s\n", zone->name, obj, why, other);
	dump_stack();
	return true;
}

/* As say(), with the tracks of the object, if there are any. */
static void say_own(struct kmobj_zone *zone, struct kmobj_slab *slab, void *obj)
{
	if (say(zone, obj, own_kind(zone, slab, obj), "") &&
	    index_by_page(zone, obj) < zone->nr_objs)
		track_print(zone, obj);
}

/* @obj was refused by kmobj_free() or a similar function. With preemption off. */
void report_bad_free(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_slab *slab;
	struct kmobj_zone *owner;

	trace_bad_free(zone->name, obj);
	atomic_long_inc(&zone->bad_frees);
	preempt_disable();	/* keeps owner and slab, see zone_lookup() */
	owner = zone_lookup(obj, &slab);
	if (owner == zone)
		say_own(zone, slab, obj);
	else
		say(zone, obj, owner ? "it belongs to zone " : foreign_kind(obj),
		    owner ? owner->name : "");
	preempt_enable();
}

/*
 * @obj, which lies in a slab of @zone, was refused because the caller passed one of
 * the kernel's caches, of objects of @size bytes. With preemption off.
 */
void report_kernels_cache(struct kmobj_zone *zone, const void *obj, unsigned int size)
{
	trace_bad_free(zone->name, obj);
	atomic_long_inc(&zone->bad_frees);
	if (!__ratelimit(&bad_free_limit))
		return;
	pr_err("%s: free of %p refused: kmem_cache_free() was called with a cache of the kernel's, of objects of %u bytes: free it to the cache it came from\n",
	       zone->name, obj, size);
	dump_stack();
}

void report_double_frees(struct kmobj_zone *zone)
{
	void *obj = xchg(&zone->late_bad_free, NULL);

	if (obj && __ratelimit(&bad_free_limit))
		pr_err("%s: %p was freed twice, by different CPUs (%lu so far)\n",
		       zone->name, obj, atomic_long_read(&zone->late_bad_frees));
}

/* Report the slab that was marked corrupt last, if none has yet: it may have left since. */
void report_corrupt(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab = xchg(&zone->late_corrupt, NULL);

	if (!slab || !__ratelimit(&bad_free_limit))
		return;
	pr_err("%s: the header of a slab, %p, was written over: the slab is out of service until the zone is destroyed; look for writes past an end in this zone or just before that address\n",
	       zone->name, slab);
	dump_stack();
}

/* Bits of zone->reported. */
enum { SAID_GFP, SAID_DYING, SAID_NODE, SAID_BULK, SAID_UNCHARGED };

static bool first_time(struct kmobj_zone *zone, int what)
{
	return !test_and_set_bit(what, &zone->reported);
}

void report_bad_gfp(struct kmobj_zone *zone, gfp_t gfp)
{
	const char *why;

	if (gfp & GFP_REFUSED)
		why = "its pages cannot be chosen by memory zone";
	else if (gfp & __GFP_NOFAIL)
		why = "it has a limit, so __GFP_NOFAIL cannot be promised";
	else
		why = "it has a ctor, whose work __GFP_ZERO would undo";
	if (first_time(zone, SAID_GFP))
		pr_err("%s: allocation with gfp %pGg refused: %s\n", zone->name, &gfp, why);
}

void report_dying(struct kmobj_zone *zone)
{
	if (first_time(zone, SAID_DYING))
		pr_err("%s: allocation refused: kmobj_zone_destroy() was called\n",
		       zone->name);
}

/* An allocation is to be charged, but the zone's slabs never are. */
void report_uncharged(struct kmobj_zone *zone)
{
	const char *why = zone_why_not_charged(zone->flags);

	if (first_time(zone, SAID_UNCHARGED))
		pr_info("%s: __GFP_ACCOUNT has no effect %s: its slabs are charged to nobody\n",
			zone->name, why ?: "after kmem_cache_alloc_lru()");
}

void report_bad_node(struct kmobj_zone *zone, int nid)
{
	if (first_time(zone, SAID_NODE))
		pr_err("%s: allocation refused: there is no node %d\n", zone->name, nid);
}

void report_bad_bulk(struct kmobj_zone *zone, size_t nr)
{
	if (first_time(zone, SAID_BULK))
		pr_err("%s: a bulk of %zu objects refused: is the count negative?\n",
		       zone->name, nr);
}

void report_nmi(struct kmobj_zone *zone)
{
	WARN_ONCE(1, "kmobj: %s: used in NMI\n", zone->name);
}

/* @zone cannot be destroyed: report objects that were passed to the kernel's kfree(). */
void report_given_away(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	unsigned long nr = 0;
	int nid;

	mutex_lock(&zone->maintenance);
	for_each_node(nid) {
		for_each_slab(slab, nid, zone) {
			if (slab_is_corrupt(zone, slab) ||
			    slab_is_sound(zone, slab, READ_ONCE(slab->cookie)))
				nr += slab_given_away(slab);
			cond_resched();
		}
	}
	mutex_unlock(&zone->maintenance);
	if (nr)
		pr_err("%s: %lu of them were given to the kernel's kfree(), which knows no zones and left them alone: free them in the module\n",
		       zone->name, nr);
}
