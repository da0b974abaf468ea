// SPDX-License-Identifier: GPL-2.0
/*
 * Slabs of large objects, whose headers are elsewhere: what is gained, what the
 * pages say of their header and what they cannot be made to say, and that headers
 * come and go with their slabs. Bad frees of such objects are in bad_free.c, a
 * damaged header in corrupt.c, and pages that fail in page_failure.c.
 */
#include <kunit/static_stub.h>

#include "internal_kunit.h"

#define SLABS	130	/* more than a zone has room for at first */

static struct kmobj_zone *large_make(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, LARGE, NULL);

	if (!peek_offslab(zone))
		kunit_skip(test, "no slab of such large pages has its header elsewhere");
	return zone;
}

static void a_large_object_does_not_make_room_for_a_header(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	unsigned long bytes = bytes_per_slab(zone), pages;
	void *obj, *header;

	pin_here(test);
	obj = obj_make(test, zone);
	header = slab_at(zone, obj);
	KUNIT_EXPECT_LT(test, bytes - objs_per_slab(zone) * zone->stride, bytes / 64);
	if (!KMOBJ_KASAN_GAP)
		KUNIT_EXPECT_EQ(test, zone->obj_offset, 0);
	pages = slab_pages(zone, obj);
	KUNIT_EXPECT_NE(test, slab_pages(zone, header), pages);
	KUNIT_EXPECT_PTR_EQ(test, slab_object(zone, header, 0),
			    (void *)pages + zone->obj_offset);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), zone);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj + 8));
	KUNIT_EXPECT_EQ(test, ((struct kmobj_slab *)header)->owner & ~KMOBJ_HIDDEN_HALF,
			raw_smp_processor_id());
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(header));
	kmobj_free(zone, obj);
}

/*
 * The largest sizes, where the header would take the place of one in eight or less.
 * KASAN has a gap before each object, and one before the first.
 */
static void powers_of_two_fill_their_slabs(struct kunit *test)
{
	unsigned int size;

	if (PAGE_SIZE > SZ_4K)
		kunit_skip(test, "needs pages of 4 KiB");
	for (size = 4096; size <= KMOBJ_MAX_SIZE; size *= 2) {
		struct kmobj_zone *zone;

		zone = zone_make(test, size - 6 * KMOBJ_KASAN_GAP, NULL);
		KUNIT_EXPECT_TRUE(test, peek_offslab(zone));
		KUNIT_EXPECT_EQ(test, objs_per_slab(zone), bytes_per_slab(zone) / size);
		zone_unmake(test, zone);
	}
}

/* Where a header in the slab costs little, it is there: nothing has to look for it. */
static void other_headers_are_in_their_slabs(struct kunit *test)
{
	static const unsigned int sizes[] = { 8, 64, 256, 1024, 2048 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct kmobj_zone *zone = zone_make(test, sizes[i], NULL);

		KUNIT_EXPECT_FALSE(test, peek_offslab(zone));
		zone_unmake(test, zone);
	}
}

/* The same where the client chose the size of slabs. */
static void a_small_slab_of_few_objects_has_its_header_elsewhere(struct kunit *test)
{
	struct kmobj_zone_args args = { .order = 1 };
	struct kmobj_zone *zone;

	zone = zone_make(test, PAGE_SIZE / 4 - 2 * KMOBJ_KASAN_GAP, &args);
	KUNIT_EXPECT_TRUE(test, peek_offslab(zone));
	KUNIT_EXPECT_EQ(test, objs_per_slab(zone), 8);
	zone_unmake(test, zone);
}

static void headers_leave_with_their_slabs(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test), *other = large_make(test);
	unsigned long before = offslab_headers();
	void **objs, *obj;

	pin_here(test);
	objs = slabs_fill(test, zone, SLABS);
	obj = obj_make(test, other);
	KUNIT_EXPECT_EQ(test, offslab_headers(), before + SLABS + 1);
	objs_free(zone, objs, SLABS * objs_per_slab(zone));
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, offslab_headers(), before + 1);
	zone_unmake(test, zone);
	kmobj_free(other, obj);
	zone_unmake(test, other);
	KUNIT_EXPECT_EQ(test, offslab_headers(), before);
}

