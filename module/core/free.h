/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Frees: what runs in a section, and what it falls back to.
 */
#ifndef KMOBJ_CORE_FREE_H
#define KMOBJ_CORE_FREE_H

#include "kernel/kasan.h"
#include "kernel/trace.h"
#include "slab/layout.h"
#include "slab/lookup.h"
#include "slab/offslab.h"
#include "slab/slab.h"
#include "slab/zone.h"
#include "core/section.h"

/*
 * Does each free want more than a bit to be set, so that it is free_slow()'s?
 * A constant and a static branch.
 */
static __always_inline bool free_wants_more(void)
{
	return KMOBJ_SANITIZED || static_branch_unlikely(&kmobj_watch_free);
}

/*
 * Free what would be object @idx of @slab into it, in a section. False, and nothing
 * has changed, if that takes more, or is a bad free.
 */
static __always_inline bool free_into(struct kmobj_zone *zone,
				      struct kmobj_cpu *c,
				      struct kmobj_slab *slab, u32 idx)
{
	if (unlikely(idx >= zone->nr_objs) || free_wants_more() ||
	    unlikely(READ_ONCE(slab->owner) != c->owner) ||
	    unlikely(!slab_push(slab, idx)))
		return false;
	count(&c->frees, 1);
	return true;
}

/*
 * free_into() for @obj, unless slab_is_offslab_addr(). @slab and @idx are set to where
 * it lies, or @slab to NULL.
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
 * The slab that @obj lies in if slab_is_offslab_addr() and it is one of the pair or
 * remembered; else NULL.
 */
static __always_inline struct kmobj_slab *
cpu_offslab_lookup(const struct kmobj_zone *zone, const struct kmobj_cpu *c,
		   const void *obj)
{
	unsigned long pages = slab_pages(zone, kasan_reset_tag(obj));

	/* of a zone that is not offslab no slab has that: none lies there */
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

#endif /* KMOBJ_CORE_FREE_H */
