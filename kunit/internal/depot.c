// SPDX-License-Identifier: GPL-2.0
/*
 * The depot: the fullest slab serves first, and no slab with a free object is
 * ever on no list, whoever frees when.
 */
#include "internal_kunit.h"

static struct kmobj_depot *depot_at(struct kmobj_zone *zone, const void *obj)
{
	return peek_depot(zone, peek_node(slab_at(zone, obj)));
}

static void a_full_slab_is_listed_by_its_first_free(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	slab = slab_at(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, peek_listed(slab), KMOBJ_UNLISTED);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_EQ(test, peek_listed(slab), 1);
	KUNIT_EXPECT_EQ(test, peek_bin(depot_at(zone, objs[0]), 0), 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 1, 2 * n - 1);
}

static void a_slab_that_fills_up_is_unlisted_and_listed_again(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	slab = slab_at(zone, objs[0]);
	for (i = 0; i < 10; i++) {
		kmobj_free(zone, objs[i]);
		KUNIT_EXPECT_NE(test, peek_listed(slab), KMOBJ_UNLISTED);
		objs[i] = nested_alloc(zone);
		KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, objs[i]), slab);
		KUNIT_EXPECT_EQ(test, peek_listed(slab), KMOBJ_UNLISTED);
		KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	}
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, 2 * n);
}

/* Slabs with 1, a third, two thirds, all but one and all objects free. */
static void the_fullest_partial_slab_serves_first(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone), i, s, slabs = 5;
	const unsigned int nr_free[] = { 1, n / 3, 2 * n / 3, n - 1, n };
	/* freed in another order than the one they shall serve in */
	const unsigned int order[] = { 3, 0, 4, 2, 1 };
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	void **objs = slabs_fill(test, zone, slabs);
	struct kmobj_depot *depot = depot_at(zone, objs[0]);
	unsigned int bin;

	zone_lock(test, zone);
	for (i = 0; i < slabs; i++) {
		s = order[i];
		objs_free(zone, objs + s * n, nr_free[s]);
	}
	zone_drain(zone);
	for (bin = 0; bin <= KMOBJ_BIN_FREE; bin++)
		KUNIT_EXPECT_EQ(test, peek_bin(depot, bin), 1);

	for (s = 0; s < slabs; s++) {
		for (i = 0; i < nr_free[s]; i++) {
			void *obj = obj_make(test, zone);

			KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj),
					    slab_at(zone, objs[s * n]));
		}
		KUNIT_EXPECT_PTR_EQ(test, peek_active(c),
				    slab_at(zone, objs[s * n]));
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, slabs);
	zone_unlock(test, zone);
	objs_free(zone, objs, slabs * n);
}

static void the_slab_listed_last_serves_first_of_its_bin(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[n]);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[n]);
	zone_unlock(test, zone);
	objs_free(zone, objs + 1, 2 * n - 1);
}

static void sorting_files_a_slab_by_what_came_home(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 100 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_depot *depot;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 2);
	depot = depot_at(zone, objs[0]);
	zone_lock(test, zone);
	zone_drain(zone);
	objs_free(zone, objs, n / 2 + 1);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, 0), 1);	/* by the first of them */
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, 0), 0);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, 2), 1);
	objs_free(zone, objs + n / 2 + 1, n - n / 2 - 1);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, 2), 0);
	KUNIT_EXPECT_EQ(test, peek_bin(depot, KMOBJ_BIN_FREE), 1);
	zone_unlock(test, zone);
	objs_free(zone, objs + n, n);
}

/*
 * The rule of giving up: whoever gives a slab up looks for frees that came
 * while a CPU owned it.
 */
static void a_free_before_a_slab_is_given_up_is_found(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_cpu *c = cpu_state_on(zone, pin_here(test));
	unsigned int n = objs_per_slab(zone);
	int there = other_cpu(test);
	void **objs = slabs_fill(test, zone, 2);

	zone_lock(test, zone);
	free_on_cpu(test, there, zone, &objs[0], 1);
	free_on_cpu(test, there, zone, &objs[n], 1);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_active(c)), 0);
	KUNIT_EXPECT_EQ(test, known_free(zone, peek_alternate(c)), 0);

	ask_to_drain(c);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[0]);
	KUNIT_EXPECT_FALSE(test, peek_drain(c));
	KUNIT_EXPECT_PTR_EQ(test, peek_alternate(c), &kmobj_no_slab);
	KUNIT_EXPECT_NE(test, peek_listed(slab_at(zone, objs[n])), KMOBJ_UNLISTED);
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), objs[n]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, 2 * n);
}

