// SPDX-License-Identifier: GPL-2.0
/*
 * Destroying a zone gives back every page of it; with objects live it waits
 * for them, and meanwhile only frees go on.
 */
#include "internal_kunit.h"

#define PAGES_MAX	64

/* Every slab that came from the page allocator, with a reference of ours. */
static struct page *taken[PAGES_MAX];
static unsigned int nr_taken;

static struct page *take_note(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page = alloc_pages_node(nid, gfp, order);

	if (page && nr_taken < PAGES_MAX) {
		get_page(page);
		taken[nr_taken++] = page;
	}
	return page;
}

/* Slabs that somebody besides us still holds; gives our references back. */
static unsigned int still_held(void)
{
	unsigned int nr = 0;

	while (nr_taken) {
		struct page *page = taken[--nr_taken];

		nr += page_count(page) != 1;
		put_page(page);
	}
	return nr;
}

static void every_page_comes_back(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 2 };
	struct kmobj_zone *zone = zone_make(test, 500, &args);
	unsigned int n = objs_per_slab(zone), made;
	int there;
	void **objs;

	pin_here(test);
	there = other_cpu(test);
	free_slab_caches_empty();
	nr_taken = 0;
	kunit_activate_static_stub(test, slab_pages_alloc, take_note);
	objs = slabs_fill(test, zone, 30);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_EQ(test, nr_taken, 30);
	made = nr_taken;

	/* active or alternate, listed, retiring, freed elsewhere */
	free_on_cpu(test, there, zone, objs, 3 * n);
	poller_pass();
	objs_free(zone, objs + 3 * n, 17 * n);
	free_on_cpu(test, there, zone, objs + 20 * n, 10 * n);
	zone_unmake(test, zone);
	free_slab_caches_empty();
	KUNIT_EXPECT_EQ(test, still_held(), 0);
	KUNIT_EXPECT_EQ(test, made, 30);
}

/* That the case above can fail: a live object is a page that did not. */
static void a_page_with_a_live_object_stays(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 500, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	free_slab_caches_empty();
	nr_taken = 0;
	kunit_activate_static_stub(test, slab_pages_alloc, take_note);
	objs = slabs_fill(test, zone, 5);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	objs_free(zone, objs + 1, 5 * n - 1);
	obj_stamp(objs[0], 500, 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	free_slab_caches_empty();
	KUNIT_EXPECT_EQ(test, still_held(), 1);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(objs[0], 500, 1));
	kmobj_free(zone, objs[0]);
}

static void a_zone_with_live_objects_is_busy(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL), *again;
	const char *name = kmobj_zone_name(zone);
	void *objs[3], *bulk[2];
	unsigned int i;

	pin_here(test);
	for (i = 0; i < 3; i++)
		objs[i] = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);

	/* nothing is handed out any more, by no way in */
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_zalloc(zone, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL |
						 __GFP_THISNODE,
						 numa_mem_id()));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, 2, bulk));
	/* its name is another's to have */
	again = kmobj_zone_create(name, SMALL, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, again);
	/* frees go on, and bad ones are refused */
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 2);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	kmobj_free(zone, objs[1]);
	kmobj_free(zone, objs[2]);
	poller_pass();
	/* the last free frees nothing by itself */
	zones_leave_wait();
	KUNIT_EXPECT_FALSE(test, peek_gone(zone));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	KUNIT_EXPECT_TRUE(test, kmobj_zone_name_taken(name));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(again), 0);
	zone_forget(test, zone);
}

/* What a pass of the poller has leave has left. */
static void pass(void)
{
	poller_pass();
	zones_leave_wait();
}

static void a_zone_destroyed_later_goes_with_its_last_object(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	const char *name = kmobj_zone_name(zone);
	void *objs[3];
	unsigned int i;

	for (i = 0; i < 3; i++)
		objs[i] = obj_make(test, zone);
	log_listen(test);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, log_heard(name, "destroyed with 3 objects live"), 1);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_FALSE(test, kmobj_zone_name_taken(name));
	for (i = 0; i < 2; i++) {
		kmobj_free(zone, objs[i]);
		pass();
		KUNIT_EXPECT_FALSE(test, peek_gone(zone));
	}
	kmobj_free_rcu(zone, objs[2]);
	pass();
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	KUNIT_EXPECT_EQ(test, log_heard(name, "the zone is gone"), 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EINVAL);
	log_ignore(test);
	zone_forget(test, zone);
}

