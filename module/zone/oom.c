// SPDX-License-Identifier: GPL-2.0
/*
 * Out of memory, and kmobj has nothing to give back: list the largest zones in the
 * log, beside the kernel's own report.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ratelimit.h>

#include "slab/zone.h"
#include "zone/oom.h"

#define LARGEST	10

/* The rate at which the kernel reports killed processes. */
static DEFINE_RATELIMIT_STATE(oom_limit, DEFAULT_RATELIMIT_INTERVAL,
			      DEFAULT_RATELIMIT_BURST);

static u64 zone_bytes(const struct kmobj_zone *zone)
{
	return (u64)atomic_long_read(&zone->nr_slabs) << (zone->order + PAGE_SHIFT);
}

/* Insert @zone into the @nr largest so far; returns their new number. */
static unsigned int insert(struct kmobj_zone **largest, unsigned int nr,
			   struct kmobj_zone *zone)
{
	u64 bytes = zone_bytes(zone);
	unsigned int at;

	if (!bytes)
		return nr;
	if (nr < LARGEST)
		nr++;
	else if (zone_bytes(largest[nr - 1]) >= bytes)
		return nr;
	for (at = nr - 1; at && zone_bytes(largest[at - 1]) < bytes; at--)
		largest[at] = largest[at - 1];
	largest[at] = zone;
	return nr;
}

static void say(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;
	unsigned long live;
	char limit[24];

	kmobj_zone_stats(zone, &stats);
	live = stats.allocs - stats.frees;
	snprintf(limit, sizeof(limit), "%lukB", stats.limit >> 10);
	pr_info("%s: SlabUse %llukB, MemUse %llukB, InUse %lu, Limit %s\n",
		zone->name, zone_bytes(zone) >> 10, (u64)live * stats.size >> 10,
		live, stats.limit == KMOBJ_UNLIMITED ? "-" : limit);
}

/* Called from an allocation that holds unknown locks: only try kmobj_zones_lock. */
void oom_report(void)
{
	static struct kmobj_zone *largest[LARGEST];	/* under kmobj_zones_lock */
	unsigned int nr = 0, i;
	struct kmobj_zone *zone;

	if (!__ratelimit(&oom_limit))
		return;
	if (!mutex_trylock(&kmobj_zones_lock)) {
		pr_info("out of memory: zones are busy, see vmstat in debugfs\n");
		return;
	}
	list_for_each_entry(zone, &kmobj_zones, link)
		nr = insert(largest, nr, zone);
	if (nr)
		pr_info("out of memory, nothing to give back; the %u largest zones:\n", nr);
	for (i = 0; i < nr; i++)
		say(largest[i]);
	mutex_unlock(&kmobj_zones_lock);
}

KMOBJ_EXPORT_FOR_TESTS(oom_report);
