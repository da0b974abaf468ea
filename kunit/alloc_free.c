// SPDX-License-Identifier: GPL-2.0
/*
 * Objects: where they may be, whose they are, what is in them.
 */
#include "kmobj_kunit.h"

static const unsigned int sizes[] = {
	1, 7, 8, 9, 16, 24, 63, 64, 65, 100, 128, 200, 256, 500, 512, 1000,
	1024, 2000, 2048, 3000, 4096, 4097, 6000, 8192, 12000, 16383, 16384,
};

static void size_desc(const unsigned int *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bytes", *size);
}

KUNIT_ARRAY_PARAM(size, sizes, size_desc);

static void **objs_make(struct kunit *test, struct kmobj_zone *zone,
			unsigned int nr, gfp_t gfp)
{
	void **objs = kunit_kmalloc_array(test, nr, sizeof(*objs), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < nr; i++) {
		objs[i] = kmobj_alloc(zone, gfp);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
	}
	return objs;
}

/* Each is written to its last byte; each has then what was written to it. */
static void objects_do_not_overlap(struct kunit *test)
{
	unsigned int size = *(const unsigned int *)test->param_value;
	struct kmobj_zone *zone = zone_make(test, size, NULL);
	unsigned int i, nr = 3 * objs_per_slab(zone) + 1, bad = 0;
	void **objs = objs_make(test, zone, nr, GFP_KERNEL);
	u64 stamp = (u64)tests_seed() << 32;

	for (i = 0; i < nr; i++)
		obj_stamp(objs[i], size, stamp + i * 0x9e3779b9);
	for (i = 0; i < nr; i++) {
		bad += !obj_has_stamp(objs[i], size, stamp + i * 0x9e3779b9);
		bad += (unsigned long)objs[i] % KMOBJ_MIN_ALIGN;
		bad += kmobj_zone_of(objs[i]) != zone;
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), nr);
	zone_expect_sound(test, zone);
	objs_free(zone, objs, nr);
}

static void a_zeroed_object_is_zero_to_its_last_byte(struct kunit *test)
{
	unsigned int size = *(const unsigned int *)test->param_value;
	struct kmobj_zone *zone = zone_make(test, size, NULL);
	unsigned int i, nr = objs_per_slab(zone) + 1, bad = 0;
	void **objs = objs_make(test, zone, nr, GFP_KERNEL);

	for (i = 0; i < nr; i++)
		memset(objs[i], 0xa5, size);
	objs_free(zone, objs, nr);
	for (i = 0; i < nr; i++) {
		objs[i] = kmobj_zalloc(zone, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, objs[i]);
		bad += !!memchr_inv(objs[i], 0, size);
	}
	KUNIT_EXPECT_EQ(test, bad, 0);
	objs_free(zone, objs, nr);
}

static void objects_are_aligned_as_asked(struct kunit *test)
{
	unsigned int align, i, bad = 0;

	for (align = 1; align <= PAGE_SIZE; align *= 2) {
		const struct kmobj_zone_args args = {
			.align = align,
			.order = align > PAGE_SIZE / 8 ? 3 : 0,
		};
		struct kmobj_zone *zone = zone_make(test, 20, &args);
		unsigned int nr = 2 * objs_per_slab(zone);
		void **objs = objs_make(test, zone, nr, GFP_KERNEL);

		for (i = 0; i < nr; i++) {
			bad += (unsigned long)objs[i] %
			       max(align, (unsigned int)KMOBJ_MIN_ALIGN);
			bad += kmobj_zone_of(objs[i]) != zone;
		}
		KUNIT_EXPECT_EQ_MSG(test, bad, 0, "align %u", align);
		objs_free(zone, objs, nr);
		zone_unmake(test, zone);
	}
}

static void an_object_just_freed_is_the_next_one(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *first, *second;

	pin_here(test);
	first = obj_make(test, zone);
	kmobj_free(zone, first);
	second = obj_make(test, zone);
	KUNIT_EXPECT_PTR_EQ(test, first, second);
	kmobj_free(zone, second);
}

static void all_objects_of_a_slab_are_handed_out(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, TINY, NULL);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 3);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 3);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 3 * objs_per_slab(zone));
	objs_free(zone, objs, 3 * objs_per_slab(zone));
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 0);
}

static void freed_memory_is_used_again(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int round, nr = 5 * objs_per_slab(zone);
	unsigned long slabs;
	void **objs;

	pin_here(test);
	objs = objs_make(test, zone, nr, GFP_KERNEL);
	slabs = zone_stats(zone).slabs;
	for (round = 0; round < 50; round++) {
		unsigned int i;

		objs_free(zone, objs, nr);
		for (i = 0; i < nr; i++)
			objs[i] = obj_make(test, zone);
	}
	/* the poller may have let some go and back in between: never more */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, slabs);
	objs_free(zone, objs, nr);
}

static void freeing_NULL_is_fine(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);

	kmobj_free(zone, NULL);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 0);
}

static void every_gfp_that_makes_sense_is_served(struct kunit *test)
{
	static const gfp_t gfps[] = {
		GFP_KERNEL, GFP_NOWAIT, GFP_ATOMIC, GFP_NOIO, GFP_NOFS,
		GFP_KERNEL_ACCOUNT, GFP_KERNEL | __GFP_ZERO,
		GFP_ATOMIC | __GFP_ZERO, GFP_KERNEL | __GFP_NOWARN,
		GFP_KERNEL | __GFP_RETRY_MAYFAIL, GFP_KERNEL | __GFP_NORETRY,
		GFP_KERNEL | __GFP_NOFAIL, GFP_KERNEL | __GFP_RECLAIMABLE,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfps); i++) {
		struct kmobj_zone *zone = zone_make(test, 300, NULL);
		unsigned int nr = 3 * objs_per_slab(zone);

		objs_free(zone, objs_make(test, zone, nr, gfps[i]), nr);
		zone_unmake(test, zone);
	}
}

