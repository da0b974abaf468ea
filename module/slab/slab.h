/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A slab is 2^order pages, aligned to its own size:
 *
 *	+----------------------+ pages = object & zone->slab_mask
 *	| color: 0 or more     |
 *	| cache lines unused   |
 *	+----------------------+ slab
 *	| cookie, owner,       |  read by every free, written when the slab
 *	| zone, lists, node,   |  changes its owner or joins a batch that waits
 *	| home                 |  for RCU
 *	+----------------------+
 *	| hint, objs,          |  for the owner: a CPU in its section, or the
 *	| free[bitmap_words]   |  holder of the depot's lock
 *	+----------------------+
 *	| notified, rcu_queued,|  written atomically, by any CPU
 *	| remote[bitmap_words],|
 *	| next[bitmap_words]   |
 *	+----------------------+
 *	| waiting[] twice      |  for free_rcu.c
 *	+----------------------+ objs = slab + zone->obj_offset
 *	| object 0             |
 *	| object 1             |  stride apart; kmobj keeps nothing in them
 *	| ...                  |
 *	+----------------------+
 *
 * The header of a slab of few and large objects is elsewhere: see offslab.c; and that of
 * a small slab, which was made because memory was in pieces: see small.c.
 *
 * Bit i of free[] is set while object i is free and the owner knows it. Bit i of
 * remote[] is set when a CPU that does not own the slab frees the object, until
 * an owner collects it, a word at a time, into free[]. The hidden half of a new
 * slab begins in remote[] too (slab_shuffle()). An object of kmobj_free_rcu()
 * has its bit in next[] first, then in a waiting[] for a grace period, and then
 * in remote[]. A live object has all of its bits clear.
 *
 * One bitmap is both the free list and the record of what is in use. A free by the
 * owner writes to the second part of the header, a remote free to the third, and both
 * read the first, so neither disturbs the other; but the first kmobj_free_rcu() of a
 * slab links it by rcu, in the second.
 */
#ifndef KMOBJ_SLAB_SLAB_H
#define KMOBJ_SLAB_SLAB_H

#include <linux/bitmap.h>
#include <linux/llist.h>

#include "slab/zone.h"

extern struct kmobj_slab kmobj_no_slab;

/* A slab is at most 512 KiB, whatever a page is. */
#define KMOBJ_SLAB_BYTES_MAX	(512UL << 10)
#define KMOBJ_ORDER_MAX		(19 - PAGE_SHIFT)
#define KMOBJ_NR_ORDERS		(KMOBJ_ORDER_MAX + 1)

/* The cookie of a corrupt slab differs by this: see isolate.c. */
#define KMOBJ_CORRUPT		0x51c4UL

/* That of a small slab is made of its pages and this: see small.c. */
#define KMOBJ_SMALL		1UL

/*
 * Does a pop check that it stays in the slab? In kernels that check their own free lists,
 * and where the suites that overwrite headers are built for a kernel with KUnit.
 */
#define KMOBJ_HARDENED	(IS_ENABLED(CONFIG_SLAB_FREELIST_HARDENED) ||	\
			 (IS_BUILTIN(CONFIG_KUNIT) && __is_defined(KMOBJ_SUITES)))

/* remote[], next[] and a waiting[] for each batch. */
#define KMOBJ_REMOTE_MAPS	(2 + KMOBJ_RCU_BATCHES)

/* kmobj_slab.listed: bin + 1, or not on a list of the depot. */
#define KMOBJ_UNLISTED		0

/* A slab has a hidden half until the other is allocated, or for so many frees. */
#define KMOBJ_HIDDEN_HALF_FREES	64

struct kmobj_slab {
	/*
	 * slab_cookie() in service, its complement while retiring,
	 * slab_corrupt_cookie() once corrupt
	 */
	unsigned long cookie;
	int owner;			/* see state.h, which writes it */
	int node;			/* of its pages */
	struct kmobj_zone *zone;
	union {
		struct list_head link;	/* a list of the depot or the zone */
		struct kmobj_slab *next; /* a CPU's reserve */
	};
	struct list_head all;		/* depot->all */
	int home;			/* CPU that first took its pages */
	u8 listed;
	u8 rcu_batches;			/* batches it is in, a bit each; bars release */
	bool pfmemalloc;		/* of pages from below the watermarks: see depot.c */
	bool small;			/* of fewer pages than others: see small.c */

	/* the word of free[] to look at first */
	u16 hint ____cacheline_aligned_in_smp;
	u16 pinned;			/* index + 1 of an object that does not move, or 0 */
	u8 hidden_half_frees;		/* into it while it has a hidden half */
	bool tagged;			/* counted by zone->tag: see profile.c */
	bool watched;			/* its objects are: see watch.c */
	void *objs;			/* object 0 */
	struct llist_node rcu;		/* a CPU's list, see free_rcu.c */
	unsigned long free[];
};

