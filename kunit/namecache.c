// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_kunit_namecache.ko: the cache of names, alone and under fire: readers
 * on all CPUs against names that come, go and are pruned.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/prandom.h>

#include "../module/samples/namecache/namecache.h"
#include "let_run.h"

#define FEW_BUCKETS	2	/* bits: long chains */

static void end_cache(void *nc)
{
	namecache_destroy(nc);
}

KUNIT_DEFINE_ACTION_WRAPPER(end_cache_action, end_cache, void *);

static struct namecache *make_cache(struct kunit *test, unsigned long limit)
{
	struct namecache *nc = namecache_create("kunit names", FEW_BUCKETS, limit);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nc);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, end_cache_action,
							nc), 0);
	return nc;
}

/* Names are "name NR", in directories NR & 1; each stands for value_of(NR). */
struct text {
	char text[16];
	int len;
};

static struct text text_of(unsigned int nr)
{
	struct text t;

	t.len = snprintf(t.text, sizeof(t.text), "name %u", nr);
	return t;
}

static unsigned long value_of(unsigned int nr)
{
	return nr % 4 == 3 ? NAMECACHE_ABSENT : ~(unsigned long)nr;
}

static bool look(struct namecache *nc, unsigned int nr, unsigned long *value)
{
	struct text t = text_of(nr);

	return namecache_lookup(nc, nr & 1, t.text, t.len, value);
}

static bool knows(struct namecache *nc, unsigned int nr)
{
	unsigned long value;

	return look(nc, nr, &value) && value == value_of(nr);
}

static int enter(struct namecache *nc, unsigned int nr)
{
	struct text t = text_of(nr);

	return namecache_enter(nc, nr & 1, t.text, t.len, value_of(nr));
}

static void forget(struct namecache *nc, unsigned int nr)
{
	struct text t = text_of(nr);

	namecache_forget(nc, nr & 1, t.text, t.len);
}

static void what_was_entered_is_found(struct kunit *test)
{
	struct namecache *nc = make_cache(test, 0);
	struct namecache_counts counts;
	unsigned int nr;
	unsigned long value;

	for (nr = 0; nr < 100; nr++)
		KUNIT_ASSERT_EQ(test, enter(nc, nr), 0);
	KUNIT_EXPECT_EQ(test, namecache_count(nc), 100);
	for (nr = 0; nr < 100; nr++)
		KUNIT_EXPECT_TRUE(test, knows(nc, nr));
	KUNIT_EXPECT_FALSE(test, look(nc, 100, &value));
	/* the other directory's */
	KUNIT_EXPECT_FALSE(test, namecache_lookup(nc, 1, "name 2", 6, &value));
	/* shorter and longer */
	KUNIT_EXPECT_FALSE(test, namecache_lookup(nc, 0, "name 22", 5, &value));
	KUNIT_EXPECT_FALSE(test, namecache_lookup(nc, 0, "name 222", 8, &value));

	namecache_counts(nc, &counts);
	KUNIT_EXPECT_EQ(test, counts.hits, 75);
	KUNIT_EXPECT_EQ(test, counts.negatives, 25);
	KUNIT_EXPECT_EQ(test, counts.misses, 4);
}

static void a_name_may_stand_for_something_else(struct kunit *test)
{
	struct namecache *nc = make_cache(test, 0);
	unsigned long value;

	KUNIT_ASSERT_EQ(test, namecache_enter(nc, 0, "name 0", 6, 7), 0);
	KUNIT_ASSERT_EQ(test, namecache_enter(nc, 0, "name 0", 6, 8), 0);
	KUNIT_ASSERT_TRUE(test, look(nc, 0, &value));
	KUNIT_EXPECT_EQ(test, value, 8);
	KUNIT_EXPECT_EQ(test, namecache_count(nc), 1);
	forget(nc, 0);
	KUNIT_EXPECT_FALSE(test, look(nc, 0, &value));
	KUNIT_EXPECT_EQ(test, namecache_count(nc), 0);
	forget(nc, 0);
}

