// SPDX-License-Identifier: GPL-2.0
/*
 * The page allocator says no, at each of its calls in turn: an allocation that
 * needed it returns NULL, and nothing else is different.
 */
#include "kmobj_kunit.h"

#define OBJS	4096

static unsigned int calls, fail_at;

/* The call number fail_at and those after it, up to fail_until, fail. */
static unsigned int fail_until;

static struct page *fail_in_turn(unsigned int order, gfp_t gfp, int nid)
{
	unsigned int call = calls++;

	if (call >= fail_at && call < fail_until)
		return NULL;
	return alloc_pages_node(nid, gfp, order);
}

struct script {
	unsigned int size;
	struct kmobj_zone *zone;
	void *objs[OBJS];
	unsigned int nr;
	unsigned int failed;		/* requests that got nothing */
};

static void script_take(struct script *s, void *obj)
{
	if (obj) {
		obj_stamp(obj, s->size, s->nr);
		s->objs[s->nr++] = obj;
	} else {
		s->failed++;
	}
}

/* All ways that lead to the page allocator, some slabs each; always the same. */
static void script_run(struct script *s)
{
	unsigned int i, some = 4 * objs_per_slab(s->zone), many = some * 5 / 2;

	for (i = 0; i < some; i++)
		script_take(s, kmobj_alloc(s->zone, GFP_KERNEL));
	for (i = 0; i < some; i++)
		script_take(s, kmobj_zalloc(s->zone, GFP_ATOMIC));
	for (i = 0; i < some; i++)
		script_take(s, kmobj_alloc_node(s->zone, GFP_NOWAIT |
						__GFP_THISNODE,
						numa_mem_id()));
	if (kmobj_alloc_bulk(s->zone, GFP_KERNEL, many, s->objs + s->nr)) {
		for (i = 0; i < many; i++)
			script_take(s, s->objs[s->nr]);
	} else {
		s->failed++;
	}
	for (i = 0; i < some; i++)
		script_take(s, nested_alloc(s->zone));
}

static unsigned int script_verify(struct script *s)
{
	unsigned int i, wrong = 0;

	for (i = 0; i < s->nr; i++)
		wrong += !obj_has_stamp(s->objs[i], s->size, i);
	return wrong;
}

/* Run it once with the calls [@from, @until) failing; how many calls it made. */
static unsigned int script_play(struct kunit *test, unsigned int size,
				unsigned int from, unsigned int until)
{
	struct script *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct kmobj_zone_stats stats;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->size = size;
	s->zone = zone_make(test, size, NULL);
	KUNIT_ASSERT_LE(test, objs_per_slab(s->zone) * 26, OBJS);
	free_slab_caches_empty();
	calls = 0;
	fail_at = from;
	fail_until = until;
	script_run(s);

	stats = zone_stats(s->zone);
	KUNIT_EXPECT_EQ(test, script_verify(s), 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(s->zone), s->nr);
	KUNIT_EXPECT_EQ_MSG(test, stats.alloc_fails, s->failed,
			    "at call %u", from);
	KUNIT_EXPECT_EQ(test, stats.limit_hits, 0);
	KUNIT_EXPECT_EQ(test, stats.bad_frees, 0);
	/* failing for good is felt; once may be made good by trying harder */
	if (from >= calls)
		KUNIT_EXPECT_EQ(test, s->failed, 0);
	else if (until == UINT_MAX)
		KUNIT_EXPECT_GT(test, s->failed, 0);
	else
		KUNIT_EXPECT_LE(test, s->failed, 1);
	objs_free(s->zone, s->objs, s->nr);
	zone_unmake(test, s->zone);
	kunit_kfree(test, s);
	return calls;
}

/* With the header in the slab, and without. */
static const unsigned int script_sizes[] = { 2000, LARGE };

static void script_size_desc(const unsigned int *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *size);
}

KUNIT_ARRAY_PARAM(script_size, script_sizes, script_size_desc);

static void a_failure_at_each_call_in_turn_is_survived(struct kunit *test)
{
	unsigned int call, nr, size = *(const unsigned int *)test->param_value;

	pin_here(test);
	pages_come_from(test, fail_in_turn);
	nr = script_play(test, size, UINT_MAX, UINT_MAX);
	KUNIT_ASSERT_GT(test, nr, 8);
	for (call = 0; call < nr; call++)
		script_play(test, size, call, call + 1);
	kunit_info(test, "each of %u calls has failed once", nr);
}

static void failing_from_each_call_on_is_survived(struct kunit *test)
{
	unsigned int call, nr, size = *(const unsigned int *)test->param_value;

	pin_here(test);
	pages_come_from(test, fail_in_turn);
	nr = script_play(test, size, UINT_MAX, UINT_MAX);
	for (call = 0; call < nr; call++)
		script_play(test, size, call, UINT_MAX);
}

static void a_failed_allocation_reserves_nothing(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = PAGE_SIZE << 1,
	};
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i;

	pin_here(test);
	free_slab_caches_empty();
	pages_come_from(test, fail_in_turn);
	calls = 0;
	fail_at = 0;
	fail_until = UINT_MAX;
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_GE(test, calls, 5);
	fail_until = 0;
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 0);
	kmobj_free(zone, obj_make(test, zone));
}

static gfp_t asked;

static struct page *remember_gfp(unsigned int order, gfp_t gfp, int nid)
{
	asked = gfp;
	return alloc_pages_node(nid, gfp, order);
}

