/* SPDX-License-Identifier: GPL-2.0 */
/* Slabs whose header was written over are taken out of service: see isolate.c. */
#ifndef KMOBJ_SLAB_ISOLATE_H
#define KMOBJ_SLAB_ISOLATE_H

#include "slab/lookup.h"

struct kmobj_depot;

bool list_link_holds(struct list_head *prev, struct list_head *next);
bool slab_is_sound(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
		   unsigned long cookie);
bool slab_is_fit_for_depot(const struct kmobj_zone *zone, const struct kmobj_slab *slab,
			   unsigned long cookie);
bool slab_is_header(const struct kmobj_zone *zone, struct kmobj_slab *slab);
void slab_isolate_locked(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 struct kmobj_slab *slab, void *objs);
void slab_isolate(struct kmobj_zone *zone, struct kmobj_slab *slab, void *objs);
void links_mend(struct list_head *head, struct list_head *at);
bool slab_may_leave_list(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 struct kmobj_slab *slab, int owner);

/* Is @slab, which may be any address, a header of the zone's? Fast if it is sound. */
static inline bool slab_is_genuine(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_slab *found;
	unsigned long objs;

	if (!slab_is_offslab_addr(zone, slab)) {
		if (likely(slab_lookup_linear(zone, slab, &found) && found == slab))
			return true;
	} else if (is_linear((unsigned long)slab) && zone->offslab) {
		kmobj_peek(&objs, (unsigned long *)&slab->objs, unmapped);
		if (likely(header_is_of(zone, slab, objs & zone->slab_mask)))
			return true;
	}
unmapped:
	return slab_is_header(zone, slab);
}

#endif /* KMOBJ_SLAB_ISOLATE_H */
