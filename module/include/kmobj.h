/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmobj: an object allocator for kernel modules.
 *
 * A zone holds objects of one type and one size:
 *
 *	struct kmobj_zone *zone = kmobj_zone_create("foo", sizeof(struct foo),
 *						    NULL);
 *	struct foo *foo = kmobj_zalloc(zone, GFP_KERNEL);
 *	...
 *	kmobj_free(zone, foo);
 *	kmobj_zone_destroy(zone);
 *
 * What a zone promises:
 *
 * - Its slabs hold only its objects; zones are never merged.
 * - Its memory is type-stable: a page that held an object leaves the zone only
 *   after an RCU grace period in which every object of that page was free.
 * - A limit, if set, is never exceeded.
 * - kmobj_free() refuses, reports and counts a pointer that is not a live object
 *   of the zone; nothing else changes. (A double free after the object was
 *   allocated again looks like a valid free.)
 * - When kmobj_zone_destroy() returns 0, all pages of the zone have been freed.
 *
 * "Any context" below means task, softirq and hardirq, with preemption or
 * interrupts on or off. Frees may be made under raw spinlocks; allocations only
 * if they need no new page. NMI is not included: there an allocation gets at most
 * objects that the CPU holds, and everything else is undefined. On PREEMPT_RT an
 * allocation with preemption or interrupts off is served from memory that kmobj
 * already holds, or fails.
 *
 * Functions that do not sleep may be called inside RCU read-side critical sections.
 */
#ifndef KMOBJ_H
#define KMOBJ_H

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/types.h>

struct kmobj_zone;
struct module;

/* The most characters in a zone's name, without that of its module. */
#define KMOBJ_NAME_MAX		63

/* Every object is aligned to at least this many bytes. */
#define KMOBJ_MIN_ALIGN		8

/* The largest object, in bytes. */
#define KMOBJ_MAX_SIZE		16384

/* No limit, in kmobj_zone_set_limit() and struct kmobj_zone_args. */
#define KMOBJ_UNLIMITED		0UL

/**
 * enum kmobj_flags - properties of a zone, or-ed into kmobj_zone_args.flags
 * @KMOBJ_TYPESAFE_BY_RCU: lockless readers may access objects after they were
 *	freed: kmobj never writes into a free object of this zone, not even for
 *	init_on_alloc or init_on_free. The counterpart of SLAB_TYPESAFE_BY_RCU.
 *	(The memory of every zone is type-stable.)
 * @KMOBJ_HWCACHE_ALIGN: align objects to cache lines, smaller ones to the
 *	fraction of a line that they fit in.
 * @KMOBJ_RECLAIMABLE: the client frees objects under memory pressure. Pages are
 *	grouped by mobility with other reclaimable ones, and counted as SReclaimable
 *	in /proc/meminfo; those of other zones are SUnreclaim.
 * @KMOBJ_PANIC: panic if the zone cannot be created.
 * @KMOBJ_POISON: fill free objects with a pattern, and check it when they are
 *	allocated and when their slab leaves: finds writes after free. Not with
 *	@KMOBJ_TYPESAFE_BY_RCU or a ctor, whose free objects must not change.
 * @KMOBJ_RED_ZONE: keep a pattern on both sides of each object, and check it
 *	when the object is freed: finds writes past its ends.
 * @KMOBJ_TRACK_USER: record the last allocation and free of each object (stack,
 *	CPU, pid, time): reports print them, and debugfs has alloc_traces.
 * @KMOBJ_FAIL_ALLOC: inject allocation failures as set in debugfs
 *	kmobj/fail_alloc, in kernels with CONFIG_FAULT_INJECTION.
 * @KMOBJ_ACCOUNT: charge the zone's slabs to memory cgroups. A whole slab,
 *	including free objects and its header, is charged to the cgroup of the task
 *	whose allocation needed it (or the one set by set_active_memcg()), until the
 *	slab leaves the zone, even if tasks of other cgroups allocate its objects.
 *	Slabs for interrupts, or for kernel threads without set_active_memcg(),
 *	are not charged. At the cgroup's limit, allocations fail. Slabs of such a
 *	zone are not kept in the free-slab cache, where they would pin their first
 *	cgroup. Do not pass objects to list_lru_add_obj(): it would use the
 *	cgroup's list, which was not allocated. So the flag has no effect (and the
 *	log says so) with KMOBJ_RECLAIMABLE, whose objects do go on such lists, and
 *	before Linux 6.13, where that is an oops. A zone without the flag is charged
 *	in the same way, and under the same conditions, from the first slab on that
 *	an allocation with __GFP_ACCOUNT needs; its older slabs never are.
 * @KMOBJ_PRIVATE_PAGES: free slabs of the zone stay its own, and never enter the
 *	free-slab cache that zones share. They leave for the page allocator, from where any
 *	zone may get the pages, only when the zone is destroyed, when memory is short, or by
 *	kmobj_zone_shrink() (counted in pages_left); slabs of fewer pages than others, or of
 *	pages from below the watermarks, when they are free. A new slab
 *	is made of the page allocator's pages. Its slabs are charged to nobody, whatever
 *	@KMOBJ_ACCOUNT says. Not with kmobj_zone_args.keep_free_slabs. The module
 *	parameter private= can set it, too.
 *
 * The flags for poison, red zones, tracking or failures make a debug zone: each
 * allocation and free takes a lock of the node. The module parameter debug= can set
 * them, too.
 */
