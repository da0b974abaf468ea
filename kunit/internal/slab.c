// SPDX-License-Identifier: GPL-2.0
/*
 * One slab: where its objects are, and which addresses are objects.
 */
#include <linux/net.h>

#include "internal_kunit.h"

static const unsigned int sizes[] = {
	1, 8, 16, 24, 40, 56, 64, 96, 120, 136, 192, 200, 264, 520, 1000, 1024,
	1032, 2040, 2048, 3000, 4096, 5000, 8192, 10000, 12288, 16376, 16384,
};

static void objects_lie_behind_the_header_within_the_slab(struct kunit *test)
{
	unsigned int i, order;

	for (i = 0; i < ARRAY_SIZE(sizes) * (KMOBJ_ORDER_MAX + 1); i++) {
		struct kmobj_zone_args args = {};
		struct kmobj_zone *zone;
		unsigned long bytes, end;

		order = i % (KMOBJ_ORDER_MAX + 1);
		if ((PAGE_SIZE << order) < 2 * sizes[i / (KMOBJ_ORDER_MAX + 1)])
			continue;
		args.order = order;
		zone = zone_make(test, sizes[i / (KMOBJ_ORDER_MAX + 1)], &args);
		bytes = bytes_per_slab(zone);
		end = zone->color_mask + zone->obj_offset +
		      (unsigned long)objs_per_slab(zone) * zone->stride;

		KUNIT_EXPECT_GE(test, zone->stride, zone->size);
		KUNIT_EXPECT_GE(test, zone->bitmap_words * BITS_PER_LONG,
				objs_per_slab(zone));
		KUNIT_EXPECT_GE(test, zone->remote_off,
				offsetof(struct kmobj_slab, free) +
				zone->bitmap_words * sizeof(long));
		if (!peek_offslab(zone))
			KUNIT_EXPECT_GE(test, zone->obj_offset, zone->remote_off +
					offsetof(struct kmobj_remote, bits) +
					KMOBJ_REMOTE_MAPS * zone->bitmap_words *
					sizeof(long));
		KUNIT_EXPECT_LE(test, end, bytes);
		/* and no other object would have fit */
		KUNIT_EXPECT_LT(test, bytes - end,
				zone->stride + 3 * SMP_CACHE_BYTES);
		zone_unmake(test, zone);
	}
}

static void a_chosen_order_holds_16_or_wastes_little(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct kmobj_zone *zone = zone_make(test, sizes[i], NULL);
		unsigned long bytes = bytes_per_slab(zone);
		unsigned long used = zone->color_mask + zone->obj_offset +
				     objs_per_slab(zone) * zone->stride;

		/* beside the header, the largest fit only once */
		if (sizes[i] <= 12288)
			KUNIT_EXPECT_LE_MSG(test, bytes - used, bytes / 4,
					    "size %u", sizes[i]);
		KUNIT_EXPECT_LE(test, bytes,
				max(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER,
				    4UL * sizes[i]));
		if (sizes[i] <= 1024)
			KUNIT_EXPECT_GE(test, objs_per_slab(zone), 15);
		zone_unmake(test, zone);
	}
}

/* The order that leaves room to spare, and then no room to spare. */
static void a_slab_is_filled_up(struct kunit *test)
{
	static const struct {
		unsigned int size, order, nr_objs;
	} known[] = {
		{ 16, 2, 960 }, { 24, 1, 320 }, { 32, 1, 244 }, { 64, 1, 123 },
		{ 96, 2, 166 }, { 128, 2, 124 }, { 192, 2, 83 }, { 256, 2, 62 },
		{ 512, 3, 62 }, { 1024, 3, 31 },
	};
	/* the numbers are for x86-64 with SMP, without KASAN */
	bool exact = PAGE_SHIFT == 12 && BITS_PER_LONG == 64 && IS_ENABLED(CONFIG_SMP) &&
		     SMP_CACHE_BYTES == 64 && !KMOBJ_KASAN_GAP;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		struct kmobj_zone *zone = zone_make(test, known[i].size, NULL);

		/* with the header's next word one more object would not fit */
		KUNIT_EXPECT_GT_MSG(test, zone->color_mask + zone->obj_offset +
				    (objs_per_slab(zone) + 1) * zone->stride +
				    SMP_CACHE_BYTES + max(zone->align, 64U),
				    bytes_per_slab(zone),
				    "size %u", known[i].size);
		if (exact) {
			KUNIT_EXPECT_EQ_MSG(test, peek_order(zone), known[i].order,
					    "size %u", known[i].size);
			KUNIT_EXPECT_EQ_MSG(test, objs_per_slab(zone),
					    known[i].nr_objs,
					    "size %u", known[i].size);
		}
		zone_unmake(test, zone);
	}
	if (exact)
		KUNIT_EXPECT_EQ(test, slab_header_max(), 192);
}

