// SPDX-License-Identifier: GPL-2.0
/*
 * Pages of slabs. The free-slab cache is a few free slabs for each CPU and order,
 * shared by all zones. A slab is returned to its home, the CPU that first took its
 * pages, whichever CPU releases it, as it may be warm in that CPU's caches. It is
 * taken for its node only.
 *
 * A slot holds a slab, past its grace period, or NULL. It is filled by cmpxchg and
 * emptied by cmpxchg or xchg, from any CPU in any context, without a lock. Cached pages
 * are counted as NR_KERNEL_MISC_RECLAIMABLE, which MemAvailable includes.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/memcontrol.h>
#include <linux/sched/mm.h>

#include "kernel/tunable.h"
#include "slab/layout.h"
#include "slab/pages.h"
#include "slab/profile.h"

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
static void *free_slab_cache_take(unsigned int order, int nid, int cpu)
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

/* Put @slab into an empty slot; NULL: is there one? */
static bool put_in(void **slot, void *slab)
{
	unsigned int i;

	for (i = 0; i < READ_ONCE(cache_slabs); i++) {
		if (!READ_ONCE(slot[i]) && !cmpxchg(&slot[i], NULL, slab))
			return true;
	}
	return false;
}

/*
 * Put a slab into the slots of @cpu, its home; zeroed for init_on_free, as by
 * free_pages(), so that the next zone does not see this one's data. False if there
 * is no room or the CPU is offline: the caller keeps the slab.
 */
bool free_slab_cache_put(void *slab, unsigned int order, int cpu)
{
	void **slot = per_cpu_ptr(&free_slab_cache, cpu)->slot[order];

	if (!cpu_online(cpu) || !put_in(slot, NULL))
		return false;
	if (want_init_on_free())
		memset(slab, 0, slab_bytes(order));
	account(slab, 1L << order);	/* first, as the slab may be taken at once */
	if (!put_in(slot, slab)) {
		account(slab, -(1L << order));
		return false;
	}
	/*
	 * The CPU may have gone offline since the first check. The cmpxchg orders
	 * the slot before this one, and a CPU is marked offline before the hotplug
	 * callback empties its slots: one of the two finds the slab.
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

		nr += slab && (nid == NUMA_NO_NODE || page_to_nid(virt_to_page(slab)) == nid);
	}
	return nr;
}

unsigned long free_slab_cache_count(int cpu, unsigned int order)
{
	return count_on(cpu, order, NUMA_NO_NODE);
}
EXPORT_SYMBOL_FOR_TESTS(free_slab_cache_count);

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
EXPORT_SYMBOL_FOR_TESTS(free_slab_cache_pages);

/* Free cached slabs of node @nid until @nr pages are free or none are left: how many. */
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

void free_slab_cache_empty(int cpu)
{
	struct free_slab_cache *cache = per_cpu_ptr(&free_slab_cache, cpu);
	unsigned int order, i;
	void *slab;

	for (order = 0; order < KMOBJ_NR_ORDERS; order++) {
		for (i = 0; i < SLOTS_MAX; i++) {
			slab = xchg(&cache->slot[order][i], NULL);
			if (!slab)
				continue;
			account(slab, -(1L << order));
			free_pages((unsigned long)slab, order);
		}
	}
}
EXPORT_SYMBOL_FOR_TESTS(free_slab_cache_empty);

/*
 * May the page allocator, or a kmem_cache, be called? On PREEMPT_RT their locks
 * sleep, so not with preemption or interrupts off.
 */
bool may_ask_for_pages(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/* All pages are allocated here; tests replace it. */
struct page *slab_pages_alloc(unsigned int order, gfp_t gfp, int nid)
{
	KUNIT_STATIC_STUB_REDIRECT(slab_pages_alloc, order, gfp, nid);
	return profile_alloc_pages(order, gfp, nid);
}
EXPORT_SYMBOL_FOR_TESTS(slab_pages_alloc);

/*
 * The page allocator never fails __GFP_NOFAIL, but may warn above order 1: there the
 * retries are done here.
 */
static struct page *pages_alloc_nofail(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page;

	if (order <= 1)
		return slab_pages_alloc(order, gfp, nid);
	gfp &= ~__GFP_NOFAIL;
	while (!(page = slab_pages_alloc(order, gfp | __GFP_NOWARN, nid)))
		memalloc_retry_wait(gfp);
	return page;
}

/* Slabs above order 0 are an optimization: the first try makes little effort. */
static struct page *pages_try(unsigned int order, gfp_t gfp, int nid)
{
	if (order)
		gfp |= __GFP_NORETRY | __GFP_NOWARN;
	return slab_pages_alloc(order, gfp & ~__GFP_NOFAIL, nid);
}

/*
 * The last try, if the caller may sleep. __GFP_RETRY_MAYFAIL, so that no process is
 * killed because memory is fragmented.
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
 * Pages cached for @cpu, or NULL. They are charged to no cgroup, so none if they must
 * be; and they were any zone's, so none for a private one. With init_on_alloc the page
 * allocator zeroes its pages: zero these too, unless each object is zeroed when it is
 * allocated.
 */
static void *pages_cached(const struct kmobj_zone *zone, unsigned int order, gfp_t gfp,
			  int nid, int cpu)
{
	void *pages = gfp & __GFP_ACCOUNT || zone_is_private(zone) ? NULL :
		      free_slab_cache_take(order, nid, cpu);

	if (pages && want_init_on_alloc(0) && !want_init_on_free() && !zone_may_wipe(zone))
		memset(pages, 0, slab_bytes(order));
	return pages;
}

/* Pages cached for any CPU, then in *@home; or NULL. */
static void *pages_steal(const struct kmobj_zone *zone, unsigned int order, gfp_t gfp,
			 int nid, int *home)
{
	void *pages;
	int cpu;

	for_each_possible_cpu(cpu) {
		pages = pages_cached(zone, order, gfp, nid, cpu);
		if (pages) {
			*home = cpu;
			return pages;
		}
	}
	return NULL;
}

static void *page_to_slab(struct page *page)
{
	return page ? kasan_reset_tag(page_address(page)) : NULL;
}

/*
 * Pages for a slab, and their home; or NULL. If a small slab may be made instead, no
 * second try is made.
 */
void *slab_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home)
{
	unsigned int order = zone->order;
	struct page *page = NULL;
	void *pages;

	gfp |= __GFP_COMP;
	*home = raw_smp_processor_id();
	pages = pages_cached(zone, order, gfp, nid, *home);
	if (pages)
		return pages;
	if (may_ask_for_pages())
		page = pages_try(order, gfp, nid);
	if (!page) {
		if (order)
			atomic_long_inc(&zone->order_fails);
		pages = pages_steal(zone, order, gfp, nid, home);
		if (pages)
			return pages;
		if (may_ask_for_pages() && !zone->small_objs)
			page = pages_press(order, gfp, nid);
	}
	return page_to_slab(page);
}

/* The same for a small slab: as hard as the caller may try. */
void *small_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home)
{
	unsigned int order = zone->small_order;
	struct page *page = NULL;

	gfp |= __GFP_COMP;
	*home = raw_smp_processor_id();
	if (may_ask_for_pages()) {
		if (gfp & __GFP_NOFAIL)
			page = pages_alloc_nofail(order, gfp, nid);
		else if (order)
			page = pages_try(order, gfp, nid) ?: pages_press(order, gfp, nid);
		else
			page = slab_pages_alloc(order, gfp, nid);
	}
	return page_to_slab(page) ?: pages_steal(zone, order, gfp, nid, home);
}

