// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel counts: slabs as those of its own caches are, in Slab: of
 * /proc/meminfo. KMOBJ_ACCOUNT, __GFP_ACCOUNT: whole slabs are charged, and keep out
 * of the cache that all zones share; the cgroups themselves are in scripts/test/. As
 * to what kmobj asks of the page allocator, any kernel can be taken for one that
 * charges, or for one that does not.
 */
#include <linux/delay.h>

#include "internal_kunit.h"

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

static const char *charges(unsigned int flags)
{
	return flags & KMOBJ_RECLAIMABLE ? "with KMOBJ_RECLAIMABLE" : NULL;
}

static const char *charges_not(unsigned int flags)
{
	return "in this test";
}

/* Is the page allocator asked to charge a slab that is made for @gfp now? */
static bool is_charged(struct kunit *test, struct kmobj_zone *zone, gfp_t gfp)
{
	void *obj;

	kmobj_zone_shrink(zone);
	free_slab_caches_empty();
	asked = 0;
	kunit_activate_static_stub(test, slab_pages_alloc, remember_gfp);
	obj = kmobj_alloc(zone, gfp);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_NE(test, asked, 0);
	kmobj_free(zone, obj);
	return asked & __GFP_ACCOUNT;
}

static void slabs_are_charged_if_the_zone_says_so(struct kunit *test)
{
	pin_here(test);
	KUNIT_EXPECT_EQ(test,
			is_charged(test, zone_of_flags(test, KMOBJ_ACCOUNT),
				   GFP_KERNEL),
			IS_ENABLED(CONFIG_MEMCG) && KMOBJ_CAN_CHARGE);
	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	KUNIT_EXPECT_TRUE(test,
			  is_charged(test, zone_of_flags(test, KMOBJ_ACCOUNT),
				     GFP_KERNEL));
	/* whose objects go on lists that must not find a cgroup */
	KUNIT_EXPECT_FALSE(test,
			   is_charged(test,
				      zone_of_flags(test, KMOBJ_ACCOUNT |
							  KMOBJ_RECLAIMABLE),
				      GFP_KERNEL));
}

/* From the first slab that such a call needs, all are; none of another zone. */
static void slabs_are_charged_once_a_caller_says_so(struct kunit *test)
{
	struct kmobj_zone *zone, *reclaimable;

	pin_here(test);
	KUNIT_EXPECT_EQ(test,
			is_charged(test, zone_of_flags(test, 0),
				   GFP_KERNEL_ACCOUNT),
			IS_ENABLED(CONFIG_MEMCG) && KMOBJ_CAN_CHARGE);
	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	zone = zone_of_flags(test, 0);
	KUNIT_EXPECT_FALSE(test, is_charged(test, zone, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, is_charged(test, zone, GFP_KERNEL_ACCOUNT));
	KUNIT_EXPECT_TRUE(test, is_charged(test, zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, asked & __GFP_ZERO, 0);
	KUNIT_EXPECT_FALSE(test, is_charged(test, zone_of_flags(test, 0),
					    GFP_KERNEL));
	reclaimable = zone_of_flags(test, KMOBJ_RECLAIMABLE);
	KUNIT_EXPECT_FALSE(test, is_charged(test, reclaimable,
					    GFP_KERNEL_ACCOUNT));
}

static struct page *remember_gfp_in_pieces(unsigned int order, gfp_t gfp, int nid)
{
	return order ? NULL : remember_gfp(order, gfp, nid);
}

/* The same where memory is in pieces. */
static void small_slabs_are_charged(struct kunit *test)
{
	struct kmobj_zone *zone;
	void *obj;

	pin_here(test);
	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	zone = zone_of_flags(test, 0);
	free_slab_caches_empty();
	kunit_activate_static_stub(test, slab_pages_alloc, remember_gfp_in_pieces);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_FALSE(test, asked & __GFP_ACCOUNT);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	obj = kmobj_alloc(zone, GFP_KERNEL_ACCOUNT);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_TRUE(test, asked & __GFP_ACCOUNT);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).order_fallbacks, 2);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	kmobj_free(zone, obj);
}

static gfp_t header_gfp;

static struct kmobj_slab *note_gfp(gfp_t gfp, int nid)
{
	header_gfp = gfp;
	return NULL;
}

/* Headers of all zones share slabs: they are on nobody's bill. */
static void headers_are_not_charged(struct kunit *test)
{
	struct kmobj_zone *zone;

	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	zone = zone_make(test, LARGE, NULL);
	if (!peek_offslab(zone))
		kunit_skip(test, "no slab of such large pages has its header elsewhere");
	header_gfp = __GFP_ACCOUNT;
	kunit_activate_static_stub(test, offslab_header_alloc, note_gfp);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL_ACCOUNT));
	kunit_deactivate_static_stub(test, offslab_header_alloc);
	KUNIT_EXPECT_TRUE(test, zone_is_charged(zone));
	KUNIT_EXPECT_EQ(test, header_gfp & __GFP_ACCOUNT, 0);
}

