// SPDX-License-Identifier: GPL-2.0
/*
 * Allocate one object: the fast path, then what it falls back to, in that order.
 *
 * Fast means: the object comes from one of the two slabs that this CPU owns in
 * the zone. That takes no lock, does no atomic operation, does not divide or
 * touch the interrupt flag, and updates one counter.
 *
 *	kmobj_alloc		pops the active slab
 *	alloc_alternate		swaps the two, and pops the other
 *	alloc_slow		checks that the allocation may be tried at all
 *	alloc_watched		an object of a watched slab, if one was kept back for long
 *				enough (debug/watch.c)
 *	alloc_held		cpu_refill(): the CPU's other slabs, then the depot
 *	alloc_nested		one object from the depot, where no CPU may own the slab:
 *				small ones, and those made of pages from below the
 *				watermarks, if the caller may use those
 *	alloc_made		a slab made outside the section, from the CPU's
 *				free-slab cache or the page allocator
 *
 * For interrupts in a section see section.h. In a debug zone no CPU owns a slab, so
 * every allocation ends up in alloc_try(), which checks for that.
 */
#include <linux/oom.h>
#include <linux/sched/mm.h>
#include <linux/topology.h>

#include "slab/depot.h"
#include "slab/lookup.h"
#include "debug/debug.h"
#include "debug/kasan_report.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "core/alloc.h"
#include "core/birth.h"
#include "core/section.h"

static bool gfp_refused(struct kmobj_zone *zone, gfp_t gfp);
static noinline void *alloc_finish(struct kmobj_zone *zone, gfp_t gfp, void *obj);
static void *alloc_alternate(struct kmobj_zone *zone, gfp_t gfp, struct kmobj_cpu *c);
static void *alloc_slow_finish(struct kmobj_zone *zone, gfp_t gfp);
static void *alloc_try(struct kmobj_zone *zone, gfp_t gfp);
static void *alloc_watched(struct kmobj_zone *zone, int nid);
static void *alloc_held(struct kmobj_zone *zone);
static void *alloc_nested(struct kmobj_zone *zone, int nid, unsigned int bins);
static void *alloc_apart(struct kmobj_zone *zone, gfp_t gfp);
static void *alloc_kept(struct kmobj_zone *zone, gfp_t gfp);
static unsigned int bins_for(gfp_t gfp);
static void *alloc_made(struct kmobj_zone *zone, struct kmobj_slab *made);
static void *alloc_kept_back(struct kmobj_zone *zone, int nid);
static void *alloc_from_depot(struct kmobj_zone *zone, gfp_t gfp, int nid);

void *kmobj_alloc(struct kmobj_zone *zone, gfp_t gfp)
{
	struct kmobj_cpu *c;
	void *obj;

	check_context(gfp);
	if (KMOBJ_SANITIZED && unlikely(in_nmi()))
		return alloc_slow(zone, gfp);	/* refused: kmemleak has locks */
	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	if (unlikely(!cpu_section_try_enter(c))) {
		preempt_enable();
		return alloc_slow_finish(zone, gfp);
	}
	if (unlikely(!cpu_pop(zone, c, &obj)))
		return alloc_alternate(zone, gfp, c);
	count(&c->allocs, 1);
	cpu_section_leave(c);
	if (likely(gfp_is_plain(gfp)))
		return obj;
	OPTIMIZER_HIDE_VAR(obj);	/* else gcc computes it where alloc_finish() wants it */
	return alloc_finish(zone, gfp, obj);
}
EXPORT_SYMBOL_GPL(kmobj_alloc);

/* kmobj_alloc(), still in its section, with no bit at the hint. Model: answer.swap. */
static noinline void *alloc_alternate(struct kmobj_zone *zone, gfp_t gfp,
				      struct kmobj_cpu *c)
{
	void *obj;

	if (unlikely(READ_ONCE(c->drain)) ||
	    !slab_pop(zone, c->alternate, &c->alternate_objs, &obj)) {
		cpu_section_leave(c);
		return alloc_slow_finish(zone, gfp);
	}
	cpu_swap(zone, c);
	count(&c->allocs, 1);
	cpu_section_leave(c);
	return gfp_is_plain(gfp) ? obj : alloc_finish(zone, gfp, obj);
}

static noinline void *alloc_slow_finish(struct kmobj_zone *zone, gfp_t gfp)
{
	void *obj;

	might_alloc(gfp);
	obj = alloc_slow(zone, gfp);
	return !obj || gfp_is_plain(gfp) ? obj : alloc_finish(zone, gfp, obj);
}

/* Allocate by any means that @gfp allows; the caller calls alloc_finish(). */
void *alloc_slow(struct kmobj_zone *zone, gfp_t gfp)
{
	void *obj;

	if (likely(!alloc_refused(zone, gfp))) {
		obj = alloc_try(zone, gfp);
		if (unlikely(READ_ONCE(zone->late_corrupt)))
			report_corrupt(zone);
		if (likely(obj))
			return obj;
	}
	atomic_long_inc(&zone->alloc_fails);
	return NULL;
}