/* An object comes back by every way that there is. */
static void a_large_object_is_freed_from_anywhere(struct kunit *test)
{
	int there = other_cpu(test);
	struct kmobj_zone *zone = large_make(test);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 8);
	objs_free(zone, objs + 7 * n, n);		/* active and alternate */
	objs_free(zone, objs + 6 * n, n);
	objs_free(zone, objs, n);			/* dormant */
	free_on_cpu(test, there, zone, objs + n, n);
	nested_free(zone, objs + 2 * n, n);
	kmobj_free_bulk(zone, 2 * n, objs + 3 * n);
	below_section(zone, objs_free(zone, objs + 5 * n, n / 2));
	kmobj_free_rcu(zone, objs[5 * n + n / 2]);
	objs_free(zone, objs + 5 * n + n / 2 + 1, n - n / 2 - 1);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 8 * n);
	zone_expect_sound(test, zone);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static struct kmobj_slab *no_header(gfp_t gfp, int nid)
{
	return NULL;
}

static void without_a_header_there_is_no_slab(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);

	kunit_activate_static_stub(test, offslab_header_alloc, no_header);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_ATOMIC));
	kunit_deactivate_static_stub(test, offslab_header_alloc);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 2);
	kmobj_free(zone, obj_make(test, zone));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
}

static struct page *no_pages(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

/* Nor does one stay. */
static void without_pages_there_is_no_header(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	unsigned long before = offslab_headers();

	free_slab_caches_empty();
	kunit_activate_static_stub(test, slab_pages_alloc, no_pages);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_EQ(test, offslab_headers(), before);
}

static void page_says(void *page, void *header)
{
	virt_to_page(page)->lru.next = header;
}

static void free_the_page(void *page)
{
	free_pages((unsigned long)page, 3);
}

/* Where @zone remembers the header of @pages to be; it stays, in a zone of few slabs. */
static struct kmobj_slab **hint(struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_slab **at;

	preempt_disable();
	at = header_cache_at(zone, pages);
	preempt_enable();
	return at;
}

/* Now only what the zone remembers tells whose @obj is; returns what else did. */
static void *page_forgets(struct kmobj_zone *zone, void *obj)
{
	void *header = slab_at(zone, obj);
	unsigned long pages = slab_pages(zone, obj);

	WRITE_ONCE(*hint(zone, pages), header);
	page_says((void *)pages, NULL);
	return header;
}

static void free_below_one(struct kmobj_zone *zone, void *obj)
{
	below_section(zone, kmobj_free(zone, obj));
}

static void free_below_two(struct kmobj_zone *zone, void *obj)
{
	nested_free(zone, &obj, 1);
}

static void free_in_bulk(struct kmobj_zone *zone, void *obj)
{
	kmobj_free_bulk(zone, 1, &obj);
}

/* By each way that there is to free, of slabs that are neither active nor alternate. */
static void a_header_that_is_remembered_is_not_looked_for(struct kunit *test)
{
	static void (*const ways[])(struct kmobj_zone *zone, void *obj) = {
		kmobj_free, free_below_one, free_below_two, free_in_bulk,
		kmobj_free_rcu,
	};
	struct kmobj_zone *zone = large_make(test);
	unsigned int n = objs_per_slab(zone), i;
	void **objs, *obj, *header;

	pin_here(test);
	objs = slabs_fill(test, zone, ARRAY_SIZE(ways) + 2);
	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		obj = objs[i * n];
		header = page_forgets(zone, obj);
		ways[i](zone, obj);
		page_says((void *)slab_pages(zone, obj), header);
		objs_free(zone, objs + i * n + 1, n - 1);
	}
	objs_free(zone, objs + i * n, 2 * n);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	zone_expect_sound(test, zone);
}

/* And it is found again where another's took its place. */
static void a_header_once_found_is_remembered(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_slab **at;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 8);
	at = hint(zone, slab_pages(zone, objs[0]));
	WRITE_ONCE(*at, slab_at(zone, objs[n]));
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, *at, slab_at(zone, objs[0]));
	objs_free(zone, objs + 1, 8 * n - 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static unsigned long hints(const struct kmobj_zone *zone)
{
	return rcu_dereference_raw(zone->header_cache)->mask + 1;
}

/* With new slabs and when they are gone. */
static void room_for_hints_follows_the_number_of_slabs(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	unsigned int n = SLABS * objs_per_slab(zone);
	unsigned long few = hints(zone);
	void **objs;

	KUNIT_ASSERT_LT(test, few, 2 * SLABS);
	pin_here(test);
	objs = slabs_fill(test, zone, SLABS);
	KUNIT_EXPECT_GE(test, hints(zone), 2 * SLABS);
	KUNIT_EXPECT_LE(test, hints(zone), 4 * SLABS);
	objs_free(zone, objs, n);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, hints(zone), few);
}

