// SPDX-License-Identifier: GPL-2.0
/*
 * Zones that sleep: passes of the poller leave them out, and each thing that makes work
 * for a pass wakes them.
 */
#include "internal_kunit.h"

#define PASSES	100

static bool sleeps(const struct kmobj_zone *zone)
{
	return !READ_ONCE(zone->awake);
}

/* How many passes look at @zone, of the next @nr. */
static unsigned int passes_that_look(struct kmobj_zone *zone, unsigned int nr)
{
	struct kmobj_depot *depot = peek_depot(zone, numa_mem_id());
	unsigned int i, looks = 0;
	u8 first;

	for (i = 0; i < nr; i++) {
		first = depot->sort_first;
		poller_pass();
		looks += depot->sort_first != first;
	}
	return looks;
}

static void until_it_sleeps(struct kunit *test, struct kmobj_zone *zone)
{
	unsigned int i;

	for (i = 0; i < PASSES && !sleeps(zone); i++) {
		poller_pass();
		grace_period_wait();
	}
	KUNIT_ASSERT_TRUE(test, sleeps(zone));
	KUNIT_EXPECT_EQ(test, passes_that_look(zone, 3), 0);
}

/* CPUs own no other slabs of @zone than full ones, and it sleeps. */
static void unused(struct kunit *test, struct kmobj_zone *zone)
{
	zone_lock(test, zone);
	zone_drain(zone);
	zone_unlock(test, zone);
	until_it_sleeps(test, zone);
}

/* It was woken: passes come, and it has as many slabs as @slabs when it sleeps again. */
static void expect_awake(struct kunit *test, struct kmobj_zone *zone, unsigned long slabs)
{
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	unused(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, slabs);
}

static void a_zone_sleeps_until_a_cpu_owns_a_slab(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;

	pin_here(test);
	KUNIT_EXPECT_TRUE(test, sleeps(zone));
	KUNIT_EXPECT_EQ(test, passes_that_look(zone, 3), 0);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	KUNIT_EXPECT_EQ(test, passes_that_look(zone, 3), 3);
	unused(test, zone);
	kmobj_free(zone, obj);		/* into a slab of the depot, in use and listed */
	expect_awake(test, zone, 0);
}

/* The first of three slabs is full, and this CPU's. */
static void and_until_one_frees_into_a_full_slab_of_its_own(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 3);
	unused(test, zone);
	KUNIT_EXPECT_TRUE(test, peek_owner(slab_at(zone, objs[0])) & KMOBJ_FULL_OWNED);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	objs_free(zone, objs + 1, n - 1);
	expect_awake(test, zone, 2);
	kmobj_free(zone, objs[n]);	/* full, and the depot's */
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	objs_free(zone, objs + n + 1, 2 * n - 1);
	expect_awake(test, zone, 0);
}

static void or_into_one_of_another_cpu(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 3);
	unused(test, zone);
	free_on_cpu(test, there, zone, objs, n);
	expect_awake(test, zone, 2);
	objs_free(zone, objs + n, 2 * n);
}

/* Which a pass may see between its looks at the one and at the other. */
static void or_its_only_slab_comes_to_the_front(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 3);
	unused(test, zone);
	kmobj_free(zone, objs[0]);	/* the alternate one; there is no active one */
	kmobj_free(zone, objs[1]);
	WRITE_ONCE(zone->awake, false);
	objs[0] = obj_make(test, zone);
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	kmobj_free(zone, objs[0]);
	objs_free(zone, objs + 2, 3 * n - 2);
	expect_awake(test, zone, 0);
}

static void or_an_interrupt_does_in_sections(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;

	pin_here(test);
	obj = obj_make(test, zone);
	unused(test, zone);
	nested_free(zone, &obj, 1);
	expect_awake(test, zone, 0);
}

static void or_objects_are_free_after_a_grace_period(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;

	pin_here(test);
	obj = obj_make(test, zone);
	unused(test, zone);
	kmobj_free_rcu(zone, obj);
	kmobj_rcu_barrier(zone);
	expect_awake(test, zone, 0);
}

static void or_a_free_slab_is_used_that_was_kept(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 1 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void *obj;

	pin_here(test);
	kmobj_free(zone, obj_make(test, zone));
	unused(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	kmobj_free(zone, obj);
	expect_awake(test, zone, 1);
}

/* When a pass has seen that the depot had none, and not yet what CPUs own. */
static void or_a_free_slab_comes_to_the_depot(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	pin_here(test);
	kmobj_free(zone, obj_make(test, zone));
	zone_lock(test, zone);
	WRITE_ONCE(zone->awake, false);
	zone_drain(zone);
	zone_unlock(test, zone);
	expect_awake(test, zone, 0);
}

static void or_memory_is_short_and_a_kept_one_retires(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 1 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	bool more = false;

	pin_here(test);
	kmobj_free(zone, obj_make(test, zone));
	unused(test, zone);
	free_slab_caches_empty();
	reclaim_scan(numa_mem_id(), 1000000, &more);
	expect_awake(test, zone, 0);
}

static void or_its_limit_is_reached(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	unused(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, bytes_per_slab(zone)), 0);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NE(test, zone->limit_felt, 0);
	expect_awake(test, zone, 1);
	KUNIT_EXPECT_EQ(test, zone->limit_felt, 0);
	objs_free(zone, objs, n);
}

