/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone, as all files of kmobj.ko see it, and the headers that they all need. The
 * order of locks is in module/README.md.
 */
#ifndef KMOBJ_SLAB_ZONE_H
#define KMOBJ_SLAB_ZONE_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree_types.h>
#include <linux/rculist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "include/kmobj.h"
#include "kernel/compat.h"

struct alloc_tag;
struct dentry;
struct kmobj_depot;
struct kmobj_cpu;
struct kmobj_header_cache;
struct kmobj_mover;
struct kmobj_slab;

/* Of a module's name, a colon, the zone's name, and the end. */
#define ZONE_NAME_SIZE	(MODULE_NAME_LEN + KMOBJ_NAME_MAX + 1)

/* Batches of objects freed by RCU: for the grace period under way and the next. */
#define KMOBJ_RCU_BATCHES	2

/* Slabs whose waiting[] of this batch is free after the grace period @gp. */
struct kmobj_rcu_batch {
	unsigned long gp;
	unsigned long ended;		/* number of times */
	struct kmobj_slab *slabs;
};

enum { RCU_IDLE, RCU_LAZY, RCU_BUSY };

/*
 * Are the zone's slabs charged to memory cgroups? CHARGE_UNDECIDED changes once, by
 * cmpxchg(): to CHARGE_SLABS when the first slab of KMOBJ_ACCOUNT, or for
 * __GFP_ACCOUNT, is about to be made; to CHARGE_NEVER when the first object for a
 * list_lru is about to be allocated, or at creation if the kernel or the zone's flags
 * do not allow charging. So a zone never has both charged slabs and such objects.
 */
enum { CHARGE_UNDECIDED, CHARGE_SLABS, CHARGE_NEVER };

struct kmobj_zone {
	/*
	 * What alloc and free read, unless offslab: one cache line, constant
	 * from creation until the zone is gone.
	 */
	struct kmobj_cpu __percpu *cpus;	/* KMOBJ_CPU_STATES for each CPU */
	unsigned long slab_mask;
	unsigned long cookie;		/* zone ^ boot secret */
	unsigned long linear_base;	/* of the kernel's linear map */
	unsigned long linear_size;	/* 0 if offslab */
	u32 obj_offset;			/* offset of object 0 from slab_header_addr() */
	u32 stride;
	u32 inverse;			/* of stride's odd part, modulo 2^32 */
	u32 nr_objs;			/* in a slab */
	u32 color_mask;			/* see slab_header() */
	u8 shift;			/* stride = odd part << shift */
	u8 order;
	u16 bitmap_words;		/* of a slab's bitmaps */

	u8 small_order;			/* of small slabs: see small.c */
	u32 remote_off;			/* from the header */
	u32 small_objs;			/* in a small slab; 0: the zone has none */
	u32 small_offset;		/* of object 0 from its pages */

	u32 size;			/* as asked for */
	u32 useroffset;			/* what users may see: see usercopy.c */
	u32 usersize;
	u32 align;
	u32 flags;
	u32 sample;			/* one new slab in so many is watched: see watch.c */
	u32 track_off;			/* from an object: see debug.c */
	u32 keep_free_slabs;		/* that a depot may hold */
	gfp_t gfp;			/* added to the caller's */
	void (*ctor)(void *obj);
	struct kmobj_header_cache __rcu *header_cache;	/* if offslab */
	bool offslab;			/* headers are not in the slabs */
	bool dying;			/* destroy was called: no more allocs */
	u8 limit_felt;			/* for so many more passes of the poller: see drain.c */
	int charging;			/* CHARGE_*, decided once */
	const char *uncharged;		/* why, until the log says so: see uncharged.c */
	unsigned long reported;		/* a bit for each message already logged */

	unsigned long limit;		/* in slabs, ULONG_MAX: none */
	unsigned long reserve_max;	/* slabs in a CPU's reserve, at most */
	atomic_long_t nr_slabs;		/* charged against the limit, small ones by their bytes */
	atomic_long_t nr_small;		/* small slabs: see zone_charge_small() */
	atomic_long_t slabs_made;
	atomic_long_t slabs_retired;
	atomic_long_t alloc_fails;
	atomic_long_t limit_hits;
	atomic_long_t order_fails;
	atomic_long_t order_fallbacks;	/* small slabs made */
	atomic_t sample_turn;		/* of new slabs, modulo sample */
	atomic_long_t nr_watched;
	atomic_long_t pages_left;	/* of a private zone */
	atomic_long_t bad_frees;
	atomic_long_t late_bad_frees;	/* were counted as frees at first */
	atomic_long_t bad_copies;
	atomic_long_t corrupted;
	atomic_long_t slabs_corrupt;
	void *late_bad_free;		/* the last one, until reported */
	struct kmobj_slab *late_corrupt;	/* likewise: its header */

