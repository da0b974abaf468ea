// SPDX-License-Identifier: GPL-2.0
/*
 * What a CPU owns besides active and alternate: full slabs stay its own until somebody
 * frees into them; those with free objects are its reserve; what an idle CPU
 * holds, the poller takes.
 */
#include "internal_kunit.h"

static void a_free_by_its_cpu_makes_a_slab_the_alternate(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c) | KMOBJ_FULL_OWNED);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c));
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), slab);
	/* the alternate had nothing to offer, and lies dormant in its place */
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[n])),
			peek_self(c) | KMOBJ_FULL_OWNED);
	/* and all frees that follow are plain stores */
	objs_free(zone, objs + 1, n - 1);
	KUNIT_EXPECT_EQ(test, peek_frees(c), n);
	KUNIT_EXPECT_EQ(test, peek_frees_remote(c) + peek_frees_nested(c), 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), n);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + n, 2 * n);
}

/* One object free in the alternate, so that what wakes goes to the reserve. */
static void **reserve_fill(struct kunit *test, struct kmobj_zone *zone,
			   unsigned int nr)
{
	unsigned int i, n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, nr + 2);

	zone_lock(test, zone);
	kmobj_free(zone, objs[nr * n]);
	for (i = 0; i < nr; i++)
		kmobj_free(zone, objs[i * n]);
	return objs;
}

/* Everything that reserve_fill() left live. */
static void reserve_free_rest(struct kmobj_zone *zone, void **objs,
			      unsigned int nr)
{
	unsigned int i, n = objs_per_slab(zone);

	for (i = 0; i <= nr; i++)
		objs_free(zone, objs + i * n + 1, n - 1);
	objs_free(zone, objs + (nr + 1) * n, n);
}

static void or_puts_it_into_the_reserve_if_the_alternate_has_free_objects(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 2);
	unsigned int n = objs_per_slab(zone);

	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 2);
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), slab_at(zone, objs[2 * n]));
	KUNIT_EXPECT_PTR_EQ(test, c->reserve, slab_at(zone, objs[n]));
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])), peek_self(c));
	KUNIT_EXPECT_EQ(test, peek_frees(c), 3);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	reserve_free_rest(zone, objs, 2);
}

static void a_free_by_another_cpu_tells_the_owner_once(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 3);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);
	struct kmobj_remote *remote = slab_remote(zone, slab);

	zone_lock(test, zone);
	free_on_cpu(test, there, zone, objs, 2);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c) | KMOBJ_FULL_OWNED);
	KUNIT_EXPECT_EQ(test, remote->notified, 1);
	KUNIT_EXPECT_PTR_EQ(test, c->notified.first, &remote->node);
	KUNIT_EXPECT_NULL(test, remote->node.next);
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 2);
	/* who looks when its two slabs are full, and before it asks anybody else */
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)), slab);
	KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)), slab);
	KUNIT_EXPECT_EQ(test, remote->notified, 0);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 3);
	/* and is told again */
	free_on_cpu(test, there, zone, objs, 1);
	KUNIT_EXPECT_EQ(test, remote->notified, 1);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, 3 * n);
}

static void the_reserve_serves_before_the_depot_last_in_first_out(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = depot_fill(test, zone, 5);

	kmobj_free(zone, objs[3 * n]);		/* the depot's */
	kmobj_free(zone, objs[0]);		/* the alternate's */
	kmobj_free(zone, objs[n]);
	kmobj_free(zone, objs[2 * n]);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 2);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[2 * n]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[n]);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 0);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[3 * n]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 5);
	zone_unlock(test, zone);
	objs_free(zone, objs, 5 * n);
}

static void an_interrupt_does_not_use_the_reserve(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 1), *obj;
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	obj = nested_alloc(zone);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	KUNIT_EXPECT_PTR_NE(test, slab_at(zone, obj), slab);
	nested_free(zone, objs + 1, 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 1);
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 1);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c));
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs[1] = obj;
	reserve_free_rest(zone, objs, 1);
}

