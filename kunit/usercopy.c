// SPDX-License-Identifier: GPL-2.0
/*
 * Copies between objects and user space: exactly the object, and nothing else.
 */
#include <linux/mman.h>
#include <linux/uaccess.h>

#include "kmobj_kunit.h"

#define SIZE	100

static char __user *user_page(struct kunit *test)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, PAGE_SIZE,
					   PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_FALSE(test, addr >= TASK_SIZE || !addr);
	return (char __user *)addr;
}

static void all_of_an_object_is_copied_and_comes_back(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SIZE, NULL);
	char __user *page = user_page(test);
	u8 *obj = obj_make(test, zone), *other = obj_make(test, zone);

	memset(obj, 0x31, SIZE);
	memset(other, 0, SIZE);
	KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(zone, obj, 0, page, SIZE), 0);
	KUNIT_EXPECT_EQ(test, kmobj_copy_from_user(zone, other, 1, page,
						   SIZE - 1), 0);
	KUNIT_EXPECT_EQ(test, other[0], 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(other + 1, 0x31, SIZE - 1));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, 0);
	kmobj_free(zone, obj);
	kmobj_free(zone, other);
}

static void a_copy_past_an_object_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SIZE, NULL);
	char __user *page = user_page(test);
	u8 *obj = obj_make(test, zone);
	static const struct {
		size_t off, n;
	} past[] = {
		{ 0, SIZE + 1 }, { 1, SIZE }, { SIZE, 1 }, { SIZE + 1, 0 },
		{ SIZE_MAX, 2 }, { 2, SIZE_MAX },
	};
	unsigned int i;
	char byte;

	memset(obj, 0x31, SIZE);
	for (i = 0; i < ARRAY_SIZE(past); i++) {
		KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(zone, obj, past[i].off,
							 page, past[i].n),
				past[i].n);
		KUNIT_EXPECT_EQ(test, kmobj_copy_from_user(zone, obj,
							   past[i].off, page,
							   past[i].n),
				past[i].n);
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, 2 * i);
	KUNIT_EXPECT_NULL(test, memchr_inv(obj, 0x31, SIZE));
	KUNIT_EXPECT_EQ(test, get_user(byte, page), 0);
	KUNIT_EXPECT_EQ(test, byte, 0);
	kmobj_free(zone, obj);
}

static void a_copy_from_what_is_no_live_object_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SIZE, NULL);
	struct kmobj_zone *other = zone_make(test, SIZE, NULL);
	char __user *page = user_page(test);
	u8 *obj = obj_make(test, zone), *theirs = obj_make(test, other);
	u8 local[SIZE] = { 1 };
	void *bad[] = { obj + 1, obj - 8, theirs, local, NULL, ERR_PTR(-EIO) };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(zone, bad[i], 0, page,
							 8), 8);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(zone, obj, 0, page, 8), 8);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, i + 1);
	kmobj_free(other, theirs);
}

/* One copy each way; what both answered. */
static size_t copy_both_ways(struct kunit *test, struct kmobj_zone *zone, void *obj,
			     size_t off, char __user *page, size_t n)
{
	size_t left = kmobj_copy_to_user(zone, obj, off, page, n);

	KUNIT_EXPECT_EQ(test, kmobj_copy_from_user(zone, obj, off, page, n), left);
	return left;
}

static void a_copy_keeps_to_what_users_may_see(struct kunit *test)
{
	struct kmobj_zone *zone =
		zone_make(test, SIZE, &(struct kmobj_zone_args) {
			.useroffset = 16, .usersize = 32 });
	char __user *page = user_page(test);
	u8 *obj = obj_make(test, zone);
	static const struct {
		size_t off, n, left;
	} copies[] = {
		{ 16, 32, 0 }, { 16, 1, 0 }, { 47, 1, 0 }, { 48, 0, 0 },
		{ 15, 1, 1 }, { 15, 34, 34 }, { 16, 33, 33 }, { 48, 1, 1 },
		{ 0, 16, 16 }, { 0, SIZE, SIZE },
	};
	unsigned int i, refused = 0;

	memset(obj, 0x31, SIZE);
	for (i = 0; i < ARRAY_SIZE(copies); i++) {
		KUNIT_EXPECT_EQ_MSG(test, copy_both_ways(test, zone, obj, copies[i].off,
							 page, copies[i].n),
				    copies[i].left, "copy %u", i);
		refused += 2 * !!copies[i].left;
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, refused);
	KUNIT_EXPECT_NULL(test, memchr_inv(obj, 0x31, SIZE));
	kmobj_free(zone, obj);
}

static void users_may_see_nothing_of_a_zone_that_says_so(struct kunit *test)
{
	struct kmobj_zone *zone =
		zone_make(test, SIZE, &(struct kmobj_zone_args) { .useroffset = SIZE });
	char __user *page = user_page(test);
	u8 *obj = obj_make(test, zone);

	KUNIT_EXPECT_EQ(test, copy_both_ways(test, zone, obj, 0, page, 1), 1);
	KUNIT_EXPECT_EQ(test, copy_both_ways(test, zone, obj, SIZE - 1, page, 1), 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, 4);
	kmobj_free(zone, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(all_of_an_object_is_copied_and_comes_back),
	KUNIT_CASE(a_copy_past_an_object_is_refused),
	KUNIT_CASE(a_copy_from_what_is_no_live_object_is_refused),
	KUNIT_CASE(a_copy_keeps_to_what_users_may_see),
	KUNIT_CASE(users_may_see_nothing_of_a_zone_that_says_so),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_usercopy",
	.test_cases = cases,
};

kunit_test_suite(suite);
