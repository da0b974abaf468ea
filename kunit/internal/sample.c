// SPDX-License-Identifier: GPL-2.0
/*
 * Watched slabs: in a zone that sample= names, one new slab in N. What is written to a free
 * object of one is found, and who is to blame; the zone's other slabs are as ever.
 */
#include <linux/poison.h>

#include "internal_kunit.h"

/* In zones of these cases one slab in so many is watched, beginning with the first. */
#define EACH	2

static const size_t sizes[] = { 1, SMALL, 100, LARGE };

static void size_desc(const size_t *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu bytes", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static size_t size_of_case(struct kunit *test)
{
	return *(const size_t *)test->param_value;
}

static void sample_none(void *unused)
{
	sample_param_set("", NULL);
}

/* A zone made while the parameter is @sample. The case stays on its CPU. */
static struct kmobj_zone *zone_sampled(struct kunit *test, const char *sample, size_t size,
				       const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone;

	pin_here(test);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sample_none, NULL), 0);
	KUNIT_ASSERT_EQ(test, sample_param_set(sample, NULL), 0);
	zone = zone_make(test, size, args);
	sample_none(NULL);
	/* what comes first is not left to chance */
	atomic_set(&zone->sample_turn, -1);
	return zone;
}

static struct kmobj_zone *zone_watched(struct kunit *test, size_t size)
{
	return zone_sampled(test, __stringify(EACH), size, NULL);
}

/* As a client's mistake would, which KASAN is not to see. */
static noinline void scribble(void *obj, int at, u8 what)
{
	kasan_disable_current();
	WRITE_ONCE(((u8 *)obj)[at], what);
	kasan_enable_current();
}

static u8 first_byte(const void *obj)
{
	u8 byte;

	kasan_disable_current();
	byte = READ_ONCE(*(const u8 *)obj);
	kasan_enable_current();
	return byte;
}

static unsigned long corrupted(struct kmobj_zone *zone)
{
	return zone_stats(zone).corrupted;
}

static void rest(void)
{
	schedule_timeout_uninterruptible(HZ + 2);
}

/* Is @obj among what allocations get that come by a slow path? They are freed again. */
static bool can_be_had(struct kunit *test, struct kmobj_zone *zone, const void *obj)
{
	void **objs = kunit_kcalloc(test, zone->nr_objs, sizeof(*objs), GFP_KERNEL);
	bool had = false;
	unsigned int nr;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (nr = 0; nr < zone->nr_objs && !had; nr++) {
		objs[nr] = nested_alloc(zone);
		KUNIT_ASSERT_NOT_NULL(test, objs[nr]);
		had = objs[nr] == obj;
	}
	objs_free(zone, objs, nr);
	return had;
}

static void one_new_slab_in_N_is_watched(struct kunit *test)
{
	struct kmobj_zone *zone = zone_sampled(test, "4,kunit*", SMALL, NULL);
	void **objs = slabs_fill(test, zone, 12);
	unsigned int i, nr = 12 * zone->nr_objs, watched = 0;

	for (i = 0; i < nr; i++)
		watched += slab_at(zone, objs[i])->watched;
	KUNIT_EXPECT_EQ(test, watched, 3 * zone->nr_objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 12);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 3);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, nr);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

/* No slab is, and objects are left alone. */
static void without_the_parameter_none_is(struct kunit *test)
{
	static const char * const values[] = { "", "0", "0,kunit*", "2,other*" };
	struct kmobj_zone *zone;
	unsigned int i, nr;
	void **objs;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		zone = zone_sampled(test, values[i], SMALL, NULL);
		objs = slabs_fill(test, zone, 4);
		nr = 4 * zone->nr_objs;
		KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 0);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs_depot, 0);
		objs_free(zone, objs, nr);
	}
}

static unsigned int sample_of_new(struct kunit *test, const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone = kmobj_zone_create("kunit-s", SMALL, args);
	unsigned int sample;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	sample = zone_is_sampled(zone) ? zone->sample : 0;
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	return sample;
}

static void construct(void *obj)
{
}

