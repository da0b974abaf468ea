// SPDX-License-Identifier: GPL-2.0
/*
 * Many objects at once: one section for a run of them, one word of a bitmap
 * for up to BITS_PER_LONG of them.
 */
#include "slab/lookup.h"
#include "debug/report.h"
#include "core/alloc.h"
#include "core/free.h"

/*
 * The loops that are unlikely to turn again are not aligned (Kbuild), those
 * over the objects themselves are.
 */

/* Objects in one section: bounds the time that preemption is off. */
#define RUN	64

/* Up to so many are allocated and freed one by one, as by kmobj_alloc() and kmobj_free(). */
#define FEW	3

/* No array holds more pointers: a negative number that was taken for a count. */
static bool bulk_refused(struct kmobj_zone *zone, size_t nr)
{
	if (likely(nr <= INT_MAX))
		return false;
	report_bad_bulk(zone, nr);
	return true;
}

/* The same, and alloc_refused(): of what that looks at, first what has no call in it. */
static __always_inline bool alloc_bulk_refused(struct kmobj_zone *zone, gfp_t gfp, size_t nr)
{
	if (likely(gfp_is_plain(gfp) && !in_nmi() && !READ_ONCE(zone->dying)))
		return bulk_refused(zone, nr);
	return alloc_refused(zone, gfp) || bulk_refused(zone, nr);
}

/* How many of the lowest bits of @word are set in a row. */
static unsigned int bits_from(unsigned long word)
{
	return ~word ? __ffs(~word) : BITS_PER_LONG;
}

/* @nr bits from bit @first on; @nr is not 0, and all are within a word. */
static unsigned long run_mask(unsigned int first, unsigned int nr)
{
	return (~0UL >> (BITS_PER_LONG - nr)) << first;
}

/*
 * Take up to @nr objects from the word that hint names, as cpu_pop() does: a run of
 * neighbours at a time, whose addresses differ by the stride.
 */
static size_t cpu_pop_word(const struct kmobj_zone *zone,
			   struct kmobj_cpu *c, size_t nr, void **objs)
{
	struct kmobj_slab *slab = c->active;
	unsigned long w = slab->hint, word;
	size_t i = 0, end;
	void *obj;

	if (KMOBJ_HARDENED && unlikely(w >= zone->bitmap_words))
		return 0;
	word = slab->free[w];
	if (!word)
		return 0;
	if (KMOBJ_HARDENED && unlikely(w * BITS_PER_LONG + __fls(word) >= zone->nr_objs))
		return 0;
	do {
		unsigned long first = __ffs(word);

		obj = c->active_objs + (w * BITS_PER_LONG + first) * zone->stride;
		end = min(nr, i + bits_from(word >> first));
		word &= ~run_mask(first, end - i);
		for (; i < end; i++, obj += zone->stride)
			objs[i] = obj;
	} while (unlikely(word && i < nr));
	slab->free[w] = word;
	return i;
}

static size_t alloc_run(struct kmobj_zone *zone, size_t nr, void **objs)
{
	struct kmobj_cpu *c = cpu_section_enter(zone);
	size_t i = 0;

	if (!c)
		return 0;
	do {
		size_t got = cpu_pop_word(zone, c, nr - i, objs + i);

		if (!got && !cpu_refill(zone, c))
			break;
		i += got;
	} while (unlikely(i < nr));
	count(&c->allocs, i);
	cpu_section_leave(c);
	return i;
}

static void obj_alloc_hooks_all(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs)
{
	size_t i;

	for (i = 0; i < nr; i++)
		obj_alloc_hooks(zone, objs[i], gfp);
}

/* kmobj_alloc_bulk() with the first @i objects there: any number, by any means. */
static noinline bool alloc_many(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs,
				size_t i)
{
	if (unlikely(alloc_bulk_refused(zone, gfp, nr))) {
		atomic_long_inc(&zone->alloc_fails);
		kmobj_free_bulk(zone, i, objs);
		return false;
	}
	while (i < nr) {
		size_t got = alloc_run(zone, min_t(size_t, nr - i, RUN), objs + i);

		if (!got) {
			might_alloc(gfp);
			objs[i] = alloc_slow(zone, gfp);
			if (!objs[i]) {
				if (!gfp_is_plain(gfp))
					obj_alloc_hooks_all(zone, gfp, i, objs);
				kmobj_free_bulk(zone, i, objs);
				return false;
			}
			got = 1;
		}
		i += got;
	}
	if (unlikely(!gfp_is_plain(gfp)))
		obj_alloc_hooks_all(zone, gfp, nr, objs);
	return true;
}

/* kmobj_alloc_bulk() in a section, where the active slab has only @i objects. */
static noinline bool alloc_few_rest(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs,
				    size_t i, struct kmobj_cpu *c)
{
	count(&c->allocs, i);
	cpu_section_leave(c);
	return alloc_many(zone, gfp, nr, objs, i);
}

/* kmobj_alloc_bulk() with a plain @gfp of up to FEW objects. */
static __always_inline bool alloc_few(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs)
{
	struct kmobj_cpu *c;
	size_t i = 0;

	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	if (unlikely(!cpu_section_try_enter(c))) {
		preempt_enable();
		return alloc_many(zone, gfp, nr, objs, 0);
	}
	do {
		if (unlikely(!cpu_pop(zone, c, &objs[i])))
			return alloc_few_rest(zone, gfp, nr, objs, i, c);
	} while (unlikely(++i < nr));
	count(&c->allocs, nr);
	cpu_section_leave(c);
	return true;
}

