// SPDX-License-Identifier: GPL-2.0
/*
 * The free-slab cache: a few free slabs for each CPU and order, shared by all
 * zones. A slab goes back to its home, the CPU that first took its pages, so
 * that a CPU is served memory of its own node that may be warm in its caches,
 * whoever freed it.
 *
 * A slot holds a slab or NULL. It is filled by cmpxchg and emptied by cmpxchg
 * or xchg, from any CPU in any context: there is no lock and no other state.
 * What is in it is past its grace period and belongs to nobody.
 *
 * Cached pages are counted as NR_KERNEL_MISC_RECLAIMABLE, which MemAvailable
 * includes.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>

#include "include/kmobj.h"
#include "kernel/compat.h"
#include "kernel/kasan.h"
#include "kernel/tunable.h"
#include "slab/layout.h"
#include "slab/pages.h"
#include "slab/slab.h"
#include "slab/zone.h"

#define SLOTS_MAX	16

static unsigned int cache_slabs = 8;
KMOBJ_TUNABLE(cache_slabs, 0, SLOTS_MAX, NULL,
	      "free slabs cached for each CPU and order, 0 to 16 (default 8)");

struct free_slab_cache {
	void *slot[KMOBJ_NR_ORDERS][SLOTS_MAX];
};

static DEFINE_PER_CPU(struct free_slab_cache, free_slab_cache);

static void account(void *slab, long pages)
{
	mod_node_page_state(page_pgdat(virt_to_page(slab)),
			    NR_KERNEL_MISC_RECLAIMABLE, pages);
}

/* A free slab on node @nid from @cpu's slots, or NULL. */
void *free_slab_cache_take(unsigned int order, int nid, int cpu)
{
	void **slot = per_cpu_ptr(&free_slab_cache, cpu)->slot[order];
	unsigned int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		void *slab = READ_ONCE(slot[i]);

		if (!slab || page_to_nid(virt_to_page(slab)) != nid)
			continue;
		if (cmpxchg(&slot[i], slab, NULL) != slab)
			continue;
		account(slab, -(1L << order));
		return slab;
	}
	return NULL;
}

/*
 * A free slab on node @nid from anybody's slots, and its home: better than none
 * at all.
 */
void *free_slab_cache_steal(unsigned int order, int nid, int *home)
{
	void *slab;
	int cpu;

	for_each_possible_cpu(cpu) {
		slab = free_slab_cache_take(order, nid, cpu);
		if (slab) {
			*home = cpu;
			return slab;
		}
	}
	return NULL;
}

static unsigned int slots(void)
{
	return READ_ONCE(cache_slabs);
}

static bool has_room(void **slot)
{
	unsigned int i;

	for (i = 0; i < slots(); i++) {
		if (!READ_ONCE(slot[i]))
			return true;
	}
	return false;
}

static bool put_in(void **slot, void *slab)
{
	unsigned int i;

	for (i = 0; i < slots(); i++) {
		if (!READ_ONCE(slot[i]) && !cmpxchg(&slot[i], NULL, slab))
			return true;
	}
	return false;
}

/*
 * Give a slab to its home's slots, wiped if the kernel wants init_on_free, as
 * free_pages() would: the next zone is not to see what this one left. False if
 * there is no room or the CPU is offline: the slab stays the caller's.
 */
bool free_slab_cache_put(void *slab, unsigned int order, int cpu)
{
	void **slot = per_cpu_ptr(&free_slab_cache, cpu)->slot[order];

	if (!cpu_online(cpu) || !has_room(slot))
		return false;
	if (want_init_on_free())
		memset(slab, 0, PAGE_SIZE << order);
	account(slab, 1L << order);	/* first, as it may be taken at once */
	if (!put_in(slot, slab)) {
		account(slab, -(1L << order));
		return false;
	}
	/*
	 * The CPU may have gone, and been emptied, since the first look. The
	 * cmpxchg orders the slot before this look; going offline comes before
	 * the hotplug callback that empties. One of the two finds the slab.
	 */
	if (unlikely(!cpu_online(cpu)))
		free_slab_cache_empty(cpu);
	return true;
}

