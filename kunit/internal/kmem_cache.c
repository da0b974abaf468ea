// SPDX-License-Identifier: GPL-2.0
/*
 * The drop-in: this file is compiled as a module's that was written for
 * kmem_cache, with <linux/slab.h> and its like from module/include/kmem_cache.
 * Every name below that begins with kmem_cache is one of those.
 *
 * Whether an object is a zone's is asked of kmobj_zone_of(); whatever the
 * kernel itself is to have made or freed, it must have.
 */
#include <linux/cleanup.h>
#include <linux/delay.h>
#include <linux/mempool.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal_kunit.h"

struct thing {
	u64 payload[12];
	struct rcu_head rcu;
	u64 seal;
};

#define SEAL	0x7365616cULL

static void seal(void *obj)
{
	struct thing *thing = obj;

	thing->seal = SEAL;
}

static void cache_end(void *cache)
{
	kmem_cache_destroy(cache);
}

/* The cache goes when the case ends, or by cache_unmake(). */
static struct kmem_cache *keep(struct kunit *test, struct kmem_cache *cache)
{
	KUNIT_ASSERT_NOT_NULL(test, cache);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, cache_end, cache), 0);
	return cache;
}

static void cache_unmake(struct kunit *test, struct kmem_cache *cache)
{
	kunit_release_action(test, cache_end, cache);
}

static struct kmem_cache *things(struct kunit *test)
{
	return keep(test, KMEM_CACHE(thing, 0));
}

static struct thing *thing_make(struct kunit *test, struct kmem_cache *cache)
{
	struct thing *thing = kmem_cache_alloc(cache, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, thing);
	return thing;
}

/* The zone that serves @cache. */
static struct kmobj_zone *zone_of(struct kunit *test, struct kmem_cache *cache)
{
	void *obj = kmem_cache_alloc(cache, GFP_KERNEL);
	struct kmobj_zone *zone;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	zone = kmobj_zone_of(obj);
	KUNIT_ASSERT_NOT_NULL(test, zone);
	kmem_cache_free(cache, obj);
	return zone;
}

static void expect_cache(struct kunit *test, struct kmem_cache *cache,
			 const char *name, unsigned int size,
			 unsigned int align, void (*ctor)(void *obj))
{
	struct kmobj_zone *zone = zone_of(test, keep(test, cache));

	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone), name);
	KUNIT_EXPECT_EQ(test, kmem_cache_size(cache), size);
	KUNIT_EXPECT_EQ(test, zone->align, align);
	KUNIT_EXPECT_PTR_EQ(test, zone->ctor, ctor);
	cache_unmake(test, cache);
}

static void every_form_of_create_makes_a_zone(struct kunit *test)
{
	struct kmem_cache_args args = {
		.align = 32, .ctor = seal, .useroffset = 8, .usersize = 8,
		.use_freeptr_offset = true, .sheaf_capacity = 16,
	};

	expect_cache(test, kmem_cache_create("five", 100, 16, 0, NULL),
		     "five", 100, 16, NULL);
	expect_cache(test, kmem_cache_create("five", sizeof(struct thing), 64,
					     0, seal),
		     "five", sizeof(struct thing), 64, seal);
	expect_cache(test, kmem_cache_create("args", sizeof(struct thing),
					     &args, 0),
		     "args", sizeof(struct thing), 32, seal);
	expect_cache(test, kmem_cache_create("none", 100, NULL, 0),
		     "none", 100, 8, NULL);
	expect_cache(test, kmem_cache_create_usercopy("user",
						      sizeof(struct thing), 16,
						      0, 8, 16, seal),
		     "user", sizeof(struct thing), 16, seal);
	expect_cache(test, KMEM_CACHE(thing, 0), "thing",
		     sizeof(struct thing), 8, NULL);
	expect_cache(test, KMEM_CACHE_USERCOPY(thing, 0, payload), "thing",
		     sizeof(struct thing), 8, NULL);
}

struct flag {
	const char *name;
	slab_flags_t slab;
	unsigned int zone;
};

/* What maps to 0 is taken and does nothing. */
#define FLAG(slab, zone)	{ #slab, slab, zone }
static const struct flag flags[] = {
	FLAG(SLAB_TYPESAFE_BY_RCU, KMOBJ_TYPESAFE_BY_RCU),
	FLAG(SLAB_HWCACHE_ALIGN, KMOBJ_HWCACHE_ALIGN),
	FLAG(SLAB_RECLAIM_ACCOUNT, KMOBJ_RECLAIMABLE),
	FLAG(SLAB_TEMPORARY, KMOBJ_RECLAIMABLE),
	FLAG(SLAB_ACCOUNT, KMOBJ_ACCOUNT),
	FLAG(SLAB_POISON, KMOBJ_POISON),
	FLAG(SLAB_RED_ZONE, KMOBJ_RED_ZONE),
	FLAG(SLAB_STORE_USER, KMOBJ_TRACK_USER),
	FLAG(SLAB_PANIC, 0),
	FLAG(SLAB_CONSISTENCY_CHECKS, 0),
	FLAG(SLAB_TRACE, 0),
	FLAG(SLAB_DEBUG_OBJECTS, 0),
	FLAG(SLAB_NOLEAKTRACE, 0),
	FLAG(SLAB_FAILSLAB, 0),
	FLAG(SLAB_NO_MERGE, 0),
	FLAG(SLAB_NO_USER_FLAGS, 0),
	FLAG(SLAB_SKIP_KFENCE, 0),
	FLAG(SLAB_NO_OBJ_EXT, 0),
	FLAG(SLAB_NO_SHEAVES, 0),
	FLAG(SLAB_HWCACHE_ALIGN | SLAB_RECLAIM_ACCOUNT | SLAB_RED_ZONE,
	     KMOBJ_HWCACHE_ALIGN | (SLAB_RECLAIM_ACCOUNT ? KMOBJ_RECLAIMABLE : 0) | KMOBJ_RED_ZONE),
	FLAG(SLAB_POISON | SLAB_TYPESAFE_BY_RCU, KMOBJ_TYPESAFE_BY_RCU),
};

