// SPDX-License-Identifier: GPL-2.0
/*
 * The zones of a mount: all that kmobjfs asks of kmobj.
 *
 * Each mount creates its own zones, named after its device, so that debugfs
 * shows what each of them holds. The size of a mount limits them: a full zone
 * gives NULL, which users see as ENOSPC.
 *
 * All functions may sleep.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/fs.h>
#include <linux/math.h>
#include <linux/overflow.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>

#include "kmobjfs.h"

/* Objects are freed in this state: the VFS sees to that for its inodes. */
static void construct_inode(void *obj)
{
	struct kmobjfs_inode *ki = obj;

	inode_init_once(&ki->vfs);
}

/*
 * Objects that move say whose they are in one field. It is NULL in a new object, and
 * must be NULL when one is freed.
 */
static void construct_dirent(void *obj)
{
	((struct kmobjfs_dirent *)obj)->dir = NULL;
}

static void construct_node(void *obj)
{
	((struct kmobjfs_node *)obj)->inode = NULL;
}

static const struct zone_spec {
	const char *name;
	size_t size;
	struct kmobj_zone_args args;
} zone_specs[KMOBJFS_ZONES] = {
	[KMOBJFS_DIRENT] = {
		.name = "dirent",
		.size = sizeof(struct kmobjfs_dirent),
		.args.align = __alignof__(struct kmobjfs_dirent),
		.args.ctor = construct_dirent,
		.args.move = kmobjfs_move_dirent,
	},
	[KMOBJFS_NODE] = {
		.name = "node",
		.size = sizeof(struct kmobjfs_node),
		.args.align = __alignof__(struct kmobjfs_node),
		.args.ctor = construct_node,
		.args.move = kmobjfs_move_node,
	},
	[KMOBJFS_INODE] = {
		.name = "inode",
		.size = sizeof(struct kmobjfs_inode),
		.args.align = __alignof__(struct kmobjfs_inode),
		.args.flags = KMOBJ_HWCACHE_ALIGN,
		.args.ctor = construct_inode,
	},
};

static struct kmobj_zone *create_zone(dev_t dev, const struct zone_spec *spec)
{
	char name[KMOBJ_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%u:%u:%s", MAJOR(dev), MINOR(dev), spec->name);
	return kmobj_zone_create(name, spec->size, &spec->args);
}

/**
 * kmobjfs_zones_create() - create the zones of a mount
 * @sb: the superblock; it knows its device
 *
 * Return: 0, or an errno with no zone left behind.
 */
int kmobjfs_zones_create(struct super_block *sb)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(sb);
	struct kmobj_zone *zone;
	int i;

	for (i = 0; i < KMOBJFS_ZONES; i++) {
		zone = create_zone(sb->s_dev, &zone_specs[i]);
		if (IS_ERR(zone)) {
			kmobjfs_zones_destroy(sb);
			return PTR_ERR(zone);
		}
		sbi->zone[i] = zone;
	}
	return 0;
}

static void report_busy(struct kmobj_zone *zone, int error)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	pr_err("%s: not destroyed: error %d, %lu objects live\n",
	       kmobj_zone_name(zone), error, stats.allocs - stats.frees);
}

/**
 * kmobjfs_zones_destroy() - destroy those zones that were created
 * @sb: the superblock
 *
 * Every object has been freed: nobody uses the mount, and the caller has waited
 * for RCU with rcu_barrier(). Every page of the zones is given back.
 */
void kmobjfs_zones_destroy(struct super_block *sb)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(sb);
	int error, i;

	for (i = 0; i < KMOBJFS_ZONES; i++) {
		if (!sbi->zone[i])
			continue;
		error = kmobj_zone_destroy(sbi->zone[i]);
		if (error)
			report_busy(sbi->zone[i], error);
		sbi->zone[i] = NULL;
	}
}

/* Slabs with free objects that a CPU may keep for itself. */
#define SLABS_PER_CPU	3