static void a_zone_without_objects_does_not_wait(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	kmobj_free(zone, obj_make(test, zone));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zone), 0);
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	zone_forget(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zone), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(NULL), 0);
}

/* Who said later may still destroy it, and others may have its name, many times. */
static void a_dying_zone_has_a_name_that_no_other_has(struct kunit *test)
{
	char labels[3][KMOBJ_LABEL_MAX];
	struct kmobj_zone *zones[3];
	void *objs[3];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		zones[i] = kmobj_zone_create("kunit-same", SMALL, NULL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zones[i]);
		zone_label(zones[i], labels[i]);
		KUNIT_EXPECT_STREQ(test, labels[i], SHOWN("kunit-same"));
		objs[i] = obj_make(test, zones[i]);
		KUNIT_EXPECT_EQ(test, kmobj_zone_destroy_later(zones[i]), -EBUSY);
		zone_label(zones[i], labels[i]);
		KUNIT_EXPECT_TRUE(test, strstarts(labels[i], "kmobj:dying:"));
		KUNIT_EXPECT_NOT_NULL(test, strstr(labels[i], ":" SHOWN("kunit-same")));
		KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_create(labels[i], SMALL, NULL),
				    (struct kmobj_zone *)ERR_PTR(-EINVAL));
	}
	KUNIT_EXPECT_STRNEQ(test, labels[0], labels[1]);
	KUNIT_EXPECT_STRNEQ(test, labels[1], labels[2]);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zones[0]), -EBUSY);
	for (i = 0; i < 3; i++)
		kmobj_free(zones[i], objs[i]);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zones[0]), 0);
	pass();
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, peek_gone(zones[i]));
}

static void objects_that_other_cpus_hold_free_do_not_keep_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *objs[2];
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs[0] = obj_make(test, zone);
	set_cpus_allowed_ptr(current, cpumask_of(there));
	objs[1] = obj_make(test, zone);
	kmobj_free(zone, objs[1]);	/* free in the active slab of there */
	kmobj_free(zone, objs[0]);	/* remote, not collected */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees_remote, 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	zone_forget(test, zone);
}

static void a_zone_never_used_is_destroyed(struct kunit *test)
{
	struct kmobj_zone *zone = kmobj_zone_create("kunit-unused", 1, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(NULL), 0);
}

/* A zone that was used, and its last object: both gone. */
static struct kmobj_zone *zone_gone(struct kunit *test, size_t size, void **obj)
{
	struct kmobj_zone *zone = kmobj_zone_create("kunit-gone", size, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	*obj = obj_make(test, zone);
	kmobj_free(zone, *obj);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	rcu_barrier();	/* its memory would be another's now */
	return zone;
}

#define OTHERS		100

static void a_zone_destroyed_before_is_no_other_zone(struct kunit *test)
{
	struct kmobj_zone *zone;
	unsigned int i;
	void *obj;

	zone = zone_gone(test, SMALL, &obj);
	for (i = 0; i < OTHERS; i++)
		KUNIT_EXPECT_PTR_NE(test, zone_make(test, SMALL, NULL), zone);
	log_listen(test);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EINVAL);
	KUNIT_EXPECT_EQ(test, log_heard("kunit-gone", "the zone was destroyed before"), 1);
	log_ignore(test);
}

/* By every call that takes a zone. */
static void expect_harmless(struct kunit *test, size_t size)
{
	struct kmobj_zone *zone;
	void *obj, *bulk[2];

	zone = zone_gone(test, size, &obj);
	log_listen(test);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, log_heard("kunit-gone", "allocation refused"), 1);
	KUNIT_EXPECT_NULL(test, kmobj_zalloc(zone, GFP_ATOMIC));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL | __GFP_THISNODE,
						 numa_mem_id()));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, 2, bulk));
	bulk[0] = obj;
	bulk[1] = zone;
	kmobj_free(zone, obj);
	kmobj_free(zone, NULL);
	kmobj_free_bulk(zone, 2, bulk);
	kmobj_free_rcu(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 4);
	KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(zone, obj, 0, NULL, 1), 1);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone), 0);
	KUNIT_EXPECT_EQ(test, log_heard("kunit-gone", "shrink refused"), 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, KMOBJ_UNLIMITED), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, 0);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone), SHOWN("kunit-gone"));
	log_ignore(test);
}

