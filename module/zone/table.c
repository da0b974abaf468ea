// SPDX-License-Identifier: GPL-2.0
/*
 * Files in debugfs that have a row for each zone.
 *
 * All rows are printed at once, under kmobj_zones_lock, into a buffer that has room
 * for them. A file that is printed a page at a time would show a zone twice, or not at
 * all, when others come and go between two reads.
 */
#include <linux/string.h>

#include "slab/zone.h"
#include "zone/registry.h"
#include "zone/table.h"

/* A header and other lines that are not of a zone. */
#define OTHER_LINES	1024

/* seq_file doubles the buffer and starts anew if it turns out to be too small. */
int table_open(struct file *file, int (*show)(struct seq_file *m, void *unused),
	       size_t row_bytes)
{
	struct kmobj_zone *zone;
	size_t rows = 0;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		rows++;
	mutex_unlock(&kmobj_zones_lock);
	return single_open_size(file, show, NULL, OTHER_LINES + rows * row_bytes);
}

/* The name without blanks, so that each row has the same number of fields. */
void table_name(const struct kmobj_zone *zone, char *name)
{
	zone_label(zone, name);
	strreplace(name, ' ', '_');
}
