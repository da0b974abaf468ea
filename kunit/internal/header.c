// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever is written over of a slab's header, and wherever the slab is, allocations that
 * come before any free return objects of the zone's slabs; damage that matters is found by
 * them, or named by verify; and a neighbour does not notice.
 */
#include <linux/kmemleak.h>

#include "internal_kunit.h"

/* Where the slab is when its header is written over. */
enum place { ACTIVE, ALTERNATE, RESERVED, FULL, LISTED, CORRUPT };

struct header {
	const char *where;
	enum place place;
	unsigned int size;
};

static const struct header headers[] = {
	{ "active", ACTIVE, SMALL },
	{ "alternate", ALTERNATE, SMALL },
	{ "in a reserve", RESERVED, SMALL },
	{ "full", FULL, SMALL },
	{ "in the depot", LISTED, SMALL },
	{ "corrupt", CORRUPT, SMALL },
	{ "active, header off the slab", ACTIVE, LARGE },
};

static void header_desc(const struct header *header, char *desc)
{
	strscpy(desc, header->where, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(header, headers, header_desc);

#define SLABS	4
#define GOT	3		/* slabs full of objects are allocated after the damage */
#define FREED	2		/* objects of a slab that has free ones */
#define PATTERN	0x5a
#define NEAR	8		/* objects of the neighbour */

struct scene {
	struct kmobj_zone *zone;
	struct kmobj_zone *neighbour;
	enum place place;
	unsigned int n;			/* objects in a slab */
	unsigned int victim;		/* its number */
	struct kmobj_slab *slab;
	size_t from, to;		/* what is written over of it */
	size_t bytes;			/* of a header */
	void *was;			/* all of it, before and after that */
	void *written;
	void **objs;			/* of SLABS, freed ones are NULL */
	void **got;
	void *near[NEAR];
};

static void free_some(struct scene *s, unsigned int slab)
{
	unsigned int i;

	for (i = slab * s->n; i < slab * s->n + FREED; i++) {
		kmobj_free(s->zone, s->objs[i]);
		s->objs[i] = NULL;
	}
}

/* Full slabs, of which some were freed into so that the victim is where it should be. */
static void scene_set(struct kunit *test, struct scene *s)
{
	static const unsigned int victims[] = {
		[ACTIVE] = 3, [ALTERNATE] = 2, [RESERVED] = 1, [FULL] = 1,
		[LISTED] = 1, [CORRUPT] = 3,
	};
	unsigned int i;

	for (i = 0; i < SLABS * s->n; i++)
		s->objs[i] = obj_make(test, s->zone);
	s->victim = victims[s->place];
	s->slab = slab_at(s->zone, s->objs[s->victim * s->n]);
	if (s->place == CORRUPT)
		WRITE_ONCE(s->slab->cookie, PATTERN);
	if (s->place == RESERVED || s->place == LISTED) {
		free_some(s, 0);
		free_some(s, 2);
	}
	if (s->place != FULL)
		free_some(s, s->victim);
	if (s->place == LISTED || s->place == CORRUPT)
		zone_drain(s->zone);
}

/* Is the first byte of @field written over? */
#define COVERS(s, field)	covers(s, offsetof(struct kmobj_slab, field))

static bool covers(const struct scene *s, size_t at)
{
	return s->from <= at && at < s->to;
}

/* Is that damage found or named? The rest of a header is for frees, or does not matter. */
static bool is_to_be_named(const struct scene *s)
{
	if (s->place == CORRUPT)
		return false;
	if (COVERS(s, cookie) || COVERS(s, zone) || COVERS(s, node) || COVERS(s, objs) ||
	    COVERS(s, all.next) || COVERS(s, hint))
		return true;
	if (s->place == RESERVED)
		return COVERS(s, owner) || COVERS(s, next);
	if (s->place == LISTED)
		return COVERS(s, owner) || COVERS(s, link) || COVERS(s, listed);
	return s->place == FULL && COVERS(s, owner);
}

static bool lies_in_a_slab(struct kmobj_zone *zone, void *obj)
{
	return virt_addr_valid(obj) &&
	       page_private(virt_to_head_page(obj)) == zone->cookie &&
	       index_by_page(zone, obj) < zone->nr_objs;
}

static bool lies_in_victim(struct scene *s, void *obj)
{
	return obj && slab_at(s->zone, obj) == s->slab;
}

/* One at a time, in bulk, and as an interrupt would. */
static void allocate_all(struct kunit *test, struct scene *s)
{
	unsigned int i = 0, end = GOT * s->n, bad = 0;

	while (i < end) {
		if (i % 5 == 1) {
			s->got[i++] = nested_alloc(s->zone);
		} else if (i % 5 == 2 && i + 4 <= end) {
			KUNIT_EXPECT_TRUE(test, kmobj_alloc_bulk(s->zone, GFP_KERNEL, 4,
								 s->got + i));
			i += 4;
		} else {
			s->got[i++] = kmobj_alloc(s->zone, GFP_KERNEL);
		}
	}
	for (i = 0; i < end; i++) {
		bad += !lies_in_a_slab(s->zone, s->got[i]);
		bad += s->place == CORRUPT && lies_in_victim(s, s->got[i]);
	}
	KUNIT_EXPECT_EQ_MSG(test, bad, 0, "bytes %zu to %zu", s->from, s->to);
}

static void expect_named(struct kunit *test, struct scene *s)
{
	struct kmobj_verify v;
	unsigned int i;
	int err;

	if (is_to_be_named(s)) {
		err = zone_verify(s->zone, &v);
		KUNIT_EXPECT_EQ_MSG(test, err, -EUCLEAN, "bytes %zu to %zu", s->from, s->to);
	}
	KUNIT_EXPECT_EQ(test, zone_verify(s->neighbour, &v), 0);
	for (i = 0; i < NEAR; i++)
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(s->near[i], object_size(s->neighbour), i));
}

/* Take the victim's objects out of @objs, and mark them in @held. */
static void victim_collect(struct scene *s, void **objs, unsigned int nr,
			   unsigned long *held)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!lies_in_victim(s, objs[i]))
			continue;
		__set_bit(index_by_page(s->zone, objs[i]), held);
		objs[i] = NULL;
	}
}

