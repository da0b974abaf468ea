/* SPDX-License-Identifier: GPL-2.0 */
/* Watched slabs of ordinary zones: see watch.c. */
#ifndef KMOBJ_DEBUG_WATCH_H
#define KMOBJ_DEBUG_WATCH_H

#include <linux/types.h>

struct kmobj_slab;
struct kmobj_zone;

bool watch_open(struct kmobj_zone *zone, void *pages, gfp_t gfp);
void watch_close(struct kmobj_zone *zone, const struct kmobj_slab *slab);
void *watch_take(struct kmobj_zone *zone, int nid);

#endif /* KMOBJ_DEBUG_WATCH_H */
