// SPDX-License-Identifier: GPL-2.0
/*
 * A slab whose header was written over: found at the next free into it, out of
 * service from then on, and given back when the zone goes.
 */
#include "internal_kunit.h"

/* Where the slab is when its header is written over. */
enum place { ACTIVE, DORMANT, TOLD, LISTED, FULL };

struct damage {
	const char *what;
	enum place place;
	size_t from, to;		/* bytes of the header */
};

#define COOKIE		offsetof(struct kmobj_slab, cookie)
#define COOKIE_END	offsetofend(struct kmobj_slab, cookie)
#define FIRST_LINE	offsetof(struct kmobj_slab, hint)

static const struct damage damages[] = {
	{ "active, the cookie", ACTIVE, COOKIE, COOKIE_END },
	{ "active, all of its first line", ACTIVE, 0, FIRST_LINE },
	{ "dormant, the cookie", DORMANT, COOKIE, COOKIE_END },
	{ "dormant, all of its first line", DORMANT, 0, FIRST_LINE },
	{ "told, the cookie", TOLD, COOKIE, COOKIE_END },
	{ "told, all of its first line", TOLD, 0, FIRST_LINE },
	{ "listed, the cookie", LISTED, COOKIE, COOKIE_END },
	{ "listed, all of its first line", LISTED, 0, FIRST_LINE },
	{ "full, the cookie", FULL, COOKIE, COOKIE_END },
	{ "full, all of its first line", FULL, 0, FIRST_LINE },
};

static void damage_desc(const struct damage *damage, char *desc)
{
	strscpy(desc, damage->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(damage, damages, damage_desc);

/* Four full slabs, of which the second one is where the case wants it. */
static void **scene_set(struct kunit *test, struct kmobj_zone *zone,
			enum place place)
{
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 4);

	if (place == DORMANT)
		return objs;
	if (place == TOLD) {
		nested_free(zone, objs + n, 2);
		return objs;
	}
	if (place == ACTIVE) {
		/* the one that was freed into last */
		kmobj_free(zone, objs[n]);
		kmobj_free(zone, objs[n + 1]);
		return objs;
	}
	zone_drain(zone);
	nested_free(zone, objs, 1);
	if (place == LISTED)
		nested_free(zone, objs + n, 2);
	nested_free(zone, objs + 2 * n, 1);
	return objs;
}

static bool lies_in(struct kmobj_zone *zone, struct kmobj_slab *slab, void *obj)
{
	return obj && slab_at(zone, obj) == slab;
}

static void expect_out_of_service(struct kunit *test, unsigned int size)
{
	const struct damage *damage = test->param_value;
	struct kmobj_zone *zone = zone_make(test, size, NULL);
	unsigned int i, n = objs_per_slab(zone), free = 0, into = 0;
	struct kmobj_slab *slab;
	void **objs, *obj;

	pin_here(test);
	zone_lock(test, zone);
	objs = scene_set(test, zone, damage->place);
	if (damage->place != DORMANT && damage->place != FULL)
		free = 2;
	slab = slab_at(zone, objs[n]);
	memset((void *)slab + damage->from, 0x5a, damage->to - damage->from);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 0);

	/* found by the first free, said once */
	kmobj_free(zone, objs[n + free]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 0);
	kmobj_free(zone, objs[n + free + 1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	/* second frees are found in it as ever */
	kmobj_free(zone, objs[n + free]);
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);

	/* nothing is handed out of it, whoever asks */
	for (i = 0; i < 2 * n; i++) {
		obj = i % 2 ? nested_alloc(zone) : obj_make(test, zone);
		into += lies_in(zone, slab, obj);
		kmobj_free(zone, obj);
	}
	KUNIT_EXPECT_EQ(test, into, 0);
	/* nor is it on the list of a CPU that there is not */
	KUNIT_EXPECT_EQ(test, peek_told(zone, slab), 0);
	zone_pass(zone);
	zone_unlock(test, zone);

	/* its pages stay while its objects live, and go with the zone */
	zone_forget(test, zone);
	for (i = 0; i < 4 * n; i++) {
		obj = objs[i];
		if (i != 2 * n - 1 && !slab_is_free(zone, slab_at(zone, obj),
						    slab_index(zone, obj)))
			kmobj_free(zone, obj);
	}
	KUNIT_EXPECT_EQ(test, bad_frees_of(zone), 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	kmobj_free(zone, objs[2 * n - 1]);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void a_damaged_slab_is_taken_out_of_service(struct kunit *test)
{
	expect_out_of_service(test, SMALL);
}

static void a_damaged_header_off_its_slab_is_too(struct kunit *test)
{
	expect_out_of_service(test, LARGE);
}

/* Of a zone with @flags. */
static void expect_home(struct kunit *test, unsigned int flags)
{
	const struct kmobj_zone_args args = { .flags = flags };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 1);

	zone_forget(test, zone);
	kmobj_free_rcu(zone, objs[0]);
	WRITE_ONCE(slab_at(zone, objs[0])->cookie, 0x5a);
	kmobj_free(zone, objs[1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	/* by RCU too, once */
	kmobj_free_rcu(zone, objs[2]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	kmobj_free_rcu(zone, objs[2]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	objs_free(zone, objs + 3, n - 3);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void what_waits_for_rcu_in_it_comes_home(struct kunit *test)
{
	pin_here(test);
	be_lazy(test);
	expect_home(test, 0);
	expect_home(test, KMOBJ_RED_ZONE);
}

/* As if a free had put it there after a pass had found its bit. */
static void no_list_of_rcu_has_a_slab_that_is_gone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 2);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_forget(test, zone);
	WRITE_ONCE(slab_remote(zone, slab)->rcu_queued, 1);
	llist_add(&slab->rcu, &c->rcu);
	WRITE_ONCE(slab->cookie, 0x5a);
	objs_free(zone, objs, n);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 1);
	KUNIT_EXPECT_TRUE(test, llist_empty(&c->rcu));
	objs_free(zone, objs + n, n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void one_on_its_way_out_is_not_counted_as_such(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	slab = slab_at(zone, objs[0]);
	zone_lock(test, zone);
	objs_free(zone, objs, objs_per_slab(zone));
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_leaving(peek_depot(zone, peek_node(slab))), 1);
	WRITE_ONCE(slab->cookie, 0x5a);
	kmobj_free(zone, objs[0]);	/* a second time */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	KUNIT_EXPECT_EQ(test, peek_leaving(peek_depot(zone, peek_node(slab))), 0);
	zone_unlock(test, zone);
	zone_forget(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

/* It is on no list, and says that it is: no free puts it on one. */
static void one_that_is_lost_leaves_with_its_zone(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	slab = slab_at(zone, objs[0]);
	WRITE_ONCE(slab->listed, 1);
	zone_unlock(test, zone);
	objs_free(zone, objs, 2 * objs_per_slab(zone));
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	zone_forget(test, zone);
	log_listen(test);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
	KUNIT_EXPECT_EQ(test, log_heard("the header of a slab", "was written over"), 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_list_of_rcu_has_a_slab_that_is_gone),
	KUNIT_CASE(one_on_its_way_out_is_not_counted_as_such),
	KUNIT_CASE(one_that_is_lost_leaves_with_its_zone),
	KUNIT_CASE(what_waits_for_rcu_in_it_comes_home),
	KUNIT_CASE_PARAM(a_damaged_slab_is_taken_out_of_service,
			 damage_gen_params),
	KUNIT_CASE_PARAM(a_damaged_header_off_its_slab_is_too,
			 damage_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_corrupt",
	.test_cases = cases,
};

kunit_test_suite(suite);
