// SPDX-License-Identifier: GPL-2.0
/*
 * What kmobj_zone_stats() counts, as text.
 *
 *	stats			a header line, then a record for each zone
 *	zones/NAME/stats	the same fields of one zone, each on a line
 *
 * For scripts: numbers are bytes or counts, without units. Names of fields are an
 * interface: none is renamed or removed, and new ones are added at the end.
 */
#include <linux/module.h>
#include <linux/stddef.h>

#include "slab/zone.h"
#include "zone/registry.h"
#include "zone/stats_file.h"
#include "zone/table.h"

/* All that is printed is an unsigned long. */
struct record {
	struct kmobj_zone_stats stats;
	unsigned long size, stride, objs_per_slab, slab_bytes;
	unsigned long live, dying, mem_use, slab_use;
};

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
#define FIELD(name, member)	{ name, offsetof(struct record, member) }
	FIELD("size", size),
	FIELD("stride", stride),
	FIELD("objs_per_slab", objs_per_slab),
	FIELD("slab_bytes", slab_bytes),
	FIELD("live", live),
	FIELD("allocs", stats.allocs),
	FIELD("frees", stats.frees),
	FIELD("allocs_depot", stats.allocs_depot),
	FIELD("frees_remote", stats.frees_remote),
	FIELD("frees_rcu", stats.frees_rcu),
	FIELD("rcu_waiting", stats.rcu_waiting),
	FIELD("slabs", stats.slabs),
	FIELD("slabs_made", stats.slabs_made),
	FIELD("slabs_retired", stats.slabs_retired),
	FIELD("limit", stats.limit),
	FIELD("limit_hits", stats.limit_hits),
	FIELD("alloc_fails", stats.alloc_fails),
	FIELD("bad_frees", stats.bad_frees),
	FIELD("bad_copies", stats.bad_copies),
	FIELD("corrupted", stats.corrupted),
	FIELD("slabs_corrupt", stats.slabs_corrupt),
	FIELD("order_fails", stats.order_fails),
	FIELD("dying", dying),
	FIELD("mem_use", mem_use),
	FIELD("slab_use", slab_use),
	FIELD("moved", stats.moved),
	FIELD("move_busy", stats.move_busy),
	FIELD("move_pinned", stats.move_pinned),
	FIELD("order_fallbacks", stats.order_fallbacks),
	FIELD("pages_left", stats.pages_left),
	FIELD("slabs_watched", stats.slabs_watched),
#undef FIELD
};

static void record_read(struct kmobj_zone *zone, struct record *r)
{
	const struct kmobj_zone_stats *s = &r->stats;

	kmobj_zone_stats(zone, &r->stats);
	r->size = s->size;
	r->stride = s->stride;
	r->objs_per_slab = s->objs_per_slab;
	r->slab_bytes = s->slab_bytes;
	r->live = s->allocs - s->frees;
	r->dying = READ_ONCE(zone->dying);
	r->mem_use = r->live * r->size;
	r->slab_use = s->slabs * r->slab_bytes;
}

static unsigned long field_value(const struct record *r, const struct field *field)
{
	return *(const unsigned long *)((const char *)r + field->offset);
}

static int zone_stats_show(struct seq_file *m, void *unused)
{
	struct record r;
	unsigned int i;

	record_read(m->private, &r);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		seq_printf(m, "%s %lu\n", fields[i].name, field_value(&r, &fields[i]));
	return 0;
}

static int zone_stats_open(struct inode *inode, struct file *file)
{
	return single_open(file, zone_stats_show, inode->i_private);
}

const struct file_operations zone_stats_fops = {
	.owner		= THIS_MODULE,
	.open		= zone_stats_open,
	.read		= seq_read,
	.llseek		= seq_lseek,
	.release	= single_release,
};

static void stats_row(struct seq_file *m, struct kmobj_zone *zone)
{
	char name[KMOBJ_LABEL_MAX];
	struct record r;
	unsigned int i;

	table_name(zone, name);
	seq_puts(m, name);
	record_read(zone, &r);
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		seq_put_decimal_ull(m, " ", field_value(&r, &fields[i]));
	seq_putc(m, '\n');
}

static int stats_show(struct seq_file *m, void *unused)
{
	struct kmobj_zone *zone;
	unsigned int i;

	seq_puts(m, "name");
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		seq_printf(m, " %s", fields[i].name);
	seq_putc(m, '\n');
	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		stats_row(m, zone);
	mutex_unlock(&kmobj_zones_lock);
	return 0;
}

DEFINE_TABLE(stats, 256);
