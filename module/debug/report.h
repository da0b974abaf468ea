/* SPDX-License-Identifier: GPL-2.0 */
/* Reports of misuse to the log. */
#ifndef KMOBJ_DEBUG_REPORT_H
#define KMOBJ_DEBUG_REPORT_H

#include <linux/ratelimit_types.h>

struct kmobj_slab;
struct kmobj_zone;

/* From one burst of reports to the next. */
#define KMOBJ_REPORT_INTERVAL	(5 * HZ)

extern struct ratelimit_state bad_free_limit, bad_copy_limit;
void report_bad_free(struct kmobj_zone *zone, void *obj);
void report_kernels_cache(struct kmobj_zone *zone, const void *obj, unsigned int size);
void report_double_frees(struct kmobj_zone *zone);
void report_corrupt(struct kmobj_zone *zone);
void report_bad_gfp(struct kmobj_zone *zone, gfp_t gfp);
void report_dying(struct kmobj_zone *zone);
void report_uncharged(struct kmobj_zone *zone);
void report_bad_node(struct kmobj_zone *zone, int nid);
void report_bad_bulk(struct kmobj_zone *zone, size_t nr);
void report_nmi(struct kmobj_zone *zone);
void report_given_away(struct kmobj_zone *zone);

#endif /* KMOBJ_DEBUG_REPORT_H */
