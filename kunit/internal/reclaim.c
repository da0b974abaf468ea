// SPDX-License-Identifier: GPL-2.0
/*
 * Memory pressure: what is free goes, in order, after its grace period, and
 * nobody is waited for. What the kernel would ask for is asked for by hand.
 */
#include <linux/completion.h>

#include "internal_kunit.h"

/* So many that the poller retires none of them. */
#define ALL	1000000

/* @nr free slabs that the zone keeps. */
static struct kmobj_zone *zone_with_free(struct kunit *test, unsigned int order,
					 unsigned int nr)
{
	const struct kmobj_zone_args args = { .order = order, .keep_free_slabs = ALL };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, nr);
	zone_lock(test, zone);
	objs_free(zone, objs, nr * objs_per_slab(zone));
	zone_drain(zone);
	zone_unlock(test, zone);
	KUNIT_ASSERT_EQ(test, zone_stats(zone).slabs, nr);
	return zone;
}

static unsigned long scan(unsigned long pages)
{
	bool more = false;

	return reclaim_scan(numa_mem_id(), pages, &more);
}

static unsigned long slabs_of(struct kmobj_zone *zone)
{
	return zone_stats(zone).slabs;
}

static unsigned long free_in_depot(struct kmobj_zone *zone)
{
	return peek_bin(peek_depot(zone, numa_mem_id()), KMOBJ_BIN_FREE);
}

static void what_is_free_is_counted(struct kunit *test)
{
	unsigned long before, with;
	struct kmobj_zone *zone;

	pin_here(test);
	free_slab_caches_empty();
	before = reclaim_count(numa_mem_id());
	zone = zone_with_free(test, 2, 5);
	with = reclaim_count(numa_mem_id());
	KUNIT_EXPECT_GE(test, with, before + 20);
	kmobj_zone_shrink(zone);	/* into the cache */
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 0);
	KUNIT_EXPECT_GE(test, reclaim_count(numa_mem_id()), before + 20);
	free_slab_caches_empty();
	KUNIT_EXPECT_LE(test, reclaim_count(numa_mem_id()), with - 20);
}

static void what_is_cached_goes_first_and_at_once(struct kunit *test)
{
	struct kmobj_zone *cached = zone_with_free(test, 2, 4);
	struct kmobj_zone *zone = zone_with_free(test, 2, 3);

	free_slab_caches_empty();
	kmobj_zone_shrink(cached);
	KUNIT_ASSERT_EQ(test, free_slab_cache_pages(numa_mem_id()), 16);
	KUNIT_EXPECT_EQ(test, scan(5), 8);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 8);
	KUNIT_EXPECT_EQ(test, scan(8), 8);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
	KUNIT_EXPECT_EQ(test, free_in_depot(zone), 3);
}

/* Also what a zone keeps; and not by way of the cache. */
static void free_slabs_leave_after_a_grace_period(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with_free(test, 2, 6);
	unsigned long freed = 0, in_depot;
	struct worker *reader;
	unsigned int i;

	other_cpu(test);
	free_slab_caches_empty();
	reader = reader_start(test, other_cpu(test));
	for (i = 0; i < 5; i++)
		freed += scan(ALL);
	in_depot = free_in_depot(zone);
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 6);
	reader_stop(test, reader);
	KUNIT_EXPECT_EQ(test, freed, 0);
	KUNIT_EXPECT_EQ_MSG(test, in_depot, 0, "they were to be retired");
	for (i = 0; i < 3; i++) {
		grace_period_wait();
		freed += scan(ALL);
	}
	KUNIT_EXPECT_EQ(test, freed, 24);
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
	zone_expect_sound(test, zone);
}

static void no_more_is_taken_than_asked_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with_free(test, 2, 10);

	free_slab_caches_empty();
	zone_lock(test, zone);		/* no scan */
	KUNIT_EXPECT_EQ(test, scan(4), 0);
	KUNIT_EXPECT_EQ(test, free_in_depot(zone), 10);
	zone_unlock(test, zone);
	/* other zones of the machine may give something first */
	scan(8);
	KUNIT_EXPECT_GE(test, free_in_depot(zone), 8);
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 10);
}