/* The links, any byte of which may be PATTERN once kmobj has repaired them. */
static bool is_in_a_link(size_t at)
{
	return at >= offsetof(struct kmobj_slab, link) &&
	       at < offsetof(struct kmobj_slab, all) + sizeof(struct list_head);
}

/* Put back what is still as it was written over; of a slab found corrupt that is nothing. */
static void victim_restore(struct scene *s)
{
	u8 *now = (u8 *)s->slab, *was = s->was, *written = s->written;
	size_t at, bytes;

	if (slab_is_corrupt(s->zone, s->slab) && s->place != CORRUPT)
		return;
	for (at = s->from; at < s->to; at += bytes) {
		bytes = is_in_a_link(at) ? sizeof(long) - at % sizeof(long) : 1;
		if (!memcmp(now + at, written + at, bytes))
			memcpy(now + at, was + at, bytes);
	}
}

static unsigned int count_objs(void **objs, unsigned int nr)
{
	unsigned int i, count = 0;

	for (i = 0; i < nr; i++)
		count += !!objs[i];
	return count;
}

/* As many objects are live as the test has. */
static void zone_set_live(struct scene *s, unsigned long *held)
{
	struct kmobj_zone_stats stats = zone_stats(s->zone);
	unsigned long live = bitmap_weight(held, s->n) + count_objs(s->objs, SLABS * s->n) +
			     count_objs(s->got, GOT * s->n);

	cpu_state_on(s->zone, raw_smp_processor_id())->allocs +=
		live - (stats.allocs - stats.frees);
}

/*
 * Free all objects. Those of the victim once, though damage to its bitmaps may have had
 * some handed out twice, and others never: the zone counts what it did then.
 */
