// SPDX-License-Identifier: GPL-2.0
/*
 * All zones, in the format of BSD's vmstat -m; and what the free-slab caches hold.
 */
#include <linux/cpumask.h>

#include "slab/pages.h"
#include "slab/slab.h"
#include "zone/registry.h"
#include "zone/table.h"
#include "zone/vmstat.h"

/* Up to four digits and a unit. */
struct format_bytes {
	char text[8];
};

static struct format_bytes format_bytes(u64 value)
{
	static const char units[] = "BKMGTPE";
	const char *unit = units;
	struct format_bytes h;

	for (; value >= 10000; unit++)
		value = (value + 512) >> 10;
	snprintf(h.text, sizeof(h.text), "%u%c", (u32)value, *unit);
	return h;
}

static void vmstat_row(struct seq_file *m, int width, const char *name,
		       const struct kmobj_zone_stats *stats, u64 mem_use,
		       u64 slab_use, u64 limit)
{
	seq_printf(m, "%-*s %10lu %8s %8s %8s %12lu\n", width, name,
		   stats->allocs - stats->frees, format_bytes(mem_use).text,
		   format_bytes(slab_use).text,
		   limit == KMOBJ_UNLIMITED ? "-" : format_bytes(limit).text,
		   stats->allocs);
}

static int name_width(void)
{
	struct kmobj_zone *zone;
	size_t width = strlen("Totals");
	char name[KMOBJ_LABEL_MAX];

	list_for_each_entry(zone, &kmobj_zones, link) {
		table_name(zone, name);
		width = max(width, strlen(name));
	}
	return width;
}

/* The row of the free-slab cache, which belongs to no zone. */
static u64 vmstat_cache(void)
{
	unsigned int order;
	u64 bytes = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (order = 0; order < KMOBJ_NR_ORDERS; order++)
			bytes += (u64)free_slab_cache_count(cpu, order) * slab_bytes(order);
	}
	return bytes;
}

static int vmstat_show(struct seq_file *m, void *unused)
{
	struct kmobj_zone_stats stats, total = {};
	u64 mem_use, slab_use, all_mem = 0, all_slab = 0;
	char name[KMOBJ_LABEL_MAX];
	struct kmobj_zone *zone;
	int width;

	mutex_lock(&kmobj_zones_lock);
	width = name_width();
	seq_printf(m, "%-*s %10s %8s %8s %8s %12s\n", width, "Type", "InUse",
		   "MemUse", "SlabUse", "Limit", "Requests");
	list_for_each_entry(zone, &kmobj_zones, link) {
		kmobj_zone_stats(zone, &stats);
		mem_use = (u64)(stats.allocs - stats.frees) * stats.size;
		slab_use = (u64)stats.slabs * stats.slab_bytes;
		table_name(zone, name);
		vmstat_row(m, width, name, &stats, mem_use, slab_use, stats.limit);
		total.allocs += stats.allocs;
		total.frees += stats.frees;
		all_mem += mem_use;
		all_slab += slab_use;
	}
	mutex_unlock(&kmobj_zones_lock);
	vmstat_row(m, width, "Totals", &total, all_mem, all_slab, KMOBJ_UNLIMITED);
	seq_printf(m, "\nFree slabs cached: %s\n", format_bytes(vmstat_cache()).text);
	return 0;
}

DEFINE_TABLE(vmstat, 128);