static unsigned long count_on(int cpu, unsigned int order, int nid)
{
	void **slot = per_cpu_ptr(&free_slab_cache, cpu)->slot[order];
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		void *slab = READ_ONCE(slot[i]);

		nr += slab && page_to_nid(virt_to_page(slab)) == nid;
	}
	return nr;
}

/* Pages cached on node @nid, whoever they are cached for, at this moment. */
unsigned long free_slab_cache_pages(int nid)
{
	unsigned long nr = 0;
	unsigned int order;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (order = 0; order < KMOBJ_NR_ORDERS; order++)
			nr += count_on(cpu, order, nid) << order;
	}
	return nr;
}

KMOBJ_EXPORT_FOR_TESTS(free_slab_cache_pages);

/*
 * Give cached slabs of node @nid back to the page allocator until that is @nr
 * pages or there are no more; how many pages it was.
 */
unsigned long free_slab_cache_shrink(int nid, unsigned long nr)
{
	unsigned long freed = 0;
	unsigned int order;
	void *slab;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (order = 0; order < KMOBJ_NR_ORDERS; order++) {
			while (freed < nr &&
			       (slab = free_slab_cache_take(order, nid, cpu))) {
				free_pages((unsigned long)slab, order);
				freed += 1UL << order;
			}
		}
	}
	return freed;
}

/* Everything that is cached for @cpu, back to the page allocator. */
void free_slab_cache_empty(int cpu)
{
	unsigned int order, i;
	void *slab;

	for (order = 0; order < KMOBJ_NR_ORDERS; order++) {
		for (i = 0; i < SLOTS_MAX; i++) {
			slab = xchg(&per_cpu_ptr(&free_slab_cache,
						 cpu)->slot[order][i], NULL);
			if (!slab)
				continue;
			account(slab, -(1L << order));
			free_pages((unsigned long)slab, order);
		}
	}
}

KMOBJ_EXPORT_FOR_TESTS(free_slab_cache_empty);

/* Slabs of an order cached for a CPU, at this moment. */
unsigned long free_slab_cache_count(int cpu, unsigned int order)
{
	void **slot = per_cpu_ptr(&free_slab_cache, cpu)->slot[order];
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < SLOTS_MAX; i++)
		nr += !!READ_ONCE(slot[i]);
	return nr;
}

KMOBJ_EXPORT_FOR_TESTS(free_slab_cache_count);

/*
 * Whether the page allocator, or the kernel's caches, may be entered: on PREEMPT_RT
 * their locks sleep, so not with preemption or interrupts off.
 */