bool alloc_refused(struct kmobj_zone *zone, gfp_t gfp)
{
	if (unlikely(in_nmi())) {
		report_nmi(zone);
		return true;
	}
	if (unlikely(READ_ONCE(zone->dying))) {
		report_dying(zone);
		return true;
	}
	return gfp_refused(zone, gfp);
}

/* True, with a report, if no zone or not this one can do what @gfp asks. */
static bool gfp_refused(struct kmobj_zone *zone, gfp_t gfp)
{
	if (likely(!(gfp & GFP_REFUSED) && !((gfp & __GFP_ZERO) && zone->ctor) &&
		   !((gfp & __GFP_NOFAIL) && READ_ONCE(zone->limit) != ULONG_MAX)))
		return false;
	report_bad_gfp(zone, gfp);
	return true;
}

static void *alloc_try(struct kmobj_zone *zone, gfp_t gfp)
{
	struct kmobj_slab *made;
	void *obj;

	if (unlikely(zone_is_debug(zone)))
		return alloc_from_depot(zone, gfp, numa_mem_id());
	obj = alloc_watched(zone, numa_mem_id()) ?: alloc_held(zone) ?:
	      alloc_apart(zone, gfp) ?: alloc_kept(zone, gfp);
	if (likely(obj))
		return obj;
	made = slab_create(zone, gfp, numa_mem_id());
	return likely(made) ? alloc_made(zone, made) : alloc_kept_back(zone, numa_mem_id());
}

/*
 * Allocate from a watched slab of a node, if that is of use. A CPU that was asked for its
 * slabs answers first: cpu_refill().
 */
static void *alloc_watched(struct kmobj_zone *zone, int nid)
{
	void *obj = NULL;

	if (likely(!zone_is_sampled(zone)))
		return NULL;
	preempt_disable();	/* until it is counted, for zone_verify() */
	if (!READ_ONCE(this_cpu_ptr(zone->cpus)->drain))
		obj = watch_take(zone, nid);
	if (obj)
		this_cpu_inc(zone->cpus->allocs_nested);
	preempt_enable();
	if (obj)
		debug_alloc(zone, obj);
	return obj;
}

/* No slab can be made: allocate from watched ones even what would be kept back. */
static void *alloc_kept_back(struct kmobj_zone *zone, int nid)
{
	return unlikely(zone_is_sampled(zone)) ?
	       alloc_nested(zone, nid, KMOBJ_BINS_KEPT_BACK) : NULL;
}

/*
 * At the limit, allocate from any node's depot: no pass retires the free slabs that
 * others keep.
 */
static void *alloc_kept(struct kmobj_zone *zone, gfp_t gfp)
{
	void *obj = NULL;
	int nid;

	if (likely(!zone->keep_free_slabs ||
		   atomic_long_read(&zone->nr_slabs) < READ_ONCE(zone->limit)))
		return NULL;
	for_each_online_node(nid) {
		obj = alloc_nested(zone, nid, bins_for(gfp));
		if (obj)
			break;
	}
	return obj;
}

/* Allocate from the slabs that this CPU or its node's depot holds. */
static void *alloc_held(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c = cpu_section_enter(zone);
	void *obj = NULL;

	if (c) {
		if (cpu_refill(zone, c) && cpu_pop(zone, c, &obj))
			count(&c->allocs, 1);
		cpu_section_leave(c);
		if (obj || likely(!READ_ONCE(zone->limit_felt)))
			return obj;
	}
	return alloc_nested(zone, numa_mem_id(), KMOBJ_BINS_TO_OWN);
}

/*
 * Up to @nr objects of one slab of a depot. Preemption is off until they are counted, for
 * zone_verify().
 */
unsigned int alloc_nested_bulk(struct kmobj_zone *zone, int nid, unsigned int bins,
			       unsigned int nr, void **objs)
{
	unsigned int i;

	preempt_disable();
	nr = depot_alloc(zone, nid, bins, nr, objs);
	if (nr)
		this_cpu_add(zone->cpus->allocs_nested, nr);
	preempt_enable();
	for (i = 0; unlikely(zone_has_debug_slabs(zone)) && i < nr; i++)
		debug_alloc(zone, objs[i]);
	return nr;
}

static void *alloc_nested(struct kmobj_zone *zone, int nid, unsigned int bins)
{
	void *obj;

	return alloc_nested_bulk(zone, nid, bins, 1, &obj) ? obj : NULL;
}

/* The same of a new slab, which goes to its depot. */
static void *alloc_and_give(struct kmobj_zone *zone, struct kmobj_slab *made)
{
	void *objs = slab_objs(zone, made), *obj = NULL;

	preempt_disable();
	if (likely(objs && slab_pop(zone, made, &objs, &obj)))
		this_cpu_inc(zone->cpus->allocs_nested);
	depot_give(zone, made);
	preempt_enable();
	if (obj && unlikely(zone_has_debug_slabs(zone)))
		debug_alloc(zone, obj);
	return obj;
}

