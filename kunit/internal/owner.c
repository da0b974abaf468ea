// SPDX-License-Identifier: GPL-2.0
/*
 * The table of state.h: what it does not have is found. That suites do nothing
 * of the kind is looked at in zone_expect_sound(), and here for what came after the
 * last of that: this suite is linked last.
 */
#include "internal_kunit.h"

struct change {
	int from, to;
};

/* CPU 0 there always is; that of the second state need not be another one. */
static const struct change not_allowed[] = {
	{ KMOBJ_OWNER_RETIRING, KMOBJ_FULL_OWNED },
	{ KMOBJ_OWNER_RETIRING, 0 },
	{ KMOBJ_OWNER_DEPOT, KMOBJ_OWNER_DEPOT },
	{ KMOBJ_OWNER_DEPOT, KMOBJ_OWNER_NEW },
	{ KMOBJ_OWNER_DEPOT, KMOBJ_HIDDEN_HALF },
	{ KMOBJ_OWNER_IN_TRANSIT, 0 },
	{ KMOBJ_OWNER_IN_TRANSIT, KMOBJ_OWNER_TAKEN },
	{ KMOBJ_OWNER_TAKEN, KMOBJ_OWNER_RETIRING },
	{ KMOBJ_OWNER_NEW, KMOBJ_OWNER_RETIRING },
	{ KMOBJ_OWNER_CORRUPT, KMOBJ_OWNER_RETIRING },
	{ 0, KMOBJ_OWNER_RETIRING },
	{ 0, KMOBJ_OWNER_NEW },
	{ 0, KMOBJ_HIDDEN_HALF },
	{ KMOBJ_HIDDEN_HALF, KMOBJ_FULL_OWNED },
	{ KMOBJ_FULL_OWNED, KMOBJ_OWNER_DEPOT },
	/* from one state to the other */
	{ KMOBJ_FULL_OWNED, KMOBJ_SECOND },
	/* and to a CPU that there is not */
	{ KMOBJ_OWNER_DEPOT, KMOBJ_SECOND - 1 },
};

static void skip_unless_checked(struct kunit *test)
{
	if (!KMOBJ_OWNER_CHECKED)
		kunit_skip(test, "this kernel does not have KUnit built in");
}

/* First: nothing is left from other suites. */
static void no_suite_changed_an_owner_against_the_table(struct kunit *test)
{
	skip_unless_checked(test);
	KUNIT_EXPECT_EQ(test, owner_faults(), 0);
}

static void a_change_that_is_not_in_the_table_is_found(struct kunit *test)
{
	static struct kmobj_slab slab;
	unsigned int i, found = 0;

	skip_unless_checked(test);
	kunit_warning_suppress(test) {
		for (i = 0; i < ARRAY_SIZE(not_allowed); i++) {
			slab.owner = not_allowed[i].from;
			slab_set_owner(&slab, not_allowed[i].to);
			KUNIT_EXPECT_EQ_MSG(test, owner_faults(), 1, "%x to %x",
					    not_allowed[i].from, not_allowed[i].to);
			KUNIT_EXPECT_EQ(test, slab.owner, not_allowed[i].to);
			found++;
		}
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, found);
	}
}

/* By who is not alone, too; and of many the first is said. */
static void it_is_said_once(struct kunit *test)
{
	static struct kmobj_slab slab;

	skip_unless_checked(test);
	slab.owner = KMOBJ_OWNER_DEPOT;
	kunit_warning_suppress(test) {
		slab_cmpxchg_owner(&slab, KMOBJ_OWNER_DEPOT, KMOBJ_OWNER_TAKEN);
		KUNIT_EXPECT_EQ(test, slab.owner, KMOBJ_OWNER_TAKEN);
		slab_cmpxchg_owner(&slab, KMOBJ_OWNER_IN_TRANSIT, KMOBJ_OWNER_TAKEN);
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 1);
	}
	KUNIT_EXPECT_EQ(test, owner_faults(), 2);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(no_suite_changed_an_owner_against_the_table),
	KUNIT_CASE(a_change_that_is_not_in_the_table_is_found),
	KUNIT_CASE(it_is_said_once),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_owner",
	.test_cases = cases,
};

kunit_test_suite(suite);
