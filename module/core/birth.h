/* SPDX-License-Identifier: GPL-2.0 */
/* A slab is made, up to the zone's limit, and is released. */
#ifndef KMOBJ_CORE_BIRTH_H
#define KMOBJ_CORE_BIRTH_H

#include <linux/types.h>

struct kmobj_slab;
struct kmobj_zone;

extern bool kmobj_shuffle;
void slab_shuffle_start(void);
unsigned long limit_slabs(const struct kmobj_zone *zone, unsigned long bytes);
struct kmobj_slab *slab_create(struct kmobj_zone *zone, gfp_t gfp, int nid);
void slab_release(struct kmobj_zone *zone, struct kmobj_slab *slab, bool to_cache);

#endif /* KMOBJ_CORE_BIRTH_H */