static void names_too_long_are_refused(struct kunit *test)
{
	static const char text[NAMECACHE_NAME_MAX + 1] = "a";
	struct namecache *nc = make_cache(test, 0);
	unsigned long value;

	KUNIT_EXPECT_EQ(test, namecache_enter(nc, 0, text, NAMECACHE_NAME_MAX,
					      5), 0);
	KUNIT_EXPECT_EQ(test, namecache_enter(nc, 0, text, sizeof(text), 5),
			-ENAMETOOLONG);
	KUNIT_EXPECT_TRUE(test, namecache_lookup(nc, 0, text,
						 NAMECACHE_NAME_MAX, &value));
	KUNIT_EXPECT_FALSE(test, namecache_lookup(nc, 0, text, sizeof(text),
						  &value));
}

static void what_was_used_is_spared(struct kunit *test)
{
	struct namecache *nc = make_cache(test, 0);
	unsigned int nr, known = 0;

	/* there is a list for each node */
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	for (nr = 0; nr < 100; nr++)
		KUNIT_ASSERT_EQ(test, enter(nc, nr), 0);
	for (nr = 0; nr < 100; nr += 2)
		KUNIT_ASSERT_TRUE(test, knows(nc, nr));
	KUNIT_EXPECT_EQ(test, namecache_prune(nc, 100), 50);
	KUNIT_EXPECT_EQ(test, namecache_count(nc), 50);
	for (nr = 0; nr < 100; nr += 2)
		known += knows(nc, nr);
	KUNIT_EXPECT_EQ(test, known, 50);
}

static void a_full_cache_makes_room(struct kunit *test)
{
	struct namecache *nc = make_cache(test, 65536);
	struct namecache_counts counts;
	unsigned int nr;

	/* what another CPU's slabs have free would be out of reach for a while */
	set_cpus_allowed_ptr(current, cpumask_of(raw_smp_processor_id()));
	for (nr = 0; nr < 5000; nr++) {
		KUNIT_ASSERT_EQ(test, enter(nc, nr), 0);
		KUNIT_ASSERT_TRUE(test, knows(nc, nr));
	}
	KUNIT_EXPECT_LT(test, namecache_count(nc), 65536 / 128);
	namecache_counts(nc, &counts);
	KUNIT_EXPECT_EQ(test, counts.pruned, 5000 - namecache_count(nc));
}

/*
 * Under fire: names 0 to STABLE - 1 stay, those behind come and go. All the
 * time whoever is asked answers right, or that he does not know; and what
 * stays is known, unless something prunes.
 */
#define STABLE	16
#define NAMES	64

struct storm {
	struct namecache *nc;
	bool prunes;
	atomic_long_t wrong;		/* counted by all threads */
	atomic_long_t lost;
	atomic_long_t lookups;
	atomic_long_t writes;
	struct hrtimer timer;
	unsigned long stalls;
};

static void read_some(struct storm *storm, struct rnd_state *rnd)
{
	u32 nr = prandom_u32_state(rnd) % NAMES;
	unsigned long value;

	if (look(storm->nc, nr, &value)) {
		if (value != value_of(nr))
			atomic_long_inc(&storm->wrong);
	} else if (nr < STABLE && !storm->prunes) {
		atomic_long_inc(&storm->lost);
	}
}

static int read_names(void *data)
{
	struct storm *storm = data;
	struct rnd_state rnd;
	unsigned long n = 0;

	prandom_seed_state(&rnd, get_random_u32());
	while (!kthread_should_stop()) {
		read_some(storm, &rnd);
		if (!(++n % 64))
			let_others_run();
	}
	atomic_long_add(n, &storm->lookups);
	return 0;
}

static int write_names(void *data)
{
	struct storm *storm = data;
	struct rnd_state rnd;
	unsigned long n = 0;
	u32 nr;

	prandom_seed_state(&rnd, get_random_u32());
	while (!kthread_should_stop()) {
		nr = STABLE + prandom_u32_state(&rnd) % (NAMES - STABLE);
		if (nr % 2)
			enter(storm->nc, nr);
		else
			forget(storm->nc, nr);
		enter(storm->nc, nr ^ 1);
		/* what stays stands for the same again */
		enter(storm->nc, nr % STABLE);
		if (storm->prunes)
			namecache_prune(storm->nc, 4);
		atomic_long_inc(&storm->writes);
		if (!(++n % 16))
			let_others_run();
	}
	return 0;
}

/* The CPUs of UML are threads of a machine that has fewer: see kmobj_kunit.h. */
#define MOST_THREADS	(IS_ENABLED(CONFIG_UML) ? 8 : 32)

