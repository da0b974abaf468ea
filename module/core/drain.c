// SPDX-License-Identifier: GPL-2.0
/*
 * CPUs are asked to give up their slabs: when a limit was reached, when memory is
 * short, when a CPU has not used a zone for idle_ms, and on shrink. Those of a
 * dead CPU are given up for it.
 *
 * To ask a CPU is to set drain. When it next leaves its fast path it answers,
 * that is, gives up a bounded number of slabs: cpu_refill(), cpu_answer(). For
 * CPUs that do not use the zone, or never leave the fast path, work is queued,
 * which answers for all zones on that CPU. Isolated and nohz_full CPUs get no
 * work: they answer only when they leave their fast path. The work queue has a
 * rescuer, so the work needs no memory.
 */
#include <linux/cpu.h>
#include <linux/sched/isolation.h>
#include <linux/topology.h>

#include "kernel/tunable.h"
#include "slab/slab.h"
#include "core/drain.h"
#include "core/reserve.h"

#define IDLE_MS_MAX	(24 * 60 * 60 * 1000)

unsigned int kmobj_idle_ms = 30000;
KMOBJ_TUNABLE_NAMED(idle_ms, kmobj_idle_ms, 1, IDLE_MS_MAX, NULL,
		    "milliseconds without use after which a CPU's slabs of a zone go to the depot (default 30000)");
EXPORT_SYMBOL_FOR_TESTS(kmobj_idle_ms);

/* zone->limit_felt, when the limit was reached since the last pass. */
#define LIMIT_FELT	2

static struct workqueue_struct *drain_wq;
static DEFINE_PER_CPU(struct work_struct, drain_work);

/* May work be queued on @cpu? Not if it is isolated or nohz_full. */
bool cpu_may_be_asked(int cpu)
{
	bool yes;

	KUNIT_STATIC_STUB_REDIRECT(cpu_may_be_asked, cpu);
	rcu_read_lock();	/* newer kernels may change the masks */
	yes = housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) &&
	      housekeeping_test_cpu(cpu, HK_TYPE_TICK);
	rcu_read_unlock();
	return yes;
}
EXPORT_SYMBOL_FOR_TESTS(cpu_may_be_asked);

/* One bounded step of what this CPU was asked for; true if there is more. */
static bool cpu_step(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (READ_ONCE(c->drain))
		return cpu_drain(zone, c);
	return (READ_ONCE(c->trim) || READ_ONCE(c->behind)) && reserve_look(zone, c) &&
	       (READ_ONCE(c->trim) || READ_ONCE(c->behind));
}

/*
 * A step for this CPU in each zone; true if there is more. In sections, which a task
 * can always enter. A dying zone is left to destroy, whose grace period waits for
 * this. Model: work.
 */
static bool drain_all_zones(void)
{
	struct kmobj_zone *zone;
	struct kmobj_cpu *c;
	bool more = false;

	rcu_read_lock();
	list_for_each_entry_rcu(zone, &kmobj_zones, link) {
		preempt_disable();
		for_each_state_of(smp_processor_id(), c, zone) {
			if (READ_ONCE(zone->dying))
				break;
			cpu_section_try_enter(c);
			more |= cpu_step(zone, c);
			cpu_section_exit(c);
		}
		preempt_enable();
	}
	rcu_read_unlock();
	return more;
}

static void drain_this_cpu(struct work_struct *unused)
{
	while (drain_all_zones())
		cond_resched();
}

/*
 * Queue work on @cpu so that it answers soon; false if it may not get any. If it goes
 * offline meanwhile, drain_dead() gives up its slabs, and the work does no harm.
 */
bool drain_hurry(int cpu)
{
	if (!cpu_online(cpu) || !cpu_may_be_asked(cpu))
		return false;
	queue_work_on(cpu, drain_wq, per_cpu_ptr(&drain_work, cpu));
	return true;
}

static unsigned int cpu_slabs(const struct kmobj_cpu *c)
{
	return (READ_ONCE(c->active) != &kmobj_no_slab) +
	       (READ_ONCE(c->alternate) != &kmobj_no_slab);
}

/* Does the CPU own anything that it can be asked to give up? */
static bool cpu_holds_slabs(const struct kmobj_cpu *c)
{
	return cpu_slabs(c) || READ_ONCE(c->nr_reserve) ||
	       READ_ONCE(c->backlog) || !llist_empty(&c->notified);
}

/* Has a pass nothing to do about CPUs until zone_wake() is called? */
bool cpus_are_idle(const struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		if (cpu_holds_slabs(c))
			return false;
	}
	return !READ_ONCE(zone->limit_felt);
}

static unsigned long cpu_uses(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->allocs) + READ_ONCE(c->frees);
}

