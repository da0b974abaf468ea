// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupts in the middle of sections: they use the CPU's second state, or in
 * the middle of a section of that too the depot, and free as if from another
 * CPU; what they interrupted does not notice.
 */
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>

#include "internal_kunit.h"

static void below_a_section_there_is_a_second_pair(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	int cpu = pin_here(test);
	struct kmobj_cpu *c = cpu_state_on(zone, cpu), *second = c + 1;
	struct kmobj_slab *active;
	void *first, *obj = NULL;
	unsigned long free;

	slabs_in_order(test);
	first = obj_make(test, zone);
	active = peek_active(c);
	free = known_free(zone, active);
	below_section(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(second), slab_at(zone, obj));
	KUNIT_EXPECT_EQ(test, peek_owner(peek_active(second)), cpu | KMOBJ_SECOND);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), active);
	KUNIT_EXPECT_EQ(test, known_free(zone, active), free);
	KUNIT_EXPECT_EQ(test, peek_allocs(second), 1);
	below_section(zone, kmobj_free(zone, obj));
	KUNIT_EXPECT_EQ(test, peek_frees(second), 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(second)), objs_per_slab(zone));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 1);
	zone_expect_sound(test, zone);
	kmobj_free(zone, first);
}

static void the_two_pairs_are_as_two_cpus_to_each_other(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *first, *obj = NULL;

	slabs_in_order(test);
	first = obj_make(test, zone);
	below_section(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_ASSERT_NOT_NULL(test, obj);
	below_section(zone, kmobj_free(zone, first));
	KUNIT_EXPECT_EQ(test, remote_free(zone, peek_active(c)), 1);
	KUNIT_EXPECT_FALSE(test, llist_empty(&c->notified));
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, remote_free(zone, c[1].active), 1);
	KUNIT_EXPECT_FALSE(test, llist_empty(&c[1].notified));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	zone_expect_sound(test, zone);
}

static void a_drained_cpu_gives_up_both_pairs(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *first = obj_make(test, zone), *obj = NULL;

	below_section(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_PTR_EQ(test, c[0].active, &kmobj_no_slab);
	KUNIT_EXPECT_PTR_EQ(test, c[1].active, &kmobj_no_slab);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, obj)), KMOBJ_OWNER_DEPOT);
	zone_expect_sound(test, zone);
	kmobj_free(zone, first);
	kmobj_free(zone, obj);
}

static void an_alloc_below_both_sections_takes_from_the_depot(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = depot_fill(test, zone, 3);

	kmobj_free(zone, objs[n]);	/* the depot's */
	kmobj_free(zone, objs[0]);	/* its slab is the alternate */
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), slab_at(zone, objs[0]));
	KUNIT_EXPECT_PTR_EQ(test, nested_alloc(zone), objs[n]);
	KUNIT_EXPECT_EQ(test, peek_allocs_nested(c), 1);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	zone_unlock(test, zone);
	objs_free(zone, objs, 3 * n);
}

static void an_alloc_below_both_sections_may_make_a_slab(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void *first = obj_make(test, zone), *second;
	struct kmobj_slab *active = peek_active(c);

	second = nested_alloc(zone);
	KUNIT_ASSERT_NOT_NULL(test, second);
	KUNIT_EXPECT_PTR_EQ(test, peek_active(c), active);
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, second), active);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, second)), KMOBJ_OWNER_DEPOT);
	zone_expect_sound(test, zone);
	kmobj_free(zone, first);
	kmobj_free(zone, second);
}

static void a_free_below_both_sections_leaves_the_bitmap_alone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 1);

	nested_free(zone, objs + 3, 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(c)), 0);
	KUNIT_EXPECT_EQ(test, remote_free(zone, peek_active(c)), 1);
	KUNIT_EXPECT_EQ(test, peek_frees(c), 0);
	KUNIT_EXPECT_EQ(test, peek_frees_nested(c), 1);
	/* and comes home when the slab is searched */
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[3]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	objs_free(zone, objs, n);
}

static void a_second_free_below_both_sections_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *objs[2], *live;

	pin_here(test);
	live = obj_make(test, zone);
	objs[0] = obj_make(test, zone);
	objs[1] = objs[0];
	nested_free(zone, objs, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	kmobj_free(zone, live);
}

