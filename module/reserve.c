// SPDX-License-Identifier: GPL-2.0
/*
 * The reserve: slabs that a CPU still owns after they left its pair, so that
 * it goes on to free into them with plain stores, and takes them back without
 * the depot's lock.
 *
 * A full slab that leaves the pair is parked: its owner is the CPU and
 * KMOBJ_PARKED, and it is on no list. Its first free decides, by one cmpxchg
 * of owner, where it goes:
 *
 *	a free by that CPU	owner = CPU; it joins the CPU's reserve, and the
 *				CPU's next frees into it take the fast path
 *	a free by anybody else	owner = HELD; it is given to the depot
 *
 * Parking is giving up, as in depot.c: owner is set, a full barrier, and then
 * a look at remote[]; the freer sets its bit and then looks at owner.
 *
 * The list has a lock so that the poller can take slabs away from a CPU that
 * no longer needs them. The CPU itself only ever tries it, and does without
 * the list if it fails: so it never spins, and its interrupts, which find the
 * section busy and stay away, need not be off. What the poller takes is
 * disowned: frees set a remote bit from then on, and a grace period later, as
 * sections run with preemption off, no CPU is left that saw the old owner, and
 * the slab is given to the depot. Nobody is interrupted, nobody waits.
 *
 * How many to take is told by the low-water mark: slabs that the CPU did not
 * touch since the last pass are not part of its working set (Bonwick and
 * Adams, "Magazines and Vmem", USENIX 2001, section 3.6).
 */
#include <linux/mm.h>

#include "internal.h"

/* Of all memory: what one CPU's reserve in one zone may hold. */
#define RESERVE_SHARE	64

/*
 * A reserve's free objects are out of reach for other CPUs until the poller
 * comes, so bound it: all reserves of a zone with a limit to an eighth of it.
 */
void reserve_set_max(struct kmobj_zone *zone)
{
	unsigned long max = (totalram_pages() / RESERVE_SHARE) >> zone->order;

	if (zone->limit != ULONG_MAX)
		max = min(max, zone->limit / (8 * num_possible_cpus()));
	WRITE_ONCE(zone->reserve_max, max);
}

void reserve_init(struct kmobj_pair *pair)
{
	raw_spin_lock_init(&pair->lock);
	INIT_LIST_HEAD(&pair->reserve);
}

/* Put a slab with a free object, owned by this CPU, in. In a section. */
static void reserve_add(struct kmobj_zone *zone, struct kmobj_pair *pair,
			struct kmobj_slab *slab)
{
	if (READ_ONCE(pair->nr_reserve) >= READ_ONCE(zone->reserve_max) ||
	    !raw_spin_trylock(&pair->lock)) {
		depot_give(zone, slab);
		return;
	}
	list_add(&slab->link, &pair->reserve);
	WRITE_ONCE(pair->nr_reserve, pair->nr_reserve + 1);
	raw_spin_unlock(&pair->lock);
}

/* The slab that came last, or NULL. In a section. */
struct kmobj_slab *reserve_take(struct kmobj_pair *pair)
{
	struct kmobj_slab *slab;

	if (!READ_ONCE(pair->nr_reserve) || !raw_spin_trylock(&pair->lock))
		return NULL;
	slab = list_first_entry_or_null(&pair->reserve, struct kmobj_slab,
					link);
	if (slab) {
		list_del(&slab->link);
		WRITE_ONCE(pair->nr_reserve, pair->nr_reserve - 1);
		pair->low = min(pair->low, pair->nr_reserve);
	}
	raw_spin_unlock(&pair->lock);
	return slab;
}

static bool owner_change(struct kmobj_slab *slab, int from, int to)
{
	return cmpxchg(&slab->owner, from, to) == from;
}

static bool any_remote(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab);
	unsigned int w;

	for (w = 0; w < zone->words; w++) {
		if (READ_ONCE(remote[w]))
			return true;
	}
	return false;
}

/* A full slab leaves the pair. In a section. */
void reserve_park(struct kmobj_zone *zone, struct kmobj_pair *pair,
		  struct kmobj_slab *slab)
{
	int parked = pair->cpu | KMOBJ_PARKED;

	WRITE_ONCE(slab->owner, parked);
	smp_mb();	/* pairs with test_and_set_bit() in free_remote() */
	if (any_remote(zone, slab) && owner_change(slab, parked, pair->cpu))
		reserve_add(zone, pair, slab);
}

