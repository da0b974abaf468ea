// SPDX-License-Identifier: GPL-2.0
/*
 * Misuse that is not just a bad pointer: what is returned, what the log says,
 * once, and that the objects of this zone and of its neighbour are as they
 * were. The table in module/MISUSE.md has a row for each.
 */

#include "kmobj_kunit.h"

#define LIVE	9
#define SLABS	2
#define NOTHING	NULL

/* A zone to be misused, with a limit of two slabs, and one to be left alone. */
struct stage {
	struct kmobj_zone *zone, *neighbour;
	void *objs[LIVE], *theirs[LIVE];
};

static void objs_stamp(struct kunit *test, struct kmobj_zone *zone, void **objs)
{
	unsigned int i;

	for (i = 0; i < LIVE; i++) {
		objs[i] = obj_make(test, zone);
		obj_stamp(objs[i], SMALL, (unsigned long)&objs[i]);
	}
}

static void objs_expect_intact(struct kunit *test, struct kmobj_zone *zone,
			       void **objs)
{
	unsigned int i, live = 0;

	for (i = 0; i < LIVE; i++) {
		if (!objs[i])
			continue;
		live++;
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(objs[i], SMALL,
						      (unsigned long)&objs[i]));
	}
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), live);
	zone_expect_sound(test, zone);
}

/* Each case has a stage, and each is looked over when the case has ended. */
static int stage_set(struct kunit *test)
{
	const struct kmobj_zone_args args = {
		.order = 1,
		.limit = SLABS * (PAGE_SIZE << 1),
	};
	struct stage *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	pin_here(test);
	s->zone = zone_make(test, SMALL, &args);
	s->neighbour = zone_make(test, SMALL, NULL);
	objs_stamp(test, s->zone, s->objs);
	objs_stamp(test, s->neighbour, s->theirs);
	test->priv = s;
	return 0;
}

static void stage_end(struct kunit *test)
{
	struct stage *s = test->priv;

	if (!s)
		return;			/* it could not be set */
	objs_expect_intact(test, s->zone, s->objs);
	objs_expect_intact(test, s->neighbour, s->theirs);
	KUNIT_EXPECT_EQ(test, zone_stats(s->neighbour).bad_frees, 0);
	objs_free(s->zone, s->objs, LIVE);
	objs_free(s->neighbour, s->theirs, LIVE);
}

static void free_NULL(struct kunit *test, struct stage *s)
{
	kmobj_free(s->zone, NULL);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).frees, 0);
}

static void free_twice(struct kunit *test, struct stage *s)
{
	kmobj_free(s->zone, s->objs[4]);
	kmobj_free(s->zone, s->objs[4]);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).frees, 1);
	s->objs[4] = NULL;
}

static void free_theirs(struct kunit *test, struct stage *s)
{
	kmobj_free(s->zone, s->theirs[4]);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, 1);
}

static void free_of_a_destroyed_zone(struct kunit *test, struct stage *s)
{
	struct kmobj_zone *gone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, gone);

	kmobj_free(gone, obj);
	zone_unmake(test, gone);
	kmobj_free(s->zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, 1);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj));
}

static void bulk_of_0(struct kunit *test, struct stage *s)
{
	void *objs[1] = { s };

	KUNIT_EXPECT_TRUE(test, kmobj_alloc_bulk(s->zone, GFP_KERNEL, 0, objs));
	KUNIT_EXPECT_PTR_EQ(test, objs[0], (void *)s);
	kmobj_free_bulk(s->zone, 0, objs);
}

static void bulk_of_SIZE_MAX(struct kunit *test, struct stage *s)
{
	void *objs[1] = { s };

	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(s->zone, GFP_KERNEL, SIZE_MAX,
						  objs));
	KUNIT_EXPECT_PTR_EQ(test, objs[0], (void *)s);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).alloc_fails, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).limit_hits, 0);
}

static void free_bulk_of_SIZE_MAX(struct kunit *test, struct stage *s)
{
	kmobj_free_bulk(s->zone, SIZE_MAX, s->objs);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).frees, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, 0);
}

static void bulk_beyond_the_limit(struct kunit *test, struct stage *s)
{
	size_t nr = SLABS * objs_per_slab(s->zone);
	void **objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(s->zone, GFP_KERNEL, nr,
						  objs));
	KUNIT_EXPECT_GE(test, zone_stats(s->zone).limit_hits, 1);
}

