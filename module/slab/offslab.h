/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers that are not in their slabs: see offslab.c.
 */
#ifndef KMOBJ_SLAB_OFFSLAB_H
#define KMOBJ_SLAB_OFFSLAB_H

#include <linux/rcupdate.h>

#include "kernel/compat.h"
#include "slab/slab.h"
#include "slab/zone.h"

/* Headers of slabs by the low bits of their pages' number: a hint, see offslab.c. */
struct kmobj_header_cache {
	struct rcu_head rcu;
	unsigned long mask;
	struct kmobj_slab *slab[];
};

/* Does @slab, which may be anything, say that it is the header of @pages? */
static __always_inline bool header_is_of(const struct kmobj_zone *zone,
					 const struct kmobj_slab *slab,
					 unsigned long pages)
{
	unsigned long cookie;

	kmobj_peek(&cookie, &slab->cookie, unmapped);
	return likely(cookie == (pages ^ zone->cookie));
unmapped:
	return false;
}

/* Where @zone would remember the header of @pages to be; NULL if not offslab. */
static __always_inline struct kmobj_slab **
header_cache_at(const struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_header_cache *seen = rcu_dereference_sched(zone->header_cache);

	if (unlikely(!seen))
		return NULL;
	return &seen->slab[(pages >> (PAGE_SHIFT + zone->order)) & seen->mask];
}

/* The header of @pages, if the zone remembers it; else NULL. */
static __always_inline struct kmobj_slab *
header_cache_get(const struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_slab **at = header_cache_at(zone, pages), *slab;

	if (unlikely(!at))
		return NULL;
	slab = READ_ONCE(*at);
	return likely(slab && header_is_of(zone, slab, pages)) ? slab : NULL;
}

void offslab_stop(void);
struct kmobj_slab *offslab_header_alloc(gfp_t gfp, int nid);
void offslab_header_free(struct kmobj_slab *slab);
unsigned long offslab_headers(void);
int offslab_open(struct kmobj_zone *zone);
void offslab_close(struct kmobj_zone *zone);
void offslab_grow(struct kmobj_zone *zone);
void offslab_fit(struct kmobj_zone *zone);
struct kmobj_slab *offslab_header(unsigned long pages);
struct kmobj_slab *offslab_lookup(const struct kmobj_zone *zone, const void *obj);

#endif /* KMOBJ_SLAB_OFFSLAB_H */
