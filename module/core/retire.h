/* SPDX-License-Identifier: GPL-2.0 */
/* Free slabs leave after a grace period. */
#ifndef KMOBJ_CORE_RETIRE_H
#define KMOBJ_CORE_RETIRE_H

struct kmobj_depot;
struct kmobj_zone;

unsigned long depot_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			   unsigned long keep, unsigned long budget);
bool depot_advance(struct kmobj_zone *zone, struct kmobj_depot *depot);
unsigned long depot_reclaim(struct kmobj_zone *zone, struct kmobj_depot *depot,
			    unsigned long max, bool *more);
unsigned long depot_flush(struct kmobj_zone *zone);
void corrupt_release(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_RETIRE_H */