bool slab_is_parked(const struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	return owner >= 0 && (owner & KMOBJ_PARKED);
}

/*
 * Free object @idx of a slab that this CPU parked. In a section. False if it
 * is parked no longer: somebody else was first.
 */
bool reserve_unpark(struct kmobj_zone *zone, struct kmobj_pair *pair,
		    struct kmobj_slab *slab, u32 idx)
{
	if (!owner_change(slab, pair->cpu | KMOBJ_PARKED, pair->cpu))
		return false;
	slab_push(slab, idx);
	reserve_add(zone, pair, slab);
	return true;
}

/* A remote bit was set and then @owner seen, parked: to the depot with it. */
void reserve_freed(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner)
{
	if (owner_change(slab, owner, KMOBJ_OWNER_HELD))
		depot_give(zone, slab);
}

/* Give all of it up, for a CPU that is dead. Under zone->care. */
void reserve_give_all(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	struct kmobj_slab *slab;

	while ((slab = reserve_take(pair)))
		depot_give(zone, slab);
}

/* Take the slab that has been there longest away from a CPU, if any is. */
static bool disown_one(struct kmobj_pair *pair, struct list_head *disowned)
{
	struct kmobj_slab *slab;
	bool any;

	raw_spin_lock_irq(&pair->lock);
	any = !list_empty(&pair->reserve);
	if (any) {
		slab = list_last_entry(&pair->reserve, struct kmobj_slab, link);
		WRITE_ONCE(slab->owner, KMOBJ_OWNER_HELD);
		list_move(&slab->link, disowned);
		WRITE_ONCE(pair->nr_reserve, pair->nr_reserve - 1);
	}
	raw_spin_unlock_irq(&pair->lock);
	return any;
}

/* Start to watch anew; how many slabs were not touched until now. */
static unsigned int low_water(struct kmobj_pair *pair)
{
	unsigned int low;

	raw_spin_lock_irq(&pair->lock);
	low = pair->low;
	pair->low = pair->nr_reserve;
	raw_spin_unlock_irq(&pair->lock);
	return low;
}

/* All reserves; what is disowned may be given once a grace period is over. */
void reserve_disown_all(struct kmobj_zone *zone)
{
	int cpu;

	lockdep_assert_held(&zone->care);
	for_each_possible_cpu(cpu) {
		while (disown_one(per_cpu_ptr(zone->pairs, cpu),
				  &zone->disowned))
			cond_resched();
	}
}

void reserve_give_disowned(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab, *next;

	lockdep_assert_held(&zone->care);
	list_for_each_entry_safe(slab, next, &zone->disowned, link)
		depot_give(zone, slab);
	INIT_LIST_HEAD(&zone->disowned);
}

/* What was not used since the last pass, within @budget. */
static void disown_unused(struct kmobj_zone *zone, unsigned long budget)
{
	struct kmobj_pair *pair;
	unsigned long nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		pair = per_cpu_ptr(zone->pairs, cpu);
		nr = min_t(unsigned long, budget, low_water(pair));
		while (nr-- && disown_one(pair, &zone->disowned))
			;
	}
}

/*
 * One pass: what was disowned goes to the depot, its grace period over; what
 * was not used since the last pass is disowned, or everything, if the zone is
 * at its limit. Never waits. True if there is more to do soon.
 */
bool reserve_age(struct kmobj_zone *zone, unsigned long budget)
{
	lockdep_assert_held(&zone->care);
	if (!list_empty(&zone->disowned)) {
		if (!poll_state_synchronize_rcu(zone->disowned_gp))
			return true;
		reserve_give_disowned(zone);
	}
	if (READ_ONCE(zone->want_drain)) {
		WRITE_ONCE(zone->want_drain, false);
		pair_ask_drain(zone);
		reserve_disown_all(zone);
	} else {
		disown_unused(zone, budget);
	}
	if (list_empty(&zone->disowned))
		return false;
	zone->disowned_gp = start_poll_synchronize_rcu();
	return true;
}

/* All reserves to the depot, now; waits for a grace period. */
void reserve_flush(struct kmobj_zone *zone)
{
	reserve_disown_all(zone);
	if (list_empty(&zone->disowned))
		return;
	synchronize_rcu();
	reserve_give_disowned(zone);
}
