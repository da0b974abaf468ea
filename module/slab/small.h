/* SPDX-License-Identifier: GPL-2.0 */
/* Small slabs, for when memory is in pieces: see small.c. */
#ifndef KMOBJ_SLAB_SMALL_H
#define KMOBJ_SLAB_SMALL_H

#include <linux/mm.h>

#include "slab/layout.h"

/* The pages of the small slab that @in would be in. */
static inline unsigned long small_pages(const struct kmobj_zone *zone, const void *in)
{
	return (unsigned long)in & ~(slab_bytes(zone->small_order) - 1);
}

/* Its first object. */
static inline void *small_objs(const struct kmobj_zone *zone, const void *in)
{
	return (void *)small_pages(zone, in) + zone->small_offset;
}

/* Does @in, which lies in a slab of @zone, lie in a small one? By its page alone. */
static inline bool lies_in_small(const struct kmobj_zone *zone, const void *in)
{
	return zone->small_objs &&
	       page_size(virt_to_head_page(in)) < slab_bytes(zone->order);
}

u32 small_index(const struct kmobj_zone *zone, const void *obj);
bool small_lookup(const struct kmobj_zone *zone, const void *obj,
		  struct kmobj_slab **slab, u32 *idx);
void *objs_elsewhere(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
		     unsigned long base);
struct kmobj_slab *small_header_alloc(const struct kmobj_zone *zone, gfp_t gfp, int nid);
void small_header_free(const struct kmobj_zone *zone, struct kmobj_slab *slab);

#endif /* KMOBJ_SLAB_SMALL_H */
