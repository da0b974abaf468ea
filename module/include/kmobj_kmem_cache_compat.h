/* SPDX-License-Identifier: GPL-2.0 */
/* What differs between kernels for kmobj_kmem_cache.h, which includes it. */
#ifndef KMOBJ_KMEM_CACHE_COMPAT_H
#define KMOBJ_KMEM_CACHE_COMPAT_H

#include <linux/version.h>

/* There kfree_rcu() is an inline function, after which the kernel itself calls its kvfree(). */
#if defined(CONFIG_TINY_RCU) && LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#error "kfree_rcu() cannot be given to kmobj by a kernel without SMP before Linux 6.14"
#endif

/* It is inline since 6.12, and clang warns of pragmas for such. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#pragma redefine_extname kmem_cache_create_usercopy	kmobj_kmem_cache_create_usercopy
#endif

#endif /* KMOBJ_KMEM_CACHE_COMPAT_H */