/*
 * The same for a slab that is unlisted because it is full: a free that came
 * while it was listed told nobody.
 */
static void a_free_before_a_slab_is_unlisted_is_found(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	void **objs, *obj;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	slab = slab_at(zone, objs[0]);
	kmobj_free(zone, objs[0]);	/* lists it */
	kmobj_free(zone, objs[1]);	/* finds it listed */
	KUNIT_EXPECT_EQ(test, known_free(zone, slab), 1);
	KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 1);

	obj = nested_alloc(zone);
	KUNIT_EXPECT_PTR_EQ(test, obj, objs[0]);
	KUNIT_EXPECT_EQ(test, peek_owner(slab), KMOBJ_OWNER_DEPOT);
	KUNIT_EXPECT_NE(test, peek_listed(slab), KMOBJ_UNLISTED);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	objs[1] = obj;
	objs_free(zone, objs + 1, 2 * n - 1);
}

static void a_taken_slab_has_all_that_was_freed_into_it(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	objs_free(zone, objs, n);
	for (i = 0; i < n; i++)
		KUNIT_EXPECT_PTR_EQ(test, slab_at(zone, obj_make(test, zone)),
				    slab_at(zone, objs[0]));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 2);
	zone_unlock(test, zone);
	objs_free(zone, objs, 2 * n);
}

#define RING	64

struct relay {
	struct kmobj_zone *zone;
	void *ring[RING];
	unsigned long in, out;		/* in: ours, out: theirs */
	bool end;
};

static void free_what_comes(void *data)
{
	struct relay *relay = data;

	for (;;) {
		/* pairs with the release of end: all is in the ring then */
		bool end = smp_load_acquire(&relay->end);

		/* pairs with the release of in: the slot is filled */
		while (relay->out != smp_load_acquire(&relay->in)) {
			kmobj_free(relay->zone, relay->ring[relay->out % RING]);
			/* pairs with the acquire of out: the slot is read */
			smp_store_release(&relay->out, relay->out + 1);
		}
		if (end)
			return;
		let_others_run();
	}
}

static void relay_one(struct relay *relay, void *obj)
{
	/* pairs with the release of out: the slot was read */
	while (relay->in - smp_load_acquire(&relay->out) == RING)
		let_others_run();
	relay->ring[relay->in % RING] = obj;
	/* pairs with the acquire of in: the slot is filled */
	smp_store_release(&relay->in, relay->in + 1);
}

/*
 * One CPU gives slabs up as another frees into them: in each round the zone is
 * left quiet and looked at, as a slab that was lost is never found later.
 */
static void no_slab_is_lost_between_giver_and_freer(struct kunit *test)
{
	unsigned int i, round, rounds = AT_FULL_SPEED ? 50 : 10;
	struct kmobj_zone *zone = zone_make(test, 512, NULL);
	struct relay *relay;
	unsigned long lost;
	int there;

	pin_here(test);
	there = other_cpu(test);
	relay = kunit_kzalloc(test, sizeof(*relay), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, relay);
	relay->zone = zone;
	for (round = 0; round < rounds; round++) {
		struct worker *worker;

		relay->end = false;
		worker = worker_start(test, there, free_what_comes, relay);
		for (i = 0; i < 40 * objs_per_slab(zone); i++) {
			void *obj = kmobj_alloc(zone, GFP_KERNEL);

			if (obj)
				relay_one(relay, obj);
		}
		/* pairs with the acquire of end: all is in the ring */
		smp_store_release(&relay->end, true);
		worker_join(test, worker);
		zone_expect_sound(test, zone);
	}
	lost = relay->in - relay->out;
	KUNIT_EXPECT_EQ(test, lost, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_GT(test, zone_stats(zone).frees_remote, 0);
	KUNIT_EXPECT_EQ(test, relay->in, 40UL * objs_per_slab(zone) * rounds);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_full_slab_is_listed_by_its_first_free),
	KUNIT_CASE(a_slab_that_fills_up_is_unlisted_and_listed_again),
	KUNIT_CASE(the_fullest_partial_slab_serves_first),
	KUNIT_CASE(the_slab_listed_last_serves_first_of_its_bin),
	KUNIT_CASE(sorting_files_a_slab_by_what_came_home),
	KUNIT_CASE(a_free_before_a_slab_is_given_up_is_found),
	KUNIT_CASE(a_free_before_a_slab_is_unlisted_is_found),
	KUNIT_CASE(a_taken_slab_has_all_that_was_freed_into_it),
	KUNIT_CASE_SLOW(no_slab_is_lost_between_giver_and_freer),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_depot",
	.test_cases = cases,
};

kunit_test_suite(suite);
