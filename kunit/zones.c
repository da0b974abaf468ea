// SPDX-License-Identifier: GPL-2.0
/*
 * Zones for tests, and what must hold for any zone that is quiet.
 */
#include <kunit/test-bug.h>
#include <linux/bitmap.h>

#include "kmobj_kunit.h"

/* What was counted by walking a zone's slabs and lists. */
struct census {
	unsigned long slabs;
	unsigned long paired;		/* in a CPU's pair */
	unsigned long reserved;		/* in a CPU's reserve */
	unsigned long dormant;		/* a CPU's, on no list */
	unsigned long told;		/* of all of these, on told lists */
	unsigned long disowned;
	unsigned long listed;
	unsigned long full;		/* the depot's, unlisted */
	unsigned long retiring;
	unsigned long queued;		/* places of all of these on rcu.c's lists */
	unsigned long home;		/* objects */
	unsigned long rcu;		/* objects that wait for RCU */
	const char *fault;		/* the first rule found broken */
};

static void census_expect(struct census *c, bool holds, const char *rule)
{
	if (!holds && !c->fault)
		c->fault = rule;
}

static unsigned int slab_home(const struct kmobj_zone *zone,
			      struct kmobj_slab *slab)
{
	const unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int w, nr = 0;

	for (w = 0; w < zone->words; w++)
		nr += hweight_long(slab->free[w] | remote[w]);
	return nr;
}

/* Each object is in one of the bitmaps at most, and nothing else is. */
static bool slab_bits_are_sound(const struct kmobj_zone *zone,
				struct kmobj_slab *slab)
{
	const unsigned long *map[] = {
		slab->free,
		slab_remote(zone, slab)->bits,
		slab_next(zone, slab),
		slab_waiting(zone, slab, 0),
		slab_waiting(zone, slab, 1),
	};
	unsigned int bits = zone->words * BITS_PER_LONG;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(map); i++) {
		if (find_next_bit(map[i], bits, zone->nr_objs) < bits)
			return false;
		for (j = 0; j < i; j++) {
			if (bitmap_intersects(map[i], map[j], zone->nr_objs))
				return false;
		}
	}
	return true;
}

static bool list_has(const struct list_head *list,
		     const struct kmobj_slab *slab)
{
	const struct kmobj_slab *s;

	list_for_each_entry(s, list, link) {
		if (s == slab)
			return true;
	}
	return false;
}

static bool reserve_has(const struct kmobj_pair *pair,
			const struct kmobj_slab *slab)
{
	const struct kmobj_slab *s;

	for (s = pair->reserve; s; s = s->next) {
		if (s == slab)
			return true;
	}
	return false;
}

/* @slab is one that a CPU frees into with plain stores. */
static void census_owned(struct kmobj_zone *zone, struct kmobj_slab *slab,
			 struct census *c)
{
	const struct kmobj_pair *pair = pair_of(zone, slab->owner);
	int places = (pair->active == slab) + (pair->alternate == slab);

	c->paired += places;
	if (reserve_has(pair, slab)) {
		c->reserved++;
		places++;
	}
	census_expect(c, places == 1,
		      "a CPU's slab is in its pair or its reserve, once");
	census_expect(c,
		      !remote_free(zone, slab) || slab_remote(zone, slab)->told ||
		      slab->owner & KMOBJ_FRESH,
		      "a CPU was told of what others freed");
}

static void census_owner(struct kmobj_zone *zone, struct kmobj_slab *slab,
			 unsigned int home, struct census *c)
{
	switch (slab->owner) {
	case KMOBJ_OWNER_HELD:
		c->disowned++;
		census_expect(c, list_has(&zone->disowned, slab),
			      "only what was disowned is nobody's for a time");
		return;
	case KMOBJ_OWNER_RETIRING:
		census_expect(c, home == zone->nr_objs,
			      "all objects of a retiring slab are home");
		return;
	case KMOBJ_OWNER_DEPOT:
		if (slab->listed)
			return;
		c->full++;
		census_expect(c, !home,
			      "a slab with a free object is on a list");
		return;
	}
	census_expect(c, !slab->pfmemalloc,
		      "no CPU has a slab that is not for everybody");
	if (slab->owner & KMOBJ_DORMANT) {
		c->dormant++;
		census_expect(c, !home || slab_remote(zone, slab)->told,
			      "a dormant slab is full, or its CPU was told");
		return;
	}
	census_owned(zone, slab, c);
}

