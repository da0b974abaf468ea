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

/* Bytes that are not told by zone. */
static long side_bytes(enum side side)
{
	long pages;

	if (side == SIDE_KMOBJ)
		pages = node_pages(NR_KERNEL_MISC_RECLAIMABLE);
	else
		pages = node_pages(NR_SLAB_RECLAIMABLE_B) +
			node_pages(NR_SLAB_UNRECLAIMABLE_B);
	return pages * (long)PAGE_SIZE;
}

/* Count from here. */
void kept_begin(struct kept *kept, enum side side)
{
	kept->side = side;
	kept->start = side_bytes(side);
}

/*
 * What the side holds since then; kmobj in these @nr zones and, if that has
 * grown, in its cache: slabs that came out of it are not had for nothing.
 */
long kept_bytes(const struct kept *kept, struct kmobj_zone **zones,
		unsigned int nr)
{
	long bytes = side_bytes(kept->side) - kept->start;
	struct kmobj_zone_stats stats;

	if (kept->side != SIDE_KMOBJ)
		return bytes;
	bytes = max(bytes, 0L);
	while (nr--) {
		kmobj_zone_stats(zones[nr], &stats);
		bytes += stats.slabs * stats.slab_bytes;
	}
	return bytes;
}
