/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A slab is 2^order pages, aligned to its own size:
 *
 *	+----------------------+ pages = object & zone->slab_mask
 *	| color: 0 or more     |
 *	| cache lines unused   |
 *	+----------------------+ slab
 *	| cookie, owner,       |  read by every free, written when the slab
 *	| zone, lists, node,   |  changes hands or joins others that wait for RCU
 *	| home                 |
 *	+----------------------+
 *	| hint, objs,          |  who owns the slab: a CPU in its section, or who
 *	| free[bitmap_words]   |  holds the depot's lock
 *	+----------------------+
 *	| notified, rcu_queued,|  set by atomics of everybody else
 *	| remote[bitmap_words],|
 *	| next[bitmap_words]   |
 *	+----------------------+
 *	| waiting[] twice      |  free_rcu.c's
 *	+----------------------+ objs = slab + zone->obj_offset
 *	| object 0             |
 *	| object 1             |  stride apart; kmobj keeps nothing in them
 *	| ...                  |
 *	+----------------------+
 *
 * The header of a slab of few and large objects is elsewhere: see offslab.c.
 *
 * Bit i of free[] is set while object i is free and known to be; bit i of
 * remote[] from the moment somebody who does not own the slab freed it until
 * an owner collects it, a word at a time, into free[]; those that a new slab
 * hands out last begin there, too (slab_shuffle()). Before that, an object
 * of kmobj_free_rcu() has its bit in next[], then in a waiting[] for a grace
 * period. A live object has all of them clear.
 *
 * One bitmap is the free list and the record of what is in use at once: it
 * costs one bit an object, and collecting 64 remote frees is one xchg and one or.
 * A free by the owner writes to the second part of the header, anybody else's to
 * the third, and both look at the first: so neither disturbs the other.
 */
#ifndef KMOBJ_SLAB_SLAB_H
#define KMOBJ_SLAB_SLAB_H

#include <linux/list.h>
#include <linux/llist.h>

#include "slab/zone.h"

extern struct kmobj_slab kmobj_no_slab;

/* A slab is at most this many bytes, whatever a page is. */
#define KMOBJ_SLAB_BYTES_MAX	(512UL << 10)
#define KMOBJ_ORDER_MAX		(19 - PAGE_SHIFT)
#define KMOBJ_NR_ORDERS		(KMOBJ_ORDER_MAX + 1)

/* What the cookie of a slab in quarantine differs by: see corrupt.c. */
#define KMOBJ_CORRUPT		0x51c4UL

/* remote[], next[] and a waiting[] for each batch. */
#define KMOBJ_REMOTE_MAPS	(2 + KMOBJ_RCU_BATCHES)

/* kmobj_slab.listed: bin + 1, or not on a list of the depot. */
#define KMOBJ_UNLISTED		0

/* A slab is fresh until it has handed out a half, or had so many frees. */
#define KMOBJ_HIDDEN_HALF_FREES	64

struct kmobj_slab {
	/*
	 * slab_cookie() in service, the complement of that retiring, KMOBJ_CORRUPT
	 * more in quarantine
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
	u8 rcu_batches;			/* it is in: a bit each; bars release */
	bool pfmemalloc;		/* for who may have the reserves only */

	/* the word of free[] to look at first */
	unsigned int hint ____cacheline_aligned_in_smp;
	u8 hidden_half_frees;			/* into it while it is fresh */
	void *objs;			/* object 0 */
	struct llist_node rcu;		/* a CPU's list of slabs that wait */
	unsigned long free[];
};