static void census_slab(struct kmobj_zone *zone, struct kmobj_slab *slab,
			int nid, struct census *c)
{
	const struct kmobj_remote *remote = slab_remote(zone, slab);
	unsigned int bits = zone->words * BITS_PER_LONG;
	unsigned int nr, home = slab_home(zone, slab);
	unsigned long cookie;

	c->slabs++;
	c->home += home;
	c->rcu += slab_count_rcu(zone, slab);
	c->queued += remote->rcu_queued + hweight8(slab->rcu_batches);
	census_expect(c, remote->rcu_queued || bitmap_empty(slab_next(zone, slab), bits),
		      "a slab with objects that begin to wait for RCU is on a CPU's list");
	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++)
		census_expect(c, !!(slab->rcu_batches & BIT(nr)) ==
				 !bitmap_empty(slab_waiting(zone, slab, nr), bits),
			      "a slab is in the batches that its objects wait in");
	census_expect(c, slab->zone == zone, "a slab knows its zone");
	cookie = slab_cookie(zone, slab);
	census_expect(c, slab->cookie ==
			 (slab->owner == KMOBJ_OWNER_RETIRING ? ~cookie :
								cookie),
		      "a slab in a zone has its cookie");
	c->told += !!slab_remote(zone, slab)->told;
	census_expect(c, slab->node == nid, "a slab is with its node's depot");
	census_expect(c, slab_bits_are_sound(zone, slab),
		      "a free object is marked once");
	census_owner(zone, slab, home, c);
}

static void census_bin(struct kmobj_zone *zone, struct kmobj_depot *depot,
		       unsigned int bin, struct census *c)
{
	struct kmobj_slab *slab;
	unsigned long nr = 0;

	list_for_each_entry(slab, &depot->bin[bin], link) {
		nr++;
		census_expect(c, slab->owner == KMOBJ_OWNER_DEPOT,
			      "a listed slab is the depot's");
		census_expect(c, slab->listed == bin + 1,
			      "a listed slab knows its bin");
		census_expect(c, slab_home(zone, slab),
			      "a listed slab has a free object");
	}
	census_expect(c, nr == depot->nr[bin], "a bin's length is its number");
	c->listed += nr;
}

static void census_retiring(struct list_head *list, struct census *c)
{
	struct kmobj_slab *slab;

	list_for_each_entry(slab, list, link) {
		c->retiring++;
		census_expect(c, slab->owner == KMOBJ_OWNER_RETIRING,
			      "a slab on its way out says so");
	}
}

static unsigned long told_length(const struct llist_node *node)
{
	unsigned long nr = 0;

	for (; node; node = node->next)
		nr++;
	return nr;
}

static void census_pairs(struct kmobj_zone *zone, struct census *c)
{
	unsigned long paired = 0, reserved = 0, told = 0;
	const struct kmobj_pair *pair;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			pair = pair_at(zone, cpu, nr);
			census_expect(c, !pair->busy, "no section is open");
			paired += pair->active != &kmobj_no_slab;
			paired += pair->alternate != &kmobj_no_slab;
			reserved += pair->nr_reserve;
			told += told_length(pair->told.first);
			told += told_length(pair->todo);
		}
	}
	census_expect(c, paired == c->paired, "a pair's slabs are its CPU's");
	census_expect(c, reserved == c->reserved,
		      "a reserve's length is its number");
	census_expect(c, told == c->told,
		      "a slab that was told of is on one such list");
}

/* Slabs on the lists of rcu.c. */
static void census_rcu(struct kmobj_zone *zone, struct census *c)
{
	unsigned long queued = 0;
	struct kmobj_slab *slab;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu)
		queued += told_length(pair_on(zone, cpu)->rcu.first);
	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		slab = zone->rcu_batch[nr].slabs;
		for (; slab; slab = slab_remote(zone, slab)->rcu_next[nr])
			queued++;
	}
	census_expect(c, queued == c->queued,
		      "a slab is on the lists of rcu.c that it says it is on");
}

