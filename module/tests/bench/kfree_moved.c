// SPDX-License-Identifier: GPL-2.0
/* What kfree.c measures, with the calls that go to kmobj_kmem_cache.ko. */
#include "kmobj_kmem_cache.h"

#include "kfree.h"

loop_t *const kfree_moved = kfree_loop;
loop_t *const kfree_rcu_moved = kfree_rcu_loop;
