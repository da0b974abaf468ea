// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a side holds: for kmobj the slabs of its zones and the free
 * slabs it caches, for kmem_cache all slab pages of the kernel. Both are to be
 * compared with what they were at the start. Task context.
 */
#include <linux/mm.h>
#include <linux/nodemask.h>

#include "bench.h"

/* As global_node_page_state(), with what each CPU has yet to add. */
static long node_pages(enum node_stat_item item)
{
	long pages = 0;
	int nid, cpu;

	for_each_online_node(nid) {
		pg_data_t *node = NODE_DATA(nid);

		pages += atomic_long_read(&node->vm_stat[item]);
		for_each_online_cpu(cpu) {
			/* another CPU may be adding */
			pages += data_race(per_cpu_ptr(node->per_cpu_nodestats,
						       cpu)->vm_node_stat_diff[item]);
		}
	}
	return pages;
}

static long kmobj_bytes(struct kmobj_zone **zones, unsigned int nr)
{
	long bytes = node_pages(NR_KERNEL_MISC_RECLAIMABLE) * (long)PAGE_SIZE;
	struct kmobj_zone_stats stats;

	while (nr--) {
		kmobj_zone_stats(zones[nr], &stats);
		bytes += stats.slabs * stats.slab_bytes;
	}
	return bytes;
}

/* What @side holds; for kmobj in these @nr zones and in its cache. */
long kept_bytes(enum side side, struct kmobj_zone **zones, unsigned int nr)
{
	if (side == SIDE_KMOBJ)
		return kmobj_bytes(zones, nr);
	return (node_pages(NR_SLAB_RECLAIMABLE_B) +
		node_pages(NR_SLAB_UNRECLAIMABLE_B)) * (long)PAGE_SIZE;
}
