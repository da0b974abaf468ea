/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kmobj.ko share: the slab, the zone, the locks.
 *
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
 *	| free[words]          |  holds the depot's lock
 *	+----------------------+
 *	| told, rcu_queued,    |  set by atomics of everybody else
 *	| remote[words],       |
 *	| next[words]          |
 *	+----------------------+
 *	| waiting[words] twice |  rcu.c's
 *	+----------------------+ objs = slab + zone->first
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
 *
 * Lock order: cpus_read_lock, kmobj_zones_lock, zone->care, zone->rcu_lock,
 * depot->lock. All but the last are for preemptible task context; depot->lock
 * is a raw spinlock taken with interrupts off, for a bounded time but where the
 * lists around a damaged slab are mended (quarantine.c), and nothing is locked or
 * printed under it.
 */
#ifndef KMOBJ_INTERNAL_H
#define KMOBJ_INTERNAL_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/ratelimit_types.h>
#include <linux/rbtree_types.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "include/kmobj.h"
#include "include/kmobj_dropin.h"
#include "compat.h"
#include "sanitize.h"
#include "trace.h"

/* A slab is at most this many bytes, whatever a page is. */
#define KMOBJ_SLAB_BYTES_MAX	(512UL << 10)
#define KMOBJ_ORDER_MAX		(19 - PAGE_SHIFT)
#define KMOBJ_NR_ORDERS		(KMOBJ_ORDER_MAX + 1)

/*
 * The order is chosen to hold 120 objects, or 60 in slabs that are not small,
 * and lose at most 1/16 of a slab.
 */
#define KMOBJ_OBJS_WANTED	120
#define KMOBJ_SLAB_SMALL	(8U << 10)
#define KMOBJ_LOSS_WANTED	16

/*
 * Where that would be 1/8 or more, the header is elsewhere. A free that is not
 * into the pair then has to look for it first: for less it does not pay.
 */
#define KMOBJ_LOSS_MOST		8

/*
 * Partial slabs are filed in bins, bin 0 the fullest; then the free ones; then
 * those of pages from below the watermarks, see depot.c.
 */
#define KMOBJ_BINS		4
#define KMOBJ_BIN_FREE		KMOBJ_BINS
#define KMOBJ_BIN_PFMEMALLOC	(KMOBJ_BINS + 1)
#define KMOBJ_NR_BINS		(KMOBJ_BINS + 2)

/* What the cookie of a slab in quarantine differs by: see quarantine.c. */
#define KMOBJ_SICK		0x51c4UL

/* Of objects freed by RCU: for a grace period under way and for the next one. */
#define KMOBJ_RCU_BATCHES	2

/* remote[], next[] and a waiting[] for each batch. */
#define KMOBJ_REMOTE_MAPS	(2 + KMOBJ_RCU_BATCHES)

/* kmobj_slab.listed: bin + 1, or not on a list of the depot. */
#define KMOBJ_UNLISTED		0

/* A slab is fresh until it has handed out a half, or had so many frees. */
#define KMOBJ_FRESH_FREES	64

struct kmobj_slab {
	/*
	 * slab_cookie() in service, the complement of that retiring, KMOBJ_SICK
	 * more in quarantine
	 */
	unsigned long cookie;
	int owner;			/* see slab_state.h, which writes it */
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
	u8 fresh_frees;			/* into it while it is fresh */
	void *objs;			/* object 0 */
	struct llist_node rcu;		/* a CPU's list of slabs that wait */
	unsigned long free[];
};

#include "slab_state.h"

/* What others than the owner write, at zone->remote_off. */
struct kmobj_remote {
	struct llist_node node;		/* the told list of the owner */
	unsigned int told;		/* is on such a list; bars release */
	unsigned int rcu_queued;	/* is on one by rcu; bars release */
	struct kmobj_slab *rcu_next[KMOBJ_RCU_BATCHES];
	unsigned long bits[];		/* called remote[] all over; then next[] */
};

enum { RESERVE_OPEN, RESERVE_FROZEN, RESERVE_TAKEN };

