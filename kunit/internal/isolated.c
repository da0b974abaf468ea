// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs that are isolated or run without a tick are left alone. Where the
 * machine has none, one is taken for such.
 */
#include "internal_kunit.h"

static int left_alone = -1;

static bool may_be_asked(int cpu)
{
	return cpu != left_alone;
}

static int isolated_cpu(void)
{
	int cpu;

	for_each_online_cpu(cpu) {
		if (!cpu_may_be_asked(cpu))
			return cpu;
	}
	return -1;
}

/* A CPU to be left alone; other than the case's, which is pinned. */
static int cpu_left_alone(struct kunit *test)
{
	int cpu = isolated_cpu();

	if (cpu >= 0) {
		kunit_info(test, "CPU %d is isolated\n", cpu);
		return cpu;
	}
	left_alone = other_cpu(test);
	kunit_activate_static_stub(test, cpu_may_be_asked, may_be_asked);
	return left_alone;
}

static void shrinking_leaves_it_what_it_owns(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here = pin_here(test), there = cpu_left_alone(test);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	void **objs;

	objs = kunit_kcalloc(test, 2 + 2 * n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	kmobj_free(zone, obj_make(test, zone));
	alloc_on_cpu(test, there, zone, objs, 2);
	slab = slab_at(zone, objs[0]);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(cpu_state_on(zone, here)), &kmobj_no_slab);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(cpu_state_on(zone, there)), slab);
	KUNIT_EXPECT_EQ(test, owner_of(slab), there);
	KUNIT_EXPECT_TRUE(test, peek_drain(cpu_state_on(zone, there)));
	/* until it comes by for more than it has */
	alloc_on_cpu(test, there, zone, objs + 2, 2 * n);
	KUNIT_EXPECT_FALSE(test, peek_drain(cpu_state_on(zone, there)));
	zone_expect_sound(test, zone);
	objs_free(zone, objs, 2 + 2 * n);
}

/* All of it comes back even so when the zone goes. */
static void destroying_takes_what_it_owns(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int nr = 3 * objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	alloc_on_cpu(test, cpu_left_alone(test), zone, objs, nr);
	objs_free(zone, objs, nr);
	zone_unmake(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(shrinking_leaves_it_what_it_owns),
	KUNIT_CASE(destroying_takes_what_it_owns),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_isolated",
	.test_cases = cases,
};

kunit_test_suite(suite);
