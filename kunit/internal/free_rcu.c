// SPDX-License-Identifier: GPL-2.0
/*
 * Objects freed by RCU: not handed out before a grace period is over, and then
 * soon; without memory, from anywhere, and bad ones are refused.
 */
#include <kunit/static_stub.h>
#include <kunit/test-bug.h>
#include <linux/rcupdate.h>
#include <linux/vmalloc.h>

#include "internal_kunit.h"

static void objs_free_rcu(struct kmobj_zone *zone, void **objs, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		kmobj_free_rcu(zone, objs[i]);
}

/* What waits for RCU comes back, without anybody asking for it. */
static void expect_back_soon(struct kunit *test, struct kmobj_zone *zone)
{
	unsigned long end = jiffies + 10 * HZ;

	while (zone_stats(zone).rcu_waiting && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	mutex_lock(&zone->rcu_lock);	/* and the pass has ended */
	mutex_unlock(&zone->rcu_lock);
}

/* One CPU's slab, and no more than that. */
static struct kmobj_zone *zone_of_one_slab(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1, .limit = PAGE_SIZE << 1 };

	return zone_make(test, SMALL, &args);
}

static void no_object_is_handed_out_while_a_reader_may_look(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_one_slab(test);
	unsigned int i, n = objs_per_slab(zone);
	struct worker *reader;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 1);
	for (i = 0; i < n; i++)
		obj_stamp(objs[i], SMALL, i);
	reader = reader_start(test, there);
	objs_free_rcu(zone, objs, n);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, n);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, n);
	schedule_timeout_uninterruptible(HZ / 4);
	zone_expect_sound(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, n);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(objs[i], SMALL, i));
	reader_stop(test, reader);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	for (i = 0; i < n; i++)
		objs[i] = obj_make(test, zone);
	objs_free(zone, objs, n);
}

static void objects_come_back_without_being_asked_for(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	kmobj_free_rcu(zone, obj_make(test, zone));
	expect_back_soon(test, zone);
}

/* Somebody wants a pass just now, has it, and all that is left to do is to wait. */
static void queue_after_a_pass(struct kmobj_zone *zone)
{
	kunit_deactivate_static_stub(kunit_get_current_test(), pass_queue_in_rcu_ms);
	WRITE_ONCE(zone->rcu_state, RCU_BUSY);
	pass_queue_in_rcu_ms(zone);
}

static void a_pass_in_between_does_not_make_them_wait_for_long(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	be_lazy(test);
	kunit_activate_static_stub(test, pass_queue_in_rcu_ms, queue_after_a_pass);
	kmobj_free_rcu(zone, obj_make(test, zone));
	expect_back_soon(test, zone);
}