enum kmobj_flags {
	KMOBJ_TYPESAFE_BY_RCU	= BIT(0),
	KMOBJ_HWCACHE_ALIGN	= BIT(1),
	KMOBJ_RECLAIMABLE	= BIT(2),
	KMOBJ_PANIC		= BIT(3),
	KMOBJ_POISON		= BIT(4),
	KMOBJ_RED_ZONE		= BIT(5),
	KMOBJ_TRACK_USER	= BIT(6),
	KMOBJ_ACCOUNT		= BIT(7),
	KMOBJ_FAIL_ALLOC	= BIT(8),
	KMOBJ_PRIVATE_PAGES	= BIT(9),
};

/**
 * enum kmobj_move - what kmobj_zone_args.move answers
 * @KMOBJ_MOVED: every reference now names the new object. kmobj frees the old one
 *	after a grace period of RCU, so lockless readers may still look at it; the
 *	client does not free it.
 * @KMOBJ_GONE: it is not the client's any more: it was freed already, or the client
 *	has freed it just now, as a cache may that can do without
 * @KMOBJ_BUSY: not now; kmobj asks again in a later pass, and less often if most
 *	objects are busy
 * @KMOBJ_PINNED: not until it is freed. kmobj leaves the whole slab alone until
 *	then.
 */
enum kmobj_move {
	KMOBJ_MOVED,
	KMOBJ_GONE,
	KMOBJ_BUSY,
	KMOBJ_PINNED,
};

