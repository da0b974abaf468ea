// SPDX-License-Identifier: GPL-2.0
/*
 * The poller: periodic maintenance of all zones but those that sleep, see
 * zone_maintain(). Each pass handles a limited number of slabs per zone and node, and
 * leaves the rest to the next pass. It never waits for a grace period. It disturbs only
 * CPUs that own slabs without using them or that lag behind: see drain.c, and cpu_age()
 * in idle.c.
 */
#include "kernel/tunable.h"
#include "slab/zone.h"
#include "zone/destroy.h"
#include "zone/maintain.h"

static unsigned int retire_batch = 1024;
KMOBJ_TUNABLE(retire_batch, 1, INT_MAX, NULL,
	      "slabs of a zone and node looked at in a pass (default 1024)");

/* True if more is left to do soon. */
bool poller_pass(void)
{
	struct kmobj_zone *zone;
	bool more = false;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		zone_leave_if_empty(zone);
		/* who holds the mutex does the same work, or destroys the zone */
		if (READ_ONCE(zone->awake) && mutex_trylock(&zone->maintenance)) {
			more |= zone_maintain(zone, READ_ONCE(retire_batch));
			mutex_unlock(&zone->maintenance);
		}
		cond_resched();
	}
	mutex_unlock(&kmobj_zones_lock);
	return more;
}
EXPORT_SYMBOL_FOR_TESTS(poller_pass);