static void memory_of_a_kind_cannot_be_asked_for(struct kunit *test)
{
	static const gfp_t kinds[] = {
		__GFP_DMA, __GFP_DMA32,
#ifdef CONFIG_HIGHMEM
		__GFP_HIGHMEM,
#endif
	};
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *live = obj_make(test, zone);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		void *objs[2];

		KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL |
							  kinds[i]));
		KUNIT_EXPECT_FALSE(test,
				   kmobj_alloc_bulk(zone, GFP_KERNEL | kinds[i],
						    2, objs));
	}
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	kmobj_free(zone, live);
	/* and refused just so when the CPU has nothing to hand out */
	zone_unmake(test, zone);
	zone = zone_make(test, SMALL, NULL);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(zone, GFP_KERNEL | __GFP_DMA));
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

struct thing {
	u64 a;
	u16 b;
};

KMOBJ_DEFINE_TYPED(thing, struct thing)

static void typed_helpers_serve_their_type(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, sizeof(struct thing), NULL);
	struct thing *thing = thing_alloc(zone, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, thing);
	thing->a = ~0ULL;
	thing_free(zone, thing);
	thing = thing_zalloc(zone, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, thing);
	KUNIT_EXPECT_EQ(test, thing->a, 0);
	thing_free(zone, thing);
}

static void zone_of_knows_objects_from_all_else(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	struct kmobj_zone *other = zone_make(test, 2 * SMALL, NULL);
	void *obj = obj_make(test, zone), *theirs = obj_make(test, other);
	void *foreign = kunit_kmalloc(test, SMALL, GFP_KERNEL);
	int local = 0;

	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), zone);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(theirs), other);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj + 1));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj + 8));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(header_at(zone, obj)));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(foreign));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(NULL));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(&local));
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(zone_of_knows_objects_from_all_else));
	kmobj_free(zone, obj);
	kmobj_free(other, theirs);
	/* free objects of a zone are its objects, and then no more */
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(obj), zone);
	zone_unmake(test, zone);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj));
}

static void a_typesafe_object_is_left_as_it_was(struct kunit *test)
{
	const struct kmobj_zone_args args = { .flags = KMOBJ_TYPESAFE_BY_RCU };
	struct kmobj_zone *zone = zone_make(test, 100, &args);
	unsigned int i, nr = 3 * objs_per_slab(zone), bad = 0;
	void **objs;

	pin_here(test);
	objs = objs_make(test, zone, nr, GFP_KERNEL);
	zone_lock(test, zone);		/* no slab leaves */
	for (i = 0; i < nr; i++)
		obj_stamp(objs[i], 100, i);
	objs_free(zone, objs, nr);
	for (i = 0; i < nr; i++)
		bad += !obj_has_stamp(objs[i], 100, i);
	KUNIT_EXPECT_EQ(test, bad, 0);
	zone_unlock(test, zone);
}

#define LISTED	500

struct listing {
	unsigned int hits[LISTED];
	unsigned int calls, stop;
};

/* Objects say their number. */
static int note(struct kmobj_zone *zone, void *obj, void *arg)
{
	struct listing *list = arg;

	list->hits[*(unsigned long *)obj % LISTED]++;
	return ++list->calls == list->stop ? -EINTR : 0;
}

static void each_live_object_is_seen_once(struct kunit *test)
{
	struct listing *list = kunit_kzalloc(test, sizeof(*list), GFP_KERNEL);
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void **objs = objs_make(test, zone, LISTED, GFP_KERNEL);
	unsigned int bad = 0;
	unsigned long i;

	KUNIT_ASSERT_NOT_NULL(test, list);
	be_lazy(test);
	for (i = 0; i < LISTED; i++)
		*(unsigned long *)objs[i] = i;
	for (i = 0; i < LISTED; i++) {
		if (i % 3)
			kmobj_free(zone, objs[i]);
	}
	kmobj_free_rcu(zone, objs[0]);

	KUNIT_EXPECT_EQ(test, kmobj_for_each_live(zone, note, list), 0);
	for (i = 0; i < LISTED; i++)
		bad += list->hits[i] != (i && i % 3 == 0);
	KUNIT_EXPECT_EQ(test, bad, 0);
	KUNIT_EXPECT_EQ(test, list->calls, LISTED / 3);

	list->stop = list->calls + 3;
	KUNIT_EXPECT_EQ(test, kmobj_for_each_live(zone, note, list), -EINTR);
	KUNIT_EXPECT_EQ(test, list->calls, list->stop);
	for (i = 3; i < LISTED; i += 3)
		kmobj_free(zone, objs[i]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(objects_do_not_overlap, size_gen_params),
	KUNIT_CASE_PARAM(a_zeroed_object_is_zero_to_its_last_byte,
			 size_gen_params),
	KUNIT_CASE(objects_are_aligned_as_asked),
	KUNIT_CASE(an_object_just_freed_is_the_next_one),
	KUNIT_CASE(all_objects_of_a_slab_are_handed_out),
	KUNIT_CASE(freed_memory_is_used_again),
	KUNIT_CASE(freeing_NULL_is_fine),
	KUNIT_CASE(every_gfp_that_makes_sense_is_served),
	KUNIT_CASE(memory_of_a_kind_cannot_be_asked_for),
	KUNIT_CASE(typed_helpers_serve_their_type),
	KUNIT_CASE(zone_of_knows_objects_from_all_else),
	KUNIT_CASE(each_live_object_is_seen_once),
	KUNIT_CASE(a_typesafe_object_is_left_as_it_was),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_alloc_free",
	.test_cases = cases,
};

kunit_test_suite(suite);
