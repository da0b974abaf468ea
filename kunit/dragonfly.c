// SPDX-License-Identifier: GPL-2.0
/*
 * DragonFly's names: kmobj_dragonfly.h. That this compiles shows that its
 * kmalloc_obj() gets along with the macro of <linux/slab.h>.
 */

#include "../module/include/kmobj_dragonfly.h"
#include "kmobj_kunit.h"

struct foo {
	u64 words[16];
};

static MALLOC_DEFINE_OBJ(M_FOO, sizeof(struct foo), "kunit-foo", "foos");

static void type_end(void *typep)
{
	kmalloc_destroy_obj(typep);
}

/* A type for this case, destroyed when it ends. */
static struct malloc_type *type_make(struct kunit *test)
{
	struct malloc_type **typep = kunit_kzalloc(test, sizeof(*typep),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, typep);
	kmalloc_create_obj(typep, "kunit-type", sizeof(struct foo));
	KUNIT_ASSERT_NOT_NULL(test, *typep);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, type_end, typep), 0);
	return *typep;
}

static unsigned long limit_of(const struct malloc_type *type)
{
	return zone_stats(type->zone).limit;
}

/* Take objects until there are no more; how many. They end up in @objs. */
static unsigned int take_all(struct malloc_type *type, int flags, void **objs,
			     unsigned int max)
{
	unsigned int nr = 0;

	while (nr < max) {
		objs[nr] = kmalloc_obj(sizeof(struct foo), type, flags);
		if (!objs[nr])
			break;
		nr++;
	}
	return nr;
}

static void give_all(struct malloc_type *type, void **objs, unsigned int nr)
{
	while (nr--)
		kfree_obj(objs[nr], type);
}

static void a_defined_type_has_a_zone_when_initialized(struct kunit *test)
{
	struct foo *foo;

	KUNIT_ASSERT_EQ(test, malloc_init(M_FOO), 0);
	KUNIT_EXPECT_EQ(test, malloc_init(M_FOO), -EEXIST);
	foo = kmalloc_obj(sizeof(*foo), M_FOO, M_WAITOK);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(foo), M_FOO->zone);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(M_FOO->zone), SHOWN("kunit-foo"));
	kfree_obj(foo, M_FOO);
	malloc_uninit(M_FOO);
	KUNIT_EXPECT_NULL(test, M_FOO->zone);
	malloc_uninit(M_FOO);
}

static void a_created_type_is_a_zone(struct kunit *test)
{
	struct malloc_type *type = type_make(test);
	unsigned long tenth = totalram_pages() * PAGE_SIZE / 10;

	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(type->zone), SHOWN("kunit-type"));
	KUNIT_EXPECT_EQ(test, zone_stats(type->zone).size, sizeof(struct foo));
	KUNIT_EXPECT_LE(test, limit_of(type), tenth);
	KUNIT_EXPECT_GT(test, limit_of(type), tenth / 2);
}

static void a_type_that_cannot_be_is_NULL(struct kunit *test)
{
	struct malloc_type *type = (void *)test;

	kmalloc_create_obj(&type, "kunit-type", 0);
	KUNIT_EXPECT_NULL(test, type);
	kmalloc_destroy_obj(&type);
}

static void zero_means_zeroed(struct kunit *test)
{
	static const int flags[] = { M_WAITOK, M_INTWAIT, M_SYSWAIT, M_RNOWAIT,
				     M_NOWAIT, M_INTNOWAIT, M_SYSNOWAIT };
	struct malloc_type *type = type_make(test);
	unsigned int i;
	struct foo *foo;

	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		foo = kmalloc_obj(sizeof(*foo), type, flags[i]);
		KUNIT_ASSERT_NOT_NULL(test, foo);
		memset(foo, 0x5a, sizeof(*foo));
		kfree_obj(foo, type);
		foo = kmalloc_obj(sizeof(*foo), type, flags[i] | M_ZERO);
		KUNIT_ASSERT_NOT_NULL(test, foo);
		KUNIT_EXPECT_NULL(test, memchr_inv(foo, 0, sizeof(*foo)));
		kfree_obj(foo, type);
	}
	kfree_obj(NULL, type);
	KUNIT_EXPECT_EQ(test, zone_count_live(type->zone), 0);
}

static void another_size_is_refused(struct kunit *test)
{
	struct malloc_type *type = type_make(test);

	KUNIT_EXPECT_NULL(test, kmalloc_obj(sizeof(struct foo) + 1, type,
					    M_WAITOK));
	KUNIT_EXPECT_NULL(test, kmalloc_obj(8, type, M_RNOWAIT));
	KUNIT_EXPECT_EQ(test, zone_count_live(type->zone), 0);
}