/*
 * What a CPU owns of a zone, twice: see pair.c. Only that CPU touches it, in a
 * section: with preemption off and busy set. What happens outside sections
 * (below two, or for another node) is counted in the first one's allocs_nested
 * and frees_nested, with this_cpu_inc().
 */
#define KMOBJ_PAIRS	2

struct kmobj_pair {
	struct kmobj_slab *active;
	int owner;			/* of its slabs, as slab->owner has it */
	union {
		struct {
			bool busy;
			bool drain;	/* asked to give all up */
			u8 trim;	/* so often asked to give up what it does not use */
			bool behind;	/* todo is more than it could look at */
		};
		u32 flags;		/* see pair_is_asked() */
	};
	unsigned long allocs;
	unsigned long frees;
	struct kmobj_slab *alternate;
	unsigned long frees_remote;
	struct kmobj_slab *reserve;
	unsigned int nr_reserve;
	unsigned int low;		/* the least of it since the last pass */

	/* seldom used */
	int reserve_state ____cacheline_aligned_in_smp;
	bool todo_is_pair;		/* todo is just slabs of the pair */
	u8 rcu_slabs;			/* put on rcu, modulo 256 */
	unsigned long moves;		/* slow paths that used the reserve */
	unsigned long moves_seen;	/* by the poller, under zone->care */
	unsigned long uses_seen;	/* as that: allocs + frees */
	unsigned long used;		/* in jiffies: when that last changed */
	struct llist_node *todo;	/* off told, not yet looked at */
	unsigned long allocs_nested;
	unsigned long frees_nested;
	unsigned long frees_rcu;
	struct llist_head rcu;		/* slabs that wait, see rcu.c */

	/* written by everybody */
	struct llist_head told ____cacheline_aligned_in_smp;
};

/* A zone's slabs of one node that no CPU owns; and, in all, every slab. */
struct kmobj_depot {
	raw_spinlock_t lock;
	struct list_head bin[KMOBJ_NR_BINS];
	unsigned long nr[KMOBJ_NR_BINS];
	unsigned long nr_leaving;	/* on the two lists that follow */
	struct list_head retired;	/* retiring, no grace period started */
	struct list_head waiting;	/* retiring until grace period gp ends */
	unsigned long gp;		/* under zone->care, if started */
	bool gp_started;
	u8 sort_first;			/* bin, in the poller's next pass */
	/*
	 * Added to under lock, removed from under lock and zone->care: walk it
	 * under zone->care alone, with list_for_each_entry_rcu().
	 */
	struct list_head all;
} ____cacheline_aligned_in_smp;

/* Slabs whose waiting[] of this batch is free when the grace period @gp is over. */
struct kmobj_rcu_batch {
	unsigned long gp;
	unsigned long ended;		/* how often */
	struct kmobj_slab *slabs;
};

enum { RCU_IDLE, RCU_LAZY, RCU_BUSY };

/*
 * Are the zone's slabs charged to memory cgroups? Undecided until the first slab
 * of KMOBJ_ACCOUNT, or for __GFP_ACCOUNT, is about to be made: then that and all
 * later ones are; or until the first object for a list_lru is about to be
 * allocated, or at once if the kernel or the zone's flags do not allow it: then
 * none ever is. Only a cmpxchg() from CHARGE_UNDECIDED changes it, so there are
 * never both: charged slabs, and objects for a list_lru.
 */
enum { CHARGE_UNDECIDED, CHARGE_SLABS, CHARGE_NEVER };

/* Headers of slabs by the low bits of their pages' number: a hint, see offslab.c. */
struct kmobj_seen {
	struct rcu_head rcu;
	unsigned long mask;
	struct kmobj_slab *slab[];
};

struct kmobj_zone {
	/*
	 * All that alloc and free read unless offslab: one line, constant after
	 * creation.
	 */
	struct kmobj_pair __percpu *pairs;	/* KMOBJ_PAIRS for each CPU */
	unsigned long slab_mask;
	unsigned long cookie;		/* zone ^ boot secret */
	unsigned long linear_base;	/* of the kernel's linear map */
	unsigned long linear_size;	/* 0 if offslab */
	u32 first;			/* offset of object 0 from slab_base() */
	u32 stride;
	u32 inverse;			/* of stride's odd part, modulo 2^32 */
	u32 nr_objs;			/* in a slab */
	u32 colors;			/* see slab_header() */
	u8 shift;			/* stride = odd part << shift */
	u8 order;

