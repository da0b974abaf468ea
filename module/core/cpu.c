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
 * Make @slab, which this pair owns already, the active one. After a pair_refill()
 * that found nothing: both of the pair are full.
 */
void pair_push(struct kmobj_pair *pair, struct kmobj_slab *slab)
{
	struct kmobj_slab *out = pair->alternate;

	WRITE_ONCE(pair->alternate, pair->active);
	WRITE_ONCE(pair->active, slab);
	reserve_leave(pair, out);
}

/* Does the pair itself have a free object? Then make its slab the active one. */
static bool pair_has_free(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	struct kmobj_slab *alternate = pair->alternate;

	if (slab_has_free(zone, pair->active))
		return true;
	if (!slab_has_free(zone, alternate))
		return false;
	WRITE_ONCE(pair->alternate, pair->active);
	WRITE_ONCE(pair->active, alternate);
	return true;
}

/*
 * Bring a slab with a free object, and hint pointing to it, into active. In a
 * section; false if kmobj holds no such slab for this CPU or its node, or if the
 * depot's are for all as the limit was felt. Model: answer.refill, felt.
 */
bool pair_refill(struct kmobj_zone *zone, struct kmobj_pair *pair)
{
	struct kmobj_slab *slab = NULL;

	if (unlikely(zone_is_debug(zone)))
		return false;
	if (unlikely(READ_ONCE(pair->drain)))
		pair_drain(zone, pair);
	slab_look_fresh(zone, pair, pair->active);
	slab_look_fresh(zone, pair, pair->alternate);
	if (pair_has_free(zone, pair))
		return true;
	if (reserve_look(zone, pair)) {
		if (pair_has_free(zone, pair))
			return true;
		slab = reserve_pop(pair);
	}
	if (!slab && likely(!READ_ONCE(zone->limit_felt)))
		slab = depot_take(zone, numa_mem_id(), pair->owner);
	if (!slab)
		return false;
	pair_push(pair, slab);
	return slab_has_free(zone, slab);
}

void pair_init(struct kmobj_zone *zone)
{
	struct kmobj_pair *pair;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			pair = pair_at(zone, cpu, nr);
			pair->active = &kmobj_no_slab;
			pair->alternate = &kmobj_no_slab;
			pair->owner = nr ? cpu | KMOBJ_SECOND : cpu;
			init_llist_head(&pair->told);
		}
	}
}
