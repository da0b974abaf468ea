/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands before the kernel's <linux/mempool.h>: see ../../kmobj_kmem_cache.h.
 */
#include "../../kmobj_kmem_cache.h"
#include_next <linux/mempool.h>
