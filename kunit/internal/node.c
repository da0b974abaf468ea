// SPDX-License-Identifier: GPL-2.0
/*
 * NUMA: an object is of the node that was asked for.
 */
#include <linux/nodemask.h>

#include "internal_kunit.h"

static void an_object_is_of_the_node_asked_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, nr = 2 * objs_per_slab(zone), wrong = 0;
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
			wrong += peek_node(slab_at(zone, objs[i])) != nid;
		}
		KUNIT_EXPECT_EQ(test, wrong, 0);
		zone_expect_sound(test, zone);
		objs_free(zone, objs, nr);
	}
}

static void no_node_means_the_nearest(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *obj;

	obj = kmobj_alloc_node(zone, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), peek_active(c));
	kmobj_free(zone, obj);
	obj = kmobj_alloc_node(zone, GFP_KERNEL, numa_mem_id());
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), peek_active(c));
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

static void another_node_leaves_the_active_slab_alone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
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
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, theirs), peek_active(c));
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, theirs)), nid);
	KUNIT_EXPECT_EQ(test, peek_bin(peek_depot(zone, nid), 0) +
			      peek_bin(peek_depot(zone, nid), 1) +
			      peek_bin(peek_depot(zone, nid), 2) +
			      peek_bin(peek_depot(zone, nid), 3), 1);
	/* and a CPU of this node is not served from there */
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, mine)), here);
	kmobj_free(zone, mine);
	kmobj_free(zone, theirs);
	zone_expect_sound(test, zone);
}

/* A node with memory that is not this CPU's; skips if there is none. */
static int other_node(struct kunit *test)
{
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		if (nid != numa_mem_id())
			return nid;
	}
	kunit_skip(test, "needs two nodes with memory");
	return -1;
}

static int empty_node, full_node;

/* Node empty_node has no page left, and full_node comes next. */
static struct page *none_there(unsigned int order, gfp_t gfp, int nid)
{
	if (nid != empty_node)
		return alloc_pages_node(nid, gfp, order);
	if (gfp & __GFP_THISNODE)
		return NULL;
	return alloc_pages_node(full_node, gfp, order);
}

static void THISNODE_means_no_other_node(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here, there;
	void *obj;

	pin_here(test);
	here = numa_mem_id();
	there = other_node(test);
	free_slab_caches_empty();
	empty_node = there;
	full_node = here;
	kunit_activate_static_stub(test, slab_pages_alloc, none_there);
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL |
						 __GFP_THISNODE, there));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	/* without it any will do; and the slab is with the node that it is of */
	obj = kmobj_alloc_node(zone, GFP_KERNEL, there);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, page_to_nid(virt_to_page(obj)), here);
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, obj)), here);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	zone_expect_sound(test, zone);
}

/* What the CPU had to take from elsewhere when its node had nothing is not it. */
static void THISNODE_is_not_what_the_active_slab_happens_to_be_of(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;

	pin_here(test);
	free_slab_caches_empty();
	empty_node = numa_mem_id();
	full_node = other_node(test);
	kunit_activate_static_stub(test, slab_pages_alloc, none_there);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, obj)), full_node);
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL |
						 __GFP_THISNODE, empty_node));
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
}

/* Whoever frees them, and wherever the slab's home is. */
static void a_slab_stays_with_its_node(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	void **objs;
	int there;

	pin_here(test);
	there = other_node(test);
	objs = kunit_kcalloc(test, n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < n; i++) {
		objs[i] = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
					   there);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
	}
	slab = slab_at(zone, objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, objs[n - 1]), slab);
	for (i = 0; i < n; i++) {
		kmobj_free(zone, objs[i]);
		KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
		KUNIT_EXPECT_NE(test, peek_listed(slab), KMOBJ_UNLISTED);
	}
	zone_expect_sound(test, zone);
	/* this CPU wants one: not that one */
	objs[0] = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, objs[0]), slab);
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, objs[0])), numa_mem_id());
	KUNIT_EXPECT_EQ(test, peek_node(slab), there);
	kmobj_free(zone, objs[0]);
	zone_expect_sound(test, zone);
}

/* No pass retires it, and the limit allows no other. */
static void at_the_limit_a_slab_that_another_node_keeps_is_used(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1, .limit = PAGE_SIZE << 1, .flags = KMOBJ_PRIVATE_PAGES,
	};
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void *obj;
	int there;

	pin_here(test);
	there = other_node(test);
	obj = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE, there);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kmobj_free(zone, obj);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, obj)), there);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 0);
	kmobj_free(zone, obj);
}

static void the_cache_serves_by_node(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	struct kmobj_slab *slab;
	int here, there;
	void *obj;

	here = pin_here(test);
	there = other_node(test);
	free_slab_caches_empty();
	obj = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE, there);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	slab = slab_at(zone, obj);
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	KUNIT_ASSERT_EQ(test, free_slab_cache_count(here, 1), 1);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(there), 2);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
	/* it is this CPU's, but not of its node */
	obj = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, peek_node(slab_at(zone, obj)), numa_mem_id());
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 1);
	kmobj_free(zone, obj);
	obj = kmobj_alloc_node(zone, GFP_KERNEL, there);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), slab);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(here, 1), 0);
	kmobj_free(zone, obj);
}

static void pressure_on_a_node_leaves_the_others_alone(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1, .keep_free_slabs = 1000 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	int nid, nodes[2];
	bool more = false;
	unsigned int i;
	void *obj;

	pin_here(test);
	nodes[0] = numa_mem_id();
	nodes[1] = other_node(test);
	for (i = 0; i < 2; i++) {
		obj = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
				       nodes[i]);
		KUNIT_ASSERT_NOT_NULL(test, obj);
		kmobj_free(zone, obj);
	}
	free_slab_caches_empty();
	nid = nodes[1];
	/* some may find the poller at it, and leave the zone to it */
	for (i = 0; i < 10; i++) {
		reclaim_scan(nid, 1000, &more);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, peek_bin(peek_depot(zone, nid), KMOBJ_BIN_FREE), 0);
	KUNIT_EXPECT_TRUE(test, list_is_singular(&zone->depot[nodes[0]]->all));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
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
	KUNIT_CASE(another_node_leaves_the_active_slab_alone),
	KUNIT_CASE(THISNODE_means_no_other_node),
	KUNIT_CASE(THISNODE_is_not_what_the_active_slab_happens_to_be_of),
	KUNIT_CASE(a_slab_stays_with_its_node),
	KUNIT_CASE(at_the_limit_a_slab_that_another_node_keeps_is_used),
	KUNIT_CASE(the_cache_serves_by_node),
	KUNIT_CASE(pressure_on_a_node_leaves_the_others_alone),
	KUNIT_CASE(a_node_that_is_not_is_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_node",
	.test_cases = cases,
};

kunit_test_suite(suite);
