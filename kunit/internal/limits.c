// SPDX-License-Identifier: GPL-2.0
/*
 * Limits: whole slabs, never exceeded, felt neither too early nor too late.
 */
#include "internal_kunit.h"

static struct kmobj_zone *zone_of_slabs(struct kunit *test, unsigned int slabs)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = slabs * (PAGE_SIZE << 1),
	};

	return zone_make(test, 256, &args);
}

static void a_limit_is_rounded_down_to_whole_slabs(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 4);
	unsigned long slab = zone_stats(zone).slab_bytes;

	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit, 4 * slab);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, 3 * slab - 1), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit, 2 * slab);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, slab), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit, slab);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, slab - 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit, slab);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, KMOBJ_UNLIMITED), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit, KMOBJ_UNLIMITED);
}

static void all_of_a_limit_can_be_used_and_no_more(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 4);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 4);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL |
						 __GFP_THISNODE,
						 numa_mem_id()));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 4);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 3);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 3);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	objs_free(zone, objs, 4 * n);
}

static void lowering_a_limit_loses_nothing_and_adds_nothing(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 6);
	unsigned long slab = zone_stats(zone).slab_bytes;
	unsigned int i, n = objs_per_slab(zone), bad = 0;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 4);
	for (i = 0; i < 4 * n; i++)
		obj_stamp(objs[i], 256, i);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, 2 * slab), 0);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	for (i = 0; i < 4 * n; i++)
		bad += !obj_has_stamp(objs[i], 256, i);
	KUNIT_EXPECT_EQ(test, bad, 0);
	/* down to the limit, still no slab; below it, again */
	objs_free(zone, objs, 2 * n);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	objs_free(zone, objs + 2 * n, n);
	kmobj_zone_shrink(zone);
	objs[0] = kmobj_alloc(zone, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	kmobj_free(zone, objs[0]);
	objs_free(zone, objs + 3 * n, n);
}

static void raising_a_limit_helps_at_once(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 1);
	unsigned long slab = zone_stats(zone).slab_bytes;
	void **objs, *obj;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, 2 * slab), 0);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	kmobj_free(zone, obj);
	objs_free(zone, objs, objs_per_slab(zone));
}

static unsigned int asked;

static struct page *ask(unsigned int order, gfp_t gfp, int nid)
{
	asked++;
	return alloc_pages_node(nid, gfp, order);
}

/* NULL, counted; no reclaim, no work, and no objects made to hurry. */
static void an_allocation_at_its_limit_disturbs_nobody(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 1);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	asked = 0;
	kunit_activate_static_stub(test, slab_pages_alloc, ask);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_ATOMIC));
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_EQ(test, asked, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 2);
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_IDLE);
	KUNIT_EXPECT_FALSE(test, delayed_work_pending(&zone->rcu_work));
	objs_free(zone, objs, objs_per_slab(zone));
}

static void a_limit_taken_away_is_none(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 1);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, KMOBJ_UNLIMITED), 0);
	objs_free(zone, slabs_fill(test, zone, 40), 40 * objs_per_slab(zone));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).limit_hits, 1);
	objs_free(zone, objs, objs_per_slab(zone));
}

static void a_retiring_slab_is_used_before_the_limit_is_felt(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 3);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 3);
	zone_lock(test, zone);
	objs_free(zone, objs, n);
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_RETIRING);
	for (i = 0; i < n; i++)
		objs[i] = obj_make(test, zone);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	zone_unlock(test, zone);
	objs_free(zone, objs, 3 * n);
}

static void a_limit_that_is_felt_asks_for_what_cpus_own(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 1);
	int there;
	void *obj;

	pin_here(test);
	there = other_cpu(test);
	leave_cpus_alone(test);
	alloc_on_cpu(test, there, zone, &obj, 1);
	zone_lock(test, zone);
	zone_pass(zone);
	KUNIT_EXPECT_FALSE(test, peek_drain(cpu_state_on(zone, there)));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, peek_drain(cpu_state_on(zone, there)));
	KUNIT_EXPECT_FALSE(test, peek_drain(cpu_state_on(zone, raw_smp_processor_id())));
	zone_unlock(test, zone);
	kmobj_free(zone, obj);
}

static void NOFAIL_is_refused_on_a_zone_with_a_limit(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_slabs(test, 4);
	const gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;
	void *objs[2], *obj;

	pin_here(test);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, gfp));
	KUNIT_EXPECT_NULL(test, kmobj_zalloc(zone, gfp));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, gfp, 2, objs));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	/* whether or not the CPU happens to have a free object */
	obj = obj_make(test, zone);
	objs[0] = kmobj_alloc(zone, gfp);
	KUNIT_EXPECT_NULL(test, objs[0]);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, obj);
	/* and promised again when the limit is gone */
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, KMOBJ_UNLIMITED), 0);
	obj = kmobj_alloc(zone, gfp);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	kmobj_free(zone, obj);
}

struct rush {
	struct kmobj_zone *zone;
	unsigned long limit;		/* in slabs */
	unsigned long seen;		/* the most slabs that were seen */
	atomic_t full;
	unsigned int rounds;
	unsigned long until;
};

/* Fewer rounds where they take long: CPUs of a machine that has other work take turns. */
static bool rush_goes_on(struct rush *rush, unsigned int round)
{
	return round < rush->rounds && (!round || time_before(jiffies, rush->until));
}