/* A function of its own, so that kmobj_alloc_bulk() saves no register. */
static noinline bool alloc_several(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs)
{
	return alloc_few(zone, gfp, nr, objs);
}

bool kmobj_alloc_bulk(struct kmobj_zone *zone, gfp_t gfp, size_t nr, void **objs)
{
	check_context(gfp);
	if (nr == 1 && likely(gfp_is_plain(gfp)))
		return alloc_few(zone, gfp, 1, objs);	/* without a loop */
	if (nr - 1 < FEW && likely(gfp_is_plain(gfp)))
		return alloc_several(zone, gfp, nr, objs);
	return alloc_many(zone, gfp, nr, objs, 0);
}
EXPORT_SYMBOL_GPL(kmobj_alloc_bulk);

/*
 * How many of @objs, from the first on, are neighbours in one word of the
 * bitmaps. The first is object @idx of its slab.
 */
static size_t count_run(const struct kmobj_zone *zone, u32 idx, size_t nr, void **objs)
{
	size_t max = min3(nr, (size_t)(zone->nr_objs - idx),
			  (size_t)(BITS_PER_LONG - idx % BITS_PER_LONG));
	void *obj = objs[0];
	size_t i;

	for (i = 1; i < max; i++) {
		obj += zone->stride;
		if (objs[i] != obj)
			break;
	}
	return i;
}

/*
 * Free the leading objects that lie in one slab that this CPU owns, with one look
 * at its header, a run of neighbours at a time. Returns how many; free_one()
 * handles the next one and reports what is wrong with it.
 */
static size_t free_stretch(struct kmobj_zone *zone, struct kmobj_cpu *c,
			   size_t nr, void **objs)
{
	unsigned long pages = slab_pages(zone, objs[0]), mask;
	void *base = slab_header_addr(zone, objs[0]);
	struct kmobj_slab *slab;
	size_t i = 0, run;
	u32 idx;

	/* no CPU owns a small slab */
	if (free_wants_more() || !slab_lookup_ordinary(zone, objs[0], &slab) ||
	    READ_ONCE(slab->owner) != c->owner)
		return 0;
	do {
		idx = index_in(zone, base, objs[i]);
		if (unlikely(idx >= zone->nr_objs))
			break;
		run = count_run(zone, idx, nr - i, objs + i);
		mask = run_mask(idx % BITS_PER_LONG, run);
		if (unlikely(slab->free[idx / BITS_PER_LONG] & mask))
			break;
		slab->free[idx / BITS_PER_LONG] |= mask;
		slab->hint = idx / BITS_PER_LONG;
		i += run;
	} while (unlikely(i < nr && slab_pages(zone, objs[i]) == pages));
	count(&c->frees, i);
	return i;
}

static void free_one(struct kmobj_zone *zone, struct kmobj_cpu *c, void *obj)
{
	if (unlikely(!free_slow(zone, c, obj, NULL, 0)))
		free_refused(zone, obj);
}

/* Free up to RUN objects in a section, and leave it. */
static void free_run(struct kmobj_zone *zone, struct kmobj_cpu *c, size_t nr, void **objs)
{
	size_t i = 0, done;

	do {
		done = free_stretch(zone, c, nr - i, objs + i);
		if (!done)
			free_one(zone, c, objs[i++]);
		i += done;
	} while (unlikely(i < nr));
	cpu_section_leave(c);
}

/* kmobj_free_bulk() of any number. */
static noinline void free_many(struct kmobj_zone *zone, size_t nr, void **objs)
{
	if (!nr || bulk_refused(zone, nr))
		return;
	do {
		struct kmobj_cpu *c = cpu_section_enter(zone);
		size_t run = 1;

		if (likely(c)) {
			run = min_t(size_t, nr, RUN);
			free_run(zone, c, run, objs);
		} else {
			kmobj_free(zone, *objs);
		}
		objs += run;
		nr -= run;
	} while (unlikely(nr));
}

/* kmobj_free_bulk() in a section, from the first object on that needs more than a bit set. */
static noinline void free_few_rest(struct kmobj_zone *zone, struct kmobj_cpu *c, void **objs,
				   void **end)
{
	cpu_section_leave(c);
	free_many(zone, end - objs, objs);
}

/* kmobj_free_bulk() in a section, for objects whose slabs have their headers elsewhere. */
static noinline void free_few_far(struct kmobj_zone *zone, struct kmobj_cpu *c, void **objs,
				  void **end)
{
	struct kmobj_slab *slab;

	do {
		slab = cpu_offslab_lookup(zone, c, *objs);
		if (unlikely(!slab || !free_into(zone, c, slab, offslab_index(zone, *objs))))
			return free_few_rest(zone, c, objs, end);
	} while (unlikely(++objs < end));
	cpu_section_leave(c);
}

void kmobj_free_bulk(struct kmobj_zone *zone, size_t nr, void **objs)
{
	void **end = objs + nr;
	struct kmobj_slab *slab;
	struct kmobj_cpu *c;
	u32 idx;

	if (nr == 1)
		return kmobj_free(zone, *objs);
	if (nr - 1 >= FEW)
		return free_many(zone, nr, objs);
	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	if (unlikely(!cpu_section_try_enter(c))) {
		preempt_enable();
		return free_many(zone, nr, objs);
	}
	do {
		if (slab_is_offslab_addr(zone, *objs))
			return free_few_far(zone, c, objs, end);
		if (unlikely(!free_fast(zone, c, *objs, &slab, &idx)))
			return free_few_rest(zone, c, objs, end);
	} while (unlikely(++objs < end));
	cpu_section_leave(c);
}
EXPORT_SYMBOL_GPL(kmobj_free_bulk);