/* Limits count slabs: those for the files, and those that CPUs may keep. */
static unsigned long limit_of(const struct kmobj_zone_stats *stats,
			      unsigned long pages)
{
	unsigned long files, slabs;

	if (pages == KMOBJFS_UNLIMITED)
		return KMOBJ_UNLIMITED;

	files = pages * (PAGE_SIZE / KMOBJFS_BYTES_PER_FILE);
	slabs = DIV_ROUND_UP(files, stats->objs_per_slab) +
		SLABS_PER_CPU * num_possible_cpus();
	return size_mul(slabs, stats->slab_bytes);
}

static bool holds_more(struct kmobj_zone *zone, unsigned long bytes)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	return bytes != KMOBJ_UNLIMITED &&
	       stats.slabs * stats.slab_bytes > bytes;
}

/* The zone may hold free slabs as well: only what is left without them counts. */
static int limit_zone(struct kmobj_zone *zone, unsigned long pages)
{
	struct kmobj_zone_stats stats;
	unsigned long limit;

	kmobj_zone_stats(zone, &stats);
	limit = limit_of(&stats, pages);
	if (holds_more(zone, limit)) {
		kmobj_zone_shrink(zone);
		if (holds_more(zone, limit))
			return -EINVAL;
	}
	return kmobj_zone_set_limit(zone, limit);
}

/**
 * kmobjfs_zones_limit() - let the zones hold as much as a size allows
 * @sbi: the mount
 * @pages: the mount's size in pages, or KMOBJFS_UNLIMITED
 *
 * Return: 0, or an errno if a zone holds more already; then some zones may have
 * the new limit, and the caller sets the old one again.
 */
int kmobjfs_zones_limit(struct kmobjfs_sb *sbi, unsigned long pages)
{
	int error = 0;
	int i;

	for (i = 0; i < KMOBJFS_ZONES && !error; i++)
		error = limit_zone(sbi->zone[i], pages);
	return error;
}

/* How often a zone is asked that has free objects and gives none. */
#define TRIES	3

/* Has the zone free objects, wherever they are? */
static bool has_free(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	return stats.slabs * stats.objs_per_slab > stats.allocs - stats.frees;
}

/**
 * kmobjfs_zone_alloc() - allocate an object
 * @sbi: the mount
 * @which: the zone
 * @gfp: as for kmobj_alloc(); may sleep
 *
 * If the zone is full: files just deleted are in it until RCU lets them go, what
 * was freed on another CPU is that CPU's until it is asked, and free objects of a slab
 * that kmobj is emptying cannot be allocated until it is done. All are worth waiting for
 * before a user is told that there is no room.
 *
 * Return: the object, or NULL.
 */
void *kmobjfs_zone_alloc(struct kmobjfs_sb *sbi, enum kmobjfs_zone which,
			 gfp_t gfp)
{
	struct kmobj_zone *zone = sbi->zone[which];
	void *obj = kmobj_alloc(zone, gfp);
	int tries;

	if (!obj && atomic_read(&sbi->freeing)) {
		rcu_barrier();
		obj = kmobj_alloc(zone, gfp);
	}
	for (tries = 0; !obj && has_free(zone) && tries < TRIES; tries++) {
		if (tries)
			synchronize_rcu();	/* as kmobj before it gives such a slab back */
		kmobj_zone_shrink(zone);
		obj = kmobj_alloc(zone, gfp);
	}
	return obj;
}

/**
 * kmobjfs_zone_error() - tell why kmobjfs_zone_alloc() returned NULL
 * @sbi: the mount
 * @which: the zone
 *
 * Return: -ENOSPC if there is no room for a slab below the limit, or -ENOMEM.
 */
int kmobjfs_zone_error(struct kmobjfs_sb *sbi, enum kmobjfs_zone which)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(sbi->zone[which], &stats);
	if (stats.limit != KMOBJ_UNLIMITED &&
	    (stats.slabs + 1) * stats.slab_bytes > stats.limit)
		return -ENOSPC;
	return -ENOMEM;
}
