// SPDX-License-Identifier: GPL-2.0
/*
 * Memory pressure: free slabs, including those that zones keep, go back to the page
 * allocator sooner than the poller would release them.
 *
 *	shrinker	frees pages of a node. First the free-slab cache, whose
 *			slabs are past their grace period; then zone by zone, in
 *			rotation: slabs are sorted, free ones retire, retired ones
 *			are released after their grace period, and idle CPUs are
 *			asked to give up their slabs and lose their reserve, one
 *			step in each call
 *	OOM notifier	runs before a process is killed: the same, for all nodes
 *			and CPUs, until a page is free; waits for CPUs and grace
 *			periods for at most OOM_PATIENCE; if there was nothing to
 *			give back, lists the largest zones in the log
 *
 * Both run inside allocations whose callers may hold any lock. So locks are only
 * tried, and the shrinker never waits. It may reschedule, as reclaim runs with
 * preemption on.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/notifier.h>
#include <linux/oom.h>
#include <linux/ratelimit.h>

#include "kernel/trace.h"
#include "slab/depot.h"
#include "slab/pages.h"
#include "core/drain.h"
#include "core/free_rcu.h"
#include "core/reserve.h"
#include "core/retire.h"
#include "zone/mover.h"
#include "zone/shrinker.h"

#define OOM_PATIENCE	(HZ / 2)

/* The position in kmobj_zones of the zone to start with; under kmobj_zones_lock. */
static unsigned int turn;

/* Pages of node @nid that reclaim could free now; expedites what waits for RCU. */
unsigned long reclaim_count(int nid)
{
	unsigned long nr, pages = free_slab_cache_pages(nid);
	struct kmobj_zone *zone;

	if (!mutex_trylock(&kmobj_zones_lock))
		return pages;
	list_for_each_entry(zone, &kmobj_zones, link) {
		rcu_expedite(zone);
		nr = depot_reclaimable(zone->depot[nid]) +
		     reserve_count(zone, nid) + drain_count(zone, nid);
		pages += nr << zone->order;
	}
	mutex_unlock(&kmobj_zones_lock);
	return pages;
}
EXPORT_SYMBOL_FOR_TESTS(reclaim_count);

/* One step for @zone, unless it is busy; @pages is not 0. Returns pages freed. */
static unsigned long reclaim_zone(struct kmobj_zone *zone, int nid,
				  unsigned long pages, bool *more)
{
	unsigned long nr = ((pages - 1) >> zone->order) + 1;
	struct kmobj_depot *depot = zone->depot[nid];
	unsigned int bin;

	*more |= rcu_expedite(zone);
	*more |= drain_for_memory(zone, false);
	if (!mutex_trylock(&zone->maintenance)) {
		*more = true;
		return 0;
	}
	*more |= reserve_age(zone);
	for (bin = 0; bin < KMOBJ_BINS; bin++)
		depot_sort(zone, depot, bin, nr);
	pages = depot_reclaim(zone, depot, nr, more);
	*more |= mover_wake(zone, MOVER_PRESSURE);
	mutex_unlock(&zone->maintenance);
	if (pages)
		trace_reclaim(zone->name, pages << PAGE_SHIFT);
	return pages;
}

/* Reclaim from zones @from to @to - 1, until @pages are free. */
static unsigned long reclaim_zones(int nid, unsigned long pages,
				   unsigned int from, unsigned int to, bool *more)
{
	unsigned long freed = 0;
	struct kmobj_zone *zone;
	unsigned int i = 0;

	lockdep_assert_held(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		if (freed >= pages || i == to)
			break;
		if (i++ < from)
			continue;
		turn = i;
		freed += reclaim_zone(zone, nid, pages - freed, more);
	}
	return freed;
}

/*
 * Free up to @pages of node @nid, and start to free as many. Returns the pages
 * freed; sets *@more if more can follow, after grace periods or when locks are free.
 */
unsigned long reclaim_scan(int nid, unsigned long pages, bool *more)
{
	unsigned long freed = free_slab_cache_shrink(nid, pages);
	unsigned int from;

	if (freed < pages && !mutex_trylock(&kmobj_zones_lock)) {
		*more = true;
	} else if (freed < pages) {
		from = turn;
		freed += reclaim_zones(nid, pages - freed, from, UINT_MAX, more);
		if (freed < pages)
			freed += reclaim_zones(nid, pages - freed, 0, from, more);
		mutex_unlock(&kmobj_zones_lock);
	}
	return freed;
}
EXPORT_SYMBOL_FOR_TESTS(reclaim_scan);

static unsigned long shrink_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return reclaim_count(sc->nid) ?: SHRINK_EMPTY;
}

/* If nothing was freed, the next call now would free nothing either. */
static unsigned long shrink_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long freed;
	bool more = false;

	freed = reclaim_scan(sc->nid, sc->nr_to_scan, &more);
	mm_account_reclaimed_pages(freed);
	return freed ?: SHRINK_STOP;
}

static void ask_all(void)
{
	struct kmobj_zone *zone;

	if (!mutex_trylock(&kmobj_zones_lock))
		return;
	list_for_each_entry(zone, &kmobj_zones, link)
		drain_for_memory(zone, true);
	mutex_unlock(&kmobj_zones_lock);
}

/*
 * The last reclaim before an OOM kill, which may wait. Returns pages freed. Until
 * something is freed it does at least three rounds, as early ones may only freeze
 * the reserves of CPUs.
 */
unsigned long reclaim_last(void)
{
	unsigned long end = jiffies + OOM_PATIENCE, freed = 0;
	unsigned int round = 0;
	bool more;
	int nid;

	ask_all();
	for (;;) {
		more = round++ < 2;
		for_each_online_node(nid)
			freed += reclaim_scan(nid, ULONG_MAX, &more);
		if (freed || !more || time_after(jiffies, end))
			return freed;
		schedule_timeout_uninterruptible(1);
	}
}
EXPORT_SYMBOL_FOR_TESTS(reclaim_last);

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
EXPORT_SYMBOL_FOR_TESTS(oom_report);

static int oom_notify(struct notifier_block *nb, unsigned long unused, void *freed)
{
	unsigned long pages = reclaim_last();

	*(unsigned long *)freed += pages;
	if (!pages)
		oom_report();
	return NOTIFY_OK;
}

static struct notifier_block oom_notifier = { .notifier_call = oom_notify };
static struct shrinker *shrinker;

int reclaim_start(void)
{
	shrinker = kmobj_shrinker_alloc();
	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = shrink_count;
	shrinker->scan_objects = shrink_scan;
	if (kmobj_shrinker_register(shrinker)) {
		kmobj_shrinker_stop(shrinker);
		return -ENOMEM;
	}
	register_oom_notifier(&oom_notifier);
	return 0;
}

void reclaim_stop(void)
{
	unregister_oom_notifier(&oom_notifier);
	kmobj_shrinker_stop(shrinker);
}
