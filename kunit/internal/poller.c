// SPDX-License-Identifier: GPL-2.0
/*
 * The poller, driven by hand: what a pass keeps, what it lets go, and when.
 */
#include <linux/rcupdate.h>

#include "internal_kunit.h"

/* One pass over @zone alone, with the real poller kept away. */
static bool pass(struct kmobj_zone *zone, unsigned long budget)
{
	lockdep_assert_held(&zone->maintenance);
	return zone_maintain(zone, budget);
}

/* @nr slabs all of whose objects are home, in the depot; zone_lock()ed. */
static struct kmobj_slab *free_slabs(struct kunit *test,
				     struct kmobj_zone *zone, unsigned int nr)
{
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, nr);
	zone_lock(test, zone);
	objs_free(zone, objs, nr * objs_per_slab(zone));
	zone_drain(zone);
	return slab_at(zone, objs[0]);
}

static void a_pass_of_the_poller_cares_for_every_zone(struct kunit *test)
{
	struct kmobj_zone *zones[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		zones[i] = zone_make(test, SMALL, NULL);
		free_slabs(test, zones[i], 3);
		zone_unlock(test, zones[i]);
	}
	poller_pass();
	grace_period_wait();
	poller_pass();
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, zone_stats(zones[i]).slabs, 0);
		KUNIT_EXPECT_EQ(test, zone_stats(zones[i]).slabs_retired, 3);
		zone_expect_sound(test, zones[i]);
	}
}

static void a_zone_keeps_as_many_free_slabs_as_it_asks_for(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 2 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i;

	free_slabs(test, zone, 5);
	for (i = 0; i < 4; i++) {
		pass(zone, 1024);
		grace_period_wait();
	}
	pass(zone, 1024);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone),
			2 * zone_stats(zone).slab_bytes);
}

/* The timer may be on a CPU that sleeps for hours, while others use zones. */
static void it_sleeps_only_while_no_zone_is_in_use(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i;
	void *obj;

	pin_here(test);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_TRUE(test, poller_pass());
	kmobj_free(zone, obj);
	KUNIT_EXPECT_TRUE(test, poller_pass());
	/* other zones may be on their way, and works of the poller's own */
	for (i = 0; i < 500 && !poller_may_sleep(); i++)
		schedule_timeout_uninterruptible(HZ / 50);
	KUNIT_EXPECT_TRUE(test, poller_may_sleep());
	kmobj_zone_shrink(zone);
	obj = obj_make(test, zone);	/* in a new slab */
	KUNIT_EXPECT_FALSE(test, poller_may_sleep());
	kmobj_free(zone, obj);
}

static void a_partial_slab_is_never_retired(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 3);
	zone_lock(test, zone);
	objs_free(zone, objs, n - 1);
	zone_drain(zone);
	zone_unlock(test, zone);
	obj_stamp(objs[n - 1], SMALL, 7);
	for (i = 0; i < 3; i++) {
		poller_pass();
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 3);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(objs[n - 1], SMALL, 7));
	objs_free(zone, objs + n - 1, 2 * n + 1);
}

static unsigned long free_after_pass(struct kmobj_zone *zone,
				     struct kmobj_depot *depot, unsigned long budget)
{
	pass(zone, budget);
	return peek_bin(depot, KMOBJ_BIN_FREE);
}

static void a_pass_has_a_budget(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab = free_slabs(test, zone, 4);
	struct kmobj_depot *depot = peek_depot(zone, peek_node(slab));

	KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BIN_FREE), 4);
	KUNIT_EXPECT_TRUE(test, pass(zone, 3));
	KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BIN_FREE), 1);
	pass(zone, 1024);
	grace_period_wait();
	pass(zone, 1024);
	grace_period_wait();
	KUNIT_EXPECT_FALSE(test, pass(zone, 1024));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	zone_unlock(test, zone);
}

/* Twice as much each time, up to 64 times: while all that it may look at is free. */
static void which_grows_with_what_is_free(struct kunit *test)
{
	const unsigned int nr = 250;
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab = free_slabs(test, zone, nr);
	struct kmobj_depot *depot = peek_depot(zone, peek_node(slab));
	unsigned long left = nr, budget;

	for (budget = 1; budget <= 64; budget *= 2) {
		left -= budget;
		KUNIT_EXPECT_EQ(test, free_after_pass(zone, depot, 1), left);
	}
	KUNIT_EXPECT_EQ(test, free_after_pass(zone, depot, 1), left - 64);
	KUNIT_EXPECT_EQ(test, free_after_pass(zone, depot, 1), 0);
	zone_unlock(test, zone);
	kmobj_zone_shrink(zone);
	slab = free_slabs(test, zone, 4);
	depot = peek_depot(zone, peek_node(slab));
	KUNIT_EXPECT_EQ(test, free_after_pass(zone, depot, 1), 3);
	zone_unlock(test, zone);
}

#define BATCH		1024UL		/* retire_batch, by default */
#define BATCH_MAX	(64UL * BATCH)