static void flag_desc(const struct flag *flag, char *desc)
{
	strscpy(desc, flag->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(flag, flags, flag_desc);

static void a_flag_is_mapped_or_ignored(struct kunit *test)
{
	const struct flag *flag = test->param_value;
	struct kmem_cache *cache;
	unsigned int zone = flag->slab ? flag->zone : 0;

	cache = keep(test, KMEM_CACHE(thing, flag->slab));
	KUNIT_EXPECT_EQ(test, zone_of(test, cache)->flags, zone);
}

static void what_a_ctor_made_is_not_poisoned(struct kunit *test)
{
	struct kmem_cache *cache;

	cache = keep(test, kmem_cache_create("sealed", sizeof(struct thing), 0,
					     SLAB_POISON | SLAB_RED_ZONE,
					     seal));
	KUNIT_EXPECT_EQ(test, zone_of(test, cache)->flags, KMOBJ_RED_ZONE);
}

/* Written with their names, they would not compile. */
static void a_flag_that_no_zone_can_have_is_refused(struct kunit *test)
{
	static const unsigned int bits[] = {
		_SLAB_CACHE_DMA, _SLAB_CACHE_DMA32, _SLAB_KMALLOC, 31,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++)
		KUNIT_EXPECT_NULL(test,
				  KMEM_CACHE(thing, __SLAB_FLAG_BIT(bits[i])));
	KUNIT_EXPECT_FALSE(test, kmobj_zone_name_taken("thing"));
}

static void bad_sizes_and_names_are_refused(struct kunit *test)
{
	const char *none = NULL;

	OPTIMIZER_HIDE_VAR(none);
	KUNIT_EXPECT_NULL(test, kmem_cache_create("zero", 0, 0, 0, NULL));
	KUNIT_EXPECT_NULL(test, kmem_cache_create("odd", 8, 24, 0, NULL));
	KUNIT_EXPECT_NULL(test, kmem_cache_create(none, 8, 0, 0, NULL));
}

static void a_cache_named_as_another_gets_a_number(struct kunit *test)
{
	struct kmem_cache *first = things(test), *second = things(test),
			  *third = things(test);

	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, first)),
			   "thing");
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, second)),
			   "thing:2");
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, third)),
			   "thing:3");
	/* and a number that is free again is taken again */
	cache_unmake(test, second);
	second = things(test);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, second)),
			   "thing:2");
}

static struct kmem_cache *named(struct kunit *test, const char *name)
{
	return keep(test, kmem_cache_create(name, 64, 0, 0, NULL));
}

static void a_name_is_made_fit(struct kunit *test)
{
	char name[100];
	struct kmobj_zone *zone;

	zone = zone_of(test, named(test, "a/b\tc d"));
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone), "a!b!c d");
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	zone = zone_of(test, named(test, name));
	KUNIT_EXPECT_EQ(test, strlen(kmobj_zone_name(zone)), KMOBJ_NAME_MAX);
	zone = zone_of(test, named(test, name));
	KUNIT_EXPECT_EQ(test, strlen(kmobj_zone_name(zone)), KMOBJ_NAME_MAX);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone) + KMOBJ_NAME_MAX - 3,
			   "x:2");
}

struct naming {
	const char *name, *zone;
};

/* What characters of UTF-8 are replaced are so as a whole. */
static const struct naming namings[] = {
	{ "", "!" },
	{ ".", "!" },
	{ "..", "!." },
	{ ".hidden", ".hidden" },
	{ "kmobj:headers", "!mobj:headers" },
	{ "kmobj:", "!mobj:" },
	{ "caf\xc3\xa9", "caf!" },
	{ "\xe2\x82\xac/\xf0\x9f\x90\xa7:", "!!!:" },
	{ "\xa9 latin\xe9", "! latin!" },
	{ "%s%n", "%s%n" },
};

static void naming_desc(const struct naming *n, char *desc)
{
	strscpy(desc, n->zone, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(naming, namings, naming_desc);

static void any_name_makes_a_cache(struct kunit *test)
{
	const struct naming *n = test->param_value;
	struct kmem_cache *cache = named(test, n->name);
	char second[32];

	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, cache)), n->zone);
	snprintf(second, sizeof(second), "%s:2", n->zone);
	cache = named(test, n->name);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, cache)), second);
}

#define NAMESAKES	10000

static unsigned int looks;

/* There are so many things. */
static bool so_many_are_taken(const char *name)
{
	unsigned int nr;

	looks++;
	return !strcmp(name, "thing") ||
	       (sscanf(name, "thing:%u", &nr) == 1 && nr <= NAMESAKES);
}

static void the_last_of_thousands_has_its_number_soon(struct kunit *test)
{
	struct kmem_cache *cache;

	looks = 0;
	kunit_activate_static_stub(test, kmobj_zone_name_taken, so_many_are_taken);
	cache = things(test);
	kunit_deactivate_static_stub(test, kmobj_zone_name_taken);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, cache)),
			   "thing:10001");
	KUNIT_EXPECT_LE(test, looks, 2 * ilog2(2 * NAMESAKES) + 2);
}

