// SPDX-License-Identifier: GPL-2.0
/*
 * Prefilled sheaves for modules compiled with include/kmobj_kmem_cache.h: arrays of
 * objects that are allocated in advance, so that taking one cannot fail.
 *
 * SLUB also uses sheaves as per-CPU caches, and does not export them to modules. Here
 * a sheaf belongs to its caller, so there is no locking. Sheaves use only the other
 * functions of this module, so they work with every cache.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include "kmem_cache.h"

struct slab_sheaf {
	struct kmem_cache *cache;	/* the cache of its objects */
	unsigned int size;		/* objects in it */
	unsigned int capacity;
	void *objs[];
};

/* Is @s the cache of @sheaf? If not, report it. */
static bool sheaf_is_of(const struct slab_sheaf *sheaf, struct kmem_cache *s)
{
	if (likely(sheaf->cache == s))
		return true;
	pr_err_ratelimited("a sheaf of objects of %u bytes was used with a cache of objects of %u: name the cache it was filled from\n",
			   kmobj_kmem_cache_size(sheaf->cache),
			   kmobj_kmem_cache_size(s));
	return false;
}

static int sheaf_fill(gfp_t gfp, struct slab_sheaf *sheaf)
{
	if (!kmobj_kmem_cache_alloc_bulk(sheaf->cache, gfp & ~__GFP_ZERO,
					 sheaf->capacity - sheaf->size,
					 sheaf->objs + sheaf->size))
		return -ENOMEM;
	sheaf->size = sheaf->capacity;
	return 0;
}

/**
 * kmobj_prefill_sheaf() - kmem_cache_prefill_sheaf()
 * @s: the cache
 * @gfp: as for kmobj_alloc()
 * @size: number of objects
 *
 * Context: any that @gfp allows.
 * Return: a sheaf, or NULL: no memory, or @size is 0.
 */
struct slab_sheaf *kmobj_prefill_sheaf(struct kmem_cache *s, gfp_t gfp,
				       unsigned int size)
{
	struct slab_sheaf *sheaf;

	if (!size)
		return NULL;
	sheaf = kmalloc(struct_size(sheaf, objs, size), gfp);
	if (!sheaf)
		return NULL;
	sheaf->cache = s;
	sheaf->size = 0;
	sheaf->capacity = size;
	if (sheaf_fill(gfp, sheaf)) {
		kfree(sheaf);
		return NULL;
	}
	return sheaf;
}
EXPORT_SYMBOL_GPL(kmobj_prefill_sheaf);

/**
 * kmobj_return_sheaf() - kmem_cache_return_sheaf()
 * @s: the cache
 * @gfp: not used
 * @sheaf: the sheaf; its objects are freed to the cache they are from, not to @s
 *
 * Context: any.
 */
void kmobj_return_sheaf(struct kmem_cache *s, gfp_t gfp,
			struct slab_sheaf *sheaf)
{
	sheaf_is_of(sheaf, s);
	if (sheaf->size)
		kmobj_kmem_cache_free_bulk(sheaf->cache, sheaf->size, sheaf->objs);
	kfree(sheaf);
}
EXPORT_SYMBOL_GPL(kmobj_return_sheaf);

/**
 * kmobj_refill_sheaf() - kmem_cache_refill_sheaf()
 * @s: the cache
 * @gfp: as for kmobj_alloc()
 * @sheafp: the sheaf; replaced by a larger one if necessary
 * @size: the least number of objects it should hold
 *
 * Context: any that @gfp allows.
 * Return: 0; -ENOMEM, with the sheaf unchanged; or -EINVAL for no sheaf or one of
 * another cache.
 */
int kmobj_refill_sheaf(struct kmem_cache *s, gfp_t gfp,
		       struct slab_sheaf **sheafp, unsigned int size)
{
	struct slab_sheaf *larger;

	if (!sheafp || !*sheafp || !sheaf_is_of(*sheafp, s))
		return -EINVAL;
	if ((*sheafp)->size >= size)
		return 0;
	if ((*sheafp)->capacity >= size)
		return sheaf_fill(gfp, *sheafp);
	larger = kmobj_prefill_sheaf(s, gfp, size);
	if (!larger)
		return -ENOMEM;
	kmobj_return_sheaf(s, gfp, *sheafp);
	*sheafp = larger;
	return 0;
}
EXPORT_SYMBOL_GPL(kmobj_refill_sheaf);

/**
 * kmobj_alloc_from_sheaf() - kmem_cache_alloc_from_sheaf()
 * @s: the cache
 * @gfp: only __GFP_ZERO is used
 * @sheaf: the sheaf
 *
 * Context: any.
 * Return: an object, or NULL if the sheaf is empty or of another cache.
 */
void *kmobj_alloc_from_sheaf(struct kmem_cache *s, gfp_t gfp,
			     struct slab_sheaf *sheaf)
{
	void *obj;

	if (!sheaf->size || !sheaf_is_of(sheaf, s))
		return NULL;
	obj = sheaf->objs[--sheaf->size];
	if (gfp & __GFP_ZERO)
		memset(obj, 0, kmobj_kmem_cache_size(s));
	return obj;
}
EXPORT_SYMBOL_GPL(kmobj_alloc_from_sheaf);

/**
 * kmobj_sheaf_size() - kmem_cache_sheaf_size()
 * @sheaf: the sheaf
 *
 * Context: any.
 * Return: the number of objects in it.
 */
unsigned int kmobj_sheaf_size(struct slab_sheaf *sheaf)
{
	return sheaf->size;
}
EXPORT_SYMBOL_GPL(kmobj_sheaf_size);
