// SPDX-License-Identifier: GPL-2.0
/*
 * A CPU that goes offline leaves no free object out of reach: slabs with any are
 * the depot's, and its cache of free slabs is empty.
 */
#include <linux/cpu.h>

#include "internal_kunit.h"

#ifdef CONFIG_HOTPLUG_CPU
static void bring_back(void *cpu)
{
	add_cpu((unsigned long)cpu);
}

/* Take @cpu down until the case ends; skips if it will not go. */
static void take_down(struct kunit *test, unsigned long cpu)
{
	int err = remove_cpu(cpu);

	if (err)
		kunit_skip(test, "CPU %lu does not go offline: %d", cpu, err);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, bring_back, (void *)cpu),
			0);
	KUNIT_ASSERT_FALSE(test, cpu_online(cpu));
}
#else
static void bring_back(void *cpu)
{
}

static void take_down(struct kunit *test, unsigned long cpu)
{
}
#endif

static int needs_hotplug(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_HOTPLUG_CPU))
		kunit_skip(test, "the kernel has no CPU hotplug");
	return 0;
}

#define SOME	8

static void a_dead_cpus_slabs_are_in_the_depot(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	void *objs[SOME];
	struct kmobj_slab *slab;
	struct kmobj_cpu *c;
	void *obj;
	int there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	c = cpu_state_on(zone, there);
	alloc_on_cpu(test, there, zone, objs, SOME);
	slab = slab_at(zone, objs[0]);
	KUNIT_ASSERT_EQ(test, owner_of(slab), there);

	take_down(test, there);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_NE(test, peek_listed(slab), KMOBJ_UNLISTED);
	zone_expect_sound(test, zone);
	/* where this CPU finds them */
	obj = obj_make(test, zone);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj), slab);
	kmobj_free(zone, obj);
	objs_free(zone, objs, SOME);
}

struct stay {
	struct kmobj_zone *zone;
	void **objs;
	size_t nr;
};

static void stay_free_rcu(void *data)
{
	struct stay *stay = data;

	while (stay->nr)
		kmobj_free_rcu(stay->zone, stay->objs[--stay->nr]);
}

static void what_waits_for_rcu_on_a_dead_cpu_comes_back(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	void *objs[SOME];
	struct stay stay = { zone, objs, SOME };
	int there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	be_lazy(test);
	alloc_on_cpu(test, there, zone, objs, SOME);
	on_cpu(test, there, stay_free_rcu, &stay);
	take_down(test, there);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, SOME);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void a_dead_cpus_reserve_is_in_the_depot(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_cpu *c;
	struct kmobj_slab *slab;
	void **objs;
	int there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	c = cpu_state_on(zone, there);
	/* it would retire what is free */
	KUNIT_ASSERT_EQ(test, poller_off(test), 0);
	objs = kunit_kcalloc(test, 5 * n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	zone_lock(test, zone);
	alloc_on_cpu(test, there, zone, objs, 5 * n);
	/* one is the alternate then, one in reserve */
	free_on_cpu(test, there, zone, objs, 2 * n);
	slab = slab_at(zone, objs[n]);
	KUNIT_EXPECT_EQ(test, owner_of(slab), there);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 1);
	zone_unlock(test, zone);

	take_down(test, there);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 0);
	zone_expect_sound(test, zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	/* what lies dormant is still to be freed, here */
	objs_free(zone, objs + 2 * n, 3 * n);
	zone_expect_sound(test, zone);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void a_dead_cpus_cache_is_empty_and_stays_so(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1 };
	struct kmobj_zone *zone = zone_make(test, 500, &args);
	void *early[SOME], *late[SOME];
	int there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	free_slab_caches_empty();
	alloc_on_cpu(test, there, zone, early, SOME);
	alloc_on_cpu(test, there, zone, late, SOME);
	objs_free(zone, early, SOME);
	objs_free(zone, late, SOME);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_GT(test, free_slab_cache_count(there, 1), 0);
	alloc_on_cpu(test, there, zone, early, SOME);	/* one lives there */

	take_down(test, there);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(there, 1), 0);
	/* its home is gone when it is free: to the page allocator */
	objs_free(zone, early, SOME);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_count(there, 1), 0);
}

static void a_cpu_that_comes_back_starts_afresh(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	void *before[SOME], *after[SOME];
	unsigned long there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	alloc_on_cpu(test, there, zone, before, SOME);
	take_down(test, there);
	kunit_release_action(test, bring_back, (void *)there);
	KUNIT_ASSERT_TRUE(test, cpu_online(there));
	alloc_on_cpu(test, there, zone, after, SOME);
	KUNIT_EXPECT_EQ(test, owner_of(slab_at(zone, after[SOME - 1])), there);
	zone_expect_sound(test, zone);
	free_on_cpu(test, there, zone, before, SOME);
	objs_free(zone, after, SOME);
}

static void a_zone_is_destroyed_with_a_cpu_offline(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	void *objs[SOME];
	int there;

	pin_to(test, 0);	/* which often cannot go offline */
	there = other_cpu(test);
	alloc_on_cpu(test, there, zone, objs, SOME);
	take_down(test, there);
	objs_free(zone, objs, SOME);
	zone_unmake(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_dead_cpus_slabs_are_in_the_depot),
	KUNIT_CASE(what_waits_for_rcu_on_a_dead_cpu_comes_back),
	KUNIT_CASE(a_dead_cpus_reserve_is_in_the_depot),
	KUNIT_CASE(a_dead_cpus_cache_is_empty_and_stays_so),
	KUNIT_CASE(a_cpu_that_comes_back_starts_afresh),
	KUNIT_CASE(a_zone_is_destroyed_with_a_cpu_offline),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_hotplug",
	.init = needs_hotplug,
	.test_cases = cases,
};

kunit_test_suite(suite);
