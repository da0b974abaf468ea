// SPDX-License-Identifier: GPL-2.0
/*
 * NUMA: an object is of the node that was asked for.
 */
#include <linux/nodemask.h>

#include "kmobj_kunit.h"

static void an_object_is_of_the_node_asked_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, nr = 2 * zone->nr_objs, wrong = 0;
	void **objs;
	int nid;

	objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	for_each_node_state(nid, N_MEMORY) {
		for (i = 0; i < nr; i++) {
			objs[i] = kmobj_alloc_node(zone, GFP_KERNEL |
						   __GFP_THISNODE, nid);
			KUNIT_ASSERT_NOT_NULL(test, objs[i]);
			wrong += page_to_nid(virt_to_page(objs[i])) != nid;
			wrong += slab_at(zone, objs[i])->node != nid;
		}
		KUNIT_EXPECT_EQ(test, wrong, 0);
		zone_expect_sound(test, zone);
		objs_free(zone, objs, nr);
	}
}

static void no_node_means_the_nearest(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	void *obj;

	obj = kmobj_alloc_node(zone, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), pair->active);
	kmobj_free(zone, obj);
	obj = kmobj_alloc_node(zone, GFP_KERNEL, numa_mem_id());
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), pair->active);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs_depot, 0);
}

static void a_zeroed_object_of_a_node_is_zero(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	const gfp_t gfp = GFP_KERNEL | __GFP_THISNODE | __GFP_ZERO;
	void *obj, *again;

	pin_here(test);
	obj = kmobj_alloc_node(zone, gfp, numa_mem_id());
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_NULL(test, memchr_inv(obj, 0, SMALL));
	memset(obj, 0xa5, SMALL);
	kmobj_free(zone, obj);
	/* the very same, whatever the depot takes first */
	again = kmobj_alloc_node(zone, gfp, numa_mem_id());
	KUNIT_ASSERT_NOT_NULL(test, again);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, again), slab_at(zone, obj));
	KUNIT_EXPECT_NULL(test, memchr_inv(again, 0, SMALL));
	kmobj_free(zone, again);
}

static void another_node_leaves_the_pair_alone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	int nid, here = numa_mem_id();
	void *mine, *theirs;

	if (num_node_state(N_MEMORY) < 2)
		kunit_skip(test, "needs two nodes with memory");
	for_each_node_state(nid, N_MEMORY)
		if (nid != here)
			break;
	mine = obj_make(test, zone);
	theirs = kmobj_alloc_node(zone, GFP_KERNEL, nid);
	KUNIT_ASSERT_NOT_NULL(test, theirs);
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, theirs), pair->active);
	KUNIT_EXPECT_EQ(test, slab_at(zone, theirs)->node, nid);
	KUNIT_EXPECT_EQ(test, zone->depot[nid]->nr[0] +
			      zone->depot[nid]->nr[1] +
			      zone->depot[nid]->nr[2] +
			      zone->depot[nid]->nr[3], 1);
	/* and a CPU of this node is not served from there */
	KUNIT_EXPECT_EQ(test, slab_at(zone, mine)->node, here);
	kmobj_free(zone, mine);
	kmobj_free(zone, theirs);
	zone_expect_sound(test, zone);
}

static void a_node_that_is_not_is_refused(struct kunit *test)
{
	static const int nodes[] = { -2, INT_MIN, INT_MAX, MAX_NUMNODES };
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(nodes); i++)
		KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL,
							 nodes[i]));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, ARRAY_SIZE(nodes));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(an_object_is_of_the_node_asked_for),
	KUNIT_CASE(no_node_means_the_nearest),
	KUNIT_CASE(a_zeroed_object_of_a_node_is_zero),
	KUNIT_CASE(another_node_leaves_the_pair_alone),
	KUNIT_CASE(a_node_that_is_not_is_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_node",
	.test_cases = cases,
};

kunit_test_suite(suite);
