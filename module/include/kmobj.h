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
 * - Its slabs hold nothing but its objects, and nothing is ever merged.
 * - Its memory is type-stable: a page that held an object leaves the zone only
 *   after an RCU grace period in which every object of that page was free.
 * - A limit, if set, is never exceeded.
 * - A pointer that is not a live object of the zone is refused by kmobj_free(),
 *   reported and counted; nothing else is harmed. (A pointer freed again after
 *   its object was handed out anew is indistinguishable from a rightful free.)
 * - Once kmobj_zone_destroy() returns 0, every page of it has been given back.
 *
 * Contexts. "Any context" below means task, softirq and hardirq, with
 * preemption or interrupts on or off; frees under raw spinlocks too, allocations
 * there only if no page is needed for them. Not NMI: there an allocation is
 * served at most from what the CPU holds, and everything else is undefined. On
 * PREEMPT_RT a caller with preemption or interrupts off is served from memory
 * that kmobj already holds, or gets NULL.
 *
 * Inside read-side critical sections of RCU nothing special is needed.
 */
#ifndef KMOBJ_H
#define KMOBJ_H

#include <linux/bits.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/types.h>

struct kmobj_zone;

/* A zone's name holds 1 to this many characters. */
#define KMOBJ_NAME_MAX		63

/* Every object is aligned to at least this many bytes. */
#define KMOBJ_MIN_ALIGN		8

/* The largest object, in bytes. */
#define KMOBJ_MAX_SIZE		16384

/* Ask for no limit in kmobj_zone_set_limit(). */
#define KMOBJ_UNLIMITED		0UL

/**
 * enum kmobj_flags - properties of a zone, or-ed into kmobj_zone_args.flags
 * @KMOBJ_TYPESAFE_BY_RCU: lockless readers look at objects that may have been
 *	freed: kmobj never writes into a free object of this zone, not even for
 *	init_on_alloc or init_on_free. (That pages stay with the zone for a grace
 *	period holds for every zone.) The counterpart of SLAB_TYPESAFE_BY_RCU.
 * @KMOBJ_HWCACHE_ALIGN: align objects to cache lines, smaller ones to the
 *	fraction of a line that they fit in.
 * @KMOBJ_RECLAIMABLE: the owner gives objects back under memory pressure; the
 *	pages are grouped with other reclaimable ones and counted as SReclaimable
 *	in /proc/meminfo; those of other zones are SUnreclaim.
 * @KMOBJ_PANIC: panic if the zone cannot be created, instead of an error.
 * @KMOBJ_POISON: fill free objects with a pattern, look for it when they are
 *	handed out and when their slab leaves: finds writes after free. Not with
 *	@KMOBJ_TYPESAFE_BY_RCU or a ctor, whose free objects are the client's.
 * @KMOBJ_RED_ZONE: keep a pattern on both sides of each object and look for it
 *	when the object is freed: finds writes past its ends.
 * @KMOBJ_TRACK_USER: remember who allocated each object and who freed it
 *	(stack, CPU, pid, time): reports name them, and debugfs has alloc_traces.
 * @KMOBJ_FAIL_ALLOC: allocations fail as debugfs kmobj/fail_alloc says, in
 *	kernels with CONFIG_FAULT_INJECTION.
 * @KMOBJ_ACCOUNT: charge the zone's slabs to memory cgroups. What is charged is
 *	a whole slab, free objects and a header in it included, to the cgroup of the
 *	task whose allocation needed it (or that set_active_memcg() names), from
 *	then until the slab leaves the zone, whoever its objects are handed to.
 *	Slabs needed by interrupts or kernel threads without set_active_memcg()
 *	are charged to nobody. At the cgroup's limit, allocations fail. Slabs of
 *	such a zone are never kept in the free-slab cache, where they would hold
 *	on to their first cgroup. Objects are not for list_lru_add_obj(), which
 *	would look for a list of the cgroup that nobody made. So the flag does
 *	nothing, and the log says so, together with KMOBJ_RECLAIMABLE, whose
 *	objects do go on such lists, and before Linux 6.13, where that is an oops.
 *	A zone without it is charged in the same way, and under the same
 *	conditions, from the first slab on that is needed for an allocation with
 *	__GFP_ACCOUNT; the slabs it has by then never are.
 *
 * Poison, red zones, tracking or failures make a debug zone: each of its
 * allocations and frees takes a lock of the node. The module parameter debug=
 * sets them from outside.
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
};

/**
 * struct kmobj_zone_args - what kmobj_zone_create() may be told
 * @align: alignment of objects in bytes, a power of two; 0: KMOBJ_MIN_ALIGN
 * @flags: or-ed &enum kmobj_flags
 * @ctor: called once for each object when its slab is made, in the context of
 *	the allocation that needed the slab; must not sleep. Objects must be
 *	freed in the state that @ctor left.
 * @order: pages of a slab, as a power of two; 0: chosen from the size
 * @limit: bytes of slabs the zone may hold; KMOBJ_UNLIMITED: any
 * @keep_free_slabs: free slabs the poller leaves in the zone on each NUMA node
 */