/* Allocate from slabs that no CPU may own: nothing else is free. */
static void *alloc_apart(struct kmobj_zone *zone, gfp_t gfp)
{
	unsigned int bins = bins_for(gfp);

	if (likely(bins == KMOBJ_BINS_ORDINARY && !atomic_long_read(&zone->nr_small)))
		return NULL;
	return alloc_nested(zone, numa_mem_id(), bins);
}

/*
 * May this caller use pages from below the watermarks, and so objects of a slab
 * made of them? The page allocator's own rule.
 */
static bool may_use_pfmemalloc(gfp_t gfp)
{
	if (gfp & (__GFP_NOMEMALLOC | __GFP_MEMALLOC))
		return !(gfp & __GFP_NOMEMALLOC);
	if (in_interrupt() && !in_serving_softirq())
		return false;
	if (current->flags & PF_MEMALLOC)
		return true;
	return !in_interrupt() && tsk_is_oom_victim(current) &&
	       (IS_ENABLED(CONFIG_MMU) || test_thread_flag(TIF_MEMDIE));
}

static unsigned int bins_for(gfp_t gfp)
{
	return may_use_pfmemalloc(gfp) ? KMOBJ_BINS_ALL : KMOBJ_BINS_ORDINARY;
}

/*
 * Allocate after a slab was made. The task may be on another CPU by now. If that has a
 * free object, or both of its sections are busy, the new slab goes to the depot, as one
 * that is apart always does. Else this CPU owns it.
 */
static void *alloc_made(struct kmobj_zone *zone, struct kmobj_slab *made)
{
	struct kmobj_cpu *c = slab_is_apart(made) ? NULL : cpu_section_enter(zone);
	void *obj = NULL;

	if (!c)
		return alloc_and_give(zone, made);
	if (cpu_refill(zone, c)) {
		depot_give(zone, made);
	} else {
		slab_set_owner(made, c->owner | (kmobj_shuffle ? KMOBJ_HIDDEN_HALF : 0));
		cpu_push(zone, c, made, slab_objs(zone, made));
	}
	if (likely(cpu_pop(zone, c, &obj)))
		count(&c->allocs, 1);
	cpu_section_leave(c);
	return obj;
}

/*
 * Allocate from a node's depot, or from a slab made for it: for another node's
 * objects, and for debug zones, in which no CPU owns slabs.
 */
static void *alloc_from_depot(struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	struct kmobj_slab *made;
	void *obj;

	if (unlikely(fail_alloc(zone, gfp)))
		return NULL;
	obj = alloc_watched(zone, nid) ?: alloc_nested(zone, nid, bins_for(gfp));
	if (obj)
		return obj;
	made = slab_create(zone, gfp, nid);
	return likely(made) ? alloc_and_give(zone, made) : alloc_kept_back(zone, nid);
}

/* Do what @gfp and debugging want beyond a free object; NULL if @gfp is refused. */
static noinline void *alloc_finish(struct kmobj_zone *zone, gfp_t gfp, void *obj)
{
	if (likely(!gfp_refused(zone, gfp))) {
		obj_alloc_hooks(zone, obj, gfp);
		return obj;
	}
	/* undo: run the hooks, so that it can be freed, but do not zero it */
	obj_alloc_hooks(zone, obj, gfp & ~__GFP_ZERO);
	kmobj_free(zone, obj);
	atomic_long_inc(&zone->alloc_fails);
	return NULL;
}

void obj_alloc_hooks(struct kmobj_zone *zone, void *obj, gfp_t gfp)
{
	shadow_alloc(zone, obj);
	kmemleak_alloc(obj, zone->size, 1, gfp);
	trace_alloc(zone->name, obj, zone->size, gfp);
	if ((gfp & __GFP_ZERO) || (want_init_on_alloc(0) && zone_may_wipe(zone)))
		memset(obj, 0, zone->size);
}

static bool node_refused(struct kmobj_zone *zone, int nid)
{
	if (likely(nid >= 0 && nid < nr_node_ids && node_online(nid)))
		return false;
	report_bad_node(zone, nid);
	return true;
}

void *kmobj_alloc_node(struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	void *obj = NULL;

	if (nid == NUMA_NO_NODE || (nid == numa_mem_id() && !(gfp & __GFP_THISNODE)))
		return kmobj_alloc(zone, gfp);

	might_alloc(gfp);
	if (!alloc_refused(zone, gfp) && !node_refused(zone, nid))
		obj = alloc_from_depot(zone, gfp, nid);
	if (!obj) {
		atomic_long_inc(&zone->alloc_fails);
		return NULL;
	}
	return gfp_is_plain(gfp) ? obj : alloc_finish(zone, gfp, obj);
}
EXPORT_SYMBOL_GPL(kmobj_alloc_node);
