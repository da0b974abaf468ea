// SPDX-License-Identifier: GPL-2.0
/* Destroy a zone: at once, or after its last object was freed. */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/module.h>

#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/offslab.h"
#include "debug/report.h"
#include "debug/track.h"
#include "core/free_rcu.h"
#include "core/reserve.h"
#include "core/retire.h"
#include "zone/debugfs.h"
#include "zone/destroy.h"
#include "zone/maintain.h"
#include "zone/mover.h"
#include "zone/registry.h"

/*
 * A refused free, or one that has just called depot_on_remote_free(), may read the
 * zone until a grace period ends. kmobj_exit() waits for these callbacks with
 * rcu_barrier().
 */
static void zone_free_cb(struct rcu_head *rcu)
{
	struct kmobj_zone *zone = container_of(rcu, struct kmobj_zone, rcu);

	depot_destroy(zone);
	free_percpu(zone->old_cpus);
	registry_bury(zone);
}

/* Objects that were not freed. Exact if no free is in progress. */
unsigned long zone_live(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	unsigned long live = 0;
	int nid;

	lockdep_assert_held(&zone->maintenance);
	lockdep_assert_held(&zone->rcu_lock);
	for_each_node(nid) {
		for_each_slab(slab, nid, zone) {
			live += slab_count_live(zone, slab);
			cond_resched();
		}
	}
	return live;
}
EXPORT_SYMBOL_FOR_TESTS(zone_live);

/* @zone cannot be destroyed: report whether it ever was a zone. */
static void report_no_zone(const void *zone)
{
	struct kmobj_zone *gone;

	rcu_read_lock();
	gone = registry_zone(zone);
	if (gone)
		pr_err("%s: destroy refused: the zone was destroyed before\n", gone->name);
	else
		pr_err("destroy of %p refused: not a zone\n", zone);
	rcu_read_unlock();
	dump_stack();
}

/* Claim @zone for destruction. */
static int destroy_begin(struct kmobj_zone *zone)
{
	struct kmobj_zone *listed;
	int err = 0;

	mutex_lock(&kmobj_zones_lock);
	listed = registry_zone(zone);
	if (!listed || listed->gone) {
		report_no_zone(zone);
		err = -EINVAL;
	} else if (zone->destroying) {
		pr_err("%s: destroy refused: already in progress\n", zone->name);
		err = -EBUSY;
	} else {
		zone->destroying = true;
		WRITE_ONCE(zone->dying, true);
	}
	mutex_unlock(&kmobj_zones_lock);
	return err;
}

/* After so many rounds without progress no free is to blame. */
#define ROUNDS_MAX	8

/*
 * No object is live, and yet slabs do not leave: headers were written over, and slabs are
 * not on the lists that they should be on. As corrupt ones they leave.
 */
static void isolate_all(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	int nid;

	for_each_node(nid) {
		for_each_slab(slab, nid, zone) {
			slab_isolate(zone, slab, NULL);
			cond_resched();
		}
	}
}

/*
 * Release all slabs whose objects are free or wait for RCU. Returns the number of
 * live objects. If the last one was freed in between, try again.
 */
static unsigned long destroy_slabs(struct kmobj_zone *zone)
{
	unsigned long live = 0, slabs = 0;
	unsigned int rounds = 0;

	mutex_lock(&zone->maintenance);
	do {
		cond_resched();
		kmobj_rcu_barrier(zone);
		reserve_take_from_all(zone);
		zone_maintain_now(zone);
		corrupt_release(zone);
		if (!atomic_long_read(&zone->nr_slabs))
			break;
		if (slabs != atomic_long_read(&zone->nr_slabs))
			rounds = 0;
		slabs = atomic_long_read(&zone->nr_slabs);
		if (++rounds > ROUNDS_MAX)
			isolate_all(zone);
		mutex_lock(&zone->rcu_lock);
		live = zone_live(zone);
		mutex_unlock(&zone->rcu_lock);
	} while (!live);
	mutex_unlock(&zone->maintenance);
	return live;
}

/* What to do if objects are live: */
enum destroy_how {
	DESTROY_NOW,		/* refuse; the caller may retry */
	DESTROY_LATER,		/* destroy the zone when they are free */
	DESTROY_LEFT,		/* the same, as its module is gone */
	DESTROY_EMPTY,		/* the deferred destroy: none should be */
};

