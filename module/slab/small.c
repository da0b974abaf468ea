// SPDX-License-Identifier: GPL-2.0
/*
 * Small slabs: where memory is in pieces, and a block for a slab of the zone's order
 * cannot be had, a slab of the smallest order that holds an object.
 *
 * Such a slab is as others are but for four things:
 *
 * - Its header is elsewhere, so that the whole page is for objects. The head page points
 *   to it as for offslab.c, and it has the bitmaps of the zone's other slabs, with only
 *   the first small_objs bits in use.
 * - No CPU owns it: it is in a bin of its own in the depot, which is looked at last, and
 *   it retires once all its objects are free (depot.c). So all frees into it are remote.
 * - Its cookie is made of the address of its pages with the lowest bit set. The fast
 *   paths of a free look where the header of an ordinary slab around the object would
 *   be, and expect a cookie made of an aligned address: that of a small slab never
 *   matches, wherever its header lies. As the pages of a small slab are nowhere within
 *   those of another slab of the zone, nothing else matches there either, and the free
 *   gets to slab_lookup(), which asks the page.
 * - It is charged against the limit by its bytes: zone_charge_small() in core/birth.c.
 *
 * Whether an address of the zone lies in a small slab is known without its header, by
 * the size of its page. So that can be told of a corrupt one, too.
 */
#include <linux/kmemleak.h>
#include <linux/log2.h>

#include "slab/offslab.h"
#include "slab/pages.h"
#include "slab/small.h"

/* The index of @obj, if it lies in a small slab; nr_objs or more if none begins there. */
u32 small_index(const struct kmobj_zone *zone, const void *obj)
{
	u32 idx;

	obj = kasan_reset_tag(obj);
	idx = index_in(zone, small_objs(zone, obj) - zone->obj_offset, obj);
	return idx < zone->small_objs ? idx : U32_MAX;
}

/* slab_lookup() for small slabs. */
bool small_lookup(const struct kmobj_zone *zone, const void *obj,
		  struct kmobj_slab **slab, u32 *idx)
{
	unsigned long pages = small_pages(zone, kasan_reset_tag(obj));

	if (!zone->small_objs)
		return false;
	*slab = offslab_header(pages);
	if (!*slab || !header_is_of(zone, *slab, pages ^ KMOBJ_SMALL))
		return false;
	*idx = small_index(zone, obj);
	return true;
}

/*
 * Object 0 of @slab, whose header is outside its pages, if those are at @base, with the
 * lowest bit set if it is small; NULL if the header does not say so.
 */
void *objs_elsewhere(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
		     unsigned long base)
{
	void *objs = (void *)base + zone->obj_offset;

	if (unlikely(base & KMOBJ_SMALL)) {
		if (!zone->small_objs)
			return NULL;
		base &= ~KMOBJ_SMALL;
		objs = small_objs(zone, (void *)base);
	} else if (unlikely(!zone->offslab || (base & ~zone->slab_mask))) {
		return NULL;
	}
	return likely(slab->objs == objs) ? objs : NULL;
}

/*
 * A header for a small slab, or NULL. Of a power of two, so that it is aligned. A lookup
 * may still read one that was freed: with kmobj_peek(), and its cookie is cleared before.
 */
struct kmobj_slab *small_header_alloc(const struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	struct kmobj_slab *slab;

	if (zone->offslab)
		return offslab_header_alloc(gfp, nid);
	if (!may_ask_for_pages())
		return NULL;
	slab = kmalloc_node(roundup_pow_of_two(slab_header_bytes(zone)),
			    gfp & ~(__GFP_THISNODE | __GFP_RECLAIMABLE), nid);
	kmemleak_ignore(slab);	/* only struct page points to it; and it points to object 0 */
	return slab;
}

void small_header_free(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	if (zone->offslab)
		offslab_header_free(slab);
	else
		kfree(slab);
}
