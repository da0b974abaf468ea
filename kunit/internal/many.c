// SPDX-License-Identifier: GPL-2.0
/*
 * Many zones: a pass of the poller, and what a zone more costs, with ten and with
 * thousands of them. Times are the least of several, and bounded where code runs at full
 * speed; figures are in the log.
 */
#include <linux/ktime.h>
#include <linux/mm.h>

#include "internal_kunit.h"

#define MANY		(AT_FULL_SPEED ? 5000U : 200U)
#define TRIES		20
#define SECONDS_MAX	10

static struct kmobj_zone **zones;
static unsigned int nr_zones;

static void zones_until(struct kunit *test, unsigned int nr)
{
	char name[KMOBJ_NAME_MAX];

	for (; nr_zones < nr; nr_zones++) {
		snprintf(name, sizeof(name), "many-%u", nr_zones);
		zones[nr_zones] = kmobj_zone_create(name, SMALL, NULL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zones[nr_zones]);
	}
}

static u64 pass_ns(void)
{
	u64 start = ktime_get_ns();

	poller_pass();
	return ktime_get_ns() - start;
}

static u64 zone_more_ns(void)
{
	u64 start = ktime_get_ns();
	struct kmobj_zone *zone = kmobj_zone_create("one more", SMALL, NULL);

	kmobj_zone_destroy(IS_ERR(zone) ? NULL : zone);
	return ktime_get_ns() - start;
}

/* The least of TRIES, or of as many as come to less than @bound, for some seconds. */
static u64 least_of(u64 (*once_ns)(void), u64 bound)
{
	unsigned long end = jiffies + SECONDS_MAX * HZ;
	u64 least = U64_MAX;
	unsigned int i;

	for (i = 0; i < TRIES || (least > bound && time_before(jiffies, end)); i++) {
		least = min(least, once_ns());
		cond_resched();
	}
	return least;
}

/* Each has an object in a slab of its depot, and sleeps. */
static void all_asleep(struct kunit *test, void **objs)
{
	unsigned int i;

	for (i = 0; i < nr_zones; i++) {
		objs[i] = obj_make(test, zones[i]);
		mutex_lock(&zones[i]->maintenance);
		zone_drain(zones[i]);
		mutex_unlock(&zones[i]->maintenance);
	}
	for (i = 0; i < 10; i++)
		poller_pass();
	for (i = 0; i < nr_zones; i++)
		KUNIT_ASSERT_FALSE(test, READ_ONCE(zones[i]->awake));
}

static void a_pass_takes_less_than_a_microsecond_for_a_zone_that_sleeps(struct kunit *test)
{
	void **objs = kunit_kcalloc(test, MANY, sizeof(*objs), GFP_KERNEL);
	u64 bound = AT_FULL_SPEED ? 1000ULL * MANY : U64_MAX, ns;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	pin_here(test);
	zones_until(test, MANY);
	all_asleep(test, objs);
	ns = least_of(pass_ns, bound);
	kunit_info(test, "%u zones: %llu ns a zone\n", MANY, div_u64(ns, MANY));
	KUNIT_EXPECT_LE(test, ns, bound);
	for (i = 0; i < MANY; i++)
		kmobj_free(zones[i], objs[i]);
	for (i = 0; i < 5; i++) {	/* else each zone waits when it is destroyed */
		poller_pass();
		grace_period_wait();
	}
}

/* Three times as long would be seen, and a list that is walked is worse. */
static void a_zone_is_made_and_destroyed_beside_many_as_beside_few(struct kunit *test)
{
	static const unsigned int beside[] = { 10, 1000, 5000 };
	u64 first = 0, bound, ns;
	unsigned int i;

	pin_here(test);
	for (i = 0; i < ARRAY_SIZE(beside) && beside[i] <= MANY; i++) {
		zones_until(test, beside[i]);
		bound = first && AT_FULL_SPEED ? 3 * first : U64_MAX;
		ns = least_of(zone_more_ns, bound);
		kunit_info(test, "beside %u zones: %llu ns\n", beside[i], ns);
		KUNIT_EXPECT_LE(test, ns, bound);
		first = first ?: ns;
	}
}

static unsigned long free_bytes(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return (info.freeram + info.bufferram) << PAGE_SHIFT;
}

/*
 * Seen in lab uml-preempt: 8.9 KB alone, 11.5 KB after all other suites, where lab uml has
 * 8.9 KB both times. Why is not known.
 */
#define MORE_IF_PROFILED	(IS_ENABLED(CONFIG_MEM_ALLOC_PROFILING) ? 2048 : 0)

/* All of it: its files in debugfs are the most. */
static void a_zone_without_objects_takes_ten_kilobytes(struct kunit *test)
{
	unsigned long before = free_bytes(), cpu, each;

	zones_until(test, MANY);
	each = (before - min(before, free_bytes())) / MANY;
	cpu = KMOBJ_CPU_STATES * sizeof(struct kmobj_cpu);
	kunit_info(test, "%lu bytes a zone; of these for each possible CPU: %lu\n", each, cpu);
	if (AT_FULL_SPEED && !KMOBJ_SANITIZED)
		KUNIT_EXPECT_LE(test, each, 10240 + MORE_IF_PROFILED + num_possible_cpus() * cpu);
}

/* Each CPU has taken a slab, which is free by now. */
static void and_no_slab_once_it_was_idle(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int was = kmobj_idle_ms;
	unsigned int i, cpus = 0;
	void *obj;
	int cpu;

	for_each_cpu(cpu, cpus_at_work()) {
		alloc_on_cpu(test, cpu, zone, &obj, 1);
		free_on_cpu(test, cpu, zone, &obj, 1);
		cpus++;
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, cpus);
	kunit_info(test, "a zone and CPU: %lu bytes of slabs, none when it was idle for idle_ms\n",
		   bytes_per_slab(zone));
	WRITE_ONCE(kmobj_idle_ms, 1);
	for (i = 0; i < 500 && READ_ONCE(zone->awake); i++) {
		poller_pass();
		drain_flush();
		schedule_timeout_uninterruptible(HZ / 50);
	}
	WRITE_ONCE(kmobj_idle_ms, was);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(zone->awake));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static int open(struct kunit *test)
{
	zones = kunit_kcalloc(test, MANY, sizeof(*zones), GFP_KERNEL);
	nr_zones = 0;
	return zones ? poller_off(test) : -ENOMEM;
}

static void close(struct kunit *test)
{
	while (nr_zones)
		KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zones[--nr_zones]), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_pass_takes_less_than_a_microsecond_for_a_zone_that_sleeps),
	KUNIT_CASE(a_zone_is_made_and_destroyed_beside_many_as_beside_few),
	KUNIT_CASE(a_zone_without_objects_takes_ten_kilobytes),
	KUNIT_CASE(and_no_slab_once_it_was_idle),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_many",
	.init = open,
	.exit = close,
	.test_cases = cases,
};

kunit_test_suite(suite);