struct kmobj_zone_args {
	unsigned int align;
	unsigned int flags;
	void (*ctor)(void *obj);
	unsigned int order;
	unsigned long limit;
	unsigned int keep_free_slabs;
};

/**
 * struct kmobj_zone_stats - a zone at one moment, from kmobj_zone_stats()
 * @size: bytes of an object as asked for
 * @stride: bytes from one object to the next
 * @objs_per_slab: objects in a slab
 * @slab_bytes: bytes of a slab
 * @allocs: objects handed out so far
 * @frees: objects taken back so far, never more than @allocs; @allocs - @frees
 *	are live
 * @slabs: slabs in the zone, retiring ones included
 * @limit: bytes of slabs the zone may hold, KMOBJ_UNLIMITED if any
 * @allocs_depot: allocations that went past the CPU's own slabs (from
 *	interrupts, or for another node)
 * @frees_remote: frees into a slab that the CPU did not own
 * @frees_rcu: of @frees, those by kmobj_free_rcu()
 * @rcu_waiting: of those, the ones that are not back in their slabs yet
 * @slabs_made: slabs set up so far
 * @slabs_retired: slabs given back so far
 * @alloc_fails: allocations that returned NULL, @limit_hits included
 * @limit_hits: allocations that returned NULL because of the limit
 * @bad_frees: frees refused
 * @bad_copies: copies to or from user space refused
 * @corrupted: damages found in debug zones, each reported once
 * @slabs_corrupt: slabs whose header was written over, out of service
 * @order_fails: times that the page allocator had no block of a slab's size,
 *	more than a page, at the first try; another CPU's cached slab or a
 *	second try may have helped
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
};

/*
 * A zone that is NULL, or an error that nobody looked at, is used without a check:
 * the compiler warns of what it can see.
 */
#define KMOBJ_NEEDS_ZONE	__attribute__((__nonnull__(1)))

/**
 * kmobj_zone_create() - create a zone
 * @name: 1 to KMOBJ_NAME_MAX printable characters without '/', unique among
 *	the zones there are, and not beginning with "kmobj:"; copied
 * @size: bytes of an object, 1 to KMOBJ_MAX_SIZE
 * @args: see &struct kmobj_zone_args; NULL: all zero
 *
 * Context: a task that may sleep.
 * Return: the zone, or ERR_PTR: -EINVAL for a bad argument, -ENAMETOOLONG,
 * -EEXIST if a zone of that name exists (and is not dying), -ENOMEM. The log
 * says what was wrong with which zone.
 */
struct kmobj_zone *kmobj_zone_create(const char *name, size_t size,
				     const struct kmobj_zone_args *args)
	__must_check;