static void the_parameter_sample_chooses_zones_by_name(struct kunit *test)
{
	const struct kmobj_zone_args typesafe = { .flags = KMOBJ_TYPESAFE_BY_RCU };
	const struct kmobj_zone_args private = { .flags = KMOBJ_PRIVATE_PAGES };
	const struct kmobj_zone_args debug = { .flags = KMOBJ_RED_ZONE };
	const struct kmobj_zone_args ctor = { .ctor = construct };
	static const char * const bad[] = { "1", "-1", "x", ",kunit*", "2147483648", "16 ,x" };
	unsigned int i;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, sample_none, NULL), 0);
	KUNIT_EXPECT_EQ(test, sample_param_set("1024\n", NULL), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, NULL), 1024);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, &debug), 0);
	log_listen(test);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, &typesafe), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, &ctor), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, &private), 0);
	KUNIT_EXPECT_EQ(test, log_heard(SHOWN("kunit-s"), "no slab of it is watched"), 3);
	KUNIT_EXPECT_EQ(test, sample_param_set("16,x,kunit-?", NULL), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, NULL), 16);
	KUNIT_EXPECT_EQ(test, sample_param_set("16,x*", NULL), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, NULL), 0);
	/* what is refused changes nothing */
	KUNIT_EXPECT_EQ(test, sample_param_set("16", NULL), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test, sample_param_set(bad[i], NULL), -EINVAL, "%s", bad[i]);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, NULL), 16);
	KUNIT_EXPECT_EQ(test, sample_param_set("0", NULL), 0);
	KUNIT_EXPECT_EQ(test, sample_of_new(test, NULL), 0);
}

static void a_write_after_free_is_found_at_the_next_alloc(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	void *obj = obj_make(test, zone), *other = obj_make(test, zone);

	KUNIT_ASSERT_TRUE(test, slab_at(zone, obj)->watched);
	log_listen(test);
	kmobj_free(zone, obj);
	scribble(obj, zone->size / 2, 0x11);
	rest();
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_TRUE(test, can_be_had(test, zone, obj));
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "was written to while it was free"),
			1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "it was allocated"), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "it was freed"), 1);
	/* and is whole again */
	kmobj_free(zone, other);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
}

static void a_write_after_free_is_found_when_the_slab_leaves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	void *obj = obj_make(test, zone);

	log_listen(test);
	kmobj_free(zone, obj);
	scribble(obj, 0, 0x11);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "it was allocated"), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "it was freed"), 1);
}

/* Each is counted, the first of them are reported. */
static void many_writes_do_not_flood_the_log(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	unsigned int i, n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 1);

	KUNIT_ASSERT_GT(test, n, 25);
	log_listen(test);
	log_ignore(test);
	objs_free(zone, objs, n);
	for (i = 0; i < n; i++)
		scribble(objs[i], 0, 0x11);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, corrupted(zone), n);
	KUNIT_EXPECT_LE(test, log_heard(kmobj_zone_name(zone), "was written to"), 20);
}

static void verify_finds_it_too(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	void *obj = obj_make(test, zone), *other = obj_make(test, zone);
	struct kmobj_verify v;

	kmobj_free(zone, obj);
	zone_expect_sound(test, zone);
	scribble(obj, 0, 0x11);
	KUNIT_EXPECT_EQ(test, zone_verify(zone, &v), -EUCLEAN);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	zone_expect_sound(test, zone);
	kmobj_free(zone, other);
}

/* What was never freed is handed out meanwhile. */
static void a_freed_object_is_kept_back(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	unsigned int i, n = zone->nr_objs, early = 0;
	void **objs = slabs_fill(test, zone, 1), *obj = objs[n / 2];
	unsigned long end;

	KUNIT_ASSERT_TRUE(test, slab_at(zone, obj)->watched);
	kmobj_free(zone, obj);
	end = jiffies + HZ / 2;
	while (time_before(jiffies, end)) {
		void *more = nested_alloc(zone);

		early += more == obj;
		kmobj_free(zone, more);
	}
	KUNIT_EXPECT_EQ(test, early, 0);
	rest();
	KUNIT_EXPECT_PTR_EQ(test, nested_alloc(zone), obj);
	for (i = 0; i < n; i++)
		kmobj_free(zone, objs[i]);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

/* The one that was freed first is handed out first, wherever it lies. */
static void objects_take_turns(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 1);

	kmobj_free(zone, objs[n - 1]);
	rest();
	KUNIT_EXPECT_PTR_EQ(test, nested_alloc(zone), objs[n - 1]);
	kmobj_free(zone, objs[n - 2]);
	kmobj_free(zone, objs[0]);
	rest();
	KUNIT_EXPECT_PTR_EQ(test, nested_alloc(zone), objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, nested_alloc(zone), objs[n - 2]);
	objs_free(zone, objs, n);
}

