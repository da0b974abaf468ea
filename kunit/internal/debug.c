// SPDX-License-Identifier: GPL-2.0
/*
 * Debug zones: what is written where it should not be is found, said once, and
 * repaired; and second frees are found at once, whoever makes them.
 */
#include <linux/sched.h>

#include "internal_kunit.h"

#define ALL	(KMOBJ_POISON | KMOBJ_RED_ZONE | KMOBJ_TRACK_USER)

static struct kmobj_zone *zone_with(struct kunit *test, size_t size,
				    unsigned int flags)
{
	const struct kmobj_zone_args args = { .flags = flags };

	return zone_make(test, size, &args);
}

/* As a client's mistake would, which KASAN is not to see. */
static noinline void scribble(void *obj, int at, u8 what)
{
	kasan_disable_current();
	WRITE_ONCE(((u8 *)obj)[at], what);
	kasan_enable_current();
}

static unsigned long corrupted(struct kmobj_zone *zone)
{
	return zone_stats(zone).corrupted;
}

struct shape {
	size_t size;
	unsigned int flags;
};

static const struct shape shapes[] = {
	{ 1, KMOBJ_POISON }, { 1, KMOBJ_RED_ZONE }, { 1, ALL },
	{ 13, ALL }, { SMALL, KMOBJ_POISON }, { SMALL, KMOBJ_RED_ZONE },
	{ SMALL, KMOBJ_TRACK_USER }, { SMALL, ALL },
	{ SMALL, ALL | KMOBJ_HWCACHE_ALIGN },
	{ 100, KMOBJ_RED_ZONE | KMOBJ_TYPESAFE_BY_RCU },
	{ 5000, ALL }, { KMOBJ_MAX_SIZE, ALL },
};

static void shape_desc(const struct shape *shape, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "size %zu, flags %x",
		 shape->size, shape->flags);
}

KUNIT_ARRAY_PARAM(shape, shapes, shape_desc);

/* One by one, in bulk, below a section, for a node: all whole, none paired. */
static void objects_of_a_debug_zone_are_whole(struct kunit *test)
{
	const struct shape *shape = test->param_value;
	struct kmobj_zone *zone = zone_with(test, shape->size, shape->flags);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *objs[40];
	size_t i, n = ARRAY_SIZE(objs);

	for (i = 0; i < 10; i++)
		objs[i] = kmobj_alloc(zone, GFP_KERNEL);
	for (; i < 20; i++)
		objs[i] = nested_alloc(zone);
	for (; i < 30; i++)
		objs[i] = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
					   numa_mem_id());
	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, n - i,
						 objs + i));
	for (i = 0; i < n; i++) {
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)objs[i],
						   zone->align));
		obj_stamp(objs[i], shape->size, i);
	}
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), n);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(objs[i], shape->size, i));
	objs_free(zone, objs, 10);
	nested_free(zone, objs + 10, 10);
	kmobj_free_bulk(zone, 20, objs + 20);
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void a_zone_without_debugging_pays_no_byte(struct kunit *test)
{
	struct kmobj_zone *plain = zone_make(test, SMALL, NULL);
	struct kmobj_zone *poisoned = zone_with(test, SMALL, KMOBJ_POISON);
	struct kmobj_zone *red = zone_with(test, SMALL, KMOBJ_RED_ZONE);

	KUNIT_EXPECT_EQ(test, poisoned->stride, plain->stride);
	KUNIT_EXPECT_EQ(test, poisoned->obj_offset, plain->obj_offset);
	KUNIT_EXPECT_GT(test, red->stride, plain->stride);
}

static void a_write_after_free_is_found_at_the_next_alloc(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, KMOBJ_POISON);
	static const int at[] = { 0, SMALL / 2, SMALL - 1 };
	void *obj, *other;
	unsigned int i;

	pin_here(test);
	other = obj_make(test, zone);
	obj_stamp(other, SMALL, 7);
	for (i = 0; i < ARRAY_SIZE(at); i++) {
		obj = obj_make(test, zone);
		kmobj_free(zone, obj);
		scribble(obj, at[i], 0x11);
		KUNIT_EXPECT_EQ(test, corrupted(zone), i);
		KUNIT_ASSERT_PTR_EQ(test, obj_make(test, zone), obj);
		KUNIT_EXPECT_EQ(test, corrupted(zone), i + 1);
		kmobj_free(zone, obj);
		/* and is whole again */
		KUNIT_ASSERT_PTR_EQ(test, obj_make(test, zone), obj);
		KUNIT_EXPECT_EQ(test, corrupted(zone), i + 1);
		kmobj_free(zone, obj);
	}
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(other, SMALL, 7));
	kmobj_free(zone, other);
}

static void a_write_after_free_is_found_when_the_slab_leaves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, KMOBJ_POISON);
	void *obj = obj_make(test, zone);

	kmobj_free(zone, obj);
	scribble(obj, 3, 0x11);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
}