static void a_large_slab_is_not_pressed_for(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 };
	struct kmobj_zone *large = zone_make(test, SMALL, &args);
	struct kmobj_zone *small = zone_make(test, SMALL, NULL);

	pin_here(test);
	free_slab_caches_empty();
	pages_come_from(test, remember_gfp);
	kmobj_free(large, kmobj_alloc(large, GFP_KERNEL));
	KUNIT_EXPECT_NE(test, asked, 0);
	KUNIT_EXPECT_EQ(test, asked & (__GFP_NORETRY | __GFP_NOWARN |
				       __GFP_COMP),
			__GFP_NORETRY | __GFP_NOWARN | __GFP_COMP);
	/* that an object is to be zeroes says nothing about its slab */
	asked = 0;
	kmobj_free(small, kmobj_zalloc(small, GFP_KERNEL));
	KUNIT_EXPECT_NE(test, asked, 0);
	KUNIT_EXPECT_EQ(test, asked & __GFP_ZERO, 0);
}

/* Memory is in pieces. */
static struct page *no_large_blocks(unsigned int order, gfp_t gfp, int nid)
{
	calls++;
	if (order <= 1)
		return alloc_pages_node(nid, gfp, order);
	return NULL;
}

/* So many blocks were not to be had, and as many small slabs were made. */
static void expect_tries(struct kunit *test, struct kmobj_zone *zone, unsigned long nr)
{
	struct kmobj_zone_stats stats = zone_stats(zone);

	KUNIT_EXPECT_EQ(test, stats.order_fails, nr);
	KUNIT_EXPECT_EQ(test, stats.order_fallbacks, nr);
}

static void without_large_blocks_slabs_are_small(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 }, few = { .order = 1 };
	struct kmobj_zone *large = zone_make(test, SMALL, &args);
	struct kmobj_zone *small = zone_make(test, SMALL, &few);
	void *objs[2];

	pin_here(test);
	free_slab_caches_empty();
	pages_come_from(test, no_large_blocks);
	calls = 0;
	/* one try that presses for nothing, one for a page */
	objs[0] = kmobj_alloc(large, GFP_ATOMIC);
	KUNIT_EXPECT_NOT_NULL(test, objs[0]);
	KUNIT_EXPECT_EQ(test, calls, 2);
	expect_tries(test, large, 1);
	/* what is free is used before it is tried again */
	objs[1] = kmobj_alloc(large, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, objs[1]);
	KUNIT_EXPECT_EQ(test, calls, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(large).alloc_fails, 0);
	/* a zone of smaller slabs is not concerned */
	kmobj_free(small, obj_make(test, small));
	expect_tries(test, small, 0);
	objs_free(large, objs, 2);
	kmobj_zone_shrink(large);
	KUNIT_EXPECT_EQ(test, zone_stats(large).slabs, 0);
	/* and when there are blocks again it is as before */
	pages_come_from(test, NULL);
	kmobj_free(large, obj_make(test, large));
	expect_tries(test, large, 1);
}

static void without_large_blocks_cached_ones_are_used(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void *obj;

	pin_here(test);
	free_slab_caches_empty();
	kmobj_free(zone, obj_make(test, zone));
	kmobj_zone_shrink(zone);
	set_cpus_allowed_ptr(current, cpumask_of(other_cpu(test)));
	KUNIT_ASSERT_EQ(test, cached_slabs(raw_smp_processor_id(), 3), 0);
	pages_come_from(test, no_large_blocks);
	calls = 0;
	obj = kmobj_alloc(zone, GFP_ATOMIC);
	pages_come_from(test, NULL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fails, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 0);
	kmobj_free(zone, obj);
}

static struct page *fail_without_nofail(unsigned int order, gfp_t gfp, int nid)
{
	asked = gfp;
	return gfp & __GFP_NOFAIL ? alloc_pages_node(nid, gfp, order) : NULL;
}

static void NOFAIL_is_passed_on(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 };
	struct kmobj_zone *large = zone_make(test, SMALL, &args);
	struct kmobj_zone *small = zone_make(test, SZ_4K, &args);
	struct kmobj_zone *zone;
	void *obj;

	pin_here(test);
	free_slab_caches_empty();
	pages_come_from(test, fail_without_nofail);
	for (zone = large; zone; zone = zone == large ? small : NULL) {
		obj = kmobj_alloc(zone, GFP_KERNEL | __GFP_NOFAIL);
		KUNIT_EXPECT_NOT_NULL(test, obj);
		KUNIT_EXPECT_TRUE(test, asked & __GFP_NOFAIL);
		kmobj_free(zone, obj);
	}
}

/* Above order 1 kernels warn: there the patience is ours. */
static void NOFAIL_is_tried_again(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, KMOBJ_MAX_SIZE, NULL);
	void *obj;

	if (PAGE_SIZE != SZ_4K)
		kunit_skip(test, "needs pages of 4 KiB");
	pin_here(test);
	free_slab_caches_empty();
	pages_come_from(test, fail_in_turn);
	calls = 0;
	fail_at = 0;
	fail_until = 4;
	obj = kmobj_alloc(zone, GFP_KERNEL | __GFP_NOFAIL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, calls, 5);
	kmobj_free(zone, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_failure_at_each_call_in_turn_is_survived,
			 script_size_gen_params),
	KUNIT_CASE_PARAM(failing_from_each_call_on_is_survived,
			 script_size_gen_params),
	KUNIT_CASE(a_failed_allocation_reserves_nothing),
	KUNIT_CASE(a_large_slab_is_not_pressed_for),
	KUNIT_CASE(without_large_blocks_slabs_are_small),
	KUNIT_CASE(without_large_blocks_cached_ones_are_used),
	KUNIT_CASE(NOFAIL_is_passed_on),
	KUNIT_CASE(NOFAIL_is_tried_again),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_page_failure",
	.test_cases = cases,
};

kunit_test_suite(suite);
