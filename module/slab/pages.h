/* SPDX-License-Identifier: GPL-2.0 */
/* Pages of slabs, and the per-CPU caches of free slabs. */
#ifndef KMOBJ_SLAB_PAGES_H
#define KMOBJ_SLAB_PAGES_H

#include <linux/mm.h>

struct kmobj_slab;
struct kmobj_zone;

bool free_slab_cache_put(void *slab, unsigned int order, int cpu);
unsigned long free_slab_cache_pages(int nid);
unsigned long free_slab_cache_shrink(int nid, unsigned long nr);
void free_slab_cache_empty(int cpu);
unsigned long free_slab_cache_count(int cpu, unsigned int order);
bool may_ask_for_pages(void);
struct page *slab_pages_alloc(unsigned int order, gfp_t gfp, int nid);
void *slab_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home);
void *small_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home);
unsigned int slab_given_away(const struct kmobj_slab *slab);
void slab_pages_join(const struct kmobj_zone *zone, const struct kmobj_slab *slab);
void slab_pages_leave(const struct kmobj_zone *zone, const struct kmobj_slab *slab);

#endif /* KMOBJ_SLAB_PAGES_H */
