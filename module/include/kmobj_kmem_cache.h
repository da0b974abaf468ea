/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Use kmobj in a module written for kmem_cache, without changing its sources:
 * compile it with
 *
 *	NOSTDINC_FLAGS := -I$(KMOBJ)/module/include/kmem_cache $(NOSTDINC_FLAGS)
 *
 * in its Kbuild. <linux/slab.h>, <linux/rcupdate.h> and <linux/mempool.h> in that
 * folder include this file, then the kernel's header. README.md in this folder says
 * what each call and flag then does.
 *
 * The pragmas replace the symbols of the functions below wherever they are called or
 * have their address taken, also in the kernel's macros and inline functions; types,
 * prototypes and macros stay the kernel's. Names that a kernel lacks have no effect.
 * kmobj_kmem_cache.ko implements the new symbols (kmem_cache.c, sheaf.c). Each function
 * recognises a zone by its argument, and else calls the kernel's function. So a
 * recompiled module can still use caches of the kernel and of other modules.
 *
 * Not for kmobj.ko and kmobj_kmem_cache.ko themselves.
 */
#ifndef KMOBJ_KMEM_CACHE_H
#define KMOBJ_KMEM_CACHE_H

#include "kmobj_kmem_cache_compat.h"

/* caches: kmem_cache_create() is one of two functions, or a macro since 6.12 */
#pragma redefine_extname kmem_cache_create		kmobj_kmem_cache_create
#pragma redefine_extname __kmem_cache_create_args	kmobj_kmem_cache_create_args
#pragma redefine_extname kmem_cache_destroy		kmobj_kmem_cache_destroy
#pragma redefine_extname kmem_cache_shrink		kmobj_kmem_cache_shrink
#pragma redefine_extname kmem_cache_size		kmobj_kmem_cache_size

/* objects: the functions that allocate have longer names since 6.10 */
#pragma redefine_extname kmem_cache_alloc		kmobj_kmem_cache_alloc
#pragma redefine_extname kmem_cache_alloc_noprof	kmobj_kmem_cache_alloc
#pragma redefine_extname kmem_cache_alloc_lru		kmobj_kmem_cache_alloc_lru
#pragma redefine_extname kmem_cache_alloc_lru_noprof	kmobj_kmem_cache_alloc_lru
#pragma redefine_extname kmem_cache_alloc_node		kmobj_kmem_cache_alloc_node
#pragma redefine_extname kmem_cache_alloc_node_noprof	kmobj_kmem_cache_alloc_node
#pragma redefine_extname kmem_cache_alloc_bulk		kmobj_kmem_cache_alloc_bulk
#pragma redefine_extname kmem_cache_alloc_bulk_noprof	kmobj_kmem_cache_alloc_bulk
#pragma redefine_extname kmem_cache_free		kmobj_kmem_cache_free
#pragma redefine_extname kmem_cache_free_bulk		kmobj_kmem_cache_free_bulk
#pragma redefine_extname kmem_cache_charge		kmobj_kmem_cache_charge

/* sheaves, since 6.18 */
#pragma redefine_extname kmem_cache_prefill_sheaf	kmobj_prefill_sheaf
#pragma redefine_extname kmem_cache_refill_sheaf	kmobj_refill_sheaf
#pragma redefine_extname kmem_cache_return_sheaf	kmobj_return_sheaf
#pragma redefine_extname kmem_cache_alloc_from_sheaf_noprof kmobj_alloc_from_sheaf
#pragma redefine_extname kmem_cache_sheaf_size		kmobj_sheaf_size

/* functions for any object; kfree_rcu() and kvfree_rcu() call kvfree_call_rcu() */
#pragma redefine_extname kfree				kmobj_kfree
#pragma redefine_extname kfree_sensitive		kmobj_kfree_sensitive
#pragma redefine_extname kvfree				kmobj_kvfree
#pragma redefine_extname kvfree_atomic			kmobj_kvfree_atomic
#pragma redefine_extname kvfree_sensitive		kmobj_kvfree_sensitive
#pragma redefine_extname kvfree_call_rcu		kmobj_kvfree_call_rcu
#pragma redefine_extname ksize				kmobj_ksize
#pragma redefine_extname krealloc			kmobj_krealloc
#pragma redefine_extname krealloc_noprof		kmobj_krealloc
#pragma redefine_extname krealloc_node_align_noprof	kmobj_krealloc_node_align

/* before a copy to or from user space whose size is no constant: HARDENED_USERCOPY */
#pragma redefine_extname __check_object_size		kmobj_check_object_size

/* the callbacks of mempool_create_slab_pool() and mempool_init_slab_pool() */
#pragma redefine_extname mempool_alloc_slab		kmobj_mempool_alloc_slab
#pragma redefine_extname mempool_free_slab		kmobj_mempool_free_slab

#endif /* KMOBJ_KMEM_CACHE_H */
