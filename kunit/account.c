// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts: slabs as those of its own caches are, in Slab: of
 * /proc/meminfo. KMOBJ_ACCOUNT: whole slabs are charged, and keep out of the cache
 * that all zones share; the cgroups themselves are in scripts/test/.
 */
#include "kmobj_kunit.h"

#define ORDER	2

static struct kmobj_zone *zone_of_flags(struct kunit *test, unsigned int flags)
{
	const struct kmobj_zone_args args = { .order = ORDER, .flags = flags };

	return zone_make(test, SMALL, &args);
}

static gfp_t asked;

static struct page *remember_gfp(unsigned int order, gfp_t gfp, int nid)
{
	asked = gfp;
	return alloc_pages_node(nid, gfp, order);
}

/* Is the page allocator asked to charge the slabs of such a zone? */
static bool is_charged(struct kunit *test, unsigned int flags)
{
	struct kmobj_zone *zone = zone_of_flags(test, flags);
	void *obj;

	slabcaches_empty();
	asked = 0;
	kunit_activate_static_stub(test, slab_pages_alloc, remember_gfp);
	/* what a caller says about an object is not about its slab */
	obj = kmobj_alloc(zone, GFP_KERNEL_ACCOUNT);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_NE(test, asked, 0);
	kmobj_free(zone, obj);
	return asked & __GFP_ACCOUNT;
}

static void slabs_are_charged_if_the_zone_says_so(struct kunit *test)
{
	pin_here(test);
	KUNIT_EXPECT_FALSE(test, is_charged(test, 0));
	KUNIT_EXPECT_EQ(test, is_charged(test, KMOBJ_ACCOUNT),
			IS_ENABLED(CONFIG_MEMCG) && KMOBJ_CAN_CHARGE);
	KUNIT_EXPECT_FALSE(test, is_charged(test, KMOBJ_RECLAIMABLE));
	/* whose objects go on lists that must not find a cgroup */
	KUNIT_EXPECT_FALSE(test, is_charged(test, KMOBJ_ACCOUNT |
						  KMOBJ_RECLAIMABLE));
}

static struct page *no_pages(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

static void what_is_charged_keeps_out_of_the_cache(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_flags(test, KMOBJ_ACCOUNT);
	struct kmobj_zone *other = zone_of_flags(test, 0);
	void *obj;

	if (!zone_is_charged(zone))
		kunit_skip(test, "needs memory cgroups and Linux 6.13");
	pin_here(test);
	slabcaches_empty();
	/* not in */
	kmobj_free(zone, obj_make(test, zone));
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), PAGE_SIZE << ORDER);
	KUNIT_EXPECT_EQ(test, slabcache_pages(numa_mem_id()), 0);
	/* and not out, even where there is nothing else */
	kmobj_free(other, obj_make(test, other));
	kmobj_zone_shrink(other);
	KUNIT_EXPECT_EQ(test, slabcache_pages(numa_mem_id()), 1 << ORDER);
	kunit_activate_static_stub(test, slab_pages_alloc, no_pages);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, slabcache_pages(numa_mem_id()), 1 << ORDER);
}

/* Pages that are counted as @item, with what CPUs have not added up yet. */
static long counted(enum node_stat_item item)
{
	long pages = 0;
	int nid, cpu;
	s8 *diff;

	for_each_online_node(nid) {
		pages += atomic_long_read(&NODE_DATA(nid)->vm_stat[item]);
		for_each_online_cpu(cpu) {
			diff = per_cpu_ptr(NODE_DATA(nid)->per_cpu_nodestats,
					   cpu)->vm_node_stat_diff;
			/* another CPU may be adding */
			pages += data_race(diff[item]);
		}
	}
	return pages;
}

#define COUNTED	(200L << ORDER)

/* What the kernel has in caches of its own comes and goes on the way. */
static void expect_counted(struct kunit *test, enum node_stat_item item,
			   long before, long more)
{
	long wrong = abs(counted(item) - before - more);

	KUNIT_EXPECT_LT(test, wrong, COUNTED / 4);
}

static void slabs_are_counted_as(struct kunit *test, unsigned int flags,
				 enum node_stat_item item,
				 enum node_stat_item other)
{
	struct kmobj_zone *zone = zone_of_flags(test, flags);
	long before, before_other;
	void **objs;

	pin_here(test);
	slabcaches_empty();
	before = counted(item);
	before_other = counted(other);
	objs = slabs_fill(test, zone, COUNTED >> ORDER);
	expect_counted(test, item, before, COUNTED);
	expect_counted(test, other, before_other, 0);
	objs_free(zone, objs, zone->nr_objs * (COUNTED >> ORDER));
	kmobj_zone_shrink(zone);
	expect_counted(test, item, before, 0);
	expect_counted(test, other, before_other, 0);
}

static void slabs_are_in_the_kernels_count_of_slabs(struct kunit *test)
{
	slabs_are_counted_as(test, 0, NR_SLAB_UNRECLAIMABLE_B,
			     NR_SLAB_RECLAIMABLE_B);
	slabs_are_counted_as(test, KMOBJ_RECLAIMABLE, NR_SLAB_RECLAIMABLE_B,
			     NR_SLAB_UNRECLAIMABLE_B);
}

/* What a caller says of one object is not done, and so said: once. */
static void what_is_not_charged_is_said(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_flags(test, 0);
	unsigned int i;
	void *obj;

	log_listen(test);
	for (i = 0; i < 2; i++) {
		obj = kmobj_alloc(zone, GFP_KERNEL);
		kmobj_free(zone, obj);
		kmobj_zone_shrink(zone);
	}
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "__GFP_ACCOUNT"), 0);
	for (i = 0; i < 2; i++) {
		obj = kmobj_alloc(zone, GFP_KERNEL_ACCOUNT);
		KUNIT_EXPECT_NOT_NULL(test, obj);
		kmobj_free(zone, obj);
		kmobj_zone_shrink(zone);
	}
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone),
					"__GFP_ACCOUNT has no effect"), 1);
	log_ignore(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_is_not_charged_is_said),
	KUNIT_CASE(slabs_are_in_the_kernels_count_of_slabs),
	KUNIT_CASE(slabs_are_charged_if_the_zone_says_so),
	KUNIT_CASE(what_is_charged_keeps_out_of_the_cache),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_account",
	.test_cases = cases,
};

kunit_test_suite(suite);
