// SPDX-License-Identifier: GPL-2.0
/*
 * A module written for kmem_cache as it was in Linux 6.1, with every call and
 * flag that moves over. check.sh looks at what it is linked with; with a flag
 * that cannot move over in REFUSED it must not compile. test/kernels.sh loads
 * it, which fails unless the calls did what they should.
 */
#include <linux/mempool.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#ifndef REFUSED
#define REFUSED	0
#endif

struct thing {
	struct rcu_head rcu;
	char name[48];
};

static void build(void *obj)
{
	memset(obj, 0, sizeof(struct thing));
}

static void free_any(void (*fn)(const void *obj), const void *obj)
{
	fn(obj);
}

static void free_all_ways(struct kmem_cache *cache, struct thing **things)
{
	kmem_cache_free(cache, things[0]);
	kfree(things[1]);
	kvfree(things[2]);
	kfree_sensitive(things[3]);
	kvfree_sensitive(things[4], ksize(things[4]));
	kfree_rcu(things[5], rcu);
	kvfree_rcu(things[6], rcu);
	kfree_rcu_mightsleep(things[7]);
	free_any(kfree, krealloc(things[8], sizeof(*things[8]), GFP_KERNEL));
	kfree_bulk(3, (void **)things + 9);
	kmem_cache_free_bulk(cache, 4, (void **)things + 12);
}

/* All are there, and no two share memory. They are left as build() has them. */
static bool are_sound(struct thing **things, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (!things[i] || ksize(things[i]) < sizeof(struct thing))
			return false;
		memset(things[i]->name, i, sizeof(things[i]->name));
	}
	for (i = 0; i < nr; i++) {
		if (memchr_inv(things[i]->name, i, sizeof(things[i]->name)))
			return false;
		build(things[i]);
	}
	return true;
}

static int use(struct kmem_cache *cache, bool has_ctor)
{
	struct thing *things[16];
	mempool_t *pool = mempool_create_slab_pool(1, cache);

	if (!pool)
		return -ENOMEM;
	mempool_free(mempool_alloc(pool, GFP_KERNEL), pool);
	mempool_destroy(pool);
	if (kmem_cache_size(cache) != sizeof(struct thing) ||
	    !kmem_cache_alloc_bulk(cache, GFP_KERNEL, 12, (void **)things))
		return -ENOMEM;
	things[12] = kmem_cache_alloc(cache, GFP_KERNEL);
	things[13] = has_ctor ? kmem_cache_alloc(cache, GFP_KERNEL) :
				kmem_cache_zalloc(cache, GFP_KERNEL);
	things[14] = kmem_cache_alloc_node(cache, GFP_KERNEL, NUMA_NO_NODE);
	things[15] = kmem_cache_alloc_lru(cache, NULL, GFP_KERNEL);
	if (!things[13] || memchr_inv(things[13], 0, sizeof(*things[13])) ||
	    !are_sound(things, ARRAY_SIZE(things)))
		return -EIO;
	free_all_ways(cache, things);
	kmem_cache_shrink(cache);
	return 0;
}

/* A user reads a thing's name, and so many bytes that the kernel checks it. */
static int show(struct kmem_cache *cache)
{
	unsigned long user = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
				     MAP_ANONYMOUS | MAP_PRIVATE, 0);
	struct thing *thing = kmem_cache_zalloc(cache, GFP_KERNEL);
	int err = -EFAULT;

	if (thing && !IS_ERR_VALUE(user))
		err = copy_to_user((void __user *)user, thing->name,
				   ksize(thing) - offsetof(struct thing, name));
	kmem_cache_free(cache, thing);
	return err ?: vm_munmap(user, PAGE_SIZE);
}

static int __init calls_init(void)
{
	slab_flags_t flags = SLAB_TYPESAFE_BY_RCU | SLAB_HWCACHE_ALIGN |
			     SLAB_RECLAIM_ACCOUNT | SLAB_ACCOUNT | SLAB_PANIC |
			     SLAB_POISON | SLAB_RED_ZONE | SLAB_STORE_USER |
			     REFUSED;
	struct kmem_cache *caches[] = {
		KMEM_CACHE(thing, flags),
		KMEM_CACHE_USERCOPY(thing, flags, name),
		kmem_cache_create("five", sizeof(struct thing), 0, flags,
				  build),
		kmem_cache_create_usercopy("seven", sizeof(struct thing), 0,
					   flags, 16, 48, build),
	};
	unsigned int i;
	int err = show(caches[1]);

	for (i = 0; i < ARRAY_SIZE(caches); i++) {
		err = err ?: use(caches[i], i >= 2);
		kmem_cache_destroy(caches[i]);
	}
	return err;
}

static void __exit calls_exit(void)
{
}

module_init(calls_init);
module_exit(calls_exit);
MODULE_DESCRIPTION("what moves over from kmem_cache");
MODULE_LICENSE("GPL");
