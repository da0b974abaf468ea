/* SPDX-License-Identifier: GPL-2.0 */
/* KASAN's shadow of slabs and objects; empty in kernels without it. */
#ifndef KMOBJ_DEBUG_KASAN_REPORT_H
#define KMOBJ_DEBUG_KASAN_REPORT_H

struct kmobj_slab;
struct kmobj_zone;

#ifdef CONFIG_KASAN_GENERIC
void shadow_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab);
void shadow_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab);
void shadow_alloc(struct kmobj_zone *zone, void *obj);
void shadow_free(struct kmobj_zone *zone, void *obj);
bool shadow_is_live(void *obj);
void shadow_quiet(bool quiet);
#else
static inline void shadow_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab) {}
static inline void shadow_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab) {}
static inline void shadow_alloc(struct kmobj_zone *zone, void *obj) {}
static inline void shadow_free(struct kmobj_zone *zone, void *obj) {}
static inline bool shadow_is_live(void *obj) { return true; }
static inline void shadow_quiet(bool quiet) {}
#endif

#if defined(CONFIG_KASAN_GENERIC) && defined(CONFIG_TRACEPOINTS)
int shadow_start(void);
void shadow_stop(void);
#else
static inline int shadow_start(void) { return 0; }
static inline void shadow_stop(void) {}
#endif

#endif /* KMOBJ_DEBUG_KASAN_REPORT_H */
