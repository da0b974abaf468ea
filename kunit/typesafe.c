// SPDX-License-Identifier: GPL-2.0
/*
 * KMOBJ_TYPESAFE_BY_RCU: readers of a hash table that take no lock and no
 * reference, and stand in objects that were freed, and perhaps are others by
 * now. What they find is an object of the zone with a chain to follow, always.
 *
 * They trust it: where it is not so they follow a pointer to nowhere, and the
 * kernel says so. With typesafe=0 the zone has not got the flag; then kmobj
 * zeroes objects if the kernel was booted with init_on_free=1 or
 * init_on_alloc=1, and a reader crashes.
 */
#include <linux/moduleparam.h>
#include <linux/rculist_nulls.h>

#include "kmobj_kunit.h"

static bool typesafe = true;
module_param(typesafe, bool, 0444);
MODULE_PARM_DESC(typesafe, "0: take the flag away, for a crash");

#define BUCKETS		8
#define KEYS		1024
#define MAGIC		0x6b6d6f626a6b6579ULL
#define READERS_MAX	3
#define STAND		200000	/* turns; a millisecond or more */

struct entry {
	struct hlist_nulls_node node;
	u64 magic;
	u64 key;
};

struct table {
	struct kmobj_zone *zone;
	struct hlist_nulls_head bucket[BUCKETS];
	struct entry *entry[KEYS];
	bool stop;
	atomic_long_t looks, found, strange;
};

/* So that others come by while somebody stands here. */
static void dwell(unsigned int turns)
{
	while (turns--)
		cpu_relax();
}

/* In a reader's section: is @entry, live or free, what it must be? */
static void entry_check(struct table *t, struct entry *entry)
{
	atomic_long_inc(&t->looks);
	if (READ_ONCE(entry->magic) != MAGIC ||
	    kmobj_zone_of(entry) != t->zone)
		atomic_long_inc(&t->strange);
}

/*
 * Look for @key as a user would, and stand in the @stop-th entry on the way for as
 * long as it takes to empty a slab.  What is freed under a reader and added again
 * leads it to the head of a chain: who looked at as many as there can be gives up,
 * or it would never end where entries move faster than it does.
 */
static bool lookup(struct table *t, u64 key, unsigned int stop)
{
	struct hlist_nulls_node *pos;
	unsigned int passed = 0;
	struct entry *entry;
	bool found = false;

	rcu_read_lock();
	hlist_nulls_for_each_entry_rcu(entry, pos, &t->bucket[key % BUCKETS],
				       node) {
		dwell(passed == stop ? STAND : 20);
		entry_check(t, entry);
		found = READ_ONCE(entry->key) == key;
		if (found || ++passed == KEYS)
			break;
	}
	rcu_read_unlock();
	return found;
}

static void read_on(void *data)
{
	struct table *t = data;
	u32 random = tests_seed() + raw_smp_processor_id();

	while (!READ_ONCE(t->stop)) {
		u32 r = xorshift(&random);

		/* one look in 32 stands somewhere */
		if (lookup(t, r % KEYS, r & 0x1f0000 ? KEYS : r >> 26))
			atomic_long_inc(&t->found);
		let_others_run();
	}
}

static bool entry_add(struct table *t, u64 key)
{
	struct entry *entry = kmobj_alloc(t->zone, GFP_KERNEL);

	if (!entry)
		return false;
	dwell(20);
	WRITE_ONCE(entry->magic, MAGIC);
	WRITE_ONCE(entry->key, key);
	hlist_nulls_add_head_rcu(&entry->node, &t->bucket[key % BUCKETS]);
	t->entry[key] = entry;
	return true;
}

static void entry_del(struct table *t, u64 key)
{
	hlist_nulls_del_rcu(&t->entry[key]->node);
	kmobj_free(t->zone, t->entry[key]);
	t->entry[key] = NULL;
}

/* Turn entries over; true if there was always memory. */
static bool churn(struct table *t, unsigned int steps, u32 *random)
{
	bool good = true;

	while (steps--) {
		u64 key = xorshift(random) % KEYS;

		if (t->entry[key])
			entry_del(t, key);
		else
			good &= entry_add(t, key);
		if (steps % 256 == 0)
			let_others_run();
	}
	return good;
}

static void empty(struct table *t)
{
	u64 key;

	for (key = 0; key < KEYS; key++) {
		if (t->entry[key])
			entry_del(t, key);
	}
}

/*
 * All slabs of the table, which is empty, leave it: those that the passes let go of,
 * which do not wait, and the others; the next zone gets the pages.
 */