static void wait_for_pass(struct kunit *test, struct kmobj_zone *zone, void *obj)
{
	unsigned long *next = slab_next(zone, slab_at(zone, obj));
	unsigned long end = jiffies + 5 * HZ;

	while (test_bit(slab_index(zone, obj), next) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_FALSE(test, test_bit(slab_index(zone, obj), next));
}

static bool cookie_changes(unsigned long gp, unsigned long ticks)
{
	unsigned long end = jiffies + ticks;

	while (get_state_synchronize_rcu() == gp && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	return get_state_synchronize_rcu() != gp;
}

/*
 * Most likely no grace period is under way: one has ended, and for a while none begins.
 * Much begins one: a task that exits, and where kmemleak looks on every kfree().
 */
static void wait_for_idle_rcu(void)
{
	unsigned int tries = 20;

	do {
		grace_period_wait();
	} while (cookie_changes(get_state_synchronize_rcu(), HZ / 10) && --tries);
}

/*
 * Free two objects by RCU in the hope that the first waits for a grace period
 * which has begun when the second does. If another was under way it has not, as
 * a reader keeps that from ending.
 */
static bool freed_one_after_the_other(struct kunit *test,
				      struct kmobj_zone *zone, int there)
{
	void *first = obj_make(test, zone), *second = obj_make(test, zone);
	struct worker *reader = reader_make(test, there);
	struct kmobj_slab *slab = slab_at(zone, first);
	unsigned long gp;
	bool good;

	wait_for_idle_rcu();
	reader_enter();
	kmobj_free_rcu(zone, first);
	wait_for_pass(test, zone, first);
	good = cookie_changes(zone->rcu_batch[zone->rcu_newest].gp, HZ);
	gp = get_state_synchronize_rcu();
	kmobj_free_rcu(zone, second);
	wait_for_pass(test, zone, second);
	KUNIT_EXPECT_EQ(test, hweight8(slab->rcu_batches), good ? 2 : 1);
	zone_expect_sound(test, zone);
	reader_stop(test, reader);
	expect_back_soon(test, zone);
	KUNIT_EXPECT_TRUE(test, poll_state_synchronize_rcu(gp));
	return good;
}

/* What is freed while a batch is out begins to wait at once, in the other. */
static void what_is_freed_later_waits_longer(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_one_slab(test);
	unsigned long end = jiffies + 60 * HZ;
	bool good;
	int there;

	pin_here(test);
	there = other_cpu(test);
	do {
		good = freed_one_after_the_other(test, zone, there);
	} while (!good && time_before(jiffies, end));
	KUNIT_EXPECT_TRUE(test, good);
}

/* Every CPU: allocate, free by RCU and otherwise; see each grace period end. */
struct turnover {
	struct kmobj_zone *zone;
	atomic_t early, lost, dated;
	unsigned int steps;
	unsigned long end;		/* for want of grace periods */
};

struct dated {
	unsigned long gp;
	u64 stamp;
};

#define SET	256

/* Was the object handed out too early? If it was freed by RCU, it says when. */
static void dated_check(struct turnover *t, struct dated *obj)
{
	if (obj->stamp == ~(u64)(unsigned long)obj) {
		atomic_inc(&t->dated);
		if (!poll_state_synchronize_rcu(obj->gp))
			atomic_inc(&t->early);
	}
	obj->stamp = (unsigned long)obj;
}

static void dated_free(struct turnover *t, struct dated *obj, u32 random)
{
	if (obj->stamp != (unsigned long)obj)
		atomic_inc(&t->lost);
	obj->stamp = 0;
	if (random % 4 == 0) {
		kmobj_free(t->zone, obj);
		return;
	}
	obj->stamp = ~(u64)(unsigned long)obj;
	obj->gp = get_state_synchronize_rcu();
	if (random % 8 == 1)
		below_section(t->zone, kmobj_free_rcu(t->zone, obj));
	else if (random % 8 == 2)
		below_sections(t->zone, kmobj_free_rcu(t->zone, obj));
	else
		kmobj_free_rcu(t->zone, obj);
}

/* Nothing has come back yet, as grace periods take long. */
static bool waits_on(struct turnover *t)
{
	return atomic_read(&t->dated) < 100 && time_before(jiffies, t->end);
}

static void turn_over(void *data)
{
	struct turnover *t = data;
	u32 random = tests_seed() + raw_smp_processor_id();
	struct dated **set = vzalloc(SET * sizeof(*set));
	unsigned int i;

	for (i = 0; set && (i < t->steps || waits_on(t)); i++) {
		struct dated **at = &set[xorshift(&random) % SET];

		if (*at)
			dated_free(t, *at, xorshift(&random));
		*at = kmobj_alloc(t->zone, GFP_KERNEL);
		if (*at)
			dated_check(t, *at);
		if (i % 64 == 0)
			schedule();
	}
	for (i = 0; set && i < SET; i++) {
		if (set[i])
			dated_free(t, set[i], 2);
	}
	vfree(set);
}

static void no_cpu_is_handed_an_object_too_early(struct kunit *test)
{
	struct turnover t = {
		.zone = zone_make(test, SMALL, NULL),
		/* a few seconds' worth */
		.steps = IS_ENABLED(CONFIG_UML) && !IS_ENABLED(CONFIG_KASAN) ? 200000 : 20000,
		.end = jiffies + 10 * HZ,
	};
	struct worker *workers[CPUS_AT_WORK];
	unsigned int i, nr = 0;
	int cpu;

	for_each_cpu(cpu, cpus_at_work())
		workers[nr++] = worker_start(test, cpu, turn_over, &t);
	for (i = 0; i < 100; i++) {
		poller_pass();
		schedule_timeout_uninterruptible(1);
	}
	for (i = 0; i < nr; i++)
		worker_join(test, workers[i]);
	/* unless the kernel wipes what the dates are in */
	if (!want_init_on_alloc(0) && !want_init_on_free())
		KUNIT_EXPECT_GT(test, atomic_read(&t.dated), 0);
	kunit_info(test, "%d objects were freed by RCU before\n",
		   atomic_read(&t.dated));
	KUNIT_EXPECT_EQ(test, atomic_read(&t.early), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t.lost), 0);
	KUNIT_EXPECT_GT(test, zone_stats(t.zone).frees_rcu, t.steps / 4);
	KUNIT_EXPECT_EQ(test, zone_stats(t.zone).bad_frees, 0);
	KUNIT_EXPECT_GT(test, atomic_long_read(&t.zone->frees_rcu_nested), 0);
}

struct barrier {
	struct kmobj_zone *zone;
	void **objs;
	unsigned int nr;
};

static void free_all_by_rcu(void *data)
{
	struct barrier *b = data;

	objs_free_rcu(b->zone, b->objs, b->nr);
}

/* In lists of two CPUs, in a batch, and in slabs that are in a batch. */
static void a_barrier_waits_for_all_there_are(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone), i;
	struct barrier there = { .zone = zone, .nr = 4 * n };
	void **objs;
	int cpu;

	pin_here(test);
	cpu = other_cpu(test);
	objs = slabs_fill(test, zone, 20);
	there.objs = objs + 16 * n;
	for (i = 0; i < 16; i++) {
		objs_free_rcu(zone, objs + i * n, n / 2);
		schedule_timeout_uninterruptible(i % 3);
		objs_free_rcu(zone, objs + i * n + n / 2, n - n / 2);
		if (i == 8)
			on_cpu(test, cpu, free_all_by_rcu, &there);
		if (i % 5)
			continue;
		kmobj_rcu_barrier(zone);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	}
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void destroy_waits_for_objects_that_wait(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 5);
	objs_free_rcu(zone, objs + 1, 5 * n - 1);
	/* one is live, and none that waits is counted as that */
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	/* frees by RCU go on in a zone that is dying */
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	zone_forget(test, zone);
}