static void refuse_gfp(struct kunit *test, struct stage *s, gfp_t gfp)
{
	void *objs[2];

	KUNIT_EXPECT_NULL(test, kmobj_alloc(s->zone, gfp));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(s->zone, gfp, numa_mem_id()));
	KUNIT_EXPECT_FALSE(test, kmobj_alloc_bulk(s->zone, gfp, 2, objs));
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).alloc_fails, 3);
}

static void gfp_DMA(struct kunit *test, struct stage *s)
{
	refuse_gfp(test, s, GFP_KERNEL | __GFP_DMA);
}

static void gfp_DMA32(struct kunit *test, struct stage *s)
{
	refuse_gfp(test, s, GFP_KERNEL | __GFP_DMA32);
}

static void gfp_HIGHMEM(struct kunit *test, struct stage *s)
{
	refuse_gfp(test, s, GFP_KERNEL | __GFP_HIGHMEM);
}

static void gfp_NOFAIL(struct kunit *test, struct stage *s)
{
	refuse_gfp(test, s, GFP_KERNEL | __GFP_NOFAIL);
}

static void node_that_is_not(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(s->zone, GFP_KERNEL, 4711));
	KUNIT_EXPECT_NULL(test, kmobj_alloc_node(s->zone, GFP_KERNEL, -2));
}

static void limit_of_a_byte(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(s->zone, 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).limit,
			SLABS * (PAGE_SIZE << 1));
}

/* Two slabs are held, then one may be: nothing is lost, nothing is added. */
static void limit_below_use(struct kunit *test, struct stage *s)
{
	size_t i, n = objs_per_slab(s->zone), nr = SLABS * n - LIVE;
	void **objs = kunit_kcalloc(test, nr, sizeof(*objs), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < nr; i++)
		objs[i] = obj_make(test, s->zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(s->zone, PAGE_SIZE << 1), 0);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(s->zone, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).slabs, SLABS);
	KUNIT_EXPECT_EQ(test, zone_count_live(s->zone), SLABS * n);
	objs_free(s->zone, objs, nr);
}

static void destroy_with_live_objects(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(s->zone), -EBUSY);
}

static void alloc_when_dying(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(s->zone), -EBUSY);
	KUNIT_EXPECT_NULL(test, kmobj_alloc(s->zone, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, kmobj_alloc(s->zone, GFP_ATOMIC));
}

static void destroy_twice(struct kunit *test, struct stage *s)
{
	struct kmobj_zone *gone = kmobj_zone_create("kunit-gone", 1, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, gone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(gone), 0);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(gone), -EINVAL);
}

static void destroy_what_is_no_zone(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(s->objs[0]), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy((void *)8), -EINVAL);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(ERR_PTR(-ENOMEM)), -EINVAL);
}

static void name_that_is_taken(struct kunit *test, struct stage *s)
{
	KUNIT_EXPECT_PTR_EQ(test,
			    kmobj_zone_create(kmobj_zone_name(s->neighbour),
					      SMALL, NULL),
			    (struct kmobj_zone *)ERR_PTR(-EEXIST));
}

