/* SPDX-License-Identifier: GPL-2.0 */
/* Slabs in /proc/allocinfo. */
#ifndef KMOBJ_SLAB_PROFILE_H
#define KMOBJ_SLAB_PROFILE_H

#include <linux/gfp.h>

struct kmobj_slab;
struct kmobj_zone;
struct module;

struct page *profile_alloc_pages(unsigned int order, gfp_t gfp, int nid);
void profile_join(struct kmobj_zone *zone, struct kmobj_slab *slab);
void profile_leave(struct kmobj_zone *zone, const struct kmobj_slab *slab);
void profile_left_by(struct kmobj_zone *zone, const struct module *module);

#endif /* KMOBJ_SLAB_PROFILE_H */