/* The part written by CPUs that do not own the slab, at zone->remote_off. */
struct kmobj_remote {
	struct llist_node node;		/* the owner's notified list */
	unsigned int notified;		/* is on that list; bars release */
	unsigned int rcu_queued;	/* is on a CPU's list by rcu; bars release */
	struct kmobj_slab *rcu_next[KMOBJ_RCU_BATCHES];
	unsigned long bits[];		/* remote[], next[], and waiting[] twice */
};

static inline struct kmobj_remote *slab_remote(const struct kmobj_zone *zone,
					       struct kmobj_slab *slab)
{
	return (void *)slab + zone->remote_off;
}

static inline struct kmobj_slab *slab_from_remote(const struct kmobj_zone *zone,
						  struct kmobj_remote *remote)
{
	return (void *)remote - zone->remote_off;
}

/* Objects given to kmobj_free_rcu() since a pass last took the slab; atomics. */
static inline unsigned long *slab_next(const struct kmobj_zone *zone,
				       struct kmobj_slab *slab)
{
	return slab_remote(zone, slab)->bits + zone->bitmap_words;
}

/* Objects that wait for batch @nr; written under zone->rcu_lock. */
static inline unsigned long *slab_waiting(const struct kmobj_zone *zone,
					  struct kmobj_slab *slab, unsigned int nr)
{
	return slab_next(zone, slab) + (1 + nr) * zone->bitmap_words;
}

/* Word @w of both waiting[]: a snapshot. */
static inline unsigned long slab_waiting_word(const struct kmobj_zone *zone,
					      struct kmobj_slab *slab, unsigned int w)
{
	return READ_ONCE(slab_waiting(zone, slab, 0)[w]) |
	       READ_ONCE(slab_waiting(zone, slab, 1)[w]);
}

/*
 * Is @slab on a notified list, on a list of slabs that wait for RCU, or about to
 * be put on one? Then it may be reached from there.
 */
static inline bool slab_is_referenced(const struct kmobj_zone *zone,
				      struct kmobj_slab *slab)
{
	/* rcu_batches is set before rcu_queued is cleared: pairs with slab_wait() */
	if (smp_load_acquire(&slab_remote(zone, slab)->rcu_queued))
		return true;
	/* pairs with smp_store_release() in batch_end() */
	if (smp_load_acquire(&slab->rcu_batches))
		return true;
	return READ_ONCE(slab_remote(zone, slab)->notified);
}

static inline void *slab_object(const struct kmobj_zone *zone,
				const struct kmobj_slab *slab, unsigned int idx)
{
	return slab->objs + idx * zone->stride;
}

/*
 * Take a free object from the word at hint; false if it has none, or if hint or free[]
 * were written over and name none of the slab's. @objs is where object 0 is kept: not in
 * the header, which lies behind the objects of another slab.
 */
static __always_inline bool slab_pop(const struct kmobj_zone *zone, struct kmobj_slab *slab,
				     void *const *objs, void **obj)
{
	unsigned long w = slab->hint, bits;
	u32 idx;

	if (KMOBJ_HARDENED && unlikely(w >= zone->bitmap_words))
		return false;
	bits = slab->free[w];
	if (unlikely(!bits))
		return false;
	OPTIMIZER_HIDE_VAR(w);	/* else gcc computes &free[w] once, with an add */
	slab->free[w] = bits & (bits - 1);
	idx = w * BITS_PER_LONG + __ffs(bits);
	if (KMOBJ_HARDENED && unlikely(idx >= zone->nr_objs))
		return false;
	*obj = *objs + idx * zone->stride;
	return true;
}

/* Add to a statistic of this CPU; it is read without a lock. */
static __always_inline void count(unsigned long *nr, unsigned long more)
{
	data_race(*nr += more);	/* one writer; readers accept an old value */
}

/* Point hint at a word with a free object; false if there is none. */
static inline bool slab_seek(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int w = slab->hint;

	/* written over: who would use it finds out */
	if (unlikely(w >= zone->bitmap_words) || slab->free[w])
		return true;
	for (w = 0; w < zone->bitmap_words; w++) {
		if (slab->free[w]) {
			slab->hint = w;
			return true;
		}
	}
	return false;
}

/* Is object @idx free, by its owner's or by a remote free? A snapshot. */
static inline bool slab_is_free(const struct kmobj_zone *zone,
				struct kmobj_slab *slab, u32 idx)
{
	unsigned int w = idx / BITS_PER_LONG;