#define HELD		16
#define SHARED		8
#define SIZE		128

/*
 * A task and an interrupt of its CPU use one zone, and hand each other objects
 * through shared[]. Each object is stamped with its address and its maker.
 */
struct storm {
	struct kmobj_zone *zone;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
	struct irq_work work;
	void *held[HELD];		/* the interrupt's */
	void *shared[SHARED];
	u32 random;			/* the interrupt's */
	unsigned long interrupts, fails, wrong, elsewhere;
	bool end;
};

static u64 stamp_for(void *obj)
{
	return (unsigned long)obj * 0x9e3779b97f4a7c15ULL;
}

static bool storm_alloc(struct storm *storm, void **where, gfp_t gfp)
{
	*where = kmobj_alloc(storm->zone, gfp);
	if (*where)
		obj_stamp(*where, SIZE, stamp_for(*where));
	return *where;
}

static bool storm_free(struct storm *storm, void **where)
{
	void *obj = *where;
	bool good;

	if (!obj)
		return true;
	*where = NULL;
	good = obj_has_stamp(obj, SIZE, stamp_for(obj));
	memset(obj, 0xdd, SIZE);
	kmobj_free(storm->zone, obj);
	return good;
}

static void storm_trade(struct storm *storm, void **where, u32 random)
{
	*where = xchg(&storm->shared[random % SHARED], *where);
}

static void interrupt(struct storm *storm)
{
	unsigned int i;

	storm->interrupts++;
	for (i = 0; i < 4; i++) {
		u32 random = xorshift(&storm->random);
		void **where = &storm->held[random / SHARED % HELD];

		if (!*where)
			storm->fails += !storm_alloc(storm, where, GFP_ATOMIC);
		else if (random >> 31)
			storm_trade(storm, where, random);
		else
			storm->wrong += !storm_free(storm, where);
	}
}

static ktime_t storm_interval(void)
{
	return us_to_ktime(AT_FULL_SPEED ? 50 : 1000);
}

static enum hrtimer_restart on_hard_timer(struct hrtimer *timer)
{
	struct storm *storm = container_of(timer, struct storm, timer);

	storm->elsewhere += !in_hardirq();
	interrupt(storm);
	if (READ_ONCE(storm->end))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, storm_interval());
	return HRTIMER_RESTART;
}

static enum hrtimer_restart on_soft_timer(struct hrtimer *timer)
{
	struct storm *storm = container_of(timer, struct storm, timer);

	storm->elsewhere += !in_serving_softirq();
	interrupt(storm);
	if (READ_ONCE(storm->end))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, storm_interval());
	return HRTIMER_RESTART;
}

static void on_tasklet(struct tasklet_struct *tasklet)
{
	struct storm *storm = container_of(tasklet, struct storm, tasklet);

	storm->elsewhere += !in_serving_softirq();
	interrupt(storm);
}

static void on_irq_work(struct irq_work *work)
{
	struct storm *storm = container_of(work, struct storm, work);

	storm->elsewhere += !in_hardirq();
	interrupt(storm);
}

/* From hardirq: pass_queue the context that does the work. */
static enum hrtimer_restart on_kick(struct hrtimer *timer)
{
	struct storm *storm = container_of(timer, struct storm, timer);

	if (storm->work.func)
		irq_work_queue(&storm->work);
	else
		tasklet_schedule(&storm->tasklet);
	if (READ_ONCE(storm->end))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, storm_interval());
	return HRTIMER_RESTART;
}

struct context {
	const char *what;
	enum hrtimer_restart (*fn)(struct hrtimer *timer);
	enum hrtimer_mode mode;
	bool irq_work;
};

static const struct context contexts[] = {
	{ "hrtimer in hardirq", on_hard_timer, HRTIMER_MODE_REL_PINNED },
	{ "hrtimer in softirq", on_soft_timer, HRTIMER_MODE_REL_PINNED_SOFT },
	{ "tasklet", on_kick, HRTIMER_MODE_REL_PINNED },
	{ "irq_work", on_kick, HRTIMER_MODE_REL_PINNED, true },
};