static void free_all(struct kunit *test, struct scene *s)
{
	unsigned long *held = bitmap_zalloc(s->n, GFP_KERNEL);
	unsigned long *remote = slab_remote(s->zone, s->slab)->bits;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, held);
	victim_restore(s);
	victim_collect(s, s->objs, SLABS * s->n, held);
	victim_collect(s, s->got, GOT * s->n, held);
	bitmap_zero(remote, KMOBJ_REMOTE_MAPS * s->zone->bitmap_words * BITS_PER_LONG);
	if (slab_is_corrupt(s->zone, s->slab)) {
		s->slab->rcu_batches = 0;
		bitmap_fill(remote, s->n);
		bitmap_andnot(remote, remote, held, s->n);
	} else {
		bitmap_zero(s->slab->free, s->n);
		bitmap_fill(held, s->n);
	}
	zone_set_live(s, held);
	objs_free(s->zone, s->objs, SLABS * s->n);
	objs_free(s->zone, s->got, GOT * s->n);
	for_each_set_bit(i, held, s->n)
		kmobj_free(s->zone, slab_object(s->zone, s->slab, i));
	bitmap_free(held);
}

/* What is live may be handed out a second time, which kmemleak would complain of. */
static void victim_untrack(struct scene *s)
{
	unsigned int i;

	for (i = s->victim * s->n; i < (s->victim + 1) * s->n; i++) {
		if (s->objs[i])
			kmemleak_free(s->objs[i]);
	}
}

/* Write over bytes @from to @to of the header of a slab of a zone that is sound. */
static void write_over(struct kunit *test, struct scene *s, size_t from, size_t to)
{
	s->from = from;
	s->to = to;
	zone_lock(test, s->zone);
	scene_set(test, s);
	victim_untrack(s);
	memcpy(s->was, s->slab, s->bytes);
	memset((void *)s->slab + from, PATTERN, to - from);
	memcpy(s->written, s->slab, s->bytes);
	allocate_all(test, s);
	zone_unlock(test, s->zone);
	expect_named(test, s);
	free_all(test, s);
}

static void zone_anew(struct kunit *test, struct scene *s)
{
	if (s->zone) {
		if (!zone_stats(s->zone).slabs_corrupt) {
			zone_expect_sound(test, s->zone);
			kmobj_zone_shrink(s->zone);
			return;
		}
		zone_forget(test, s->zone);
		KUNIT_ASSERT_EQ(test, kmobj_zone_destroy(s->zone), 0);
	}
	s->zone = zone_make(test, object_size(s->neighbour), NULL);
}

static void scene_make(struct kunit *test, struct scene *s, const struct header *header)
{
	unsigned int i;

	s->place = header->place;
	s->neighbour = zone_make(test, header->size, NULL);
	for (i = 0; i < NEAR; i++) {
		s->near[i] = obj_make(test, s->neighbour);
		obj_stamp(s->near[i], header->size, i);
	}
	s->n = objs_per_slab(s->neighbour);
	s->bytes = slab_header_bytes(s->neighbour);
	s->was = kunit_kzalloc(test, s->bytes, GFP_KERNEL);
	s->written = kunit_kzalloc(test, s->bytes, GFP_KERNEL);
	s->objs = kunit_kcalloc(test, SLABS * s->n, sizeof(*s->objs), GFP_KERNEL);
	s->got = kunit_kcalloc(test, GOT * s->n, sizeof(*s->got), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->was);
	KUNIT_ASSERT_NOT_NULL(test, s->written);
	KUNIT_ASSERT_NOT_NULL(test, s->objs);
	KUNIT_ASSERT_NOT_NULL(test, s->got);
}

/* Each word of what the owner reads; a byte of each line, and all up to its end. */
static void what_is_allocated_lies_in_the_zone(struct kunit *test)
{
	struct scene *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	size_t at;

	KUNIT_ASSERT_NOT_NULL(test, s);
	pin_here(test);
	slabs_in_order(test);
	scene_make(test, s, test->param_value);
	zone_anew(test, s);
	for (at = 0; at < s->zone->remote_off; at += sizeof(long)) {
		zone_anew(test, s);
		write_over(test, s, at, at + sizeof(long));
	}
	for (at = 0; at < s->bytes; at += SMP_CACHE_BYTES) {
		zone_anew(test, s);
		write_over(test, s, at, at + 1);
		zone_anew(test, s);
		write_over(test, s, 0, min(at + SMP_CACHE_BYTES, s->bytes));
	}
	zone_anew(test, s);
	objs_free(s->neighbour, s->near, NEAR);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(what_is_allocated_lies_in_the_zone, header_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_header",
	.test_cases = cases,
};

kunit_test_suite(suite);
