/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands before the kernel's <linux/rcupdate.h>, which has kfree_rcu(): see
 * ../../kmobj_kmem_cache.h.
 */
#include "../../kmobj_kmem_cache.h"
#include_next <linux/rcupdate.h>
