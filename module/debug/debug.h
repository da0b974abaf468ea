/* SPDX-License-Identifier: GPL-2.0 */
/* Debug zones: see debug.c. */
#ifndef KMOBJ_DEBUG_DEBUG_H
#define KMOBJ_DEBUG_DEBUG_H

#include <linux/types.h>

struct kmobj_slab;
struct kmobj_zone;

void debug_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_alloc(struct kmobj_zone *zone, void *obj, gfp_t gfp);
bool debug_free(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx);
void debug_free_rcu(struct kmobj_zone *zone, void *obj);
bool debug_free_waited(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       u32 idx);

#endif /* KMOBJ_DEBUG_DEBUG_H */
