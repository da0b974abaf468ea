// SPDX-License-Identifier: GPL-2.0
/*
 * The files in /sys/kernel/debug/kmobj.
 *
 *	vmstat			all zones, in the format of BSD's vmstat -m: vmstat.c
 *	stats			all zones, bytes and counts, for scripts: stats_file.c
 *	slabinfo		all zones, in the format of /proc/slabinfo: slabinfo.c
 *	zones/NAME/stats	"name value" lines: stats_file.c
 *	zones/NAME/limit	bytes, 0 for none; writable
 *	zones/NAME/shrink	any write calls kmobj_zone_shrink()
 *	zones/NAME/slabs	slabs by node and state, and how full they are
 *	zones/NAME/cpus		counters and slabs of each CPU; lines with + are for
 *				interrupts that hit an open section
 *	zones/NAME/verify	"ok" if slabs, objects and counters agree, else the
 *				broken rule of verify.c; then the counts
 *	zones/NAME/alloc_traces	who allocated the live objects (KMOBJ_TRACK_USER)
 *	fail_alloc/		how often allocations of KMOBJ_FAIL_ALLOC zones fail
 *
 * What is only read has mode 0444 or 0400 and no more, and no ioctl: such files can be
 * read under lockdown, too. It refuses the others.
 *
 * A zone stays while one of its files is in use: destroy removes the files
 * first, without any lock that they take.
 */
#include <linux/cred.h>
#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/seq_file.h>
#include <linux/uidgid.h>

#include "kernel/tunable.h"
#include "slab/depot.h"
#include "slab/pages.h"
#include "debug/debug.h"
#include "debug/track.h"
#include "core/drain.h"
#include "core/section.h"
#include "zone/debugfs.h"
#include "zone/registry.h"
#include "zone/slabinfo.h"
#include "zone/stats_file.h"
#include "zone/verify.h"
#include "zone/vmstat.h"

static unsigned int debugfs_gid;
KMOBJ_NUMBER_AT_LOAD(debugfs_gid, 0, UINT_MAX - 1,
		     "only root and this group may enter debugfs kmobj/; 0: whoever may enter debugfs (0)");

static struct dentry *root, *zones_dir;

static int limit_get(void *data, u64 *bytes)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(data, &stats);
	*bytes = stats.limit;
	return 0;
}

static int limit_set(void *data, u64 bytes)
{
	return kmobj_zone_set_limit(data, min_t(u64, bytes, ULONG_MAX));
}
DEFINE_DEBUGFS_ATTRIBUTE(limit_fops, limit_get, limit_set, "%llu\n");