static void a_second_free_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;
	int cpu;

	pin_here(test);
	cpu = other_cpu(test);
	objs = slabs_fill(test, zone, 3);
	/* twice by RCU, before and after its grace period has begun */
	kmobj_free_rcu(zone, objs[0]);
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	kmobj_rcu_barrier(zone);
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	/* after one by its owner, and after one by somebody else */
	kmobj_free(zone, objs[2 * n]);
	kmobj_free_rcu(zone, objs[2 * n]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 3);
	free_on_cpu(test, cpu, zone, objs + n, 1);
	kmobj_free_rcu(zone, objs[n]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 4);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 3);
	objs_free(zone, objs + 1, n - 1);
	objs_free(zone, objs + n + 1, n - 1);
	objs_free(zone, objs + 2 * n + 1, n - 1);
}

/* Found out when its grace period ends. */
static void a_free_of_what_waits_is_found(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;
	int cpu;

	pin_here(test);
	cpu = other_cpu(test);
	objs = slabs_fill(test, zone, 3);
	kmobj_free_rcu(zone, objs[2 * n]);
	kmobj_free(zone, objs[2 * n]);
	kmobj_free_rcu(zone, objs[0]);
	free_on_cpu(test, cpu, zone, objs, 1);
	kmobj_rcu_barrier(zone);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 1, 2 * n - 1);
	objs_free(zone, objs + 2 * n + 1, n - 1);
}