/**
 * struct kmobj_zone_args - optional arguments of kmobj_zone_create()
 * @align: alignment of objects in bytes, a power of two; 0: KMOBJ_MIN_ALIGN
 * @flags: or-ed &enum kmobj_flags
 * @ctor: called once for each object when its slab is made, in the context of
 *	the allocation that needed the slab; must not sleep. Objects must be
 *	freed in the state that @ctor left.
 * @order: a slab has 2^@order pages; 0: chosen from the size. Fewer while memory is in
 *	pieces
 * @limit: the most bytes of slabs in the zone, or KMOBJ_UNLIMITED
 * @keep_free_slabs: free slabs that the poller keeps on each NUMA node
 * @useroffset: where the region begins that kmobj_copy_to_user() and
 *	kmobj_copy_from_user() may copy, in bytes from the object's beginning
 * @usersize: bytes of that region, which lies within the object. If both are 0 the whole
 *	object may be copied; if only this is, nothing
 * @move: the client moves the object @from to @to, so that a slab with few live
 *	objects becomes free; see below
 *
 * Objects of a zone with @move are moved when slabs that no CPU uses have more than
 * a quarter of all objects free, and sooner if memory is short. @move is called in a
 * task that may sleep, with no lock of kmobj held. It may call all functions of
 * kmobj but those that destroy the zone. @to is a new object of the zone, in the
 * state that kmobj_alloc() returns it in; or NULL, if memory is short and there is
 * none to move to: then only KMOBJ_GONE helps. It should not allocate, as memory may
 * be short.
 *
 * @from may be live, freed, or allocated and not yet filled in; but nothing else: it
 * is not allocated again before the pass has ended. So the client finds out, under the
 * lock under which it publishes and frees objects, whether one of its references names
 * @from. If so it copies @from to @to and changes all references, under that lock. If
 * not, it answers KMOBJ_GONE or KMOBJ_BUSY. What it reads of @from to find the
 * reference may be being written (READ_ONCE()), be left from an earlier life, or be
 * anything, in memory never used: a flag in the object does not tell, unless a @ctor
 * clears it, and all who free the object, and @move itself in @from. In a zone with a
 * @ctor, @from after KMOBJ_MOVED, and @to after all other answers, are to be as the
 * @ctor left them. Lockless readers may find @from for a grace period after that.
 *
 * @move implies KMOBJ_TYPESAFE_BY_RCU. Calls for one zone come one after the other.
 * Zones with debug flags do not move objects. kmobj_zone_destroy() waits for a call
 * that is under way, and no other follows, also if objects are live: hold no lock then
 * that @move takes. A move counts as an allocation and a free.
 *
 * The idea is that of illumos' kmem_cache_set_move(9F).
 */
struct kmobj_zone_args {
	unsigned int align;
	unsigned int flags;
	void (*ctor)(void *obj);
	unsigned int order;
	unsigned long limit;
	unsigned int keep_free_slabs;
	unsigned int useroffset;
	unsigned int usersize;
	enum kmobj_move (*move)(struct kmobj_zone *zone, void *from, void *to);
};

/**
 * struct kmobj_zone_stats - statistics of a zone, from kmobj_zone_stats()
 * @size: bytes of an object as asked for
 * @stride: bytes from one object to the next
 * @objs_per_slab: objects in a slab
 * @slab_bytes: bytes of a slab
 * @allocs: objects allocated so far
 * @frees: objects freed so far, never more than @allocs; @allocs - @frees are
 *	live
 * @slabs: slabs in the zone, retiring ones included; small ones by their pages
 * @limit: the most bytes of slabs in the zone, or KMOBJ_UNLIMITED
 * @allocs_depot: allocations that bypassed the CPU's own slabs (from interrupts,
 *	or for another node)
 * @frees_remote: frees into a slab that the CPU did not own
 * @frees_rcu: of @frees, those by kmobj_free_rcu()
 * @rcu_waiting: of @frees_rcu, objects that cannot be allocated again yet
 * @slabs_made: slabs made so far
 * @slabs_retired: slabs released so far
 * @alloc_fails: allocations that returned NULL, @limit_hits included
 * @limit_hits: allocations that returned NULL because of the limit
 * @bad_frees: frees refused
 * @bad_copies: copies to or from user space refused
 * @corrupted: corruptions found in debug zones and watched slabs, each reported once
 * @slabs_corrupt: slabs out of service, because their header was overwritten
 * @order_fails: failed first attempts to allocate the pages of a slab of more than
 *	one page; another CPU's cached slab or a small slab may have served
 * @moved: objects moved to another slab
 * @move_busy: times that kmobj_zone_args.move answered KMOBJ_BUSY
 * @move_pinned: times that it answered KMOBJ_PINNED
 * @order_fallbacks: small slabs made after such failures, of the fewest pages that
 *	hold an object
 * @pages_left: pages that a zone of KMOBJ_PRIVATE_PAGES gave to the page allocator
 *	before it was destroyed
 * @slabs_watched: slabs whose free objects are poisoned and kept back, as the module
 *	parameter sample= says; among @slabs
 */
