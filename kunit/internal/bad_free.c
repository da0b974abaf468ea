// SPDX-License-Identifier: GPL-2.0
/*
 * Bad frees: every pointer that is not a live object of the zone is refused
 * and counted, and everything else is as it was.
 */
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "internal_kunit.h"

/* A zone with live objects on both sides of one in the middle. */
struct scene {
	unsigned int size;
	struct kmobj_zone *zone, *other;
	void *objs[7];
	void *theirs;			/* an object of the other zone */
	void *foreign;			/* of kmalloc() */
	void *pages;			/* of the page allocator */
	struct kmem_cache *cache;
	void *cached;			/* of it */
	void *mapped;			/* of vmalloc() */
};

static void *mid(struct scene *s) { return s->objs[3]; }
static void *in_slab(struct scene *s) { return slab_at(s->zone, mid(s)); }

static void *interior_by_1(struct scene *s) { return mid(s) + 1; }
static void *interior_by_8(struct scene *s) { return mid(s) + 8; }
static void *last_byte(struct scene *s) { return mid(s) + s->size - 1; }
static void *before_by_1(struct scene *s)
{
	return slab_object(s->zone, in_slab(s), 1) - 1;
}

static void *header(struct scene *s) { return in_slab(s); }
static void *before_the_header(struct scene *s)
{
	return (void *)slab_pages(s->zone, mid(s));
}

static void *header_by_stride(struct scene *s) { return in_slab(s) + SMALL; }

static void *remote_bits(struct scene *s)
{
	return slab_remote(s->zone, in_slab(s));
}

static void *past_the_last(struct scene *s)
{
	return slab_object(s->zone, in_slab(s), objs_per_slab(s->zone));
}

static void *of_other_zone(struct scene *s) { return s->theirs; }
static void *of_kmalloc(struct scene *s) { return s->foreign; }
static void *of_the_page_allocator(struct scene *s) { return s->pages; }
static void *of_vmalloc(struct scene *s) { return s->mapped; }
static void *of_kmem_cache(struct scene *s) { return s->cached; }
static void *of_the_stack(struct scene *s)
{
	return task_stack_page(current) + THREAD_SIZE / 2;
}

static void *of_the_text(struct scene *s) { return kmobj_free; }
static void *of_the_kernels_text(struct scene *s) { return kfree; }
static void *of_module_data(struct scene *s);
static void *user_low(struct scene *s) { return (void *)0x1000; }
static void *user_high(struct scene *s) { return (void *)TASK_SIZE - 64; }
static void *near_NULL(struct scene *s) { return (void *)8; }
static void *an_errno(struct scene *s) { return ERR_PTR(-ENOMEM); }
static void *the_last_byte_of_all(struct scene *s) { return (void *)~0UL; }
static void *between_the_halves(struct scene *s)
{
	return (void *)(1UL << (BITS_PER_LONG - 2));
}

static void *percpu_offset(struct scene *s)
{
	return (void __force *)s->zone->cpus;
}

static void *poison(struct scene *s)
{
	return LIST_POISON1;
}

/* In the linear map, where there is no memory. */
static void *past_all_memory(struct scene *s)
{
	return high_memory + SZ_1G;
}

/* What is said of a pointer; nothing sure where that is somewhere else. */
#define INSIDE		"inside an object of this zone: free the pointer that"
#define HEADER		"inside the header of a slab of this zone"
#define FOREIGN		"not from kmobj: free it with what allocated it"
#define USER		"an address of user space or an offset from NULL"
#define ERROR		"an error pointer: check the result of the call"
#define NOWHERE		ON_X86_64("code, a static variable, or no memory at all")
#define ON_X86_64(text)	(IS_ENABLED(CONFIG_X86_64) && \
			 !IS_ENABLED(CONFIG_UML) ? (text) : "")

struct pointer {
	const char *what;
	void *(*make)(struct scene *s);
	const char *says;
};

