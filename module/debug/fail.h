/* SPDX-License-Identifier: GPL-2.0 */
/* Fault injection: see fail.c. */
#ifndef KMOBJ_DEBUG_FAIL_H
#define KMOBJ_DEBUG_FAIL_H

struct dentry;
struct kmobj_zone;

bool fail_alloc(const struct kmobj_zone *zone, gfp_t gfp);
void fail_start(struct dentry *dir);
void fail_always(bool yes);

#endif /* KMOBJ_DEBUG_FAIL_H */