static void a_write_past_an_end_is_found_at_the_free(struct kunit *test)
{
	static const int sizes[] = { 1, 13, SMALL, 100 };
	struct kmobj_zone *zone;
	void *objs[3];
	unsigned int i;
	int size;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size = sizes[i];
		zone = zone_with(test, size, KMOBJ_RED_ZONE);
		pin_here(test);
		objs[0] = obj_make(test, zone);
		objs[1] = obj_make(test, zone);
		objs[2] = obj_make(test, zone);
		scribble(objs[1], size, 0x11);		/* by one byte */
		scribble(objs[1], -1, 0x22);
		scribble(objs[0], -8, 0x33);		/* of object 0 */
		kmobj_free(zone, objs[2]);
		KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
		kmobj_free(zone, objs[1]);
		KUNIT_EXPECT_EQ(test, corrupted(zone), 2);
		kmobj_free(zone, objs[0]);
		KUNIT_EXPECT_EQ(test, corrupted(zone), 3);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 3);
		/* repaired, so not found again */
		objs[0] = obj_make(test, zone);
		objs[1] = obj_make(test, zone);
		kmobj_free(zone, objs[0]);
		kmobj_free(zone, objs[1]);
		KUNIT_EXPECT_EQ(test, corrupted(zone), 3);
	}
}

/* Exactly, and at once: the depot's lock knows what is live. */
static void a_second_free_is_found_at_once_in_a_debug_zone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	void *objs[2];
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs[0] = obj_make(test, zone);
	objs[1] = obj_make(test, zone);
	kmobj_free(zone, objs[0]);
	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	nested_free(zone, objs, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	kmobj_free_bulk(zone, 1, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 3);
	free_on_cpu(test, there, zone, objs + 1, 1);
	kmobj_free(zone, objs[1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 4);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

static void zeroes_are_handed_out_of_poison(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, 100, ALL);
	void *obj = kmobj_zalloc(zone, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_NULL(test, memchr_inv(obj, 0, 100));
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

static const struct kmobj_track *track_of(struct kmobj_zone *zone, void *obj,
					  enum track_kind kind)
{
	return obj + zone->track_off + kind * sizeof(struct kmobj_track);
}

static void a_track_tells_who_and_where(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, KMOBJ_TRACK_USER);
	const struct kmobj_track *track;
	unsigned long before = jiffies;
	int here, there;
	void *obj;

	here = pin_here(test);
	there = other_cpu(test);
	obj = obj_make(test, zone);
	free_on_cpu(test, there, zone, &obj, 1);
	kasan_disable_current();
	track = track_of(zone, obj, TRACK_ALLOC);
	KUNIT_EXPECT_EQ(test, track->cpu, here);
	KUNIT_EXPECT_EQ(test, track->pid, current->pid);
	KUNIT_EXPECT_TRUE(test, time_in_range(track->when, before, jiffies));
	track = track_of(zone, obj, TRACK_FREE);
	KUNIT_EXPECT_EQ(test, track->cpu, there);
	KUNIT_EXPECT_NE(test, track->pid, current->pid);
	kasan_enable_current();
}

/* A spoilt track is no track: nothing follows what it says. */
static void a_spoilt_track_is_not_believed(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	void *obj = obj_make(test, zone);
	unsigned int i;

	for (i = SMALL; i < zone->stride - 8; i++)
		scribble(obj, i, 0xff);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
}

static unsigned int flags_of_new(struct kunit *test, const char *name,
				 const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone = kmobj_zone_create(name, SMALL, args);
	unsigned int flags;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	flags = zone->flags;
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	return flags;
}

static void the_parameter_debug_chooses_zones_by_name(struct kunit *test)
{
	const struct kmobj_zone_args typesafe = {
		.flags = KMOBJ_TYPESAFE_BY_RCU,
	};

	KUNIT_EXPECT_EQ(test, debug_param_set("ZP,kunit-d*,x;U,*-deb?g", NULL), 0);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-debug", NULL), ALL);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-d", NULL),
			KMOBJ_RED_ZONE | KMOBJ_POISON);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-x", NULL), 0);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-d", &typesafe),
			KMOBJ_RED_ZONE | KMOBJ_TYPESAFE_BY_RCU);
	/* with the module's name, too */
	KUNIT_EXPECT_EQ(test, debug_param_set("Z,kmobj_k*:kunit-x;P,kmobj_kunit:*;U,:*", NULL), 0);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-x", NULL), KMOBJ_RED_ZONE | KMOBJ_POISON);
	KUNIT_EXPECT_EQ(test, debug_param_set("F", NULL), 0);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-x", NULL),
			KMOBJ_FAIL_ALLOC);
	/* what is refused changes nothing */
	KUNIT_EXPECT_EQ(test, debug_param_set("Q,kunit*", NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, debug_param_set(",kunit*", NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, debug_param_set("Z;;P", NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-x", NULL),
			KMOBJ_FAIL_ALLOC);
	KUNIT_EXPECT_EQ(test, debug_param_set("\n", NULL), 0);
	KUNIT_EXPECT_EQ(test, flags_of_new(test, "kunit-debug", NULL), 0);
}

static void allocations_fail_on_demand(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, KMOBJ_FAIL_ALLOC);
	struct kmobj_zone *other = zone_make(test, SMALL, NULL);
	void *objs[2];

	if (!IS_ENABLED(CONFIG_FAULT_INJECTION))
		kunit_skip(test, "needs CONFIG_FAULT_INJECTION");
	objs[0] = obj_make(test, zone);
	fail_always(true);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, 1,
						  objs + 1));
	objs[1] = kmobj_alloc(other, GFP_KERNEL);
	fail_always(false);
	KUNIT_ASSERT_NOT_NULL(test, objs[1]);
	kmobj_free(other, objs[1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 2);
	objs[1] = obj_make(test, zone);
	objs_free(zone, objs, 2);
}