static void objects_come_from_the_zone_and_go_back(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	void *objs[5];
	unsigned int i;

	objs[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	objs[1] = kmem_cache_zalloc(cache, GFP_ATOMIC);
	objs[2] = kmem_cache_alloc_lru(cache, NULL, GFP_NOWAIT);
	objs[3] = kmem_cache_alloc_node(cache, GFP_KERNEL, numa_mem_id());
	objs[4] = kmem_cache_alloc_node(cache, GFP_KERNEL, NUMA_NO_NODE);
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(objs[i]), zone);
	KUNIT_EXPECT_NULL(test, memchr_inv(objs[1], 0, sizeof(struct thing)));
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		kmem_cache_free(cache, objs[i]);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static void many_objects_at_once(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	/* more than a slab holds; its lowest byte is no truth */
	unsigned int i, nr = 2048;
	void **objs;

	objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	KUNIT_ASSERT_TRUE(test, kmem_cache_alloc_bulk(cache, GFP_KERNEL, nr,
						      objs));
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(objs[i]), zone);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), nr);
	kmem_cache_free_bulk(cache, nr, objs);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);

	kmem_cache_shrink(cache);
	kmobj_zone_set_limit(zone, zone_stats(zone).slab_bytes);
	KUNIT_EXPECT_FALSE(test, kmem_cache_alloc_bulk(cache, GFP_KERNEL, nr,
						       objs));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
}

static void an_object_has_been_constructed(struct kunit *test)
{
	struct kmem_cache *cache;
	struct thing *thing;

	cache = keep(test, kmem_cache_create("sealed", sizeof(struct thing), 0,
					     0, seal));
	thing = thing_make(test, cache);
	KUNIT_EXPECT_EQ(test, thing->seal, SEAL);
	kmem_cache_free(cache, thing);
}

/* What frees an object without being told its cache. */
static void by_kfree(const void *obj)
{
	kfree(obj);
}

static void by_kvfree(const void *obj)
{
	kvfree(obj);
}

static void by_kvfree_atomic(const void *obj)
{
	kvfree_atomic(obj);
}

static void by_kfree_sensitive(const void *obj)
{
	kfree_sensitive(obj);
}

static void by_kvfree_sensitive(const void *obj)
{
	kvfree_sensitive(obj, sizeof(struct thing));
}

static void by_kfree_bulk(const void *obj)
{
	void *objs[] = { (void *)obj };

	kfree_bulk(1, objs);
}

static void by_its_address(const void *obj)
{
	void (*fn)(const void *obj) = kfree;

	OPTIMIZER_HIDE_VAR(fn);
	fn(obj);
}

static void by_leaving_scope(const void *obj)
{
	void *going __free(kfree) = (void *)obj;
	void *gone __free(kvfree) = NULL;
}

struct way {
	const char *name;
	void (*free)(const void *obj);
};

static const struct way ways[] = {
	{ "kfree", by_kfree },
	{ "kvfree", by_kvfree },
	{ "kvfree_atomic", by_kvfree_atomic },
	{ "kfree_sensitive", by_kfree_sensitive },
	{ "kvfree_sensitive", by_kvfree_sensitive },
	{ "kfree_bulk", by_kfree_bulk },
	{ "a pointer to kfree", by_its_address },
	{ "__free(kfree)", by_leaving_scope },
};