/**
 * kmobj_zone_create_typed() - what KMOBJ_ZONE() calls
 * @module: the name of the caller's module
 * @type: the type of the objects
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create()
 *
 * The zone's name is @module, a colon, and @type without the word struct, with '_'
 * for blanks; its first 63 characters.
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
struct kmobj_zone *kmobj_zone_create_typed(const char *module, const char *type,
					   size_t size,
					   const struct kmobj_zone_args *args)
	__must_check;

/**
 * kmobj_zone_destroy() - give a zone's memory back
 * @zone: the zone; NULL is ignored
 *
 * The caller has stopped allocating. Frees may go on: by RCU callbacks too,
 * but wait for those (rcu_barrier()) if the zone is to be gone. Objects of
 * kmobj_free_rcu() are waited for.
 *
 * With objects live, all that is free is given back, the number is reported,
 * and the zone stays: allocations are refused, frees go on, and destroy may be
 * called again. The last free frees nothing by itself. The zone's name can be
 * another's from then on; debugfs has it as kmobj:dying:NUMBER:NAME.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 * Return: 0 and no page of the zone is left in it, or -EBUSY with objects
 * live, or -EINVAL if it is not a zone, or one destroyed before: that is certain
 * for the 256 zones that were destroyed last, whose addresses no other zone has.
 */
int kmobj_zone_destroy(struct kmobj_zone *zone);

/**
 * kmobj_zone_destroy_later() - destroy a zone now, or when its objects are free
 * @zone: the zone; NULL is ignored
 *
 * As kmobj_zone_destroy(), for who cannot try again: a zone with objects live goes
 * by itself after the last of them was freed, at the next pass of the poller, or
 * when kmobj.ko is unloaded. The log says that it has objects, and later that it is
 * gone. The caller uses the zone no more, but to free its objects.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 * Return: 0 if it is gone, or -EBUSY if it will be, or -EINVAL as
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
 * Context: any that @gfp allows; may sleep if @gfp says so. In NMI only what
 * the CPU holds is handed out, and running out of that is reported; kernels
 * with KASAN or kmemleak hand out nothing there.
 * Return: an object aligned as the zone says, or NULL: no memory, or the limit
 * is reached, or @gfp was refused (reported once).
 *
 * The pair of slabs per CPU is Matthew Dillon's, from DragonFly's kmalloc_obj;
 * it descends from the pair of magazines in Bonwick and Adams, "Magazines and
 * Vmem", USENIX 2001.
 */
void *kmobj_alloc(struct kmobj_zone *zone, gfp_t gfp)
	__malloc __must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_alloc_node() - allocate one object on a NUMA node
 * @zone: the zone
 * @gfp: as for kmobj_alloc(); with __GFP_THISNODE no other node will do
 * @nid: the node, or NUMA_NO_NODE for the one that is nearest
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
 * A pointer that is not a live object of @zone is refused: reported with the
 * stack, counted in bad_frees, and nothing changes. Any value may be given;
 * also what is not mapped is recognised. A second free is caught unless the
 * object has been allocated again in between; one that races with the first
 * from another CPU is caught when the slab's owner collects.
 *
 * Context: any; never sleeps, never allocates.
 */
void kmobj_free(struct kmobj_zone *zone, void *obj) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_free_rcu() - free one object after a grace period of RCU
 * @zone: the zone it was allocated from
 * @obj: the object; NULL is ignored
 *
 * Whoever found @obj inside rcu_read_lock() may go on to look at it until
 * rcu_read_unlock(). The object needs no rcu_head, and no memory is allocated:
 * this cannot fail. The object counts as freed from now on; its memory can be
 * allocated again when a grace period that begins after this is over. Objects
 * freed within a few milliseconds share one; those of one slab alone may wait
 * rcu_ms for others before.
 *
 * Bad frees are refused as by kmobj_free(). To free by kmobj_free() what this
 * was given is found out when its grace period ends, unless it was handed out
 * anew in between; at once in debug zones and in kernels with KASAN or kmemleak.
 *
 * Context: any but NMI, and not under locks of the scheduler, of timers or of
 * workqueues; never sleeps, never allocates.
 */
void kmobj_free_rcu(struct kmobj_zone *zone, void *obj) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_rcu_barrier() - wait for objects that wait for RCU
 * @zone: the zone
 *
 * When it returns, every object given to kmobj_free_rcu() before it was called
 * can be allocated again. kmobj_zone_destroy() does this by itself.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 */
