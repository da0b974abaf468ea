// SPDX-License-Identifier: GPL-2.0
/*
 * Code and data of the tracepoints, and the static keys of the features that see
 * each object: see trace.h.
 */
#include "kernel/compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

DEFINE_STATIC_KEY_FALSE(kmobj_watch_alloc);
DEFINE_STATIC_KEY_FALSE(kmobj_watch_free);

int trace_alloc_on(void)
{
	static_branch_inc(&kmobj_watch_alloc);
	return 0;
}

void trace_alloc_off(void)
{
	static_branch_dec(&kmobj_watch_alloc);
}

int trace_free_on(void)
{
	static_branch_inc(&kmobj_watch_free);
	return 0;
}

void trace_free_off(void)
{
	static_branch_dec(&kmobj_watch_free);
}

/* Called before the first zone is created. */
void watch_start(void)
{
	if (want_init_on_alloc(0))
		static_branch_inc(&kmobj_watch_alloc);
	if (want_init_on_free())
		static_branch_inc(&kmobj_watch_free);
}
