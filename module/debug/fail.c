// SPDX-License-Identifier: GPL-2.0
/*
 * Fault injection for allocations of zones with KMOBJ_FAIL_ALLOC: as often as set in
 * debugfs, kmobj/fail_alloc/, like the kernel's failslab
 * (Documentation/fault-injection). __GFP_NOFAIL never fails.
 */
#include "slab/zone.h"
#include "debug/debug.h"

#ifdef CONFIG_FAULT_INJECTION
#include <linux/fault-inject.h>

static struct fault_attr fail_attr = FAULT_ATTR_INITIALIZER;

bool fail_alloc(const struct kmobj_zone *zone, gfp_t gfp)
{
	return (zone->flags & KMOBJ_FAIL_ALLOC) && !(gfp & __GFP_NOFAIL) &&
	       should_fail(&fail_attr, zone->size);
}

void fail_start(struct dentry *dir)
{
	fault_create_debugfs_attr("fail_alloc", dir, &fail_attr);
}

/* For tests. */
void fail_always(bool yes)
{
	fail_attr.probability = yes ? 100 : 0;
	atomic_set(&fail_attr.times, yes ? -1 : 1);
	fail_attr.verbose = yes ? 0 : 2;
}
#else
bool fail_alloc(const struct kmobj_zone *zone, gfp_t gfp) { return false; }
void fail_start(struct dentry *dir) {}
void fail_always(bool yes) {}
#endif
EXPORT_SYMBOL_FOR_TESTS(fail_always);