static void context_desc(const struct context *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(context, contexts, context_desc);

static void storm_start(struct storm *storm, const struct context *c)
{
	storm->random = tests_seed();
	if (c->irq_work)
		init_irq_work(&storm->work, on_irq_work);
	tasklet_setup(&storm->tasklet, on_tasklet);
	hrtimer_setup(&storm->timer, c->fn, CLOCK_MONOTONIC, c->mode);
	hrtimer_start(&storm->timer, storm_interval(), c->mode);
}

static void storm_stop(struct storm *storm)
{
	WRITE_ONCE(storm->end, true);
	hrtimer_cancel(&storm->timer);
	irq_work_sync(&storm->work);
	tasklet_kill(&storm->tasklet);
}

/* What interrupts use that find a section of the first state open. */
static struct kmobj_cpu *storm_second(const struct storm *storm)
{
	return cpu_state_on(storm->zone, raw_smp_processor_id()) + 1;
}

static bool storm_met_sections(const struct storm *storm)
{
	return peek_allocs(storm_second(storm)) >= 3;
}

/* Sections by the thousand, until an interrupt fell into enough of them. */
static unsigned long storm_ride(struct storm *storm)
{
	unsigned long end = jiffies + 20 * HZ, wrong = 0;
	u32 random = tests_seed() ^ 0x55555555;
	void *held[HELD] = {};
	unsigned int i;

	while (time_before(jiffies, end)) {
		if (READ_ONCE(storm->interrupts) >= 100 &&
		    storm_met_sections(storm) &&
		    zone_stats(storm->zone).frees_remote >= 3)
			break;
		for (i = 0; i < 2000; i++) {
			u32 r = xorshift(&random);
			void **where = &held[r / SHARED % HELD];

			if (!*where)
				storm_alloc(storm, where, GFP_KERNEL);
			else if (r >> 29 == 7)
				storm_trade(storm, where, r);
			else
				wrong += !storm_free(storm, where);
		}
		let_others_run();
	}
	for (i = 0; i < HELD; i++)
		wrong += !storm_free(storm, &held[i]);
	return wrong;
}

static void an_interrupt_may_do_as_it_likes_in_a_section(struct kunit *test)
{
	const struct context *c = test->param_value;
	struct storm *storm = kunit_kzalloc(test, sizeof(*storm), GFP_KERNEL);
	unsigned long wrong;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, storm);
	storm->zone = zone_make(test, SIZE, NULL);
	pin_here(test);
	storm_start(storm, c);
	wrong = storm_ride(storm);
	storm_stop(storm);
	for (i = 0; i < HELD; i++)
		wrong += !storm_free(storm, &storm->held[i]);
	for (i = 0; i < SHARED; i++)
		wrong += !storm_free(storm, &storm->shared[i]);

	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, storm->wrong, 0);
	KUNIT_EXPECT_EQ(test, storm->fails, 0);
	KUNIT_EXPECT_EQ(test, storm->elsewhere, 0);
	KUNIT_EXPECT_GE(test, storm->interrupts, 100);
	/* sections were found open, or the test has shown nothing */
	KUNIT_EXPECT_TRUE(test, storm_met_sections(storm));
	KUNIT_EXPECT_GE(test, zone_stats(storm->zone).frees_remote, 3);
	KUNIT_EXPECT_EQ(test, zone_stats(storm->zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(storm->zone), 0);
	kunit_info(test, "%lu interrupts, %lu allocations of theirs found a section open; %lu frees were remote",
		   storm->interrupts, peek_allocs(storm_second(storm)),
		   zone_stats(storm->zone).frees_remote);
}

/* So large that the page allocator has none at hand and takes its lock. */
static struct kmobj_zone *zone_of_large_slabs(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = min(PAGE_ALLOC_COSTLY_ORDER + 1, KMOBJ_ORDER_MAX),
	};

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "the page allocator is not to be had there");
	free_slab_caches_empty();
	return zone_make(test, 1000, &args);
}