/* What is refused in the same words, wherever the header of the slab is. */
static const struct pointer pointers[] = {
	{ "interior, by 1", interior_by_1, INSIDE },
	{ "interior, by 8", interior_by_8, INSIDE },
	{ "an object's last byte", last_byte, INSIDE },
	{ "misaligned, before an object", before_by_1, INSIDE },
	{ "behind the last object", past_the_last, "" },
	{ "an object of another zone", of_other_zone,
	  "it belongs to zone " SHOWN("kunit-") },
	{ "an object of kmalloc", of_kmalloc, FOREIGN },
	{ "an object of a kmem_cache", of_kmem_cache, FOREIGN },
	{ "the linear map past all memory", past_all_memory, NOWHERE },
	{ "a page", of_the_page_allocator, FOREIGN },
	{ "vmalloc", of_vmalloc, "an address of vmalloc" },
	{ "the stack", of_the_stack, "" },
	{ "a module's text", of_the_text, NOWHERE },
	{ "the kernel's text", of_the_kernels_text, "" },
	{ "a module's data", of_module_data, NOWHERE },
	{ "user space, low", user_low, USER },
	{ "user space, high", user_high, USER },
	{ "near NULL", near_NULL, USER },
	{ "ERR_PTR", an_errno, ERROR },
	{ "the last byte of all", the_last_byte_of_all, ERROR },
	{ "no canonical address", between_the_halves, NOWHERE },
	{ "a per-CPU offset", percpu_offset, "" },
	{ "list poison", poison, NOWHERE },
};

static const struct pointer header_pointers[] = {
	{ "the slab's header", header, HEADER },
	{ "inside the header", header_by_stride, HEADER },
	{ "the beginning of the pages", before_the_header, HEADER },
	{ "the remote bits", remote_bits, HEADER },
};

static const struct pointer offslab_pointers[] = {
	{ "the slab's header", header, FOREIGN },
	{ "the remote bits", remote_bits, FOREIGN },
};

static void *of_module_data(struct scene *s)
{
	return (void *)pointers;
}

static void pointer_desc(const struct pointer *p, char *desc)
{
	strscpy(desc, p->what, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pointer, pointers, pointer_desc);
KUNIT_ARRAY_PARAM(header_pointer, header_pointers, pointer_desc);
KUNIT_ARRAY_PARAM(offslab_pointer, offslab_pointers, pointer_desc);

KUNIT_DEFINE_ACTION_WRAPPER(free_mapped, vfree, const void *);

static void free_a_page(void *page)
{
	free_page((unsigned long)page);
}

static void cache_end(void *scene)
{
	struct scene *s = scene;

	kmem_cache_free(s->cache, s->cached);
	kmem_cache_destroy(s->cache);
}

static void cache_set(struct kunit *test, struct scene *s)
{
	s->cache = kmem_cache_create("kmobj_kunit", s->size, 0, 0, NULL);
	KUNIT_ASSERT_NOT_NULL(test, s->cache);
	s->cached = kmem_cache_alloc(s->cache, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, s->cached);
	memset(s->cached, 0x5a, s->size);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, cache_end, s), 0);
}

static void scene_set(struct kunit *test, struct scene *s, unsigned int size)
{
	unsigned int i;

	s->size = size;
	s->zone = zone_make(test, s->size, NULL);
	s->other = zone_make(test, s->size, NULL);
	for (i = 0; i < ARRAY_SIZE(s->objs); i++) {
		s->objs[i] = obj_make(test, s->zone);
		obj_stamp(s->objs[i], s->size, i);
	}
	s->theirs = obj_make(test, s->other);
	obj_stamp(s->theirs, s->size, 99);
	cache_set(test, s);
	s->foreign = kunit_kmalloc(test, s->size, GFP_KERNEL);
	s->pages = (void *)__get_free_page(GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_a_page, s->pages), 0);
	s->mapped = vmalloc(PAGE_SIZE);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_mapped, s->mapped),
			0);
	KUNIT_ASSERT_NOT_NULL(test, s->foreign);
	KUNIT_ASSERT_NOT_NULL(test, s->pages);
	KUNIT_ASSERT_NOT_NULL(test, s->mapped);
	memset(s->foreign, 0x5a, s->size);
	memset(s->pages, 0x5a, PAGE_SIZE);
	memset(s->mapped, 0x5a, PAGE_SIZE);
}