bool may_ask_for_pages(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/* The one call of the page allocator; tests put themselves in its place. */
struct page *slab_pages_alloc(unsigned int order, gfp_t gfp, int nid)
{
	KUNIT_STATIC_STUB_REDIRECT(slab_pages_alloc, order, gfp, nid);
	return alloc_pages_node(nid, gfp, order);
}

KMOBJ_EXPORT_FOR_TESTS(slab_pages_alloc);

/*
 * The page allocator never fails __GFP_NOFAIL, but may warn above order 1:
 * there the patience is ours.
 */
static struct page *pages_alloc_nofail(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page;

	if (order <= KMOBJ_NOFAIL_ORDER)
		return slab_pages_alloc(order, gfp, nid);
	gfp &= ~__GFP_NOFAIL;
	while (!(page = slab_pages_alloc(order, gfp | __GFP_NOWARN, nid)))
		memalloc_retry_wait(gfp);
	return page;
}

/*
 * The pages of a slab above order 0 are a convenience: the first try does not
 * press for them.
 */
static struct page *pages_try(unsigned int order, gfp_t gfp, int nid)
{
	if (order)
		gfp |= __GFP_NORETRY | __GFP_NOWARN;
	return slab_pages_alloc(order, gfp & ~__GFP_NOFAIL, nid);
}

/*
 * The last try, after everything else; only who may wait has one. No process
 * is to be killed because memory is in pieces.
 */
static struct page *pages_press(unsigned int order, gfp_t gfp, int nid)
{
	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	if (gfp & __GFP_NOFAIL)
		return pages_alloc_nofail(order, gfp, nid);
	if (!order)
		return NULL;
	return slab_pages_alloc(order, gfp | __GFP_RETRY_MAYFAIL, nid);
}

/*
 * With init_on_alloc the page allocator's pages are zeroes. So are cached ones,
 * unless each object will be when it is handed out.
 */
static void *as_from_page_allocator(const struct kmobj_zone *zone, void *pages)
{
	if (pages && want_init_on_alloc(0) && !want_init_on_free() &&
	    !zone_may_wipe(zone))
		memset(pages, 0, slab_bytes(zone->order));
	return pages;
}

/* Free slabs are charged to nobody: they are not for a slab that is to be. */
static void *cached_of(struct kmobj_zone *zone, gfp_t gfp, int nid, int cpu)
{
	if (gfp & __GFP_ACCOUNT)
		return NULL;
	return as_from_page_allocator(zone, free_slab_cache_take(zone->order, nid, cpu));
}

static void *cached_anywhere(struct kmobj_zone *zone, gfp_t gfp, int nid,
			     int *home)
{
	if (gfp & __GFP_ACCOUNT)
		return NULL;
	return as_from_page_allocator(zone, free_slab_cache_steal(zone->order, nid, home));
}

/* The pages of a new slab, and their home. */
void *slab_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home)
{
	unsigned int order = zone->order;
	struct page *page = NULL;
	void *pages;

	gfp |= __GFP_COMP;
	*home = raw_smp_processor_id();
	pages = cached_of(zone, gfp, nid, *home);
	if (pages)
		return pages;
	if (may_ask_for_pages())
		page = pages_try(order, gfp, nid);
	if (!page) {
		if (order)
			atomic_long_inc(&zone->order_fails);
		pages = cached_anywhere(zone, gfp, nid, home);
		if (pages)
			return pages;
		if (may_ask_for_pages())
			page = pages_press(order, gfp, nid);
	}
	return page ? kasan_reset_tag(page_address(page)) : NULL;
}

/*
 * The reference count of a slab's pages while they are one: far below zero. So
 * nobody is told that the page of an object can be kept (sendpage_ok(), asked by
 * nvme-tcp, drbd and libceph, wants 1), and no drop of a reference is the last:
 * not that of a get_page() (iov_iter_get_pages() of a bvec), and not that of
 * kfree() by an older kernel (6.1), which takes an object for pages of its own. Of
 * a count of 0 the second would free the pages under their objects, and who looks
 * for unmovable pages takes it for a page that is about to be free.
 * module/include/README.md lists who asks.
 */
#define SLAB_REFS	(INT_MIN / 2)

void slab_hold(struct kmobj_slab *slab)
{
	page_ref_add(slab_head(slab), SLAB_REFS - 1);
}

/* How many objects of @slab the kernel itself was to free; it did not. */
unsigned int slab_given_away(const struct kmobj_slab *slab)
{
	return max(SLAB_REFS - page_ref_count(slab_head(slab)), 0);
}

KMOBJ_EXPORT_FOR_TESTS(slab_given_away);

/* Who still has a reference keeps it: then the pages are free with the last. */
void slab_unhold(struct kmobj_slab *slab)
{
	page_ref_add(slab_head(slab), 1 - SLAB_REFS + slab_given_away(slab));
}

/*
 * The bytes of a slab that joins the zone, or leaves it, in Slab: of /proc/meminfo
 * and, if they are charged, in the cgroup's memory.stat.
 */
void slab_count_bytes(const struct kmobj_zone *zone,
		      const struct kmobj_slab *slab, int bytes)
{
	mod_lruvec_page_state(slab_head(slab),
			      zone->flags & KMOBJ_RECLAIMABLE ?
			      NR_SLAB_RECLAIMABLE_B : NR_SLAB_UNRECLAIMABLE_B,
			      bytes);
}

/* An older kernel that was to kfree() an object has taken that much off. */
void slab_recount_given_away(const struct kmobj_slab *slab, int bytes)
{
	unsigned int nr = KMOBJ_KFREE_UNCOUNTS ? slab_given_away(slab) : 0;

	while (nr--)
		mod_lruvec_page_state(slab_head(slab), NR_SLAB_UNRECLAIMABLE_B,
				      bytes);
}
