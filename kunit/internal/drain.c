// SPDX-License-Identifier: GPL-2.0
/*
 * What CPUs own comes back in bounded time: from one that never runs out of
 * objects, one that never leaves its fast path, and one that does not come by.
 */
#include <linux/delay.h>

#include "internal_kunit.h"

/* Long enough for any work to be done. */
#define PATIENCE	(10 * HZ)

static bool comes_true(bool (*what)(struct kmobj_zone *zone, int cpu),
		       struct kmobj_zone *zone, int cpu)
{
	unsigned long end = jiffies + PATIENCE;

	while (!what(zone, cpu)) {
		if (time_after(jiffies, end))
			return false;
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

static bool cpu_is_empty(struct kmobj_zone *zone, int cpu)
{
	struct kmobj_cpu *c = cpu_state_on(zone, cpu);

	return peek_active(c) == &kmobj_no_slab &&
	       peek_alternate(c) == &kmobj_no_slab;
}

static void pass(struct kmobj_zone *zone)
{
	zone_pass(zone);
	grace_period_wait();
}

/* The oldest of @nr objects is freed and one allocated, @rounds times. */
static void churn_oldest(struct kunit *test, struct kmobj_zone *zone,
			 void **objs, size_t nr, size_t rounds)
{
	static size_t oldest;
	size_t i;

	for (i = 0; i < rounds; i++) {
		oldest = (oldest + 1) % nr;
		kmobj_free(zone, objs[oldest]);
		objs[oldest] = obj_make(test, zone);
	}
}

#define KEPT	4
#define FREED	200

/*
 * Each slab's first free wakes it, and the next allocation is served from there: so
 * the CPU comes by, as the poller sees it, and never needs a slab. @rounds times from
 * pass to pass, others having freed all but what it churns.
 */
static void expect_freed_elsewhere_comes_back(struct kunit *test, size_t rounds)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, FREED + KEPT);
	zone_lock(test, zone);
	free_on_cpu(test, there, zone, objs, FREED * n);
	for (i = 0; i < 5; i++) {
		churn_oldest(test, zone, objs + FREED * n, KEPT * n, rounds * n);
		pass(zone);
		drain_flush();
	}
	KUNIT_EXPECT_LE(test, zone_stats(zone).slabs, 2 * KEPT + 2);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + FREED * n, KEPT * n);
}

static void a_cpu_that_frees_its_oldest_gives_back_what_others_freed(struct kunit *test)
{
	expect_freed_elsewhere_comes_back(test, 200);
}

/* Too seldom to look at so many slabs by itself. */
static void one_that_does_so_slowly_too(struct kunit *test)
{
	expect_freed_elsewhere_comes_back(test, 1);
}

static void nor_does_it_keep_what_it_is_asked_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, KEPT);

	zone_lock(test, zone);
	ask_to_drain(c);
	churn_oldest(test, zone, objs, KEPT * n, 1);
	KUNIT_EXPECT_FALSE(test, peek_drain(c));
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, KEPT * n);
}

/* Where a CPU goes to and fro at the end of a slab it only swaps its two. */
static void nor_at_the_end_of_a_slab(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 2);

	zone_lock(test, zone);
	ask_to_drain(c);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[n]);
	objs[0] = obj_make(test, zone);
	objs[n] = obj_make(test, zone);
	KUNIT_EXPECT_FALSE(test, peek_drain(c));
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, 2 * n);
}

/* Not even the full slab that another CPU freed into, which wakes as it is asked. */
static void nor_what_it_only_then_finds_to_have_free_objects(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here = pin_here(test), there = other_cpu(test);
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_EQ(test, peek_owner(slab),
			peek_self(cpu_state_on(zone, here)) | KMOBJ_FULL_OWNED);
	drain_dead(zone, here);
	KUNIT_EXPECT_TRUE(test, cpu_is_empty(zone, here));
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_NE(test, peek_listed(slab), KMOBJ_UNLISTED);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 1, 3 * n - 1);
}

#define ROUNDS	6

/*
 * A CPU that is to be left alone, and comes by so seldom that it never gets to the
 * end of what others freed into, does give up what it does not use.
 */
