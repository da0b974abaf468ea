// SPDX-License-Identifier: GPL-2.0
/*
 * Zones are created, renamed and destroyed under kmobj_zones_lock: each step waits
 * while the case holds it, and has changed nothing yet.
 */
#include <linux/sched.h>

#include "internal_kunit.h"

struct call {
	void (*fn)(struct call *call);
	struct kmobj_zone *zone;
	int result;
	bool done;
	struct task_struct *task;
	struct worker *worker;
	struct completion looked_at;
};

static void call_run(void *data)
{
	struct call *call = data;

	WRITE_ONCE(call->task, current);
	call->fn(call);
	WRITE_ONCE(call->done, true);
	wait_for_completion(&call->looked_at);	/* the task is there until then */
}

static bool call_sleeps(struct call *call)
{
	struct task_struct *task = READ_ONCE(call->task);

	return task && (READ_ONCE(task->__state) & TASK_UNINTERRUPTIBLE);
}

/*
 * The call sleeps, as it waits for a lock or has ended. It may wait for a grace
 * period before: so for long enough that this is over.
 */
static void call_rests(struct kunit *test, struct call *call)
{
	unsigned long end = jiffies + 10 * HZ, since = jiffies;

	while (time_before(jiffies, since + HZ / 10)) {
		schedule_timeout_uninterruptible(1);
		if (!call_sleeps(call))
			since = jiffies;
		if (time_after(jiffies, end)) {
			KUNIT_FAIL(test, "the call neither waits nor ends");
			return;
		}
	}
}

static void call_start(struct kunit *test, struct call *call)
{
	init_completion(&call->looked_at);
	call->worker = worker_start(test, raw_smp_processor_id(), call_run, call);
	call_rests(test, call);
}

static void call_join(struct kunit *test, struct call *call)
{
	complete(&call->looked_at);
	worker_join(test, call->worker);
}

static void expect_it_waits(struct kunit *test, struct call *call)
{
	mutex_lock(&kmobj_zones_lock);
	call_start(test, call);
	KUNIT_EXPECT_FALSE(test, call->done);
	mutex_unlock(&kmobj_zones_lock);
	call_join(test, call);
	KUNIT_EXPECT_TRUE(test, call->done);
}

static void create(struct call *call)
{
	call->zone = kmobj_zone_create("kunit-registry", SMALL, NULL);
}

static void destroy(struct call *call)
{
	call->result = kmobj_zone_destroy(call->zone);
}

static void ask_for_name(struct call *call)
{
	call->result = kmobj_zone_name_taken(kmobj_zone_name(call->zone));
}

static void pass(struct call *call)
{
	poller_pass();
}

static void a_zone_is_listed_under_the_lock(struct kunit *test)
{
	struct call call = { .fn = create };

	expect_it_waits(test, &call);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, call.zone);
	KUNIT_EXPECT_TRUE(test, kmobj_zone_name_taken(SHOWN("kunit-registry")));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(call.zone), 0);
}

static void a_name_is_looked_up_under_the_lock(struct kunit *test)
{
	struct call call = { .fn = ask_for_name };

	call.zone = zone_make(test, SMALL, NULL);
	expect_it_waits(test, &call);
	KUNIT_EXPECT_TRUE(test, call.result);
}

static void the_poller_walks_the_list_under_the_lock(struct kunit *test)
{
	struct call call = { .fn = pass };

	expect_it_waits(test, &call);
}

static void destroy_begins_under_the_lock(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct call call = { .fn = destroy, .zone = zone };

	mutex_lock(&kmobj_zones_lock);
	call_start(test, &call);
	KUNIT_EXPECT_FALSE(test, peek_destroying(zone));
	KUNIT_EXPECT_FALSE(test, zone->dying);
	mutex_unlock(&kmobj_zones_lock);
	call_join(test, &call);
	KUNIT_EXPECT_EQ(test, call.result, 0);
	zone_forget(test, zone);
}

/*
 * A destroy that has begun and goes on while the case holds the lock: what it does
 * first waits for zone->maintenance. The lock is only tried, as its place is before that.
 */
static void destroy_until_it_waits(struct kunit *test, struct call *call)
{
	zone_lock(test, call->zone);
	call_start(test, call);
	KUNIT_EXPECT_TRUE(test, peek_destroying(call->zone));
	while (!mutex_trylock(&kmobj_zones_lock))
		schedule_timeout_uninterruptible(1);
	zone_unlock(test, call->zone);
	call_rests(test, call);
	KUNIT_EXPECT_FALSE(test, call->done);
}

static void and_ends_under_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct call call = { .fn = destroy, .zone = zone };

	destroy_until_it_waits(test, &call);
	KUNIT_EXPECT_FALSE(test, peek_gone(zone));
	mutex_unlock(&kmobj_zones_lock);
	call_join(test, &call);
	KUNIT_EXPECT_EQ(test, call.result, 0);
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	zone_forget(test, zone);
}

/* With an object live: the first time it loses its name, the second time only this is left. */
static void or_gives_up_under_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct call first = { .fn = destroy, .zone = zone };
	struct call second = { .fn = destroy, .zone = zone };
	void *obj = obj_make(test, zone);

	destroy_until_it_waits(test, &first);
	KUNIT_EXPECT_EQ(test, zone->dying_nr, 0);
	mutex_unlock(&kmobj_zones_lock);
	call_join(test, &first);
	KUNIT_EXPECT_EQ(test, first.result, -EBUSY);
	KUNIT_EXPECT_NE(test, zone->dying_nr, 0);

	destroy_until_it_waits(test, &second);
	KUNIT_EXPECT_TRUE(test, peek_destroying(zone));
	mutex_unlock(&kmobj_zones_lock);
	call_join(test, &second);
	KUNIT_EXPECT_EQ(test, second.result, -EBUSY);
	KUNIT_EXPECT_FALSE(test, peek_destroying(zone));
	kmobj_free(zone, obj);
}

/* By a work that is nobody's call: it has a tenth of a second to do what it must not. */
static void a_zone_that_leaves_by_itself_does_so_under_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone);

	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zone), -EBUSY);
	kmobj_free(zone, obj);
	mutex_lock(&kmobj_zones_lock);
	zone_leave_if_empty(zone);
	schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_TRUE(test, zone->due);
	KUNIT_EXPECT_FALSE(test, peek_destroying(zone));
	mutex_unlock(&kmobj_zones_lock);
	zones_leave_wait();
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	zone_forget(test, zone);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_zone_is_listed_under_the_lock),
	KUNIT_CASE(a_name_is_looked_up_under_the_lock),
	KUNIT_CASE(the_poller_walks_the_list_under_the_lock),
	KUNIT_CASE(destroy_begins_under_the_lock),
	KUNIT_CASE(and_ends_under_it),
	KUNIT_CASE(or_gives_up_under_it),
	KUNIT_CASE(a_zone_that_leaves_by_itself_does_so_under_it),
	{}
};

/* It takes the lock, and then zone->maintenance, which a case holds while it tries the lock. */
static struct kunit_suite suite = {
	.name = "kmobj_registry",
	.init = poller_off,
	.test_cases = cases,
};

kunit_test_suite(suite);