void kmobj_rcu_barrier(struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_alloc_bulk() - allocate many objects, or none
 * @zone: the zone
 * @gfp: as for kmobj_alloc()
 * @nr: how many; 0 is fine, more than INT_MAX is refused
 * @objs: where to put them, room for @nr pointers
 *
 * Context: as kmobj_alloc().
 * Return: true and @nr objects, or false and none.
 */
bool kmobj_alloc_bulk(struct kmobj_zone *zone, gfp_t gfp, size_t nr,
		      void **objs) __must_check KMOBJ_NEEDS_ZONE;

/**
 * kmobj_free_bulk() - free many objects
 * @zone: the zone they were all allocated from
 * @nr: how many; 0 is fine, more than INT_MAX is refused
 * @objs: the objects; each is treated as by kmobj_free(), NULL included
 *
 * Context: as kmobj_free().
 */
void kmobj_free_bulk(struct kmobj_zone *zone, size_t nr, void **objs)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_copy_to_user() - copy from an object to user space
 * @zone: the zone of the object
 * @obj: the object
 * @off: where in the object to begin
 * @to: the address in user space
 * @n: how many bytes
 *
 * A copy that would reach past the object, or out of what is no live object of
 * @zone, is refused: reported, counted in bad_copies, and nothing is copied.
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
 * @off: where in the object to begin
 * @from: the address in user space
 * @n: how many bytes
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
 * kmobj_zone_set_limit() - bound a zone's memory
 * @zone: the zone
 * @bytes: the most bytes of slabs it may hold, rounded down to whole slabs;
 *	KMOBJ_UNLIMITED: any
 *
 * Below what the zone holds now, nothing is lost and no slab is added until it
 * fits. Free objects that other CPUs own (in two slabs each, four where
 * interrupts allocate too, and in reserves of an eighth of the limit in all) or
 * that are on other nodes count as held: so a limit may be felt before it is
 * reached. The first failure asks those CPUs for what they own, and so does one in
 * each pass of the poller that follows.
 *
 * Context: any.
 * Return: 0, or -EINVAL if not even one slab would fit.
 */
int kmobj_zone_set_limit(struct kmobj_zone *zone, unsigned long bytes)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_shrink() - give back at once all that is free
 * @zone: the zone
 *
 * What the poller does over time, without waiting for it: CPUs give up the
 * slabs they own (isolated ones when they next leave the fast path), and every
 * free slab leaves the zone.
 *
 * Context: a task that may sleep (for a grace period of RCU); not in CPU
 * hotplug callbacks, nor in memory reclaim.
 * Return: bytes that left the zone.
 */
unsigned long kmobj_zone_shrink(struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_stats() - what a zone has done and holds
 * @zone: the zone
 * @stats: filled in
 *
 * Sums over CPUs while they run: exact when the zone is quiet.
 *
 * Context: any.
 */
void kmobj_zone_stats(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
	KMOBJ_NEEDS_ZONE;

/**
 * kmobj_zone_of() - find the zone of an object
 * @obj: any pointer
 *
 * Context: any. The answer holds as long as the caller keeps the object.
 * Return: the zone that @obj is an object of, live or free; or NULL.
 */
struct kmobj_zone *kmobj_zone_of(const void *obj) __must_check;

/**
 * kmobj_zone_name() - the name a zone was created with
 * @zone: the zone
 *
 * Context: any.
 * Return: the name; it lives as long as the zone.
 */
const char *kmobj_zone_name(const struct kmobj_zone *zone) KMOBJ_NEEDS_ZONE;

/**
 * KMOBJ_ZONE() - create a zone named after its module and a type
 * @type: the type, a struct's name with the word struct: the zone of struct foo in
 *	the module bar is named bar:foo
 * @zone_flags: or-ed &enum kmobj_flags
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
#define KMOBJ_ZONE(type, zone_flags)					\
	kmobj_zone_create_typed(KBUILD_MODNAME, #type, sizeof(type),	\
			  &(const struct kmobj_zone_args) {		\
				.align = __alignof__(type),		\
				.flags = (zone_flags),			\
			  })

/**
 * KMOBJ_DEFINE_TYPED() - define name_alloc(), name_zalloc(), name_free() and
 *	name_free_rcu()
 * @name: what the four functions' names begin with
 * @type: the type of the objects
 *
 * They do as kmobj_alloc(), kmobj_zalloc(), kmobj_free() and kmobj_free_rcu()
 * do, and let the compiler check that a pointer of another type is never given
 * to a zone.
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

#endif /* KMOBJ_H */
