// SPDX-License-Identifier: GPL-2.0
/*
 * Active and alternate: which slab serves which object, step by step, on one CPU.
 */
#include "internal_kunit.h"

static void the_first_object_makes_the_active_slab(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *obj;

	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), slab_at(zone, obj));
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, owner_of(peek_active(c)), peek_self(c));
	kmobj_free(zone, obj);
}

static void a_new_slab_moves_active_to_alternate_to_dormant(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *out = slab_at(zone, objs[0]);

	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), slab_at(zone, objs[2 * n]));
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), slab_at(zone, objs[n]));
	KUNIT_EXPECT_EQ(test, peek_owner(out), peek_self(c) | KMOBJ_FULL_OWNED);
	KUNIT_EXPECT_EQ(test, peek_listed(out), KMOBJ_UNLISTED);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 0);
	objs_free(zone, objs, 3 * n);
}

static void a_free_into_active_or_alternate_stays_in_the_section(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 2);
	unsigned int i;

	for (i = 0; i < 2 * n; i++)
		kmobj_free(zone, objs[i]);
	KUNIT_EXPECT_EQ(test, peek_frees(c), 2 * n);
	KUNIT_EXPECT_EQ(test, peek_frees_remote(c), 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(c)), n);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_alternate(c)), n);
}

static void a_free_into_the_depot_is_remote(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = depot_fill(test, zone, 2);

	objs_free(zone, objs, 2 * n);
	KUNIT_EXPECT_EQ(test, peek_frees(c), 0);
	KUNIT_EXPECT_EQ(test, peek_frees_remote(c), 2 * n);
	zone_unlock(test, zone);
}

static void a_full_active_is_swapped_for_the_alternate(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 2);
	struct kmobj_slab *active = peek_active(c), *alternate = peek_alternate(c);

	kmobj_free(zone, objs[0]);	/* the alternate's */
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), alternate);
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), active);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	objs_free(zone, objs, 2 * n);
}

static void the_active_slab_serves_before_the_alternate(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 2);
	kmobj_free(zone, objs[n]);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[n]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	objs_free(zone, objs, 2 * n);
}

/* At the border between two slabs nothing but the two is needed. */
static void a_cpu_at_the_end_of_a_slab_leaves_all_else_alone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int i, n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 4);
	struct kmobj_slab *active = peek_active(c), *alternate = peek_alternate(c);
	unsigned long moves = c->moves;

	for (i = 0; i < 100; i++) {
		kmobj_free(zone, objs[3 * n]);
		kmobj_free(zone, objs[2 * n]);
		objs[3 * n] = obj_make(test, zone);
		objs[2 * n] = obj_make(test, zone);
	}
	KUNIT_EXPECT_TRUE(test, (peek_active(c) == active &&
				 peek_alternate(c) == alternate) ||
				(peek_active(c) == alternate &&
				 peek_alternate(c) == active));
	KUNIT_EXPECT_EQ(test, c->moves, moves);
	objs_free(zone, objs, 4 * n);
}

static void what_others_freed_is_collected_before_more_is_taken(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 1);

	free_on_cpu(test, there, zone, objs, 2);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(c)), 0);
	KUNIT_EXPECT_EQ(test, remote_free(zone, peek_active(c)),
			2);
	KUNIT_EXPECT_EQ(test, peek_frees_remote(cpu_state_on(zone, there)), 2);

	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)),
			    peek_active(c));
	KUNIT_EXPECT_EQ(test, remote_free(zone, peek_active(c)), 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(c)), 1);
	obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	objs_free(zone, objs, n);
}

static void what_others_freed_in_the_alternate_is_collected_too(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 2);

	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), slab_at(zone, objs[0]));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	objs_free(zone, objs, 2 * n);
}

/* In every word of the bitmaps: the first, the middle and the last object. */
static void frees_come_home_in_every_word(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, TINY, NULL);
	unsigned int i, n = objs_per_slab(zone), slabs;
	int there;
	void **objs;

	pin_here(test);
	there = other_cpu(test);
	KUNIT_ASSERT_GT(test, zone->bitmap_words, 2);
	objs = slabs_fill(test, zone, 1);
	slabs = zone_stats(zone).slabs;
	for (i = 0; i < n; i += 61) {
		free_on_cpu(test, there, zone, objs + i, 1);
		KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[i]);
	}
	free_on_cpu(test, there, zone, objs, n);
	for (i = 0; i < n; i++)
		objs[i] = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, slabs);
	objs_free(zone, objs, n);
}

static void a_cpu_asked_to_drain_gives_both_slabs_up(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 2);
	struct kmobj_slab *second = slab_at(zone, objs[n]);
	void *obj;

	ask_to_drain(c);
	obj = obj_make(test, zone);	/* both are full: the slow path */
	KUNIT_EXPECT_FALSE(test, peek_drain(c));
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), slab_at(zone, obj));
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, peek_owner(second), KMOBJ_OWNER_DEPOT);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	objs_free(zone, objs, 2 * n);
}

static void each_cpu_owns_slabs_of_its_own(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here, cpu;
	void *objs[NR_CPUS > 64 ? 64 : NR_CPUS];
	unsigned int i, nr = 0;

	here = pin_here(test);
	other_cpu(test);
	for_each_online_cpu(cpu) {
		if (nr == ARRAY_SIZE(objs))
			break;
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		objs[nr] = obj_make(test, zone);
		KUNIT_EXPECT_EQ(test, owner_of(slab_at(zone, objs[nr])), cpu);
		for (i = 0; i < nr; i++)
			KUNIT_EXPECT_PTR_NE(test, slab_at(zone, objs[i]),
					    slab_at(zone, objs[nr]));
		nr++;
	}
	set_cpus_allowed_ptr(current, cpumask_of(here));
	KUNIT_EXPECT_GE(test, nr, 2);
	objs_free(zone, objs, nr);
	zone_expect_sound(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_first_object_makes_the_active_slab),
	KUNIT_CASE(a_new_slab_moves_active_to_alternate_to_dormant),
	KUNIT_CASE(a_free_into_active_or_alternate_stays_in_the_section),
	KUNIT_CASE(a_free_into_the_depot_is_remote),
	KUNIT_CASE(a_full_active_is_swapped_for_the_alternate),
	KUNIT_CASE(the_active_slab_serves_before_the_alternate),
	KUNIT_CASE(a_cpu_at_the_end_of_a_slab_leaves_all_else_alone),
	KUNIT_CASE(what_others_freed_is_collected_before_more_is_taken),
	KUNIT_CASE(what_others_freed_in_the_alternate_is_collected_too),
	KUNIT_CASE(frees_come_home_in_every_word),
	KUNIT_CASE(a_cpu_asked_to_drain_gives_both_slabs_up),
	KUNIT_CASE(each_cpu_owns_slabs_of_its_own),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_cpu",
	.test_cases = cases,
};

kunit_test_suite(suite);
