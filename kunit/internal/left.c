// SPDX-License-Identifier: GPL-2.0
/*
 * Zones that are left when their module is unloaded, and nothing else: those of modules
 * that are only a name. A real one is unloaded by scripts/test/left.guest.
 */
#include <linux/module.h>

#include "internal_kunit.h"

static unsigned int ctors;

static void count_ctor(void *obj)
{
	ctors++;
}

static struct kmobj_zone *zone_of_module(struct kunit *test, struct module *module,
					 const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone = kmobj_zone_create_for(module, "conn", SMALL, args);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	return zone;
}

static void expect_label(struct kunit *test, struct kmobj_zone *zone, const char *begin,
			 const char *end)
{
	char label[KMOBJ_LABEL_MAX];

	zone_label(zone, label);
	KUNIT_EXPECT_TRUE_MSG(test, strstarts(label, begin), "%s", label);
	KUNIT_ASSERT_GE_MSG(test, strlen(label), strlen(end), "%s", label);
	KUNIT_EXPECT_STREQ(test, label + strlen(label) - strlen(end), end);
}

static void zone_goes(struct kunit *test, struct kmobj_zone *zone)
{
	poller_pass();
	zones_leave_wait();
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
}

/* Several times in a row, each with an object that somebody has. */
static void its_module_can_be_loaded_again(struct kunit *test)
{
	const struct kmobj_zone_args args = { .ctor = count_ctor };
	struct module *module = module_named(test, "kunit_left");
	struct kmobj_zone *zones[3];
	void *objs[3];
	unsigned int i;

	log_listen(test);
	for (i = 0; i < 3; i++) {
		zones[i] = zone_of_module(test, module, &args);
		expect_label(test, zones[i], "kunit_left:conn", "kunit_left:conn");
		objs[i] = obj_make(test, zones[i]);
		zones_left_by(module);
		expect_label(test, zones[i], "kmobj:left:", ":kunit_left:conn");
		KUNIT_EXPECT_EQ(test, log_heard("kunit_left:conn: its module was unloaded",
						"with 1 objects live"), i + 1);
		ctors = 0;
		KUNIT_EXPECT_NULL(test, kmobj_alloc(zones[i], GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, ctors, 0);
	}
	/* once for each, whatever is unloaded after that */
	zones_left_by(module);
	KUNIT_EXPECT_EQ(test, log_heard("kunit_left:conn", "its module was unloaded"), 3);
	KUNIT_EXPECT_EQ(test, log_heard("now kmobj:left:", "kunit_left:conn"), 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_FALSE(test, peek_gone(zones[i]));
		kmobj_free(zones[i], objs[i]);
		zone_goes(test, zones[i]);
	}
	KUNIT_EXPECT_EQ(test, log_heard("kunit_left:conn", "the zone is gone"), 3);
	log_ignore(test);
}

static void an_empty_zone_goes_with_its_module(struct kunit *test)
{
	struct module *module = module_named(test, "kunit_left");
	struct kmobj_zone *zone = zone_of_module(test, module, NULL);

	kmobj_free(zone, obj_make(test, zone));
	log_listen(test);
	zones_left_by(module);
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	KUNIT_EXPECT_EQ(test, log_heard("kunit_left:conn: its module was unloaded",
					"no object is live"), 1);
	log_ignore(test);
}

static void other_modules_keep_theirs(struct kunit *test)
{
	struct module *module = module_named(test, "kunit_left");
	struct module *other = module_named(test, "kunit_stays");
	struct kmobj_zone *mine = zone_make(test, SMALL, NULL);
	struct kmobj_zone *theirs = zone_of_module(test, other, NULL);
	struct kmobj_zone *nobodys = zone_of_module(test, NULL, NULL);

	zones_left_by(module);
	kmobj_free(mine, obj_make(test, mine));
	expect_label(test, theirs, "kunit_stays:conn", "conn");
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(theirs), 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(nobodys), 0);
}

/* After a destroy that was refused there is nobody who could call it again. */
static void a_dying_zone_goes_with_its_last_object(struct kunit *test)
{
	struct module *module = module_named(test, "kunit_left");
	struct kmobj_zone *zone = zone_of_module(test, module, NULL);
	void *obj = obj_make(test, zone);

	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	zones_left_by(module);
	expect_label(test, zone, "kmobj:dying:", ":kunit_left:conn");
	KUNIT_EXPECT_FALSE(test, peek_gone(zone));
	kmobj_free(zone, obj);
	zone_goes(test, zone);
}

static enum kmobj_move stay(struct kmobj_zone *zone, void *from, void *to)
{
	return KMOBJ_BUSY;
}

/* A zone may belong to no module, as a drop-in's do, and call functions of one. */
static void a_module_leaves_zones_that_call_it(struct kunit *test)
{
	const struct kmobj_zone_args constructs = { .ctor = count_ctor };
	const struct kmobj_zone_args moves = { .move = stay };
	struct kmobj_zone *constructed = zone_of_module(test, NULL, &constructs);
	struct kmobj_zone *moved = kmobj_zone_create_for(NULL, "moved", SMALL, &moves);
	struct kmobj_zone *nobodys = kmobj_zone_create_for(NULL, "other", SMALL, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, moved);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, nobodys);
	zones_left_by(THIS_MODULE);
	KUNIT_EXPECT_TRUE(test, peek_gone(constructed));
	KUNIT_EXPECT_TRUE(test, peek_gone(moved));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(nobodys), 0);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(its_module_can_be_loaded_again),
	KUNIT_CASE(an_empty_zone_goes_with_its_module),
	KUNIT_CASE(other_modules_keep_theirs),
	KUNIT_CASE(a_dying_zone_goes_with_its_last_object),
	KUNIT_CASE(a_module_leaves_zones_that_call_it),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_left",
	.init = poller_off,
	.test_cases = cases,
};

kunit_test_suite(suite);
