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
#include <linux/cpumask.h>

#include "internal.h"
#include "tunable.h"

#define SLOTS_MAX	16

static unsigned int cache_slabs = 8;
KMOBJ_TUNABLE(cache_slabs, 0, SLOTS_MAX, NULL,
	      "free slabs cached for each CPU and order, 0 to 16 (default 8)");

struct slabcache {
	void *slot[KMOBJ_NR_ORDERS][SLOTS_MAX];
};

static DEFINE_PER_CPU(struct slabcache, slabcache);

static void account(void *slab, long pages)
{
	mod_node_page_state(page_pgdat(virt_to_page(slab)),
			    NR_KERNEL_MISC_RECLAIMABLE, pages);
}

/* A free slab on node @nid from @cpu's slots, or NULL. */
void *slabcache_take(unsigned int order, int nid, int cpu)
{
	void **slot = per_cpu_ptr(&slabcache, cpu)->slot[order];
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
void *slabcache_steal(unsigned int order, int nid, int *home)
{
	void *slab;
	int cpu;

	for_each_possible_cpu(cpu) {
		slab = slabcache_take(order, nid, cpu);
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
bool slabcache_put(void *slab, unsigned int order, int cpu)
{
	void **slot = per_cpu_ptr(&slabcache, cpu)->slot[order];

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
		slabcache_empty(cpu);
	return true;
}

static unsigned long count_on(int cpu, unsigned int order, int nid)
{
	void **slot = per_cpu_ptr(&slabcache, cpu)->slot[order];
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < SLOTS_MAX; i++) {
		void *slab = READ_ONCE(slot[i]);

		nr += slab && page_to_nid(virt_to_page(slab)) == nid;
	}
	return nr;
}

/* Pages cached on node @nid, whoever they are cached for, at this moment. */
unsigned long slabcache_pages(int nid)
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

KMOBJ_EXPORT_FOR_TESTS(slabcache_pages);

/*
 * Give cached slabs of node @nid back to the page allocator until that is @nr
 * pages or there are no more; how many pages it was.
 */
unsigned long slabcache_shrink(int nid, unsigned long nr)
{
	unsigned long freed = 0;
	unsigned int order;
	void *slab;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (order = 0; order < KMOBJ_NR_ORDERS; order++) {
			while (freed < nr &&
			       (slab = slabcache_take(order, nid, cpu))) {
				free_pages((unsigned long)slab, order);
				freed += 1UL << order;
			}
		}
	}
	return freed;
}

/* Everything that is cached for @cpu, back to the page allocator. */
void slabcache_empty(int cpu)
{
	unsigned int order, i;
	void *slab;

	for (order = 0; order < KMOBJ_NR_ORDERS; order++) {
		for (i = 0; i < SLOTS_MAX; i++) {
			slab = xchg(&per_cpu_ptr(&slabcache,
						 cpu)->slot[order][i], NULL);
			if (!slab)
				continue;
			account(slab, -(1L << order));
			free_pages((unsigned long)slab, order);
		}
	}
}

KMOBJ_EXPORT_FOR_TESTS(slabcache_empty);

/* Slabs of an order cached for a CPU, at this moment. */
unsigned long slabcache_count(int cpu, unsigned int order)
{
	void **slot = per_cpu_ptr(&slabcache, cpu)->slot[order];
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < SLOTS_MAX; i++)
		nr += !!READ_ONCE(slot[i]);
	return nr;
}

KMOBJ_EXPORT_FOR_TESTS(slabcache_count);
