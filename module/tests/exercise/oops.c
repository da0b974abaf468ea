// SPDX-License-Identifier: GPL-2.0
/* An oops, with an address in a register. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "exercise.h"
#include "kmobj_dropin.h"

/* Not inlined, so that the report names it. */
static noinline int store_at_null(void *addr)
{
	void **nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, addr);
	return 0;
}

/* By the kernel's function, as where a kmem_cache was handed to the kernel. */
static noinline int alloc_from_zone(void *cache)
{
	return !kmem_cache_alloc(cache, GFP_KERNEL);
}

int oops_in_kernel(struct kmobj_zone *zone)
{
	void *cache = (void *)((unsigned long)zone ^ KMOBJ_DISGUISE);

	return PTR_ERR_OR_ZERO(kthread_run(alloc_from_zone, cache, "kmobj_oops"));
}

/* In a thread of its own, which ends with it. */
int oops_at(void *addr)
{
	return PTR_ERR_OR_ZERO(kthread_run(store_at_null, addr, "kmobj_oops"));
}
