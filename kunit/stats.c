// SPDX-License-Identifier: GPL-2.0
/*
 * Statistics add up: what was handed out and taken back, what lives, what is
 * free, and how many slabs hold it.
 */
#include "kmobj_kunit.h"

static void live_plus_free_is_slabs_times_objects(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 100, NULL);
	unsigned int i, nr = 20 * objs_per_slab(zone), step;
	u32 random = tests_seed();
	void **objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);
	unsigned long live = 0, allocs = 0, frees = 0;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (step = 0; step < 10 * nr; step++) {
		i = xorshift(&random) % nr;
		if (objs[i]) {
			kmobj_free(zone, objs[i]);
			objs[i] = NULL;
			frees++;
			live--;
		} else {
			objs[i] = obj_make(test, zone);
			allocs++;
			live++;
		}
		if (step % nr)
			continue;
		zone_expect_sound(test, zone);
		KUNIT_EXPECT_EQ(test, zone_count_live(zone), live);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, allocs);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, frees);
	}
	objs_free(zone, objs, nr);
}

static void each_way_in_and_out_is_counted_once(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_zone_stats stats;
	void *objs[8];
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs[0] = obj_make(test, zone);
	objs[1] = kmobj_zalloc(zone, GFP_KERNEL);
	objs[2] = kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
				   numa_mem_id());
	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, 5,
						 objs + 3));
	stats = zone_stats(zone);
	KUNIT_EXPECT_EQ(test, stats.allocs, 8);
	KUNIT_EXPECT_EQ(test, stats.allocs_depot, 1);
	KUNIT_EXPECT_EQ(test, stats.slabs, stats.slabs_made);

	kmobj_free(zone, objs[0]);
	free_on_cpu(test, there, zone, objs + 1, 2);
	kmobj_free_bulk(zone, 5, objs + 3);
	stats = zone_stats(zone);
	KUNIT_EXPECT_EQ(test, stats.frees, 8);
	KUNIT_EXPECT_EQ(test, stats.frees_remote, 2);
	KUNIT_EXPECT_EQ(test, stats.alloc_fails, 0);
	KUNIT_EXPECT_EQ(test, stats.bad_frees, 0);
}

static void slabs_are_those_made_less_those_retired(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int round, n = objs_per_slab(zone);
	struct kmobj_zone_stats stats;

	pin_here(test);
	for (round = 1; round <= 5; round++) {
		void **objs = slabs_fill(test, zone, 4);

		objs_free(zone, objs, 4 * n);
		KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone),
				4 * zone_stats(zone).slab_bytes);
		stats = zone_stats(zone);
		KUNIT_EXPECT_EQ(test, stats.slabs, 0);
		KUNIT_EXPECT_EQ(test, stats.slabs_made, 4 * round);
		KUNIT_EXPECT_EQ(test, stats.slabs_retired, 4 * round);
	}
}

static void statistics_describe_the_slab(struct kunit *test)
{
	const struct kmobj_zone_args args = { .align = 32, .order = 2 };
	struct kmobj_zone *zone = zone_make(test, 100, &args);
	struct kmobj_zone_stats stats = zone_stats(zone);

	KUNIT_EXPECT_EQ(test, stats.size, 100);
	KUNIT_EXPECT_EQ(test, stats.stride, 128);
	KUNIT_EXPECT_EQ(test, stats.slab_bytes, PAGE_SIZE << 2);
	KUNIT_EXPECT_EQ(test, stats.objs_per_slab, objs_per_slab(zone));
	KUNIT_EXPECT_GE(test, stats.objs_per_slab * 128,
			(PAGE_SIZE << 2) * 7 / 8);
}

/* Until it is found that an object was freed twice, it counts twice. */
static void what_was_freed_twice_is_not_less_than_nothing(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj;
	int there;

	pin_here(test);
	there = other_cpu(test);
	obj = obj_make(test, zone);
	kmobj_free(zone, obj);
	free_on_cpu(test, there, zone, &obj, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, 1);
	KUNIT_EXPECT_EQ(test, frees_of(zone), 1);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, frees_of(zone), 1);

	/* by RCU, and otherwise */
	be_lazy(test);
	obj = obj_make(test, zone);
	kmobj_free_rcu(zone, obj);
	if (objects_are_watched() || want_init_on_free())
		return;		/* there it is found at once */
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, frees_of(zone), 2);
	KUNIT_EXPECT_EQ(test, zone_live_now(zone), 0);
	kmobj_rcu_barrier(zone);
	kmobj_zone_shrink(zone);	/* finds it */
	KUNIT_EXPECT_EQ(test, frees_of(zone), 2);
}

struct watch {
	struct kmobj_zone *zone;
	bool end;
	unsigned long looks, wrong;
};

static void watch_stats(void *data)
{
	struct watch *watch = data;

	do {
		struct kmobj_zone_stats stats = zone_stats(watch->zone);

		watch->looks++;
		watch->wrong += stats.frees > stats.allocs;
		let_others_run();
	} while (!READ_ONCE(watch->end));
}

static void a_reader_never_sees_more_frees_than_allocs(struct kunit *test)
{
	struct watch watch = { .zone = zone_make(test, SMALL, NULL) };
	unsigned int i, nr = AT_FULL_SPEED ? 1000000 : 100000;
	struct worker *worker;

	pin_here(test);
	worker = worker_start(test, other_cpu(test), watch_stats, &watch);
	for (i = 0; i < nr; i++) {
		kmobj_free(watch.zone, kmobj_alloc(watch.zone, GFP_KERNEL));
		if (i % 1024 == 0)
			let_others_run();
	}
	WRITE_ONCE(watch.end, true);
	worker_join(test, worker);
	KUNIT_EXPECT_GT(test, watch.looks, 1);
	KUNIT_EXPECT_EQ(test, watch.wrong, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(live_plus_free_is_slabs_times_objects),
	KUNIT_CASE(each_way_in_and_out_is_counted_once),
	KUNIT_CASE(slabs_are_those_made_less_those_retired),
	KUNIT_CASE(statistics_describe_the_slab),
	KUNIT_CASE(what_was_freed_twice_is_not_less_than_nothing),
	KUNIT_CASE(a_reader_never_sees_more_frees_than_allocs),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_statistics",
	.test_cases = cases,
};

kunit_test_suite(suite);