static void a_cpu_does_without_lists_that_the_poller_has(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	void **objs = slabs_fill(test, zone, 3), *obj;
	struct kmobj_slab *slab = slab_at(zone, objs[0]);

	zone_lock(test, zone);
	WRITE_ONCE(c->reserve_state, RESERVE_TAKEN);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), peek_self(c) | KMOBJ_FULL_OWNED);
	KUNIT_EXPECT_EQ(test, peek_told(zone, slab), 1);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 4);
	WRITE_ONCE(c->reserve_state, RESERVE_OPEN);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	objs_free(zone, objs + 1, 3 * n - 1);
}

/* Freeze, a grace period, take, a grace period, give. */
static void what_an_idle_cpu_holds_goes_to_the_depot(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 2);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);
	unsigned int i;

	leave_cpus_alone(test);
	for (i = 0; i < 8 && peek_owner(slab) != KMOBJ_OWNER_DEPOT; i++) {
		zone_pass(zone);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, peek_listed(slab), 1);
	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 0);
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_OPEN);
	/* active and alternate are its own all the same */
	KUNIT_EXPECT_EQ(test, peek_owner(peek_active(c)), peek_self(c));
	KUNIT_EXPECT_EQ(test, peek_owner(peek_alternate(c)), peek_self(c));
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	reserve_free_rest(zone, objs, 2);
}

struct elsewhere {
	struct kmobj_zone *zone;
	void **objs;
	size_t nr, got;
};

static void alloc_elsewhere(void *data)
{
	struct elsewhere *e = data;

	for (e->got = 0; e->got < e->nr; e->got++) {
		e->objs[e->got] = kmobj_alloc(e->zone, GFP_KERNEL);
		if (!e->objs[e->got])
			break;
	}
}

static void what_an_idle_cpu_was_told_goes_to_the_depot(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone);
	struct elsewhere e = { .zone = zone, .nr = 3 * n };
	struct kmobj_slab *slab;
	int there;

	leave_cpus_alone(test);
	pin_here(test);
	there = other_cpu(test);
	e.objs = kunit_kcalloc(test, e.nr, sizeof(*e.objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, e.objs);
	on_cpu(test, there, alloc_elsewhere, &e);
	KUNIT_ASSERT_EQ(test, e.got, e.nr);
	slab = slab_at(zone, e.objs[0]);
	zone_lock(test, zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), there | KMOBJ_FULL_OWNED);
	objs_free(zone, e.objs, n);
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), n);
	for (i = 0; i < 8 && peek_owner(slab) != KMOBJ_OWNER_DEPOT; i++) {
		zone_pass(zone);
		grace_period_wait();
	}
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, peek_listed(slab), KMOBJ_BIN_FREE + 1);
	KUNIT_EXPECT_EQ(test, peek_told(zone, slab), 0);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, e.objs + n, 2 * n);
}

/* A slow path of this CPU's that its two slabs alone can serve in the end. */
static void come_by(struct kunit *test, struct kmobj_zone *zone, void *obj)
{
	nested_free(zone, &obj, 1);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), obj);
}

static void a_cpu_that_comes_by_keeps_its_lists(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 1), *obj;
	unsigned int i, n = objs_per_slab(zone);

	leave_cpus_alone(test);
	for (i = 0; i < 4 && peek_reserve_state(c) != RESERVE_FROZEN; i++)
		zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_FROZEN);
	obj = obj_make(test, zone);	/* the alternate's: a fast path */
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_FROZEN);
	come_by(test, zone, objs[2 * n]);
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_OPEN);
	grace_period_wait();
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_OPEN);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	reserve_free_rest(zone, objs, 1);
}

static void a_cpu_that_comes_by_gives_up_what_it_did_not_use(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 2), *obj;
	unsigned int i, n = objs_per_slab(zone);

	leave_cpus_alone(test);
	obj = obj_make(test, zone);	/* the alternate's: both are full */
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), i < 2 ? 2 : 0);
		zone_pass(zone);
		come_by(test, zone, objs[3 * n]);
	}
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	kmobj_free(zone, obj);
	reserve_free_rest(zone, objs, 2);
}

