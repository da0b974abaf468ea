// SPDX-License-Identifier: GPL-2.0
/*
 * All zones, in the format of /proc/slabinfo, version 2.1, so that slabtop and other
 * programs that read that file can read this one. The columns that a zone has nothing
 * for are as those of SLUB: no tunables, all slabs are active.
 *
 * An object takes its stride, as that of a cache takes its size with metadata; objects
 * that wait for RCU are not active. Some readers take colons and commas for blanks, so
 * there is neither in a name.
 */
#include <linux/string.h>

#include "slab/zone.h"
#include "zone/registry.h"
#include "zone/slabinfo.h"
#include "zone/table.h"

static void slabinfo_row(struct seq_file *m, struct kmobj_zone *zone)
{
	struct kmobj_zone_stats s;
	char name[KMOBJ_LABEL_MAX];

	kmobj_zone_stats(zone, &s);
	table_name(zone, name);
	strreplace(name, ':', '_');
	strreplace(name, ',', '_');
	seq_printf(m, "%-17s %6lu %6lu %6u %4u %4u", name, s.allocs - s.frees,
		   max(s.slabs * s.objs_per_slab, s.allocs - s.frees), s.stride, s.objs_per_slab,
		   s.slab_bytes >> PAGE_SHIFT);
	seq_printf(m, " : tunables %4u %4u %4u : slabdata %6lu %6lu %6u\n",
		   0, 0, 0, s.slabs, s.slabs, 0);
}

static int slabinfo_show(struct seq_file *m, void *unused)
{
	struct kmobj_zone *zone;

	seq_puts(m, "slabinfo - version: 2.1\n");
	seq_puts(m, "# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>");
	seq_puts(m, " : tunables <limit> <batchcount> <sharedfactor>");
	seq_puts(m, " : slabdata <active_slabs> <num_slabs> <sharedavail>\n");
	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		slabinfo_row(m, zone);
	mutex_unlock(&kmobj_zones_lock);
	return 0;
}

DEFINE_TABLE(slabinfo, 192);