static void it_works_with_interrupts_off(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_large_slabs(test);
	unsigned int i, nr = 3 * objs_per_slab(zone), got = 0;
	unsigned long flags;
	void **objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	local_irq_save(flags);
	for (i = 0; i < nr; i++) {
		objs[i] = kmobj_alloc(zone, GFP_ATOMIC | __GFP_NOWARN);
		got += !!objs[i];
	}
	objs_free(zone, objs, nr / 2);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, got, nr);
	objs_free(zone, objs + nr / 2, nr - nr / 2);
}

struct one_shot {
	struct hrtimer timer;
	struct kmobj_zone *zone;
	void *obj;
	bool in_hardirq, done;
};

static enum hrtimer_restart on_one_shot(struct hrtimer *timer)
{
	struct one_shot *shot = container_of(timer, struct one_shot, timer);

	shot->in_hardirq = in_hardirq();
	shot->obj = kmobj_alloc(shot->zone, GFP_ATOMIC | __GFP_NOWARN);
	WRITE_ONCE(shot->done, true);
	return HRTIMER_NORESTART;
}

static void a_hard_interrupt_may_make_a_slab(struct kunit *test)
{
	struct one_shot *shot = kunit_kzalloc(test, sizeof(*shot), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shot);
	shot->zone = zone_of_large_slabs(test);
	hrtimer_setup(&shot->timer, on_one_shot, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	hrtimer_start(&shot->timer, 1000, HRTIMER_MODE_REL);
	while (!READ_ONCE(shot->done))
		schedule_timeout_uninterruptible(1);
	hrtimer_cancel(&shot->timer);
	KUNIT_EXPECT_TRUE(test, shot->in_hardirq);
	KUNIT_EXPECT_NOT_NULL(test, shot->obj);
	KUNIT_EXPECT_EQ(test, zone_stats(shot->zone).slabs_made, 1);
	kmobj_free(shot->zone, shot->obj);
}

/* Below an interrupted section: from the depot, one at a time. */
static void a_bulk_below_a_section_leaves_the_pair_alone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	size_t nr = objs_per_slab(zone) + 5, i, inside = 0;
	void **objs = kunit_kcalloc(test, nr + 1, sizeof(*objs), GFP_KERNEL);
	void *mine = obj_make(test, zone);
	struct kmobj_slab *active = peek_active(c);
	unsigned long free = known_free(zone, active), allocs = peek_allocs(c);
	bool got;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	below_sections(zone, got = kmobj_alloc_bulk(zone, GFP_ATOMIC, nr, objs));
	KUNIT_ASSERT_TRUE(test, got);
	for (i = 0; i < nr; i++)
		inside += slab_at(zone, objs[i]) == active;
	KUNIT_EXPECT_EQ(test, inside, 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, active), free);
	KUNIT_EXPECT_EQ(test, peek_allocs(c), allocs);
	KUNIT_EXPECT_EQ(test, peek_allocs_nested(c), nr);
	zone_expect_sound(test, zone);

	objs[nr] = mine;
	below_sections(zone, kmobj_free_bulk(zone, nr + 1, objs));
	KUNIT_EXPECT_EQ(test, peek_frees(c), 0);
	KUNIT_EXPECT_EQ(test, peek_frees_nested(c), nr + 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, active), free);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(below_a_section_there_is_a_second_pair),
	KUNIT_CASE(the_two_pairs_are_as_two_cpus_to_each_other),
	KUNIT_CASE(a_drained_cpu_gives_up_both_pairs),
	KUNIT_CASE(an_alloc_below_both_sections_takes_from_the_depot),
	KUNIT_CASE(an_alloc_below_both_sections_may_make_a_slab),
	KUNIT_CASE(a_free_below_both_sections_leaves_the_bitmap_alone),
	KUNIT_CASE(a_second_free_below_both_sections_is_refused),
	KUNIT_CASE_PARAM(an_interrupt_may_do_as_it_likes_in_a_section,
			 context_gen_params),
	KUNIT_CASE(it_works_with_interrupts_off),
	KUNIT_CASE(a_hard_interrupt_may_make_a_slab),
	KUNIT_CASE(a_bulk_below_a_section_leaves_the_pair_alone),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_interrupts",
	.test_cases = cases,
};

kunit_test_suite(suite);