static void a_destroyed_zone_refuses_all(struct kunit *test)
{
	expect_harmless(test, SMALL);
	expect_harmless(test, LARGE);
}

#define REMEMBERED	256	/* as in registry.c */

static void a_zone_destroyed_long_ago_is_forgotten(struct kunit *test)
{
	struct kmobj_zone *zone, *other;
	unsigned int i;
	void *obj;

	zone = zone_gone(test, SMALL, &obj);
	log_listen(test);
	for (i = 1; i <= REMEMBERED; i++) {
		if (i == REMEMBERED)
			KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EINVAL);
		other = kmobj_zone_create("kunit-other", SMALL, NULL);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
		KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(other), 0);
	}
	rcu_barrier();
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EINVAL);
	KUNIT_EXPECT_EQ(test, log_heard("kunit-gone", "the zone was destroyed before"), 1);
	KUNIT_EXPECT_EQ(test, log_heard("destroy of", "refused: not a zone"), 1);
	log_ignore(test);
}

struct departure {
	struct kmobj_zone *zone;
	void **objs;
	size_t nr;
	bool end;
	unsigned long busy;
	int err;
};

static void destroy_until_done(void *data)
{
	struct departure *d = data;

	for (;;) {
		d->err = kmobj_zone_destroy(d->zone);
		if (d->err != -EBUSY)
			return;
		d->busy++;
		/* each try is a line in the log, which has room for some thousands */
		if (d->busy > 100)
			schedule_timeout_uninterruptible(1);
		else
			let_others_run();
	}
}

/* Frees go on as destroy is tried: it succeeds after the last of them. */
static void frees_may_go_on_as_the_zone_is_destroyed(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct departure d = { .zone = zone };
	unsigned int i, nr = 20 * objs_per_slab(zone);
	struct worker *worker;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 20);
	worker = worker_start(test, there, destroy_until_done, &d);
	while (!READ_ONCE(d.busy))
		schedule_timeout_uninterruptible(1);
	for (i = 0; i < nr; i++) {
		kmobj_free(zone, objs[i]);
		if (i % 64 == 0)
			let_others_run();
	}
	worker_join(test, worker);
	zone_forget(test, zone);
	KUNIT_EXPECT_EQ(test, d.err, 0);
	KUNIT_EXPECT_GT(test, d.busy, 0);
}

/* A million, or what a debug kernel does in as many seconds. */
#define CROWD		(AT_FULL_SPEED ? 1000000U : 50000U)

/* In step: everybody allocates, then frees half of its own and of the next's. */
struct crowd {
	struct kmobj_zone *zone;
	unsigned int nr;
	atomic_t allocated;
	void *list[CPUS_AT_WORK][2];
	atomic_t next;
};

static bool list_fill(struct kmobj_zone *zone, void **list, unsigned int nr)
{
	while (nr--) {
		void **obj = kmobj_alloc(zone, GFP_KERNEL);

		if (!obj)
			return false;
		*obj = *list;
		*list = obj;
		if (nr % 1024 == 0)
			let_others_run();
	}
	return true;
}

static void list_free(struct kmobj_zone *zone, void *list, bool by_rcu)
{
	unsigned int nr = 0;

	while (list) {
		void *obj = list;

		list = *(void **)list;
		if (by_rcu)
			kmobj_free_rcu(zone, obj);
		else
			kmobj_free(zone, obj);
		if (++nr % 1024 == 0)
			let_others_run();
	}
}

static void come_and_go(void *data)
{
	struct crowd *c = data;
	unsigned int me = atomic_fetch_inc(&c->next);
	unsigned int each = CROWD / c->nr / 2 + 1;

	list_fill(c->zone, &c->list[me][0], each);
	list_fill(c->zone, &c->list[me][1], each);
	atomic_inc(&c->allocated);
	while (atomic_read(&c->allocated) < c->nr)
		schedule_timeout_uninterruptible(1);
	list_free(c->zone, c->list[me][0], me & 1);
	list_free(c->zone, c->list[(me + 1) % c->nr][1], false);
}

