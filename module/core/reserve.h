/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU owns besides its active and alternate slabs, and how it is notified
 * of remote frees: see reserve.c.
 */
#ifndef KMOBJ_CORE_RESERVE_H
#define KMOBJ_CORE_RESERVE_H

#include "slab/depot.h"
#include "core/section.h"

void reserve_set_max(struct kmobj_zone *zone);
struct kmobj_slab *reserve_pop(struct kmobj_zone *zone, struct kmobj_cpu *c);
void reserve_leave(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab);
void slab_reveal(struct kmobj_zone *zone, struct kmobj_cpu *c, struct kmobj_slab *slab);
void reserve_notify(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner);
void notified_pass_on(struct kmobj_zone *zone, struct kmobj_slab *slab);
bool reserve_look(struct kmobj_zone *zone, struct kmobj_cpu *c);
bool cpu_drain(struct kmobj_zone *zone, struct kmobj_cpu *c);
bool reserve_free_into_full(struct kmobj_zone *zone, struct kmobj_cpu *c,
			    struct kmobj_slab *slab, u32 idx);
unsigned long reserve_count(struct kmobj_zone *zone, int nid);

/* If all but the hidden half of the CPU's @slab is allocated, reveal that half. */
static __always_inline void slab_try_reveal(struct kmobj_zone *zone, struct kmobj_cpu *c,
					    struct kmobj_slab *slab)
{
	if (unlikely(slab_has_hidden_half(slab)) && !slab_seek(zone, slab))
		slab_reveal(zone, c, slab);
}

/* A bit of @slab's remote[] was set: notify the owner or the depot. Model: free.look. */
static __always_inline void slab_notify(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (likely(owner >= 0)) {
		if (!READ_ONCE(slab_remote(zone, slab)->notified))
			reserve_notify(zone, slab, owner);
	} else if (owner == KMOBJ_OWNER_DEPOT) {
		if (!READ_ONCE(slab->listed))
			depot_on_remote_free(zone, slab);
		zone_wake_after_mb(zone);
	}
}

/* idle.c */
bool reserve_age(struct kmobj_zone *zone);
void reserve_flush(struct kmobj_zone *zone);
void reserve_take_from_all(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_RESERVE_H */
