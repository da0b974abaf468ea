// SPDX-License-Identifier: GPL-2.0
/*
 * From an object's size and alignment to the order of a slab, the stride of its
 * objects, and the place of its header.
 */
#include <linux/string.h>

#include "slab/layout.h"

/*
 * The order is chosen as if free[] followed the padding of the header, though it
 * begins in it. With the space so gained, objects of 24 and of 32 bytes would just
 * reach the wanted number in half the pages, and CPUs would need new slabs twice as
 * often.
 */
#define HEADER_TO_CHOOSE	sizeof(struct kmobj_slab)
#define HEADER_TO_FILL		offsetof(struct kmobj_slab, free)

/* Bytes before the first of @nr objects in a slab, without its color. */
static unsigned long header_bytes(unsigned long header, unsigned long nr,
				  unsigned int *words, unsigned int *remote_off)
{
	unsigned long bytes;

	*words = BITS_TO_LONGS(nr);
	bytes = header + *words * sizeof(long);
	*remote_off = ALIGN(bytes, SMP_CACHE_BYTES);
	return *remote_off + sizeof(struct kmobj_remote) +
	       KMOBJ_REMOTE_MAPS * *words * sizeof(long);
}

/* The largest header outside a slab: one word for each bitmap. */
size_t slab_header_max(void)
{
	unsigned int words, remote_off;

	return header_bytes(HEADER_TO_FILL, BITS_PER_LONG, &words, &remote_off);
}
EXPORT_SYMBOL_FOR_TESTS(slab_header_max);

/* The header of a slab of @zone, whose layout is set. */
size_t slab_header_bytes(const struct kmobj_zone *zone)
{
	return zone->remote_off + sizeof(struct kmobj_remote) +
	       KMOBJ_REMOTE_MAPS * zone->bitmap_words * sizeof(long);
}
EXPORT_SYMBOL_FOR_TESTS(slab_header_bytes);

struct layout {
	bool offslab;
	unsigned int order;
	unsigned int nr_objs;
	unsigned int bitmap_words;
	unsigned int remote_off;
	unsigned int obj_offset;
	unsigned int color_mask;
	unsigned long loss;		/* bytes not in objects, the header's too */
};

/* Set the stride, and where the track behind an object begins. */
static void debug_layout(struct kmobj_zone *zone)
{
	u32 end = zone->size;

	if (KMOBJ_KASAN_GAP)
		end = ALIGN(end, KMOBJ_KASAN_GAP) + KMOBJ_KASAN_GAP;
	if (zone->flags & KMOBJ_RED_ZONE)
		end = zone_red_end(zone);	/* at least KASAN's gap */
	if (zone->flags & KMOBJ_TRACK_USER) {
		zone->track_off = ALIGN(end, sizeof(long));
		end = zone->track_off + KMOBJ_TRACK_BYTES;
	}
	if (zone->flags & KMOBJ_RED_ZONE)
		end += KMOBJ_RED_BYTES;
	zone->stride = ALIGN(end, zone->align);
}

/* Bytes to keep before the first object, at least. */
static unsigned int debug_front(const struct kmobj_zone *zone)
{
	return zone->flags & KMOBJ_RED_ZONE ? KMOBJ_RED_BYTES : KMOBJ_KASAN_GAP;
}

static struct layout layout_in(const struct kmobj_zone *zone, unsigned int order,
			       unsigned long header)
{
	unsigned long align = max_t(unsigned long, zone->align, SMP_CACHE_BYTES);
	unsigned long bytes = slab_bytes(order), nr = bytes / zone->stride;
	struct layout l = { .order = order };

	if (zone->align <= SMP_CACHE_BYTES)	/* else objects would lose their alignment */
		l.color_mask = slab_colors(bytes);
	for (; nr; nr--) {
		l.obj_offset = ALIGN(header_bytes(header, nr, &l.bitmap_words, &l.remote_off) +
				     debug_front(zone), align);
		if (l.color_mask + l.obj_offset + nr * zone->stride <= bytes)
			break;
	}
	l.nr_objs = nr;
	l.loss = bytes - nr * zone->stride;
	return l;
}

static struct layout layout_off(const struct kmobj_zone *zone, unsigned int order,
				unsigned long header)
{
	unsigned long align = max_t(unsigned long, zone->align, SMP_CACHE_BYTES);
	struct layout l = { .order = order, .offslab = true };
	unsigned long bytes = slab_bytes(order);

	l.obj_offset = ALIGN(debug_front(zone), align);
	l.nr_objs = min_t(unsigned long, (bytes - l.obj_offset) / zone->stride,
			  BITS_PER_LONG);
	l.loss = bytes - l.nr_objs * zone->stride +
		 header_bytes(header, l.nr_objs, &l.bitmap_words, &l.remote_off);
	return l;
}

