// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of zones when memory has run out.
 */
#include "kmobj_kunit.h"

#define SMALL_ZONES	12

/* The one that is to come first is among the others. */
static unsigned int slabs_of(unsigned int i)
{
	return i == 5 ? 40 : i + 1;
}

/* Lines that begin with its name and that. */
static unsigned int named_with(struct kmobj_zone *zone, const char *what)
{
	char line[KMOBJ_NAME_MAX + 32];

	snprintf(line, sizeof(line), "%s: %s", kmobj_zone_name(zone), what);
	return log_heard(line, what);
}

static void the_largest_zones_are_named(struct kunit *test)
{
	const struct kmobj_zone_args args = { .order = 1, .limit = 4UL << 20 };
	struct kmobj_zone *zone[SMALL_ZONES + 1];
	void **objs[SMALL_ZONES + 1];
	unsigned int i, named = 0;

	pin_here(test);
	for (i = 0; i <= SMALL_ZONES; i++) {
		zone[i] = zone_make(test, SMALL, &args);
		objs[i] = slabs_fill(test, zone[i], slabs_of(i));
	}
	kmobj_free(zone[5], objs[5][0]);
	log_listen(test);
	tell_of_zones();
	log_ignore(test);
	for (i = 0; i <= SMALL_ZONES; i++)
		named += named_with(zone[i], "SlabUse ");
	KUNIT_EXPECT_EQ(test, log_heard("the 10 largest", "zones"), 1);
	KUNIT_EXPECT_LE(test, named, 10);
	for (i = 0; i <= SMALL_ZONES - 10; i++)
		KUNIT_EXPECT_EQ(test, named_with(zone[i], "SlabUse "), 0);
	KUNIT_EXPECT_EQ(test, named_with(zone[5], PAGE_SIZE == 4096 ?
					 "SlabUse 320kB, " : "SlabUse "), 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone[5]),
					"Limit 4096kB"), 1);
	for (i = 0; i <= SMALL_ZONES; i++)
		objs_free(zone[i], objs[i] + (i == 5),
			  objs_per_slab(zone[i]) * slabs_of(i) - (i == 5));
}

static struct kunit_case cases[] = {
	KUNIT_CASE(the_largest_zones_are_named),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_oom",
	.test_cases = cases,
};

kunit_test_suite(suite);