static void report_live(struct kmobj_zone *zone, unsigned long live, enum destroy_how how)
{
	char label[KMOBJ_LABEL_MAX];

	switch (how) {
	case DESTROY_NOW:
		pr_err("%s: destroy refused: %lu objects are live, free them and destroy again\n",
		       zone->name, live);
		break;
	case DESTROY_LATER:
		pr_err("%s: destroyed with %lu objects live: the zone goes when the last of them is freed\n",
		       zone->name, live);
		break;
	case DESTROY_LEFT:
		zone_label(zone, label);
		pr_err("%s: its module was unloaded and left it with %lu objects live: now %s, it goes when the last of them is freed\n",
		       zone->name, live, label);
		break;
	case DESTROY_EMPTY:
		return;
	}
	track_print_live(zone);
	report_given_away(zone);
}

/* @live objects are live: the zone stays, but its name becomes free. */
static void destroy_refuse(struct kmobj_zone *zone, unsigned long live,
			   enum destroy_how how)
{
	if (!zone->dying_nr) {
		debugfs_zone_del(zone);	/* before its name is free */
		registry_free_name(zone);
		debugfs_zone_add(zone);
	}
	report_live(zone, live, how);
	mutex_lock(&kmobj_zones_lock);
	zone->leaves |= how == DESTROY_LATER;
	zone->destroying = false;
	mutex_unlock(&kmobj_zones_lock);
}

/* Destroy @zone, which the caller has claimed: see destroy_begin(). */
static int destroy_rest(struct kmobj_zone *zone, enum destroy_how how)
{
	unsigned long live;

	mover_stop(zone);
	live = destroy_slabs(zone);
	if (live) {
		destroy_refuse(zone, live, how);
		return -EBUSY;
	}
	if (how == DESTROY_EMPTY)
		pr_info("%s: its last object was freed, the zone is gone\n", zone->name);
	if (how == DESTROY_LEFT)
		pr_err("%s: its module was unloaded and left it: no object is live, the zone is gone\n",
		       zone->name);
	debugfs_zone_del(zone);	/* before its name is free */
	registry_del(zone);
	offslab_close(zone);
	mover_close(zone);
	rcu_zone_stop(zone);
	call_rcu(&zone->rcu, zone_free_cb);
	return 0;
}

static int destroy(struct kmobj_zone *zone, enum destroy_how how)
{
	might_sleep();
	if (!zone)
		return 0;
	return destroy_begin(zone) ?: destroy_rest(zone, how);
}

int kmobj_zone_destroy(struct kmobj_zone *zone)
{
	return destroy(zone, DESTROY_NOW);
}
EXPORT_SYMBOL_GPL(kmobj_zone_destroy);

int kmobj_zone_destroy_later(struct kmobj_zone *zone)
{
	return destroy(zone, DESTROY_LATER);
}
EXPORT_SYMBOL_GPL(kmobj_zone_destroy_later);

/* Destroy @zone, which the caller has claimed and whose module is gone. */
void zone_destroy_left(struct kmobj_zone *zone)
{
	destroy_rest(zone, DESTROY_LEFT);
}

/* Claim a zone that is due to be destroyed; or NULL. */
static struct kmobj_zone *zone_take_due(void)
{
	struct kmobj_zone *zone, *due = NULL;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		if (!zone->due)
			continue;
		zone->due = false;
		if (zone->destroying)
			continue;	/* already in progress */
		zone->destroying = true;
		due = zone;
		break;
	}
	mutex_unlock(&kmobj_zones_lock);
	return due;
}

static void zones_leave(struct work_struct *unused)
{
	struct kmobj_zone *zone;

	while ((zone = zone_take_due()))
		destroy_rest(zone, DESTROY_EMPTY);
}

static DECLARE_WORK(leave_work, zones_leave);

/* Queue the destruction of @zone if it is deferred and every object was freed. */
void zone_leave_if_empty(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	lockdep_assert_held(&kmobj_zones_lock);
	if (likely(!zone->leaves))
		return;
	kmobj_zone_stats(zone, &stats);
	if (stats.allocs != stats.frees)
		return;
	zone->due = true;
	queue_work(system_power_efficient_wq, &leave_work);
}
EXPORT_SYMBOL_FOR_TESTS(zone_leave_if_empty);

/* Wait for the zones that are due: destroyed, or found not to be empty. */
void zones_leave_wait(void)
{
	flush_work(&leave_work);
}
EXPORT_SYMBOL_FOR_TESTS(zones_leave_wait);

/* At unload no module uses a zone: destroy the empty ones that were deferred. */
void zones_stop(void)
{
	struct kmobj_zone *zone;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		zone_leave_if_empty(zone);
	mutex_unlock(&kmobj_zones_lock);
	zones_leave_wait();
}
