// SPDX-License-Identifier: GPL-2.0
/*
 * Home return: a free slab goes to the CPU that first took its pages, whoever
 * freed it, and serves any zone of that CPU.
 */
#include "internal_kunit.h"

/* Not 0, which stands for an order of the zone's choice. */
static const unsigned int orders[] = { 1, 2 };

static void order_desc(const unsigned int *order, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "order %u", *order);
}

KUNIT_ARRAY_PARAM(order, orders, order_desc);

static struct kmobj_zone *zone_of_order(struct kunit *test, unsigned int order)
{
	const struct kmobj_zone_args args = { .order = order };

	return zone_make(test, 256, &args);
}

static unsigned long cached_anywhere(unsigned int order)
{
	unsigned long nr = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		nr += free_slab_cache_count(cpu, order);
	return nr;
}

static void a_slab_freed_elsewhere_returns_to_its_home(struct kunit *test)
{
	unsigned int order = *(const unsigned int *)test->param_value;
	struct kmobj_zone *zone = zone_of_order(test, order);
	int here = pin_here(test), there = other_cpu(test);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	free_slab_caches_empty();
	objs = slabs_fill(test, zone, 3);
	KUNIT_EXPECT_EQ(test, peek_home(slab_at(zone, objs[0])), here);
	free_on_cpu(test, there, zone, objs, 3 * n);
	set_cpus_allowed_ptr(current, cpumask_of(there));
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, order), 3);
	KUNIT_EXPECT_EQ(test, cached_anywhere(order), 3);
}

static void a_cached_slab_serves_the_next_zone(struct kunit *test)
{
	struct kmobj_zone *first = zone_of_order(test, 1);
	struct kmobj_zone *second = zone_of_order(test, 1);
	int here = pin_here(test);
	struct kmobj_slab *slab;
	void *obj;

	free_slab_caches_empty();
	obj = obj_make(test, first);
	slab = slab_at(first, obj);
	kmobj_free(first, obj);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(first), PAGE_SIZE << 1);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 1);

	obj = obj_make(test, second);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(second, obj), slab);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 0);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), second);
	kmobj_free(second, obj);
}

static struct page *no_pages(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

/* Without memory, a slab cached for another CPU is better than none. */
static void a_home_stays_when_another_cpu_steals(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_order(test, 1);
	int here = pin_here(test), there = other_cpu(test);
	struct kmobj_slab *slab;
	void *obj;

	free_slab_caches_empty();
	obj = obj_make(test, zone);
	slab = slab_at(zone, obj);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);

	set_cpus_allowed_ptr(current, cpumask_of(there));
	kunit_activate_static_stub(test, slab_pages_alloc, no_pages);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), slab);
	KUNIT_EXPECT_EQ(test, peek_home(slab), here);
	KUNIT_EXPECT_EQ(test, owner_of(slab), there);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 1);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(there, 1), 0);
}

static void a_cache_holds_only_a_few_slabs(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_order(test, 1);
	int here = pin_here(test);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	free_slab_caches_empty();
	objs = slabs_fill(test, zone, 20);
	objs_free(zone, objs, 20 * n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), 20 * (PAGE_SIZE << 1));
	KUNIT_EXPECT_GE(test, free_slab_cache_count(here, 1), 1);
	KUNIT_EXPECT_LE(test, free_slab_cache_count(here, 1), 16);
	KUNIT_EXPECT_EQ(test, cached_anywhere(1), free_slab_cache_count(here, 1));
	free_slab_cache_empty(here);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 0);
}

static void a_cached_slab_is_nobodys(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_order(test, 1);
	void *obj;

	pin_here(test);
	free_slab_caches_empty();
	obj = obj_make(test, zone);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, slab_at(zone, obj)->cookie, 0);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj));
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_slab_freed_elsewhere_returns_to_its_home,
			 order_gen_params),
	KUNIT_CASE(a_cached_slab_serves_the_next_zone),
	KUNIT_CASE(a_home_stays_when_another_cpu_steals),
	KUNIT_CASE(a_cache_holds_only_a_few_slabs),
	KUNIT_CASE(a_cached_slab_is_nobodys),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_home_return",
	.test_cases = cases,
};

kunit_test_suite(suite);