struct threads {
	struct task_struct *task[MOST_THREADS];
	unsigned int nr;
};

static void start_on(struct threads *threads, int cpu, int (*fn)(void *data),
		     void *data)
{
	struct task_struct *task;

	if (threads->nr == MOST_THREADS)
		return;
	task = kthread_create(fn, data, "namecache/%d", cpu);
	if (IS_ERR(task))
		return;
	kthread_bind(task, cpu);
	wake_up_process(task);
	threads->task[threads->nr++] = task;
}

static void rage(struct kunit *test, struct storm *storm)
{
	struct threads threads = {};
	struct namecache_counts counts;
	unsigned int nr;
	int cpu;

	for (nr = 0; nr < NAMES; nr++)
		KUNIT_ASSERT_EQ(test, enter(storm->nc, nr), 0);
	for_each_online_cpu(cpu) {
		start_on(&threads, cpu, read_names, storm);
		start_on(&threads, cpu, write_names, storm);
	}
	msleep(1000);
	for (nr = 0; nr < threads.nr; nr++)
		kthread_stop(threads.task[nr]);

	namecache_counts(storm->nc, &counts);
	kunit_info(test, "%ld lookups, %lu began anew, %lu pruned\n",
		   atomic_long_read(&storm->lookups), counts.restarts, counts.pruned);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm->wrong), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm->lost), 0);
	KUNIT_EXPECT_GE(test, threads.nr, 2);
	KUNIT_EXPECT_GT(test, atomic_long_read(&storm->lookups), 1000);
}

static void readers_are_never_told_wrong(struct kunit *test)
{
	struct storm storm = { .nc = make_cache(test, 0) };

	rage(test, &storm);
}

static void readers_are_never_told_wrong_by_pruning(struct kunit *test)
{
	struct storm storm = { .nc = make_cache(test, 0), .prunes = true };

	rage(test, &storm);
}

/*
 * A reader is stopped wherever it is, until each name was likely written; for
 * as long as names are not, for a while.
 */
#define INTERVAL_US	50

static enum hrtimer_restart stall(struct hrtimer *timer)
{
	struct storm *storm = container_of(timer, struct storm, timer);
	ktime_t end = ktime_add_us(ktime_get(), 2 * INTERVAL_US);
	long writes = atomic_long_read(&storm->writes);

	while (atomic_long_read(&storm->writes) - writes < NAMES / 2 &&
	       ktime_before(ktime_get(), end))
		cpu_relax();
	if (atomic_long_read(&storm->writes) != writes)
		WRITE_ONCE(storm->stalls, storm->stalls + 1);
	hrtimer_forward_now(timer, us_to_ktime(INTERVAL_US));
	return HRTIMER_RESTART;
}

/* For two seconds; and where the machine has other things to do, as long as it takes. */
static bool stalls_more(struct storm *storm, unsigned long start)
{
	struct namecache_counts counts;

	if (time_before(jiffies, start + 2 * HZ))
		return true;
	namecache_counts(storm->nc, &counts);
	return IS_ENABLED(CONFIG_UML) && time_before(jiffies, start + 60 * HZ) &&
	       (READ_ONCE(storm->stalls) <= 100 || !counts.restarts);
}

static void read_stalled(struct storm *storm)
{
	unsigned long start = jiffies;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, get_random_u32());
	hrtimer_setup(&storm->timer, stall, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
	hrtimer_start(&storm->timer, us_to_ktime(INTERVAL_US),
		      HRTIMER_MODE_REL_PINNED_HARD);
	while (stalls_more(storm, start)) {
		read_some(storm, &rnd);
		if (!(atomic_long_inc_return(&storm->lookups) % 64))
			let_others_run();
	}
	hrtimer_cancel(&storm->timer);
}