static void debug_zones_sleep_too(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_RED_ZONE };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void *obj;

	pin_here(test);
	obj = obj_make(test, zone);
	until_it_sleeps(test, zone);
	kmobj_free(zone, obj);
	expect_awake(test, zone, 0);
}

static enum kmobj_move busy(struct kmobj_zone *zone, void *from, void *to)
{
	return KMOBJ_BUSY;
}

/* Though the mover may leave passes out. */
static void a_zone_with_something_to_move_does_not(struct kunit *test)
{
	const struct kmobj_zone_args args = { .move = busy };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	zone_unlock(test, zone);
	until_it_sleeps(test, zone);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, passes_that_look(zone, 5), 5);
	objs_free(zone, objs + 1, 2 * n - 1);
	expect_awake(test, zone, 0);
}

/* A pass that has not looked at all slabs must be followed by another. */
static void nor_does_one_with_more_slabs_than_a_pass_looks_at(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 3);
	for (i = 0; i < 3; i++)
		kmobj_free(zone, objs[i * n]);
	zone_drain(zone);
	zone_maintain(zone, 4);		/* which sees that it was used */
	zone_maintain(zone, 3);
	KUNIT_EXPECT_FALSE(test, sleeps(zone));
	zone_maintain(zone, 4);
	KUNIT_EXPECT_TRUE(test, sleeps(zone));
	zone_unlock(test, zone);
	for (i = 0; i < 3; i++)
		objs_free(zone, objs + i * n + 1, n - 1);
}

/* As none is left that could be freed and wake it. */
static void one_that_waits_to_be_destroyed_is_looked_at_all_the_same(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;
	int i;

	pin_here(test);
	obj = obj_make(test, zone);
	zone_forget(test, zone);
	log_ignore(test);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zone), -EBUSY);
	until_it_sleeps(test, zone);
	kmobj_free(zone, obj);
	WRITE_ONCE(zone->awake, false);
	for (i = 0; i < 500 && !peek_gone(zone); i++) {
		poller_pass();
		schedule_timeout_uninterruptible(HZ / 50);
	}
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
}

struct race {
	struct kmobj_zone *zone;
	void **objs;
	unsigned int nr;
	atomic_t round;
};

/* Free the next as soon as a pass begins. */
static void free_with_each_pass(void *data)
{
	struct race *race = data;
	unsigned int i;

	for (i = 0; i < race->nr; i++) {
		while (atomic_read(&race->round) <= i)
			let_others_run();
		kmobj_free(race->zone, race->objs[i]);
	}
}

/* The last object of a slab is freed beside a pass, which may find that there is no work. */
static void no_free_is_missed_beside_a_pass(struct kunit *test)
{
	struct race race = {
		.zone = zone_make(test, SMALL, NULL),
		.nr = AT_FULL_SPEED ? 200 : 20,		/* times as many are sorted */
	};
	unsigned int i, n = objs_per_slab(race.zone);
	struct worker *worker;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = depot_fill(test, race.zone, race.nr);
	race.objs = kunit_kcalloc(test, race.nr, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, race.objs);
	for (i = 0; i < race.nr; i++) {
		objs_free(race.zone, objs + i * n, n - 1);
		race.objs[i] = objs[i * n + n - 1];
	}
	zone_unlock(test, race.zone);
	unused(test, race.zone);
	worker = worker_start(test, there, free_with_each_pass, &race);
	for (i = 0; i < race.nr; i++) {
		atomic_inc(&race.round);
		poller_pass();
	}
	worker_join(test, worker);
	until_it_sleeps(test, race.zone);
	KUNIT_EXPECT_EQ(test, zone_stats(race.zone).slabs, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_zone_sleeps_until_a_cpu_owns_a_slab),
	KUNIT_CASE(and_until_one_frees_into_a_full_slab_of_its_own),
	KUNIT_CASE(or_into_one_of_another_cpu),
	KUNIT_CASE(or_its_only_slab_comes_to_the_front),
	KUNIT_CASE(or_an_interrupt_does_in_sections),
	KUNIT_CASE(or_objects_are_free_after_a_grace_period),
	KUNIT_CASE(or_a_free_slab_is_used_that_was_kept),
	KUNIT_CASE(or_a_free_slab_comes_to_the_depot),
	KUNIT_CASE(or_memory_is_short_and_a_kept_one_retires),
	KUNIT_CASE(or_its_limit_is_reached),
	KUNIT_CASE(debug_zones_sleep_too),
	KUNIT_CASE(a_zone_with_something_to_move_does_not),
	KUNIT_CASE(nor_does_one_with_more_slabs_than_a_pass_looks_at),
	KUNIT_CASE(one_that_waits_to_be_destroyed_is_looked_at_all_the_same),
	KUNIT_CASE(no_free_is_missed_beside_a_pass),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_asleep",
	.init = poller_off,
	.test_cases = cases,
};

kunit_test_suite(suite);
