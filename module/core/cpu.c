// SPDX-License-Identifier: GPL-2.0
/*
 * The pair: the active and the alternate slab that a CPU owns in a zone.
 *
 * Only that CPU touches them, and only in a section: preemption off, then
 * pair->busy set, and only then owner and pair read. Interrupts stay on: one
 * that finds busy set leaves the pair alone, and does the same with a second
 * pair that the CPU has for that. To each other the two are as two CPUs are: an
 * object of the first freed in a section of the second is a remote free. One
 * that finds both busy (a hardirq in a softirq, both of which interrupted a
 * section) takes from the depot and frees as if from another CPU. So nothing
 * here needs an atomic, and nothing is ever undone.
 *
 * A slab comes in as active, becomes the alternate when the next one comes,
 * and goes out full after that, still the CPU's: see reserve.c. Frees by this
 * CPU into the two are plain stores, and a CPU that allocates and frees around
 * the end of a slab swaps the two and leaves all else alone.
 *
 * Others who want the slabs ask for them: see drain.c.
 */
#include <linux/topology.h>

#include "slab/depot.h"
#include "slab/slab.h"
#include "slab/state.h"
#include "slab/zone.h"
#include "core/cpu.h"
#include "core/reserve.h"
#include "core/section.h"

/*
 * Make @slab, which this pair owns already, the active one. After a cpu_refill()
 * that found nothing: both of the pair are full.
 */
void cpu_push(struct kmobj_cpu *c, struct kmobj_slab *slab)
{
	struct kmobj_slab *out = c->alternate;

	WRITE_ONCE(c->alternate, c->active);
	WRITE_ONCE(c->active, slab);
	reserve_leave(c, out);
}

/* Does the pair itself have a free object? Then make its slab the active one. */
static bool cpu_has_free(struct kmobj_zone *zone, struct kmobj_cpu *c)
{
	struct kmobj_slab *alternate = c->alternate;

	if (slab_has_free(zone, c->active))
		return true;
	if (!slab_has_free(zone, alternate))
		return false;
	WRITE_ONCE(c->alternate, c->active);
	WRITE_ONCE(c->active, alternate);
	return true;
}

/*
 * Bring a slab with a free object, and hint pointing to it, into active. In a
 * section; false if kmobj holds no such slab for this CPU or its node, or if the
 * depot's are for all as the limit was felt. Model: answer.refill, felt.
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
		slab = reserve_pop(c);
	}
	if (!slab && likely(!READ_ONCE(zone->limit_felt)))
		slab = depot_take(zone, numa_mem_id(), c->owner);
	if (!slab)
		return false;
	cpu_push(c, slab);
	return slab_has_free(zone, slab);
}

void cpus_init(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			c = cpu_at(zone, cpu, nr);
			c->active = &kmobj_no_slab;
			c->alternate = &kmobj_no_slab;
			c->owner = nr ? cpu | KMOBJ_SECOND : cpu;
			init_llist_head(&c->notified);
		}
	}
}
