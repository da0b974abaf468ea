/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU owns of a zone, and the section in which it touches that.
 *
 * Only that CPU touches it, and only in a section: preemption off, then pair->busy
 * set, and only then owner and pair read. Interrupts stay on: one that finds busy set
 * leaves the pair alone, and does the same with a second pair that the CPU has for
 * that. To each other the two are as two CPUs are: an object of the first freed in a
 * section of the second is a remote free. One that finds both busy (a hardirq in a
 * softirq, both of which interrupted a section) takes from the depot and frees as if
 * from another CPU. So nothing here needs an atomic, and nothing is ever undone.
 */
#ifndef KMOBJ_CORE_SECTION_H
#define KMOBJ_CORE_SECTION_H

#include <linux/llist.h>
#include <linux/percpu.h>
#include <linux/preempt.h>

#include "slab/slab.h"
#include "slab/state.h"
#include "slab/zone.h"

enum { RESERVE_OPEN, RESERVE_FROZEN, RESERVE_TAKEN };

/*
 * What a CPU owns of a zone, twice: see cpu.c. Only that CPU touches it, in a
 * section: with preemption off and busy set. What happens outside sections
 * (below two, or for another node) is counted in the first one's allocs_nested
 * and frees_nested, with this_cpu_inc().
 */
#define KMOBJ_PAIRS	2

struct kmobj_cpu {
	struct kmobj_slab *active;
	int owner;			/* of its slabs, as slab->owner has it */
	union {
		struct {
			bool busy;
			bool drain;	/* asked to give all up */
			u8 trim;	/* so often asked to give up what it does not use */
			bool behind;	/* todo is more than it could look at */
		};
		u32 flags;		/* see cpu_is_asked() */
	};
	unsigned long allocs;
	unsigned long frees;
	struct kmobj_slab *alternate;
	unsigned long frees_remote;
	struct kmobj_slab *reserve;
	unsigned int nr_reserve;
	unsigned int low_watermark;		/* the least of it since the last pass */

	/* seldom used */
	int reserve_state ____cacheline_aligned_in_smp;
	bool backlog_is_pair;		/* todo is just slabs of the pair */
	u8 rcu_slabs;			/* put on rcu, modulo 256 */
	unsigned long moves;		/* slow paths that used the reserve */
	unsigned long moves_seen;	/* by the poller, under zone->maintenance */
	unsigned long uses_seen;	/* as that: allocs + frees */
	unsigned long used;		/* in jiffies: when that last changed */
	struct llist_node *backlog;	/* off told, not yet looked at */
	unsigned long allocs_nested;
	unsigned long frees_nested;
	unsigned long frees_rcu;
	struct llist_head rcu;		/* slabs that wait, see free_rcu.c */

	/* written by everybody */
	struct llist_head notified ____cacheline_aligned_in_smp;
};

static inline struct kmobj_cpu *cpu_at(const struct kmobj_zone *zone,
				       int cpu, unsigned int nr)
{
	return per_cpu_ptr(zone->cpus, cpu) + nr;
}

/* The pair whose slabs have that owner. */
static inline struct kmobj_cpu *cpu_of_owner(const struct kmobj_zone *zone,
					     int owner)
{
	int cpu = owner & ~(KMOBJ_FULL_OWNED | KMOBJ_SECOND | KMOBJ_HIDDEN_HALF);

	return cpu_at(zone, cpu, !!(owner & KMOBJ_SECOND));
}

/*
 * Enter the section with preemption off already; false if busy. Model: section.
 */
static __always_inline bool cpu_section_try_enter(struct kmobj_cpu *c)
{
	/* an interrupt that comes now leaves it as it was */
	if (unlikely(data_race(c->busy)))
		return false;
	WRITE_ONCE(c->busy, true);
	barrier();	/* busy is set before an interrupt can matter */
	return true;
}

static __always_inline void cpu_section_exit(struct kmobj_cpu *c)
{
	barrier();	/* all is stored before an interrupt may enter */
	WRITE_ONCE(c->busy, false);
}

/* A pair of this CPU's, in a section; or NULL below two interrupted ones. */
static __always_inline struct kmobj_cpu *cpu_section_enter(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;

	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	if (likely(cpu_section_try_enter(c)) || cpu_section_try_enter(++c))
		return c;
	preempt_enable();
	return NULL;
}

static __always_inline void cpu_section_leave(struct kmobj_cpu *c)
{
	cpu_section_exit(c);
	preempt_enable();
}

/* Is that the owner of a slab of this pair's, dormant, fresh or neither? */
static __always_inline bool cpu_owns(const struct kmobj_cpu *c, int owner)
{
	return !((owner ^ c->owner) & ~(KMOBJ_FULL_OWNED | KMOBJ_HIDDEN_HALF));
}

/*
 * Was this CPU asked to give something up, or told of remote frees? In a section:
 * so busy is set, and nothing else in the word that they share if it was not.
 */
static __always_inline bool cpu_is_asked(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->flags) != (__force u32)cpu_to_le32(true) ||
	       !llist_empty(&c->notified);
}

#endif /* KMOBJ_CORE_SECTION_H */