static void zones_take_turns(struct kunit *test)
{
	struct kmobj_zone *zones[3];
	unsigned int i, touched = 0;
	struct worker *reader;

	for (i = 0; i < 3; i++)
		zones[i] = zone_with_free(test, 1, 8);
	free_slab_caches_empty();
	/* what one of them frees later is enough for a request */
	reader = reader_start(test, other_cpu(test));
	for (i = 0; i < 4; i++)
		scan(ALL);
	reader_stop(test, reader);
	grace_period_wait();
	for (i = 0; i < 3; i++) {
		free_slab_caches_empty();
		KUNIT_EXPECT_EQ(test, scan(2), 2);
	}
	for (i = 0; i < 3; i++)
		touched += slabs_of(zones[i]) == 7;
	KUNIT_EXPECT_EQ(test, touched, 3);
}

static void live_objects_stay_as_they_are(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = ALL };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone), bad = 0;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 6);
	for (i = 0; i < 6 * n; i++)
		obj_stamp(objs[i], SMALL, i);
	/* two slabs free, one all but free, the others full */
	zone_lock(test, zone);
	objs_free(zone, objs, 3 * n - 1);
	zone_drain(zone);
	zone_unlock(test, zone);
	for (i = 0; i < 3; i++) {
		scan(ALL);
		grace_period_wait();
	}
	scan(ALL);
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 4);
	for (i = 3 * n - 1; i < 6 * n; i++)
		bad += !obj_has_stamp(objs[i], SMALL, i);
	KUNIT_EXPECT_EQ(test, bad, 0);
	objs_free(zone, objs + 3 * n - 1, 3 * n + 1);
}

struct visit {
	struct kmobj_zone *zone;
	void **objs;
	size_t nr;
};

/* Fill slabs, free them all: the CPU keeps them. */
static void fill_and_free(void *data)
{
	struct visit *visit = data;
	size_t i;

	for (i = 0; i < visit->nr; i++)
		visit->objs[i] = kmobj_alloc(visit->zone, GFP_KERNEL);
	objs_free(visit->zone, visit->objs, visit->nr);
}

/* All but active and alternate: a CPU that does not come by is not disturbed. */
static void an_idle_cpus_reserve_goes_too(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = ALL };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone);
	struct visit visit = { .zone = zone, .nr = 8 * n };
	unsigned long before;
	int there;

	pin_here(test);
	there = other_cpu(test);
	visit.objs = kunit_kcalloc(test, visit.nr, sizeof(void *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, visit.objs);
	free_slab_caches_empty();
	before = reclaim_count(numa_mem_id());
	on_cpu(test, there, fill_and_free, &visit);
	KUNIT_EXPECT_GE(test, reclaim_count(numa_mem_id()), before + 6);
	for (i = 0; i < 6; i++) {
		scan(ALL);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 2);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(cpu_state_on(zone, there)), 0);
	KUNIT_EXPECT_EQ(test, owner_of(peek_active(cpu_state_on(zone, there))), there);
	zone_expect_sound(test, zone);
}

struct try {
	unsigned long freed;
	bool more;
	struct completion done;
};

static void try_scan(void *data)
{
	struct try *try = data;

	try->freed = reclaim_scan(numa_mem_id(), ALL, &try->more);
	complete(&try->done);
}

/* Scan beside a holder of @lock: it comes back while that is held. */
static void expect_no_wait(struct kunit *test, struct mutex *lock)
{
	struct try try = { .more = false };
	struct worker *worker;
	unsigned long in_time;

	init_completion(&try.done);
	mutex_lock(lock);
	worker = worker_start(test, raw_smp_processor_id(), try_scan, &try);
	in_time = wait_for_completion_timeout(&try.done, 5 * HZ);
	mutex_unlock(lock);
	worker_join(test, worker);
	KUNIT_EXPECT_NE_MSG(test, in_time, 0, "reclaim waited for a lock");
	KUNIT_EXPECT_TRUE(test, try.more);
}

static void no_lock_is_waited_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with_free(test, 1, 2);

	free_slab_caches_empty();
	expect_no_wait(test, &zone->maintenance);
	KUNIT_EXPECT_EQ(test, free_in_depot(zone), 2);
	expect_no_wait(test, &kmobj_zones_lock);
}

