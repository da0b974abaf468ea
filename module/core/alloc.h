/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation: what bulk.c and the mover share with alloc.c. */
#ifndef KMOBJ_CORE_ALLOC_H
#define KMOBJ_CORE_ALLOC_H

#include <linux/sched/mm.h>

#include "kernel/kasan.h"
#include "kernel/trace.h"
#include "slab/zone.h"

/* Does @gfp want no more than a free object? One test, and one static branch. */
static __always_inline bool gfp_is_plain(gfp_t gfp)
{
	return !KMOBJ_SANITIZED && !static_branch_unlikely(&kmobj_watch_alloc) &&
	       !(gfp & (__GFP_ZERO | __GFP_NOFAIL | GFP_REFUSED));
}

/*
 * The fast path checks in debug kernels that its caller may sleep, but does not
 * reschedule: the slow path does.
 */
static __always_inline void check_context(gfp_t gfp)
{
	if (IS_ENABLED(CONFIG_DEBUG_ATOMIC_SLEEP) || IS_ENABLED(CONFIG_LOCKDEP))
		might_alloc(gfp);
}

void *alloc_slow(struct kmobj_zone *zone, gfp_t gfp);
unsigned int alloc_nested_bulk(struct kmobj_zone *zone, int nid, unsigned int bins,
			       unsigned int nr, void **objs);
bool alloc_refused(struct kmobj_zone *zone, gfp_t gfp);
void obj_alloc_hooks(struct kmobj_zone *zone, void *obj, gfp_t gfp);

#endif /* KMOBJ_CORE_ALLOC_H */
