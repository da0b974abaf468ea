// SPDX-License-Identifier: GPL-2.0
/*
 * The check that other suites end with, and debugfs offers: it finds a sound zone
 * sound, names what is planted in one, and is not misled by one that is in use.
 */
#include "../../module/zone/verify.h"
#include "internal_kunit.h"

#define SLABS	6
#define FREED	3		/* of these */

/* Some slabs of each kind: a CPU's two, a reserve, dormant ones, a depot's. */
static void **zone_fill(struct kunit *test, struct kmobj_zone *zone,
			void **nested)
{
	void **objs = slabs_fill(test, zone, SLABS);

	*nested = nested_alloc(zone);
	KUNIT_ASSERT_NOT_NULL(test, *nested);
	objs_free(zone, objs, FREED * zone->nr_objs);
	return objs;
}

static void zone_empty(struct kmobj_zone *zone, void **objs, void *nested)
{
	objs_free(zone, objs + FREED * zone->nr_objs,
		  (SLABS - FREED) * zone->nr_objs);
	kmobj_free(zone, nested);
}

static void slabs_and_objects_are_counted_by_kind(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_verify v;
	void **objs, *nested;

	pin_here(test);
	objs = zone_fill(test, zone, &nested);
	KUNIT_EXPECT_EQ(test, zone_verify(zone, &v), 0);
	KUNIT_EXPECT_NULL(test, v.fault);
	KUNIT_EXPECT_EQ(test, v.slabs, SLABS + 1);
	KUNIT_EXPECT_EQ(test, v.active_or_alternate, 2);
	KUNIT_EXPECT_EQ(test, v.reserved, FREED - 1);
	KUNIT_EXPECT_EQ(test, v.full_owned, SLABS - FREED - 1);
	KUNIT_EXPECT_EQ(test, v.listed, 1);
	KUNIT_EXPECT_EQ(test, v.live, (SLABS - FREED) * zone->nr_objs + 1);
	KUNIT_EXPECT_EQ(test, v.free, (FREED + 1) * zone->nr_objs - 1);
	zone_empty(zone, objs, nested);
}

/* What is planted, and taken away again: @by is 1, then -1. */
static void shift_allocs(struct kmobj_zone *zone, void *obj, int by)
{
	cpu_state_on(zone, raw_smp_processor_id())->allocs += by;
}

static void shift_reserve(struct kmobj_zone *zone, void *obj, int by)
{
	cpu_state_on(zone, raw_smp_processor_id())->nr_reserve += by;
}

static void shift_bin(struct kmobj_zone *zone, void *obj, int by)
{
	struct kmobj_slab *slab = slab_at(zone, obj);

	zone->depot[slab->node]->nr[slab->listed - 1] += by;
}

static void shift_made(struct kmobj_zone *zone, void *obj, int by)
{
	atomic_long_add(by, &zone->slabs_made);
}

static void shift_notified(struct kmobj_zone *zone, void *obj, int by)
{
	slab_remote(zone, slab_at(zone, obj))->notified += by;
}

static void shift_node(struct kmobj_zone *zone, void *obj, int by)
{
	slab_at(zone, obj)->node += by;
}

static void shift_listed(struct kmobj_zone *zone, void *obj, int by)
{
	slab_at(zone, obj)->listed += by;
}

static void shift_cookie(struct kmobj_zone *zone, void *obj, int by)
{
	slab_at(zone, obj)->cookie += by;
}

/* An object that is free, as its owner knows, is marked as freed by another, too. */
static void shift_second_bit(struct kmobj_zone *zone, void *obj, int by)
{
	struct kmobj_slab *slab = slab_at(zone, obj);
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int idx = find_first_bit(slab->free, zone->nr_objs);

	change_bit(idx, remote);
}

/* An object that is live is free, and nobody counted that. */
static void shift_first_bit(struct kmobj_zone *zone, void *obj, int by)
{
	struct kmobj_slab *slab = slab_at(zone, obj);

	change_bit(slab_index(zone, obj), slab->free);
}

static void shift_bit_beyond(struct kmobj_zone *zone, void *obj, int by)
{
	struct kmobj_slab *slab = slab_at(zone, obj);

	change_bit(zone->nr_objs, slab_next(zone, slab));
}

static const struct {
	void (*shift)(struct kmobj_zone *zone, void *obj, int by);
	const char *rule;
	long off;		/* found less expected, if it is about numbers */
} plants[] = {
	{ shift_allocs, "allocations less frees are the live objects", 1 },
	{ shift_reserve, "a reserve's number is its length", 1 },
	{ shift_bin, "a bin's number is its length", 1 },
	{ shift_made, "slabs made less those retired are those there are", 1 },
	{ shift_notified, "a notified slab is on one CPU's list", -1 },
	{ shift_node, "a slab is with its node's depot", 0 },
	{ shift_listed, "a slab on a list says so", 0 },
	{ shift_cookie, "a slab's header is as kmobj wrote it", 0 },
	{ shift_second_bit, "a free object is marked once", 0 },
	{ shift_first_bit, "allocations less frees are the live objects", 1 },
	{ shift_bit_beyond, "no bit is set beyond the last object", 0 },
};

