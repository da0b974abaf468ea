// SPDX-License-Identifier: GPL-2.0
/*
 * What a zone may be created with: each good argument does what it says, each
 * bad one has its errno.
 */
#include "kmobj_kunit.h"

#define NAME_63	"123456789-123456789-123456789-123456789-123456789-123456789-123"

/* Why not, as the log says it. */
#define LENGTH	"a name has at most 63 characters"
#define PATH	"no '/' and nothing unprintable"
#define SIZES	"an object has 1 to 16384 bytes"
#define POWER	"the alignment is not a power of two"
#define FIT	"use a smaller alignment or a larger order"
#define FLAGS	"unknown flags"
#define KEEPS	"keeps all free slabs, whatever keep_free_slabs says"
#define CONFLICT "KMOBJ_POISON writes into free objects, and a ctor, move or"
#define REGION	"useroffset and usersize are a region of the object"
#define MOST	(19 - PAGE_SHIFT)
#define ORDER	"a slab has at most 512 KiB"
#define LIMIT	"its limit is less than one slab"

struct creation {
	const char *what;
	const char *name;
	size_t size;
	struct kmobj_zone_args args;
	int err;
	const char *says;
};

static enum kmobj_move stay(struct kmobj_zone *zone, void *from, void *to)
{
	return KMOBJ_BUSY;
}

static void leave(void *obj)
{
}

static const struct creation bad_ones[] = {
	{ "no name", NULL, 64, {}, -EINVAL, "(null)\": give it a name" },
	{ "an empty name", "", 64, {}, -EINVAL, "zone \"kmobj_kunit:\": give it a name" },
	{ "a name of 64 characters", NAME_63 "4", 64, {}, -ENAMETOOLONG,
	  LENGTH },
	{ "a name of 315 characters",
	  NAME_63 NAME_63 NAME_63 NAME_63 NAME_63, 64, {}, -ENAMETOOLONG,
	  LENGTH },
	{ "a slash in the name", "a/b", 64, {}, -EINVAL, PATH },
	{ "a newline in the name", "a\nb", 64, {}, -EINVAL, PATH },
	{ "a byte above ASCII in the name", "a\x80", 64, {}, -EINVAL, PATH },
	{ "the name .", ".", 64, {}, -EINVAL, "its name becomes a directory" },
	{ "the name ..", "..", 64, {}, -EINVAL,
	  "its name becomes a directory" },
	{ "a name of kmobj's own", "kmobj:foo", 64, {}, -EINVAL,
	  "names that begin with kmobj: are reserved" },
	{ "size 0", "kunit-bad", 0, {}, -EINVAL, SIZES },
	{ "size 16385", "kunit-bad", KMOBJ_MAX_SIZE + 1, {}, -EINVAL, SIZES },
	{ "size SIZE_MAX", "kunit-bad", SIZE_MAX, {}, -EINVAL, SIZES },
	{ "size 2^32", "kunit-bad", (size_t)(1ULL << 32), {}, -EINVAL, SIZES },
	{ "align 3", "kunit-bad", 64, { .align = 3 }, -EINVAL, POWER },
	{ "align 24", "kunit-bad", 64, { .align = 24 }, -EINVAL, POWER },
	{ "align UINT_MAX", "kunit-bad", 64, { .align = UINT_MAX }, -EINVAL,
	  POWER },
	{ "align 2^31", "kunit-bad", 64, { .align = 1U << 31 }, -EINVAL, FIT },
	{ "align above a quarter of the slab", "kunit-bad", 64,
	  { .align = PAGE_SIZE, .order = 1 }, -EINVAL, FIT },
	{ "private pages and a number to keep", "kunit-bad", 64,
	  { .flags = KMOBJ_PRIVATE_PAGES, .keep_free_slabs = 1 }, -EINVAL, KEEPS },
	{ "an unknown flag", "kunit-bad", 64, { .flags = BIT(30) }, -EINVAL,
	  FLAGS },
	{ "all flags but PANIC", "kunit-bad", 64,
	  { .flags = ~(u32)KMOBJ_PANIC }, -EINVAL, FLAGS },
	{ "poison with a ctor", "kunit-bad", 64,
	  { .flags = KMOBJ_POISON, .ctor = leave }, -EINVAL, CONFLICT },
	{ "poison with move", "kunit-bad", 64,
	  { .flags = KMOBJ_POISON, .move = stay }, -EINVAL, CONFLICT },
	{ "poison with KMOBJ_TYPESAFE_BY_RCU", "kunit-bad", 64,
	  { .flags = KMOBJ_POISON | KMOBJ_TYPESAFE_BY_RCU }, -EINVAL,
	  CONFLICT },
	{ "a region for users that begins behind the object", "kunit-bad", 64,
	  { .useroffset = 65 }, -EINVAL, REGION },
	{ "a region for users that ends behind the object", "kunit-bad", 64,
	  { .useroffset = 8, .usersize = 57 }, -EINVAL, REGION },
	{ "a region of UINT_MAX bytes", "kunit-bad", 64,
	  { .useroffset = 1, .usersize = UINT_MAX }, -EINVAL, REGION },
	{ "an order above 512 KiB", "kunit-bad", 64,
	  { .order = MOST + 1 }, -EINVAL, ORDER },
	{ "order UINT_MAX", "kunit-bad", 64, { .order = UINT_MAX }, -EINVAL,
	  ORDER },
	{ "a limit of less than a slab", "kunit-bad", 64,
	  { .limit = 1 }, -EINVAL, LIMIT },
	{ "a limit of a page for slabs of two", "kunit-bad", 64,
	  { .limit = PAGE_SIZE, .order = 1 }, -EINVAL, LIMIT },
};

