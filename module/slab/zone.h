/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone: what all files of kmobj.ko know of it.
 *
 * Lock order: cpus_read_lock, kmobj_zones_lock, zone->maintenance, zone->rcu_lock, depot->lock.
 * All but the last are for preemptible task context; depot->lock is a raw spinlock taken
 * with interrupts off, for a bounded time but where the lists around a damaged slab are
 * mended (corrupt.c), and nothing is locked or printed under it.
 */
#ifndef KMOBJ_SLAB_ZONE_H
#define KMOBJ_SLAB_ZONE_H

#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree_types.h>
#include <linux/rcupdate.h>
#include <linux/workqueue.h>

#include "include/kmobj.h"

struct dentry;
struct kmobj_depot;
struct kmobj_cpu;
struct kmobj_header_cache;
struct kmobj_slab;

/* Of objects freed by RCU: for a grace period under way and for the next one. */
#define KMOBJ_RCU_BATCHES	2

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

struct kmobj_zone {
	/*
	 * All that alloc and free read unless offslab: one line, constant after
	 * creation.
	 */
	struct kmobj_cpu __percpu *cpus;	/* KMOBJ_PAIRS for each CPU */
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

	u32 bitmap_words;			/* of a slab's bitmaps */
	u32 remote_off;			/* from the header */

	u32 size;			/* as asked for */
	u32 align;
	u32 flags;
	u32 track_off;			/* from an object: see debug.c */
	u32 keep_free_slabs;			/* free slabs a depot may hold */
	gfp_t gfp;			/* added to what a caller says */
	void (*ctor)(void *obj);
	struct kmobj_header_cache __rcu *header_cache;	/* where headers are, if offslab */
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
	atomic_long_t slabs_corrupt;
	void *late_bad_free;		/* the last of them, until reported */

	int rcu_state;			/* what happens next, see free_rcu.c */
	atomic_long_t frees_rcu_nested;
	atomic_long_t rcu_back;		/* of the objects freed by RCU */
	u64 rcu_passed;			/* when the last pass ended */
	struct delayed_work rcu_work;
	struct mutex rcu_lock;		/* guards the batches */
	unsigned int rcu_newest;	/* of them: it waits the longest */
	struct kmobj_rcu_batch rcu_batch[KMOBJ_RCU_BATCHES];

	struct mutex maintenance;		/* poller, shrink, drain, destroy */
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
	struct kmobj_cpu __percpu *old_cpus;	/* of one that is gone */
	struct rcu_head rcu;
	struct dentry *dir;
	char name[KMOBJ_NAME_MAX + 1];
	struct kmobj_depot *depot[];	/* by node: one for each possible one */
};

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

/* What no zone can honour: its pages are mapped, and of any address. */
#define GFP_REFUSED	(__GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM)

extern struct list_head kmobj_zones;		/* under kmobj_zones_lock, or RCU */

extern struct mutex kmobj_zones_lock;
const char *zone_why_not_charged(unsigned int flags);

#endif /* KMOBJ_SLAB_ZONE_H */