static void scene_expect_intact(struct kunit *test, struct scene *s)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(s->objs); i++)
		KUNIT_EXPECT_TRUE(test, obj_has_stamp(s->objs[i], s->size, i));
	KUNIT_EXPECT_TRUE(test, obj_has_stamp(s->theirs, s->size, 99));
	KUNIT_EXPECT_NULL(test, memchr_inv(s->cached, 0x5a, s->size));
	KUNIT_EXPECT_NULL(test, memchr_inv(s->foreign, 0x5a, s->size));
	KUNIT_EXPECT_NULL(test, memchr_inv(s->pages, 0x5a, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(s->mapped, 0x5a, PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, zone_count_live(s->zone), ARRAY_SIZE(s->objs));
	KUNIT_EXPECT_EQ(test, zone_count_live(s->other), 1);
	zone_expect_sound(test, s->zone);
	zone_expect_sound(test, s->other);
}

static void scene_end(struct kunit *test, struct scene *s)
{
	unsigned long bad = zone_stats(s->zone).bad_frees;

	objs_free(s->zone, s->objs, ARRAY_SIZE(s->objs));
	kmobj_free(s->other, s->theirs);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, bad);
	KUNIT_EXPECT_EQ(test, zone_stats(s->other).bad_frees, 0);
}

/* By the owner, by another CPU, and below a section: three ways in. */
static void expect_refused(struct kunit *test, unsigned int size)
{
	const struct pointer *p = test->param_value;
	struct scene *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	int cpu = pin_here(test), there;
	unsigned long expected = 0;
	void *bad;

	KUNIT_ASSERT_NOT_NULL(test, s);
	scene_set(test, s, size);
	bad = p->make(s);
	log_listen(test);
	kmobj_free(s->zone, bad);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, ++expected);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(s->zone), "refused: "),
			1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(s->zone), p->says), 1);
	log_ignore(test);
	KUNIT_EXPECT_PTR_NE(test, kmobj_zone_of(bad), s->zone);

	nested_free(s->zone, &bad, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, ++expected);

	kmobj_free_bulk(s->zone, 1, &bad);
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees, ++expected);

	for_each_online_cpu(there) {
		if (there == cpu)
			continue;
		free_on_cpu(test, there, s->zone, &bad, 1);
		KUNIT_EXPECT_EQ(test, zone_stats(s->zone).bad_frees,
				++expected);
		break;
	}
	KUNIT_EXPECT_EQ(test, zone_stats(s->zone).frees, 0);
	scene_expect_intact(test, s);
	scene_end(test, s);
}

static void a_pointer_that_is_no_object_is_refused(struct kunit *test)
{
	expect_refused(test, SMALL);
}

static void a_pointer_into_the_header_is_refused(struct kunit *test)
{
	expect_refused(test, SMALL);
}

static void a_pointer_that_is_no_large_object_is_refused(struct kunit *test)
{
	expect_refused(test, LARGE);
}

static void a_pointer_into_a_header_off_its_slab_is_refused(struct kunit *test)
{
	expect_refused(test, LARGE);
}

/* @page looks like that of a slab of what lies at @zone, wherever the header may be. */
static void page_forge(void *page, unsigned long zone, unsigned long secret,
		       unsigned long state)
{
	const unsigned int colors[] = { 0, slab_colors(PAGE_SIZE) };
	struct kmobj_slab *slab;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(colors); i++) {
		slab = slab_header(colors[i], (unsigned long)page);
		slab->zone = (void *)zone;
		slab->cookie = (unsigned long)slab ^ zone ^ secret ^ state;
	}
}

static void expect_nobodys(struct kunit *test, struct kmobj_zone *zone, void *obj)
{
	unsigned long bad = zone_stats(zone).bad_frees;

	KUNIT_EXPECT_NULL(test, kmobj_zone_of(obj));
	log_listen(test);
	kmobj_free(zone, obj);
	kmobj_dump_obj(obj);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), FOREIGN), 1);
	log_ignore(test);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, bad + 1);
}

