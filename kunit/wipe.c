// SPDX-License-Identifier: GPL-2.0
/*
 * init_on_alloc and init_on_free across zones: no zone shows what another one
 * left in a slab. What a boot does not ask for is not looked at, so test.sh
 * boots with each of the two, and with both; KASAN looks away, as it would at
 * memory of the page allocator.
 */
#include "kmobj_kunit.h"

#define BUILT	0x62756c74U
#define BYTES	256

static void build(void *obj)
{
	*(u32 *)obj = BUILT;
}

static const struct kmobj_zone_args kinds[] = {
	{ .order = 1 },
	{ .order = 1, .ctor = build },
	{ .order = 1, .flags = KMOBJ_TYPESAFE_BY_RCU },
	{ .order = 1, .flags = KMOBJ_TYPESAFE_BY_RCU, .ctor = build },
};

static void kind_desc(const struct kmobj_zone_args *args, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s%s",
		 args->ctor ? "ctor " : "plain ",
		 args->flags & KMOBJ_TYPESAFE_BY_RCU ? "typesafe" : "");
}

KUNIT_ARRAY_PARAM(kind, kinds, kind_desc);

/* All of a slab is written, freed, and leaves its zone: where that was. */
static void *leave(struct kunit *test, const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone = zone_make(test, BYTES, args);
	unsigned int i, n = objs_per_slab(zone);
	void *pages, **objs;

	free_slab_caches_empty();
	objs = slabs_fill(test, zone, 1);
	pages = pages_at(zone, objs[0]);
	for (i = 0; i < n; i++)
		obj_stamp(objs[i], BYTES, i + 1);
	objs_free(zone, objs, n);
	zone_unmake(test, zone);
	KUNIT_EXPECT_EQ(test, cached_slabs(raw_smp_processor_id(), 1), 1);
	return pages;
}

static void a_slab_that_left_is_wiped(struct kunit *test)
{
	void *pages;

	pin_here(test);
	pages = leave(test, test->param_value);
	if (want_init_on_free())
		KUNIT_EXPECT_NULL(test, memchr_inv(pages, 0, PAGE_SIZE << 1));
}

/* Is all of @obj as the page allocator and the ctor would have left it? */
static bool is_new(const struct kmobj_zone_args *args, const void *obj)
{
	size_t built = args->ctor ? sizeof(u32) : 0;

	return (!built || *(u32 *)obj == BUILT) &&
	       !memchr_inv(obj + built, 0, BYTES - built);
}

static void a_slab_from_another_zone_is_wiped(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, BYTES, test->param_value);
	bool wiped = want_init_on_alloc(0) || want_init_on_free();
	unsigned int i, k, nr_new;
	void *pages, **objs;

	pin_here(test);
	for (k = 0; k < ARRAY_SIZE(kinds); k++) {
		pages = leave(test, &kinds[k]);
		objs = slabs_fill(test, zone, 1);
		KUNIT_EXPECT_PTR_EQ(test, pages_at(zone, objs[0]), pages);
		for (i = nr_new = 0; i < objs_per_slab(zone); i++)
			nr_new += is_new(test->param_value, objs[i]);
		if (wiped)
			KUNIT_EXPECT_EQ(test, nr_new, objs_per_slab(zone));
		objs_free(zone, objs, objs_per_slab(zone));
		kmobj_zone_shrink(zone);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_slab_that_left_is_wiped, kind_gen_params),
	KUNIT_CASE_PARAM(a_slab_from_another_zone_is_wiped, kind_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_wipe",
	.test_cases = cases,
};

kunit_test_suite(suite);