static void what_is_planted_is_named(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 100, NULL);
	struct kmobj_verify v;
	void **objs, *nested;
	unsigned int i;

	if (zone->nr_objs % BITS_PER_LONG == 0)
		kunit_skip(test, "no bit is beyond the objects");
	pin_here(test);
	objs = zone_fill(test, zone, &nested);
	for (i = 0; i < ARRAY_SIZE(plants); i++) {
		plants[i].shift(zone, nested, 1);
		KUNIT_EXPECT_EQ_MSG(test, zone_verify(zone, &v), -EUCLEAN,
				    "%s", plants[i].rule);
		KUNIT_EXPECT_STREQ(test, v.fault ?: "", plants[i].rule);
		KUNIT_EXPECT_EQ_MSG(test, v.found - v.expected, plants[i].off,
				    "%s", plants[i].rule);
		plants[i].shift(zone, nested, -1);
		KUNIT_EXPECT_EQ(test, zone_verify(zone, &v), 0);
	}
	zone_empty(zone, objs, nested);
}

/* A byte that some client wrote where nothing of it is, from an object's beginning. */
static const struct {
	const char *says;
	int off;
	bool live;
} writes[] = {
	{ "written to before its beginning", -1, true },
	{ "written to past its end", 100, true },
	{ "written to past its end", 100, false },
	{ "written to while it was free", 0, false },
	{ "written to while it was free", 99, false },
};

static void what_a_client_wrote_is_named_and_repaired(struct kunit *test)
{
	struct kmobj_zone *zone =
		zone_make(test, 100, &(struct kmobj_zone_args) {
			.flags = KMOBJ_POISON | KMOBJ_RED_ZONE });
	u8 *live = obj_make(test, zone), *freed = obj_make(test, zone), *at;
	struct kmobj_verify v;
	unsigned int i;

	kmobj_free(zone, freed);
	KUNIT_EXPECT_EQ(test, zone_verify(zone, &v), 0);
	for (i = 0; i < ARRAY_SIZE(writes); i++) {
		log_listen(test);
		at = (writes[i].live ? live : freed) + writes[i].off;
		kasan_disable_current();
		*at ^= 1;
		kasan_enable_current();
		KUNIT_EXPECT_EQ_MSG(test, zone_verify(zone, &v), -EUCLEAN, "%u", i);
		KUNIT_EXPECT_EQ_MSG(test, log_heard(kmobj_zone_name(zone), writes[i].says),
				    1, "%u", i);
		KUNIT_EXPECT_EQ(test, zone_verify(zone, &v), 0);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).corrupted, i + 1);
	}
	kmobj_free(zone, live);
}

/* Its task may sleep: it has what it asked for, but has not counted it. */
static void a_slab_that_is_being_made_is_no_fault(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_slab *slab;
	struct kmobj_verify v;
	int made, err;
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 1);
	slab = slab_at(zone, objs[0]);
	zone_unlock(test, zone);
	slab_first_owner(slab);
	for (made = 0; made < 2; made++) {
		shift_made(zone, NULL, made - 1);
		err = zone_verify(zone, &v);
		shift_made(zone, NULL, 1 - made);
		KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s", v.fault);
		KUNIT_EXPECT_EQ(test, v.making, 1);
	}
	slab_set_owner(slab, KMOBJ_OWNER_DEPOT);
	objs_free(zone, objs, objs_per_slab(zone));
}

struct use {
	struct kmobj_zone *zone;
	bool stop;
};

static void use_zone(void *arg)
{
	struct use *use = arg;
	void *objs[64];
	unsigned int i;

	while (!READ_ONCE(use->stop)) {
		for (i = 0; i < ARRAY_SIZE(objs); i++)
			objs[i] = kmobj_alloc(use->zone, GFP_KERNEL);
		objs_free(use->zone, objs, ARRAY_SIZE(objs));
		let_others_run();
	}
}

static void a_zone_in_use_is_not_called_broken(struct kunit *test)
{
	struct use use = { .zone = zone_make(test, SMALL, NULL) };
	struct kmobj_verify v;
	struct worker *worker;
	unsigned int i;
	int err;

	pin_here(test);
	worker = worker_start(test, other_cpu(test), use_zone, &use);
	for (i = 0; i < 50; i++) {
		err = zone_verify(use.zone, &v);
		KUNIT_EXPECT_NE_MSG(test, err, -EUCLEAN, "%s: %lu, not %lu",
				    v.fault, v.found, v.expected);
		let_others_run();
	}
	WRITE_ONCE(use.stop, true);
	worker_join(test, worker);
	KUNIT_EXPECT_EQ(test, zone_verify(use.zone, &v), 0);
}

static struct kunit_case verify_cases[] = {
	KUNIT_CASE(slabs_and_objects_are_counted_by_kind),
	KUNIT_CASE(what_is_planted_is_named),
	KUNIT_CASE(what_a_client_wrote_is_named_and_repaired),
	KUNIT_CASE(a_slab_that_is_being_made_is_no_fault),
	KUNIT_CASE(a_zone_in_use_is_not_called_broken),
	{}
};

static struct kunit_suite verify_suite = {
	.name = "kmobj_verify",
	.test_cases = verify_cases,
};

kunit_test_suite(verify_suite);
