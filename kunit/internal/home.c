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

#define PRIVATE_SLABS	32
#define TURNS		(AT_FULL_SPEED ? 1000000 : 3200)

static struct kmobj_zone *private_zone(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1, .flags = KMOBJ_PRIVATE_PAGES };

	return zone_make(test, 256, &args);
}

/* Fill slabs, remember their pages, and free all: how many slabs had others' pages. */
static unsigned int turn_over(struct kunit *test, struct kmobj_zone *zone, void **objs,
			      struct xarray *own, bool is_owner)
{
	unsigned int n = objs_per_slab(zone), i, others = 0;
	unsigned long pages = 0;

	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, PRIVATE_SLABS * n, objs));
	for (i = 0; i < PRIVATE_SLABS * n; i++) {
		if (pages == (unsigned long)pages_at(zone, objs[i]) >> PAGE_SHIFT)
			continue;
		pages = (unsigned long)pages_at(zone, objs[i]) >> PAGE_SHIFT;
		if (is_owner && !xa_load(own, pages))
			xa_store(own, pages, zone, GFP_KERNEL);
		others += !is_owner && xa_load(own, pages);
	}
	kmobj_free_bulk(zone, PRIVATE_SLABS * n, objs);
	return others;
}

/* Its neighbour is of the same size, and turns over as many slabs, some through the cache. */
static void pages_of_a_private_zone_stay_its_own(struct kunit *test)
{
	struct kmobj_zone *zone = private_zone(test), *neighbour = zone_of_order(test, 1);
	unsigned int turns, others = 0;
	struct xarray own;
	void **objs;

	pin_here(test);
	xa_init(&own);
	objs = kunit_kcalloc(test, PRIVATE_SLABS * objs_per_slab(zone), sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (turns = 0; turns < TURNS; turns += PRIVATE_SLABS) {
		turn_over(test, zone, objs, &own, true);
		others += turn_over(test, neighbour, objs, &own, false);
		if (turns % (TURNS / 32) < PRIVATE_SLABS) {
			/* what is free retires, and leaves a grace period later */
			zone_lock(test, zone);
			zone_drain(zone);
			zone_pass(zone);
			grace_period_wait();
			zone_pass(zone);
			zone_unlock(test, zone);
			kmobj_zone_shrink(neighbour);
		}
	}
	KUNIT_EXPECT_EQ(test, others, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).pages_left, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_retired, 0);
	KUNIT_EXPECT_GE(test, zone_stats(zone).slabs, PRIVATE_SLABS);
	KUNIT_EXPECT_GT(test, zone_stats(neighbour).slabs_retired, 0);
	xa_destroy(&own);
}

static void they_leave_for_the_page_allocator(struct kunit *test)
{
	struct kmobj_zone *zone = private_zone(test);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	free_slab_caches_empty();
	objs = slabs_fill(test, zone, 3);
	objs_free(zone, objs, 2 * n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), 2 * (PAGE_SIZE << 1));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).pages_left, 4);
	KUNIT_EXPECT_EQ(test, cached_anywhere(1), 0);
	objs_free(zone, objs + 2 * n, n);
	zone_unmake(test, zone);
	KUNIT_EXPECT_EQ(test, cached_anywhere(1), 0);
}

static void nor_do_they_come_from_the_cache(struct kunit *test)
{
	struct kmobj_zone *first = zone_of_order(test, 1), *zone = private_zone(test);
	int here = pin_here(test);
	void *obj, *more;

	free_slab_caches_empty();
	kmobj_free(first, obj_make(test, first));
	kmobj_zone_shrink(first);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 1);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 1);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	kunit_activate_static_stub(test, slab_pages_alloc, no_pages);
	more = kmobj_alloc(zone, GFP_KERNEL);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NULL(test, more);
}

static void nobody(void *unused)
{
	private_param_set("", NULL);
}

static void the_parameter_private_chooses_zones_by_name(struct kunit *test)
{
	char *long_one = kunit_kzalloc(test, 257, GFP_KERNEL);
	struct kmobj_zone *zone;

	KUNIT_ASSERT_NOT_NULL(test, long_one);
	memset(long_one, '*', 256);
	KUNIT_EXPECT_EQ(test, private_param_set(long_one, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, private_param_set(long_one + 1, NULL), 0);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, nobody, NULL), 0);
	private_param_set("nobody,kunit-*\n", NULL);
	zone = zone_make(test, 256, NULL);
	KUNIT_EXPECT_TRUE(test, zone->flags & KMOBJ_PRIVATE_PAGES);
	private_param_set("kunit_*", NULL);
	zone = zone_make(test, 256, NULL);
	KUNIT_EXPECT_FALSE(test, zone->flags & KMOBJ_PRIVATE_PAGES);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(pages_of_a_private_zone_stay_its_own),
	KUNIT_CASE(they_leave_for_the_page_allocator),
	KUNIT_CASE(nor_do_they_come_from_the_cache),
	KUNIT_CASE(the_parameter_private_chooses_zones_by_name),
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
