/* SPDX-License-Identifier: GPL-2.0 */
/* Headers outside their slabs: see offslab.c. */
#ifndef KMOBJ_SLAB_OFFSLAB_H
#define KMOBJ_SLAB_OFFSLAB_H

#include "slab/slab.h"

/* Slab headers by the low bits of the slab's number in memory: a hint, see offslab.c. */
struct kmobj_header_cache {
	struct rcu_head rcu;
	unsigned long mask;
	struct kmobj_slab *slab[];
};

/* Is @addr where pages of alloc_pages() are? There may be holes. */
static inline bool is_linear(unsigned long addr)
{
	addr = (unsigned long)kasan_reset_tag((void *)addr);
	return addr - KMOBJ_LINEAR_START < KMOBJ_LINEAR_END - KMOBJ_LINEAR_START;
}

/* Is @slab, which may be any memory, the header of @pages, by its cookie? */
static __always_inline bool header_is_of(const struct kmobj_zone *zone,
					 const struct kmobj_slab *slab, unsigned long pages)
{
	unsigned long cookie;

	kmobj_peek(&cookie, &slab->cookie, unmapped);
	return likely(cookie == (pages ^ zone->cookie));
unmapped:
	return false;
}

/* The entry for the header of @pages; NULL if @zone has no header cache. */
static __always_inline struct kmobj_slab **
header_cache_at(const struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_header_cache *seen = rcu_dereference_sched(zone->header_cache);

	if (unlikely(!seen))
		return NULL;
	return &seen->slab[(pages >> (PAGE_SHIFT + zone->order)) & seen->mask];
}

/* The header of @pages, if the header cache has it; else NULL. */
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
void offslab_fit(struct kmobj_zone *zone, bool soon);
struct kmobj_slab *offslab_header(unsigned long pages);
struct kmobj_slab *offslab_lookup(const struct kmobj_zone *zone, const void *obj);

#endif /* KMOBJ_SLAB_OFFSLAB_H */
