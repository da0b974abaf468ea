// SPDX-License-Identifier: GPL-2.0
/*
 * Small slabs: memory is in pieces, and a zone whose slabs are larger than a page gets
 * its objects all the same. The pages of all small slabs of a case lie beside each
 * other in blocks as large as an ordinary slab, so that a wrong look finds another's.
 */
#include "internal_kunit.h"

static const struct kind {
	const char *name;
	size_t size;
	unsigned int order;
	unsigned int flags;
} kinds[] = {
	{ "64 bytes", 64, 3 },
	{ "200 bytes", 200, 2 },
	{ "2000 bytes", 2000, 3 },
	{ "1024 bytes, headers elsewhere", 1024, 1 },
	{ "4064 bytes, headers elsewhere", 4064, 3 },
	{ "debug", 64, 3, KMOBJ_POISON | KMOBJ_RED_ZONE | KMOBJ_TRACK_USER },
	{ "for lockless readers", 64, 3, KMOBJ_TYPESAFE_BY_RCU },
};

static void kind_desc(const struct kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

/* A block, cut up, of which the next page is handed out. */
static struct page *block;
static unsigned int handed_out;
static unsigned int largest;		/* order that is to be had */
static gfp_t asked;

#define BLOCK_ORDER	3

static struct page *pieces(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page;

	asked = gfp;
	if (order > largest)
		return NULL;
	if (order)
		return alloc_pages_node(nid, gfp, order);
	if (!block || handed_out == 1U << BLOCK_ORDER) {
		block = alloc_pages_node(nid, gfp & ~__GFP_COMP, BLOCK_ORDER);
		if (!block)
			return NULL;
		split_page(block, BLOCK_ORDER);
		handed_out = 0;
	}
	page = block + handed_out++;
	return page;
}

/* What is left of the block goes back. */
static void whole_again(struct kunit *test)
{
	pages_come_from(test, NULL);
	while (block && handed_out < 1U << BLOCK_ORDER)
		__free_page(block + handed_out++);
	block = NULL;
}

/* An object with KASAN's gap may need two pages. */
static void in_pieces(struct kunit *test, const struct kmobj_zone *zone)
{
	pin_here(test);
	free_slab_caches_empty();
	block = NULL;
	largest = zone->small_order;
	pages_come_from(test, pieces);
}

static struct kmobj_zone *zone_in_pieces(struct kunit *test, const struct kind *kind)
{
	const struct kmobj_zone_args args = { .flags = kind->flags, .order = kind->order };
	struct kmobj_zone *zone = zone_make(test, kind->size, &args);

	in_pieces(test, zone);
	return zone;
}

#define OBJS	200U

static void **objs_room(struct kunit *test, unsigned int nr)
{
	void **objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	return objs;
}

static void objs_make(struct kunit *test, struct kmobj_zone *zone, void **objs, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		objs[i] = obj_make(test, zone);
		obj_stamp(objs[i], object_size(zone), i);
	}
}

static unsigned int objs_spoiled(struct kmobj_zone *zone, void **objs, unsigned int nr)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < nr; i++)
		wrong += !obj_has_stamp(objs[i], object_size(zone), i);
	return wrong;
}

/* Any slab of @zone, all of which are small. */
static struct kmobj_slab *small_at(const void *obj)
{
	return slab_from_page(virt_to_head_page(obj));
}

