/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Differences between kernel versions and architectures. A module cannot call a
 * function that its kernel lacks, so the replacements below only have to compile.
 */
#ifndef KMOBJ_KMEM_CACHE_COMPAT_H
#define KMOBJ_KMEM_CACHE_COMPAT_H

#include <linux/slab.h>
#include <linux/thread_info.h>
#include <linux/version.h>

#if defined(CONFIG_MIPS) || defined(CONFIG_LOONGARCH) || \
	defined(CONFIG_KASAN_SW_TAGS) || defined(CONFIG_VMSPLIT_1G)
#error "kmobj_kmem_cache.ko does not know what no pointer of this kernel looks like"
#endif

/* kmem_cache_create() with a struct of arguments, since 6.12. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
struct kmem_cache_args {
	unsigned int align;
	unsigned int useroffset;
	unsigned int usersize;
	void (*ctor)(void *obj);
};

static inline bool kmem_cache_charge(void *obj, gfp_t gfp)
{
	return true;
}
#endif

#ifndef CONFIG_HARDENED_USERCOPY
static inline void __check_object_size(const void *ptr, unsigned long n, bool to_user)
{
}
#endif

/* kvfree_atomic() came with kfree_rcu_nolock(), which is a macro. */
#ifndef kfree_rcu_nolock
#define kvfree_atomic(obj)	kvfree(obj)
#endif

/* krealloc() has a token, an alignment and a node on newer kernels. */
#ifndef DECL_TOKEN_PARAMS
#define DECL_TOKEN_PARAMS(size, token)	size_t size
#define PASS_TOKEN_PARAMS(size, token)	size
#endif
#ifndef krealloc_node_align
#define krealloc_node_align_noprof(obj, size, align, gfp, nid)		\
	krealloc(obj, size, gfp)
#endif

/* kmem_cache_alloc_bulk() returns bool on newer kernels, int on older ones. */
#ifdef kmem_cache_alloc_bulk
#define kmobj_bulk_result \
	typeof(kmem_cache_alloc_bulk_noprof(NULL, 0, 0, NULL))
#else
#define kmobj_bulk_result \
	typeof(kmem_cache_alloc_bulk(NULL, 0, 0, NULL))
#endif

/* Flags that some kernels lack. */
#ifndef SLAB_NO_MERGE
#define SLAB_NO_MERGE		0
#endif
#ifndef SLAB_MEM_SPREAD
#define SLAB_MEM_SPREAD		0
#endif
#ifndef SLAB_NO_OBJ_EXT
#define SLAB_NO_OBJ_EXT		0
#endif
#ifndef SLAB_NO_SHEAVES
#define SLAB_NO_SHEAVES		0
#endif

#endif /* KMOBJ_KMEM_CACHE_COMPAT_H */
