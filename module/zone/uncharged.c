// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of kmem_caches with SLAB_ACCOUNT that are charged to nobody. A
 * filesystem creates many within a moment, so those of a second share a line.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/workqueue.h>

#include "zone/uncharged.h"

#define NAMES_MAX	768	/* printk() cuts a line at about 1000 characters */

static void say_names(const char *why, const char *names)
{
	pr_info("SLAB_ACCOUNT has no effect %s: slabs of these caches are charged to nobody: %s\n",
		why, names);
}

/* Name all caches that were noted for @why; under kmobj_zones_lock. */
static void say_why(const char *why)
{
	static char names[NAMES_MAX];
	struct kmobj_zone *zone;
	size_t len = 0;

	list_for_each_entry(zone, &kmobj_zones, link) {
		if (cmpxchg(&zone->uncharged, why, NULL) != why)
			continue;
		if (len + strlen(zone->name) + sizeof(", ") > sizeof(names)) {
			say_names(why, names);
			len = 0;
		}
		len += scnprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
				 zone->name);
	}
	if (len)
		say_names(why, names);
}

static void uncharged_say(struct work_struct *unused)
{
	struct kmobj_zone *zone;
	const char *why;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		why = READ_ONCE(zone->uncharged);
		if (why)
			say_why(why);
	}
	mutex_unlock(&kmobj_zones_lock);
}

static DECLARE_DELAYED_WORK(uncharged_work, uncharged_say);

/* @zone, which is in kmobj_zones, is charged to nobody; from any context but NMI. */
void uncharged_note(struct kmobj_zone *zone, const char *why)
{
	WRITE_ONCE(zone->uncharged, why);
	/* a full barrier if the work was not pending; if it was, it begins later */
	schedule_delayed_work(&uncharged_work, HZ);
}

/* At unload. */
void uncharged_stop(void)
{
	cancel_delayed_work_sync(&uncharged_work);
}