static void objects_come_and_go(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, test->param_value);
	void **objs = objs_room(test, OBJS);
	struct kmobj_zone *other = zone_make(test, SMALL, NULL);
	unsigned int i, wrong = 0;

	objs_make(test, zone, objs, OBJS);
	KUNIT_EXPECT_EQ(test, objs_spoiled(zone, objs, OBJS), 0);
	KUNIT_EXPECT_GT(test, zone_stats(zone).order_fallbacks, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fallbacks, zone_stats(zone).slabs_made);
	for (i = 0; i < OBJS; i++) {
		wrong += kmobj_zone_of(objs[i]) != zone;
		wrong += !!kmobj_zone_of(objs[i] + 1);
		wrong += !small_at(objs[i])->small;
		wrong += !kmobj_slab_live(zone, objs[i]);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	zone_expect_sound(test, zone);

	/* each way to free */
	for (i = 0; i < OBJS / 4; i++)
		kmobj_free(zone, objs[i]);
	nested_free(zone, objs + OBJS / 4, OBJS / 4);
	kmobj_free_bulk(zone, OBJS / 4, objs + OBJS / 2);
	for (i = OBJS * 3 / 4; i < OBJS - 10; i++)
		kmobj_free_rcu(zone, objs[i]);
	below_section(zone, kmobj_free_bulk(zone, 10, objs + OBJS - 10));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	zone_expect_sound(test, zone);
	/* another zone's object is refused here, and one of these there */
	objs[0] = obj_make(test, zone);
	kmobj_free(other, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(other).bad_frees, 1);
	kmobj_free(zone, objs[0]);
	kmobj_rcu_barrier(zone);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	whole_again(test);
}

static void another_CPU_frees(struct kunit *test)
{
	void **objs = objs_room(test, OBJS);
	struct kmobj_zone *zone;
	int there;

	pin_here(test);
	there = other_cpu(test);
	zone = zone_in_pieces(test, test->param_value);
	objs_make(test, zone, objs, OBJS);
	free_on_cpu(test, there, zone, objs, OBJS);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	whole_again(test);
}

/* What is no object of a small slab is refused, as in others. */
static void bad_frees_are_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, test->param_value);
	void *objs[3], *bad[4], *pages;
	unsigned int i, nr = 0;

	objs_make(test, zone, objs, ARRAY_SIZE(objs));
	kmobj_free(zone, objs[1]);
	pages = (void *)small_pages(zone, objs[0]);
	bad[nr++] = objs[0] + 8;
	bad[nr++] = objs[0] + 1;
	bad[nr++] = pages + slab_bytes(zone->small_order) - 8;
	bad[nr++] = small_at(objs[0]);
	for (i = 0; i < nr; i++) {
		kmobj_free(zone, bad[i]);
		KUNIT_EXPECT_EQ_MSG(test, zone_stats(zone).bad_frees, i + 1, "bad free %u", i);
	}
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 0);
	zone_expect_sound(test, zone);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[2]);
	whole_again(test);
}

/* Ordinary slabs are filled first, once there are blocks again; small ones leave. */
static void small_slabs_are_filled_last(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, &kinds[0]);
	void *first[2], **more = objs_room(test, max(OBJS, zone->small_objs));
	unsigned int i, into_small = 0;

	objs_make(test, zone, first, 2);
	whole_again(test);
	zone_lock(test, zone);
	/* what is free in it is handed out before a slab is made, and no more is made */
	for (i = 2; i < zone->small_objs; i++) {
		more[i] = obj_make(test, zone);
		into_small += small_at(more[i]) == small_at(first[0]);
	}
	KUNIT_EXPECT_EQ(test, into_small, zone->small_objs - 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_made, 1);
	more[0] = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_made, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fallbacks, 1);
	/* with both free, not out of the small one */
	for (i = 2; i < zone->small_objs; i++)
		kmobj_free(zone, more[i]);
	more[1] = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, (void *)small_at(more[1]), (void *)small_at(first[0]));
	/* free, it leaves with the next passes, whatever else is kept */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	kmobj_free(zone, first[0]);
	kmobj_free(zone, first[1]);
	zone->keep_free_slabs = 100;
	zone_pass(zone);
	grace_period_wait();
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_retired, 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&zone->nr_small), 0);
	zone->keep_free_slabs = 0;
	zone_unlock(test, zone);
	kmobj_free(zone, more[0]);
	kmobj_free(zone, more[1]);
}

