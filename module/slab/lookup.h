/* SPDX-License-Identifier: GPL-2.0 */
/* From any pointer to the slab that it lies in. */
#ifndef KMOBJ_SLAB_LOOKUP_H
#define KMOBJ_SLAB_LOOKUP_H

#include "slab/layout.h"
#include "slab/offslab.h"
#include "slab/small.h"

/*
 * What is known of the objects of the watched slab (debug/watch.c) whose pages @in lies
 * in, by its head page, where no header leads; NULL if it is not watched.
 */
static inline struct kmobj_watch *watch_of(const struct kmobj_zone *zone, const void *in)
{
	unsigned long watch;

	if (likely(!zone_is_sampled(zone)))
		return NULL;
	watch = (unsigned long)READ_ONCE(virt_to_head_page(in)->lru.prev);
	return is_linear(watch) ? (struct kmobj_watch *)watch : NULL;
}

/* Is @obj where the header cannot be found from the address alone? */
static __always_inline bool slab_is_offslab_addr(const struct kmobj_zone *zone,
						 const void *obj)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(obj);

	return unlikely(addr - zone->linear_base >= zone->linear_size);
}

/*
 * slab_lookup() unless slab_is_offslab_addr(): the address may be unmapped, so the
 * load may fault, and the cookie shows whether there is a slab.
 */
static __always_inline bool slab_lookup_linear(const struct kmobj_zone *zone,
					       const void *obj, struct kmobj_slab **slab)
{
	unsigned long cookie;

	*slab = slab_header_addr(zone, kasan_reset_tag(obj));
	kmobj_peek(&cookie, &(*slab)->cookie, unmapped);
	return likely(cookie == ((unsigned long)*slab ^ zone->cookie));
unmapped:
	return false;
}

/* The same for any address, unless the slab is a small one. */
static __always_inline bool slab_lookup_ordinary(const struct kmobj_zone *zone,
						 const void *obj, struct kmobj_slab **slab)
{
	if (slab_is_offslab_addr(zone, obj)) {
		*slab = offslab_lookup(zone, obj);
		return *slab;
	}
	return slab_lookup_linear(zone, obj, slab);
}

/*
 * Find the slab that @obj would be in if it were an object of @zone, and its index,
 * which is nr_objs or more if no object begins there; false if there is none. @obj may
 * be any pointer. Preemption is off, which keeps a slab that is found from leaving.
 */
static __always_inline bool slab_lookup(const struct kmobj_zone *zone, const void *obj,
					struct kmobj_slab **slab, u32 *idx)
{
	if (unlikely(!slab_lookup_ordinary(zone, obj, slab)))
		return small_lookup(zone, obj, slab, idx);
	*idx = slab_index(zone, obj);
	return true;
}

/*
 * Object 0 of @slab, by @cookie, which only kmobj can have made, and by what the zone
 * knows: nothing else of the header is believed. NULL if that is not the slab's cookie.
 */
static __always_inline void *objs_by_cookie(const struct kmobj_zone *zone,
					    const struct kmobj_slab *slab,
					    unsigned long cookie)
{
	unsigned long base = cookie ^ zone->cookie;

	if (likely(base == (unsigned long)slab))
		return (void *)slab + zone->obj_offset;
	return objs_elsewhere(zone, slab, base);
}

/* The same of a slab in service. */
static __always_inline void *slab_objs(const struct kmobj_zone *zone,
				       const struct kmobj_slab *slab)
{
	return objs_by_cookie(zone, slab, READ_ONCE(slab->cookie));
}

/* The cookie of a slab in service. */
static inline unsigned long slab_cookie(const struct kmobj_zone *zone,
					const struct kmobj_slab *slab)
{
	unsigned long base = (unsigned long)slab;

	if (slab->small)
		base = slab_base(zone, slab) ^ KMOBJ_SMALL;
	else if (zone->offslab)
		base = slab_base(zone, slab);
	return base ^ zone->cookie;
}

/* The cookie of a corrupt slab, whose header was written over. */
static inline unsigned long slab_corrupt_cookie(const struct kmobj_zone *zone,
						const struct kmobj_slab *slab)
{
	return (unsigned long)slab ^ zone->cookie ^ KMOBJ_CORRUPT;
}

static inline bool slab_is_corrupt(const struct kmobj_zone *zone,
				   const struct kmobj_slab *slab)
{
	return READ_ONCE(slab->cookie) == slab_corrupt_cookie(zone, slab);
}

extern unsigned long kmobj_secret;

/* The zone at @word, which may be anything; NULL if there is none. */
static inline struct kmobj_zone *zone_from_word(unsigned long word)
{
	struct kmobj_zone *zone = (struct kmobj_zone *)word;
	unsigned long cookie;

	/* kzalloc() aligns a zone to more */
	if (!is_linear(word) || !IS_ALIGNED(word, SMP_CACHE_BYTES))
		return NULL;
	kmobj_peek(&cookie, &zone->cookie, unmapped);
	if (cookie == (word ^ kmobj_secret))
		return zone;
unmapped:
	return NULL;
}

struct kmobj_zone *zone_lookup(const void *obj, struct kmobj_slab **slab);
u32 index_by_page(const struct kmobj_zone *zone, const void *obj);
void *objs_by_page(const struct kmobj_zone *zone, const void *in);
void lookup_start(void);

#endif /* KMOBJ_SLAB_LOOKUP_H */
