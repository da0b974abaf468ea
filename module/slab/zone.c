// SPDX-License-Identifier: GPL-2.0
/*
 * The list of all zones, which is walked under kmobj_zones_lock or under RCU, and
 * whether a zone can be charged.
 */
#include "slab/zone.h"

/* Guards kmobj_zones, zones_by_name of registry.c, and zone->destroying. */
struct mutex kmobj_zones_lock = __MUTEX_INITIALIZER(kmobj_zones_lock);
EXPORT_SYMBOL_FOR_TESTS(kmobj_zones_lock);
LIST_HEAD(kmobj_zones);		/* read under RCU, too */

/* Why KMOBJ_ACCOUNT and __GFP_ACCOUNT have no effect; NULL if they have. */
const char *zone_why_not_charged(unsigned int flags)
{
	KUNIT_STATIC_STUB_REDIRECT(zone_why_not_charged, flags);
	if (!IS_ENABLED(CONFIG_MEMCG))
		return "without CONFIG_MEMCG";
	if (!KMOBJ_CAN_CHARGE)
		return "before Linux 6.13";
	if (flags & KMOBJ_RECLAIMABLE)
		return "with KMOBJ_RECLAIMABLE";
	if (flags & KMOBJ_PRIVATE_PAGES)
		return "with KMOBJ_PRIVATE_PAGES";
	return NULL;
}
EXPORT_SYMBOL_FOR_TESTS(zone_why_not_charged);