	struct alloc_tag *tag;		/* of the call that created the zone: profile.c */
	atomic_long_t tagged[2];	/* slabs that it counts; small ones */

	int rcu_state;			/* RCU_*, see free_rcu.c */
	atomic_long_t frees_rcu_nested;
	atomic_long_t rcu_back;		/* objects that have waited for RCU */
	u64 rcu_passed;			/* when the last pass ended */
	struct delayed_work rcu_work;
	struct mutex rcu_lock;		/* guards the batches */
	unsigned int rcu_newest;	/* the batch that waits longest */
	struct kmobj_rcu_batch rcu_batch[KMOBJ_RCU_BATCHES];

	struct mutex maintenance;	/* poller, shrink, drain, destroy */
	struct list_head disowned;	/* taken from CPUs, until reserve_gp ends */
	bool reserve_waits;		/* for reserve_gp to end */
	unsigned long reserve_gp;	/* began after a reserve was frozen or a slab disowned */
	struct kmobj_mover *mover;	/* if objects can be moved: mover.c */
	bool destroying;		/* under kmobj_zones_lock */
	bool gone;			/* destroyed: see registry.c */
	bool awake;			/* passes come to it: see zone_wake() */
	bool leaves;			/* is destroyed once all its objects are freed */
	bool due;			/* leaves, and they are */
	bool left;			/* by its module, which is gone: see left.c */
	u32 dying_nr;			/* 0: it has its name */
	struct list_head link;		/* kmobj_zones; if gone, registry.c's list */
	struct rb_node by_name;
	struct hlist_node by_address;
	struct kmobj_cpu __percpu *old_cpus;	/* cpus, of a zone that is gone */
	struct rcu_head rcu;
	struct dentry *dir;
	struct module *module;		/* NULL: none, or it is gone; under kmobj_zones_lock */
	char name[ZONE_NAME_SIZE];
	struct kmobj_depot *depot[];	/* one for each possible node */
};

/* May kmobj write into free objects, and into those it is about to return? */
static inline bool zone_may_wipe(const struct kmobj_zone *zone)
{
	return !zone->ctor && !(zone->flags & (KMOBJ_TYPESAFE_BY_RCU | KMOBJ_POISON));
}

/*
 * There is, or may be, work for the poller: its passes come to @zone until one finds
 * nothing that it, or a later one, would have to do. See zone_maintain(), which this is
 * the other side of. After a full barrier. Model: wake.look.
 */
static inline void zone_wake_after_mb(struct kmobj_zone *zone)
{
	if (unlikely(!READ_ONCE(zone->awake)))
		WRITE_ONCE(zone->awake, true);
}

static inline void zone_wake(struct kmobj_zone *zone)
{
	smp_mb();	/* pairs with that in zone_maintain(); model: wake.mb */
	zone_wake_after_mb(zone);
}

/* A zone with any of these is a debug zone; see debug.c. */
#define KMOBJ_DEBUG_FLAGS	(KMOBJ_POISON | KMOBJ_RED_ZONE | \
				 KMOBJ_TRACK_USER | KMOBJ_FAIL_ALLOC)

static inline bool zone_is_debug(const struct kmobj_zone *zone)
{
	return zone->flags & KMOBJ_DEBUG_FLAGS;
}

/* A flag that no client sets: some slabs of the zone are watched; see watch.c. */
#define KMOBJ_SAMPLED	BIT(31)

static inline bool zone_is_sampled(const struct kmobj_zone *zone)
{
	return zone->flags & KMOBJ_SAMPLED;
}

/* Do debug.c's checks concern some of its slabs? */
static inline bool zone_has_debug_slabs(const struct kmobj_zone *zone)
{
	return zone->flags & (KMOBJ_DEBUG_FLAGS | KMOBJ_SAMPLED);
}

/* Does the zone keep its free slabs, so that none goes to the free-slab cache? */
static inline bool zone_is_private(const struct kmobj_zone *zone)
{
	return zone->flags & KMOBJ_PRIVATE_PAGES;
}

/* Refused: the pages of a zone are mapped, and may have any physical address. */
#define GFP_REFUSED	(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM)

extern struct list_head kmobj_zones;		/* under kmobj_zones_lock, or RCU to read */

extern struct mutex kmobj_zones_lock;
const char *zone_why_not_charged(unsigned int flags);

#endif /* KMOBJ_SLAB_ZONE_H */