/*
 * Walk everything; zone->care and zone->rcu_lock are held and nobody uses the
 * zone.
 */
static struct census zone_census(struct kmobj_zone *zone)
{
	struct census c = {};
	struct kmobj_depot *depot;
	struct kmobj_slab *slab;
	unsigned int bin;
	int nid;

	for_each_node(nid) {
		depot = zone->depot[nid];
		list_for_each_entry(slab, &depot->all, all)
			census_slab(zone, slab, nid, &c);
		for (bin = 0; bin < KMOBJ_NR_BINS; bin++)
			census_bin(zone, depot, bin, &c);
		census_retiring(&depot->retired, &c);
		census_retiring(&depot->waiting, &c);
	}
	census_pairs(zone, &c);
	census_rcu(zone, &c);
	census_expect(&c, c.slabs == c.paired + c.reserved + c.dormant +
				     c.disowned + c.listed + c.full +
				     c.retiring,
		      "a slab is in one place");
	return c;
}

static void expect_sound(struct kunit *test, struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;
	struct census c;

	mutex_lock(&zone->rcu_lock);
	stats = zone_stats(zone);
	c = zone_census(zone);
	mutex_unlock(&zone->rcu_lock);

	KUNIT_EXPECT_NULL_MSG(test, c.fault, "%s: not so: %s", zone->name,
			      c.fault);
	KUNIT_EXPECT_EQ(test, c.slabs, stats.slabs);
	KUNIT_EXPECT_EQ(test, c.slabs, stats.slabs_made - stats.slabs_retired);
	KUNIT_EXPECT_EQ(test, c.slabs * zone->nr_objs - c.home - c.rcu,
			stats.allocs - stats.frees);
	KUNIT_EXPECT_EQ(test, c.rcu, stats.rcu_waiting);
}

/* Nobody uses @zone: expect of it all that holds for every quiet zone. */
void zone_expect_sound(struct kunit *test, struct kmobj_zone *zone)
{
	mutex_lock(&zone->care);
	expect_sound(test, zone);
	mutex_unlock(&zone->care);
}

/* Objects that nobody freed, by looking at each slab. */
unsigned long zone_count_live(struct kmobj_zone *zone)
{
	struct census c;

	mutex_lock(&zone->care);
	mutex_lock(&zone->rcu_lock);
	c = zone_census(zone);
	mutex_unlock(&zone->rcu_lock);
	mutex_unlock(&zone->care);
	return c.slabs * zone->nr_objs - c.home - c.rcu;
}

struct kmobj_zone_stats zone_stats(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	return stats;
}

static void slab_free_strays(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int i;

	for (i = 0; i < zone->nr_objs; i++) {
		if (!test_bit(i, slab->free) && !test_bit(i, remote))
			kmobj_free(zone, slab_object(zone, slab, i));
	}
}

/* What a case that was broken off had not freed. */
static void zone_free_strays(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	int nid;

	mutex_lock(&zone->care);
	for_each_node(nid) {
		list_for_each_entry(slab, &zone->depot[nid]->all, all)
			slab_free_strays(zone, slab);
	}
	mutex_unlock(&zone->care);
}

static void zone_end(void *zone)
{
	struct kunit *test = kunit_get_current_test();

	zone_expect_sound(test, zone);
	kmobj_rcu_barrier(zone);
	zone_expect_sound(test, zone);
	KUNIT_EXPECT_EQ_MSG(test, zone_count_live(zone), 0,
			    "the case left objects behind");
	zone_free_strays(zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

/* A zone for this case: checked and destroyed when it ends. */
struct kmobj_zone *zone_make(struct kunit *test, size_t size,
			     const struct kmobj_zone_args *args)
{
	static atomic_t serial;
	struct kmobj_zone *zone;
	char name[32];

	snprintf(name, sizeof(name), "kunit-%d", atomic_inc_return(&serial));
	zone = kmobj_zone_create(name, size, args);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, zone_end, zone), 0);
	return zone;
}

