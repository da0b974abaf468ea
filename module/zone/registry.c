// SPDX-License-Identifier: GPL-2.0
/*
 * The zones there are, by name and by address; and those destroyed last.
 *
 * kmobj_zones is a list of all of them, sorted by name, and a tree finds them by
 * it. A zone that destroy could not end is dying: it keeps its place in the list, but
 * not its name, which another zone may have. In debugfs it is kmobj:dying:NUMBER:NAME,
 * and no client's name begins with kmobj:.
 *
 * The memory of a destroyed zone is kept until REMEMBERED others were destroyed
 * after it: so long its address is no other zone's. Who destroys it once more, or
 * goes on to use it, finds a zone that refuses, and says so with its name: it is
 * dying, no slab has its cookie, and its pairs are those of no zone, in which a
 * section is always open, so that the fast paths leave it alone.
 *
 *	function		lock
 *	registry_add, _del,	take kmobj_zones_lock
 *	registry_free_name,
 *	kmobj_zone_name_taken
 *	registry_zone		under it, or under RCU: then the zone may be about
 *				to be destroyed
 *	registry_bury		none: a callback of RCU, after registry_del()
 */
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/rbtree.h>
#include <linux/rbtree_types.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "include/kmobj.h"
#include "include/kmobj_dropin.h"
#include "kernel/compat.h"
#include "slab/slab.h"
#include "slab/zone.h"
#include "core/section.h"
#include "zone/registry.h"

#define REMEMBERED	256

/* Under kmobj_zones_lock. */
static struct rb_root zones_by_name = RB_ROOT;

/* Guards what follows; with softirqs off, as RCU's callbacks take it. */
static DEFINE_SPINLOCK(address_lock);
static DEFINE_HASHTABLE(zones_by_address, 10);
static LIST_HEAD(buried);		/* the oldest first */
static unsigned int nr_buried;

/* The pairs of all zones that are gone. */
static DEFINE_PER_CPU_ALIGNED(struct kmobj_cpu, no_pairs[KMOBJ_PAIRS]) = {
	{ .active = &kmobj_no_slab, .alternate = &kmobj_no_slab, .busy = true },
	{ .active = &kmobj_no_slab, .alternate = &kmobj_no_slab, .busy = true },
};

static struct kmobj_zone *zone_at(const struct rb_node *node)
{
	return rb_entry_safe(node, struct kmobj_zone, by_name);
}

/* Where @name is in the tree, or would be: then *@link is NULL. */
static struct rb_node **name_look(const char *name, struct rb_node **parent)
{
	struct rb_node **link = &zones_by_name.rb_node;
	int order;

	lockdep_assert_held(&kmobj_zones_lock);
	*parent = NULL;
	while (*link) {
		order = strcmp(name, zone_at(*link)->name);
		if (!order)
			break;
		*parent = *link;
		link = order < 0 ? &(*link)->rb_left : &(*link)->rb_right;
	}
	return link;
}

bool kmobj_zone_name_taken(const char *name)
{
	struct rb_node *parent;
	bool taken;

	KUNIT_STATIC_STUB_REDIRECT(kmobj_zone_name_taken, name);
	mutex_lock(&kmobj_zones_lock);
	taken = *name_look(name, &parent);
	mutex_unlock(&kmobj_zones_lock);
	return taken;
}
EXPORT_SYMBOL_GPL(kmobj_zone_name_taken);

/* A new zone; -EEXIST if its name is taken. */
int registry_add(struct kmobj_zone *zone)
{
	struct rb_node **link, *parent, *prev;
	int err = -EEXIST;

	mutex_lock(&kmobj_zones_lock);
	link = name_look(zone->name, &parent);
	if (!*link) {
		rb_link_node(&zone->by_name, parent, link);
		rb_insert_color(&zone->by_name, &zones_by_name);
		prev = rb_prev(&zone->by_name);
		list_add_rcu(&zone->link, prev ? &zone_at(prev)->link : &kmobj_zones);
		spin_lock_bh(&address_lock);
		hash_add_rcu(zones_by_address, &zone->by_address,
			     (unsigned long)zone);
		spin_unlock_bh(&address_lock);
		err = 0;
	}
	mutex_unlock(&kmobj_zones_lock);
	return err;
}

/* What @zone is called in debugfs: @label has room for KMOBJ_LABEL_MAX. */
void zone_label(const struct kmobj_zone *zone, char *label)
{
	unsigned int nr = READ_ONCE(zone->dying_nr);

	if (nr)
		snprintf(label, KMOBJ_LABEL_MAX, KMOBJ_OWN_NAMES "dying:%u:%s",
			 nr, zone->name);
	else
		strscpy(label, zone->name, KMOBJ_LABEL_MAX);
}

KMOBJ_EXPORT_FOR_TESTS(zone_label);

/* @zone goes on to be, but its name can be another's. */
void registry_free_name(struct kmobj_zone *zone)
{
	static u32 serial;

	mutex_lock(&kmobj_zones_lock);
	rb_erase(&zone->by_name, &zones_by_name);
	WRITE_ONCE(zone->dying_nr, ++serial);
	mutex_unlock(&kmobj_zones_lock);
}

/* What @zone, any pointer, is: a zone, perhaps one that was destroyed, or NULL. */
struct kmobj_zone *registry_zone(const void *zone)
{
	struct kmobj_zone *z;

	hash_for_each_possible_rcu(zones_by_address, z, by_address,
				   (unsigned long)zone,
				   lockdep_is_held(&kmobj_zones_lock)) {
		if (z == zone)
			return z;
	}
	return NULL;
}

/*
 * @zone has no slab, and is listed no more. Who uses it from now on does it no
 * harm; what it points to, and who looked before may still use, can be freed after
 * a grace period.
 */
void registry_del(struct kmobj_zone *zone)
{
	mutex_lock(&kmobj_zones_lock);
	list_del_rcu(&zone->link);
	if (!zone->dying_nr)
		rb_erase(&zone->by_name, &zones_by_name);
	WRITE_ONCE(zone->gone, true);
	mutex_unlock(&kmobj_zones_lock);

	atomic_long_set(&zone->frees_rcu_nested, 0);
	atomic_long_set(&zone->rcu_back, 0);
	zone->old_cpus = zone->cpus;
	WRITE_ONCE(zone->cpus, no_pairs);
}

/* Nobody looks at @zone any more who does not know that it is gone. */
void registry_bury(struct kmobj_zone *zone)
{
	struct kmobj_zone *oldest = NULL;

	spin_lock_bh(&address_lock);
	list_add_tail(&zone->link, &buried);
	if (nr_buried == REMEMBERED) {
		oldest = list_first_entry(&buried, struct kmobj_zone, link);
		list_del(&oldest->link);
		hash_del_rcu(&oldest->by_address);
	} else {
		nr_buried++;
	}
	spin_unlock_bh(&address_lock);
	if (oldest)
		kfree_rcu(oldest, rcu);
}

/* At unload: nobody can ask any more. */
void registry_stop(void)
{
	struct kmobj_zone *zone, *next;

	list_for_each_entry_safe(zone, next, &buried, link)
		kfree(zone);
}
