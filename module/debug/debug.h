/* SPDX-License-Identifier: GPL-2.0 */
/* Debug zones: debug.c; the module parameter debug=: param.c; fault injection: fail.c. */
#ifndef KMOBJ_DEBUG_DEBUG_H
#define KMOBJ_DEBUG_DEBUG_H

#include <linux/types.h>

struct dentry;
struct kernel_param;
struct kmobj_slab;
struct kmobj_zone;

void debug_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab);
bool debug_slab_check(struct kmobj_zone *zone, struct kmobj_slab *slab);
void debug_alloc(struct kmobj_zone *zone, void *obj);
bool debug_free(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx);
void debug_free_rcu(struct kmobj_zone *zone, void *obj);
bool debug_free_waited(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx);
unsigned int debug_param_flags(const char *name, const char *part);
int private_param_set(const char *value, const struct kernel_param *unused);
bool private_param_names(const char *name, const char *part);
int sample_param_set(const char *value, const struct kernel_param *unused);
u32 sample_param_of(const char *name, const char *part);
int debug_param_set(const char *value, const struct kernel_param *unused);
bool fail_alloc(const struct kmobj_zone *zone, gfp_t gfp);
void fail_start(struct dentry *dir);
void fail_always(bool yes);

#endif /* KMOBJ_DEBUG_DEBUG_H */