static struct page *no_pages(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

static void what_is_charged_keeps_out_of_the_cache(struct kunit *test)
{
	struct kmobj_zone *zone, *other;
	void *obj;

	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	zone = zone_of_flags(test, 0);
	other = zone_of_flags(test, 0);
	pin_here(test);
	free_slab_caches_empty();
	/* not in */
	obj = kmobj_alloc(zone, GFP_KERNEL_ACCOUNT);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), PAGE_SIZE << ORDER);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
	/* and not out, even where there is nothing else */
	kmobj_free(other, obj_make(test, other));
	kmobj_zone_shrink(other);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 1 << ORDER);
	kunit_activate_static_stub(test, slab_pages_alloc, no_pages);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 1 << ORDER);
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

/* By how much @item is not what it was @before and @more. */
static long miscounted(enum node_stat_item item, long before, long more)
{
	return abs(counted(item) - before - more);
}

/* A zone is filled and emptied: the largest error there was. */
static long slabs_miscounted(struct kunit *test, struct kmobj_zone *zone,
			     enum node_stat_item item,
			     enum node_stat_item other)
{
	long before = counted(item), before_other = counted(other), wrong;
	void **objs = slabs_fill(test, zone, COUNTED >> ORDER);

	wrong = max(miscounted(item, before, COUNTED),
		    miscounted(other, before_other, 0));
	objs_free(zone, objs, objs_per_slab(zone) * (COUNTED >> ORDER));
	kmobj_zone_shrink(zone);
	return max3(wrong, miscounted(item, before, 0),
		    miscounted(other, before_other, 0));
}

/*
 * What the kernel has in caches of its own comes and goes meanwhile, with KASAN by
 * megabytes: the least of a few errors is ours.
 */
static void slabs_are_counted_as(struct kunit *test, unsigned int flags,
				 enum node_stat_item item,
				 enum node_stat_item other)
{
	struct kmobj_zone *zone = zone_of_flags(test, flags);
	long least = LONG_MAX;
	unsigned int i;

	pin_here(test);
	free_slab_caches_empty();
	for (i = 0; i < 10 && least >= COUNTED / 4; i++)
		least = min(least, slabs_miscounted(test, zone, item, other));
	KUNIT_EXPECT_LT(test, least, COUNTED / 4);
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
	struct kmobj_zone *zone;
	unsigned int i;
	void *obj;

	kunit_activate_static_stub(test, zone_why_not_charged, charges_not);
	zone = zone_of_flags(test, 0);
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
					"__GFP_ACCOUNT has no effect in this test"), 1);
	log_ignore(test);
}

#define CACHES		30

static void caches_end(void *caches)
{
	struct kmobj_zone **zones = caches;
	unsigned int i;

	for (i = 0; i < CACHES; i++) {
		if (!IS_ERR_OR_NULL(zones[i]))
			kmobj_zone_destroy(zones[i]);
	}
}

static unsigned int lines_of(unsigned int nr)
{
	char name[32];

	snprintf(name, sizeof(name), SHOWN("cache-of-those-%02u"), nr);
	return log_heard(name, "SLAB_ACCOUNT has no effect in this test");
}

/* As a filesystem makes them: by the drop-in, all at once. */
static void caches_that_are_not_charged_share_a_line(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_ACCOUNT };
	struct kmobj_zone **zones;
	unsigned int i, lines;
	char name[48];

	kunit_activate_static_stub(test, zone_why_not_charged, charges_not);
	zones = kunit_kcalloc(test, CACHES, sizeof(*zones), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, zones);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, caches_end, zones), 0);
	log_listen(test);
	for (i = 0; i < CACHES; i++) {
		snprintf(name, sizeof(name), SHOWN("cache-of-those-%02u"), i);
		zones[i] = kmobj_zone_create_quietly(name, SMALL, &args);
		KUNIT_ASSERT_FALSE(test, IS_ERR(zones[i]));
	}
	for (i = 0; i < 100 && !lines_of(CACHES - 1); i++)
		msleep(100);
	for (i = 0; i < CACHES; i++)
		KUNIT_EXPECT_EQ(test, lines_of(i), 1);
	/* 900 characters of names, of which a line has 768; more lines if it took seconds */
	lines = log_heard("SLAB_ACCOUNT", "in this test");
	KUNIT_EXPECT_GE(test, lines, 2);
	KUNIT_EXPECT_LE(test, lines, CACHES / 3);
	log_ignore(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_is_not_charged_is_said),
	KUNIT_CASE(caches_that_are_not_charged_share_a_line),
	KUNIT_CASE(slabs_are_in_the_kernels_count_of_slabs),
	KUNIT_CASE(slabs_are_charged_if_the_zone_says_so),
	KUNIT_CASE(slabs_are_charged_once_a_caller_says_so),
	KUNIT_CASE(small_slabs_are_charged),
	KUNIT_CASE(headers_are_not_charged),
	KUNIT_CASE(what_is_charged_keeps_out_of_the_cache),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_account",
	.test_cases = cases,
};

kunit_test_suite(suite);