struct kmobj_zone_stats {
	unsigned int size;
	unsigned int stride;
	unsigned int objs_per_slab;
	unsigned int slab_bytes;
	unsigned long allocs;
	unsigned long frees;
	unsigned long slabs;
	unsigned long limit;
	unsigned long allocs_depot;
	unsigned long frees_remote;
	unsigned long frees_rcu;
	unsigned long rcu_waiting;
	unsigned long slabs_made;
	unsigned long slabs_retired;
	unsigned long alloc_fails;
	unsigned long limit_hits;
	unsigned long bad_frees;
	unsigned long bad_copies;
	unsigned long corrupted;
	unsigned long slabs_corrupt;
	unsigned long order_fails;
	unsigned long moved;
	unsigned long move_busy;
	unsigned long move_pinned;
	unsigned long order_fallbacks;
	unsigned long pages_left;
	unsigned long slabs_watched;
};

/*
 * Functions marked so do not check for a zone that is NULL or ERR_PTR; the compiler
 * warns if it sees NULL.
 */
#define KMOBJ_NEEDS_ZONE	__attribute__((__nonnull__(1)))

/**
 * kmobj_zone_create_for() - create a zone for another module
 * @module: the module that the zone belongs to; NULL: none
 * @name: as for kmobj_zone_create()
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create()
 *
 * For modules that create zones in the name of others.
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
struct kmobj_zone *kmobj_zone_create_for(struct module *module, const char *name,
					 size_t size,
					 const struct kmobj_zone_args *args)
	__must_check;

/**
 * kmobj_zone_create_typed() - create a zone named after a type
 * @module: as for kmobj_zone_create_for()
 * @type: the type of the objects
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create()
 *
 * For KMOBJ_ZONE(). The zone's name is @type without a leading struct, union or enum,
 * with '_' for blanks, cut to KMOBJ_NAME_MAX characters.
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
struct kmobj_zone *kmobj_zone_create_typed(struct module *module, const char *type,
					   size_t size,
					   const struct kmobj_zone_args *args)
	__must_check;

static inline struct kmobj_zone *
kmobj_zone_create(const char *name, size_t size, const struct kmobj_zone_args *args)
	__must_check;

/**
 * kmobj_zone_create() - create a zone
 * @name: 1 to KMOBJ_NAME_MAX printable characters without '/', unique among the
 *	zones of the caller's module, and not beginning with "kmobj:"; copied
 * @size: bytes of an object, 1 to KMOBJ_MAX_SIZE
 * @args: see &struct kmobj_zone_args; NULL: all zero
 *
 * The zone belongs to the caller's module, and is shown with its name in front:
 * foo:conn is the zone conn of the module foo. A @name that begins with the module's
 * and a colon is taken for what follows them.
 *
 * If the module is unloaded and has not destroyed the zone, kmobj does so, as
 * kmobj_zone_destroy_later() does, and says so in the log: see there. Until the last
 * object was freed debugfs calls it kmobj:left:NUMBER:NAME.
 *
 * Context: a task that may sleep.
 * Return: the zone, or ERR_PTR: -EINVAL for a bad argument, -ENAMETOOLONG,
 * -EEXIST if the module has a zone of that name (which is not dying), -ENOMEM. All
 * errors but -ENOMEM are logged with the name of the zone.
 */
static inline struct kmobj_zone *
kmobj_zone_create(const char *name, size_t size, const struct kmobj_zone_args *args)
{
	return kmobj_zone_create_for(THIS_MODULE, name, size, args);
}