static void way_desc(const struct way *way, char *desc)
{
	strscpy(desc, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(way, ways, way_desc);

static void an_object_is_freed_without_its_cache(struct kunit *test)
{
	const struct way *way = test->param_value;
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);

	KUNIT_EXPECT_EQ(test, ksize(thing), sizeof(*thing));
	way->free(thing);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);

	/* what lies in a slab is never taken for memory of the kernel */
	thing = thing_make(test, cache);
	way->free(&thing->payload[1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	kmem_cache_free(cache, thing);
}

/* kmemleak and KASAN would tell of a loss or of a second free. */
static void the_kernels_own_memory_is_the_kernels(struct kunit *test)
{
	const struct way *way = test->param_value;
	void *small = kmalloc(200, GFP_KERNEL);
	void *large = kmalloc(100000, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, small);
	KUNIT_ASSERT_NOT_NULL(test, large);
	KUNIT_EXPECT_GE(test, ksize(small), 200);
	KUNIT_EXPECT_GE(test, ksize(large), 100000);
	KUNIT_EXPECT_EQ(test, ksize(NULL), 0);
	way->free(small);
	way->free(large);
	way->free(NULL);
}

static void memory_of_vmalloc_is_the_kernels(struct kunit *test)
{
	void *memory = vmalloc(100000);

	KUNIT_ASSERT_NOT_NULL(test, memory);
	kvfree(memory);
	memory = kvmalloc(100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, memory);
	kvfree(memory);
}

/* Reads freed memory, which a type-stable zone allows. */
static void sensitive_objects_are_wiped(struct kunit *test)
{
	struct kmem_cache *cache;
	struct thing *thing;

	cache = keep(test, KMEM_CACHE(thing, SLAB_TYPESAFE_BY_RCU));
	rcu_read_lock();
	thing = kmem_cache_alloc(cache, GFP_ATOMIC);
	if (thing) {
		memset(thing, 0x5a, sizeof(*thing));
		kfree_sensitive(thing);
		KUNIT_EXPECT_NULL(test, memchr_inv(thing, 0, sizeof(*thing)));
	}
	rcu_read_unlock();
	KUNIT_EXPECT_NOT_NULL(test, thing);
}

struct headed {
	u64 first;
	struct kvfree_rcu_head head;
};

static void expect_empty_soon(struct kunit *test, struct kmobj_zone *zone)
{
	unsigned long end = jiffies + 10 * HZ;

	while (zone_stats(zone).rcu_waiting && time_before(jiffies, end))
		msleep(20);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
}

static void kfree_rcu_frees_after_a_grace_period(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct worker *reader = reader_start(test, other_cpu(test));
	struct thing *here, *there;

	here = thing_make(test, cache);
	there = thing_make(test, cache);
	kfree_rcu(here, rcu);
	kvfree_rcu(there, rcu);
	msleep(50);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 2);
	reader_stop(test, reader);
	expect_empty_soon(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static void kfree_rcu_takes_any_head_or_none(struct kunit *test)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(headed, 0));
	struct kmobj_zone *zone = zone_of(test, cache);
	struct headed *obj;

	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kfree_rcu(obj, head);
	expect_empty_soon(test, zone);

	obj = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kfree_rcu_mightsleep(obj);
	expect_empty_soon(test, zone);

	obj = kmalloc(100, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, obj);
	kfree_rcu(obj, head);
	obj = NULL;
	kfree_rcu(obj, head);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

/* What stands beside an object is neither handed out nor freed. */
static void an_object_with_red_zones_goes_every_way(struct kunit *test)
{
	struct kmem_cache *cache;
	struct kmobj_zone *zone;
	struct thing *thing;

	cache = keep(test, KMEM_CACHE(thing, SLAB_POISON | SLAB_RED_ZONE |
					     SLAB_STORE_USER));
	zone = zone_of(test, cache);
	thing = kmem_cache_zalloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, thing);
	KUNIT_EXPECT_NULL(test, memchr_inv(thing, 0, sizeof(*thing)));
	KUNIT_EXPECT_EQ(test, ksize(thing), sizeof(*thing));
	memset(thing, 0x11, ksize(thing));
	kfree_sensitive(thing);
	kfree(thing_make(test, cache));
	kfree_rcu(thing_make(test, cache), rcu);
	expect_empty_soon(test, zone);
	kmem_cache_shrink(cache);	/* reads all of it once more */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).corrupted, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static noinline void free_it(const void *obj)
{
	kfree(obj);
	barrier();	/* no jump */
}

/* Not the function that stands for kfree(). */
static void a_track_names_who_called_kfree(struct kunit *test)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(thing, SLAB_STORE_USER));
	const char *name = kmobj_zone_name(zone_of(test, cache));
	struct thing *thing = thing_make(test, cache);

	if (IS_ENABLED(CONFIG_UML) || !IS_ENABLED(CONFIG_KALLSYMS)) {
		kmem_cache_free(cache, thing);
		kunit_skip(test, "its stacks name no caller");
	}
	log_listen(test);
	free_it(thing);
	free_it(thing);
	KUNIT_EXPECT_EQ(test, log_heard(name, "it was freed"), 1);
	KUNIT_EXPECT_EQ(test, log_heard("it was freed", "at free_it+0x"), 1);
	log_ignore(test);
}

static void destroy(void *cache)
{
	kmem_cache_destroy(cache);
}

/* Its zone is there for as long as a reader may look at the object. */
static void destroy_waits_for_kfree_rcu(struct kunit *test)
{
	int there = other_cpu(test);
	struct kmem_cache *cache = KMEM_CACHE(thing, 0);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct worker *reader = reader_start(test, there);
	struct worker *destroyer;

	kfree_rcu(thing_make(test, cache), rcu);
	destroyer = worker_start(test, raw_smp_processor_id(), destroy, cache);
	msleep(100);
	KUNIT_EXPECT_TRUE(test, kmobj_zone_name_taken("thing"));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).rcu_waiting, 1);
	reader_stop(test, reader);
	worker_join(test, destroyer);
	KUNIT_EXPECT_FALSE(test, kmobj_zone_name_taken("thing"));
	kmem_cache_destroy(NULL);
}

static void krealloc_keeps_an_object_that_is_large_enough(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	u8 *obj = (u8 *)thing_make(test, cache), *again;

	obj_stamp(obj, sizeof(struct thing), 7);
	again = krealloc(obj, sizeof(struct thing), GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, again, obj);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(again, sizeof(struct thing), 7));
	again = krealloc(obj, 10, GFP_KERNEL | __GFP_ZERO);
	KUNIT_EXPECT_PTR_EQ(test, again, obj);
	KUNIT_EXPECT_NULL(test, memchr_inv(obj + 10, 0,
					   sizeof(struct thing) - 10));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	again = krealloc(obj, 0, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, again, ZERO_SIZE_PTR);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
}

static void krealloc_moves_an_object_that_is_too_small(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	void *obj = thing_make(test, cache), *larger, *largest;

	obj_stamp(obj, sizeof(struct thing), 7);
	larger = krealloc_array(obj, 10, sizeof(struct thing), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, larger);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(larger));
	KUNIT_EXPECT_GE(test, ksize(larger), 10 * sizeof(struct thing));
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(larger, sizeof(struct thing), 7));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	/* and is the kernel's from then on */
	largest = krealloc(larger, 20 * sizeof(struct thing), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, largest);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(largest, sizeof(struct thing),
					      7));
	kfree(largest);
	larger = krealloc(NULL, 100, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, larger);
	kfree(larger);
}

