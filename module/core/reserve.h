/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a CPU owns besides its pair, and how it learns of remote frees: see reserve.c.
 */
#ifndef KMOBJ_CORE_RESERVE_H
#define KMOBJ_CORE_RESERVE_H

#include "slab/depot.h"
#include "slab/slab.h"
#include "slab/state.h"
#include "slab/zone.h"
#include "core/section.h"

void reserve_set_max(struct kmobj_zone *zone);
struct kmobj_slab *reserve_pop(struct kmobj_pair *pair);
void reserve_leave(struct kmobj_pair *pair, struct kmobj_slab *slab);
void slab_thaw(struct kmobj_zone *zone, struct kmobj_pair *pair,
	       struct kmobj_slab *slab);
void reserve_tell(struct kmobj_zone *zone, struct kmobj_slab *slab, int owner);
void told_pass_on(struct kmobj_zone *zone, struct kmobj_slab *slab);
bool reserve_look(struct kmobj_zone *zone, struct kmobj_pair *pair);
bool reserve_drain(struct kmobj_zone *zone, struct kmobj_pair *pair);
bool pair_drain(struct kmobj_zone *zone, struct kmobj_pair *pair);
void pair_answer(struct kmobj_zone *zone, struct kmobj_pair *pair);
bool reserve_wake(struct kmobj_zone *zone, struct kmobj_pair *pair,
		  struct kmobj_slab *slab, u32 idx);
unsigned long reserve_count(struct kmobj_zone *zone, int nid);

/* If a fresh slab of the pair has handed out its first half: the rest. */
static __always_inline void slab_look_fresh(struct kmobj_zone *zone,
					    struct kmobj_pair *pair,
					    struct kmobj_slab *slab)
{
	if (unlikely(slab_is_fresh(slab)) && !slab_seek(zone, slab))
		slab_thaw(zone, pair, slab);
}

/* A bit of @slab's remote[] was set: have somebody look. Model: free.look. */
static __always_inline void slab_tell(struct kmobj_zone *zone,
				      struct kmobj_slab *slab)
{
	int owner = READ_ONCE(slab->owner);

	if (likely(owner >= 0)) {
		if (!READ_ONCE(slab_remote(zone, slab)->told))
			reserve_tell(zone, slab, owner);
	} else if (owner == KMOBJ_OWNER_DEPOT && !READ_ONCE(slab->listed)) {
		depot_freed(zone, slab);
	}
}

#endif /* KMOBJ_CORE_RESERVE_H */