static void an_index_is_exact_for_every_address(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct kmobj_zone *zone = zone_make(test, sizes[i], NULL);
		long off, idx, bytes = bytes_per_slab(zone);
		void *obj = obj_make(test, zone);
		struct kmobj_slab *slab = slab_at(zone, obj);
		void *pages = (void *)slab_pages(zone, obj);
		unsigned long wrong = 0, right = 0;

		for (off = 0; off < bytes; off++) {
			long in = pages + off - slab_object(zone, slab, 0);

			idx = in < 0 || in % zone->stride ? LONG_MAX :
							    in / zone->stride;
			if (idx >= objs_per_slab(zone))
				wrong += slab_index(zone, pages + off) <
					 objs_per_slab(zone);
			else
				right += slab_index(zone, pages + off) == idx;
		}
		KUNIT_EXPECT_EQ_MSG(test, wrong, 0, "size %u", sizes[i]);
		KUNIT_EXPECT_EQ_MSG(test, right, objs_per_slab(zone), "size %u",
				    sizes[i]);
		kmobj_free(zone, obj);
		zone_unmake(test, zone);
		let_others_run();
	}
}

static void a_slab_is_compound_and_aligned_to_its_size(struct kunit *test)
{
	unsigned int order;

	for (order = 1; order <= KMOBJ_ORDER_MAX; order++) {
		const struct kmobj_zone_args args = { .order = order };
		struct kmobj_zone *zone = zone_make(test, SMALL, &args);
		void *obj = kmobj_alloc(zone, GFP_KERNEL | __GFP_NOWARN);
		struct page *page;

		if (!obj)
			continue;	/* memory may be in pieces */
		page = virt_to_head_page(obj);
		KUNIT_EXPECT_EQ(test, (unsigned long)page_address(page),
				slab_pages(zone, obj));
		KUNIT_EXPECT_EQ(test, compound_order(page), order);
		kmobj_free(zone, obj);
		zone_unmake(test, zone);
	}
}

/* Who sends an object copies it, on every page of every slab. */
static void no_page_of_an_object_can_be_kept(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct kmobj_zone *zone = zone_make(test, sizes[i], NULL);
		void *obj = obj_make(test, zone);
		void *page = (void *)slab_pages(zone, obj);
		void *end = page + bytes_per_slab(zone);

		for (; page < end; page += PAGE_SIZE)
			KUNIT_EXPECT_FALSE_MSG(test, sendpage_ok(virt_to_page(page)),
					       "size %u", sizes[i]);
		kmobj_free(zone, obj);
		zone_unmake(test, zone);
	}
}

/* Who has a reference for a moment, as iov_iter_get_pages(), frees nothing. */
static void a_reference_that_comes_and_goes_frees_nothing(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void *obj = obj_make(test, zone);
	struct page *page = virt_to_page(obj);
	int before = page_count(page);

	get_page(page);
	KUNIT_EXPECT_FALSE(test, sendpage_ok(page));
	put_page(page);
	KUNIT_EXPECT_EQ(test, page_count(page), before);
	KUNIT_EXPECT_EQ(test, slab_given_away(slab_at(zone, obj)), 0);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), zone);
	/* and who still has one when the slab leaves has the pages then */
	get_page(page);
	kmobj_free(zone, obj);
	zone_unmake(test, zone);
	free_slab_caches_empty();
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