/* Allocate until NULL, free all, again: everybody at once. */
static void rush_in(void *data)
{
	struct rush *rush = data;
	struct kmobj_zone *zone = rush->zone;
	unsigned long nr, max = 2 * rush->limit * objs_per_slab(zone);
	void *list, *obj;
	unsigned int i;

	for (i = 0; rush_goes_on(rush, i); i++) {
		for (nr = 0, list = NULL; nr < max; nr++) {
			obj = kmobj_alloc(zone, GFP_KERNEL);
			if (peek_nr_slabs(zone) > rush->limit)
				WRITE_ONCE(rush->seen,
					   peek_nr_slabs(zone));
			if (!obj)
				break;
			*(void **)obj = list;
			list = obj;
		}
		if (nr < max)
			atomic_inc(&rush->full);
		while (list) {
			obj = list;
			list = *(void **)list;
			kmobj_free(zone, obj);
		}
		let_others_run();
	}
}

static void a_limit_holds_with_every_cpu_at_it(struct kunit *test)
{
	struct rush rush = {
		.limit = 40,
		.rounds = AT_FULL_SPEED ? 300 : 20,
		.until = jiffies + 10 * HZ,
	};
	struct worker *workers[CPUS_AT_WORK];
	unsigned int i, nr = 0;
	int cpu;

	other_cpu(test);
	rush.zone = zone_of_slabs(test, rush.limit);
	for_each_cpu(cpu, cpus_at_work())
		workers[nr++] = worker_start(test, cpu, rush_in, &rush);
	for (i = 0; rush_goes_on(&rush, i); i++) {
		poller_pass();
		let_others_run();
	}
	for (i = 0; i < nr; i++)
		worker_join(test, workers[i]);
	KUNIT_EXPECT_EQ(test, rush.seen, 0);
	KUNIT_EXPECT_GT(test, atomic_read(&rush.full), 0);
	KUNIT_EXPECT_GT(test, zone_stats(rush.zone).limit_hits, 0);
	KUNIT_EXPECT_GT(test, zone_stats(rush.zone).slabs_made, rush.limit / 2);
}

struct contest {
	struct kunit *test;
	struct kmobj_zone *zone;
	unsigned long until;
	atomic_t asked, too_many;
};

/* In place of the page allocator: there is none, but how many wanted one? */
static struct page *count_and_refuse(unsigned int order, gfp_t gfp, int nid)
{
	struct contest *c = current->kunit_test->priv;

	atomic_inc(&c->asked);
	if (peek_nr_slabs(c->zone) > 1)
		atomic_inc(&c->too_many);
	return NULL;
}

/* For a while, and until two have met: on a loaded machine each may run alone. */
static bool contest_goes_on(struct contest *c, unsigned int round)
{
	return round < (AT_FULL_SPEED ? 300000 : 10000) ||
	       (!atomic_long_read(&c->zone->limit_hits) &&
		time_before(jiffies, c->until));
}

static void ask_for_the_last(void *data)
{
	struct contest *c = data;
	unsigned int i;

	current->kunit_test = c->test;	/* its stubs are this thread's too */
	for (i = 0; contest_goes_on(c, i); i++) {
		if (kmobj_alloc(c->zone, GFP_NOWAIT))
			atomic_inc(&c->too_many);
		if (i % 256 == 0)
			let_others_run();
	}
	current->kunit_test = NULL;
}

static void only_one_at_a_time_gets_the_last_slab_of_a_limit(struct kunit *test)
{
	struct contest c = {
		.test = test,
		.zone = zone_of_slabs(test, 1),
		.until = jiffies + 30 * HZ,
	};
	int here = pin_here(test), there = other_cpu(test);
	struct worker *workers[2];

	test->priv = &c;
	free_slab_caches_empty();
	kunit_activate_static_stub(test, slab_pages_alloc, count_and_refuse);
	workers[0] = worker_start(test, here, ask_for_the_last, &c);
	workers[1] = worker_start(test, there, ask_for_the_last, &c);
	worker_join(test, workers[0]);
	worker_join(test, workers[1]);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_GT(test, atomic_read(&c.asked), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&c.too_many), 0);
	KUNIT_EXPECT_GT(test, zone_stats(c.zone).limit_hits, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(c.zone).slabs, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_limit_is_rounded_down_to_whole_slabs),
	KUNIT_CASE(all_of_a_limit_can_be_used_and_no_more),
	KUNIT_CASE(lowering_a_limit_loses_nothing_and_adds_nothing),
	KUNIT_CASE(raising_a_limit_helps_at_once),
	KUNIT_CASE(an_allocation_at_its_limit_disturbs_nobody),
	KUNIT_CASE(a_limit_taken_away_is_none),
	KUNIT_CASE(a_retiring_slab_is_used_before_the_limit_is_felt),
	KUNIT_CASE(a_limit_that_is_felt_asks_for_what_cpus_own),
	KUNIT_CASE(NOFAIL_is_refused_on_a_zone_with_a_limit),
	KUNIT_CASE(a_limit_holds_with_every_cpu_at_it),
	KUNIT_CASE(only_one_at_a_time_gets_the_last_slab_of_a_limit),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_limits",
	.test_cases = cases,
};

kunit_test_suite(suite);