	/* the owner may change free[] meanwhile: this is a snapshot */
	return (data_race(slab->free[w]) | READ_ONCE(slab_remote(zone, slab)->bits[w])) &
	       (1UL << (idx % BITS_PER_LONG));
}

/* Object @idx does not move until it is freed: remember one of those. */
static inline void slab_pin(struct kmobj_slab *slab, u32 idx)
{
	if (idx < U16_MAX)
		slab->pinned = idx + 1;
}

/* Does object @idx wait for RCU? A snapshot. */
static inline bool slab_waits(const struct kmobj_zone *zone,
			      struct kmobj_slab *slab, u32 idx)
{
	unsigned int w = idx / BITS_PER_LONG;
	unsigned long bit = 1UL << (idx % BITS_PER_LONG);

	if (READ_ONCE(slab_next(zone, slab)[w]) & bit)
		return true;
	smp_rmb();	/* pairs with atomic_long_fetch_andnot() in slab_wait() */
	return slab_waiting_word(zone, slab, w) & bit;
}

/* Objects in @slab. */
static inline u32 slab_nr_objs(const struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	return unlikely(slab->small) ? zone->small_objs : zone->nr_objs;
}

/* Objects of word @w that are neither free nor wait for RCU. A snapshot. */
static inline unsigned long slab_live_word(const struct kmobj_zone *zone,
					   struct kmobj_slab *slab, unsigned int w)
{
	unsigned int rest = slab_nr_objs(zone, slab) - w * BITS_PER_LONG;
	/* the owner may change free[] meanwhile: this is a snapshot */
	unsigned long back = data_race(slab->free[w]) |
			     READ_ONCE(slab_remote(zone, slab)->bits[w]) |
			     READ_ONCE(slab_next(zone, slab)[w]);

	smp_rmb();	/* as in slab_waits() */
	back |= slab_waiting_word(zone, slab, w);
	return ~back & (rest < BITS_PER_LONG ? BIT(rest) - 1 : ~0UL);
}

/* Free object @idx; false if it was free already. */
static __always_inline bool slab_push(struct kmobj_slab *slab, u32 idx)
{
	unsigned long w = idx / BITS_PER_LONG;
	unsigned long bits = slab->free[w];
	unsigned long more = bits | 1UL << (idx % BITS_PER_LONG);

	if (unlikely(more == bits))	/* x86 does this with bts, without a mask */
		return false;
	OPTIMIZER_HIDE_VAR(w);	/* else gcc keeps &free[w] of the load, with an add */
	slab->free[w] = more;
	slab->hint = w;
	return true;
}

/* Is object @idx allocated? Under the depot's lock, of a debug zone. */
static inline bool slab_is_live(const struct kmobj_slab *slab, u32 idx)
{
	return !(slab->free[idx / BITS_PER_LONG] &
		 (1UL << (idx % BITS_PER_LONG)));
}

/* Is the slab never a CPU's, and in a bin of its own? See depot.c. */
static inline bool slab_is_apart(const struct kmobj_slab *slab)
{
	return slab->pfmemalloc || slab->small || slab->watched;
}

/* Are its objects looked at as they come and go? See debug.c. No CPU owns it. */
static inline bool slab_is_debug(const struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	return unlikely(zone_has_debug_slabs(zone)) && (zone_is_debug(zone) || slab->watched);
}

/* Slabs moved in one hold of a lock or in one section, to bound the time. */
#define KMOBJ_RUN	32UL

/* Bytes of a slab of that @order. */
static inline unsigned long slab_bytes(unsigned int order)
{
	return PAGE_SIZE << order;
}

static inline unsigned int slab_order(const struct kmobj_zone *zone,
				      const struct kmobj_slab *slab)
{
	return unlikely(slab->small) ? zone->small_order : zone->order;
}

/* The bits of word @w of a bitmap that none of @nr objects has. */
static inline unsigned long word_beyond(unsigned int nr, unsigned int w)
{
	unsigned int first = w * BITS_PER_LONG;

	if (nr <= first)
		return ~0UL;
	return nr - first < BITS_PER_LONG ? ~BITMAP_LAST_WORD_MASK(nr) : 0;
}

/* As slab_seek(), for a slab that may be kmobj_no_slab. */
static inline bool slab_has_free(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	return slab != &kmobj_no_slab && slab_seek(zone, slab);
}

void note_double_frees(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       unsigned int word, unsigned long twice);
bool slab_collect(struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned int slab_count_known_free(const struct kmobj_zone *zone,
				   const struct kmobj_slab *slab);
unsigned int slab_count_all_free(const struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned int slab_count_live(struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned int slab_count_rcu(const struct kmobj_zone *zone, struct kmobj_slab *slab);

#endif /* KMOBJ_SLAB_SLAB_H */