static void what_everybody_writes_has_lines_of_its_own(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, TINY, NULL);

	KUNIT_EXPECT_EQ(test, zone->remote_off % SMP_CACHE_BYTES, 0);
	KUNIT_EXPECT_EQ(test, zone->obj_offset % SMP_CACHE_BYTES, 0);
	/* and what only the owner does is not where others look */
	KUNIT_EXPECT_EQ(test, offsetof(struct kmobj_slab, hint) %
			      SMP_CACHE_BYTES, 0);
	KUNIT_EXPECT_LT(test, offsetof(struct kmobj_slab, cookie),
			offsetof(struct kmobj_slab, hint));
	KUNIT_EXPECT_LT(test, offsetof(struct kmobj_slab, owner),
			offsetof(struct kmobj_slab, hint));
}

#define COLORED	64

/* In how many places of their pages do the objects of these slabs begin? */
static unsigned int places(const struct kmobj_zone *zone, void **objs)
{
	unsigned long seen[BITS_TO_LONGS(PAGE_SIZE / SMP_CACHE_BYTES)] = {};
	unsigned int i, line;
	void *first;

	for (i = 0; i < COLORED * objs_per_slab(zone); i++) {
		first = slab_object(zone, slab_at(zone, objs[i]), 0);
		line = offset_in_page(first) / SMP_CACHE_BYTES;
		__set_bit(line, seen);
	}
	return bitmap_weight(seen, PAGE_SIZE / SMP_CACHE_BYTES);
}

/* So that all first objects, or all headers, are not in the same cache sets. */
static void objects_begin_in_different_places(struct kunit *test)
{
	const struct kmobj_zone_args coarse = { .align = 2 * SMP_CACHE_BYTES };
	struct kmobj_zone *zone = zone_make(test, 1024, NULL);
	struct kmobj_zone *aligned = zone_make(test, 1024, &coarse);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, COLORED);
	KUNIT_EXPECT_GT(test, places(zone, objs), 2);
	objs_free(zone, objs, COLORED * objs_per_slab(zone));

	objs = slabs_fill(test, aligned, COLORED);
	KUNIT_EXPECT_EQ(test, places(aligned, objs), 1);
	objs_free(aligned, objs, COLORED * objs_per_slab(aligned));
}

/* How many objects of new slabs come right behind the one that came before. */
static unsigned int neighbours(struct kunit *test, unsigned int slabs)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, nr = slabs * objs_per_slab(zone), found = 0;
	void **objs = slabs_fill(test, zone, slabs);

	for (i = 1; i < nr; i++)
		found += objs[i] == objs[i - 1] + zone->stride;
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, slabs);
	objs_free(zone, objs, nr);
	zone_unmake(test, zone);
	return found;
}

static void a_new_slab_is_handed_out_in_order_or_not(struct kunit *test)
{
	unsigned int nr = 8, all = nr * (objs_per_slab(zone_make(test, SMALL, NULL)) - 1);

	pin_here(test);
	slabs_in_order(test);
	KUNIT_EXPECT_EQ(test, neighbours(test, nr), all);
	kmobj_shuffle = true;
	KUNIT_EXPECT_LT(test, neighbours(test, nr), all * 3 / 4);
}

/* Not only where its bitmap begins, and not everywhere alike. */
static void all_of_a_new_slab_is_shuffled(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, TINY, NULL);
	unsigned int w, words = objs_per_slab(zone) / BITS_PER_LONG, in_order = 0, alike = 0;
	struct kmobj_slab *slab;
	unsigned long *later;
	void *obj;

	pin_here(test);
	slabs_in_order(test);
	kmobj_shuffle = true;
	KUNIT_ASSERT_GE(test, words, 4);
	obj = obj_make(test, zone);
	slab = slab_at(zone, obj);
	later = slab_remote(zone, slab)->bits;
	for (w = 1; w < words; w++) {
		in_order += !later[w] || !slab->free[w];
		alike += later[w] == later[w - 1];
	}
	/* by chance none is, but for one in some 2^30 */
	KUNIT_EXPECT_LE(test, in_order, 1);
	KUNIT_EXPECT_LE(test, alike, 1);
	kmobj_free(zone, obj);
}