/* What conversions a name has are printed, not obeyed. */
static void name_with_conversions(struct kunit *test, struct stage *s)
{
	struct kmobj_zone *zone = kmobj_zone_create("kunit%s%n", 1, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	kmobj_free(zone, s->theirs[0]);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void flags_without_effect(struct kunit *test, struct stage *s)
{
	const struct kmobj_zone_args args = {
		.flags = KMOBJ_ACCOUNT | KMOBJ_RECLAIMABLE,
	};
	struct kmobj_zone *zone = kmobj_zone_create("kunit-bill", 1, &args);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_EXPECT_FALSE(test, zone_is_accounted(zone));
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static void refuse_copies(struct kunit *test, struct stage *s, void *obj,
			  size_t off, size_t n)
{
	KUNIT_EXPECT_EQ(test, kmobj_copy_to_user(s->zone, obj, off, NULL, n),
			n);
	KUNIT_EXPECT_EQ(test, kmobj_copy_from_user(s->zone, obj, off, NULL, n),
			n);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_copies, 2);
}

static void copy_past_the_end(struct kunit *test, struct stage *s)
{
	refuse_copies(test, s, s->objs[0], SMALL - 1, 2);
}

static void copy_of_SIZE_MAX(struct kunit *test, struct stage *s)
{
	refuse_copies(test, s, s->objs[0], 1, SIZE_MAX);
}

static void copy_of_theirs(struct kunit *test, struct stage *s)
{
	refuse_copies(test, s, s->theirs[0], 0, 1);
}

static void copy_of_the_middle(struct kunit *test, struct stage *s)
{
	refuse_copies(test, s, s->objs[0] + 8, 0, 1);
}

static void copy_of_what_is_free(struct kunit *test, struct stage *s)
{
	kmobj_free(s->zone, s->objs[4]);
	refuse_copies(test, s, s->objs[4], 0, 1);
	s->objs[4] = NULL;
}

struct misuse {
	const char *what;
	void (*commit)(struct kunit *test, struct stage *s);
	const char *says;
	unsigned int times;
};

static const struct misuse misuses[] = {
	{ "free of NULL", free_NULL, NOTHING },
	{ "free of what is free", free_twice,
	  "it is free already: freed twice", 1 },
	{ "free of another zone's object", free_theirs,
	  "it belongs to zone " SHOWN("kunit-"), 1 },
	{ "free of a destroyed zone's object", free_of_a_destroyed_zone,
	  "not from kmobj", 1 },
	{ "bulk of 0", bulk_of_0, NOTHING },
	{ "bulk alloc of SIZE_MAX", bulk_of_SIZE_MAX,
	  " objects refused: is the count negative?", 1 },
	{ "bulk free of SIZE_MAX", free_bulk_of_SIZE_MAX,
	  " objects refused: is the count negative?", 1 },
	{ "bulk alloc beyond the limit", bulk_beyond_the_limit, NOTHING },
	{ "__GFP_DMA", gfp_DMA, "cannot be chosen by memory zone", 1 },
	{ "__GFP_DMA32", gfp_DMA32, "cannot be chosen by memory zone", 1 },
	{ "__GFP_HIGHMEM", gfp_HIGHMEM, "cannot be chosen by memory zone", 1 },
	{ "__GFP_NOFAIL on a zone with a limit", gfp_NOFAIL,
	  "it has a limit, so __GFP_NOFAIL cannot be promised", 1 },
	{ "a node that is not", node_that_is_not, "there is no node 4711", 1 },
	{ "a limit of less than a slab", limit_of_a_byte,
	  "limit of 1 bytes refused: a slab has ", 1 },
	{ "a limit below use", limit_below_use, NOTHING },
	{ "destroy with live objects", destroy_with_live_objects,
	  "destroy refused: 9 objects are live, free them and destroy again",
	  1 },
	{ "alloc after destroy", alloc_when_dying,
	  "allocation refused: kmobj_zone_destroy() was called", 1 },
	{ "destroy twice", destroy_twice,
	  "destroy refused: the zone was destroyed before", 1 },
	{ "destroy of what is no zone", destroy_what_is_no_zone,
	  "refused: not a zone", 3 },
	{ "a name that is taken", name_that_is_taken,
	  "there is a zone of that name", 1 },
	{ "a name with conversions", name_with_conversions,
	  "kunit%s%n: free of", 1 },
	{ "ACCOUNT with RECLAIMABLE", flags_without_effect,
	  IS_ENABLED(CONFIG_MEMCG) ?
	  "kunit-bill: KMOBJ_ACCOUNT has no effect with KMOBJ_RECLAIMABLE" :
	  "kunit-bill: KMOBJ_ACCOUNT has no effect without CONFIG_MEMCG", 1 },
	{ "a copy past the end", copy_past_the_end,
	  "it reaches past the object", 2 },
	{ "a copy of SIZE_MAX", copy_of_SIZE_MAX,
	  "it reaches past the object", 2 },
	{ "a copy of another zone's object", copy_of_theirs,
	  "not an object of this zone", 2 },
	{ "a copy of an object's middle", copy_of_the_middle,
	  "not the beginning of an object", 2 },
	{ "a copy of what is free", copy_of_what_is_free,
	  "the object is free", 2 },
};

static void misuse_desc(const struct misuse *m, char *desc)
{
	strscpy(desc, m->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(misuse, misuses, misuse_desc);

static void misuse_is_refused_and_said(struct kunit *test)
{
	const struct misuse *m = test->param_value;

	log_listen(test);
	m->commit(test, test->priv);
	KUNIT_EXPECT_EQ(test, log_heard("", m->says ?: "refused"), m->times);
	log_ignore(test);
}

static void object_is_described(struct kunit *test, size_t size)
{
	struct kmobj_zone *zone = zone_make(test, size, NULL);
	const char *name = kmobj_zone_name(zone);
	void *obj;

	zone_lock(test, zone);	/* the slab stays */
	obj = obj_make(test, zone);
	log_listen(test);
	KUNIT_EXPECT_TRUE(test, kmobj_dump_obj(obj + 24));
	KUNIT_EXPECT_EQ(test, log_heard(name, ": 24 bytes into a live object of zone"), 1);
	rcu_read_lock();
	kmobj_free_rcu(zone, obj);
	KUNIT_EXPECT_TRUE(test, kmobj_dump_obj(obj + size - 1));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, log_heard(name, " bytes into an object waiting for RCU of zone"), 1);
	kmobj_rcu_barrier(zone);
	KUNIT_EXPECT_TRUE(test, kmobj_dump_obj(obj));
	KUNIT_EXPECT_EQ(test, log_heard(name, ": 0 bytes into a free object of zone"), 1);
	log_ignore(test);
	zone_unlock(test, zone);
}

static void what_lies_at_an_address_is_described(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone);

	object_is_described(test, SMALL);
	object_is_described(test, LARGE);

	log_listen(test);
	KUNIT_EXPECT_TRUE(test, kmobj_dump_obj(pages_at(zone, obj)));
	KUNIT_EXPECT_EQ(test,
			log_heard(kmobj_zone_name(zone), " bytes before the first object"), 1);
	KUNIT_EXPECT_FALSE(test, kmobj_dump_obj(NULL));
	KUNIT_EXPECT_FALSE(test, kmobj_dump_obj(ERR_PTR(-ENOMEM)));
	KUNIT_EXPECT_FALSE(test, kmobj_dump_obj(test));
	KUNIT_EXPECT_FALSE(test, kmobj_dump_obj(&zone));
	log_ignore(test);
	kmobj_free(zone, obj);
}

#define PAIRS	512

/* Two CPUs that free the same objects at the same instants. */
struct race {
	struct kmobj_zone *zone;
	void *objs[PAIRS];
	atomic_t ready[PAIRS];
};

static void free_in_step(void *data)
{
	struct race *race = data;
	unsigned int i;

	for (i = 0; i < PAIRS; i++) {
		atomic_inc(&race->ready[i]);
		while (atomic_read(&race->ready[i]) < 2)
			let_others_run();
		kmobj_free(race->zone, race->objs[i]);
	}
}

static void freed_by_two_cpus_at_once_is_freed_once(struct kunit *test)
{
	struct stage *s = test->priv;
	struct race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	struct worker *worker;
	unsigned int i;
	int there;

	KUNIT_ASSERT_NOT_NULL(test, race);
	pin_here(test);		/* the worker must find its CPU free */
	there = other_cpu(test);
	race->zone = zone_make(test, SMALL, NULL);
	for (i = 0; i < PAIRS; i++)
		race->objs[i] = obj_make(test, race->zone);
	log_listen(test);
	worker = worker_start(test, there, free_in_step, race);
	free_in_step(race);
	worker_join(test, worker);
	kmobj_zone_shrink(race->zone);
	KUNIT_EXPECT_EQ(test, zone_stats(race->zone).frees, PAIRS);
	KUNIT_EXPECT_EQ(test, zone_stats(race->zone).bad_frees, PAIRS);
	KUNIT_EXPECT_EQ(test, zone_stats(race->zone).slabs, 0);
	KUNIT_EXPECT_GE(test,
			log_heard(kmobj_zone_name(race->zone), "freed twice"),
			1);
	log_ignore(test);
	/* none of them is handed out twice */
	for (i = 0; i < PAIRS; i++) {
		race->objs[i] = obj_make(test, race->zone);
		obj_stamp(race->objs[i], SMALL, i);
	}
	for (i = 0; i < PAIRS; i++)
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(race->objs[i], SMALL, i));
	objs_free(race->zone, race->objs, PAIRS);
	KUNIT_EXPECT_EQ(test, zone_stats(s->neighbour).bad_frees, 0);
}

/* What an NMI asked for and got. */
struct request {
	struct kmobj_zone *zone;
	void *obj, *bulk[2];
	bool got_bulk, in_nmi;
};

static void alloc_one(void *data)
{
	struct request *r = data;

	r->in_nmi = in_nmi();
	r->obj = kmobj_alloc(r->zone, GFP_ATOMIC);
}

static void alloc_all_ways(void *data)
{
	struct request *r = data;

	alloc_one(r);
	r->got_bulk = kmobj_alloc_bulk(r->zone, GFP_ATOMIC, 2, r->bulk);
}

/* Refused, with a warning each time but for the "once". */
static void nmi_gets_nothing(struct kunit *test, struct request *r)
{
	kunit_warning_suppress(test) {
		KUNIT_ASSERT_TRUE(test, in_an_nmi(alloc_all_ways, r));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
	}
	KUNIT_EXPECT_TRUE(test, r->in_nmi);
	KUNIT_EXPECT_NULL(test, r->obj);
	KUNIT_EXPECT_FALSE(test, r->got_bulk);
	KUNIT_EXPECT_EQ(test, zone_stats(r->zone).alloc_fails, 2);
}

static void an_NMI_gets_what_the_CPU_holds(struct kunit *test)
{
	struct stage *s = test->priv;
	struct request r = {};

	nmi_prepare(test);
	r.zone = zone_make(test, SMALL, NULL);
	kmobj_free(r.zone, obj_make(test, r.zone));
	if (objects_are_watched()) {
		nmi_gets_nothing(test, &r);
		return;
	}
	KUNIT_ASSERT_TRUE(test, in_an_nmi(alloc_one, &r));
	KUNIT_EXPECT_TRUE(test, r.in_nmi);
	KUNIT_ASSERT_NOT_NULL(test, r.obj);
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(r.obj), r.zone);
	obj_stamp(r.obj, SMALL, 1);
	objs_expect_intact(test, s->zone, s->objs);
	kmobj_free(r.zone, r.obj);
}