static void what_is_free_is_neither_wiped_nor_moved(struct kunit *test)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(thing, SLAB_TYPESAFE_BY_RCU));
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing, *keeps;

	pin_here(test);
	thing = thing_make(test, cache);
	keeps = thing_make(test, cache);
	memset(thing, 0x5a, sizeof(*thing));
	kmem_cache_free(cache, thing);
	kasan_disable_current();	/* it is free */
	kfree_sensitive(thing);
	KUNIT_EXPECT_NULL(test, krealloc(thing, 8, GFP_KERNEL | __GFP_ZERO));
	KUNIT_EXPECT_NULL(test, memchr_inv(thing, 0x5a, sizeof(*thing)));
	kasan_enable_current();
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	kmem_cache_free(cache, keeps);
}

/* Its slab leaves, and what stands in its header may be somebody else's. */
static void what_leaves_is_neither_wiped_nor_moved(struct kunit *test)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(thing, SLAB_TYPESAFE_BY_RCU));
	struct kmobj_zone *zone = zone_of(test, cache);
	unsigned long *word, was;
	struct kmobj_slab *slab;
	struct thing *thing;

	pin_here(test);
	thing = thing_make(test, cache);
	memset(thing, 0x5a, sizeof(*thing));
	slab = slab_at(zone, thing);
	zone_lock(test, zone);
	kmem_cache_free(cache, thing);
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_ASSERT_EQ(test, peek_owner(slab), KMOBJ_OWNER_RETIRING);
	word = &slab->free[slab_index(zone, thing) / BITS_PER_LONG];
	was = *word;
	*word = 0;
	kasan_disable_current();	/* it is free */
	kfree_sensitive(thing);
	KUNIT_EXPECT_NULL(test, krealloc(thing, 8, GFP_KERNEL | __GFP_ZERO));
	KUNIT_EXPECT_NULL(test, memchr_inv(thing, 0x5a, sizeof(*thing)));
	kasan_enable_current();
	*word = was;
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
}

static void krealloc_refuses_what_is_no_object(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);

	KUNIT_EXPECT_NULL(test, krealloc(&thing->payload[1], 8, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	kmem_cache_free(cache, thing);
}

static void shrink_gives_back_what_is_free(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);

	KUNIT_EXPECT_GT(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(cache), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void an_object_can_be_charged(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct thing *thing = thing_make(test, cache);
	void *other = kmalloc(100, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, kmem_cache_charge(thing, GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, kmem_cache_charge(other, GFP_KERNEL));
	kfree(other);
	kmem_cache_free(cache, thing);
}

/* The list itself is not looked at. */
static struct list_lru some_list;

/* Any kernel: what is asked of the page allocator is not looked at here. */
static const char *charges(unsigned int flags)
{
	return NULL;
}

static void expect_never_charged(struct kunit *test, unsigned int flags)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(thing, flags));
	void *obj = kmem_cache_alloc_lru(cache, &some_list, GFP_KERNEL);
	struct kmobj_zone *zone;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	zone = kmobj_zone_of(obj);
	KUNIT_EXPECT_FALSE(test, zone_is_charged(zone));
	kmem_cache_free(cache, obj);
	/* not by another caller either */
	kmem_cache_shrink(cache);
	log_listen(test);
	obj = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	KUNIT_EXPECT_EQ(test, 1,
			log_heard(kmobj_zone_name(zone),
				  "__GFP_ACCOUNT has no effect after kmem_cache_alloc_lru()"));
	log_ignore(test);
	KUNIT_EXPECT_FALSE(test, zone_is_charged(zone));
	kmem_cache_free(cache, obj);
	/* as any other without a list */
	obj = kmem_cache_alloc_lru(cache, NULL, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	kmem_cache_free(cache, obj);
	obj = kmem_cache_alloc_lru(cache, &some_list, GFP_KERNEL);
	KUNIT_EXPECT_NOT_NULL(test, obj);
	kmem_cache_free(cache, obj);
	cache_unmake(test, cache);
}

static void what_goes_on_a_list_lru_is_not_charged(struct kunit *test)
{
	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	expect_never_charged(test, 0);
	expect_never_charged(test, SLAB_ACCOUNT);
}

/* A slab that is charged keeps a cgroup: it goes back, and its objects not on lists. */
static void expect_not_cached_nor_listed(struct kunit *test, unsigned int flags,
					 gfp_t gfp)
{
	struct kmem_cache *cache = keep(test, KMEM_CACHE(thing, flags));
	struct thing *thing = kmem_cache_alloc(cache, gfp);
	struct kmobj_zone *zone;

	KUNIT_ASSERT_NOT_NULL(test, thing);
	zone = kmobj_zone_of(thing);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc_lru(cache, &some_list,
						     GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, zone_is_charged(zone));
	free_slab_caches_empty();
	kmem_cache_free(cache, thing);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(cache), 0);
	KUNIT_EXPECT_EQ(test, free_slab_cache_pages(numa_mem_id()), 0);
	cache_unmake(test, cache);
}

static void what_was_charged_is_not_cached_nor_listed(struct kunit *test)
{
	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	expect_not_cached_nor_listed(test, 0, GFP_KERNEL_ACCOUNT);
	/* 0 without CONFIG_MEMCG */
	if (SLAB_ACCOUNT)
		expect_not_cached_nor_listed(test, SLAB_ACCOUNT, GFP_KERNEL);
}

static struct kmem_cache *being_charged;
static bool was_refused;

/* While pages that are to be charged are on their way. */
static struct page *list_one_meanwhile(unsigned int order, gfp_t gfp, int nid)
{
	if (being_charged && (gfp & __GFP_ACCOUNT)) {
		struct kmem_cache *cache = being_charged;

		being_charged = NULL;
		was_refused = !kmem_cache_alloc_lru(cache, &some_list, gfp);
	}
	return alloc_pages_node(nid, gfp, order);
}

static void what_is_being_charged_is_not_listed(struct kunit *test)
{
	struct kmem_cache *cache;
	void *obj;

	kunit_activate_static_stub(test, zone_why_not_charged, charges);
	cache = keep(test, KMEM_CACHE(thing, 0));
	being_charged = cache;
	was_refused = false;
	free_slab_caches_empty();
	kunit_activate_static_stub(test, slab_pages_alloc, list_one_meanwhile);
	obj = kmem_cache_alloc(cache, GFP_KERNEL_ACCOUNT);
	kunit_deactivate_static_stub(test, slab_pages_alloc);
	KUNIT_EXPECT_NULL(test, being_charged);
	KUNIT_EXPECT_TRUE(test, was_refused);
	kmem_cache_free(cache, obj);
}

static void expect_sheaf(struct kunit *test, struct kmem_cache *cache,
			 struct slab_sheaf *sheaf, unsigned int nr)
{
	struct thing *thing;

	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), nr);
	for (; nr; nr--) {
		thing = kmem_cache_alloc_from_sheaf(cache,
						    GFP_NOWAIT | __GFP_ZERO,
						    sheaf);
		KUNIT_ASSERT_NOT_NULL(test, thing);
		KUNIT_EXPECT_NOT_NULL(test, kmobj_zone_of(thing));
		KUNIT_EXPECT_NULL(test, memchr_inv(thing, 0, sizeof(*thing)));
		memset(thing, 0x5a, sizeof(*thing));
		kmem_cache_free(cache, thing);
	}
	KUNIT_EXPECT_NULL(test,
			  kmem_cache_alloc_from_sheaf(cache, GFP_NOWAIT, sheaf));
}

