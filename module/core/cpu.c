// SPDX-License-Identifier: GPL-2.0
/*
 * The active and the alternate slab that a CPU owns in a zone. The CPU touches
 * them only in a section: see section.h.
 *
 * A slab that the CPU takes becomes the active one. When the next one comes it
 * becomes the alternate, and when another comes it leaves, full and still owned
 * by the CPU: see reserve.c. Frees by this CPU into the two are plain stores. A
 * CPU that allocates and frees around the end of a slab only swaps the two.
 *
 * The CPU is asked to give up its slabs when they are needed elsewhere: see
 * drain.c.
 */
#include <linux/topology.h>

#include "slab/depot.h"
#include "slab/isolate.h"
#include "core/reserve.h"

/* Is this CPU the owner, or was it until destroy took the slab? */
static bool cpu_owned(const struct kmobj_cpu *c, const struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	return cpu_owns(c, owner) || owner == KMOBJ_OWNER_TAKEN;
}

/*
 * Object 0 of @slab, which should be this CPU's. NULL if its header was written over:
 * the slab is out of service now. Where slab_pop() keeps to the slab, that is by cookie
 * and owner alone.
 */
static void *cpu_check(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	void *objs = slab_objs(zone, slab);

	if (likely(objs && cpu_owned(c, slab) &&
		   (KMOBJ_HARDENED || slab_is_sound(zone, slab, slab->cookie))))
		return objs;
	slab_isolate(zone, slab, NULL);
	return NULL;
}

/*
 * Make @slab, which this CPU owns already, the active one. Both the active and
 * the alternate slab are full. @objs is its object 0; false if it is corrupt and has none.
 */
bool cpu_push(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab, void *objs)
{
	struct kmobj_slab *out = c->alternate;

	if (unlikely(!objs))
		return false;
	cpu_swap(zone, c);
	WRITE_ONCE(c->active, slab);
	c->active_objs = objs;
	reserve_leave(zone, c, out);
	return true;
}

/* Has the active slab a free object, and is it sound? */
static __always_inline bool active_has_free(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *slab = c->active;

	if (!slab_has_free(zone, slab))
		return false;
	if (likely(cpu_owned(c, slab) && slab_is_sound(zone, slab, READ_ONCE(slab->cookie))))
		return true;
	slab_isolate(zone, slab, c->active_objs);
	WRITE_ONCE(c->active, &kmobj_no_slab);
	return false;
}

/* Has the active or the alternate slab a free object? Then make it the active one. */
static __always_inline bool cpu_has_free(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	if (active_has_free(zone, c))
		return true;
	if (!slab_has_free(zone, c->alternate))
		return false;
	cpu_swap(zone, c);
	return active_has_free(zone, c);
}

/*
 * Make a slab with a free object the active one, and point its hint to that
 * object. In a section. False if kmobj holds no such slab for this CPU or its
 * node, or if CPUs may not take the depot's slabs because of the limit. A slab whose
 * header was written over is left out. Model: answer.refill, felt.
 */
bool cpu_refill(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *slab = NULL;

	if (unlikely(zone_is_debug(zone)))
		return false;
	if (unlikely(READ_ONCE(c->drain)))
		cpu_drain(zone, c);
	slab_try_reveal(zone, c, c->active);
	slab_try_reveal(zone, c, c->alternate);
	if (cpu_has_free(zone, c))
		return true;
	if (reserve_look(zone, c)) {
		if (cpu_has_free(zone, c))
			return true;
		while ((slab = reserve_pop(zone, c)) &&
		       unlikely(!cpu_push(zone, c, slab, cpu_check(zone, c, slab))))
			;
	}
	if (!slab && likely(!READ_ONCE(zone->limit_felt))) {
		slab = depot_take(zone, numa_mem_id(), c->owner);
		/* checked as it left its list */
		if (slab && unlikely(!cpu_push(zone, c, slab, slab_objs(zone, slab))))
			return false;
	}
	return slab && slab_has_free(zone, slab);
}

void cpus_init(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	int cpu;

	for_each_kmobj_cpu(cpu, c, zone) {
		c->active = &kmobj_no_slab;
		c->alternate = &kmobj_no_slab;
		c->owner = c == cpu_at(zone, cpu, 0) ? cpu : cpu | KMOBJ_SECOND;
	}
}