/* As with a page that began with a struct kmobj_zone, and was freed. */
static void a_cookie_that_fits_no_zone_is_not_believed(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	const unsigned long states[] = { 0, ~0UL, KMOBJ_CORRUPT };
	unsigned long secret = zone->cookie ^ (unsigned long)zone;
	void *page, *zeroes;
	unsigned int i;

	page = (void *)get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_a_page, page), 0);
	zeroes = (void *)get_zeroed_page(GFP_KERNEL);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, free_a_page, zeroes), 0);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_ASSERT_NOT_NULL(test, zeroes);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		page_forge(page, (unsigned long)page ^ secret, secret, states[i]);
		expect_nobodys(test, zone, page + SMALL);
		page_forge(page, (unsigned long)zeroes, secret, states[i]);
		expect_nobodys(test, zone, page + SMALL);
		page_forge(page, (unsigned long)zone + 1, secret, states[i]);
		expect_nobodys(test, zone, page + SMALL);
	}
}

static void a_stack_of_ones_own_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone);
	u8 local[SMALL] __aligned(SMALL) = {};

	kmobj_free(zone, local);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	kmobj_free(zone, obj);
}

static void a_second_free_by_the_owner_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj, *other, *third;

	pin_here(test);
	obj = obj_make(test, zone);
	other = obj_make(test, zone);
	kmobj_free(zone, obj);
	kmobj_free(zone, obj);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 1);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	zone_expect_sound(test, zone);
	/* it is handed out once */
	KUNIT_EXPECT_PTR_EQ(test, obj_make(test, zone), obj);
	third = obj_make(test, zone);
	KUNIT_EXPECT_PTR_NE(test, third, obj);
	kmobj_free(zone, obj);
	kmobj_free(zone, other);
	kmobj_free(zone, third);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
}

static void a_second_remote_free_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj, *other;
	int there;

	pin_here(test);
	there = other_cpu(test);
	obj = obj_make(test, zone);
	other = obj_make(test, zone);
	zone_lock(test, zone);	/* nobody asks the owner to collect between the two */
	free_on_cpu(test, there, zone, &obj, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 0);
	free_on_cpu(test, there, zone, &obj, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 1);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
	kmobj_free(zone, other);
}

/* Found when somebody collects; shrinking makes that now. */
static void freed_once_each_way_is_found_when_collected(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *objs[2], *live;
	int there;

	pin_here(test);
	there = other_cpu(test);
	live = obj_make(test, zone);
	objs[0] = obj_make(test, zone);
	objs[1] = obj_make(test, zone);
	kmobj_free(zone, objs[0]);			/* here, then there */
	free_on_cpu(test, there, zone, &objs[0], 1);
	free_on_cpu(test, there, zone, &objs[1], 1);	/* there, then here */
	kmobj_free(zone, objs[1]);

	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, 2);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 1);
	zone_expect_sound(test, zone);
	kmobj_free(zone, live);
}

static void a_second_free_into_the_depot_is_found(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = depot_fill(test, zone, 2);
	kmobj_free(zone, objs[0]);	/* collected at once: it lists the slab */
	kmobj_free(zone, objs[0]);
	kmobj_free(zone, objs[1]);	/* waits in remote[] */
	kmobj_free(zone, objs[1]);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), 2 * n - 2);
	zone_expect_sound(test, zone);
	objs_free(zone, objs + 2, 2 * n - 2);
}

static void a_second_free_into_a_free_slab_is_found(struct kunit *test)
{
	const struct kmobj_zone_args args = { .keep_free_slabs = 1 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	zone_lock(test, zone);
	objs_free(zone, objs, n);
	zone_drain(zone);
	KUNIT_EXPECT_EQ(test, peek_listed(slab_at(zone, objs[0])),
			KMOBJ_BIN_FREE + 1);
	kmobj_free(zone, objs[0]);
	zone_unlock(test, zone);
	kmobj_zone_shrink(zone);	/* retires it */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, n);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
}