/**
 * kmobj_zone_destroy() - destroy a zone and free its memory
 * @zone: the zone; NULL is ignored
 *
 * The caller must have stopped allocating. Frees may continue, also from RCU
 * callbacks; call rcu_barrier() first if those may free the last objects.
 * Objects freed by kmobj_free_rcu() are waited for.
 *
 * If objects are live, their number is logged, all free slabs are released, and
 * the zone stays: allocations fail, frees work, and this function may be called
 * again; the last free alone does not destroy the zone. Another zone may take the
 * name; debugfs calls the old one kmobj:dying:NUMBER:NAME.
 *
 * Context: a task that may sleep (for RCU grace periods).
 * Return: 0 if all pages were freed; -EBUSY if objects are live, or another call is
 * in progress; -EINVAL if @zone is not a zone, or was destroyed before: this is
 * certain for the last 256 destroyed zones, whose addresses are not reused.
 */
int kmobj_zone_destroy(struct kmobj_zone *zone);

/**
 * kmobj_zone_destroy_later() - destroy a zone now, or when its objects are free
 * @zone: the zone; NULL is ignored
 *
 * As kmobj_zone_destroy(), for callers that cannot retry: a zone with live objects
 * is destroyed after the last of them was freed, by the next pass of the poller or
 * when kmobj.ko is unloaded. Both the delay and the end are logged. From now on the
 * caller may only free objects of the zone.
 *
 * Context: a task that may sleep (for RCU grace periods).
 * Return: 0 if it was destroyed, -EBUSY if it will be, or -EINVAL as
 * kmobj_zone_destroy().
 */
int kmobj_zone_destroy_later(struct kmobj_zone *zone);

/**
 * kmobj_alloc() - allocate one object
 * @zone: the zone
 * @gfp: GFP_KERNEL, GFP_NOWAIT, GFP_ATOMIC and the like; __GFP_ZERO for zeroes
 *	(refused on a zone with a ctor). __GFP_NOFAIL is passed on, but refused
 *	on a zone with a limit. Zone modifiers such as __GFP_DMA are refused.
 *
 * Context: any that @gfp allows; may sleep if @gfp says so. In NMI it allocates
 * only from what the CPU holds, and reports when that runs out; in kernels with
 * KASAN or kmemleak it fails there.
 * Return: an object with the alignment of the zone, or NULL: no memory, the limit
 * is reached, or @gfp was refused (reported once).
 *
 * The active and alternate slabs of a CPU are Matthew Dillon's idea, from DragonFly's
 * kmalloc_obj; they descend from the two magazines of a CPU in Bonwick and Adams,
 * "Magazines and Vmem", USENIX 2001.
 */
void *kmobj_alloc(struct kmobj_zone *zone, gfp_t gfp)
	__malloc __must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_alloc_node() - allocate one object on a NUMA node
 * @zone: the zone
 * @gfp: as for kmobj_alloc(); with __GFP_THISNODE no other node is used
 * @nid: the node, or NUMA_NO_NODE for the nearest
 *
 * An object of another node than the CPU's, or with __GFP_THISNODE, comes from
 * that node's depot, under its lock: slower than kmobj_alloc().
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc().
 */
void *kmobj_alloc_node(struct kmobj_zone *zone, gfp_t gfp, int nid)
	__malloc __must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_free() - free one object
 * @zone: the zone it was allocated from
 * @obj: the object; NULL is ignored
 *
 * A pointer that is not a live object of @zone is refused: it is reported with
 * the stack and counted in bad_frees, and nothing changes. Any value is safe,
 * also an unmapped address. A double free is detected unless the object was
 * allocated again in between; if it races with the first free from another CPU,
 * it is detected when the slab's owner collects remote frees.
 *
 * Context: any; never sleeps, never allocates.
 */
