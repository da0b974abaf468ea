/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where things are in a slab: from the address of an object to its slab's pages and
 * header, and to its index.
 */
#ifndef KMOBJ_SLAB_LAYOUT_H
#define KMOBJ_SLAB_LAYOUT_H

#include "kernel/kasan.h"
#include "slab/slab.h"

/* A slab should hold 120 objects, or 60 if it is not small, and lose 1/16 at most. */
#define KMOBJ_OBJS_WANTED	120
#define KMOBJ_SLAB_SMALL	(8U << 10)
#define KMOBJ_LOSS_WANTED	16

/*
 * Where the loss would be 1/8 or more, the header is outside the slab. A smaller loss
 * does not pay for the look-ups.
 */
#define KMOBJ_LOSS_MOST		8

/*
 * Colors: the header begins some cache lines into the slab's pages, by their address.
 * Otherwise all headers, and all objects of a size that divides a page, would share a
 * few sets of every cache (Bonwick, "The Slab Allocator", USENIX 1994, section 4). Not
 * where objects are aligned to more than a cache line.
 */
#define KMOBJ_COLOR_SHIFT	9

static __always_inline struct kmobj_slab *slab_header(unsigned int colors,
						      unsigned long pages)
{
	return (void *)(pages + ((pages >> KMOBJ_COLOR_SHIFT) & colors));
}

/* Colors in 1/64 of a slab of @bytes, as a mask: multiples of a cache line. */
static inline unsigned int slab_colors(unsigned long bytes)
{
	return (bytes / 64 - 1) & ~(SMP_CACHE_BYTES - 1U);
}

static __always_inline unsigned long slab_pages(const struct kmobj_zone *zone,
						const void *in)
{
	return (unsigned long)in & zone->slab_mask;
}

/*
 * The header, if @obj lies in a slab of @zone; or where its pages begin, if the
 * zone is offslab.
 */
static __always_inline void *slab_header_addr(const struct kmobj_zone *zone,
					      const void *obj)
{
	return slab_header(zone->color_mask, slab_pages(zone, obj));
}

/* Where the pages begin that hold the objects of @slab. */
static inline unsigned long slab_base(const struct kmobj_zone *zone,
				      const struct kmobj_slab *slab)
{
	return (unsigned long)READ_ONCE(slab->objs) & ~(slab_bytes(slab_order(zone, slab)) - 1);
}

/* The head page of the pages that hold the objects of @slab. */
static inline struct page *slab_head(const struct kmobj_slab *slab)
{
	return virt_to_head_page(slab->objs);
}

/* The header's address in the head page, from depot_add() until the slab leaves. */
static inline struct kmobj_slab *slab_from_page(const struct page *head)
{
	return (struct kmobj_slab *)READ_ONCE(head->lru.next);
}

/*
 * The index of the object at @obj behind @base; nr_objs or more if none begins there.
 *
 * Exact division by multiplication modulo 2^32: a multiple of the stride gives
 * its quotient, and everything else, offsets below the first object included,
 * more than any quotient (Granlund and Montgomery, "Division by Invariant
 * Integers using Multiplication", 1994, section 9).
 */
static __always_inline u32 index_in(const struct kmobj_zone *zone,
				    const void *base, const void *obj)
{
	u32 off = (u32)(unsigned long)obj - (u32)(unsigned long)base;

	return ror32((off - zone->obj_offset) * zone->inverse, zone->shift);
}

static __always_inline u32 slab_index(const struct kmobj_zone *zone, const void *obj)
{
	return index_in(zone, slab_header_addr(zone, obj), obj);
}

/* The same for a zone that is offslab, which has no colors. */
static __always_inline u32 offslab_index(const struct kmobj_zone *zone, const void *obj)
{
	return index_in(zone, (void *)slab_pages(zone, obj), obj);
}

/* Bytes of a red zone, at least; and of both tracks of an object (track.h). */
#define KMOBJ_RED_BYTES		8
#define KMOBJ_TRACK_BYTES	(2 * (2 * sizeof(long) + 4 * sizeof(u32)))

/* The end of the red zone behind an object, as an offset from the object. */
static inline unsigned int zone_red_end(const struct kmobj_zone *zone)
{
	return ALIGN(zone->size, KMOBJ_RED_BYTES) + KMOBJ_RED_BYTES;
}

size_t slab_header_max(void);
size_t slab_header_bytes(const struct kmobj_zone *zone);
int slab_geometry(struct kmobj_zone *zone, unsigned int order);

#endif /* KMOBJ_SLAB_LAYOUT_H */