/* Was it not used since the poller last looked? */
static bool cpu_is_idle(const struct kmobj_cpu *c)
{
	return cpu_uses(c) == READ_ONCE(c->uses_seen);
}

/* Ask @cpu to give up all slabs of @c; true if it will answer soon. */
static bool cpu_ask(struct kmobj_cpu *c, int cpu)
{
	WRITE_ONCE(c->drain, true);
	return drain_hurry(cpu);
}

/*
 * An allocation failed because of the limit: ask all CPUs for their slabs, once per
 * pass of the poller. Until a period between two passes has gone by in which this did
 * not happen, CPUs allocate single objects from the depot. Model: ask.limit.
 */
void drain_at_limit(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	int cpu;

	if (READ_ONCE(zone->limit_felt) == LIMIT_FELT)
		return;
	WRITE_ONCE(zone->limit_felt, LIMIT_FELT);
	zone_wake(zone);
	for_each_kmobj_cpu(cpu, c, zone) {
		if (cpu_holds_slabs(c))
			cpu_ask(c, cpu);
	}
}

/* Ask if it was unused for idle_ms; true if used since the last pass. Model: ask.idle. */
static bool cpu_look_idle(struct kmobj_cpu *c, int cpu)
{
	if (!cpu_is_idle(c)) {
		WRITE_ONCE(c->uses_seen, cpu_uses(c));
		c->used = jiffies;
		return true;
	}
	if (cpu_slabs(c) &&
	    time_after(jiffies, c->used + msecs_to_jiffies(READ_ONCE(kmobj_idle_ms)))) {
		cpu_ask(c, cpu);
		c->used = jiffies;	/* ask again in idle_ms */
	}
	return false;
}

/*
 * The poller's pass: ask CPUs that have not used @zone for idle_ms. True if any
 * CPU has used it since the last pass.
 */
bool drain_idle(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	bool used = false;
	int cpu;

	lockdep_assert_held(&zone->maintenance);
	if (zone->limit_felt)
		WRITE_ONCE(zone->limit_felt, zone->limit_felt - 1);
	for_each_kmobj_cpu(cpu, c, zone)
		used |= cpu_look_idle(c, cpu);
	return used;
}

/*
 * Memory is short: ask the CPUs that have not used @zone since the poller last
 * looked, or @all. True if any will answer soon; waits for nothing.
 */
bool drain_for_memory(struct kmobj_zone *zone, bool all)
{
	struct kmobj_cpu *c;
	bool coming = false;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		if (cpu_holds_slabs(c) && (all || READ_ONCE(c->drain) || cpu_is_idle(c)))
			coming |= cpu_ask(c, cpu);
	}
	return coming;
}

/* Active and alternate slabs that drain_for_memory() would ask for on node @nid. */
unsigned long drain_count(struct kmobj_zone *zone, int nid)
{
	struct kmobj_cpu *c;
	unsigned long slabs = 0;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		if (cpu_to_mem(cpu) == nid && cpu_may_be_asked(cpu) && cpu_is_idle(c))
			slabs += cpu_slabs(c);
	}
	return slabs;
}

/* Full and owned slabs stay the dead CPU's: the poller finds frees into them (idle.c). */
void drain_dead(struct kmobj_zone *zone, int cpu)
{
	struct kmobj_cpu *c;

	lockdep_assert_held(&zone->maintenance);
	for_each_state_of(cpu, c, zone) {
		while (cpu_drain(zone, c))
			cond_resched();
	}
}
EXPORT_SYMBOL_FOR_TESTS(drain_dead);

void drain_flush(void)
{
	flush_workqueue(drain_wq);
}
EXPORT_SYMBOL_FOR_TESTS(drain_flush);

/* Ask all CPUs and wait for the work; give up the slabs of CPUs that are offline. */
static void drain_round(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	int cpu;

	for_each_possible_cpu(cpu) {
		for_each_state_of(cpu, c, zone)
			WRITE_ONCE(c->drain, true);
		if (!cpu_online(cpu))
			drain_dead(zone, cpu);
		else
			drain_hurry(cpu);
	}
	drain_flush();
}

/* Have all CPUs that may get work give up what they own, now. Under cpus_read_lock. */
void drain_now(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->maintenance);
	drain_round(zone);
	drain_round(zone);	/* slabs passed on to a CPU that was done */
}

int drain_start(void)
{
	int cpu;

	drain_wq = kmobj_percpu_queue("kmobj_drain");
	if (!drain_wq)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		INIT_WORK(per_cpu_ptr(&drain_work, cpu), drain_this_cpu);
	return 0;
}

void drain_stop(void)
{
	destroy_workqueue(drain_wq);
}
