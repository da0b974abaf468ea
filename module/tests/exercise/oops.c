// SPDX-License-Identifier: GPL-2.0
/* An oops, with an address in a register. */
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/kthread.h>

#include "exercise.h"

/* Not inlined, so that the report names it. */
static noinline int store_at_null(void *addr)
{
	void **nowhere = NULL;

	OPTIMIZER_HIDE_VAR(nowhere);
	WRITE_ONCE(*nowhere, addr);
	return 0;
}

/* In a thread of its own, which ends with it. */
int oops_at(void *addr)
{
	return PTR_ERR_OR_ZERO(kthread_run(store_at_null, addr, "kmobj_oops"));
}
