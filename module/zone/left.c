// SPDX-License-Identifier: GPL-2.0
/*
 * Zones whose module was unloaded and has not destroyed them.
 *
 * They are destroyed in its place: at once, or after the last object was freed, by
 * whoever has it. Until then the zone is kmobj:left:NUMBER:NAME in debugfs, nothing is
 * allocated from it, and its ctor and move(), which are gone, are not called. Its name
 * is free, so that the module can be loaded again and create the zone anew.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/module.h>

#include "slab/profile.h"
#include "slab/zone.h"
#include "zone/destroy.h"
#include "zone/left.h"
#include "zone/mover.h"

/* A zone of no module, as those of a drop-in are, may have functions of one. */
static bool is_of(const struct kmobj_zone *zone, const struct module *module)
{
	return zone->module == module || mover_calls(zone, module) ||
	       within_module((unsigned long)zone->ctor, module);
}

/* Claim a zone that @module did not destroy; or NULL. */
static struct kmobj_zone *zone_take_left(const struct module *module)
{
	struct kmobj_zone *zone, *left = NULL;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		if (!is_of(zone, module))
			continue;
		zone->module = NULL;
		if (zone->leaves)
			continue;	/* with its last object */
		zone->leaves = true;
		if (zone->destroying)
			continue;	/* already in progress */
		zone->destroying = true;
		zone->left = !zone->dying;
		WRITE_ONCE(zone->dying, true);
		left = zone;
		break;
	}
	mutex_unlock(&kmobj_zones_lock);
	return left;
}

/* @module is being unloaded, and its exit function has returned. */
void zones_left_by(const struct module *module)
{
	struct kmobj_zone *zone;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		profile_left_by(zone, module);
	mutex_unlock(&kmobj_zones_lock);
	while ((zone = zone_take_left(module)))
		zone_destroy_left(zone);
}
EXPORT_SYMBOL_FOR_TESTS(zones_left_by);

static int module_changes(struct notifier_block *nb, unsigned long state, void *module)
{
	if (state == MODULE_STATE_GOING)
		zones_left_by(module);
	return NOTIFY_OK;
}

static struct notifier_block module_notifier = { .notifier_call = module_changes };

void left_start(void)
{
	register_module_notifier(&module_notifier);
}

void left_stop(void)
{
	unregister_module_notifier(&module_notifier);
}

/*
 * Report zones that are left when kmobj is unloaded. No module refers to it any more,
 * so their creators leaked them. Their objects may still be read, so their memory is
 * not freed.
 */
void zones_report_left(void)
{
	struct kmobj_zone_stats stats;
	struct kmobj_zone *zone;
	unsigned int nr = 0;

	list_for_each_entry(zone, &kmobj_zones, link) {
		kmobj_zone_stats(zone, &stats);
		pr_err("zone \"%s\" was %s: %lu objects live, %lu bytes of slabs are lost\n",
		       zone->name, zone->left ? "left by its module" :
				   zone->dying ? "destroyed before its objects were freed" :
				   "never destroyed", stats.allocs - stats.frees,
		       stats.slabs * stats.slab_bytes);
		nr++;
	}
	if (nr)
		pr_err("%u zones are left, and their memory is lost until the next boot\n", nr);
}
