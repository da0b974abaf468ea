// SPDX-License-Identifier: GPL-2.0
/*
 * The reserve: slabs that a CPU still owns after they left its pair. Who frees
 * first decides where a parked slab goes; what a CPU does not use goes to the
 * depot in time.
 */
#include "kmobj_kunit.h"

static bool pass(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->care);
	return zone_care(zone, 1024);
}

static void a_first_free_by_its_cpu_brings_a_slab_in(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	KUNIT_EXPECT_EQ(test, slab->owner, pair->cpu | KMOBJ_PARKED);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, slab->owner, pair->cpu);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 1);
	/* and all that follow are plain stores */
	objs_free(zone, objs + 1, n - 1);
	KUNIT_EXPECT_EQ(test, pair->frees, n);
	KUNIT_EXPECT_EQ(test, pair->frees_remote + pair->frees_nested, 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), n);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + n, 2 * n);
}

static void a_first_free_by_another_cpu_gives_it_to_the_depot(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_EQ(test, slab->owner, KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_NE(test, slab->listed, KMOBJ_UNLISTED);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 1, 3 * n - 1);
}

static void a_free_by_another_cpu_leaves_the_reserve_as_it_is(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	free_on_cpu(test, there, zone, objs + 1, 2);
	KUNIT_EXPECT_EQ(test, slab->owner, pair->cpu);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 1);
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 2);
	/* all three are served from it */
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)), slab);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)), slab);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 3);
	zone_unlock(test, zone);
	objs_free(zone, objs, 3 * n);
}

static void the_reserve_serves_before_the_depot_last_in_first_out(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 5);

	zone_lock(test, zone);
	nested_free(zone, objs, 1);
	kmobj_free(zone, objs[n]);
	kmobj_free(zone, objs[2 * n]);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 2);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[2 * n]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[n]);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 5);
	zone_unlock(test, zone);
	objs_free(zone, objs, 5 * n);
}

static void an_interrupt_does_not_take_from_the_reserve(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 3), *obj;
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	obj = nested_alloc(zone);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, obj), slab);
	nested_free(zone, objs + 1, 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 1);
	KUNIT_EXPECT_EQ(test, slab->owner, pair->cpu);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	objs_free(zone, objs + 2, 3 * n - 2);
}

/* The CPU never waits for whoever looks at its list. */
static void a_cpu_does_without_a_list_that_is_locked(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 4), *obj;
	unsigned long flags;

	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	raw_spin_lock_irqsave(&pair->lock, flags);
	kmobj_free(zone, objs[n]);
	obj = kmobj_alloc(zone, GFP_ATOMIC);
	raw_spin_unlock_irqrestore(&pair->lock, flags);
	/* given to the depot, and taken from there */
	KUNIT_EXPECT_PTR_EQ(test, obj, objs[n]);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 1, 4 * n - 1);
}

static void what_is_not_used_goes_to_the_depot_in_time(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 4);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	objs_free(zone, objs, 2 * n);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 2);
	pass(zone);			/* begins to watch */
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 2);
	KUNIT_EXPECT_TRUE(test, pass(zone));
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	grace_period_wait();
	pass(zone);
	KUNIT_EXPECT_EQ(test, slab->owner, KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, slab->listed, KMOBJ_BIN_FREE + 1);
	KUNIT_EXPECT_EQ(test, zone->depot[slab->node]->nr[KMOBJ_BIN_FREE], 2);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 2 * n, 2 * n);
}

static void what_a_cpu_uses_stays_its_own(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int i, round, n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 4);

	zone_lock(test, zone);
	for (round = 0; round < 5; round++) {
		objs_free(zone, objs, 4 * n);
		pass(zone);
		KUNIT_EXPECT_EQ(test, pair->nr_reserve, 2);
		for (i = 0; i < 4 * n; i++)
			objs[i] = obj_make(test, zone);
		KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 4);
	KUNIT_EXPECT_EQ(test, pair->frees_remote + pair->frees_nested, 0);
	zone_unlock(test, zone);
	objs_free(zone, objs, 4 * n);
}

/* A section that saw the slab as its CPU's may still be storing into it. */
static void what_is_disowned_waits_for_sections_to_end(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = zone->nr_objs;
	struct kmobj_slab *slab;
	struct worker *reader;
	bool waited = true;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 3);
	slab = slab_at(zone, objs[0]);
	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	reader = reader_start(test, there);
	for (i = 0; i < 5; i++) {
		pass(zone);
		waited &= i ? slab->owner == KMOBJ_OWNER_HELD : true;
	}
	kmobj_free(zone, objs[1]);	/* remote now */
	waited &= known_free(zone, slab) == 1;
	reader_stop(test, reader);
	KUNIT_EXPECT_TRUE(test, waited);
	grace_period_wait();
	pass(zone);
	KUNIT_EXPECT_EQ(test, slab->owner, KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 2);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 2, 3 * n - 2);
}

static void a_small_limit_leaves_no_room_for_a_reserve(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = 4 * (PAGE_SIZE << 1),
	};
	struct kmobj_zone *zone = zone_make(test, 256, &args);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 4);

	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	KUNIT_EXPECT_EQ(test, slab_at(zone, objs[0])->owner,
			KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	objs_free(zone, objs + 1, 4 * n - 1);
}

static void a_limit_that_is_felt_takes_all_reserves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_pair *pair = pair_on(zone, pin_here(test));
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 4);

	zone_lock(test, zone);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[n]);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 2);
	WRITE_ONCE(zone->want_drain, true);
	pass(zone);
	KUNIT_EXPECT_EQ(test, pair->nr_reserve, 0);
	grace_period_wait();
	pass(zone);
	KUNIT_EXPECT_EQ(test, slab_at(zone, objs[0])->owner,
			KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	objs_free(zone, objs + 1, n - 1);
	objs_free(zone, objs + n + 1, 3 * n - 1);
}

static void shrinking_takes_all_reserves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = zone->nr_objs;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 5);
	objs_free(zone, objs, 5 * n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone),
			5 * zone_stats(zone).slab_bytes);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_first_free_by_its_cpu_brings_a_slab_in),
	KUNIT_CASE(a_first_free_by_another_cpu_gives_it_to_the_depot),
	KUNIT_CASE(a_free_by_another_cpu_leaves_the_reserve_as_it_is),
	KUNIT_CASE(the_reserve_serves_before_the_depot_last_in_first_out),
	KUNIT_CASE(an_interrupt_does_not_take_from_the_reserve),
	KUNIT_CASE(a_cpu_does_without_a_list_that_is_locked),
	KUNIT_CASE(what_is_not_used_goes_to_the_depot_in_time),
	KUNIT_CASE(what_a_cpu_uses_stays_its_own),
	KUNIT_CASE(what_is_disowned_waits_for_sections_to_end),
	KUNIT_CASE(a_small_limit_leaves_no_room_for_a_reserve),
	KUNIT_CASE(a_limit_that_is_felt_takes_all_reserves),
	KUNIT_CASE(shrinking_takes_all_reserves),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_reserve",
	.test_cases = cases,
};

kunit_test_suite(suite);