/* Who may not sleep makes no room: the poller does. */
static void room_for_hints_is_made_in_task_context(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	unsigned int n = SLABS * objs_per_slab(zone), i;
	unsigned long few = hints(zone);
	void **objs;

	objs = kunit_kmalloc_array(test, n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	zone_lock(test, zone);
	for (i = 0; i < n; i++) {
		objs[i] = kmobj_alloc(zone, GFP_ATOMIC);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
	}
	KUNIT_EXPECT_EQ(test, hints(zone), few);
	zone_pass(zone);
	KUNIT_EXPECT_GE(test, hints(zone), 2 * SLABS);
	objs_free(zone, objs, n / 2);
	zone_pass(zone);
	objs_free(zone, objs + n / 2, n - n / 2);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	zone_expect_sound(test, zone);
}

static void expect_refused(struct kunit *test, struct kmobj_zone *zone, void *bad)
{
	unsigned long refused = zone_stats(zone).bad_frees;

	kmobj_free(zone, bad);
	kmobj_free_bulk(zone, 1, &bad);
	nested_free(zone, &bad, 1);
	kmobj_free_rcu(zone, bad);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, refused + 4);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(bad));
}

static void *page_make(struct kunit *test)
{
	void *page = (void *)__get_free_pages(GFP_KERNEL | __GFP_COMP, 3);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_the_page, page), 0);
	return page;
}

/*
 * Other owners of pages may have anything where a slab's has its header; but
 * nothing odd, as that is how a page says that it is not the head.
 */
static void what_a_page_says_is_not_believed(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	void *obj = obj_make(test, zone), *header = slab_at(zone, obj);
	void *says[] = {
		NULL, (void *)8, (void *)0x1000, (void *)(TASK_SIZE - 64),
		ERR_PTR(-ENOENT), (void *)(1UL << (BITS_PER_LONG - 2)), LIST_POISON1,
		header, header + 8, header + SMP_CACHE_BYTES,
		(void *)(ULONG_MAX & PAGE_MASK), kmobj_free, zone, obj,
		(void *)high_memory + SZ_1G,
	};
	void *page = page_make(test), *bad;
	unsigned int i;

	pin_here(test);
	/* its own header, a copy of a true one, and all else that is not */
	memcpy(page, header, slab_header_max());
	bad = page + (obj - (void *)slab_pages(zone, obj));
	for (i = 0; i <= ARRAY_SIZE(says); i++) {
		page_says(page, i < ARRAY_SIZE(says) ? says[i] : page);
		expect_refused(test, zone, bad);
	}
	page_says(page, NULL);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 0);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
}

/* What is remembered was so once: the header is another slab's, or nobody's. */
static void nor_is_what_the_zone_remembers(struct kunit *test)
{
	struct kmobj_zone *zone = large_make(test);
	void *obj = obj_make(test, zone), *header = slab_at(zone, obj);
	void *page = page_make(test), *bad;

	pin_here(test);
	page_says(page, NULL);
	bad = page + (obj - (void *)slab_pages(zone, obj));
	WRITE_ONCE(*hint(zone, (unsigned long)page), header);
	expect_refused(test, zone, bad);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	WRITE_ONCE(*hint(zone, (unsigned long)page), header);
	expect_refused(test, zone, bad);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_large_object_does_not_make_room_for_a_header),
	KUNIT_CASE(powers_of_two_fill_their_slabs),
	KUNIT_CASE(other_headers_are_in_their_slabs),
	KUNIT_CASE(a_small_slab_of_few_objects_has_its_header_elsewhere),
	KUNIT_CASE(headers_leave_with_their_slabs),
	KUNIT_CASE(a_large_object_is_freed_from_anywhere),
	KUNIT_CASE(without_a_header_there_is_no_slab),
	KUNIT_CASE(without_pages_there_is_no_header),
	KUNIT_CASE(a_header_that_is_remembered_is_not_looked_for),
	KUNIT_CASE(a_header_once_found_is_remembered),
	KUNIT_CASE(room_for_hints_follows_the_number_of_slabs),
	KUNIT_CASE(room_for_hints_is_made_in_task_context),
	KUNIT_CASE(what_a_page_says_is_not_believed),
	KUNIT_CASE(nor_is_what_the_zone_remembers),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_offslab",
	.test_cases = cases,
};

kunit_test_suite(suite);
