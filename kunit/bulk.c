// SPDX-License-Identifier: GPL-2.0
/*
 * Many objects at once: all or none, and each as good as one by itself.
 */
#include <linux/sort.h>

#include "kmobj_kunit.h"

static const size_t numbers[] = {
	0, 1, 2, 31, 32, 33, 63, 64, 65, 127, 128, 129, 1000, 10000,
};

static void number_desc(const size_t *nr, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%zu objects", *nr);
}

KUNIT_ARRAY_PARAM(number, numbers, number_desc);

static void **room_for(struct kunit *test, size_t nr)
{
	void **objs = kunit_kcalloc(test, nr + 1, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	return objs;
}

static int compare(const void *a, const void *b)
{
	void *const *x = a, *const *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void a_bulk_is_as_many_distinct_objects(struct kunit *test)
{
	size_t nr = *(const size_t *)test->param_value, i, same = 0, bad = 0;
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	void **objs = room_for(test, nr);

	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, nr, objs));
	KUNIT_EXPECT_NULL(test, objs[nr]);
	for (i = 0; i < nr; i++) {
		bad += kmobj_zone_of(objs[i]) != zone;
		obj_stamp(objs[i], 48, i);
	}
	for (i = 0; i < nr; i++)
		bad += !obj_has_stamp(objs[i], 48, i);
	KUNIT_EXPECT_EQ(test, bad, 0);
	sort(objs, nr, sizeof(*objs), compare, NULL);
	for (i = 1; i < nr; i++)
		same += objs[i] == objs[i - 1];
	KUNIT_EXPECT_EQ(test, same, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, nr);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), nr);
	kmobj_free_bulk(zone, nr, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, nr);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static void a_zeroed_bulk_is_zero(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	size_t nr = 3 * objs_per_slab(zone), i, bad = 0;
	void **objs = room_for(test, nr);

	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, nr, objs));
	for (i = 0; i < nr; i++)
		memset(objs[i], 0xff, 48);
	kmobj_free_bulk(zone, nr, objs);
	KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL | __GFP_ZERO,
						 nr, objs));
	for (i = 0; i < nr; i++)
		bad += !!memchr_inv(objs[i], 0, 48);
	KUNIT_EXPECT_EQ(test, bad, 0);
	kmobj_free_bulk(zone, nr, objs);
}

static void a_bulk_that_does_not_fit_is_none(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = 3 * (PAGE_SIZE << 1),
	};
	struct kmobj_zone *zone = zone_make(test, 48, &args);
	size_t room = 3 * objs_per_slab(zone);
	void **objs = room_for(test, room + 1);

	pin_here(test);
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, room + 1,
						  objs));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	zone_expect_sound(test, zone);
	/* and the next one, which fits, is all */
	KUNIT_EXPECT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, room, objs));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), room);
	kmobj_free_bulk(zone, room, objs);
}

