// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a side holds: pages that are not free and were at the start, the
 * same for both sides, so whatever they are for: slabs, headers and sheaves,
 * what kfree_rcu() notes its objects in. Task context.
 *
 * Free slabs in kmobj's cache count as free at the start, and as held if there
 * are more of them than then: slabs that come out of it are not had for nothing.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "bench.h"

/* Pages of @zone that nobody has, with those that CPUs keep at hand. */
static long zone_free_pages(struct zone *zone)
{
	long pages = atomic_long_read(&zone->vm_stat[NR_FREE_PAGES]);
	int cpu;

	for_each_online_cpu(cpu) {
		/* another CPU may be at it */
		pages += data_race(per_cpu_ptr(zone->per_cpu_pageset, cpu)->count);
		/* here too */
		pages += data_race(bench_zone_diff(zone, cpu, NR_FREE_PAGES));
	}
	return pages;
}

static long free_pages_now(void)
{
	long pages = 0;
	int nid, i;

	for_each_online_node(nid) {
		for (i = 0; i < MAX_NR_ZONES; i++) {
			struct zone *zone = NODE_DATA(nid)->node_zones + i;

			if (zone->present_pages)
				pages += zone_free_pages(zone);
		}
	}
	return pages;
}

/* Pages of free slabs that kmobj caches. */
static long cached_pages(void)
{
	long pages = 0;
	int nid, cpu;
	s8 *diff;

	for_each_online_node(nid) {
		pg_data_t *node = NODE_DATA(nid);

		pages += atomic_long_read(&node->vm_stat[NR_KERNEL_MISC_RECLAIMABLE]);
		for_each_online_cpu(cpu) {
			diff = per_cpu_ptr(node->per_cpu_nodestats, cpu)->vm_node_stat_diff;
			/* another CPU may be adding */
			pages += data_race(diff[NR_KERNEL_MISC_RECLAIMABLE]);
		}
	}
	return pages;
}

/* Count from here. */
void kept_begin(struct kept *kept)
{
	kept->cached = cached_pages();
	kept->free = free_pages_now() + kept->cached;
}

/* Bytes that are held since then. */
long kept_bytes(const struct kept *kept)
{
	long cached = min(cached_pages(), kept->cached);

	return (kept->free - free_pages_now() - cached) * (long)PAGE_SIZE;
}