static void nor_does_it_look_at_what_is_freed_before_it_gives_up_anything(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, k, n = objs_per_slab(zone), given = 0;
	struct kmobj_cpu *c;
	void **objs, **freed;
	int there;

	c = cpu_state_on(zone, pin_here(test));
	there = other_cpu(test);
	leave_cpus_alone(test);
	objs = slabs_fill(test, zone, FREED + ROUNDS + 2);
	freed = kunit_kcalloc(test, FREED, sizeof(*freed), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, freed);
	zone_lock(test, zone);
	for (i = 0; i < ROUNDS; i++) {
		for (k = 0; k < FREED; k++)
			freed[k] = objs[k * n + i];
		free_on_cpu(test, there, zone, freed, FREED);
		kmobj_free(zone, objs[(FREED + i) * n]);
		KUNIT_EXPECT_NOT_NULL(test, c->backlog);
		pass(zone);
	}
	for (k = 0; k < FREED + ROUNDS; k++)
		given += owner_of(slab_at(zone, objs[k * n])) < 0;
	KUNIT_EXPECT_GE(test, given, 32);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	for (k = 0; k < FREED; k++)
		objs_free(zone, objs + k * n + ROUNDS, n - ROUNDS);
	for (; k < FREED + ROUNDS; k++)
		objs_free(zone, objs + k * n + 1, n - 1);
	objs_free(zone, objs + k * n, 2 * n);
}

struct spin {
	struct kmobj_zone *zone;
	unsigned long rounds;
	bool stop;
};

/* One object, again and again: nothing but the fast path. */
static void spin_on_one(void *data)
{
	struct spin *spin = data;

	while (!READ_ONCE(spin->stop)) {
		kmobj_free(spin->zone, kmobj_alloc(spin->zone, GFP_KERNEL));
		WRITE_ONCE(spin->rounds, spin->rounds + 1);
		let_others_run();
	}
}

static bool can_alloc(struct kmobj_zone *zone, int unused)
{
	void *obj = kmobj_alloc(zone, GFP_KERNEL);

	kmobj_free(zone, obj);
	return obj;
}

static const struct kmobj_zone_args one_slab = {
	.order = 1,
	.limit = PAGE_SIZE << 1,
};

/* Nobody but the limit itself asks: the poller is stopped. */
static void at_its_limit_a_zone_serves_a_cpu_beside_a_busy_one(struct kunit *test)
{
	struct spin spin = { .zone = zone_make(test, 256, &one_slab) };
	struct worker *worker;

	pin_here(test);
	worker = worker_start(test, other_cpu(test), spin_on_one, &spin);
	while (!READ_ONCE(spin.rounds))
		schedule_timeout_uninterruptible(1);
	/* once, and so it can again after the pass that follows */
	KUNIT_EXPECT_TRUE(test, comes_true(can_alloc, spin.zone, 0));
	WRITE_ONCE(spin.stop, true);
	worker_join(test, worker);
}

static void and_a_cpu_beside_an_idle_one(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 256, &one_slab);
	void *obj;

	pin_here(test);
	alloc_on_cpu(test, other_cpu(test), zone, &obj, 1);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, comes_true(can_alloc, zone, 0));
	kmobj_free(zone, obj);
}

static void idle_soon(struct kunit *test, unsigned int ms)
{
	WRITE_ONCE(kmobj_idle_ms, ms);
}

/* @zone, with a slab that another CPU owns and a pass has seen it use. */
static void *used_elsewhere(struct kunit *test, struct kmobj_zone *zone,
			    int there)
{
	void *obj;

	alloc_on_cpu(test, there, zone, &obj, 1);
	zone_lock(test, zone);
	pass(zone);
	return obj;
}

static void what_a_cpu_did_not_use_for_long_leaves_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	int there;
	void *obj;

	pin_here(test);
	there = other_cpu(test);
	idle_soon(test, 60000);
	obj = used_elsewhere(test, zone, there);
	slab = slab_at(zone, obj);
	pass(zone);
	KUNIT_EXPECT_FALSE(test, peek_drain(cpu_state_on(zone, there)));
	KUNIT_EXPECT_EQ(test, owner_of(slab), there);
	idle_soon(test, 1);
	msleep(20);
	pass(zone);
	KUNIT_EXPECT_TRUE(test, comes_true(cpu_is_empty, zone, there));
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	kmobj_free(zone, obj);
	pass(zone);
	pass(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	zone_unlock(test, zone);
}

/* Its interrupts' too. */
static void both_states_do(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here = pin_here(test);
	void *obj;

	idle_soon(test, 1);
	below_section(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_ASSERT_NOT_NULL(test, obj);
	zone_lock(test, zone);
	pass(zone);
	msleep(20);
	pass(zone);
	drain_flush();
	KUNIT_EXPECT_PTR_EQ(test, peek_active(cpu_at(zone, here, 1)), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, obj)), KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	kmobj_free(zone, obj);
}

static void a_cpu_that_is_to_be_left_alone_is(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	void *obj;
	int there;

	pin_here(test);
	there = other_cpu(test);
	leave_cpus_alone(test);
	idle_soon(test, 1);
	obj = used_elsewhere(test, zone, there);
	slab = slab_at(zone, obj);
	msleep(20);
	pass(zone);
	drain_flush();
	KUNIT_EXPECT_TRUE(test, peek_drain(cpu_state_on(zone, there)));
	KUNIT_EXPECT_EQ(test, owner_of(slab), there);
	zone_unlock(test, zone);
	kmobj_free(zone, obj);
}