/*
 * The reference count of a slab's pages, far below zero. So sendpage_ok() finds that no
 * reference may be kept to the page of an object, as it wants 1 or more; and no drop of
 * a reference is the last: not after a get_page(), and not by kfree() of an older kernel
 * (6.1), which takes an object for pages of its own. With a count of 0, that kfree()
 * would free the pages under their objects, and a search for unmovable pages would
 * take the page for one about to be freed. module/include/README.md lists the callers.
 */
#define SLAB_REFS	(INT_MIN / 2)

/* Objects of @slab that were passed to the kernel's kfree(), which did not free them. */
unsigned int slab_given_away(const struct kmobj_slab *slab)
{
	return max(SLAB_REFS - page_ref_count(slab_head(slab)), 0);
}
EXPORT_SYMBOL_FOR_TESTS(slab_given_away);

/* Slab memory in /proc/meminfo and, if charged, in memory.stat of the cgroup. */
static void slab_count_bytes(const struct kmobj_slab *slab, bool reclaimable, int bytes)
{
	mod_lruvec_page_state(slab_head(slab), reclaimable ? NR_SLAB_RECLAIMABLE_B :
			      NR_SLAB_UNRECLAIMABLE_B, bytes);
}

/* A slab joins the zone. */
void slab_pages_join(const struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	page_ref_add(slab_head(slab), SLAB_REFS - 1);
	slab_count_bytes(slab, zone->flags & KMOBJ_RECLAIMABLE, slab_bytes(slab_order(zone, slab)));
}

/*
 * A slab leaves the zone. kfree() of an older kernel has subtracted the objects passed
 * to it. Others keep their references to the pages, which are freed with the last.
 */
void slab_pages_leave(const struct kmobj_zone *zone, const struct kmobj_slab *slab)
{
	unsigned int given_away = slab_given_away(slab), i;
	int bytes = slab_bytes(slab_order(zone, slab));

	slab_count_bytes(slab, zone->flags & KMOBJ_RECLAIMABLE, -bytes);
	for (i = 0; KMOBJ_KFREE_UNCOUNTS && i < given_away; i++)
		slab_count_bytes(slab, false, bytes);
	page_ref_add(slab_head(slab), 1 - SLAB_REFS + given_away);
}