/* What others than the owner write, at zone->remote_off. */
struct kmobj_remote {
	struct llist_node node;		/* the told list of the owner */
	unsigned int notified;		/* is on such a list; bars release */
	unsigned int rcu_queued;	/* is on one by rcu; bars release */
	struct kmobj_slab *rcu_next[KMOBJ_RCU_BATCHES];
	unsigned long bits[];		/* called remote[] all over; then next[] */
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

/* Objects freed since the last grace period for this slab began; atomics. */
static inline unsigned long *slab_next(const struct kmobj_zone *zone,
				       struct kmobj_slab *slab)
{
	return slab_remote(zone, slab)->bits + zone->bitmap_words;
}

/* Objects that wait as batch @nr says: written under zone->rcu_lock. */
static inline unsigned long *slab_waiting(const struct kmobj_zone *zone,
					  struct kmobj_slab *slab,
					  unsigned int nr)
{
	return slab_next(zone, slab) + (1 + nr) * zone->bitmap_words;
}

/* Word @w of what has gone from next[] to waiting[]: a snapshot. */
static inline unsigned long slab_waiting_word(const struct kmobj_zone *zone,
					      struct kmobj_slab *slab,
					      unsigned int w)
{
	return READ_ONCE(slab_waiting(zone, slab, 0)[w]) |
	       READ_ONCE(slab_waiting(zone, slab, 1)[w]);
}

/* Does somebody who found it on a list, or is about to, go on to use @slab? */
static inline bool slab_is_referenced(const struct kmobj_zone *zone,
				      struct kmobj_slab *slab)
{
	/* in the order it goes from one to the next: pairs with slab_wait() */
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

/* Take a free object out of the word that hint names; false if it has none. */
static __always_inline bool slab_pop(const struct kmobj_zone *zone,
				     struct kmobj_slab *slab, void **obj)
{
	unsigned long w = slab->hint;
	unsigned long bits = slab->free[w];

	if (unlikely(!bits))
		return false;
	OPTIMIZER_HIDE_VAR(w);	/* else gcc spends an add on &free[w] */
	slab->free[w] = bits & (bits - 1);
	*obj = slab_object(zone, slab, w * BITS_PER_LONG + __ffs(bits));
	return true;
}

/* Readers of statistics look while a CPU counts; they take what they get. */
static __always_inline void count(unsigned long *nr, unsigned long more)
{
	data_race(*nr += more);	/* as said above */
}

/* Point hint at a word with a free object in it; false if there is none. */
static inline bool slab_seek(const struct kmobj_zone *zone,
			     struct kmobj_slab *slab)
{
	unsigned int w;

	if (slab->free[slab->hint])
		return true;
	for (w = 0; w < zone->bitmap_words; w++) {
		if (slab->free[w]) {
			slab->hint = w;
			return true;
		}
	}
	return false;
}

/* Is object @idx free, by anybody's mark? A snapshot. */
static inline bool slab_is_free(const struct kmobj_zone *zone,
				struct kmobj_slab *slab, u32 idx)
{
	unsigned int w = idx / BITS_PER_LONG;

	/* the owner may be at it: as said above */
	return (data_race(slab->free[w]) |
		READ_ONCE(slab_remote(zone, slab)->bits[w])) &
	       (1UL << (idx % BITS_PER_LONG));
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

/* Put object @idx back; false if it was free already. */
static __always_inline bool slab_push(struct kmobj_slab *slab, u32 idx)
{
	unsigned long w = idx / BITS_PER_LONG;
	unsigned long bits = slab->free[w];
	unsigned long more = bits | 1UL << (idx % BITS_PER_LONG);

	if (unlikely(more == bits))	/* so that x86 needs bts, and no mask */
		return false;
	OPTIMIZER_HIDE_VAR(w);	/* as above */
	slab->free[w] = more;
	slab->hint = w;
	return true;
}

/* Is object @idx with the caller? Under the depot's lock, of a debug zone. */
static inline bool slab_is_live(const struct kmobj_slab *slab, u32 idx)
{
	return !(slab->free[idx / BITS_PER_LONG] &
		 (1UL << (idx % BITS_PER_LONG)));
}

/* Slabs moved in one hold of a lock, or in one section: bounds the time. */
#define KMOBJ_RUN	32UL

/* Bytes of a slab of that order. */
static inline unsigned long slab_bytes(unsigned int order)
{
	return PAGE_SIZE << order;
}

/* Point hint at a free object of a slab that may be none. */
static inline bool slab_has_free(const struct kmobj_zone *zone,
				 struct kmobj_slab *slab)
{
	return slab != &kmobj_no_slab && slab_seek(zone, slab);
}

void note_double_frees(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       unsigned int word, unsigned long twice);
bool slab_collect(struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned int slab_count_known_free(const struct kmobj_zone *zone,
				   const struct kmobj_slab *slab);
unsigned int slab_count_all_free(const struct kmobj_zone *zone,
				 struct kmobj_slab *slab);
unsigned int slab_count_rcu(const struct kmobj_zone *zone,
			    struct kmobj_slab *slab);

#endif /* KMOBJ_SLAB_SLAB_H */