static void what_is_no_object_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL), *other;
	void *obj = obj_make(test, zone);

	other = zone_make(test, SMALL, NULL);
	kmobj_free_rcu(zone, NULL);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_free_rcu(zone, obj + 8);
	kmobj_free_rcu(zone, slab_at(zone, obj));
	kmobj_free_rcu(zone, ERR_PTR(-ENOMEM));
	kmobj_free_rcu(zone, test);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 4);
	kmobj_free_rcu(other, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(other).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	kmobj_free(zone, obj);
}

/* All objects of a slab are home, it retires: what now comes is refused. */
static void a_slab_that_retires_has_nothing_to_free(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	zone_lock(test, zone);
	objs_free(zone, objs, objs_per_slab(zone));
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_RETIRING);
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	zone_unlock(test, zone);
}

/* A free that raced with the retirement set a bit: the slab has to stay. */
static void a_slab_that_is_on_a_list_does_not_leave(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	unsigned int i;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	slab = slab_at(zone, objs[0]);
	zone_lock(test, zone);
	objs_free(zone, objs, objs_per_slab(zone));
	zone_drain(zone);
	slab_remote(zone, slab)->rcu_queued = 1;
	KUNIT_EXPECT_EQ(test, zone_maintain_now(zone), 0);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	slab_remote(zone, slab)->rcu_queued = 0;
	for (i = 0; i < KMOBJ_RCU_BATCHES + 1; i++) {
		zone_pass(zone);
		KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_RETIRING);
		if (i < KMOBJ_RCU_BATCHES)
			slab->rcu_batches = BIT(i);
		else
			slab_remote(zone, slab)->rcu_queued = 1;
		grace_period_wait();
		KUNIT_EXPECT_EQ(test, zone_maintain_now(zone), 0);
		KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
		slab->rcu_batches = 0;
		slab_remote(zone, slab)->rcu_queued = 0;
	}
	KUNIT_EXPECT_EQ(test, zone_maintain_now(zone), 1UL << peek_order(zone));
	zone_unlock(test, zone);
}

static struct page *no_page(unsigned int order, gfp_t gfp, int nid)
{
	return NULL;
}

static void rcu_ms_restore(void *ms)
{
	kmobj_rcu_ms = (unsigned long)ms;
}

void be_lazy(struct kunit *test)
{
	unsigned long ms = kmobj_rcu_ms;

	KUNIT_ASSERT_EQ(test, kunit_add_action(test, rcu_ms_restore,
					       (void *)ms), 0);
	kmobj_rcu_ms = 60000;
}

static void one_slab_waits_for_company_and_two_do_not(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	be_lazy(test);
	objs = slabs_fill(test, zone, 2);
	KUNIT_EXPECT_FALSE(test, rcu_expedite(zone));
	objs_free_rcu(zone, objs, n);
	grace_period_wait();
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_LAZY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, n);
	kmobj_free_rcu(zone, objs[n]);
	KUNIT_EXPECT_NE(test, peek_rcu_state(zone), RCU_LAZY);
	expect_back_soon(test, zone);
	objs_free(zone, objs + n + 1, n - 1);
}

/*
 * Objects that would wait for company for a minute, and begin to wait for a grace
 * period as somebody else makes a pass: they are back when that is over.
 */
static void a_pass_that_others_make_ends_the_wait_for_company(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	pin_here(test);
	be_lazy(test);
	kmobj_free_rcu(zone, obj_make(test, zone));
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_LAZY);
	mutex_lock(&zone->rcu_lock);
	rcu_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_BUSY);
	mutex_unlock(&zone->rcu_lock);
	expect_back_soon(test, zone);
}