static const struct creation good_ones[] = {
	{ "a name of 1 character", "k", 64 },
	{ "a name of 63 characters", NAME_63, 64 },
	{ "a name with blanks and dots", "kunit a. b.", 64 },
	{ "a name with conversions", "kunit %s%n%p%%", 64 },
	{ "size 1", "kunit-good", 1 },
	{ "size 16384", "kunit-good", KMOBJ_MAX_SIZE },
	{ "align 1", "kunit-good", 24, { .align = 1 } },
	{ "align 64", "kunit-good", 24, { .align = 64 } },
	{ "align of a quarter of the slab", "kunit-good", 24,
	  { .align = PAGE_SIZE / 2, .order = 1 } },
	{ "KMOBJ_TYPESAFE_BY_RCU", "kunit-good", 24,
	  { .flags = KMOBJ_TYPESAFE_BY_RCU } },
	{ "KMOBJ_HWCACHE_ALIGN", "kunit-good", 24,
	  { .flags = KMOBJ_HWCACHE_ALIGN } },
	{ "KMOBJ_RECLAIMABLE", "kunit-good", 24,
	  { .flags = KMOBJ_RECLAIMABLE } },
	{ "KMOBJ_PANIC", "kunit-good", 24, { .flags = KMOBJ_PANIC } },
	{ "the largest order", "kunit-good", 24,
	  { .order = MOST } },
	{ "a limit", "kunit-good", 24, { .limit = 16 << 20 } },
	{ "a region for users up to the end", "kunit-good", 24,
	  { .useroffset = 8, .usersize = 16 } },
	{ "no byte for users", "kunit-good", 24, { .useroffset = 24 } },
	{ "keep", "kunit-good", 24, { .keep_free_slabs = 8 } },
};

static void creation_desc(const struct creation *c, char *desc)
{
	strscpy(desc, c->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad, bad_ones, creation_desc);
KUNIT_ARRAY_PARAM(good, good_ones, creation_desc);

static void a_bad_argument_is_refused_with_its_errno(struct kunit *test)
{
	const struct creation *c = test->param_value;
	struct kmobj_zone *zone;

	log_listen(test);
	zone = kmobj_zone_create(c->name, c->size, &c->args);
	KUNIT_EXPECT_PTR_EQ(test, zone, (struct kmobj_zone *)ERR_PTR(c->err));
	KUNIT_EXPECT_EQ(test, log_heard("cannot create zone \"", c->says), 1);
	if (!IS_ERR(zone))
		KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void a_good_argument_makes_a_zone(struct kunit *test)
{
	const struct creation *c = test->param_value;
	struct kmobj_zone *zone;
	void *obj;

	zone = kmobj_zone_create(c->name, c->size, &c->args);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_EXPECT_STREQ(test, strchr(kmobj_zone_name(zone), ':') + 1, c->name);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	if (c->args.align)
		KUNIT_EXPECT_EQ(test, (unsigned long)obj % c->args.align, 0);
	if (c->args.order)
		KUNIT_EXPECT_EQ(test, zone_stats(zone).slab_bytes,
				PAGE_SIZE << c->args.order);
	kmobj_free(zone, obj);
	zone_expect_sound(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void a_name_is_taken_until_its_zone_is_destroyed(struct kunit *test)
{
	struct kmobj_zone *first, *second;

	first = kmobj_zone_create("kunit-twice", 64, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, first);
	second = kmobj_zone_create("kunit-twice", 32, NULL);
	KUNIT_EXPECT_PTR_EQ(test, second,
			    (struct kmobj_zone *)ERR_PTR(-EEXIST));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(first), 0);
	second = kmobj_zone_create("kunit-twice", 32, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, second);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(second), 0);
}

static void a_name_is_copied(struct kunit *test)
{
	char name[] = "kunit-copied";
	struct kmobj_zone *zone = kmobj_zone_create(name, 64, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	name[0] = 'X';
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone), SHOWN("kunit-copied"));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void no_arguments_mean_the_defaults(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 20, NULL);
	struct kmobj_zone_stats stats = zone_stats(zone);

	KUNIT_EXPECT_EQ(test, stats.size, 20);
	KUNIT_EXPECT_EQ(test, stats.stride, 24 + gap_between_objects());
	KUNIT_EXPECT_EQ(test, stats.limit, KMOBJ_UNLIMITED);
	KUNIT_EXPECT_EQ(test, stats.slabs, 0);
	KUNIT_EXPECT_EQ(test, stats.allocs, 0);
}

static void KMOBJ_ZONE_names_a_zone_after_its_type(struct kunit *test)
{
	struct kunit_aligned_thing {
		u32 value;
	} __aligned(32);
	struct kmobj_zone *zone = KMOBJ_ZONE(struct kunit_aligned_thing, 0);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone),
			   SHOWN("kunit_aligned_thing"));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).stride,
			ALIGN(32 + gap_between_objects(), 32));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);

	zone = KMOBJ_ZONE(unsigned long, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone), SHOWN("unsigned_long"));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void two_modules_may_have_a_zone_of_one_type(struct kunit *test)
{
	struct kmobj_zone *one, *other;

	one = kmobj_zone_create_typed(module_named(test, "kunit_one"), "struct conn", 8, NULL);
	other = kmobj_zone_create_typed(module_named(test, "kunit_other"), "union conn", 8, NULL);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, one);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(one), "kunit_one:conn");
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(other), "kunit_other:conn");
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(one), 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(other), 0);
}