static bool is_as_wanted(const struct layout *l)
{
	unsigned long bytes = slab_bytes(l->order);

	return l->nr_objs >= KMOBJ_OBJS_WANTED >> (bytes > KMOBJ_SLAB_SMALL) &&
	       l->loss <= bytes / KMOBJ_LOSS_WANTED;
}

/* Does @a lose a smaller share of its slabs than @b? */
static bool loses_less(const struct layout *a, const struct layout *b)
{
	/* scaled to the largest order */
	return (u64)a->loss << (KMOBJ_ORDER_MAX - a->order) <
	       (u64)b->loss << (KMOBJ_ORDER_MAX - b->order);
}

static bool header_costs(const struct layout *in)
{
	return in->loss >= slab_bytes(in->order) / KMOBJ_LOSS_MOST;
}

/* With a fixed order: the header is in the slab, unless that costs much. */
static struct layout choose_place(const struct kmobj_zone *zone, unsigned int order)
{
	struct layout in = layout_in(zone, order, HEADER_TO_CHOOSE);
	struct layout off = layout_off(zone, order, HEADER_TO_CHOOSE);

	return header_costs(&in) && loses_less(&off, &in) ? off : in;
}

/*
 * The smallest order that holds enough objects and loses little, or else the order
 * that loses least; with the header in the slab, unless that costs much.
 */
static struct layout choose_layout(const struct kmobj_zone *zone)
{
	unsigned int max = min_t(unsigned int, PAGE_ALLOC_COSTLY_ORDER, KMOBJ_ORDER_MAX);
	struct layout l, best = { .loss = PAGE_SIZE };
	unsigned int order;

	for (order = 0; order <= max; order++) {
		if (zone->align > slab_bytes(order) / 4)
			continue;
		l = layout_in(zone, order, HEADER_TO_CHOOSE);
		if (is_as_wanted(&l))
			return l;
		if (loses_less(&l, &best))
			best = l;
	}
	if (!header_costs(&best))
		return best;
	for (order = 0; order <= max; order++) {
		l = layout_off(zone, order, HEADER_TO_CHOOSE);
		if (zone->align <= slab_bytes(order) / 4 && loses_less(&l, &best))
			best = l;
	}
	return best;
}

static u32 inverse_mod_2_32(u32 odd)
{
	u32 inverse = odd;	/* right in its lowest 3 bits; each step doubles them */
	int i;

	for (i = 0; i < 4; i++)
		inverse *= 2 - odd * inverse;
	return inverse;
}

/*
 * Small slabs, of the smallest order that holds an object. They have the bitmaps of
 * others; none where the header would need more than a page itself.
 */
static void small_geometry(struct kmobj_zone *zone)
{
	unsigned long align = max_t(unsigned long, zone->align, SMP_CACHE_BYTES);
	unsigned long offset = ALIGN(debug_front(zone), align);
	unsigned int order = 0;

	while (order < zone->order && offset + zone->stride > slab_bytes(order))
		order++;
	if (order == zone->order || slab_header_bytes(zone) > PAGE_SIZE)
		return;
	zone->small_order = order;
	zone->small_offset = offset;
	zone->small_objs = min_t(unsigned long, zone->nr_objs,
				 (slab_bytes(order) - offset) / zone->stride);
}

/*
 * Lay out the slabs of a zone whose size and align are set; order 0 means any.
 * -EINVAL if no object fits, or the alignment is too large for the slab.
 */
int slab_geometry(struct kmobj_zone *zone, unsigned int order)
{
	struct layout l;

	BUILD_BUG_ON((PAGE_SIZE << KMOBJ_ORDER_MAX) > KMOBJ_SLAB_BYTES_MAX);
	BUILD_BUG_ON(KMOBJ_SLAB_BYTES_MAX / KMOBJ_MIN_ALIGN / BITS_PER_LONG >
		     U16_MAX);

	debug_layout(zone);
	l = order ? choose_place(zone, order) : choose_layout(zone);
	/* the chosen order and place, with as many objects as fit */
	l = l.offslab ? layout_off(zone, l.order, HEADER_TO_FILL) :
			layout_in(zone, l.order, HEADER_TO_FILL);
	if (!l.nr_objs || zone->align > slab_bytes(l.order) / 4)
		return -EINVAL;

	zone->offslab = l.offslab;
	zone->order = l.order;
	zone->nr_objs = l.nr_objs;
	zone->slab_mask = ~(slab_bytes(l.order) - 1);
	zone->color_mask = l.color_mask;
	zone->bitmap_words = l.bitmap_words;
	zone->remote_off = l.remote_off;
	zone->obj_offset = l.obj_offset;
	zone->shift = __ffs(zone->stride);
	zone->inverse = inverse_mod_2_32(zone->stride >> zone->shift);
	small_geometry(zone);
	return 0;
}