/* As at the moment that a process would be killed. */
static void for_want_of_memory_slabs_in_use_go(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	int there;
	void *obj;

	pin_here(test);
	there = other_cpu(test);
	while (reclaim_last())
		;
	alloc_on_cpu(test, there, zone, &obj, 1);
	kmobj_free(zone, obj);
	/* the poller has not looked since it was used */
	KUNIT_EXPECT_NE(test, cpu_state_on(zone, there)->uses_seen,
			peek_allocs(cpu_state_on(zone, there)));
	KUNIT_EXPECT_EQ(test, reclaim_last(), 8);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

struct nested {
	struct kmobj_zone *zone;
	void *obj;
};

static void alloc_one_nested(void *data)
{
	struct nested *n = data;

	below_section(n->zone, n->obj = kmobj_alloc(n->zone, GFP_ATOMIC));
}

/* @zone's only slab is in the second state of @cpu, an object of it handed out. */
static void *second_state_fill(struct kunit *test, struct kmobj_zone *zone, int cpu)
{
	struct nested nested = { .zone = zone };

	on_cpu(test, cpu, alloc_one_nested, &nested);
	KUNIT_ASSERT_NOT_NULL(test, nested.obj);
	KUNIT_EXPECT_TRUE(test, cpu_is_empty(zone, cpu));
	KUNIT_EXPECT_PTR_EQ(test, peek_active(cpu_at(zone, cpu, 1)),
			    slab_at(zone, nested.obj));
	return nested.obj;
}

static void a_limit_is_felt_by_what_interrupts_use(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 256, &one_slab);
	void *obj;

	pin_here(test);
	obj = second_state_fill(test, zone, other_cpu(test));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, comes_true(can_alloc, zone, 0));
	kmobj_free(zone, obj);
}

/* It is counted for the shrinker, and goes. */
static void so_is_want_of_memory(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 3 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	int here = pin_here(test), there = other_cpu(test);
	unsigned long pages;
	void *obj;

	while (reclaim_last())
		;
	obj = second_state_fill(test, zone, there);
	zone_lock(test, zone);
	pass(zone);
	pass(zone);	/* from the first to the second it was not used */
	zone_unlock(test, zone);
	pages = reclaim_count(cpu_to_mem(here));
	kmobj_free(zone, obj);
	KUNIT_EXPECT_GE(test, pages, 8);
	KUNIT_EXPECT_EQ(test, reclaim_last(), 8);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void so_is_a_shrink(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int there;

	pin_here(test);
	there = other_cpu(test);
	kmobj_free(zone, second_state_fill(test, zone, there));
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void so_is_the_death_of_a_cpu(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int here = pin_here(test);
	void *obj = second_state_fill(test, zone, here);

	zone_lock(test, zone);
	drain_dead(zone, here);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(cpu_at(zone, here, 1)), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, obj)), KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	kmobj_free(zone, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_cpu_that_frees_its_oldest_gives_back_what_others_freed),
	KUNIT_CASE(one_that_does_so_slowly_too),
	KUNIT_CASE(nor_does_it_keep_what_it_is_asked_for),
	KUNIT_CASE(nor_at_the_end_of_a_slab),
	KUNIT_CASE(nor_what_it_only_then_finds_to_have_free_objects),
	KUNIT_CASE(nor_does_it_look_at_what_is_freed_before_it_gives_up_anything),
	KUNIT_CASE(at_its_limit_a_zone_serves_a_cpu_beside_a_busy_one),
	KUNIT_CASE(and_a_cpu_beside_an_idle_one),
	KUNIT_CASE(what_a_cpu_did_not_use_for_long_leaves_it),
	KUNIT_CASE(both_states_do),
	KUNIT_CASE(a_cpu_that_is_to_be_left_alone_is),
	KUNIT_CASE(for_want_of_memory_slabs_in_use_go),
	KUNIT_CASE(a_limit_is_felt_by_what_interrupts_use),
	KUNIT_CASE(so_is_want_of_memory),
	KUNIT_CASE(so_is_a_shrink),
	KUNIT_CASE(so_is_the_death_of_a_cpu),
	{}
};

static unsigned int idle_ms;

static int by_hand(struct kunit *test)
{
	idle_ms = kmobj_idle_ms;
	return poller_off(test);
}

static void by_itself(struct kunit *test)
{
	WRITE_ONCE(kmobj_idle_ms, idle_ms);
}

static struct kunit_suite suite = {
	.name = "kmobj_drain",
	.init = by_hand,
	.exit = by_itself,
	.test_cases = cases,
};

kunit_test_suite(suite);
