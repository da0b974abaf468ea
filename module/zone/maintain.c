// SPDX-License-Identifier: GPL-2.0
/*
 * Maintenance of one zone, under zone->maintenance: sort slabs that may have gained
 * free objects into their bins, retire free slabs above keep_free_slabs, and release
 * retired ones after a grace period, to the free-slab cache of their home CPU or to
 * the page allocator.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/cpu.h>
#include <linux/module.h>

#include "kernel/trace.h"
#include "slab/depot.h"
#include "slab/offslab.h"
#include "debug/report.h"
#include "core/drain.h"
#include "core/reserve.h"
#include "core/retire.h"
#include "zone/maintain.h"
#include "zone/mover.h"

/* A pass may look at so many times its budget, by a shift. */
#define BOOST_MAX	6

/*
 * Sort and retire up to @budget slabs of a node; true if that was too few. Up to half
 * of @budget is reserved for slabs known to be free. The bin to sort first rotates,
 * so that no bin starves. Each pass that retires as many as it may doubles the budget
 * of the next: a million free slabs leave within a minute, but a pass over as many that
 * are in use stays short.
 */
static bool depot_maintain(struct kmobj_zone *zone, struct kmobj_depot *depot,
			   unsigned long keep, unsigned long budget)
{
	unsigned long nr_free = READ_ONCE(depot->nr[KMOBJ_BIN_FREE]);
	unsigned long reserved, nr;
	unsigned int i, bin;

	budget = min(budget, ULONG_MAX >> BOOST_MAX) << depot->boost;
	reserved = min(budget - budget / 2, nr_free - min(nr_free, keep));
	budget -= reserved;
	for (i = 0; i < KMOBJ_BINS; i++) {
		bin = (depot->sort_first + i) % KMOBJ_BINS;
		budget = depot_sort(zone, depot, bin, budget);
	}
	depot->sort_first = (depot->sort_first + 1) % KMOBJ_BINS;
	budget += reserved;
	nr = depot_retire(zone, depot, keep, budget);
	depot->boost = nr && nr == budget ? min(depot->boost + 1, BOOST_MAX) : 0;
	return nr == budget;
}

/* One pass over @zone; true if more is left to do soon. Under zone->maintenance. */
bool zone_maintain(struct kmobj_zone *zone, unsigned long budget)
{
	struct kmobj_depot *depot;
	bool more;
	int nid;

	if (zone->offslab)
		offslab_fit(zone, false);
	more = drain_idle(zone);
	more |= reserve_age(zone);
	report_double_frees(zone);
	for_each_node(nid) {
		depot = zone->depot[nid];
		more |= depot_maintain(zone, depot, zone->keep_free_slabs, budget);
		more |= depot_advance(zone, depot);
	}
	return more | mover_wake(zone, MOVER_POLL);
}
EXPORT_SYMBOL_FOR_TESTS(zone_maintain);

/*
 * Release all free slabs of the depots; waits for a grace period. Returns the number
 * of pages. Under zone->maintenance.
 */
unsigned long zone_maintain_now(struct kmobj_zone *zone)
{
	unsigned long pages;
	int nid;

	for_each_node(nid)
		depot_maintain(zone, zone->depot[nid], 0, ULONG_MAX);
	pages = depot_flush(zone);
	trace_reclaim(zone->name, pages << PAGE_SHIFT);
	report_double_frees(zone);
	return pages;
}
EXPORT_SYMBOL_FOR_TESTS(zone_maintain_now);

unsigned long kmobj_zone_shrink(struct kmobj_zone *zone)
{
	unsigned long pages;

	might_sleep();
	if (READ_ONCE(zone->gone)) {
		pr_err("%s: shrink refused: the zone was destroyed\n", zone->name);
		return 0;
	}
	cpus_read_lock();
	mutex_lock(&zone->maintenance);
	drain_now(zone);
	reserve_flush(zone);
	pages = zone_maintain_now(zone);
	mover_wake(zone, MOVER_PRESSURE);
	if (zone->offslab)
		offslab_fit(zone, false);
	mutex_unlock(&zone->maintenance);
	cpus_read_unlock();
	return pages << PAGE_SHIFT;
}
EXPORT_SYMBOL_GPL(kmobj_zone_shrink);

void zones_drain_cpu(int cpu)
{
	struct kmobj_zone *zone;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		mutex_lock(&zone->maintenance);
		drain_dead(zone, cpu);
		mutex_unlock(&zone->maintenance);
	}
	mutex_unlock(&kmobj_zones_lock);
}
