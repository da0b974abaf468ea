// SPDX-License-Identifier: GPL-2.0
/*
 * All zones, by name and by address, and the last zones that were destroyed.
 *
 * kmobj_zones lists all zones, sorted by name; a tree finds them by name. A zone
 * with live objects that destroy refused is dying: it stays in the list, but its name
 * may be used by another zone. In debugfs it is kmobj:dying:NUMBER:NAME, or if its
 * module left it kmobj:left:NUMBER:NAME; names of clients cannot begin with "kmobj:".
 *
 * The struct of a destroyed zone is kept until REMEMBERED others were destroyed after
 * it, so no new zone has its address. Destroying or using it again is refused and
 * reported with its name: it is dying, no slab has its cookie, and its CPU states
 * are no_cpus[], whose sections are always open, so the fast paths fail.
 */
#include <linux/hashtable.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>

#include "include/kmobj_dropin.h"
#include "core/section.h"
#include "zone/registry.h"

#define REMEMBERED	256

/* Under kmobj_zones_lock. */
static struct rb_root zones_by_name = RB_ROOT;

/* Guards the following; with softirqs off, as RCU callbacks take it. */
static DEFINE_SPINLOCK(address_lock);
static DEFINE_HASHTABLE(zones_by_address, 10);
static LIST_HEAD(buried);		/* oldest first */
static unsigned int nr_buried;

/* The CPU states of all destroyed zones. */
static DEFINE_PER_CPU_ALIGNED(struct kmobj_cpu, no_cpus[KMOBJ_CPU_STATES]) = {
	{ .active = &kmobj_no_slab, .alternate = &kmobj_no_slab, .busy = true },
	{ .active = &kmobj_no_slab, .alternate = &kmobj_no_slab, .busy = true },
};

static struct kmobj_zone *zone_at(const struct rb_node *node)
{
	return rb_entry_safe(node, struct kmobj_zone, by_name);
}

/* The link in the tree to @name, or where to insert it: then *link is NULL. */
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

/* Add a new zone; -EEXIST if its name is taken. */
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
		hash_add_rcu(zones_by_address, &zone->by_address, (unsigned long)zone);
		spin_unlock_bh(&address_lock);
		err = 0;
	}
	mutex_unlock(&kmobj_zones_lock);
	return err;
}

/* The name of @zone in debugfs; @label has room for KMOBJ_LABEL_MAX bytes. */
void zone_label(const struct kmobj_zone *zone, char *label)
{
	unsigned int nr = READ_ONCE(zone->dying_nr);

	if (nr)
		snprintf(label, KMOBJ_LABEL_MAX, KMOBJ_OWN_NAMES "%s:%u:%s",
			 zone->left ? "left" : "dying", nr, zone->name);
	else
		strscpy(label, zone->name, KMOBJ_LABEL_MAX);
}
EXPORT_SYMBOL_FOR_TESTS(zone_label);

void registry_free_name(struct kmobj_zone *zone)
{
	static u32 serial;

	mutex_lock(&kmobj_zones_lock);
	rb_erase(&zone->by_name, &zones_by_name);
	WRITE_ONCE(zone->dying_nr, ++serial);
	mutex_unlock(&kmobj_zones_lock);
}

/*
 * @zone, any pointer, if it is a zone or one of the last destroyed ones; or NULL. Under
 * kmobj_zones_lock, or RCU: then the zone may be being destroyed.
 */
struct kmobj_zone *registry_zone(const void *zone)
{
	struct kmobj_zone *z;

	hash_for_each_possible_rcu(zones_by_address, z, by_address, (unsigned long)zone,
				   lockdep_is_held(&kmobj_zones_lock)) {
		if (z == zone)
			return z;
	}
	return NULL;
}

/*
 * Remove @zone, which has no slab, from the list. From now on its use is harmless.
 * What it points to can be freed after a grace period, as earlier readers may still
 * use it.
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
	WRITE_ONCE(zone->cpus, no_cpus);
}

/* A grace period after registry_del(): keep the struct of @zone, free the oldest. */
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
	if (!oldest)
		return;
	WRITE_ONCE(oldest->cookie, 0);	/* zone_from_word() does not take it for a zone */
	kfree_rcu(oldest, rcu);
}

void registry_stop(void)
{
	struct kmobj_zone *zone, *next;

	list_for_each_entry_safe(zone, next, &buried, link)
		kfree(zone);
}