	u32 words;			/* of a slab's bitmaps */
	u32 remote_off;			/* from the header */

	u32 size;			/* as asked for */
	u32 align;
	u32 flags;
	u32 track_off;			/* from an object: see debug.c */
	u32 keep;			/* free slabs a depot may hold */
	gfp_t gfp;			/* added to what a caller says */
	void (*ctor)(void *obj);
	struct kmobj_seen __rcu *seen;	/* where headers are, if offslab */
	bool offslab;			/* they are not in the slabs */
	bool dying;			/* destroy was called: no more allocs */
	u8 limit_felt;			/* passes of the poller ago: see drain.c */
	int charging;			/* CHARGE_*, decided once */
	unsigned long reported;		/* what is said once a zone */

	unsigned long limit;		/* in slabs, ULONG_MAX: none */
	unsigned long reserve_max;	/* slabs in a CPU's reserve */
	atomic_long_t nr_slabs;		/* reserved against the limit */
	atomic_long_t slabs_made;
	atomic_long_t slabs_retired;
	atomic_long_t alloc_fails;
	atomic_long_t limit_hits;
	atomic_long_t order_fails;
	atomic_long_t bad_frees;
	atomic_long_t late_bad_frees;	/* counted as frees before found out */
	atomic_long_t bad_copies;
	atomic_long_t corrupted;
	atomic_long_t slabs_sick;
	void *late_bad_free;		/* the last of them, until reported */

	int rcu_state;			/* what happens next, see rcu.c */
	atomic_long_t frees_rcu_nested;
	atomic_long_t rcu_back;		/* of the objects freed by RCU */
	u64 rcu_passed;			/* when the last pass ended */
	struct delayed_work rcu_work;
	struct mutex rcu_lock;		/* guards the batches */
	unsigned int rcu_newest;	/* of them: it waits the longest */
	struct kmobj_rcu_batch rcu_batch[KMOBJ_RCU_BATCHES];

	struct mutex care;		/* poller, shrink, drain, destroy */
	struct list_head disowned;	/* taken from CPUs, until reserve_gp */
	bool reserve_waits;		/* for reserve_gp: */
	unsigned long reserve_gp;	/* CPUs were frozen or slabs disowned */
	bool destroying;		/* under kmobj_zones_lock */
	bool gone;			/* destroyed: see registry.c */
	bool leaves;			/* with its last object, by itself */
	bool due;			/* it leaves, and they are home */
	u32 dying_nr;			/* 0: it has its name */
	struct list_head link;		/* kmobj_zones; then those that are gone */
	struct rb_node by_name;
	struct hlist_node by_address;
	struct kmobj_pair __percpu *old_pairs;	/* of one that is gone */
	struct rcu_head rcu;
	struct dentry *dir;
	char name[KMOBJ_NAME_MAX + 1];
	struct kmobj_depot *depot[];	/* by node: one for each possible one */
};

/* slab.c: one slab */
extern bool kmobj_shuffle;
void slabs_start(void);
size_t slab_header_max(void);
int slab_geometry(struct kmobj_zone *zone, unsigned int order);
bool may_ask_for_pages(void);
struct page *slab_pages_alloc(unsigned int order, gfp_t gfp, int nid);
struct kmobj_slab *slab_create(struct kmobj_zone *zone, gfp_t gfp, int nid);
void slab_release(struct kmobj_zone *zone, struct kmobj_slab *slab,
		  bool to_cache);