static void a_sheaf_holds_what_was_asked_for(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct slab_sheaf *sheaf;

	KUNIT_EXPECT_NULL(test, kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 0));
	sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 10);
	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 10);
	expect_sheaf(test, cache, sheaf, 10);

	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 7), 0);
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), 10);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 20), 0);
	expect_sheaf(test, cache, sheaf, 20);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 1), 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 20);

	kmobj_zone_set_limit(zone, zone_stats(zone).slab_bytes);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 2000), -ENOMEM);
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), 20);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);

	sheaf = NULL;
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 1), -EINVAL);
}

static void a_mempool_stands_on_a_cache(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	mempool_t *pool = mempool_create_slab_pool(5, cache);
	mempool_t within;
	void *obj;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 5);
	obj = mempool_alloc(pool, GFP_KERNEL);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), zone);
	mempool_free(obj, pool);
	mempool_destroy(pool);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);

	KUNIT_ASSERT_EQ(test, mempool_init_slab_pool(&within, 3, cache), 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 3);
	mempool_exit(&within);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
}

/* All the same calls, on a cache that the kernel made. */
static void a_cache_of_the_kernel_is_served_by_the_kernel(struct kunit *test)
{
	struct kmem_cache *cache;
	struct slab_sheaf *sheaf;
	mempool_t *pool;
	void *objs[4];

	cache = keep(test, kmem_cache_create("too_large", KMOBJ_MAX_SIZE + 1,
					     0, 0, NULL));
	KUNIT_EXPECT_FALSE(test, kmobj_zone_name_taken("too_large"));
	KUNIT_EXPECT_EQ(test, kmem_cache_size(cache), KMOBJ_MAX_SIZE + 1);
	objs[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	objs[1] = kmem_cache_zalloc(cache, GFP_KERNEL);
	objs[2] = kmem_cache_alloc_lru(cache, NULL, GFP_KERNEL);
	objs[3] = kmem_cache_alloc_node(cache, GFP_KERNEL, NUMA_NO_NODE);
	KUNIT_EXPECT_NOT_NULL(test, objs[0]);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(objs[0]));
	kmem_cache_free_bulk(cache, 3, objs);
	kfree(objs[3]);
	KUNIT_EXPECT_TRUE(test, kmem_cache_alloc_bulk(cache, GFP_KERNEL, 4,
						      objs));
	kmem_cache_free(cache, objs[0]);
	kfree_bulk(3, objs + 1);

	sheaf = kmem_cache_prefill_sheaf(cache, GFP_KERNEL, 2);
	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL,
						      &sheaf, 2), 0);
	KUNIT_EXPECT_GE(test, kmem_cache_sheaf_size(sheaf), 2);
	objs[0] = kmem_cache_alloc_from_sheaf(cache, GFP_KERNEL, sheaf);
	kmem_cache_free(cache, objs[0]);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);

	pool = mempool_create_slab_pool(1, cache);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
	mempool_destroy(pool);
	kmem_cache_shrink(cache);
}

/* The coarsest that a zone has, and what it has not; with 4 KiB pages: 8 and 16 KiB. */
static void an_alignment_that_no_zone_has_is_the_kernels(struct kunit *test)
{
	unsigned int most = 2 * PAGE_SIZE, size, i;
	struct kmem_cache *cache;
	void *obj;

	for (i = 0; i < 6; i++) {
		size = i % 2 ? KMOBJ_MAX_SIZE : 100;
		cache = keep(test, kmem_cache_create("coarse", size, most << i / 2, 0, NULL));
		obj = kmem_cache_alloc(cache, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, obj);
		KUNIT_EXPECT_TRUE(test, IS_ALIGNED((unsigned long)obj, most << i / 2));
		KUNIT_EXPECT_EQ(test, !kmobj_zone_of(obj), i >= 2);
		kmem_cache_free(cache, obj);
		cache_unmake(test, cache);
	}
}