static int shrink_set(void *data, u64 unused)
{
	kmobj_zone_shrink(data);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(shrink_fops, NULL, shrink_set, "%llu\n");

/* Slabs of a node by state, and by tenths of live objects. */
struct census {
	unsigned long owned, partial, full, free, retiring;
	unsigned long tenth[11];
};

static void census_add(struct kmobj_zone *zone, struct kmobj_slab *slab, struct census *c)
{
	unsigned int nr_objs = slab_nr_objs(zone, slab);
	unsigned int live = nr_objs - slab_count_all_free(zone, slab);
	int owner = READ_ONCE(slab->owner);

	if (!nr_objs || live > nr_objs)
		return;		/* its header was written over, which is still to be found */
	c->tenth[DIV_ROUND_UP(live * 10, nr_objs)]++;
	if (owner == KMOBJ_OWNER_RETIRING)
		c->retiring++;
	else if (owner != KMOBJ_OWNER_DEPOT && !(owner >= 0 && (owner & KMOBJ_FULL_OWNED)))
		c->owned++;
	else if (!live)
		c->free++;
	else if (live == nr_objs)
		c->full++;
	else
		c->partial++;
}

static void census_show(struct seq_file *m, int nid, const struct census *c)
{
	unsigned int i;

	seq_printf(m, "node %d: owned %lu partial %lu full %lu free %lu retiring %lu\n",
		   nid, c->owned, c->partial, c->full, c->free, c->retiring);
	seq_puts(m, "  live  0%");
	for (i = 1; i <= 10; i++)
		seq_printf(m, " %4u%%", i * 10);
	seq_puts(m, "\n  slabs");
	for (i = 0; i <= 10; i++)
		seq_printf(m, i ? " %5lu" : " %2lu", c->tenth[i]);
	seq_putc(m, '\n');
}

static int slabs_show(struct seq_file *m, void *unused)
{
	struct kmobj_zone *zone = m->private;
	struct kmobj_slab *slab;
	int nid;

	mutex_lock(&zone->maintenance);
	for_each_node(nid) {
		struct census c = {};

		for_each_slab(slab, nid, zone) {
			census_add(zone, slab, &c);
			cond_resched();
		}
		census_show(m, nid, &c);
	}
	mutex_unlock(&zone->maintenance);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(slabs);

static void show_owned(struct seq_file *m, struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	if (slab == &kmobj_no_slab)
		seq_printf(m, " %10s", "-");
	else
		seq_printf(m, " %10u", zone->nr_objs - slab_count_all_free(zone, slab));
}

static void cpu_show(struct seq_file *m, struct kmobj_zone *zone, int cpu,
		     struct kmobj_cpu *c)
{
	bool second = c->owner & KMOBJ_SECOND;

	seq_printf(m, "%4d%c %12lu %12lu %12lu %13lu %12lu", cpu,
		   second ? '+' : ' ', READ_ONCE(c->allocs),
		   READ_ONCE(c->frees), READ_ONCE(c->frees_remote),
		   READ_ONCE(c->allocs_nested), READ_ONCE(c->frees_nested));
	show_owned(m, zone, READ_ONCE(c->active));
	show_owned(m, zone, READ_ONCE(c->alternate));
	seq_printf(m, " %8u %8lu %10s\n", READ_ONCE(c->nr_reserve),
		   second ? 0 : free_slab_cache_count(cpu, zone->order),
		   cpu_may_be_asked(cpu) ? "-" : "yes");
}

static int cpus_show(struct seq_file *m, void *unused)
{
	struct kmobj_zone *zone = m->private;
	struct kmobj_cpu *c;
	int cpu;

	seq_printf(m, "%4s  %12s %12s %12s %13s %12s %10s %10s %8s %8s %10s\n",
		   "cpu", "allocs", "frees", "frees_remote", "allocs_nested",
		   "frees_nested", "active", "alternate", "reserve", "cached",
		   "left_alone");
	mutex_lock(&zone->maintenance);	/* keeps the slabs that CPUs own */
	for_each_kmobj_cpu(cpu, c, zone)
		cpu_show(m, zone, cpu, c);
	mutex_unlock(&zone->maintenance);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(cpus);

/* "ok"; or "in_use" or "broken", and the broken rule. */
static void verdict_show(struct seq_file *m, int err, const struct kmobj_verify *v)
{
	if (!err) {
		seq_puts(m, "ok\n");
		return;
	}
	seq_printf(m, "%s: does not hold: %s", err == -EAGAIN ? "in_use" : "broken",
		   v->fault);
	if (v->found != v->expected)
		seq_printf(m, ": %lu, not %lu", v->found, v->expected);
	seq_putc(m, '\n');
}

static int verify_show(struct seq_file *m, void *unused)
{
	struct kmobj_verify v;

	verdict_show(m, zone_verify(m->private, &v), &v);
	seq_printf(m, "live %lu\nfree %lu\nrcu_waiting %lu\n", v.live, v.free, v.rcu);
	seq_printf(m, "slabs %lu\nactive_or_alternate %lu\nreserve %lu\nfull_owned %lu\n",
		   v.slabs, v.active_or_alternate, v.reserved, v.full_owned);
	seq_printf(m, "listed %lu\nfull %lu\ndisowned %lu\nretiring %lu\n",
		   v.listed, v.full, v.disowned, v.retiring);
	seq_printf(m, "making %lu\nnotified %lu\nrcu_queued %lu\n", v.making, v.notified,
		   v.queued);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(verify);

static int alloc_traces_show(struct seq_file *m, void *unused)
{
	return track_show(m, m->private);
}
DEFINE_SHOW_ATTRIBUTE(alloc_traces);

void debugfs_zone_add(struct kmobj_zone *zone)
{
	char label[KMOBJ_LABEL_MAX];
	struct dentry *dir;

	zone_label(zone, label);
	dir = debugfs_create_dir(label, zones_dir);
	zone->dir = dir;
	debugfs_create_file("stats", 0444, dir, zone, &zone_stats_fops);
	debugfs_create_file("limit", 0644, dir, zone, &limit_fops);
	debugfs_create_file("shrink", 0200, dir, zone, &shrink_fops);
	debugfs_create_file("slabs", 0444, dir, zone, &slabs_fops);
	debugfs_create_file("cpus", 0444, dir, zone, &cpus_fops);
	debugfs_create_file("verify", 0400, dir, zone, &verify_fops);
	if (zone->flags & KMOBJ_TRACK_USER)
		debugfs_create_file("alloc_traces", 0400, dir, zone, &alloc_traces_fops);
}

void debugfs_zone_del(struct kmobj_zone *zone)
{
	debugfs_remove(zone->dir);
}

/* The folder alone: who may enter it may read what has a mode of 0444. */
static void share_with_group(struct dentry *dir, unsigned int gid)
{
	struct inode *inode;

	if (!gid || IS_ERR(dir))
		return;
	inode = d_inode(dir);
	inode_lock(inode);
	inode->i_gid = make_kgid(&init_user_ns, gid);
	inode->i_mode = S_IFDIR | 0750;
	inode_unlock(inode);
}

void debugfs_start(void)
{
	root = debugfs_create_dir("kmobj", NULL);
	share_with_group(root, debugfs_gid);
	zones_dir = debugfs_create_dir("zones", root);
	debugfs_create_file("vmstat", 0444, root, NULL, &vmstat_fops);
	debugfs_create_file("stats", 0444, root, NULL, &stats_fops);
	debugfs_create_file("slabinfo", 0444, root, NULL, &slabinfo_fops);
	fail_start(root);
}

void debugfs_stop(void)
{
	debugfs_remove(root);
}