/* By its module and its name; one of no module is shown as it was named. */
static void a_zone_is_known_by_its_module_and_its_name(struct kunit *test)
{
	struct module *foo = module_named(test, "foo");
	struct kmobj_zone *zones[] = {
		kmobj_zone_create("conn", 8, NULL),
		kmobj_zone_create_for(foo, "conn", 8, NULL),
		kmobj_zone_create_for(NULL, "conn", 8, NULL),
		kmobj_zone_create_for(foo, "foo", 8, NULL),
		kmobj_zone_create_for(foo, "foo:foo:conn", 8, NULL),
		kmobj_zone_create_for(foo, NAME_63, 8, NULL),
	};
	static const char *const shown[] = {
		SHOWN("conn"), "foo:conn", "conn", "foo:foo", "foo:foo:conn", ("foo:" NAME_63),
	};
	unsigned int i;

	log_listen(test);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_create_for(foo, "conn", 8, NULL),
			    (struct kmobj_zone *)ERR_PTR(-EEXIST));
	KUNIT_EXPECT_EQ(test, log_heard("zone \"foo:conn\"", "there is a zone of that name"), 1);
	/* the module is not shown twice */
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_create_for(foo, "foo:conn", 8, NULL),
			    (struct kmobj_zone *)ERR_PTR(-EEXIST));
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_create_for(foo, "foo:", 8, NULL),
			    (struct kmobj_zone *)ERR_PTR(-EINVAL));
	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zones[i]);
		KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zones[i]), shown[i]);
		KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zones[i]), 0);
	}
}

/* Small ones share a line, and none lies on two. */
static void HWCACHE_ALIGN_keeps_objects_within_lines(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_HWCACHE_ALIGN };
	unsigned int line = cache_line_size();
	unsigned int size, stride;

	for (size = 1; size <= 3 * line; size += 3) {
		struct kmobj_zone *zone = zone_make(test, size, &args);

		stride = zone_stats(zone).stride;
		if (size > line / 2)
			KUNIT_EXPECT_EQ(test, stride % line, 0);
		else
			KUNIT_EXPECT_EQ(test, line % stride, 0);
		KUNIT_EXPECT_LT(test, stride, ALIGN(size, 8) +
					      gap_between_objects() + line);
		zone_unmake(test, zone);
	}
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_bad_argument_is_refused_with_its_errno,
			 bad_gen_params),
	KUNIT_CASE_PARAM(a_good_argument_makes_a_zone, good_gen_params),
	KUNIT_CASE(a_name_is_taken_until_its_zone_is_destroyed),
	KUNIT_CASE(a_name_is_copied),
	KUNIT_CASE(no_arguments_mean_the_defaults),
	KUNIT_CASE(KMOBJ_ZONE_names_a_zone_after_its_type),
	KUNIT_CASE(a_zone_is_known_by_its_module_and_its_name),
	KUNIT_CASE(two_modules_may_have_a_zone_of_one_type),
	KUNIT_CASE(HWCACHE_ALIGN_keeps_objects_within_lines),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_zone_arguments",
	.test_cases = cases,
};

kunit_test_suite(suite);