static void want_of_memory_hurries_them(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	bool more = false;
	void **objs;

	pin_here(test);
	be_lazy(test);
	free_slab_caches_empty();
	objs = slabs_fill(test, zone, 1);
	kmobj_free_rcu(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_LAZY);
	kunit_activate_static_stub(test, slab_pages_alloc, no_page);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_NOWAIT));
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NE(test, peek_rcu_state(zone), RCU_LAZY);
	expect_back_soon(test, zone);
	/* the shrinker is asked what there is, and for some of it */
	kmobj_free_rcu(zone, objs[1]);
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_LAZY);
	reclaim_count(numa_mem_id());
	KUNIT_EXPECT_NE(test, peek_rcu_state(zone), RCU_LAZY);
	expect_back_soon(test, zone);
	kmobj_free_rcu(zone, objs[2]);
	KUNIT_EXPECT_EQ(test, peek_rcu_state(zone), RCU_LAZY);
	reclaim_scan(numa_mem_id(), ULONG_MAX, &more);
	KUNIT_EXPECT_NE(test, peek_rcu_state(zone), RCU_LAZY);
	KUNIT_EXPECT_TRUE(test, more);
	expect_back_soon(test, zone);
	objs_free(zone, objs + 3, n - 3);
}

static void a_zone_with_a_limit_does_not_wait_for_company(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_one_slab(test);
	void *obj;

	pin_here(test);
	be_lazy(test);
	obj = obj_make(test, zone);
	kmobj_free_rcu(zone, obj);
	KUNIT_EXPECT_NE(test, peek_rcu_state(zone), RCU_LAZY);
	expect_back_soon(test, zone);
}

/* Readers may look until the end; after that it is as for any free. */
static void memory_is_wiped_as_the_kernel_was_told(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct worker *reader;
	void *obj, *keep;
	int there;

	pin_here(test);
	there = other_cpu(test);
	obj = obj_make(test, zone);
	keep = obj_make(test, zone);
	obj_stamp(obj, SMALL, 1);
	reader = reader_start(test, there);
	kmobj_free_rcu(zone, obj);
	schedule_timeout_uninterruptible(HZ / 10);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(obj, SMALL, 1));
	reader_stop(test, reader);
	kmobj_rcu_barrier(zone);
	kasan_disable_current();	/* it is free */
	if (want_init_on_free())
		KUNIT_EXPECT_NULL(test, memchr_inv(obj, 0, SMALL));
	else
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(obj, SMALL, 1));
	kasan_enable_current();
	kmobj_free(zone, keep);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_object_is_handed_out_while_a_reader_may_look),
	KUNIT_CASE(objects_come_back_without_being_asked_for),
	KUNIT_CASE(a_pass_in_between_does_not_make_them_wait_for_long),
	KUNIT_CASE(what_is_freed_later_waits_longer),
	KUNIT_CASE(no_cpu_is_handed_an_object_too_early),
	KUNIT_CASE(a_barrier_waits_for_all_there_are),
	KUNIT_CASE(destroy_waits_for_objects_that_wait),
	KUNIT_CASE(a_second_free_is_refused),
	KUNIT_CASE(a_free_of_what_waits_is_found),
	KUNIT_CASE(what_is_no_object_is_refused),
	KUNIT_CASE(a_slab_that_retires_has_nothing_to_free),
	KUNIT_CASE(a_slab_that_is_on_a_list_does_not_leave),
	KUNIT_CASE(one_slab_waits_for_company_and_two_do_not),
	KUNIT_CASE(a_pass_that_others_make_ends_the_wait_for_company),
	KUNIT_CASE(want_of_memory_hurries_them),
	KUNIT_CASE(a_zone_with_a_limit_does_not_wait_for_company),
	KUNIT_CASE(memory_is_wiped_as_the_kernel_was_told),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_free_rcu",
	.test_cases = cases,
};

kunit_test_suite(suite);