static void churn(void *data)
{
	struct kmobj_zone *zone = data;
	void *objs[50];
	unsigned int i, round;

	for (round = 0; round < 200; round++) {
		for (i = 0; i < ARRAY_SIZE(objs); i++) {
			objs[i] = kmobj_alloc(zone, GFP_KERNEL);
			if (objs[i])
				memset(objs[i], round, SMALL);
		}
		kmobj_free_bulk(zone, ARRAY_SIZE(objs), objs);
		let_others_run();
	}
}

static void nothing_is_found_where_nothing_is_wrong(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	struct worker *worker;
	unsigned int i;

	pin_here(test);
	worker = worker_start(test, other_cpu(test), churn, zone);
	for (i = 0; i < 20; i++) {
		kmobj_zone_shrink(zone);
		schedule_timeout_uninterruptible(1);
	}
	churn(zone);
	worker_join(test, worker);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, 2 * 200 * 50);
	zone_expect_sound(test, zone);
}

/* Readers find it as it was; it is looked at and poisoned after them. */
static void what_waits_for_rcu_is_looked_at_in_the_end(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	struct worker *reader;
	void *obj;
	int there;

	pin_here(test);
	there = other_cpu(test);
	obj = obj_make(test, zone);
	obj_stamp(obj, SMALL, 7);
	reader = reader_start(test, there);
	kmobj_free_rcu(zone, obj);
	schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(obj, SMALL, 7));
	scribble(obj, SMALL, 0x11);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	reader_stop(test, reader);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	scribble(obj, 3, 0x11);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

/* At once, and nothing changes; nor is it freed anew when it is home. */
static void what_waits_for_rcu_is_not_freed_otherwise(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	void *obj = obj_make(test, zone);

	pin_here(test);
	obj_stamp(obj, SMALL, 7);
	kmobj_free_rcu(zone, obj);
	rcu_read_lock();
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);
	below_section(zone, kmobj_free(zone, obj));
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 2);
	below_sections(zone, kmobj_free(zone, obj));
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 3);
	kmobj_free_bulk(zone, 1, &obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 4);
	kmobj_free_rcu(zone, obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 5);
	rcu_read_unlock();
	kmobj_rcu_barrier(zone);
	kmobj_free_rcu(zone, obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 6);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 1);
}

/* As if it was freed otherwise by somebody who had looked a moment before. */
static void a_free_that_raced_is_found_in_the_end(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with(test, SMALL, ALL);
	void *obj = obj_make(test, zone), *other = obj_make(test, zone);
	unsigned long *next = slab_next(zone, slab_at(zone, obj));

	pin_here(test);
	be_lazy(test);
	KUNIT_ASSERT_PTR_EQ(test, slab_at(zone, obj), slab_at(zone, other));
	kmobj_free(zone, obj);
	kmobj_free_rcu(zone, other);
	clear_bit(slab_index(zone, other), next);
	set_bit(slab_index(zone, obj), next);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 1);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	kmobj_free(zone, other);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_waits_for_rcu_is_looked_at_in_the_end),
	KUNIT_CASE(what_waits_for_rcu_is_not_freed_otherwise),
	KUNIT_CASE(a_free_that_raced_is_found_in_the_end),
	KUNIT_CASE_PARAM(objects_of_a_debug_zone_are_whole, shape_gen_params),
	KUNIT_CASE(a_zone_without_debugging_pays_no_byte),
	KUNIT_CASE(a_write_after_free_is_found_at_the_next_alloc),
	KUNIT_CASE(a_write_after_free_is_found_when_the_slab_leaves),
	KUNIT_CASE(a_write_past_an_end_is_found_at_the_free),
	KUNIT_CASE(a_second_free_is_found_at_once_in_a_debug_zone),
	KUNIT_CASE(zeroes_are_handed_out_of_poison),
	KUNIT_CASE(a_track_tells_who_and_where),
	KUNIT_CASE(a_spoilt_track_is_not_believed),
	KUNIT_CASE(the_parameter_debug_chooses_zones_by_name),
	KUNIT_CASE(allocations_fail_on_demand),
	KUNIT_CASE(nothing_is_found_where_nothing_is_wrong),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_debug",
	.test_cases = cases,
};

kunit_test_suite(suite);