/* Check and destroy a zone before its case ends. */
void zone_unmake(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_release_action(test, zone_end, zone);
}

/* The case has destroyed the zone itself. */
void zone_forget(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_remove_action(test, zone_end, zone);
}

static void care_unlock(void *zone)
{
	mutex_unlock(&((struct kmobj_zone *)zone)->care);
}

/* Keep the poller away until zone_unlock(), or until the case fails. */
void zone_lock(struct kunit *test, struct kmobj_zone *zone)
{
	mutex_lock(&zone->care);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, care_unlock, zone), 0);
}

void zone_unlock(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_release_action(test, care_unlock, zone);
}

void *obj_make(struct kunit *test, struct kmobj_zone *zone)
{
	void *obj = kmobj_alloc(zone, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	return obj;
}

void objs_free(struct kmobj_zone *zone, void **objs, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		kmobj_free(zone, objs[i]);
}

/*
 * All CPUs give up what they own to the depot, save full slabs that lie
 * dormant. The zone is quiet, and zone_lock()ed.
 */
void zone_drain(struct kmobj_zone *zone)
{
	int cpu, round;

	/* what one passes on to another who is done needs a second round */
	for (round = 0; round < 2; round++) {
		for_each_possible_cpu(cpu)
			drain_dead(zone, cpu);
	}
}

struct kmobj_pair *sections_open(struct kmobj_zone *zone, unsigned int nr)
{
	struct kmobj_pair *pair;
	unsigned int i;

	preempt_disable();
	pair = this_cpu_ptr(zone->pairs);
	for (i = 0; i < nr; i++)
		WRITE_ONCE(pair[i].busy, true);
	return pair;
}

void sections_close(struct kmobj_pair *pair, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		WRITE_ONCE(pair[i].busy, false);
	preempt_enable();
}

/* As an interrupt does that finds sections of both pairs of its CPU open. */
void *nested_alloc(struct kmobj_zone *zone)
{
	void *obj;

	below_sections(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	return obj;
}

/* The same: remote, whatever this CPU owns. */
void nested_free(struct kmobj_zone *zone, void **objs, size_t nr)
{
	below_sections(zone, objs_free(zone, objs, nr));
}

static void restore_shuffle(void *was)
{
	kmobj_shuffle = (unsigned long)was;
}

/* Until the case ends, new slabs hand out their objects in order. */
void slabs_in_order(struct kunit *test)
{
	void *was = (void *)(unsigned long)kmobj_shuffle;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_shuffle, was), 0);
	kmobj_shuffle = false;
}

/*
 * All objects of @nr new slabs, slab by slab, by a CPU that owns nothing of
 * the zone yet. The last two slabs are its pair then, the others lie dormant.
 */
void **slabs_fill(struct kunit *test, struct kmobj_zone *zone, unsigned int nr)
{
	unsigned int i, n = zone->nr_objs;
	void **objs;

	objs = kunit_kmalloc_array(test, nr * n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < nr * n; i++) {
		objs[i] = obj_make(test, zone);
		KUNIT_ASSERT_PTR_EQ(test, slab_at(zone, objs[i]),
				    slab_at(zone, objs[i - i % n]));
		if (i && !(i % n))
			KUNIT_ASSERT_PTR_NE(test, slab_at(zone, objs[i]),
					    slab_at(zone, objs[i - 1]));
	}
	return objs;
}

static u8 stamp_byte(u64 stamp, size_t i)
{
	return (stamp >> (i % 8 * 8)) + i / 8;
}

void obj_stamp(void *obj, size_t size, u64 stamp)
{
	u8 *byte = obj;
	size_t i;

	for (i = 0; i < size; i++)
		byte[i] = stamp_byte(stamp, i);
}

bool obj_has_stamp(const void *obj, size_t size, u64 stamp)
{
	const u8 *byte = obj;
	size_t i;

	for (i = 0; i < size; i++) {
		if (byte[i] != stamp_byte(stamp, i))
			return false;
	}
	return true;
}
