/* SPDX-License-Identifier: GPL-2.0 */
/* Free: the fast path, and what bulk.c and free_rcu.c share with free.c. */
#ifndef KMOBJ_CORE_FREE_H
#define KMOBJ_CORE_FREE_H

#include "kernel/trace.h"
#include "slab/lookup.h"
#include "slab/offslab.h"
#include "core/section.h"

/*
 * Does a free need more than a bit set, so that free_slow() must do it? A
 * constant and a static branch.
 */
static __always_inline bool free_wants_more(void)
{
	return KMOBJ_SANITIZED || static_branch_unlikely(&kmobj_watch_free);
}

/*
 * Free object @idx of @slab, in a section. False, and nothing has changed, if
 * that needs free_slow() or is a bad free.
 */
static __always_inline bool free_into(struct kmobj_zone *zone, struct kmobj_cpu *c,
				      struct kmobj_slab *slab, u32 idx)
{
	if (unlikely(idx >= zone->nr_objs) || free_wants_more() ||
	    unlikely(READ_ONCE(slab->owner) != c->owner) || unlikely(!slab_push(slab, idx)))
		return false;
	count(&c->frees, 1);
	return true;
}

/*
 * free_into() for @obj, unless slab_is_offslab_addr(). Sets @slab and @idx to its
 * slab and index, or @slab to NULL.
 */
static __always_inline bool free_fast(struct kmobj_zone *zone,
				      struct kmobj_cpu *c, void *obj,
				      struct kmobj_slab **slab, u32 *idx)
{
	if (unlikely(!slab_lookup_linear(zone, obj, slab))) {
		*slab = NULL;
		return false;
	}
	*idx = slab_index(zone, obj);
	return free_into(zone, c, *slab, *idx);
}

/*
 * The slab of @obj, for which slab_is_offslab_addr() is true, if it is the active
 * or the alternate one or in the header cache; else NULL.
 */
static __always_inline struct kmobj_slab *
cpu_offslab_lookup(const struct kmobj_zone *zone, const struct kmobj_cpu *c,
		   const void *obj)
{
	unsigned long pages = slab_pages(zone, kasan_reset_tag(obj));

	/* in a zone that is not offslab no slab has this cookie */
	if (READ_ONCE(c->active->cookie) == (pages ^ zone->cookie))
		return c->active;
	if (READ_ONCE(c->alternate->cookie) == (pages ^ zone->cookie))
		return c->alternate;
	return header_cache_get(zone, pages);
}

bool free_slow(struct kmobj_zone *zone, struct kmobj_cpu *c,
	       void *obj, struct kmobj_slab *slab, u32 idx);
void obj_free_hooks(struct kmobj_zone *zone, void *obj);
void free_refused(struct kmobj_zone *zone, void *obj);
/* corrupt.c */
bool corrupt_free(struct kmobj_zone *zone, void *obj);

#endif /* KMOBJ_CORE_FREE_H */
