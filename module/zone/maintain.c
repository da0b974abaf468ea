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
	bool more;

	budget = min(budget, ULONG_MAX >> BOOST_MAX) << depot->boost;
	reserved = min(budget - budget / 2, nr_free - min(nr_free, keep));
	budget -= reserved;
	for (i = 0; i < KMOBJ_BINS; i++) {
		bin = (depot->sort_first + i) % KMOBJ_BINS;
		budget = depot_sort(zone, depot, bin, budget);
	}
	depot->sort_first = (depot->sort_first + 1) % KMOBJ_BINS;
	more = !budget;
	budget += reserved;
	nr = depot_retire(zone, depot, keep, budget);
	depot->boost = nr && nr == budget ? min(depot->boost + 1, BOOST_MAX) : 0;
	return more || nr == budget;
}

/* Would this pass and later ones find nothing to do, until zone_wake() is called? */
bool zone_may_sleep(const struct kmobj_zone *zone)
{
	int nid;

	for_each_node(nid) {
		if (!depot_is_tidy(zone, zone->depot[nid]))
			return false;
	}
	return cpus_are_idle(zone);
}
EXPORT_SYMBOL_FOR_TESTS(zone_may_sleep);

/*
 * One pass over @zone; true if more is left to do soon. Under zone->maintenance.
 *
 * A zone for which there is nothing to do sleeps: passes leave it out.
 *
 *	pass					whoever makes work for a pass
 *	----					-----------------------------
 *	awake = false				a slab is owned, listed or retires, ...
 *	smp_mb()				smp_mb(), or an atomic that is one
 *	do what there is to do			awake == false?
 *	more, or may come? awake = true		then awake = true
 *
 * Either the pass sees the work, or the other side that the zone sleeps. What wakes a
 * zone: a CPU that owned no other than full slabs gets one, or is notified
 * (core/reserve.c), or its active and alternate slab change places and one of them is
 * none (cpu_swap()); an object of a depot's slab is freed (slab_notify(), free_by()); a
 * slab that is free, or any if the zone has a mover, is listed, and one retires
 * (slab/depot.c); the limit is reached (core/drain.c); a double free was noted
 * (slab/slab.c).
 */
bool zone_maintain(struct kmobj_zone *zone, unsigned long budget)
{
	struct kmobj_depot *depot;
	bool more;
	int nid;

	WRITE_ONCE(zone->awake, false);
	smp_mb();	/* pairs with that in zone_wake(); model: sleep.mb */
	more = drain_idle(zone);
	more |= reserve_age(zone);
	report_double_frees(zone);
	report_corrupt(zone);
	for_each_node(nid) {
		depot = zone->depot[nid];
		more |= depot_maintain(zone, depot, zone->keep_free_slabs, budget);
		more |= depot_advance(zone, depot);
	}
	more |= mover_wake(zone, MOVER_POLL);
	if (zone->offslab)
		offslab_fit(zone, false);
	if (more || !zone_may_sleep(zone))
		WRITE_ONCE(zone->awake, true);
	return more;
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
	report_corrupt(zone);
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