/* Nothing that is free is out of reach where no slab can be made. */
static void at_the_limit_it_is_handed_out(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	unsigned int n = zone->nr_objs;
	void **objs = slabs_fill(test, zone, 2);

	KUNIT_ASSERT_EQ(test, kmobj_zone_set_limit(zone, 2 * bytes_per_slab(zone)), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 1);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	kmobj_free(zone, objs[3]);
	scribble(objs[3], 0, 0x11);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_alloc(zone, GFP_KERNEL), objs[3]);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 1);
	kmobj_free(zone, objs[3]);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
						   numa_mem_id()), objs[3]);
	objs_free(zone, objs, 2 * n);
}

static void a_second_free_is_refused(struct kunit *test)
{
	int there = other_cpu(test);
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	void *objs[2];

	objs[0] = obj_make(test, zone);
	objs[1] = obj_make(test, zone);
	log_listen(test);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), "it was freed"), 1);
	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 2);
	nested_free(zone, objs, 1);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 3);
	kmobj_free_bulk(zone, 1, objs);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 4);
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 5);
	kmobj_free(zone, objs[1] + 1);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 6);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	kmobj_free(zone, objs[1]);
}

/* Not even by a kernel that wipes what is freed, and by a free that is refused. */
static void what_is_wiped_is_not_taken_for_damage(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	void *obj = obj_make(test, zone), *other = obj_make(test, zone);

	log_listen(test);
	kmobj_free(zone, obj);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);
	kmobj_free(zone, other);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

static void objects_come_and_go_each_way(struct kunit *test)
{
	int there = other_cpu(test);	/* before there are objects */
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	unsigned int i, nr = 4 * zone->nr_objs, far = 0, wrong = 0;
	void **objs = slabs_fill(test, zone, 4);

	for (i = 0; i < nr; i++)
		obj_stamp(objs[i], zone->size, i);
	for (i = 0; i < nr; i++)
		wrong += !obj_has_stamp(objs[i], zone->size, i);
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 2);
	zone_expect_sound(test, zone);
	/* a bit of each slab each way */
	for (i = 0; i < nr; i += 5)
		kmobj_free(zone, objs[i]);
	for (i = 1; i < nr; i += 5)
		nested_free(zone, objs + i, 1);
	for (i = 2; i < nr; i += 5)
		kmobj_free_bulk(zone, 1, objs + i);
	for (i = 3; i < nr; i += 5)
		kmobj_free_rcu(zone, objs[i]);
	for (i = 4; i < nr; i += 5)
		objs[far++] = objs[i];
	free_on_cpu(test, there, zone, objs, far);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	zone_expect_sound(test, zone);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
}

/* Readers find it as it was; it is poisoned after them. */
static void what_waits_for_rcu_is_left_alone(struct kunit *test)
{
	int there = other_cpu(test);
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	struct worker *reader;
	void *obj, *other;

	obj = obj_make(test, zone);
	other = obj_make(test, zone);
	obj_stamp(obj, SMALL, 7);
	reader = reader_start(test, there);
	kmobj_free_rcu(zone, obj);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);
	schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(obj, SMALL, 7));
	reader_stop(test, reader);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, first_byte(obj), POISON_FREE);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	kmobj_free(zone, other);
}

static void no_CPU_owns_one(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	struct kmobj_cpu *c = cpu_state_on(zone, raw_smp_processor_id());
	void *obj = obj_make(test, zone), *more;

	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, obj)), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), &kmobj_no_slab);
	/* nor takes it back while it retires */
	zone_lock(test, zone);
	kmobj_free(zone, obj);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, obj)), KMOBJ_OWNER_RETIRING);
	more = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, (void *)slab_at(zone, more), (void *)slab_at(zone, obj));
	grace_period_wait();
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_watched, 0);
	zone_unlock(test, zone);
	kmobj_free(zone, more);
}

