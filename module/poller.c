// SPDX-License-Identifier: GPL-2.0
/*
 * The poller: passive care for all zones, once every poll_ms.
 *
 * For each zone it looks again at listed slabs whose objects may have come
 * home, files them anew, retires free ones above what the zone keeps, and lets
 * those out whose grace period has passed: to the free-slab cache of their
 * home CPU, or to the page allocator. Each pass has a budget of slabs, the
 * rest waits for the next one. It never waits; the CPUs it disturbs are those
 * that have left something undone: see drain.c and pair_age() in reserve.c.
 *
 * While a zone is in use, a slab is retiring, or a budget was used up, the timer
 * wakes an idle CPU. Otherwise it is deferrable: the CPU it is on may sleep, for as
 * long as it likes, and is not waited for where another CPU makes a slab then.
 *
 * zone_care_now() is the same work at once, for shrinking and destroying.
 */
#include <linux/cpu.h>
#include <linux/workqueue.h>

#include "internal.h"
#include "tunable.h"

#define POLL_MS_MAX	(60 * 60 * 1000)

static void poll_ms_written(void);

static unsigned int poll_ms = 1000;
KMOBJ_TUNABLE(poll_ms, 1, POLL_MS_MAX, poll_ms_written,
	      "milliseconds between passes (default 1000)");

static unsigned int retire_batch = 1024;
KMOBJ_TUNABLE(retire_batch, 1, INT_MAX, NULL,
	      "slabs of a zone and node looked at in a pass (default 1024)");

/*
 * Sort and retire on one node, @budget slabs in all; true if that was too few. Those
 * known to be free may have half of it; and which bin is sorted first takes turns,
 * so that each gets its share in the end.
 */
static bool depot_care(struct kmobj_zone *zone, struct kmobj_depot *depot,
		       unsigned long keep, unsigned long budget)
{
	unsigned long nr_free = READ_ONCE(depot->nr[KMOBJ_BIN_FREE]);
	unsigned long reserved = min(budget - budget / 2,
				     nr_free - min(nr_free, keep));
	unsigned int i, bin;

	budget -= reserved;
	for (i = 0; i < KMOBJ_BINS; i++) {
		bin = (depot->sort_first + i) % KMOBJ_BINS;
		budget = depot_sort(zone, depot, bin, budget);
	}
	depot->sort_first = (depot->sort_first + 1) % KMOBJ_BINS;
	budget += reserved;
	return depot_retire(zone, depot, keep, budget) == budget;
}

/* One pass over @zone; true if there is more to do soon. Under zone->care. */
bool zone_care(struct kmobj_zone *zone, unsigned long budget)
{
	struct kmobj_depot *depot;
	bool more;
	int nid;

	if (zone->offslab)
		offslab_fit(zone);
	more = drain_idle(zone);
	more |= reserve_age(zone);
	report_double_frees(zone);
	for_each_node(nid) {
		depot = zone->depot[nid];
		more |= depot_care(zone, depot, zone->keep, budget);
		more |= depot_advance(zone, depot);
	}
	return more;
}

KMOBJ_EXPORT_FOR_TESTS(zone_care);

/*
 * Everything that is free in the depot leaves, waiting for a grace period;
 * returns the number of slabs. Under zone->care.
 */
unsigned long zone_care_now(struct kmobj_zone *zone)
{
	unsigned long nr;
	int nid;

	for_each_node(nid)
		depot_care(zone, zone->depot[nid], 0, ULONG_MAX);
	nr = depot_flush(zone);
	trace_reclaim(zone->name, nr * (PAGE_SIZE << zone->order));
	report_double_frees(zone);
	return nr;
}

KMOBJ_EXPORT_FOR_TESTS(zone_care_now);

/* One pass over all zones; true if there is more to do soon. */
bool poller_pass(void)
{
	struct kmobj_zone *zone;
	bool more = false;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		zone_leave_if_empty(zone);
		/* who holds it does the same work, or is about to end it */
		if (!mutex_trylock(&zone->care))
			continue;
		more |= zone_care(zone, READ_ONCE(retire_batch));
		mutex_unlock(&zone->care);
		cond_resched();
	}
	mutex_unlock(&kmobj_zones_lock);
	return more;
}

KMOBJ_EXPORT_FOR_TESTS(poller_pass);

static void poll(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(poll_idle, poll);
static DECLARE_DELAYED_WORK(poll_busy, poll);
static bool poll_stopped;
static bool poll_sleeps;		/* poll_idle is all there is */
static DEFINE_MUTEX(poll_lock);		/* one of them is pending or runs */

/*
 * The next pass is where this one was; but if that is a CPU to be left alone,
 * which loaded the module, another's. Under cpus_read_lock.
 */
static int poll_where(void)
{
	int cpu;

	if (cpu_may_be_asked(raw_smp_processor_id()))
		return WORK_CPU_UNBOUND;
	for_each_online_cpu(cpu) {
		if (cpu_may_be_asked(cpu))
			return cpu;
	}
	return WORK_CPU_UNBOUND;
}

static void poll_later(bool busy)
{
	if (READ_ONCE(poll_stopped))
		return;
	cpus_read_lock();
	mutex_lock(&poll_lock);
	queue_delayed_work_on(poll_where(), system_power_efficient_wq,
			      busy ? &poll_busy : &poll_idle,
			      msecs_to_jiffies(READ_ONCE(poll_ms)));
	WRITE_ONCE(poll_sleeps, !busy);
	mutex_unlock(&poll_lock);
	cpus_read_unlock();
}

/*
 * A slab was made: from now on there is something to do. In any context but NMI. The
 * other work is still pending, on a CPU that may sleep; the first of the two that runs
 * cancels the other.
 */
void poller_wake(void)
{
	if (likely(!READ_ONCE(poll_sleeps)) || READ_ONCE(poll_stopped) ||
	    !xchg(&poll_sleeps, false))
		return;
	queue_delayed_work(system_power_efficient_wq, &poll_busy,
			   msecs_to_jiffies(READ_ONCE(poll_ms)));
}

/* Is the next pass one that an idle CPU may put off? */
bool poller_may_sleep(void)
{
	return delayed_work_pending(&poll_idle) && !delayed_work_pending(&poll_busy);
}

KMOBJ_EXPORT_FOR_TESTS(poller_may_sleep);

/* A pass that was to come later, or sooner, comes in poll_ms from now. */
static void poll_ms_written(void)
{
	struct delayed_work *work;

	mutex_lock(&poll_lock);
	work = delayed_work_pending(&poll_busy) ? &poll_busy : &poll_idle;
	if (delayed_work_pending(work))
		mod_delayed_work(system_power_efficient_wq, work,
				 msecs_to_jiffies(READ_ONCE(poll_ms)));
	mutex_unlock(&poll_lock);
}

static void poll(struct work_struct *work)
{
	mutex_lock(&poll_lock);
	cancel_delayed_work(work == &poll_idle.work ? &poll_busy : &poll_idle);
	mutex_unlock(&poll_lock);
	poll_later(poller_pass());
}

void poller_start(void)
{
	WRITE_ONCE(poll_stopped, false);
	poll_later(false);
}

KMOBJ_EXPORT_FOR_TESTS(poller_start);

/* One of the two may queue the other once more, before it sees the stop. */
void poller_stop(void)
{
	WRITE_ONCE(poll_stopped, true);
	WRITE_ONCE(poll_sleeps, false);
	cancel_delayed_work_sync(&poll_idle);
	cancel_delayed_work_sync(&poll_busy);
	cancel_delayed_work_sync(&poll_idle);
}

KMOBJ_EXPORT_FOR_TESTS(poller_stop);
