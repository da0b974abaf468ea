// SPDX-License-Identifier: GPL-2.0
/*
 * Pages from below the watermarks: who may not have them may not have an object
 * in them either, however much is free there.
 */
#include <linux/sched/mm.h>

#include "internal_kunit.h"

static const struct kind {
	const char *name;
	size_t size;
	unsigned int flags;
} kinds[] = {
	{ "plain", SMALL },
	{ "headers elsewhere", LARGE },
	{ "debug", SMALL, KMOBJ_POISON },
};

static void kind_desc(const struct kind *kind, char *desc)
{
	strscpy(desc, kind->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

/* There is memory for some only, and for nobody. */
static struct page *reserves(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page = alloc_pages_node(nid, gfp, order);

	if (page)
		set_page_pfmemalloc(page);
	return page;
}

static struct page *nothing(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

static struct kmobj_zone *zone_of_kind(struct kunit *test)
{
	const struct kind *kind = test->param_value;
	const struct kmobj_zone_args args = { .flags = kind->flags };

	return zone_make(test, kind->size, &args);
}

static void *alloc_entitled(struct kmobj_zone *zone, gfp_t gfp)
{
	unsigned int flags = memalloc_noreclaim_save();
	void *obj = kmobj_alloc(zone, gfp);

	memalloc_noreclaim_restore(flags);
	return obj;
}

/* A zone with one slab, of the reserves, of which one object is live. */
static void *obj_of_reserves(struct kunit *test, struct kmobj_zone *zone)
{
	void *obj;

	free_slab_caches_empty();
	kunit_activate_static_stub(test, slab_pages_alloc, reserves);
	obj = alloc_entitled(zone, GFP_ATOMIC);
	kunit_activate_static_stub(test, slab_pages_alloc, nothing);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_TRUE(test, slab_at(zone, obj)->pfmemalloc);
	return obj;
}

static void expect_nothing_for_others(struct kunit *test,
				      struct kmobj_zone *zone)
{
	void *objs[2];

	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_NOWAIT));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_NOWAIT | __GFP_THISNODE,
						 numa_mem_id()));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_NOWAIT, 2, objs));
	KUNIT_EXPECT_NULL(test, nested_alloc(zone));
	KUNIT_EXPECT_NULL(test, alloc_entitled(zone, GFP_NOWAIT |
						     __GFP_NOMEMALLOC));
}

static void reserves_are_not_for_everybody(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_kind(test);
	void *obj, *more[3];
	unsigned int i;

	pin_here(test);
	obj = obj_of_reserves(test, zone);
	expect_nothing_for_others(test, zone);
	more[0] = alloc_entitled(zone, GFP_NOWAIT);
	more[1] = kmobj_alloc(zone, GFP_NOWAIT | __GFP_MEMALLOC);
	more[2] = kmobj_alloc_node(zone, GFP_NOWAIT | __GFP_MEMALLOC |
					 __GFP_THISNODE, numa_mem_id());
	for (i = 0; i < ARRAY_SIZE(more); i++) {
		KUNIT_EXPECT_NOT_NULL(test, more[i]);
		KUNIT_EXPECT_EQ(test, slab_pages(zone, more[i]),
				slab_pages(zone, obj));
		kmobj_free(zone, more[i]);
	}
	expect_nothing_for_others(test, zone);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	kmobj_free(zone, obj);
}

/* Free, it goes to the page allocator; until then it is as before. */
static void a_free_slab_of_the_reserves_leaves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_kind(test);
	unsigned int i;
	void *obj;

	pin_here(test);
	zone_lock(test, zone);
	obj = obj_of_reserves(test, zone);
	kmobj_free(zone, obj);
	expect_nothing_for_others(test, zone);
	KUNIT_EXPECT_NOT_NULL(test, obj = alloc_entitled(zone, GFP_NOWAIT));
	kmobj_free(zone, obj);
	for (i = 0; i < 4; i++) {
		zone_maintain(zone, 1);
		expect_nothing_for_others(test, zone);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(raw_smp_processor_id(), peek_order(zone)), 0);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	zone_unlock(test, zone);
}

/* Though the budget of a pass goes to other slabs. */
static void it_is_not_passed_over_for_others(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_kind(test);
	void *obj, *other;
	unsigned int i;

	pin_here(test);
	zone_lock(test, zone);
	obj = obj_of_reserves(test, zone);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	other = obj_make(test, zone);
	zone_drain(zone);
	kmobj_free(zone, obj);
	for (i = 0; i < 4; i++) {
		zone_maintain(zone, 1);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	zone_unlock(test, zone);
	kmobj_free(zone, other);
}

/*
 * What others may have is still theirs where some is leaving that they may not. The
 * depot has all of such a zone.
 */
static void free_slabs_of_both_kinds_leave(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_POISON };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone), got = 0;
	struct worker *reader;
	void *obj, **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 3);
	reader = reader_start(test, there);	/* no slab gets far */
	zone_lock(test, zone);
	obj = obj_of_reserves(test, zone);
	objs_free(zone, objs, n);
	zone_maintain(zone, ULONG_MAX);
	objs_free(zone, objs + n, 2 * n);
	zone_maintain(zone, ULONG_MAX);
	kmobj_free(zone, obj);
	zone_maintain(zone, ULONG_MAX);
	KUNIT_EXPECT_EQ(test, peek_leaving(peek_depot(zone, numa_mem_id())), 4);
	for (i = 0; i < 3 * n; i++)
		got += !!(objs[i] = kmobj_alloc(zone, GFP_NOWAIT));
	KUNIT_EXPECT_EQ(test, got, 3 * n);
	expect_nothing_for_others(test, zone);
	reader_stop(test, reader);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	objs_free(zone, objs, 3 * n);
	zone_unlock(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(reserves_are_not_for_everybody, kind_gen_params),
	KUNIT_CASE_PARAM(a_free_slab_of_the_reserves_leaves, kind_gen_params),
	KUNIT_CASE_PARAM(it_is_not_passed_over_for_others, kind_gen_params),
	KUNIT_CASE(free_slabs_of_both_kinds_leave),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_pfmemalloc",
	.test_cases = cases,
};

kunit_test_suite(suite);