static void before_a_process_is_killed_grace_periods_are_waited_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_with_free(test, 2, 7);

	free_slab_caches_empty();
	KUNIT_EXPECT_GE(test, reclaim_last(), 28);
	KUNIT_EXPECT_EQ(test, slabs_of(zone), 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
}

static void with_nothing_free_the_killer_is_not_kept_waiting(struct kunit *test)
{
	unsigned long start, least = ULONG_MAX;
	unsigned int i;

	/* what other zones hold, and the tests before */
	for (i = 0; i < 8 && reclaim_last(); i++)
		;
	/* the least, as this CPU may be kept waiting too */
	for (i = 0; i < 5; i++) {
		start = jiffies;
		reclaim_last();
		least = min(least, jiffies - start);
	}
	KUNIT_EXPECT_LT(test, least, HZ / 4);
}

#define CHURNED	512

struct churn {
	struct kmobj_zone *zone;
	void *objs[CHURNED];
	unsigned long bad, rounds;
	bool stop;
};

/*
 * Allocate, stamp, verify, free: in runs, so that slabs fill and empty; now and
 * then for long enough that they leave.
 */
static void churn(void *data)
{
	struct churn *churn = data;
	unsigned int i;

	while (!READ_ONCE(churn->stop)) {
		for (i = 0; i < CHURNED; i++) {
			churn->objs[i] = kmobj_alloc(churn->zone, GFP_KERNEL);
			if (churn->objs[i])
				obj_stamp(churn->objs[i], SMALL, i);
		}
		for (i = 0; i < CHURNED; i++) {
			if (!churn->objs[i])
				continue;
			churn->bad += !obj_has_stamp(churn->objs[i], SMALL, i);
			kmobj_free(churn->zone, churn->objs[i]);
		}
		WRITE_ONCE(churn->rounds, churn->rounds + 1);
		let_others_run();
		for (i = 0; i < 4 && !(churn->rounds % 20); i++)
			grace_period_wait();
	}
}

/* The scan takes what it can while the other CPU uses the zone. */
static void nothing_is_lost_beside_load(struct kunit *test)
{
	/* with a limit, a CPU keeps little to itself */
	const struct kmobj_zone_args args = { .limit = 16 * PAGE_SIZE };
	const unsigned long rounds = AT_FULL_SPEED ? 60 : 40;
	struct churn *churned = kunit_kzalloc(test, sizeof(*churned),
					      GFP_KERNEL);
	unsigned long freed = 0;
	struct worker *worker;
	bool more = false;

	KUNIT_ASSERT_NOT_NULL(test, churned);
	pin_here(test);
	churned->zone = zone_make(test, SMALL, &args);
	worker = worker_start(test, other_cpu(test), churn, churned);
	while (READ_ONCE(churned->rounds) < rounds) {
		freed += reclaim_scan(numa_mem_id(), 4, &more);
		let_others_run();
	}
	WRITE_ONCE(churned->stop, true);
	worker_join(test, worker);
	KUNIT_EXPECT_EQ(test, churned->bad, 0);
	KUNIT_EXPECT_GT(test, freed, 0);
	zone_expect_sound(test, churned->zone);
	kunit_info(test, "%lu pages freed", freed);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_is_free_is_counted),
	KUNIT_CASE(what_is_cached_goes_first_and_at_once),
	KUNIT_CASE(free_slabs_leave_after_a_grace_period),
	KUNIT_CASE(no_more_is_taken_than_asked_for),
	KUNIT_CASE(zones_take_turns),
	KUNIT_CASE(live_objects_stay_as_they_are),
	KUNIT_CASE(an_idle_cpus_reserve_goes_too),
	KUNIT_CASE(no_lock_is_waited_for),
	KUNIT_CASE(before_a_process_is_killed_grace_periods_are_waited_for),
	KUNIT_CASE(with_nothing_free_the_killer_is_not_kept_waiting),
	KUNIT_CASE(nothing_is_lost_beside_load),
	{}
};

/* It would let out what the cases want to see go. */
static struct kunit_suite suite = {
	.name = "kmobj_reclaim",
	.init = poller_off,
	.test_cases = cases,
};

kunit_test_suite(suite);