static void a_reader_that_is_interrupted_is_never_told_wrong(struct kunit *test)
{
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	int here = raw_smp_processor_id();
	struct namecache_counts counts;
	struct threads threads = {};
	unsigned int nr;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->nc = make_cache(test, 0);
	if (num_online_cpus() == 1)
		kunit_skip(test, "needs two CPUs");
	set_cpus_allowed_ptr(current, cpumask_of(here));
	for (nr = 0; nr < NAMES; nr++)
		KUNIT_ASSERT_EQ(test, enter(storm->nc, nr), 0);
	start_on(&threads, cpumask_any_but(cpu_online_mask, here), write_names,
		 storm);
	KUNIT_ASSERT_EQ(test, threads.nr, 1);
	read_stalled(storm);
	kthread_stop(threads.task[0]);

	namecache_counts(storm->nc, &counts);
	kunit_info(test, "%ld lookups, %lu stalls, %ld writes, %lu began anew\n",
		   atomic_long_read(&storm->lookups), storm->stalls,
		   atomic_long_read(&storm->writes), counts.restarts);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm->wrong), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm->lost), 0);
	/* where the other CPU is another program it is seldom there in time */
	if (IS_ENABLED(CONFIG_UML)) {
		KUNIT_EXPECT_GT(test, storm->stalls, 100);
		KUNIT_EXPECT_GT(test, counts.restarts, 0);
	}
}

/* Of these names one in KEPT stays, so each of their slabs has few. */
#define MANY	4000
#define KEPT	10

static int read_kept(void *data)
{
	struct storm *storm = data;
	struct rnd_state rnd;
	unsigned long n = 0, value;
	u32 nr;

	prandom_seed_state(&rnd, get_random_u32());
	while (!kthread_should_stop()) {
		nr = prandom_u32_state(&rnd) % (MANY / KEPT) * KEPT;
		if (!look(storm->nc, nr, &value))
			atomic_long_inc(&storm->lost);
		else if (value != value_of(nr))
			atomic_long_inc(&storm->wrong);
		if (!(++n % 64))
			let_others_run();
	}
	atomic_long_add(n, &storm->lookups);
	return 0;
}

static unsigned long wait_until_moved(struct namecache *nc, unsigned long nr)
{
	unsigned long end = jiffies + 60 * HZ;
	struct namecache_counts counts;

	do {
		schedule_timeout_uninterruptible(1);
		namecache_counts(nc, &counts);
	} while (counts.moved < nr && time_before(jiffies, end));
	return counts.moved;
}

/* A name that moves is counted twice for a moment. */
static unsigned long count_settled(struct namecache *nc, unsigned long nr)
{
	unsigned long end = jiffies + 60 * HZ;

	while (namecache_count(nc) != nr && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	return namecache_count(nc);
}

static void readers_are_never_told_wrong_while_names_move(struct kunit *test)
{
	struct storm storm = { .nc = make_cache(test, 0) };
	struct threads threads = {};
	unsigned int nr;
	int cpu;

	for (nr = 0; nr < MANY; nr++)
		KUNIT_ASSERT_EQ(test, enter(storm.nc, nr), 0);
	for_each_online_cpu(cpu)
		start_on(&threads, cpu, read_kept, &storm);
	for (nr = 0; nr < MANY; nr++) {
		if (nr % KEPT)
			forget(storm.nc, nr);
	}
	KUNIT_EXPECT_GE(test, wait_until_moved(storm.nc, MANY / KEPT / 2), MANY / KEPT / 2);
	for (nr = 0; nr < threads.nr; nr++)
		kthread_stop(threads.task[nr]);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm.wrong), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&storm.lost), 0);
	KUNIT_EXPECT_GT(test, atomic_long_read(&storm.lookups), MANY);
	KUNIT_EXPECT_EQ(test, count_settled(storm.nc, MANY / KEPT), MANY / KEPT);
	for (nr = 0; nr < MANY; nr += KEPT)
		KUNIT_EXPECT_TRUE(test, knows(storm.nc, nr));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(what_was_entered_is_found),
	KUNIT_CASE(a_name_may_stand_for_something_else),
	KUNIT_CASE(names_too_long_are_refused),
	KUNIT_CASE(what_was_used_is_spared),
	KUNIT_CASE(a_full_cache_makes_room),
	KUNIT_CASE_SLOW(a_reader_that_is_interrupted_is_never_told_wrong),
	KUNIT_CASE_SLOW(readers_are_never_told_wrong),
	KUNIT_CASE_SLOW(readers_are_never_told_wrong_by_pruning),
	KUNIT_CASE_SLOW(readers_are_never_told_wrong_while_names_move),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_namecache",
	.test_cases = cases,
};

kunit_test_suite(suite);

MODULE_DESCRIPTION("KUnit tests of kmobj_namecache");
MODULE_LICENSE("GPL");