/* Passes that @slabs free slabs need, four of which may wait for grace periods. */
static unsigned int passes_for(unsigned long slabs)
{
	unsigned long batch = BATCH;
	unsigned int nr;

	for (nr = 5; slabs > batch; nr++) {
		slabs -= batch;
		batch = min(2 * batch, BATCH_MAX);
	}
	return nr;
}

/* Objects of @nr slabs, each of which names the next. */
static void **chain_of(struct kunit *test, struct kmobj_zone *zone, unsigned long nr)
{
	void **first = NULL, **obj;
	unsigned long i;

	for (i = 0; i < nr * objs_per_slab(zone); i++) {
		obj = obj_make(test, zone);
		*obj = first;
		first = obj;
		if (i % BATCH == 0)
			cond_resched();
	}
	return first;
}

static void chain_free(struct kmobj_zone *zone, void **first)
{
	unsigned long i;
	void **next;

	for (i = 0; first; first = next, i++) {
		next = *first;
		kmobj_free(zone, first);
		if (i % BATCH == 0)
			cond_resched();
	}
}

/* At a pass a second: enough of them to come to the largest batches. */
static void a_million_of_them_leave_in_less_than_a_minute(struct kunit *test)
{
	const unsigned long nr = AT_FULL_SPEED ? 70000 : 2000;
	const struct kmobj_zone_args args = { .order = 1 };
	struct kmobj_zone *zone = zone_make(test, 1000, &args);
	unsigned int passes = 0;

	pin_here(test);
	chain_free(zone, chain_of(test, zone, nr));
	zone_lock(test, zone);
	zone_drain(zone);
	do {
		pass(zone, BATCH);
		grace_period_wait();
		passes++;
	} while (zone_stats(zone).slabs && passes < 100);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_LE(test, passes, passes_for(nr));
	KUNIT_EXPECT_LE(test, passes_for(1000000), 60);
	kunit_info(test, "%lu free slabs left in %u passes\n", nr, passes);
}

/* But not with what is in use. */
static void and_is_not_spent_on_slabs_in_use(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 8);
	for (i = 0; i < 8; i++)
		kmobj_free(zone, objs[i * n]);
	for (i = 0; i < 8; i++) {
		KUNIT_EXPECT_TRUE(test, pass(zone, 1));
		KUNIT_EXPECT_EQ(test, depot_of(zone, slab_at(zone, objs[0]))->boost, 0);
	}
	zone_unlock(test, zone);
	for (i = 0; i < 8; i++)
		objs_free(zone, objs + i * n + 1, n - 1);
}

/*
 * Two slabs in each bin, filed before the rest of their objects came home: how many
 * are known to be free tells how many were looked at.
 */
static void which_is_for_all_that_it_looks_at(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, nr, n = objs_per_slab(zone);
	struct kmobj_depot *depot;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 8);
	depot = peek_depot(zone, peek_node(slab_at(zone, objs[0])));
	zone_lock(test, zone);
	for (i = 0; i < 8; i++)
		objs_free(zone, objs + i * n, i % KMOBJ_BINS * n / KMOBJ_BINS + 1);
	zone_drain(zone);
	for (i = 0; i < 8; i++) {
		nr = i % KMOBJ_BINS * n / KMOBJ_BINS + 1;
		KUNIT_EXPECT_EQ(test, peek_bin(depot, i % KMOBJ_BINS), 2);
		objs_free(zone, objs + i * n + nr, n - nr);
	}
	for (i = 1; i <= 4; i++) {
		KUNIT_EXPECT_TRUE(test, pass(zone, 2));
		KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BIN_FREE), 2 * i);
	}
	KUNIT_EXPECT_FALSE(test, pass(zone, 2));
	zone_unlock(test, zone);
}

/* Though one bin alone has more than the budget. */
static void and_comes_to_every_bin_in_the_end(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone);
	struct kmobj_depot *depot;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 5);
	depot = peek_depot(zone, peek_node(slab_at(zone, objs[0])));
	zone_lock(test, zone);
	for (i = 0; i < 4; i++)
		kmobj_free(zone, objs[i * n]);
	objs_free(zone, objs + 4 * n, n - 1);
	zone_drain(zone);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, 0), 4);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BINS - 1), 1);
	kmobj_free(zone, objs[5 * n - 1]);
	for (i = 0; i < KMOBJ_BINS; i++)
		pass(zone, 2);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BIN_FREE), 1);
	zone_unlock(test, zone);
	for (i = 0; i < 4; i++)
		objs_free(zone, objs + i * n + 1, n - 1);
}

static void a_slab_leaves_only_when_readers_are_done(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	struct worker *reader;
	unsigned int i;
	bool more = false, stayed = true;
	int there;

	pin_here(test);
	there = other_cpu(test);
	slab = free_slabs(test, zone, 1);
	reader = reader_start(test, there);
	for (i = 0; i < 5; i++) {
		more = pass(zone, 1024);
		stayed &= zone_stats(zone).slabs == 1 &&
			  peek_owner(slab) == KMOBJ_OWNER_RETIRING &&
			  slab->cookie == ~slab_cookie(zone, slab);
	}
	reader_stop(test, reader);
	KUNIT_EXPECT_TRUE(test, stayed);
	KUNIT_EXPECT_TRUE_MSG(test, more, "the poller is to come back soon");
	grace_period_wait();
	pass(zone, 1024);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	zone_unlock(test, zone);
}