unsigned int slab_given_away(const struct kmobj_slab *slab);
bool slab_collect(struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned int slab_count_free(const struct kmobj_zone *zone,
			     const struct kmobj_slab *slab);
unsigned int slab_count_home(const struct kmobj_zone *zone,
			     struct kmobj_slab *slab);

static inline struct kmobj_remote *slab_remote(const struct kmobj_zone *zone,
					       struct kmobj_slab *slab)
{
	return (void *)slab + zone->remote_off;
}

static inline struct kmobj_slab *remote_slab(const struct kmobj_zone *zone,
					     struct kmobj_remote *remote)
{
	return (void *)remote - zone->remote_off;
}

/* A CPU's, with more to hand out than it knows of? Nobody's is negative. */
static inline bool slab_is_fresh(const struct kmobj_slab *slab)
{
	return (READ_ONCE(slab->owner) & (KMOBJ_FRESH | INT_MIN)) == KMOBJ_FRESH;
}

/* Objects freed since the last grace period for this slab began; atomics. */
static inline unsigned long *slab_next(const struct kmobj_zone *zone,
				       struct kmobj_slab *slab)
{
	return slab_remote(zone, slab)->bits + zone->words;
}

/* Objects that wait as batch @nr says: written under zone->rcu_lock. */
static inline unsigned long *slab_waiting(const struct kmobj_zone *zone,
					  struct kmobj_slab *slab,
					  unsigned int nr)
{
	return slab_next(zone, slab) + (1 + nr) * zone->words;
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
static inline bool slab_is_called(const struct kmobj_zone *zone,
				  struct kmobj_slab *slab)
{
	/* in the order it goes from one to the next: pairs with slab_wait() */
	if (smp_load_acquire(&slab_remote(zone, slab)->rcu_queued))
		return true;
	/* pairs with smp_store_release() in batch_end() */
	if (smp_load_acquire(&slab->rcu_batches))
		return true;
	return READ_ONCE(slab_remote(zone, slab)->told);
}

/*
 * The header stands a few cache lines into the slab's pages, how many is told
 * by their address, and the objects behind it with it: else all headers, and all
 * objects of a size that divides a page, would share a few sets of every cache
 * (Bonwick, "The Slab Allocator", USENIX 1994, section 4). Not where objects are
 * aligned to more than a line.
 */
#define KMOBJ_COLOR_SHIFT	9

static __always_inline struct kmobj_slab *slab_header(unsigned int colors,
						      unsigned long pages)
{
	return (void *)(pages + ((pages >> KMOBJ_COLOR_SHIFT) & colors));
}

/* Of all there could be in 1/64 of a slab of @bytes: multiples of a line. */
static inline unsigned int slab_colors(unsigned long bytes)
{
	return (bytes / 64 - 1) & ~(SMP_CACHE_BYTES - 1U);
}

static __always_inline unsigned long slab_pages(const struct kmobj_zone *zone,
						const void *in)
{
	return (unsigned long)in & zone->slab_mask;
}

/*
 * If @obj lies in a slab of @zone, its header; or where its pages begin, if the
 * header is not in them.
 */
static __always_inline void *slab_base(const struct kmobj_zone *zone,
				       const void *obj)
{
	return slab_header(zone->colors, slab_pages(zone, obj));
}

/* The head page of those that the objects of @slab lie in. */
static inline struct page *slab_head(const struct kmobj_slab *slab)
{
	return virt_to_head_page(slab->objs);
}

/* Object 0 of the slab that @in lies in, if it is one of @zone. */
static inline void *slab_objs(const struct kmobj_zone *zone, const void *in)
{
	return slab_base(zone, kasan_reset_tag(in)) + zone->first;
}

/* What that page says is the header, from depot_add() until the slab leaves. */
static inline struct kmobj_slab *head_slab(const struct page *head)
{
	return (struct kmobj_slab *)READ_ONCE(head->lru.next);
}

static inline void *slab_object(const struct kmobj_zone *zone,
				const struct kmobj_slab *slab, unsigned int idx)
{
	return slab->objs + idx * zone->stride;
}

/*
 * The number of the object at @obj behind @base; nr_objs or more if none begins there.
 *
 * Exact division by multiplication modulo 2^32: a multiple of the stride gives
 * its quotient, and everything else, offsets below the first object included,
 * more than any quotient (Granlund and Montgomery, "Division by Invariant
 * Integers using Multiplication", 1994, section 9).
 */
static __always_inline u32 index_in(const struct kmobj_zone *zone,
				    const void *base, const void *obj)
{
	u32 off = (u32)(unsigned long)obj - (u32)(unsigned long)base;

	return ror32((off - zone->first) * zone->inverse, zone->shift);
}

static __always_inline u32 slab_index(const struct kmobj_zone *zone,
				      const void *obj)
{
	return index_in(zone, slab_base(zone, obj), obj);
}

/* The same of a zone that is offslab: it has no colors. */
static __always_inline u32 offslab_index(const struct kmobj_zone *zone,
					 const void *obj)
{
	return index_in(zone, (void *)slab_pages(zone, obj), obj);
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
	for (w = 0; w < zone->words; w++) {
		if (slab->free[w]) {
			slab->hint = w;
			return true;
		}
	}
	return false;
}

/* Is object @idx free, by anybody's mark? A snapshot. */
static inline bool slab_is_home(const struct kmobj_zone *zone,
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

/* Is @obj where no header of @zone's can be found by its address alone? */
static __always_inline bool slab_is_elsewhere(const struct kmobj_zone *zone,
					      const void *obj)
{
	unsigned long addr = (unsigned long)kasan_reset_tag(obj);

	return unlikely(addr - zone->linear_base >= zone->linear_size);
}

/*
 * slab_of() unless slab_is_elsewhere(): the load expects that there may be no
 * memory, and the cookie tells.
 */
static __always_inline bool slab_in(const struct kmobj_zone *zone,
				    const void *obj, struct kmobj_slab **slab)
{
	unsigned long cookie;

	*slab = slab_base(zone, kasan_reset_tag(obj));
	kmobj_peek(&cookie, &(*slab)->cookie, unmapped);
	return likely(cookie == ((unsigned long)*slab ^ zone->cookie));
unmapped:
	return false;
}

/* Does @slab, which may be anything, say that it is the header of @pages? */
static __always_inline bool header_is_of(const struct kmobj_zone *zone,
					 const struct kmobj_slab *slab,
					 unsigned long pages)
{
	unsigned long cookie;

	kmobj_peek(&cookie, &slab->cookie, unmapped);
	return likely(cookie == (pages ^ zone->cookie));
unmapped:
	return false;
}

/* Where @zone would remember the header of @pages to be; NULL if not offslab. */
static __always_inline struct kmobj_slab **
seen_at(const struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_seen *seen = rcu_dereference_sched(zone->seen);

	if (unlikely(!seen))
		return NULL;
	return &seen->slab[(pages >> (PAGE_SHIFT + zone->order)) & seen->mask];
}

/* The header of @pages, if the zone remembers it; else NULL. */
static __always_inline struct kmobj_slab *
seen_of(const struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_slab **at = seen_at(zone, pages), *slab;

	if (unlikely(!at))
		return NULL;
	slab = READ_ONCE(*at);
	return likely(slab && header_is_of(zone, slab, pages)) ? slab : NULL;
}

struct kmobj_slab *offslab_of(const struct kmobj_zone *zone, const void *obj);

/*
 * Find the slab that @obj would be in if it were an object of @zone; false if
 * there is none. Any pointer may be asked about. Preemption is off: that keeps a
 * slab which answers from leaving.
 */
static __always_inline bool slab_of(const struct kmobj_zone *zone,
				    const void *obj, struct kmobj_slab **slab)
{
	if (slab_is_elsewhere(zone, obj)) {
		*slab = offslab_of(zone, obj);
		return *slab;
	}
	return slab_in(zone, obj, slab);
}

/* The cookie of a slab in service. */
static inline unsigned long slab_cookie(const struct kmobj_zone *zone,
					const struct kmobj_slab *slab)
{
	unsigned long base = (unsigned long)slab;

	if (zone->offslab)
		base = slab_pages(zone, READ_ONCE(slab->objs));
	return base ^ zone->cookie;
}

/* The cookie of a slab in quarantine, whose header was written over. */
static inline unsigned long slab_sick_cookie(const struct kmobj_zone *zone,
					     const struct kmobj_slab *slab)
{
	return (unsigned long)slab ^ zone->cookie ^ KMOBJ_SICK;
}

static inline bool slab_is_sick(const struct kmobj_zone *zone,
				const struct kmobj_slab *slab)
{
	return READ_ONCE(slab->cookie) == slab_sick_cookie(zone, slab);
}

/* Will the next slab be charged to a memory cgroup, whoever asks for it? */
static inline bool zone_is_charged(const struct kmobj_zone *zone)
{
	int charging = READ_ONCE(zone->charging);

	return charging == CHARGE_SLABS ||
	       (charging == CHARGE_UNDECIDED && (zone->gfp & __GFP_ACCOUNT));
}

/* May kmobj write into objects that are free or about to be handed out? */
static inline bool zone_may_wipe(const struct kmobj_zone *zone)
{
	return !zone->ctor &&
	       !(zone->flags & (KMOBJ_TYPESAFE_BY_RCU | KMOBJ_POISON));
}

/* What makes a debug zone; see debug.c. */
#define KMOBJ_DEBUG_FLAGS	(KMOBJ_POISON | KMOBJ_RED_ZONE | \
				 KMOBJ_TRACK_USER | KMOBJ_FAIL_ALLOC)

static inline bool zone_is_debug(const struct kmobj_zone *zone)
{
	return zone->flags & KMOBJ_DEBUG_FLAGS;
}

/* Is object @idx with the caller? Under the depot's lock, of a debug zone. */
static inline bool slab_is_live(const struct kmobj_slab *slab, u32 idx)
{
	return !(slab->free[idx / BITS_PER_LONG] &
		 (1UL << (idx % BITS_PER_LONG)));
}

/* What no zone can honour: its pages are mapped, and of any address. */
#define GFP_REFUSED	(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM)

/* Is no more wanted than a free object? One test, and one static branch. */
static __always_inline bool gfp_is_plain(gfp_t gfp)
{
	return !KMOBJ_SANITIZED && !static_branch_unlikely(&kmobj_watch_alloc) &&
	       !(gfp & (__GFP_ZERO | __GFP_NOFAIL | GFP_REFUSED));
}

/* alloc.c */
bool gfp_refused(struct kmobj_zone *zone, gfp_t gfp);
bool alloc_refused(struct kmobj_zone *zone, gfp_t gfp);
void *alloc_slow(struct kmobj_zone *zone, gfp_t gfp);
void *alloc_finish(struct kmobj_zone *zone, void *obj, gfp_t gfp);
void alloc_hand_out(struct kmobj_zone *zone, void *obj, gfp_t gfp);

/* free.c */
void free_hand_in(struct kmobj_zone *zone, void *obj);

static inline struct kmobj_pair *pair_at(const struct kmobj_zone *zone,
					 int cpu, unsigned int nr)
{
	return per_cpu_ptr(zone->pairs, cpu) + nr;
}

/* The pair whose slabs have that owner. */
static inline struct kmobj_pair *pair_of(const struct kmobj_zone *zone,
					 int owner)
{
	int cpu = owner & ~(KMOBJ_DORMANT | KMOBJ_SECOND | KMOBJ_FRESH);

	return pair_at(zone, cpu, !!(owner & KMOBJ_SECOND));
}

/* pair.c; the section is in pair.h */
extern struct kmobj_slab kmobj_no_slab;
void pair_init(struct kmobj_zone *zone);

/* drain.c: slabs that CPUs own are asked for */
extern unsigned int kmobj_idle_ms;
int drain_start(void);
void drain_stop(void);
void drain_at_limit(struct kmobj_zone *zone);
bool drain_idle(struct kmobj_zone *zone);
bool drain_for_memory(struct kmobj_zone *zone, bool all);
unsigned long drain_count(struct kmobj_zone *zone, int nid);
void drain_now(struct kmobj_zone *zone);
void drain_dead(struct kmobj_zone *zone, int cpu);
bool drain_hurry(int cpu);
void drain_flush(void);
bool cpu_may_be_asked(int cpu);

/* reserve.c: what a CPU owns besides its pair */
void reserve_set_max(struct kmobj_zone *zone);
void reserve_tell(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner);
bool reserve_age(struct kmobj_zone *zone);
unsigned long reserve_count(struct kmobj_zone *zone, int nid);
void reserve_flush(struct kmobj_zone *zone);
void reserve_take_from_all(struct kmobj_zone *zone);

/* rcu.c: objects that wait for a grace period */
extern unsigned int kmobj_rcu_ms;
int rcu_start(void);
void rcu_stop(void);
void rcu_zone_start(struct kmobj_zone *zone);
void rcu_zone_stop(struct kmobj_zone *zone);
void rcu_queue_lazily(struct kmobj_zone *zone);
void rcu_pass(struct kmobj_zone *zone);
bool rcu_hurry(struct kmobj_zone *zone);
void rcu_look(struct kmobj_zone *zone);
unsigned int slab_count_rcu(const struct kmobj_zone *zone,
			    struct kmobj_slab *slab);
unsigned long rcu_count(struct kmobj_zone *zone, unsigned long *frees);

/* offslab.c: headers that are not in their slabs */
void offslab_stop(void);
unsigned long offslab_headers(void);
int offslab_open(struct kmobj_zone *zone);
void offslab_close(struct kmobj_zone *zone);
void offslab_grow(struct kmobj_zone *zone);
void offslab_fit(struct kmobj_zone *zone);
struct kmobj_slab *offslab_header_alloc(gfp_t gfp, int nid);
void offslab_header_free(struct kmobj_slab *slab);
struct kmobj_slab *offslab_header(unsigned long pages);

/* depot.c: slabs that no CPU owns */
int depot_create(struct kmobj_zone *zone);
void depot_destroy(struct kmobj_zone *zone);
void depot_add(struct kmobj_zone *zone, struct kmobj_slab *slab);
void depot_del(struct kmobj_zone *zone, struct kmobj_slab *slab);
void depot_give(struct kmobj_zone *zone, struct kmobj_slab *slab);
void depot_give_taken(struct kmobj_zone *zone, struct kmobj_depot *depot);
void depot_freed(struct kmobj_zone *zone, struct kmobj_slab *slab);
void depot_leaving(struct kmobj_depot *depot, int more);
bool depot_untell(struct kmobj_zone *zone, struct kmobj_slab *slab);
struct kmobj_slab *depot_take(struct kmobj_zone *zone, int nid, int owner);
void *depot_alloc(struct kmobj_zone *zone, int nid, bool pfmemalloc);
struct debug_free;
bool depot_free(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx,
		struct debug_free *by);
unsigned long depot_sort(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 unsigned int bin, unsigned long budget);
unsigned long depot_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			   unsigned long keep, unsigned long budget);
bool depot_advance(struct kmobj_zone *zone, struct kmobj_depot *depot);
unsigned long depot_flush(struct kmobj_zone *zone);
unsigned long depot_reclaim(struct kmobj_zone *zone, struct kmobj_depot *depot,
			    unsigned long max, bool *more);
unsigned long depot_reclaimable(const struct kmobj_depot *depot);

/* A bit of @slab's remote[] was set: have somebody look. Model: free.look. */
static __always_inline void slab_tell(struct kmobj_zone *zone,
				      struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (likely(owner >= 0)) {
		if (!READ_ONCE(slab_remote(zone, slab)->told))
			reserve_tell(zone, slab, owner);
	} else if (owner == KMOBJ_OWNER_DEPOT && !READ_ONCE(slab->listed)) {
		depot_freed(zone, slab);
	}
}

/* slabcache.c: free slabs, by home CPU, for all zones */
void *slabcache_take(unsigned int order, int nid, int cpu);
void *slabcache_steal(unsigned int order, int nid, int *home);
bool slabcache_put(void *slab, unsigned int order, int cpu);
void slabcache_empty(int cpu);
unsigned long slabcache_count(int cpu, unsigned int order);
unsigned long slabcache_pages(int nid);
unsigned long slabcache_shrink(int nid, unsigned long nr);

/* poller.c: passive care */
bool zone_care(struct kmobj_zone *zone, unsigned long budget);
unsigned long zone_care_now(struct kmobj_zone *zone);
bool poller_pass(void);
void poller_wake(void);
bool poller_may_sleep(void);
void poller_start(void);
void poller_stop(void);

/* shrinker.c: memory pressure */
unsigned long reclaim_count(int nid);
unsigned long reclaim_scan(int nid, unsigned long pages, bool *more);
unsigned long reclaim_last(void);
int reclaim_start(void);
void reclaim_stop(void);

/* registry.c: the zones there are */
extern struct mutex kmobj_zones_lock;
extern struct list_head kmobj_zones;		/* under kmobj_zones_lock */
#define KMOBJ_LABEL_MAX		(KMOBJ_NAME_MAX + 32)
void zone_label(const struct kmobj_zone *zone, char *label);
void registry_free_name(struct kmobj_zone *zone);
int registry_add(struct kmobj_zone *zone);
struct kmobj_zone *registry_zone(const void *zone);
void registry_del(struct kmobj_zone *zone);
void registry_bury(struct kmobj_zone *zone);
void registry_stop(void);

/* oom.c */
void oom_report(void);

/* zone.c */
const char *zone_why_not_charged(unsigned int flags);
unsigned long zone_live(struct kmobj_zone *zone);
void zones_drain_cpu(int cpu);
void zones_report_left(void);
void zone_leave_if_empty(struct kmobj_zone *zone);
void zones_leave_wait(void);
void zones_stop(void);
void zones_start(void);

struct kmobj_zone *zone_around(const void *obj, struct kmobj_slab **slab);

/* quarantine.c: slabs whose header was written over */
bool quarantine_free(struct kmobj_zone *zone, void *obj);
void quarantine_release(struct kmobj_zone *zone);

/* report.c */
#define KMOBJ_REPORT_INTERVAL	(5 * HZ)
extern struct ratelimit_state bad_free_limit, bad_copy_limit;
void report_bad_free(struct kmobj_zone *zone, void *obj);
void report_kernels_cache(struct kmobj_zone *zone, const void *obj,
			  unsigned int size);
void note_double_frees(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       unsigned int word, unsigned long twice);
void report_double_frees(struct kmobj_zone *zone);
void report_sick(struct kmobj_zone *zone, const struct kmobj_slab *slab,
		 const void *objs);
void report_bad_gfp(struct kmobj_zone *zone, gfp_t gfp);
void report_dying(struct kmobj_zone *zone);
void report_uncharged(struct kmobj_zone *zone);
void report_bad_node(struct kmobj_zone *zone, int nid);
void report_bad_bulk(struct kmobj_zone *zone, size_t nr);
void report_nmi(struct kmobj_zone *zone);
void report_given_away(struct kmobj_zone *zone);

/* debug.c: what debug zones do more */
void debug_layout(struct kmobj_zone *zone);
unsigned int debug_front(const struct kmobj_zone *zone);
void debug_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_alloc(struct kmobj_zone *zone, void *obj, gfp_t gfp);
bool debug_free(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx);
void debug_free_rcu(struct kmobj_zone *zone, void *obj);
bool debug_free_waited(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       u32 idx);
void debug_taken_back(struct kmobj_zone *zone, void *obj,
		      struct debug_free *by);

/* debug_param.c */
unsigned int debug_param_flags(const char *name);
int debug_param_set(const char *value);

/* fail.c */
bool fail_alloc(const struct kmobj_zone *zone, gfp_t gfp);
void fail_start(struct dentry *dir);
void fail_always(bool yes);

/* track.c: who allocated an object, who freed it */
enum track_kind { TRACK_ALLOC, TRACK_FREE, TRACK_NR };

struct kmobj_track {
	unsigned long caller;
	unsigned long when;		/* in jiffies */
	u32 stack;			/* of stackdepot; 0: none */
	u32 pid;
	u32 cpu;
	u32 sum;			/* of the above: see track_get() */
};

int track_start(const struct kmobj_zone *zone);
void track_save(const struct kmobj_zone *zone, struct kmobj_track *track);
void track_set(const struct kmobj_zone *zone, void *obj, enum track_kind kind,
	       const struct kmobj_track *track);
void track_print(const struct kmobj_zone *zone, void *obj);
void track_print_live(struct kmobj_zone *zone);
int track_show(struct seq_file *m, struct kmobj_zone *zone);

/* debugfs.c */
void debugfs_start(void);
void debugfs_stop(void);
void debugfs_zone_add(struct kmobj_zone *zone);
void debugfs_zone_del(struct kmobj_zone *zone);

#endif /* KMOBJ_INTERNAL_H */
