// SPDX-License-Identifier: GPL-2.0
/* From any pointer to the zone and the slab that it lies in. */
#include <linux/module.h>
#include <linux/random.h>

#include "slab/lookup.h"
#include "slab/offslab.h"

/* Part of every cookie, so that none can be forged or guessed. */
unsigned long kmobj_secret;

/*
 * The zone of @slab if its cookie, made of @base, shows that it is the header of a
 * slab; else NULL. @serves: the slab is in service.
 *
 * A cookie that fits does not show it alone: in a free page that began with a struct
 * kmobj_zone, @slab->zone is the cookie of that zone, and fits a cookie of 0.
 */
static struct kmobj_zone *zone_from_header(const struct kmobj_slab *slab,
					   unsigned long base, bool *serves)
{
	unsigned long zone, cookie, good;

	kmobj_peek(&zone, (unsigned long *)&slab->zone, unmapped);
	kmobj_peek(&cookie, &slab->cookie, unmapped);
	good = base ^ zone ^ kmobj_secret;
	if (cookie != good && cookie != ~good &&
	    cookie != ((unsigned long)slab ^ zone ^ kmobj_secret ^ KMOBJ_CORRUPT))
		return NULL;
	if (!zone_from_word(zone))
		return NULL;
	*serves = cookie == good;
	return (struct kmobj_zone *)zone;
unmapped:
	return NULL;
}

static struct kmobj_zone *zone_from_pages(unsigned long pages, unsigned long bytes,
					  struct kmobj_slab **slab, bool *serves)
{
	struct kmobj_zone *zone;

	if (bytes - 1 >= KMOBJ_SLAB_BYTES_MAX)
		return NULL;	/* no slab, or no size: whoever has the page may split it */
	*slab = slab_header(slab_colors(bytes), pages);
	zone = zone_from_header(*slab, (unsigned long)*slab, serves);
	if (zone)
		return zone;
	/* there is no color if objects are aligned to more than a cache line */
	*slab = slab_header(0, pages);
	zone = zone_from_header(*slab, (unsigned long)*slab, serves);
	if (zone)
		return zone;
	*slab = offslab_header(pages);
	if (!*slab)
		return NULL;
	return zone_from_header(*slab, pages, serves) ?:
	       zone_from_header(*slab, pages ^ KMOBJ_SMALL, serves);
}

/*
 * The zone in a slab of which @obj lies, or NULL; and that slab if it is in service,
 * else NULL. @obj may be any pointer.
 *
 * Preemption is off from before the call until the result has been used. Sections
 * with preemption off are read-side critical sections of RCU, which keeps
 *
 * - a slab in service: it first begins to retire, and is released after a grace
 *   period that begins after its cookie has changed;
 * - the zone, in any case: the cookie was found, so slab_release() had not cleared
 *   it, and the zone is passed to call_rcu() only after that.
 *
 * It does not keep a retiring or corrupt slab, whose pages may be freed at any moment:
 * read those only with kmobj_peek().
 */
struct kmobj_zone *zone_lookup(const void *obj, struct kmobj_slab **slab)
{
	struct kmobj_zone *zone = NULL;
	bool serves = false;
	struct page *page;

	if (virt_addr_valid(obj)) {
		page = compound_head(virt_to_page(obj));
		if (!PageSlab(page))
			zone = zone_from_pages((unsigned long)kasan_reset_tag(page_address(page)),
					       page_size(page), slab, &serves);
	}
	if (!serves)
		*slab = NULL;
	return zone;
}

/* The first object of the slab that @in lies in, and whose page shows that it is @zone's. */
void *objs_by_page(const struct kmobj_zone *zone, const void *in)
{
	in = kasan_reset_tag(in);
	if (lies_in_small(zone, in))
		return small_objs(zone, in);
	return slab_header_addr(zone, in) + zone->obj_offset;
}

/* The index of @obj there; nr_objs or more if no object begins there. */
u32 index_by_page(const struct kmobj_zone *zone, const void *obj)
{
	return lies_in_small(zone, obj) ? small_index(zone, obj) : slab_index(zone, obj);
}
EXPORT_SYMBOL_FOR_TESTS(index_by_page);

struct kmobj_zone *kmobj_zone_of(const void *obj)
{
	struct kmobj_zone *zone;
	struct kmobj_slab *slab;

	preempt_disable();
	zone = zone_lookup(obj, &slab);
	if (zone && index_by_page(zone, obj) >= zone->nr_objs)
		zone = NULL;
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_of);

void lookup_start(void)
{
	kmobj_secret = get_random_long();
}
