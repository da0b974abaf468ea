/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU owns of a zone, and the section in which it touches that.
 *
 * Only that CPU touches its slabs (but see idle.c), and only in a section: it
 * turns preemption off, sets busy, and only then reads the rest. Interrupts stay
 * on. An interrupt that finds busy set uses the CPU's second state, which exists
 * for that. The two are to each other as two CPUs are: to free an object of the
 * first in a section of the second is a remote free. An interrupt that finds both
 * busy (a hardirq in a softirq, both of which interrupted a section) allocates
 * from the depot and frees as another CPU would. So the fast paths need no
 * atomics, and nothing is ever undone.
 */
#ifndef KMOBJ_CORE_SECTION_H
#define KMOBJ_CORE_SECTION_H

#include "slab/state.h"

enum { RESERVE_OPEN, RESERVE_FROZEN, RESERVE_TAKEN };

/*
 * A CPU has two of these in a zone. What is outside a section is counted in allocs_nested
 * and frees_nested of the first, with this_cpu_inc().
 */
#define KMOBJ_CPU_STATES	2

struct kmobj_cpu {
	struct kmobj_slab *active;
	int owner;			/* of its slabs, as slab->owner has it */
	union {
		struct {
			bool busy;
			bool drain;	/* asked to give up what has free objects */
			u8 trim;	/* requests to trim the reserve: 0, 1 or 2 */
			bool behind;	/* the last look did not empty backlog */
		};
		u32 flags;		/* see cpu_is_asked() */
	};
	unsigned long allocs;
	unsigned long frees;
	struct kmobj_slab *alternate;
	unsigned long frees_remote;
	void *active_objs;		/* object 0 of each: not what the header says */
	void *alternate_objs;

	/* seldom used */
	int reserve_state ____cacheline_aligned_in_smp;
	bool backlog_is_held;		/* backlog: only active and alternate */
	u8 rcu_slabs;			/* put on rcu, modulo 256 */
	struct kmobj_slab *reserve;
	unsigned int nr_reserve;
	unsigned int low_watermark;	/* of nr_reserve since the last pass */
	unsigned long moves;		/* slow paths that came to the reserve */
	unsigned long moves_seen;	/* by the poller, under zone->maintenance */
	unsigned long uses_seen;	/* allocs + frees, likewise */
	unsigned long used;		/* jiffies of the last use or request seen */
	struct llist_node *backlog;	/* taken off notified, not yet looked at */
	unsigned long allocs_nested;
	unsigned long frees_nested;
	unsigned long frees_rcu;
	struct llist_head rcu;		/* slabs queued for a pass: free_rcu.c */

	/* written by all CPUs */
	struct llist_head notified ____cacheline_aligned_in_smp;
};

static inline struct kmobj_cpu *cpu_at(const struct kmobj_zone *zone,
				       int cpu, unsigned int nr)
{
	return per_cpu_ptr(zone->cpus, cpu) + nr;
}

/* @c is each state of @cpu. */
#define for_each_state_of(cpu, c, zone)					\
	for ((c) = cpu_at(zone, cpu, 0);				\
	     (c) < cpu_at(zone, cpu, KMOBJ_CPU_STATES); (c)++)

/* @c is each state of each CPU, which is @cpu. */
#define for_each_kmobj_cpu(cpu, c, zone)				\
	for_each_possible_cpu(cpu)					\
		for_each_state_of(cpu, c, zone)

/* The state of the CPU, first or second, that @owner names. */
static inline struct kmobj_cpu *cpu_of_owner(const struct kmobj_zone *zone, int owner)
{
	int cpu = owner & ~(KMOBJ_FULL_OWNED | KMOBJ_SECOND | KMOBJ_HIDDEN_HALF);

	return cpu_at(zone, cpu, !!(owner & KMOBJ_SECOND));
}

/* Enter a section, with preemption off; false if busy. Model: section. */
static __always_inline bool cpu_section_try_enter(struct kmobj_cpu *c)
{
	/* an interrupt that comes now restores busy before it returns */
	if (unlikely(data_race(c->busy)))
		return false;
	WRITE_ONCE(c->busy, true);
	barrier();	/* busy is set before the section reads anything */
	return true;
}

static __always_inline void cpu_section_exit(struct kmobj_cpu *c)
{
	barrier();	/* the section's stores come before busy is cleared */
	WRITE_ONCE(c->busy, false);
}

/* Enter a section of this CPU's first or second state; NULL if both are busy. */
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

/* Does @owner name this state, with KMOBJ_FULL_OWNED or KMOBJ_HIDDEN_HALF or without? */
static __always_inline bool cpu_owns(const struct kmobj_cpu *c, int owner)
{
	return !((owner ^ c->owner) & ~(KMOBJ_FULL_OWNED | KMOBJ_HIDDEN_HALF));
}

/*
 * Was this CPU asked to give something up, notified, or is it behind? The caller is in
 * a section: if not, busy is the only one of flags that is set.
 */
static __always_inline bool cpu_is_asked(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->flags) != (__force u32)cpu_to_le32(true) ||
	       !llist_empty(&c->notified);
}

/* Take a free object from the word at the active slab's hint; false if it has none. */
static __always_inline bool cpu_pop(const struct kmobj_zone *zone, struct kmobj_cpu *c,
				    void **obj)
{
	return slab_pop(zone, c->active, &c->active_objs, obj);
}

/*
 * The active and the alternate slab change places. A pass of the poller may read one
 * before and the other after that, and so miss the only one that there is.
 */
static __always_inline void cpu_swap(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *alternate = c->alternate;
	void *objs = c->alternate_objs;

	WRITE_ONCE(c->alternate, c->active);
	c->alternate_objs = c->active_objs;
	WRITE_ONCE(c->active, alternate);
	c->active_objs = objs;
	if (unlikely(c->alternate == &kmobj_no_slab))
		zone_wake(zone);
}

/* cpu.c */
bool cpu_push(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab,
	      void *objs);
bool cpu_refill(struct kmobj_zone *zone, struct kmobj_cpu *c);
void cpus_init(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_SECTION_H */