static void pages_move_on(struct kunit *test, struct table *t,
			  struct kmobj_zone *next)
{
	void *objs[64];
	unsigned int i;

	zone_lock(test, t->zone);
	zone_drain(t->zone);
	for (i = 0; i < 3; i++)
		zone_pass(t->zone);
	zone_unlock(test, t->zone);
	kmobj_zone_shrink(t->zone);
	for (i = 0; i < ARRAY_SIZE(objs); i++) {
		objs[i] = obj_make(test, next);
		memset(objs[i], 0xff, object_size(next));
	}
	objs_free(next, objs, ARRAY_SIZE(objs));
	kmobj_zone_shrink(next);
}

static struct table *table_make(struct kunit *test, unsigned int flags)
{
	const struct kmobj_zone_args args = { .flags = flags };
	struct table *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->zone = zone_make(test, sizeof(struct entry), &args);
	for (i = 0; i < BUCKETS; i++)
		INIT_HLIST_NULLS_HEAD(&t->bucket[i], i);
	return t;
}

/*
 * Turn entries over until readers have come by: where the machine has other work its
 * CPUs may take turns.
 */
static void churn_among_readers(struct kunit *test, struct table *t, u32 *random)
{
	unsigned long end = jiffies + 10 * HZ;
	long found = atomic_long_read(&t->found);

	do {
		KUNIT_EXPECT_TRUE(test, churn(t, 8 * KEYS, random));
		schedule_timeout_uninterruptible(1);
	} while (atomic_long_read(&t->found) == found && time_before(jiffies, end));
	KUNIT_EXPECT_GT(test, atomic_long_read(&t->found), found);
}

static void readers_find_objects_of_their_zone(struct kunit *test)
{
	struct worker *workers[READERS_MAX];
	const unsigned int rounds = 10;
	struct kmobj_zone *next;
	unsigned int i, nr = 0;
	u32 random = tests_seed();
	struct table *t;
	int here, cpu;

	here = pin_here(test);
	other_cpu(test);
	t = table_make(test, typesafe ? KMOBJ_TYPESAFE_BY_RCU : 0);
	next = zone_make(test, object_size(t->zone) * 2, NULL);
	for_each_online_cpu(cpu) {
		if (cpu != here && nr < ARRAY_SIZE(workers))
			workers[nr++] = worker_start(test, cpu, read_on, t);
	}
	for (i = 0; i < rounds; i++) {
		churn_among_readers(test, t, &random);
		empty(t);
		pages_move_on(test, t, next);
		let_others_run();
	}
	WRITE_ONCE(t->stop, true);
	for (i = 0; i < nr; i++)
		worker_join(test, workers[i]);
	empty(t);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->strange), 0);
	KUNIT_EXPECT_GT(test, atomic_long_read(&t->looks), rounds);
	KUNIT_EXPECT_GE(test, zone_stats(t->zone).slabs_retired, rounds);
	KUNIT_EXPECT_EQ(test, zone_stats(t->zone).bad_frees, 0);
}

/* Written by nobody between a free and the next allocation's user. */
static void kmobj_writes_into_no_free_object(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.flags = KMOBJ_TYPESAFE_BY_RCU,
		.keep_free_slabs = 16,
	};
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone), bad = 0;
	void **objs;
	int there;

	pin_here(test);
	there = other_cpu(test);
	objs = slabs_fill(test, zone, 4);
	for (i = 0; i < 4 * n; i++)
		obj_stamp(objs[i], SMALL, i);
	/* by its owner, from elsewhere, below a section, and by RCU */
	objs_free(zone, objs, n);
	free_on_cpu(test, there, zone, objs + n, n);
	nested_free(zone, objs + 2 * n, n);
	for (i = 3 * n; i < 4 * n; i++)
		kmobj_free_rcu(zone, objs[i]);
	kmobj_rcu_barrier(zone);
	for (i = 0; i < 4 * n; i++)
		bad += !obj_has_stamp(objs[i], SMALL, i);
	KUNIT_EXPECT_EQ(test, bad, 0);
	/* nor as it is handed out anew */
	for (i = 0; i < 4 * n; i++) {
		objs[i] = obj_make(test, zone);
		bad += *(u64 *)objs[i] >= 4 * n ||
		       !obj_has_stamp(objs[i], SMALL, *(u64 *)objs[i]);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	objs_free(zone, objs, 4 * n);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(readers_find_objects_of_their_zone),
	KUNIT_CASE(kmobj_writes_into_no_free_object),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_typesafe",
	.test_cases = cases,
};

kunit_test_suite(suite);
