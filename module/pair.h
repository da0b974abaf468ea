/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The section (see pair.c), and the free that runs in it.
 */
#ifndef KMOBJ_PAIR_H
#define KMOBJ_PAIR_H

#include <linux/preempt.h>

#include "internal.h"

/*
 * Enter the section with preemption off already; false if busy. Model: section.
 */
static __always_inline bool pair_try_enter(struct kmobj_pair *pair)
{
	/* an interrupt that comes now leaves it as it was */
	if (unlikely(data_race(pair->busy)))
		return false;
	WRITE_ONCE(pair->busy, true);
	barrier();	/* busy is set before an interrupt can matter */
	return true;
}

static __always_inline void pair_exit(struct kmobj_pair *pair)
{
	barrier();	/* all is stored before an interrupt may enter */
	WRITE_ONCE(pair->busy, false);
}

/* A pair of this CPU's, in a section; or NULL below two interrupted ones. */
static __always_inline struct kmobj_pair *pair_enter(struct kmobj_zone *zone)
{
	struct kmobj_pair *pair;

	preempt_disable();
	pair = this_cpu_ptr(zone->pairs);
	if (likely(pair_try_enter(pair)) || pair_try_enter(++pair))
		return pair;
	preempt_enable();
	return NULL;
}

static __always_inline void pair_leave(struct kmobj_pair *pair)
{
	pair_exit(pair);
	preempt_enable();
}

/* Is that the owner of a slab of this pair's, dormant, fresh or neither? */
static __always_inline bool pair_owns(const struct kmobj_pair *pair, int owner)
{
	return !((owner ^ pair->owner) & ~(KMOBJ_DORMANT | KMOBJ_FRESH));
}

/*
 * Does each free want more than a bit to be set, so that it is free_slow()'s?
 * A constant and a static branch.
 */
static __always_inline bool free_wants_more(void)
{
	return KMOBJ_SANITIZED || static_branch_unlikely(&kmobj_watch_free);
}

/*
 * Was this CPU asked to give something up, or told of remote frees? In a section:
 * so busy is set, and nothing else in the word that they share if it was not.
 */
static __always_inline bool pair_is_asked(const struct kmobj_pair *pair)
{
	return READ_ONCE(pair->flags) != (__force u32)cpu_to_le32(true) ||
	       !llist_empty(&pair->told);
}

/*
 * Free what would be object @idx of @slab into it, in a section. False, and nothing
 * has changed, if that takes more, or is a bad free.
 */
static __always_inline bool free_into(struct kmobj_zone *zone,
				      struct kmobj_pair *pair,
				      struct kmobj_slab *slab, u32 idx)
{
	if (unlikely(idx >= zone->nr_objs) || free_wants_more() ||
	    unlikely(READ_ONCE(slab->owner) != pair->owner) ||
	    unlikely(!slab_push(slab, idx)))
		return false;
	count(&pair->frees, 1);
	return true;
}

/*
 * free_into() for @obj, unless slab_is_elsewhere(). @slab and @idx are set to where
 * it lies, or @slab to NULL.
 */
static __always_inline bool free_fast(struct kmobj_zone *zone,
				      struct kmobj_pair *pair, void *obj,
				      struct kmobj_slab **slab, u32 *idx)
{
	if (unlikely(!slab_in(zone, obj, slab))) {
		*slab = NULL;
		return false;
	}
	*idx = slab_index(zone, obj);
	return free_into(zone, pair, *slab, *idx);
}

/*
 * The slab that @obj lies in if slab_is_elsewhere() and it is one of the pair or
 * remembered; else NULL.
 */
static __always_inline struct kmobj_slab *
pair_offslab_of(const struct kmobj_zone *zone, const struct kmobj_pair *pair,
		const void *obj)
{
	unsigned long pages = slab_pages(zone, kasan_reset_tag(obj));

	/* of a zone that is not offslab no slab has that: none lies there */
	if (READ_ONCE(pair->active->cookie) == (pages ^ zone->cookie))
		return pair->active;
	if (READ_ONCE(pair->alternate->cookie) == (pages ^ zone->cookie))
		return pair->alternate;
	return seen_of(zone, pages);
}

/* reserve.c; in a section */
bool reserve_wake(struct kmobj_zone *zone, struct kmobj_pair *pair,
		  struct kmobj_slab *slab, u32 idx);
bool reserve_look(struct kmobj_zone *zone, struct kmobj_pair *pair);
struct kmobj_slab *reserve_pop(struct kmobj_pair *pair);
void reserve_leave(struct kmobj_pair *pair, struct kmobj_slab *slab);
bool reserve_drain(struct kmobj_zone *zone, struct kmobj_pair *pair);

/* free.c */
bool free_slow(struct kmobj_zone *zone, struct kmobj_pair *pair,
	       void *obj, struct kmobj_slab *slab, u32 idx);
void free_refused(struct kmobj_zone *zone, void *obj);

/* pair.c */
bool slab_has_free(const struct kmobj_zone *zone, struct kmobj_slab *slab);
void slab_thaw(struct kmobj_zone *zone, struct kmobj_pair *pair,
	       struct kmobj_slab *slab);

/* If a fresh slab of the pair has handed out its first half: the rest. */
static __always_inline void slab_look_fresh(struct kmobj_zone *zone,
					    struct kmobj_pair *pair,
					    struct kmobj_slab *slab)
{
	if (unlikely(slab_is_fresh(slab)) && !slab_seek(zone, slab))
		slab_thaw(zone, pair, slab);
}

void pair_push(struct kmobj_pair *pair, struct kmobj_slab *slab);
bool pair_drain(struct kmobj_zone *zone, struct kmobj_pair *pair);
void pair_answer(struct kmobj_zone *zone, struct kmobj_pair *pair);
bool pair_refill(struct kmobj_zone *zone, struct kmobj_pair *pair);

#endif /* KMOBJ_PAIR_H */