void kmobj_free(struct kmobj_zone *zone, void *obj) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_free_rcu() - free one object after an RCU grace period
 * @zone: the zone it was allocated from
 * @obj: the object; NULL is ignored
 *
 * Readers that found @obj under rcu_read_lock() may access it until
 * rcu_read_unlock(). The object needs no rcu_head, and no memory is allocated:
 * this cannot fail. The object counts as freed from now on; it can be allocated
 * again after a grace period that begins later. Objects freed within a few
 * milliseconds share a grace period; if all are in one slab, they may first wait
 * rcu_ms for others.
 *
 * Bad frees are refused as by kmobj_free(). A kmobj_free() of the same object is
 * detected when the grace period ends, unless the object was allocated again in
 * between; and at once in debug zones and in kernels with KASAN or kmemleak.
 *
 * Context: any but NMI, and not under locks of the scheduler, of timers or of
 * workqueues; never sleeps, never allocates.
 */
void kmobj_free_rcu(struct kmobj_zone *zone, void *obj) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_rcu_barrier() - wait for objects freed by kmobj_free_rcu()
 * @zone: the zone
 *
 * When it returns, every object passed to kmobj_free_rcu() before the call can be
 * allocated again. kmobj_zone_destroy() includes this.
 *
 * Context: a task that may sleep (for RCU grace periods).
 */