/* A cache that the kernel makes, with two of its objects, for what follows. */
static struct kmem_cache *large_things(struct kunit *test, void **objs)
{
	struct kmem_cache *cache;

	cache = keep(test, kmem_cache_create("large_thing", 20000, 0, 0, NULL));
	objs[0] = kmem_cache_alloc(cache, GFP_KERNEL);
	objs[1] = kmem_cache_alloc(cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs[0]);
	KUNIT_ASSERT_NOT_NULL(test, objs[1]);
	return cache;
}

/* Those of the kernel's beside it are freed: else its cache would say so. */
static void a_cache_of_the_kernel_gets_no_object_of_a_zone(struct kunit *test)
{
	struct kmem_cache *cache = things(test), *large;
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);
	void *objs[4];

	large = large_things(test, objs + 1);
	obj_stamp(thing, sizeof(*thing), 5);
	log_listen(test);
	kmem_cache_free(large, thing);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, 1,
			log_heard(kmobj_zone_name(zone),
				  "a cache of the kernel's, of objects of 20000 bytes"));
	log_ignore(test);
	objs[0] = thing;
	objs[3] = &thing->payload[1];
	kmem_cache_free_bulk(large, 4, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 3);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(thing, sizeof(*thing), 5));
	kmem_cache_free(cache, thing);
}

static void a_cache_gets_no_object_of_the_kernel(struct kunit *test)
{
	struct kmem_cache *cache = things(test), *large;
	struct kmobj_zone *zone = zone_of(test, cache);
	void *objs[2];

	large = large_things(test, objs);
	kmem_cache_free(cache, objs[0]);
	kmem_cache_free_bulk(cache, 2, objs);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 3);
	kmem_cache_free_bulk(large, 2, objs);
}

/* The larger object would be zeroed beyond its end. */
static void a_sheaf_is_of_one_cache(struct kunit *test)
{
	struct kmem_cache *cache = things(test), *other = named(test, "other");
	struct slab_sheaf *sheaf, *was;

	sheaf = kmem_cache_prefill_sheaf(other, GFP_KERNEL, 3);
	was = sheaf;
	KUNIT_ASSERT_NOT_NULL(test, sheaf);
	log_listen(test);
	KUNIT_EXPECT_NULL(test, kmem_cache_alloc_from_sheaf(cache, GFP_NOWAIT | __GFP_ZERO, sheaf));
	KUNIT_EXPECT_EQ(test, kmem_cache_refill_sheaf(cache, GFP_KERNEL, &sheaf, 9), -EINVAL);
	KUNIT_EXPECT_EQ(test, log_heard("a sheaf of objects of 64 bytes", "name the cache"), 2);
	KUNIT_EXPECT_PTR_EQ(test, sheaf, was);
	KUNIT_EXPECT_EQ(test, kmem_cache_sheaf_size(sheaf), 3);
	kmem_cache_return_sheaf(cache, GFP_KERNEL, sheaf);
	log_ignore(test);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone_of(test, other)), 0);
}

/*
 * What an older kernel does that is told to kfree() an object is done by hand:
 * this one refuses, with a report of its own.
 */
static void what_the_kernel_frees_stays_and_is_counted(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);
	struct kmobj_slab *slab = slab_at(zone, thing);

	KUNIT_EXPECT_EQ(test, slab_given_away(slab), 0);
	KUNIT_EXPECT_FALSE(test, put_page_testzero(virt_to_head_page(thing)));
	KUNIT_EXPECT_FALSE(test, put_page_testzero(virt_to_head_page(thing)));
	KUNIT_EXPECT_EQ(test, slab_given_away(slab), 2);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	KUNIT_EXPECT_EQ(test, kmem_cache_shrink(cache), 1);
	log_listen(test);
	kmem_cache_destroy(cache);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone),
					"2 of them were given to the kernel's kfree()"), 1);
	log_ignore(test);
	/* and if its module frees it, too, the pages leave as ever */
	kmem_cache_free(cache, thing);
	poller_pass();
	zones_leave_wait();
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
	kunit_remove_action(test, cache_end, cache);
}

/* As a module does that does not wait for its call_rcu(), and is loaded again. */
static void a_cache_destroyed_too_early_goes_with_its_last_object(struct kunit *test)
{
	struct kmem_cache *cache = KMEM_CACHE(thing, 0);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);

	kmem_cache_destroy(cache);
	KUNIT_EXPECT_STREQ(test, kmobj_zone_name(zone_of(test, things(test))), "thing");
	kmem_cache_free(cache, thing);
	poller_pass();
	zones_leave_wait();
	KUNIT_EXPECT_TRUE(test, peek_gone(zone));
}

/* The kernel must fault, not do harm, when it is handed such a cache. */
static void a_zones_cache_points_nowhere(struct kunit *test)
{
	struct kmem_cache *cache = things(test);

	KUNIT_EXPECT_FALSE(test, virt_addr_valid(cache));
	KUNIT_EXPECT_FALSE(test, virt_addr_valid((void *)cache +
						 sizeof(struct kmobj_zone)));
	KUNIT_EXPECT_FALSE(test, is_vmalloc_or_module_addr(cache));
}