static void an_NMI_gets_no_more_than_that(struct kunit *test)
{
	struct request r = {};

	nmi_prepare(test);
	r.zone = zone_make(test, SMALL, NULL);
	nmi_gets_nothing(test, &r);
	KUNIT_EXPECT_EQ(test, zone_stats(r.zone).slabs, 0);
}

/* It may have struck in the middle of anything: then it gets nothing. */
static void an_NMI_in_both_sections_is_refused(struct kunit *test)
{
	struct request r = {};
	void *live;
	bool came;

	nmi_prepare(test);
	r.zone = zone_make(test, SMALL, NULL);
	live = obj_make(test, r.zone);
	obj_stamp(live, SMALL, 1);
	kunit_warning_suppress(test) {
		below_sections(r.zone,
			       came = in_an_nmi(alloc_all_ways, &r));
		KUNIT_EXPECT_SUPPRESSED_WARNING_COUNT(test, 2);
	}
	KUNIT_EXPECT_TRUE(test, came && r.in_nmi);
	KUNIT_EXPECT_NULL(test, r.obj);
	KUNIT_EXPECT_FALSE(test, r.got_bulk);
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(live, SMALL, 1));
	KUNIT_EXPECT_EQ(test, zone_count_live(r.zone), 1);
	kmobj_free(r.zone, live);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(misuse_is_refused_and_said, misuse_gen_params),
	KUNIT_CASE(what_lies_at_an_address_is_described),
	KUNIT_CASE(freed_by_two_cpus_at_once_is_freed_once),
	KUNIT_CASE(an_NMI_gets_what_the_CPU_holds),
	KUNIT_CASE(an_NMI_gets_no_more_than_that),
	KUNIT_CASE(an_NMI_in_both_sections_is_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_bad_input",
	.init = stage_set,
	.exit = stage_end,
	.test_cases = cases,
};

kunit_test_suite(suite);