void kmobj_rcu_barrier(struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_alloc_bulk() - allocate many objects, or none
 * @zone: the zone
 * @gfp: as for kmobj_alloc()
 * @nr: number of objects; 0 is allowed, more than INT_MAX is refused
 * @objs: filled in, with room for @nr pointers
 *
 * Context: as kmobj_alloc().
 * Return: true and @nr objects, or false and none.
 */
bool kmobj_alloc_bulk(struct kmobj_zone *zone, gfp_t gfp, size_t nr,
		      void **objs) __must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_free_bulk() - free many objects
 * @zone: the zone they were all allocated from
 * @nr: number of objects; 0 is allowed, more than INT_MAX is refused
 * @objs: the objects; each is treated as by kmobj_free(), also NULL
 *
 * Context: as kmobj_free().
 */
void kmobj_free_bulk(struct kmobj_zone *zone, size_t nr, void **objs)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_copy_to_user() - copy from an object to user space
 * @zone: the zone of the object
 * @obj: the object
 * @off: offset in the object
 * @to: the address in user space
 * @n: number of bytes
 *
 * A copy that would reach past the object, or lies not wholly in the region that
 * kmobj_zone_args.useroffset and usersize name, or from a pointer that is not a live
 * object of @zone, is refused: it is reported and counted in bad_copies, and
 * nothing is copied.
 *
 * Context: a task that may sleep.
 * Return: bytes that were not copied, as copy_to_user(); @n if refused.
 */
unsigned long kmobj_copy_to_user(struct kmobj_zone *zone, const void *obj,
				 size_t off, void __user *to, size_t n)
	__must_check;

/**
 * kmobj_copy_from_user() - copy from user space into an object
 * @zone: the zone of the object
 * @obj: the object
 * @off: offset in the object
 * @from: the address in user space
 * @n: number of bytes
 *
 * Refuses what kmobj_copy_to_user() refuses. If some bytes cannot be read, the
 * rest of the @n is zeroed, as copy_from_user() does.
 *
 * Context: a task that may sleep.
 * Return: bytes that were not copied, as copy_from_user(); @n if refused.
 */
unsigned long kmobj_copy_from_user(struct kmobj_zone *zone, void *obj,
				   size_t off, const void __user *from,
				   size_t n) __must_check;

static inline void *kmobj_zalloc(struct kmobj_zone *zone, gfp_t gfp)
	__must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zalloc() - allocate one zeroed object
 * @zone: the zone
 * @gfp: as for kmobj_alloc()
 *
 * Context: as kmobj_alloc().
 * Return: the object, or NULL.
 */
static inline void *kmobj_zalloc(struct kmobj_zone *zone, gfp_t gfp)
{
	return kmobj_alloc(zone, gfp | __GFP_ZERO);
}

/**
 * kmobj_zone_set_limit() - limit a zone's memory
 * @zone: the zone
 * @bytes: the most bytes of slabs, rounded down to whole slabs, or
 *	KMOBJ_UNLIMITED
 *
 * If the zone holds more now, it keeps that, and gets no new slab until it is below
 * the limit. The limit includes free objects on other nodes and those that other
 * CPUs own: in two slabs each, four where interrupts allocate too, and in reserves
 * of at most an eighth of the limit in all. So allocations may fail before all
 * objects are live. The first failure after a pass of the poller asks all CPUs to
 * give up what they own.
 *
 * Context: any.
 * Return: 0, or -EINVAL if not even one slab would fit.
 */
int kmobj_zone_set_limit(struct kmobj_zone *zone, unsigned long bytes)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_shrink() - release all free slabs now
 * @zone: the zone
 *
 * Does at once what the poller does over time: CPUs give up the slabs they own
 * (isolated CPUs when they next leave the fast path), and every free slab leaves
 * the zone.
 *
 * Context: a task that may sleep (for an RCU grace period); not in CPU hotplug
 * callbacks, nor in memory reclaim.
 * Return: bytes released.
 */
unsigned long kmobj_zone_shrink(struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_stats() - read the statistics of a zone
 * @zone: the zone
 * @stats: filled in
 *
 * Sums the counters of all CPUs without stopping them: exact if the zone is unused.
 *
 * Context: any.
 */
void kmobj_zone_stats(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_slab_live() - how many objects keep this one's slab from being freed
 * @zone: the zone
 * @obj: an object of it
 *
 * For clients that choose what to free: an object that is alone gives its slab back.
 *
 * Context: any.
 * Return: live objects of the slab that @obj is in, itself included, at this moment;
 * 0 if @obj is no object of @zone.
 */
unsigned int kmobj_slab_live(struct kmobj_zone *zone, const void *obj)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_of() - find the zone of an object
 * @obj: any pointer
 *
 * Context: any. The result is valid while the caller holds the object.
 * Return: the zone that @obj is an object of, live or free; or NULL.
 */
struct kmobj_zone *kmobj_zone_of(const void *obj) __must_check;

/* What kmobj_for_each_live() calls: @obj may be free by now, see there. 0: go on. */
typedef int kmobj_live_fn(struct kmobj_zone *zone, void *obj, void *arg);

/**
 * kmobj_for_each_live() - call a function for each live object
 * @zone: the zone
 * @fn: the function; if it does not return 0 it is not called again
 * @arg: passed to @fn
 *
 * If the zone is not used meanwhile, @fn is called once for each object that is
 * allocated and was not freed. Else this is a snapshot. An object that is live from
 * beginning to end is seen once, but one that is moved meanwhile may be missed or seen
 * twice. One that is allocated or freed meanwhile, or was freed just before, may be
 * seen. Objects of slabs with a damaged header never are.
 *
 * So @obj may be free, allocated anew, or not filled in yet, and nothing keeps it so: a
 * client looks at it as a lockless reader does, or under the lock under which it
 * publishes and frees objects. Its memory stays an object of @zone until @fn returns.
 *
 * @fn is called with a mutex of the zone held, which shrink, destroy and the poller take
 * as well: until this returns they wait, and free memory of the zone does not go back to
 * the system. @fn may sleep, allocate and free objects. It must not call another function
 * of kmobj that may sleep; and no lock that @fn takes may be held around such a call.
 *
 * Context: a task that may sleep.
 * Return: 0, or what @fn returned last.
 */
int kmobj_for_each_live(struct kmobj_zone *zone, kmobj_live_fn *fn, void *arg)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_dump_obj() - log what is known of a pointer
 * @ptr: any pointer
 *
 * If @ptr points into a slab: the zone, how far into which object, whether that is live,
 * free or waiting for RCU, and with KMOBJ_TRACK_USER who allocated it and who freed it.
 * The report of an oops has the same for each register (on x86 and arm64). Addresses
 * are hashed, as by %p, unless the kernel was booted with no_hash_pointers.
 *
 * Context: any, NMI included. What is logged is a snapshot.
 * Return: true if something was logged; false if @ptr does not point into a slab.
 */
bool kmobj_dump_obj(const void *ptr);

/**
 * kmobj_zone_name() - the name of a zone
 * @zone: the zone
 *
 * Context: any.
 * Return: the name as it is shown: the module's, a colon, and the one given at
 * creation; valid as long as the zone.
 */
const char *kmobj_zone_name(const struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * KMOBJ_ZONE() - create a zone named after a type
 * @type: the type, a struct's name with the word struct: the zone of struct conn in
 *	the module foo is foo:conn
 * @zone_flags: or-ed &enum kmobj_flags
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
#define KMOBJ_ZONE(type, zone_flags)					\
	kmobj_zone_create_typed(THIS_MODULE, #type, sizeof(type),	\
			  &(const struct kmobj_zone_args) {		\
				.align = __alignof__(type),		\
				.flags = (zone_flags),			\
			  })

/**
 * KMOBJ_DEFINE_TYPED() - define name_alloc(), name_zalloc(), name_free() and
 *	name_free_rcu()
 * @name: the prefix of the four names
 * @type: the type of the objects
 *
 * They call kmobj_alloc(), kmobj_zalloc(), kmobj_free() and kmobj_free_rcu(), with
 * pointers to @type instead of void, so the compiler checks the type.
 */
#define KMOBJ_DEFINE_TYPED(name, type)					\
static inline type * __must_check __maybe_unused KMOBJ_NEEDS_ZONE	\
name##_alloc(struct kmobj_zone *zone, gfp_t gfp)			\
{									\
	return kmobj_alloc(zone, gfp);					\
}									\
static inline type * __must_check __maybe_unused KMOBJ_NEEDS_ZONE	\
name##_zalloc(struct kmobj_zone *zone, gfp_t gfp)			\
{									\
	return kmobj_zalloc(zone, gfp);					\
}									\
static inline void __maybe_unused KMOBJ_NEEDS_ZONE			\
name##_free(struct kmobj_zone *zone, type *obj)				\
{									\
	kmobj_free(zone, obj);						\
}									\
static inline void __maybe_unused KMOBJ_NEEDS_ZONE			\
name##_free_rcu(struct kmobj_zone *zone, type *obj)			\
{									\
	kmobj_free_rcu(zone, obj);					\
}

/*
 * In kernels with CONFIG_MEM_ALLOC_PROFILING a zone's slabs are counted in the line of
 * /proc/allocinfo for the call that created the zone.
 */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#include <linux/alloc_tag.h>
#include <linux/sched.h>

#define KMOBJ_TAGGED(create)						\
({									\
	DEFINE_ALLOC_TAG(__kmobj_tag);					\
	struct alloc_tag *__kmobj_old = alloc_tag_save(&__kmobj_tag);	\
	struct kmobj_zone *__kmobj_zone = create;			\
									\
	alloc_tag_restore(&__kmobj_tag, __kmobj_old);			\
	__kmobj_zone;							\
})
#define kmobj_zone_create(...)		KMOBJ_TAGGED(kmobj_zone_create(__VA_ARGS__))
#define kmobj_zone_create_for(...)	KMOBJ_TAGGED(kmobj_zone_create_for(__VA_ARGS__))
#define kmobj_zone_create_typed(...)	KMOBJ_TAGGED(kmobj_zone_create_typed(__VA_ARGS__))
#endif

#endif /* KMOBJ_H */