/* With M_WAITOK alone it would be a panic. */
static void at_the_limit_there_is_NULL_if_told_so(struct kunit *test)
{
	struct malloc_type *type = type_make(test);
	unsigned int bytes = zone_stats(type->zone).slab_bytes;
	unsigned int nr, fit, max = 1000;
	void **objs;

	objs = kunit_kcalloc(test, max, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	KUNIT_ASSERT_EQ(test, kmobj_zone_set_limit(type->zone, bytes), 0);
	pin_here(test);
	fit = take_all(type, M_WAITOK | M_NULLOK, objs, max);
	KUNIT_EXPECT_EQ(test, fit, zone_stats(type->zone).objs_per_slab);
	give_all(type, objs, fit);
	nr = take_all(type, M_NOWAIT, objs, max);
	KUNIT_EXPECT_EQ(test, nr, fit);

	/* one comes back: enough for who does not want to hear NULL */
	kfree_obj(objs[--nr], type);
	objs[nr] = kmalloc_obj(sizeof(struct foo), type, M_WAITOK);
	KUNIT_EXPECT_NOT_NULL(test, objs[nr]);
	give_all(type, objs, fit);
}

static void a_limit_is_raised_never_lowered(struct kunit *test)
{
	struct malloc_type *type = type_make(test);
	unsigned int bytes = zone_stats(type->zone).slab_bytes;

	KUNIT_ASSERT_EQ(test, kmobj_zone_set_limit(type->zone, 2 * bytes), 0);
	kmalloc_raise_limit(type, bytes);
	KUNIT_EXPECT_EQ(test, limit_of(type), 2 * bytes);
	kmalloc_raise_limit(type, 5 * bytes);
	KUNIT_EXPECT_EQ(test, limit_of(type), 5 * bytes);
	kmalloc_set_unlimited(type);
	KUNIT_EXPECT_EQ(test, limit_of(type), KMOBJ_UNLIMITED);
	kmalloc_raise_limit(type, bytes);
	KUNIT_EXPECT_EQ(test, limit_of(type), KMOBJ_UNLIMITED);
}

static unsigned int failures;

static struct page *fail_at_first(unsigned int order, gfp_t gfp, int nid)
{
	if (failures) {
		failures--;
		return NULL;
	}
	return alloc_pages_node(nid, gfp, order);
}

static void who_may_wait_waits_for_memory(struct kunit *test)
{
	struct malloc_type *type = type_make(test);
	struct foo *foo;

	free_slab_caches_empty();
	pages_come_from(test, fail_at_first);
	failures = 10;
	foo = kmalloc_obj(sizeof(*foo), type, M_NOWAIT);
	KUNIT_EXPECT_NULL(test, foo);
	foo = kmalloc_obj(sizeof(*foo), type, M_WAITOK);
	KUNIT_EXPECT_NOT_NULL(test, foo);
	KUNIT_EXPECT_EQ(test, failures, 0);
	pages_come_from(test, NULL);
	kfree_obj(foo, type);
}

static void a_type_with_objects_live_stays(struct kunit *test)
{
	struct malloc_type *type;
	struct foo *foo;

	kmalloc_create_obj(&type, "kunit-stays", sizeof(*foo));
	KUNIT_ASSERT_NOT_NULL(test, type);
	foo = kmalloc_obj(sizeof(*foo), type, M_WAITOK);
	kmalloc_destroy_obj(&type);
	KUNIT_ASSERT_NOT_NULL(test, type);
	/* nobody is served any more, not even who would wait */
	KUNIT_EXPECT_NULL(test, kmalloc_obj(sizeof(*foo), type, M_WAITOK));
	kfree_obj(foo, type);
	kmalloc_destroy_obj(&type);
	KUNIT_EXPECT_NULL(test, type);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(a_defined_type_has_a_zone_when_initialized),
	KUNIT_CASE(a_created_type_is_a_zone),
	KUNIT_CASE(a_type_that_cannot_be_is_NULL),
	KUNIT_CASE(zero_means_zeroed),
	KUNIT_CASE(another_size_is_refused),
	KUNIT_CASE(at_the_limit_there_is_NULL_if_told_so),
	KUNIT_CASE(a_limit_is_raised_never_lowered),
	KUNIT_CASE(who_may_wait_waits_for_memory),
	KUNIT_CASE(a_type_with_objects_live_stays),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_dragonfly",
	.test_cases = cases,
};

kunit_test_suite(suite);