/* As many as have the pages of one slab count as one: never more than the limit. */
static void they_count_against_the_limit_by_their_pages(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 2, .limit = 2 * (PAGE_SIZE << 2) };
	const struct kind kind = { "limited", PAGE_SIZE / 4 - 24, 2 };
	struct kmobj_zone *zone = zone_in_pieces(test, &kind);
	void *objs[8 * 4 + 1];
	unsigned int i, n = zone->small_objs;

	KUNIT_ASSERT_LE(test, n, 4);
	KUNIT_ASSERT_EQ(test, kmobj_zone_set_limit(zone, args.limit), 0);
	for (i = 0; i < 8 * n; i++) {
		objs[i] = obj_make(test, zone);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1 + i / (4 * n));
	}
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fallbacks, 8);
	zone_expect_sound(test, zone);
	/* at the limit what is free in them can be had */
	kmobj_free(zone, objs[3]);
	objs[3] = obj_make(test, zone);
	objs_free(zone, objs, 8 * n);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	whole_again(test);
}

/* The page allocator is asked for what it always has, not for a block. */
static void NOFAIL_is_of_the_smallest_order(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, &kinds[0]);
	void *obj = kmobj_alloc(zone, GFP_KERNEL | __GFP_NOFAIL);

	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_TRUE(test, asked & __GFP_NOFAIL);
	KUNIT_EXPECT_FALSE(test, asked & __GFP_NORETRY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fails, 1);
	kmobj_free(zone, obj);
	whole_again(test);
}

/* A damaged header: the page alone shows that it is a small slab. */
static void a_damaged_one_is_taken_out_of_service(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, test->param_value);
	struct kmobj_slab *slab;
	void *objs[3], *obj;

	zone_lock(test, zone);
	objs_make(test, zone, objs, ARRAY_SIZE(objs));
	slab = small_at(objs[0]);
	memset(slab, 0x5a, offsetof(struct kmobj_slab, hint));
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, (void *)small_at(obj), (void *)slab);
	kmobj_free(zone, obj);
	zone_unlock(test, zone);
	/* its pages go with the zone, when its objects are free */
	zone_forget(test, zone);
	kmobj_free(zone, objs[1]);
	kmobj_free(zone, objs[2]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	whole_again(test);
}

/* Nobody owns it but the depot, also where others are a CPU's. */
static void no_CPU_owns_one(struct kunit *test)
{
	struct kmobj_zone *zone = zone_in_pieces(test, &kinds[0]);
	struct kmobj_cpu *c = cpu_state_on(zone, raw_smp_processor_id());
	void **objs = objs_room(test, OBJS);
	unsigned int i;

	KUNIT_EXPECT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, OBJS, objs));
	for (i = 0; i < OBJS; i++)
		KUNIT_EXPECT_EQ(test, peek_owner(small_at(objs[i])), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	/* one that retires is not taken back by a CPU either */
	zone_lock(test, zone);
	objs_free(zone, objs, OBJS);
	zone_pass(zone);
	KUNIT_EXPECT_GT(test, peek_leaving(peek_depot(zone, numa_mem_id())), 0);
	objs[0] = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, peek_owner(small_at(objs[0])), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	kmobj_free(zone, objs[0]);
	zone_unlock(test, zone);
	whole_again(test);
}

static void remember(void *obj)
{
	*(unsigned long *)obj = ~(unsigned long)obj;
}

static void each_object_is_constructed(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3, .ctor = remember };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned long **objs = (unsigned long **)objs_room(test, OBJS);
	unsigned int i, wrong = 0;

	in_pieces(test, zone);
	for (i = 0; i < OBJS; i++) {
		objs[i] = obj_make(test, zone);
		wrong += *objs[i] != ~(unsigned long)objs[i];
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_GT(test, zone_stats(zone).order_fallbacks, 0);
	objs_free(zone, (void **)objs, OBJS);
	whole_again(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_come_and_go, kind_gen_params),
	KUNIT_CASE_PARAM(another_CPU_frees, kind_gen_params),
	KUNIT_CASE_PARAM(bad_frees_are_refused, kind_gen_params),
	KUNIT_CASE(small_slabs_are_filled_last),
	KUNIT_CASE(they_count_against_the_limit_by_their_pages),
	KUNIT_CASE(NOFAIL_is_of_the_smallest_order),
	KUNIT_CASE_PARAM(a_damaged_one_is_taken_out_of_service, kind_gen_params),
	KUNIT_CASE(no_CPU_owns_one),
	KUNIT_CASE(each_object_is_constructed),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_small",
	.test_cases = cases,
};

kunit_test_suite(suite);