static void NULL_in_a_bulk_of_frees_is_fine(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	void *objs[5] = {};

	objs[1] = obj_make(test, zone);
	objs[3] = obj_make(test, zone);
	kmobj_free_bulk(zone, 5, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static void a_duplicate_in_a_bulk_of_frees_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	void *objs[4];

	pin_here(test);
	objs[0] = obj_make(test, zone);
	objs[1] = objs[0];
	objs[2] = obj_make(test, zone);
	objs[3] = objs[0];
	kmobj_free_bulk(zone, 4, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
}

static void a_bad_one_in_a_bulk_of_frees_harms_no_other(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 48, NULL);
	struct kmobj_zone *other = zone_make(test, 48, NULL);
	void *objs[4], *theirs = obj_make(test, other);

	pin_here(test);
	objs[0] = obj_make(test, zone);
	objs[1] = theirs;
	objs[2] = ERR_PTR(-ENOENT);
	objs[3] = obj_make(test, zone);
	kmobj_free_bulk(zone, 4, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	KUNIT_EXPECT_EQ(test, zone_count_live(other), 1);
	kmobj_free(other, theirs);
}

/* So few are treated one by one; a slab of the large ones has its header elsewhere. */
static const struct few {
	unsigned int nr, size;
} fews[] = {
	{ 1, 48 }, { 2, 48 }, { 3, 48 }, { 1, 4096 }, { 2, 4096 }, { 3, 4096 },
};

static void few_desc(const struct few *few, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u of %u bytes", few->nr, few->size);
}

KUNIT_ARRAY_PARAM(few, fews, few_desc);

static void few_objects_may_be_of_two_slabs(struct kunit *test)
{
	const struct few *few = test->param_value;
	struct kmobj_zone *zone = zone_make(test, few->size, NULL);
	size_t total = few->nr * (2 * objs_per_slab(zone) + 1), i, bad = 0;
	void **objs = room_for(test, total);

	pin_here(test);
	for (i = 0; i < total; i += few->nr)
		KUNIT_ASSERT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, few->nr, objs + i));
	for (i = 0; i < total; i++)
		obj_stamp(objs[i], few->size, i);
	for (i = 0; i < total; i++)
		bad += !obj_has_stamp(objs[i], few->size, i) || kmobj_zone_of(objs[i]) != zone;
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).allocs, total);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), total);
	sort(objs, total, sizeof(*objs), compare, NULL);
	for (i = 0; i < total; i += few->nr)
		kmobj_free_bulk(zone, few->nr, objs + i);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, total);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	zone_expect_sound(test, zone);
}

static void few_that_do_not_fit_are_none(struct kunit *test)
{
	const struct few *few = test->param_value;
	const struct kmobj_zone_args args = { .order = 3, .limit = PAGE_SIZE << 3 };
	struct kmobj_zone *zone = zone_make(test, few->size, &args);
	size_t room = objs_per_slab(zone) - (few->nr - 1), i;
	void **objs = room_for(test, room + 2 * few->nr);

	pin_here(test);
	for (i = 0; i < room; i++) {
		objs[i] = kmobj_alloc(zone, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
	}
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, few->nr, objs + room));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), room);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).alloc_fails, 1);
	for (; i < objs_per_slab(zone); i++)
		KUNIT_EXPECT_TRUE(test, kmobj_alloc_bulk(zone, GFP_KERNEL, 1, objs + i));
	kmobj_free_bulk(zone, i, objs);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	zone_expect_sound(test, zone);
}

static void a_bad_one_in_few_frees_harms_no_other(struct kunit *test)
{
	const struct few *few = test->param_value;
	struct kmobj_zone *zone = zone_make(test, few->size, NULL);
	struct kmobj_zone *other = zone_make(test, few->size, NULL);
	void *theirs = obj_make(test, other), *objs[3];
	unsigned int at, i;

	pin_here(test);
	for (at = 0; at < few->nr; at++) {
		for (i = 0; i < few->nr; i++)
			objs[i] = i == at ? theirs : obj_make(test, zone);
		kmobj_free_bulk(zone, few->nr, objs);
		KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
		KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, at + 1);
	}
	KUNIT_EXPECT_EQ(test, zone_count_live(other), 1);
	kmobj_free(other, theirs);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_bulk_is_as_many_distinct_objects, number_gen_params),
	KUNIT_CASE(a_zeroed_bulk_is_zero),
	KUNIT_CASE(a_bulk_that_does_not_fit_is_none),
	KUNIT_CASE(NULL_in_a_bulk_of_frees_is_fine),
	KUNIT_CASE(a_duplicate_in_a_bulk_of_frees_is_refused),
	KUNIT_CASE(a_bad_one_in_a_bulk_of_frees_harms_no_other),
	KUNIT_CASE_PARAM(few_objects_may_be_of_two_slabs, few_gen_params),
	KUNIT_CASE_PARAM(few_that_do_not_fit_are_none, few_gen_params),
	KUNIT_CASE_PARAM(a_bad_one_in_few_frees_harms_no_other, few_gen_params),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_bulk",
	.test_cases = cases,
};

kunit_test_suite(suite);