static void users_see_the_region_that_a_cache_was_created_with(struct kunit *test)
{
	struct kmem_cache *cache = keep(test, kmem_cache_create_usercopy("user", 100, 8, 0,
									 16, 32, NULL));
	struct kmobj_zone *zone = zone_of(test, cache);
	static const struct {
		long off;
		size_t n;
		bool refused;
	} copies[] = {
		{ 16, 32 }, { 16, 1 }, { 47, 1 }, { 48, 0 }, { 0, 0 },
		{ 15, 1, true }, { 15, 34, true }, { 16, 33, true }, { 48, 1, true },
		{ 0, 1, true }, { 99, 1, true }, { 100, 1, true }, { -1, 1, true },
		{ 16, SIZE_MAX, true },
	};
	void *obj = kmem_cache_alloc(cache, GFP_KERNEL);
	unsigned int i, refused = 0;

	KUNIT_ASSERT_NOT_NULL(test, obj);
	for (i = 0; i < ARRAY_SIZE(copies); i++) {
		KUNIT_EXPECT_EQ_MSG(test, kmobj_refuse_copy(obj + copies[i].off,
							    copies[i].n, i % 2),
				    copies[i].refused, "copy %u", i);
		refused += copies[i].refused;
	}
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, refused);
	kmem_cache_free(cache, obj);
}

static void users_see_nothing_of_other_caches(struct kunit *test)
{
	struct kmem_cache *cache = things(test);
	struct kmobj_zone *zone = zone_of(test, cache);
	struct thing *thing = thing_make(test, cache);
	void *theirs = kunit_kmalloc(test, 64, GFP_KERNEL);

	KUNIT_EXPECT_TRUE(test, kmobj_refuse_copy(thing, 1, true));
	KUNIT_EXPECT_TRUE(test, kmobj_refuse_copy(&thing->seal, 1, false));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_copies, 2);
	KUNIT_EXPECT_FALSE(test, kmobj_refuse_copy(theirs, 64, true));
	KUNIT_EXPECT_FALSE(test, kmobj_refuse_copy(&thing, sizeof(thing), true));
	KUNIT_EXPECT_FALSE(test, kmobj_refuse_copy(NULL, 1, true));
	kmem_cache_free(cache, thing);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(every_form_of_create_makes_a_zone),
	KUNIT_CASE_PARAM(a_flag_is_mapped_or_ignored, flag_gen_params),
	KUNIT_CASE(what_a_ctor_made_is_not_poisoned),
	KUNIT_CASE(an_object_with_red_zones_goes_every_way),
	KUNIT_CASE(a_flag_that_no_zone_can_have_is_refused),
	KUNIT_CASE(bad_sizes_and_names_are_refused),
	KUNIT_CASE(a_cache_named_as_another_gets_a_number),
	KUNIT_CASE(a_name_is_made_fit),
	KUNIT_CASE_PARAM(any_name_makes_a_cache, naming_gen_params),
	KUNIT_CASE(the_last_of_thousands_has_its_number_soon),
	KUNIT_CASE(objects_come_from_the_zone_and_go_back),
	KUNIT_CASE(many_objects_at_once),
	KUNIT_CASE(an_object_has_been_constructed),
	KUNIT_CASE_PARAM(an_object_is_freed_without_its_cache, way_gen_params),
	KUNIT_CASE_PARAM(the_kernels_own_memory_is_the_kernels, way_gen_params),
	KUNIT_CASE(memory_of_vmalloc_is_the_kernels),
	KUNIT_CASE(sensitive_objects_are_wiped),
	KUNIT_CASE(kfree_rcu_frees_after_a_grace_period),
	KUNIT_CASE(kfree_rcu_takes_any_head_or_none),
	KUNIT_CASE(a_track_names_who_called_kfree),
	KUNIT_CASE(destroy_waits_for_kfree_rcu),
	KUNIT_CASE(krealloc_keeps_an_object_that_is_large_enough),
	KUNIT_CASE(krealloc_moves_an_object_that_is_too_small),
	KUNIT_CASE(krealloc_refuses_what_is_no_object),
	KUNIT_CASE(shrink_gives_back_what_is_free),
	KUNIT_CASE(an_object_can_be_charged),
	KUNIT_CASE(what_goes_on_a_list_lru_is_not_charged),
	KUNIT_CASE(what_was_charged_is_not_cached_nor_listed),
	KUNIT_CASE(what_is_being_charged_is_not_listed),
	KUNIT_CASE(what_is_free_is_neither_wiped_nor_moved),
	KUNIT_CASE(what_leaves_is_neither_wiped_nor_moved),
	KUNIT_CASE(a_sheaf_holds_what_was_asked_for),
	KUNIT_CASE(a_mempool_stands_on_a_cache),
	KUNIT_CASE(a_cache_of_the_kernel_is_served_by_the_kernel),
	KUNIT_CASE(an_alignment_that_no_zone_has_is_the_kernels),
	KUNIT_CASE(a_cache_of_the_kernel_gets_no_object_of_a_zone),
	KUNIT_CASE(a_cache_gets_no_object_of_the_kernel),
	KUNIT_CASE(a_sheaf_is_of_one_cache),
	KUNIT_CASE(what_the_kernel_frees_stays_and_is_counted),
	KUNIT_CASE(a_cache_destroyed_too_early_goes_with_its_last_object),
	KUNIT_CASE(a_zones_cache_points_nowhere),
	KUNIT_CASE(users_see_the_region_that_a_cache_was_created_with),
	KUNIT_CASE(users_see_nothing_of_other_caches),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_kmem_cache",
	.test_cases = cases,
};

kunit_test_suite(suite);
