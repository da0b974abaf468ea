/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What kmem_cache.c and sheaf.c share, and the functions that recompiled
 * modules call by the kernel's names: include/kmobj_kmem_cache.h.
 *
 * To such modules a zone is a struct kmem_cache pointer: the zone's address with a
 * high bit flipped (KMOBJ_DISGUISE). No pointer of the kernel has that form, so
 * zones differ from caches. If such a pointer is passed to the kernel, it
 * faults at the first access, with the caller in the trace.
 */
#ifndef KMOBJ_KMEM_CACHE_FUNCTIONS_H
#define KMOBJ_KMEM_CACHE_FUNCTIONS_H

#include <linux/slab.h>

#include "compat.h"
#include "kmobj.h"
#include "kmobj_dropin.h"

struct slab_sheaf;

static __always_inline void *disguise(const void *p)
{
	return (void *)((unsigned long)p ^ KMOBJ_DISGUISE);
}

/* The zone of a cache, or NULL for a cache of the kernel. */
static __always_inline struct kmobj_zone *cache_zone(const struct kmem_cache *s)
{
	return kmobj_is_disguised((unsigned long)s) ? disguise(s) : NULL;
}

struct kmem_cache *kmobj_kmem_cache_create(const char *name, unsigned int size,
					   unsigned int align,
					   slab_flags_t flags,
					   void (*ctor)(void *));
struct kmem_cache *
kmobj_kmem_cache_create_usercopy(const char *name, unsigned int size,
				 unsigned int align, slab_flags_t flags,
				 unsigned int useroffset, unsigned int usersize,
				 void (*ctor)(void *));
struct kmem_cache *
kmobj_kmem_cache_create_args(const char *name, unsigned int size,
			     struct kmem_cache_args *args, slab_flags_t flags);
void kmobj_kmem_cache_destroy(struct kmem_cache *s);
int kmobj_kmem_cache_shrink(struct kmem_cache *s);
unsigned int kmobj_kmem_cache_size(struct kmem_cache *s);

void *kmobj_kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp);
void *kmobj_kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru,
				 gfp_t gfp);
void *kmobj_kmem_cache_alloc_node(struct kmem_cache *s, gfp_t gfp, int nid);
kmobj_bulk_result kmobj_kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp,
					      size_t nr, void **objs);
void kmobj_kmem_cache_free(struct kmem_cache *s, void *obj);
void kmobj_kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **objs);
bool kmobj_kmem_cache_charge(void *obj, gfp_t gfp);
void kmobj_check_object_size(const void *ptr, unsigned long n, bool to_user);

struct slab_sheaf *kmobj_prefill_sheaf(struct kmem_cache *s, gfp_t gfp,
				       unsigned int size);
int kmobj_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
		       struct slab_sheaf **sheafp, unsigned int size);
void kmobj_return_sheaf(struct kmem_cache *s, gfp_t gfp,
			struct slab_sheaf *sheaf);
void *kmobj_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
			     struct slab_sheaf *sheaf);
unsigned int kmobj_sheaf_size(struct slab_sheaf *sheaf);

void kmobj_kfree(const void *obj);
void kmobj_kfree_sensitive(const void *obj);
void kmobj_kvfree(const void *obj);
void kmobj_kvfree_atomic(const void *obj);
void kmobj_kvfree_sensitive(const void *obj, size_t len);
void kmobj_kvfree_call_rcu(void *head, void *arg);
size_t kmobj_ksize(const void *obj);
void *kmobj_krealloc(const void *obj, size_t size, gfp_t gfp);
void *kmobj_krealloc_node_align(const void *obj, DECL_TOKEN_PARAMS(size, token),
				unsigned long align, gfp_t gfp, int nid);

void *kmobj_mempool_alloc_slab(gfp_t gfp, void *cache);
void kmobj_mempool_free_slab(void *obj, void *cache);

#endif /* KMOBJ_KMEM_CACHE_FUNCTIONS_H */