/* In the half that comes first or in the other: it is nobody's to free. */
static void what_a_shuffled_slab_has_not_handed_out_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone), twice = 0;
	struct kmobj_slab *slab;
	unsigned long *seen;
	void **objs;

	pin_here(test);
	slabs_in_order(test);
	kmobj_shuffle = true;
	objs = kunit_kcalloc(test, n, sizeof(*objs), GFP_KERNEL);
	seen = kunit_kcalloc(test, BITS_TO_LONGS(n), sizeof(*seen), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	objs[0] = obj_make(test, zone);
	slab = slab_at(zone, objs[0]);
	KUNIT_ASSERT_GT(test, known_free(zone, slab), 0);
	KUNIT_ASSERT_GT(test, remote_free(zone, slab), 0);
	for (i = 0; i < n; i++) {
		if (slab_object(zone, slab, i) != objs[0])
			kmobj_free(zone, slab_object(zone, slab, i));
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, n - 1);
	/* what was handed out comes back, and goes again */
	kmobj_free(zone, objs[0]);
	for (i = 0; i < n; i++) {
		objs[i] = obj_make(test, zone);
		KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, objs[i]), slab);
		twice += __test_and_set_bit(slab_index(zone, objs[i]), seen);
	}
	KUNIT_EXPECT_EQ(test, twice, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, n);
}

/* Frees into a fresh slab are slow: that must not last. */
static void a_slab_does_not_stay_fresh(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	unsigned int i;
	void *obj;

	pin_here(test);
	slabs_in_order(test);
	kmobj_shuffle = true;
	obj = obj_make(test, zone);
	slab = slab_at(zone, obj);
	for (i = 0; i < KMOBJ_HIDDEN_HALF_FREES; i++) {
		KUNIT_EXPECT_TRUE(test, slab_has_hidden_half(slab));
		KUNIT_EXPECT_GT(test, remote_free(zone, slab), 0);
		kmobj_free(zone, obj);
		obj = obj_make(test, zone);
	}
	KUNIT_EXPECT_FALSE(test, slab_has_hidden_half(slab));
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), objs_per_slab(zone) - 1);
	kmobj_free(zone, obj);
	zone_expect_sound(test, zone);
}

/* Wherever a slab's header begins, object 0 begins on a line. */
static void HWCACHE_ALIGN_begins_a_slab_on_a_line(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_HWCACHE_ALIGN };
	unsigned int size, line = cache_line_size();

	for (size = 1; size <= 3 * line; size += 3) {
		struct kmobj_zone *zone = zone_make(test, size, &args);

		KUNIT_EXPECT_EQ(test, zone->obj_offset % line, 0);
		KUNIT_EXPECT_EQ(test, zone->color_mask %
				min_t(unsigned int, line, SMP_CACHE_BYTES), 0);
		zone_unmake(test, zone);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE(objects_lie_behind_the_header_within_the_slab),
	KUNIT_CASE(a_chosen_order_holds_16_or_wastes_little),
	KUNIT_CASE(a_slab_is_filled_up),
	KUNIT_CASE_SLOW(an_index_is_exact_for_every_address),
	KUNIT_CASE(a_slab_is_compound_and_aligned_to_its_size),
	KUNIT_CASE(no_page_of_an_object_can_be_kept),
	KUNIT_CASE(a_reference_that_comes_and_goes_frees_nothing),
	KUNIT_CASE(what_everybody_writes_has_lines_of_its_own),
	KUNIT_CASE(objects_begin_in_different_places),
	KUNIT_CASE(HWCACHE_ALIGN_begins_a_slab_on_a_line),
	KUNIT_CASE(a_new_slab_is_handed_out_in_order_or_not),
	KUNIT_CASE(all_of_a_new_slab_is_shuffled),
	KUNIT_CASE(what_a_shuffled_slab_has_not_handed_out_is_refused),
	KUNIT_CASE(a_slab_does_not_stay_fresh),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_slab",
	.test_cases = cases,
};

kunit_test_suite(suite);