/* One that retires while another waits needs a grace period of its own. */
static void a_later_slab_waits_for_a_later_grace_period(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	struct worker *reader;
	unsigned long slabs;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 2);
	zone_lock(test, zone);
	objs_free(zone, objs, n);
	zone_drain(zone);
	pass(zone, 1024);		/* the first waits */
	grace_period_wait();
	reader = reader_start(test, there);
	objs_free(zone, objs + n, n);
	pass(zone, 1024);		/* lets it go, retires the second */
	pass(zone, 1024);
	pass(zone, 1024);
	slabs = zone_stats(zone).slabs;
	reader_stop(test, reader);
	KUNIT_EXPECT_EQ(test, slabs, 1);
	grace_period_wait();
	pass(zone, 1024);
	grace_period_wait();
	pass(zone, 1024);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	zone_unlock(test, zone);
}

static void a_retiring_slab_is_taken_back_if_needed(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone), elsewhere = 0;
	struct kmobj_slab *slab = free_slabs(test, zone, 1);
	void **objs;

	objs = kunit_kcalloc(test, n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	pass(zone, 1024);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_RETIRING);
	for (i = 0; i < n; i++) {
		objs[i] = obj_make(test, zone);
		elsewhere += slab_at(zone, objs[i]) != slab;
	}
	KUNIT_EXPECT_EQ(test, elsewhere, 0);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), raw_smp_processor_id());
	/* the grace period that it waited for changes nothing */
	for (i = 0; i < 3; i++) {
		grace_period_wait();
		pass(zone, 1024);
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_made, 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, n);
}

static void shrinking_takes_what_every_cpu_holds(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void *objs[2];
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs[0] = obj_make(test, zone);
	set_cpus_allowed_ptr(current, cpumask_of(there));
	objs[1] = obj_make(test, zone);
	objs_free(zone, objs, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone),
			2 * zone_stats(zone).slab_bytes);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), 0);
	KUNIT_EXPECT_GT(test, n, 2);
}

struct hurry {
	struct kmobj_zone *zone;
	bool done;
};

static void care_now(void *data)
{
	struct hurry *hurry = data;

	mutex_lock(&hurry->zone->maintenance);
	zone_maintain_now(hurry->zone);
	mutex_unlock(&hurry->zone->maintenance);
	WRITE_ONCE(hurry->done, true);
}

/* What shrink and destroy do at once waits for a grace period all the same. */
static void even_at_once_means_after_readers(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct hurry hurry = { .zone = zone };
	struct worker *reader, *worker;
	struct kmobj_slab *slab;
	unsigned long end;
	bool early;
	int here, there;

	here = pin_here(test);
	there = other_cpu(test);
	slab = free_slabs(test, zone, 1);
	reader = reader_start(test, there);
	zone_unlock(test, zone);
	worker = worker_start(test, here, care_now, &hurry);
	end = jiffies + max(HZ / 10, 2);
	while (time_before(jiffies, end) || !mutex_is_locked(&zone->maintenance)) {
		if (READ_ONCE(hurry.done))
			break;
		schedule_timeout_uninterruptible(1);	/* the worker is on this CPU */
	}
	early = hurry.done || peek_owner(slab) != KMOBJ_OWNER_RETIRING ||
		zone_stats(zone).slabs != 1;
	reader_stop(test, reader);
	worker_join(test, worker);
	KUNIT_EXPECT_FALSE(test, early);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void poller_on(void *unused)
{
	poller_start(poller_pass);
}

/* No pass comes until the case ends, but for those it makes. 0, or an error. */
int poller_off(struct kunit *test)
{
	poller_stop();
	return kunit_add_action_or_reset(test, poller_on, NULL);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_pass_of_the_poller_cares_for_every_zone),
	KUNIT_CASE(a_zone_keeps_as_many_free_slabs_as_it_asks_for),
	KUNIT_CASE(it_sleeps_only_while_no_zone_is_in_use),
	KUNIT_CASE(a_partial_slab_is_never_retired),
	KUNIT_CASE(a_pass_has_a_budget),
	KUNIT_CASE(which_grows_with_what_is_free),
	KUNIT_CASE(a_million_of_them_leave_in_less_than_a_minute),
	KUNIT_CASE(and_is_not_spent_on_slabs_in_use),
	KUNIT_CASE(which_is_for_all_that_it_looks_at),
	KUNIT_CASE(and_comes_to_every_bin_in_the_end),
	KUNIT_CASE(a_slab_leaves_only_when_readers_are_done),
	KUNIT_CASE(a_later_slab_waits_for_a_later_grace_period),
	KUNIT_CASE(a_retiring_slab_is_taken_back_if_needed),
	KUNIT_CASE(shrinking_takes_what_every_cpu_holds),
	KUNIT_CASE(even_at_once_means_after_readers),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_poller",
	.test_cases = cases,
};

kunit_test_suite(suite);
