// SPDX-License-Identifier: GPL-2.0
/*
 * Constructors: once for each object when its slab is made, never again while
 * the slab is the zone's.
 */
#include "kmobj_kunit.h"

#define BUILT	0x636f6e7374727563ULL

struct built {
	u64 magic;
	u64 uses;
};

static atomic_t builds, built_in_atomic;

static void build(void *obj)
{
	struct built *built = obj;

	built->magic = BUILT;
	built->uses = 0;
	atomic_inc(&builds);
}

static struct kmobj_zone *zone_of_built(struct kunit *test)
{
	const struct kmobj_zone_args args = { .ctor = build };

	atomic_set(&builds, 0);
	atomic_set(&built_in_atomic, 0);
	return zone_make(test, sizeof(struct built), &args);
}

static void a_ctor_runs_once_per_object_of_a_slab(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_built(test);
	unsigned int i, n = objs_per_slab(zone), bad = 0;
	struct built **objs;

	pin_here(test);
	objs = (struct built **)slabs_fill(test, zone, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&builds), n);
	for (i = 0; i < n; i++)
		bad += objs[i]->magic != BUILT || objs[i]->uses;
	KUNIT_EXPECT_EQ(test, bad, 0);
	objs_free(zone, (void **)objs, n);
}

static void what_a_ctor_made_is_not_touched_by_kmobj(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_built(test);
	unsigned int i, n = objs_per_slab(zone), bad = 0, round;
	struct built **objs;

	pin_here(test);
	objs = (struct built **)slabs_fill(test, zone, 3);
	zone_lock(test, zone);
	for (round = 1; round <= 3; round++) {
		for (i = 0; i < 3 * n; i++)
			objs[i]->uses++;
		objs_free(zone, (void **)objs, 3 * n);
		for (i = 0; i < 3 * n; i++) {
			objs[i] = obj_make(test, zone);
			bad += objs[i]->magic != BUILT ||
			       objs[i]->uses != round;
		}
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&builds), 3 * n);
	zone_unlock(test, zone);
	objs_free(zone, (void **)objs, 3 * n);
}

static void a_slab_that_comes_back_is_built_anew(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_built(test);
	unsigned int n = objs_per_slab(zone);
	struct built *obj;

	pin_here(test);
	obj = obj_make(test, zone);
	memset(obj, 0, sizeof(*obj));
	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, atomic_read(&builds), n);
	obj = obj_make(test, zone);
	KUNIT_EXPECT_EQ(test, atomic_read(&builds), 2 * n);
	KUNIT_EXPECT_EQ(test, obj->magic, BUILT);
	kmobj_free(zone, obj);
}

static void zeroing_what_a_ctor_made_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_of_built(test);
	unsigned int i, n = objs_per_slab(zone), spoilt = 0;
	struct built *obj, **built;
	void *objs[3];

	pin_here(test);
	/* with nothing at hand, and with an object at hand */
	KUNIT_EXPECT_NULL(test, kmobj_zalloc(zone, GFP_KERNEL));
	obj = obj_make(test, zone);
	KUNIT_EXPECT_NULL(test, kmobj_zalloc(zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(zone, GFP_KERNEL | __GFP_ZERO |
						 __GFP_THISNODE,
						 numa_mem_id()));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL | __GFP_ZERO,
						  3, objs));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 4);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	/* and none that was looked at for it was zeroed */
	kmobj_free(zone, obj);
	built = (struct built **)slabs_fill(test, zone, 2);
	for (i = 0; i < 2 * n; i++)
		spoilt += built[i]->magic != BUILT;
	KUNIT_EXPECT_EQ(test, spoilt, 0);
	objs_free(zone, (void **)built, 2 * n);
}

static void build_and_look_around(void *obj)
{
	if (irqs_disabled() || preempt_count())
		atomic_inc(&built_in_atomic);
	build(obj);
}

/* The slab is made with the section left: a ctor may be slow. */
static void a_ctor_runs_where_the_allocation_was_asked_for(struct kunit *test)
{
	const struct kmobj_zone_args args = { .ctor = build_and_look_around };
	struct kmobj_zone *zone;
	void **objs;

	atomic_set(&builds, 0);
	atomic_set(&built_in_atomic, 0);
	pin_here(test);
	zone = zone_make(test, sizeof(struct built), &args);
	objs = slabs_fill(test, zone, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&builds), 2 * objs_per_slab(zone));
	KUNIT_EXPECT_EQ(test, atomic_read(&built_in_atomic), 0);
	objs_free(zone, objs, 2 * objs_per_slab(zone));
}

static struct kmobj_zone *own_zone;
static void *nested;

static void build_with_the_zone(void *obj)
{
	if (nested)
		return;
	nested = ERR_PTR(-EBUSY);	/* the slab of this one comes here too */
	nested = kmobj_alloc(own_zone, GFP_ATOMIC);
}

/* A slab is made outside the section, so this cannot tie a knot. */
static void a_ctor_may_allocate_from_its_own_zone(struct kunit *test)
{
	const struct kmobj_zone_args args = { .ctor = build_with_the_zone };
	void *obj;

	pin_here(test);
	own_zone = zone_make(test, SMALL, &args);
	nested = NULL;
	obj = obj_make(test, own_zone);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, nested);
	KUNIT_EXPECT_PTR_NE(test, nested, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(own_zone).slabs, 2);
	zone_expect_sound(test, own_zone);
	kmobj_free(own_zone, obj);
	kmobj_free(own_zone, nested);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_ctor_runs_once_per_object_of_a_slab),
	KUNIT_CASE(what_a_ctor_made_is_not_touched_by_kmobj),
	KUNIT_CASE(a_slab_that_comes_back_is_built_anew),
	KUNIT_CASE(zeroing_what_a_ctor_made_is_refused),
	KUNIT_CASE(a_ctor_runs_where_the_allocation_was_asked_for),
	KUNIT_CASE(a_ctor_may_allocate_from_its_own_zone),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_ctor",
	.test_cases = cases,
};

kunit_test_suite(suite);