static void a_free_into_a_retiring_slab_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	zone_lock(test, zone);
	objs_free(zone, objs, n);
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_EXPECT_EQ(test, peek_owner(slab_at(zone, objs[0])),
			KMOBJ_OWNER_RETIRING);
	kmobj_free(zone, objs[0]);
	nested_free(zone, objs + 1, 1);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).frees, n);
	zone_unlock(test, zone);
	zone_expect_sound(test, zone);
}

/* As if its pages were somebody else's by now: all of its bits are set. */
static void nothing_is_read_of_a_slab_that_leaves(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone);
	struct kmobj_slab *slab;
	size_t bytes;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 1);
	slab = slab_at(zone, objs[0]);
	zone_lock(test, zone);
	objs_free(zone, objs, n);
	zone_drain(zone);
	zone_pass(zone);
	KUNIT_ASSERT_EQ(test, peek_owner(slab), KMOBJ_OWNER_RETIRING);
	bytes = (1 + KMOBJ_RCU_BATCHES) * zone->bitmap_words * sizeof(long);
	memset(slab_next(zone, slab), 0xff, bytes);
	log_listen(test);
	kmobj_free(zone, objs[0]);
	KUNIT_EXPECT_EQ(test, 1,
			log_heard(kmobj_zone_name(zone),
				  "it is free already: freed twice"));
	KUNIT_EXPECT_PTR_EQ(test, kmobj_zone_of(objs[0]), zone);
	kmobj_free(zone, objs[0] + 1);
	KUNIT_EXPECT_EQ(test, log_heard(kmobj_zone_name(zone), INSIDE), 1);
	log_ignore(test);
	memset(slab_next(zone, slab), 0, bytes);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 2);
}

static void a_free_after_the_slab_has_left_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone);

	kmobj_free(zone, obj);
	kmobj_zone_shrink(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, 0);
	kmobj_free(zone, obj);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
}

/* A forged slab is no slab: its writer does not know the secret. */
static void a_slab_that_only_looks_like_one_is_refused(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone), *pages, *forged;
	struct kmobj_slab *copy;

	pages = (void *)__get_free_pages(GFP_KERNEL | __GFP_COMP, peek_order(zone));
	KUNIT_ASSERT_NOT_NULL(test, pages);
	copy = slab_at(zone, pages);
	memcpy(copy, slab_at(zone, obj), zone->remote_off);
	KUNIT_EXPECT_PTR_EQ(test, copy->zone, zone);
	forged = (void *)copy + zone->obj_offset;
	kmobj_free(zone, forged);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).bad_frees, 1);
	KUNIT_EXPECT_NULL(test, kmobj_zone_of(forged));
	free_pages((unsigned long)pages, peek_order(zone));
	kmobj_free(zone, obj);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_PARAM(a_pointer_that_is_no_object_is_refused,
			 pointer_gen_params),
	KUNIT_CASE_PARAM(a_pointer_into_the_header_is_refused,
			 header_pointer_gen_params),
	KUNIT_CASE_PARAM(a_pointer_that_is_no_large_object_is_refused,
			 pointer_gen_params),
	KUNIT_CASE_PARAM(a_pointer_into_a_header_off_its_slab_is_refused,
			 offslab_pointer_gen_params),
	KUNIT_CASE(a_cookie_that_fits_no_zone_is_not_believed),
	KUNIT_CASE(a_stack_of_ones_own_is_refused),
	KUNIT_CASE(a_second_free_by_the_owner_is_refused),
	KUNIT_CASE(a_second_remote_free_is_refused),
	KUNIT_CASE(freed_once_each_way_is_found_when_collected),
	KUNIT_CASE(a_second_free_into_the_depot_is_found),
	KUNIT_CASE(a_second_free_into_a_free_slab_is_found),
	KUNIT_CASE(a_free_into_a_retiring_slab_is_refused),
	KUNIT_CASE(nothing_is_read_of_a_slab_that_leaves),
	KUNIT_CASE(a_free_after_the_slab_has_left_is_refused),
	KUNIT_CASE(a_slab_that_only_looks_like_one_is_refused),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_bad_free",
	.test_cases = cases,
};

kunit_test_suite(suite);