/* Its header was written over: it is as any other then, and its pages go with the zone. */
static void a_damaged_one_is_taken_out_of_service(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, size_of_case(test));
	struct kmobj_slab *slab;
	void *objs[3], *obj;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(objs); i++)
		objs[i] = obj_make(test, zone);
	zone_lock(test, zone);
	slab = slab_at(zone, objs[0]);
	memset(slab, 0x5a, offsetof(struct kmobj_slab, free));
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, (void *)slab_at(zone, obj), (void *)slab);
	kmobj_free(zone, obj);
	zone_unlock(test, zone);
	zone_forget(test, zone);
	kmobj_free(zone, objs[1]);
	kmobj_free(zone, objs[2]);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

/* The header does not say so, but its page does: it is not believed. */
static void what_says_that_it_is_watched_is_checked(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	void *obj = obj_make(test, zone), *other;

	zone_lock(test, zone);
	slab_at(zone, obj)->watched = false;
	other = nested_alloc(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	zone_unlock(test, zone);
	zone_forget(test, zone);
	kmobj_free(zone, obj);
	kmobj_free(zone, other);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void churn(void *data)
{
	struct kmobj_zone *zone = data;
	static const unsigned int rounds = AT_FULL_SPEED ? 2000 : 200;
	void *objs[50];
	unsigned int i, round;

	for (round = 0; round < rounds; round++) {
		for (i = 0; i < ARRAY_SIZE(objs); i++) {
			objs[i] = round % 2 ? kmobj_alloc(zone, GFP_KERNEL) : nested_alloc(zone);
			if (objs[i])
				memset(objs[i], round, SMALL);
		}
		if (round % 3)
			kmobj_free_bulk(zone, ARRAY_SIZE(objs), objs);
		else
			for (i = 0; i < ARRAY_SIZE(objs); i++)
				kmobj_free_rcu(zone, objs[i]);
		let_others_run();
	}
}

static void nothing_is_found_where_nothing_is_wrong(struct kunit *test)
{
	struct kmobj_zone *zone = zone_watched(test, SMALL);
	struct worker *worker = worker_start(test, other_cpu(test), churn, zone);
	unsigned int i;

	for (i = 0; i < 20; i++) {
		kmobj_zone_shrink(zone);
		schedule_timeout_uninterruptible(1);
	}
	churn(zone);
	worker_join(test, worker);
	KUNIT_EXPECT_EQ(test, corrupted(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_rcu_barrier(zone);
	zone_expect_sound(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(one_new_slab_in_N_is_watched),
	KUNIT_CASE(without_the_parameter_none_is),
	KUNIT_CASE(the_parameter_sample_chooses_zones_by_name),
	KUNIT_CASE_PARAM(a_write_after_free_is_found_at_the_next_alloc, size_gen_params),
	KUNIT_CASE_PARAM(a_write_after_free_is_found_when_the_slab_leaves, size_gen_params),
	KUNIT_CASE(many_writes_do_not_flood_the_log),
	KUNIT_CASE(verify_finds_it_too),
	KUNIT_CASE_PARAM(a_freed_object_is_kept_back, size_gen_params),
	KUNIT_CASE(objects_take_turns),
	KUNIT_CASE(at_the_limit_it_is_handed_out),
	KUNIT_CASE_PARAM(a_second_free_is_refused, size_gen_params),
	KUNIT_CASE_PARAM(what_is_wiped_is_not_taken_for_damage, size_gen_params),
	KUNIT_CASE_PARAM(objects_come_and_go_each_way, size_gen_params),
	KUNIT_CASE(what_waits_for_rcu_is_left_alone),
	KUNIT_CASE(no_CPU_owns_one),
	KUNIT_CASE_PARAM(a_damaged_one_is_taken_out_of_service, size_gen_params),
	KUNIT_CASE(what_says_that_it_is_watched_is_checked),
	KUNIT_CASE(nothing_is_found_where_nothing_is_wrong),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_sample",
	.test_cases = cases,
};

kunit_test_suite(suite);