#ifdef CONFIG_SMP
/* Free pages of @zone that @cpu has counted but not added to the sum. */
static long pages_not_added(const struct zone *zone, int cpu)
{
	/* the CPU may be counting */
	return data_race(per_cpu_ptr(zone->per_cpu_zonestats,
				     cpu)->vm_stat_diff[NR_FREE_PAGES]);
}
#else
/* The one CPU counts in the sum. */
static long pages_not_added(const struct zone *zone, int cpu)
{
	return 0;
}
#endif

/* Free pages of @zone that @cpu keeps, or has not added to the sum. */
static long pages_free_on(const struct zone *zone, int cpu)
{
	return pages_not_added(zone, cpu) +
	       /* the CPU may take some, or give some back */
	       data_race(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
}

/* Free pages, with those that CPUs keep: as if those lists were drained. */
static long pages_free(void)
{
	struct zone *zone;
	long pages = 0;
	int nid, cpu;

	for_each_online_node(nid) {
		zone = NODE_DATA(nid)->node_zones;
		for (; zone < NODE_DATA(nid)->node_zones + MAX_NR_ZONES; zone++) {
			if (!populated_zone(zone))
				continue;
			pages += atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]);
			for_each_online_cpu(cpu)
				pages += pages_free_on(zone, cpu);
		}
	}
	return pages;
}

/* All objects live, on all CPUs, then are freed, then the zone is destroyed. */
static void all_come_and_go(struct kunit *test)
{
	struct worker *workers[CPUS_AT_WORK];
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct crowd *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);
	void *last = obj_make(test, zone);
	unsigned int i;
	int cpu;

	KUNIT_ASSERT_NOT_NULL(test, c);
	c->zone = zone;
	c->nr = cpumask_weight(cpus_at_work());
	i = 0;
	for_each_cpu(cpu, cpus_at_work())
		workers[i++] = worker_start(test, cpu, come_and_go, c);
	for (i = 0; i < c->nr; i++)
		worker_join(test, workers[i]);
	KUNIT_EXPECT_GE(test, zone_stats(zone).allocs, CROWD);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	kmobj_free(zone, last);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	zone_forget(test, zone);
	kunit_kfree(test, c);
	free_slab_caches_empty();
}

/*
 * The tolerance is 1 MiB, of the 64 MiB that there were: threads, debugfs and
 * RCU have pages of their own on the way. The first round is not looked at:
 * what the kernel keeps from then on it has in the second. KASAN and kmemleak
 * keep more: there only kmobj's own count is looked at, which is in the rounds.
 */
static void free_pages_are_what_they_were(struct kunit *test)
{
	const long tolerance = (1 << 20) / PAGE_SIZE;
	long before, more;
	unsigned int i;

	all_come_and_go(test);
	rcu_barrier();
	schedule_timeout_uninterruptible(HZ / 2);
	before = pages_free();
	all_come_and_go(test);
	for (i = 0; i < 20; i++) {
		rcu_barrier();
		more = before - pages_free();
		if (abs(more) <= tolerance)
			break;
		schedule_timeout_uninterruptible(HZ / 4);
	}
	kunit_info(test, "%ld pages more are in use\n", more);
	if (!KMOBJ_SANITIZED)
		KUNIT_EXPECT_LE(test, abs(more), tolerance);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(free_pages_are_what_they_were),
	KUNIT_CASE(every_page_comes_back),
	KUNIT_CASE(a_page_with_a_live_object_stays),
	KUNIT_CASE(a_zone_with_live_objects_is_busy),
	KUNIT_CASE(a_zone_destroyed_later_goes_with_its_last_object),
	KUNIT_CASE(a_zone_without_objects_does_not_wait),
	KUNIT_CASE(a_dying_zone_has_a_name_that_no_other_has),
	KUNIT_CASE(objects_that_other_cpus_hold_free_do_not_keep_it),
	KUNIT_CASE(a_zone_never_used_is_destroyed),
	KUNIT_CASE(a_zone_destroyed_before_is_no_other_zone),
	KUNIT_CASE(a_destroyed_zone_refuses_all),
	KUNIT_CASE(a_zone_destroyed_long_ago_is_forgotten),
	KUNIT_CASE(frees_may_go_on_as_the_zone_is_destroyed),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_destroy",
	.test_cases = cases,
};

kunit_test_suite(suite);