/* A section that found the lists open may still be at them. */
static void what_is_frozen_waits_for_sections_to_end(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	int there = other_cpu(test);
	void **objs = reserve_fill(test, zone, 1);
	struct worker *reader;
	bool waited = true, frozen;
	unsigned int i;

	leave_cpus_alone(test);
	reader = reader_start(test, there);
	for (i = 0; i < 6; i++) {
		zone_pass(zone);
		waited &= peek_nr_reserve(c) == 1;
	}
	frozen = peek_reserve_state(c) == RESERVE_FROZEN;
	reader_stop(test, reader);
	KUNIT_EXPECT_TRUE(test, frozen);
	KUNIT_EXPECT_TRUE(test, waited);
	zone_unlock(test, zone);
	reserve_free_rest(zone, objs, 1);
}

/* A section that saw the slab as its CPU's may still be storing into it. */
static void what_is_disowned_waits_for_sections_to_end(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	int there = other_cpu(test);
	void **objs = reserve_fill(test, zone, 1);
	struct kmobj_slab *slab = slab_at(zone, objs[0]);
	struct worker *reader;
	bool waited = true;
	unsigned int i;

	leave_cpus_alone(test);
	for (i = 0; i < 4 && peek_reserve_state(c) != RESERVE_FROZEN; i++)
		zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_reserve_state(c), RESERVE_FROZEN);
	grace_period_wait();
	reader = reader_start(test, there);
	for (i = 0; i < 5; i++) {
		zone_pass(zone);
		waited &= peek_owner(slab) == KMOBJ_OWNER_IN_TRANSIT;
	}
	kmobj_free(zone, objs[1]);	/* told nobody: there is nobody */
	waited &= known_free(zone, slab) == 1 && remote_free(zone, slab) == 1;
	reader_stop(test, reader);
	KUNIT_EXPECT_TRUE(test, waited);
	KUNIT_EXPECT_EQ(test, peek_told(zone, slab), 0);
	grace_period_wait();
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 2);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs[1] = obj_make(test, zone);	/* the alternate's */
	reserve_free_rest(zone, objs, 1);
}

static void a_small_limit_leaves_no_room_for_a_reserve(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = 4 * (PAGE_SIZE << 1),
	};
	struct kmobj_zone *zone = zone_make(test, 256, &args);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = reserve_fill(test, zone, 2);

	KUNIT_EXPECT_EQ(test, peek_nr_reserve(c), 0);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_DEPOT);
	zone_unlock(test, zone);
	reserve_free_rest(zone, objs, 2);
}

static void shrinking_takes_all_reserves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 5);
	objs_free(zone, objs, 5 * n);
	KUNIT_EXPECT_EQ(test, kmobj_zone_shrink(zone),
			5 * zone_stats(zone).slab_bytes);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_free_by_its_cpu_makes_a_slab_the_alternate),
	KUNIT_CASE(or_puts_it_into_the_reserve_if_the_alternate_has_free_objects),
	KUNIT_CASE(a_free_by_another_cpu_tells_the_owner_once),
	KUNIT_CASE(the_reserve_serves_before_the_depot_last_in_first_out),
	KUNIT_CASE(an_interrupt_does_not_use_the_reserve),
	KUNIT_CASE(a_cpu_does_without_lists_that_the_poller_has),
	KUNIT_CASE(what_an_idle_cpu_holds_goes_to_the_depot),
	KUNIT_CASE(what_an_idle_cpu_was_told_goes_to_the_depot),
	KUNIT_CASE(a_cpu_that_comes_by_keeps_its_lists),
	KUNIT_CASE(a_cpu_that_comes_by_gives_up_what_it_did_not_use),
	KUNIT_CASE(what_is_frozen_waits_for_sections_to_end),
	KUNIT_CASE(what_is_disowned_waits_for_sections_to_end),
	KUNIT_CASE(a_small_limit_leaves_no_room_for_a_reserve),
	KUNIT_CASE(shrinking_takes_all_reserves),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_reserve",
	.test_cases = cases,
};

kunit_test_suite(suite);
