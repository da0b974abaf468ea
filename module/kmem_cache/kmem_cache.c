// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_kmem_cache.ko: the functions of kmem_cache on zones, for modules compiled
 * with include/kmobj_kmem_cache.h. Each has the type of the kernel's function it
 * replaces, and calls that function if its argument does not belong to a zone.
 *
 * A cache pointer itself shows whether it is a zone (kmem_cache.h). kfree() and
 * similar functions get only an object: kmobj_zone_holding() looks it up.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ctype.h>
#include <linux/mempool.h>
#include <linux/module.h>

#include "kmem_cache.h"

/* Flags of kmem_cache_create() and of zones. */
static const struct {
	slab_flags_t slab;
	unsigned int zone;
} mapped[] = {
	{ SLAB_TYPESAFE_BY_RCU,	KMOBJ_TYPESAFE_BY_RCU },
	{ SLAB_HWCACHE_ALIGN,	KMOBJ_HWCACHE_ALIGN },
	{ SLAB_RECLAIM_ACCOUNT,	KMOBJ_RECLAIMABLE },
	{ SLAB_ACCOUNT,		KMOBJ_ACCOUNT },
	{ SLAB_POISON,		KMOBJ_POISON },
	{ SLAB_RED_ZONE,	KMOBJ_RED_ZONE },
	{ SLAB_STORE_USER,	KMOBJ_TRACK_USER },
};

/* Flags without effect; include/README.md says why for each. */
#define IGNORED	(SLAB_PANIC | SLAB_CONSISTENCY_CHECKS | SLAB_TRACE |	\
		 SLAB_DEBUG_OBJECTS | SLAB_NOLEAKTRACE | SLAB_FAILSLAB |	\
		 SLAB_NO_MERGE | SLAB_MEM_SPREAD | SLAB_KASAN |		\
		 SLAB_NO_USER_FLAGS | SLAB_SKIP_KFENCE |		\
		 SLAB_NO_OBJ_EXT | SLAB_NO_SHEAVES)

/*
 * Flags of kmem_cache to those of a zone; unsupported ones go into *@rest. As in SLUB,
 * objects whose contents must survive a free are not poisoned.
 */
static unsigned int zone_flags(slab_flags_t flags, bool has_ctor,
			       slab_flags_t *rest)
{
	unsigned int i, zone = 0;

	*rest = flags & ~(slab_flags_t)IGNORED;
	for (i = 0; i < ARRAY_SIZE(mapped); i++) {
		if (flags & mapped[i].slab)
			zone |= mapped[i].zone;
		*rest &= ~mapped[i].slab;
	}
	if (has_ctor || (flags & SLAB_TYPESAFE_BY_RCU))
		zone &= ~KMOBJ_POISON;
	return zone;
}

/*
 * Copy up to @room characters of @name, and return their number. '!' replaces '/',
 * unprintable characters and characters that are not ASCII, where a UTF-8 sequence is
 * one character.
 */
static size_t fit_bytes(char *to, size_t room, const char *name)
{
	size_t len = 0;

	while (*name && len < room) {
		bool fits = isascii(*name) && isprint(*name) && *name != '/';

		to[len++] = fits ? *name : '!';
		if ((*name++ & 0xc0) != 0xc0)
			continue;
		while ((*name & 0xc0) == 0x80)
			name++;
	}
	return len;
}

/* Names that zones cannot have, although all of their characters are valid. */
static bool is_reserved(const char *name)
{
	return !*name || !strcmp(name, ".") || !strcmp(name, "..") ||
	       strstarts(name, KMOBJ_OWN_NAMES);
}

/* Make a valid zone name from @name, with the suffix :@nr if @nr is above 1. */
static void fit_name(char *to, const char *name, unsigned int nr)
{
	char suffix[12] = "";
	size_t len;

	if (nr > 1)
		snprintf(suffix, sizeof(suffix), ":%u", nr);
	len = fit_bytes(to, KMOBJ_NAME_MAX - strlen(suffix), name);
	if (is_reserved(name)) {
		to[0] = '!';
		len = max_t(size_t, len, 1);
	}
	strscpy(to + len, suffix, KMOBJ_NAME_MAX + 1 - len);
}

static bool number_taken(const char *name, unsigned int nr)
{
	char fit[KMOBJ_NAME_MAX + 1];

	fit_name(fit, name, nr);
	return kmobj_zone_name_taken(fit);
}

/*
 * A number with which @name is free, found by doubling and bisection, as thousands of
 * caches may share a name. Not always the least one.
 */
static unsigned int free_number(const char *name)
{
	unsigned int taken = 0, free = 1, mid;

	while (number_taken(name, free)) {
		taken = free;
		free *= 2;
	}
	while (free - taken > 1) {
		mid = taken + (free - taken) / 2;
		if (number_taken(name, mid))
			taken = mid;
		else
			free = mid;
	}
	return free;
}

/* Caches may have any name, and share it; zones may not. */
static struct kmobj_zone *zone_create(const char *name, unsigned int size,
				      const struct kmobj_zone_args *args)
{
	char fit[KMOBJ_NAME_MAX + 1];
	struct kmobj_zone *zone;

	if (!name)
		return kmobj_zone_create_quietly(NULL, size, args); /* logs the error */
	do {
		fit_name(fit, name, free_number(name));
		zone = kmobj_zone_create_quietly(fit, size, args);
	} while (zone == ERR_PTR(-EEXIST));	/* taken in between */
	return zone;
}

static struct kmem_cache *cache_create(const char *name, unsigned int size,
				       const struct kmem_cache_args *args,
				       slab_flags_t flags)
{
	struct kmobj_zone *zone = ERR_PTR(-EINVAL);
	struct kmobj_zone_args zone_args = {
		.align = args->align,
		.ctor = args->ctor,
		/* a cache without a region has nothing for users, a zone all */
		.useroffset = args->usersize ? args->useroffset : size,
		.usersize = args->usersize,
	};
	slab_flags_t rest;

	zone_args.flags = zone_flags(flags, args->ctor, &rest);
	if (rest)
		pr_err("cannot create cache \"%.64s\": no zone has the flags %#x\n",
		       name ?: "(null)", (unsigned int __force)rest);
	else
		zone = zone_create(name, size, &zone_args);
	if (!IS_ERR(zone))
		return disguise(zone);
	if (flags & SLAB_PANIC)
		panic("kmobj: cache \"%.64s\": error %ld\n", name ?: "(null)",
		      PTR_ERR(zone));
	return NULL;
}

/**
 * kmobj_kmem_cache_create_args() - kmem_cache_create() with a struct
 * @name: the zone's name; if it is taken, ":2" and so on is appended; characters
 *	that a zone's name cannot have are replaced by '!'
 * @size: bytes of an object; above KMOBJ_MAX_SIZE, or with an alignment above
 *	KMOBJ_MAX_ALIGN, the cache is created by the kernel
 * @args: align, ctor, useroffset and usersize. Free objects hold no pointer, and CPUs
 *	own slabs in any case, so free pointer and sheaves have no effect.
 * @flags: see include/README.md
 *
 * Context: a task that may sleep.
 * Return: the cache, or NULL; the log says why.
 */
struct kmem_cache *
kmobj_kmem_cache_create_args(const char *name, unsigned int size,
			     struct kmem_cache_args *args, slab_flags_t flags)
{
	if (size <= KMOBJ_MAX_SIZE && args->align <= KMOBJ_MAX_ALIGN)
		return cache_create(name, size, args, flags);
	pr_info("cache \"%.64s\" is made by the kernel: a zone's objects have at most %u bytes and are aligned to at most %lu\n",
		name ?: "(null)", KMOBJ_MAX_SIZE, KMOBJ_MAX_ALIGN);
	return kmem_cache_create_usercopy(name, size, args->align, flags,
					  args->useroffset, args->usersize,
					  args->ctor);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_create_args);

/**
 * kmobj_kmem_cache_create_usercopy() - kmem_cache_create_usercopy()
 * @name: as for kmobj_kmem_cache_create_args()
 * @size: as for kmobj_kmem_cache_create_args()
 * @align: alignment of objects
 * @flags: as for kmobj_kmem_cache_create_args()
 * @useroffset: where the region begins that users may see, in bytes
 * @usersize: bytes of that region; 0: there is none
 * @ctor: called once for each object
 *
 * Context: a task that may sleep.
 * Return: the cache, or NULL; the log says why.
 */
struct kmem_cache *
kmobj_kmem_cache_create_usercopy(const char *name, unsigned int size,
				 unsigned int align, slab_flags_t flags,
				 unsigned int useroffset, unsigned int usersize,
				 void (*ctor)(void *))
{
	struct kmem_cache_args args = {
		.align = align,
		.useroffset = useroffset,
		.usersize = usersize,
		.ctor = ctor,
	};

	return kmobj_kmem_cache_create_args(name, size, &args, flags);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_create_usercopy);

/**
 * kmobj_kmem_cache_create() - kmem_cache_create() with five arguments
 * @name: as for kmobj_kmem_cache_create_args()
 * @size: as for kmobj_kmem_cache_create_args()
 * @align: alignment of objects
 * @flags: as for kmobj_kmem_cache_create_args()
 * @ctor: called once for each object
 *
 * Context: a task that may sleep.
 * Return: the cache, or NULL; the log says why.
 */
struct kmem_cache *kmobj_kmem_cache_create(const char *name, unsigned int size,
					   unsigned int align,
					   slab_flags_t flags,
					   void (*ctor)(void *))
{
	return kmobj_kmem_cache_create_usercopy(name, size, align, flags, 0, 0,
						ctor);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_create);

/**
 * kmobj_kmem_cache_destroy() - kmem_cache_destroy()
 * @s: the cache; NULL is ignored
 *
 * Waits for objects freed by kfree_rcu(), as kmobj_zone_destroy() does. If objects
 * are live, the log says so, and the zone is destroyed after the last was freed.
 *
 * Context: a task that may sleep (for RCU grace periods).
 */
void kmobj_kmem_cache_destroy(struct kmem_cache *s)
{
	struct kmobj_zone *zone = cache_zone(s);

	if (!zone) {
		kmem_cache_destroy(s);
		return;
	}
	kmobj_zone_destroy_later(zone);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_destroy);

/**
 * kmobj_kmem_cache_shrink() - kmem_cache_shrink()
 * @s: the cache
 *
 * Context: as kmobj_zone_shrink().
 * Return: 0, or 1 if slabs are left.
 */
int kmobj_kmem_cache_shrink(struct kmem_cache *s)
{
	struct kmobj_zone *zone = cache_zone(s);
	struct kmobj_zone_stats stats;

	if (!zone)
		return kmem_cache_shrink(s);
	kmobj_zone_shrink(zone);
	kmobj_zone_stats(zone, &stats);
	return stats.slabs != 0;
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_shrink);

/**
 * kmobj_kmem_cache_size() - kmem_cache_size()
 * @s: the cache
 *
 * Context: any.
 * Return: bytes of an object as asked for.
 */
unsigned int kmobj_kmem_cache_size(struct kmem_cache *s)
{
	struct kmobj_zone *zone = cache_zone(s);

	return zone ? kmobj_zone_size(zone) : kmem_cache_size(s);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_size);

/**
 * kmobj_kmem_cache_alloc() - kmem_cache_alloc()
 * @s: the cache
 * @gfp: as for kmobj_alloc()
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc().
 */
void *kmobj_kmem_cache_alloc(struct kmem_cache *s, gfp_t gfp)
{
	struct kmobj_zone *zone = cache_zone(s);

	return likely(zone) ? kmobj_alloc(zone, gfp) : kmem_cache_alloc(s, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_alloc);

/**
 * kmobj_kmem_cache_alloc_lru() - kmem_cache_alloc_lru()
 * @s: the cache
 * @lru: the list_lru for the object: slabs of its zone are not charged, so it
 *	goes on the list of the root cgroup, which needs no preparation
 * @gfp: as for kmobj_alloc()
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc_lru(), or as kmobj_alloc() if @lru is NULL.
 */
void *kmobj_kmem_cache_alloc_lru(struct kmem_cache *s, struct list_lru *lru,
				 gfp_t gfp)
{
	struct kmobj_zone *zone = cache_zone(s);

	if (unlikely(!zone))
		return kmem_cache_alloc_lru(s, lru, gfp);
	return lru ? kmobj_alloc_lru(zone, gfp) : kmobj_alloc(zone, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_alloc_lru);

/**
 * kmobj_kmem_cache_alloc_node() - kmem_cache_alloc_node()
 * @s: the cache
 * @gfp: as for kmobj_alloc()
 * @nid: as for kmobj_alloc_node()
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc().
 */
void *kmobj_kmem_cache_alloc_node(struct kmem_cache *s, gfp_t gfp, int nid)
{
	struct kmobj_zone *zone = cache_zone(s);

	return zone ? kmobj_alloc_node(zone, gfp, nid) :
		      kmem_cache_alloc_node(s, gfp, nid);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_alloc_node);

/**
 * kmobj_kmem_cache_alloc_bulk() - kmem_cache_alloc_bulk()
 * @s: the cache
 * @gfp: as for kmobj_alloc()
 * @nr: number of objects
 * @objs: filled in
 *
 * Context: as kmobj_alloc().
 * Return: @nr, or 0 and no object; true or false where the kernel's returns bool.
 */
kmobj_bulk_result kmobj_kmem_cache_alloc_bulk(struct kmem_cache *s, gfp_t gfp,
					      size_t nr, void **objs)
{
	struct kmobj_zone *zone = cache_zone(s);

	if (!zone)
		return kmem_cache_alloc_bulk(s, gfp, nr, objs);
	return kmobj_alloc_bulk(zone, gfp, nr, objs) ? nr : 0;
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_alloc_bulk);

/*
 * Is @obj, about to be freed to the kernel's cache @s, in a slab of kmobj? The kernel
 * would follow pointers that such a page does not have.
 */
static bool is_not_the_kernels(struct kmem_cache *s, const void *obj)
{
	return kmobj_refuse_kernels_cache(obj, kmem_cache_size(s));
}

/* noinline, so that kmobj_kmem_cache_free() is a tail call and saves no register. */
static noinline void kernel_free(struct kmem_cache *s, void *obj)
{
	if (!is_not_the_kernels(s, obj))
		kmem_cache_free(s, obj);
}

/**
 * kmobj_kmem_cache_free() - kmem_cache_free()
 * @s: the cache
 * @obj: the object
 *
 * An object of a zone is refused and reported if @s is a cache of the kernel, and
 * so is any object that is not of the zone @s.
 *
 * Context: as kmobj_free().
 */
void kmobj_kmem_cache_free(struct kmem_cache *s, void *obj)
{
	struct kmobj_zone *zone = cache_zone(s);

	if (likely(zone))
		kmobj_free(zone, obj);
	else
		kernel_free(s, obj);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_free);

/* Free @objs to a cache of the kernel, in runs between refused ones. */
static void kernel_free_bulk(struct kmem_cache *s, size_t nr, void **objs)
{
	size_t i = 0, first;

	while (i < nr) {
		for (first = i; i < nr && !is_not_the_kernels(s, objs[i]); i++)
			;
		if (i > first)
			kmem_cache_free_bulk(s, i - first, objs + first);
		i++;
	}
}

/**
 * kmobj_kmem_cache_free_bulk() - kmem_cache_free_bulk() and kfree_bulk()
 * @s: the cache; NULL: each object is freed as by kfree()
 * @nr: number of objects
 * @objs: the objects; each is checked as by kmobj_kmem_cache_free()
 *
 * Context: as kmobj_free().
 */
void kmobj_kmem_cache_free_bulk(struct kmem_cache *s, size_t nr, void **objs)
{
	struct kmobj_zone *zone = cache_zone(s);
	size_t i;

	if (zone) {
		kmobj_free_bulk(zone, nr, objs);
	} else if (s) {
		kernel_free_bulk(s, nr, objs);
	} else {
		for (i = 0; i < nr; i++)
			kmobj_kfree(objs[i]);
	}
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_free_bulk);

/* The zone of @obj if it is a live object, or NULL. For the owner of @obj. */
static struct kmobj_zone *zone_of_live(const void *obj)
{
	bool live;
	struct kmobj_zone *zone = kmobj_zone_holding(obj, &live);

	return live ? zone : NULL;
}

/**
 * kmobj_kmem_cache_charge() - kmem_cache_charge()
 * @obj: the object
 * @gfp: for memory that the charge may need
 *
 * Context: any that @gfp allows.
 * Return: as kmem_cache_charge(); true for zones, whose slabs are charged as a whole.
 */
bool kmobj_kmem_cache_charge(void *obj, gfp_t gfp)
{
	return kmobj_zone_holding(obj, NULL) || kmem_cache_charge(obj, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_kmem_cache_charge);

/**
 * kmobj_check_object_size() - what CONFIG_HARDENED_USERCOPY asks before a copy
 * @ptr: where in the kernel's memory
 * @n: number of bytes
 * @to_user: to user space, or from there
 *
 * Its callers do not ask whether it refuses, so the kernel stops the task, as it does if
 * a copy leaves an object of its own caches: one that wraps around it always refuses.
 *
 * Context: any.
 */
void kmobj_check_object_size(const void *ptr, unsigned long n, bool to_user)
{
	if (unlikely(kmobj_refuse_copy(ptr, n, to_user)))
		n = ULONG_MAX;
	__check_object_size(ptr, n, to_user);
}
EXPORT_SYMBOL_GPL(kmobj_check_object_size);

/*
 * Is @obj, which is NULL or not of vmalloc(), in a slab of the kernel's? Takes less time
 * than to look for a zone. The caller owns @obj, so its folio does not change.
 */
static __always_inline bool is_in_kernels_slab(const void *obj)
{
	return likely(!ZERO_OR_NULL_PTR(obj)) && folio_test_slab(virt_to_folio(obj));
}

/* If @obj lies in a slab of a zone, free it, or report it if invalid; else false. */
static bool free_held(const void *obj)
{
	struct kmobj_zone *zone;

	preempt_disable();	/* keeps the zone */
	zone = kmobj_zone_holding(obj, NULL);
	if (zone)
		kmobj_free(zone, (void *)obj);
	preempt_enable();
	return zone;
}

/**
 * kmobj_kfree() - kfree()
 * @obj: an object of a zone or of the kernel's; NULL is ignored
 *
 * An address in a slab that is not a live object is refused as by kmobj_free().
 *
 * Context: as kmobj_free().
 */
void kmobj_kfree(const void *obj)
{
	if (is_in_kernels_slab(obj) || !free_held(obj))
		kfree(obj);
}
EXPORT_SYMBOL_GPL(kmobj_kfree);

/**
 * kmobj_kfree_sensitive() - kfree_sensitive()
 * @obj: an object of a zone or of the kernel's; NULL is ignored
 *
 * Context: as kmobj_free().
 */
void kmobj_kfree_sensitive(const void *obj)
{
	struct kmobj_zone *zone = zone_of_live(obj);

	if (zone)
		memzero_explicit((void *)obj, kmobj_zone_size(zone));
	if (!free_held(obj))
		kfree_sensitive(obj);
}
EXPORT_SYMBOL_GPL(kmobj_kfree_sensitive);

/**
 * kmobj_kvfree() - kvfree()
 * @obj: an object of a zone or of the kernel's, or memory of vmalloc(); NULL
 *	is ignored
 *
 * Context: as kmobj_free() for objects of zones, else as kvfree().
 */
void kmobj_kvfree(const void *obj)
{
	if (!free_held(obj))
		kvfree(obj);
}
EXPORT_SYMBOL_GPL(kmobj_kvfree);

/**
 * kmobj_kvfree_atomic() - kvfree_atomic()
 * @obj: as for kmobj_kvfree()
 *
 * Context: as kmobj_free() for objects of zones, else as kvfree_atomic().
 */
void kmobj_kvfree_atomic(const void *obj)
{
	if (!free_held(obj))
		kvfree_atomic(obj);
}
EXPORT_SYMBOL_GPL(kmobj_kvfree_atomic);

/**
 * kmobj_kvfree_sensitive() - kvfree_sensitive()
 * @obj: as for kmobj_kvfree()
 * @len: bytes to clear; objects of a zone are always cleared as a whole
 *
 * Context: as kmobj_free() for objects of zones, else as kvfree_sensitive().
 */
void kmobj_kvfree_sensitive(const void *obj, size_t len)
{
	if (kmobj_zone_holding(obj, NULL))
		kmobj_kfree_sensitive(obj);
	else
		kvfree_sensitive(obj, len);
}
EXPORT_SYMBOL_GPL(kmobj_kvfree_sensitive);

/**
 * kmobj_ksize() - ksize()
 * @obj: an object of a zone or of the kernel's
 *
 * Context: any.
 * Return: bytes that may be used; for an object of a zone, its size as asked for.
 */
size_t kmobj_ksize(const void *obj)
{
	struct kmobj_zone *zone;
	size_t size = 0;

	preempt_disable();	/* keeps the zone */
	zone = kmobj_zone_holding(obj, NULL);
	if (zone)
		size = kmobj_zone_size(zone);
	preempt_enable();
	return zone ? size : ksize(obj);
}
EXPORT_SYMBOL_GPL(kmobj_ksize);

/* May krealloc() return @obj of @zone unmoved? */
static bool may_stay(const struct kmobj_zone *zone, const void *obj,
		     size_t size, unsigned long align, gfp_t gfp, int nid)
{
	return size <= kmobj_zone_size(zone) && IS_ALIGNED((unsigned long)obj, align) &&
	       (!(gfp & __GFP_THISNODE) || nid == NUMA_NO_NODE ||
		nid == page_to_nid(virt_to_page(obj)));
}

/* krealloc() of an object of @zone. */
static void *zone_realloc(struct kmobj_zone *zone, void *obj, size_t size,
			  unsigned long align, gfp_t gfp, int nid)
{
	void *other = ZERO_SIZE_PTR;

	if (size && may_stay(zone, obj, size, align, gfp, nid)) {
		if (gfp & __GFP_ZERO)
			memset(obj + size, 0, kmobj_zone_size(zone) - size);
		return obj;
	}
	if (size) {
		other = kmalloc_node(size, gfp, nid);
		if (!other)
			return NULL;
		memcpy(other, obj, min_t(size_t, size, kmobj_zone_size(zone)));
	}
	kmobj_free(zone, obj);
	return other;
}

/**
 * kmobj_krealloc() - krealloc() and krealloc_array()
 * @obj: an object of a zone or of the kernel's, or NULL
 * @size: bytes wanted; 0: free it
 * @gfp: as for kmalloc()
 *
 * An object of a zone that is large enough is returned unmoved. If not, its contents
 * are copied to memory of kmalloc(), and it is freed.
 *
 * Context: any that @gfp allows.
 * Return: as krealloc().
 */
void *kmobj_krealloc(const void *obj, size_t size, gfp_t gfp)
{
	struct kmobj_zone *zone = zone_of_live(obj);

	if (zone)
		return zone_realloc(zone, (void *)obj, size, 1, gfp,
				    NUMA_NO_NODE);
	if (free_held(obj))
		return NULL;	/* refused and reported by kmobj_free() */
	return krealloc(obj, size, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_krealloc);

/*
 * kmobj_krealloc_node_align() - the function behind krealloc() since 6.18
 *
 * As kmobj_krealloc(), with an alignment and a node for memory of kmalloc().
 * (Not kernel-doc, which cannot parse DECL_TOKEN_PARAMS().)
 */
void *kmobj_krealloc_node_align(const void *obj, DECL_TOKEN_PARAMS(size, token),
				unsigned long align, gfp_t gfp, int nid)
{
	struct kmobj_zone *zone = zone_of_live(obj);

	if (zone)
		return zone_realloc(zone, (void *)obj, size, align, gfp, nid);
	if (free_held(obj))
		return NULL;	/* refused and reported by kmobj_free() */
	return krealloc_node_align_noprof(obj, PASS_TOKEN_PARAMS(size, token),
					  align, gfp, nid);
}
EXPORT_SYMBOL_GPL(kmobj_krealloc_node_align);

/* free_held() after a grace period. */
static bool free_rcu_held(void *obj)
{
	struct kmobj_zone *zone;

	preempt_disable();	/* keeps the zone */
	zone = kmobj_zone_holding(obj, NULL);
	if (zone)
		kmobj_free_rcu(zone, obj);
	preempt_enable();
	return zone;
}

/**
 * kmobj_kvfree_call_rcu() - the function behind kfree_rcu() and kvfree_rcu()
 * @head: the rcu_head in the object, or NULL; not used for an object of a zone
 * @arg: the object; up to Linux 6.3, if @head is not NULL, the offset of @head in it
 *
 * Context: as kmobj_free_rcu() for an object of a zone; else any with @head, and a
 * task that may sleep without.
 */
void kmobj_kvfree_call_rcu(void *head, void *arg)
{
	bool is_offset = head && (unsigned long)arg < 4096;
	void *obj = is_offset ? head - (unsigned long)arg : arg;
	bool is_kernels = !is_vmalloc_addr(obj) && is_in_kernels_slab(obj);

	if (is_kernels || !free_rcu_held(obj))
		kvfree_call_rcu(head, arg);
}
EXPORT_SYMBOL_GPL(kmobj_kvfree_call_rcu);

/**
 * kmobj_mempool_alloc_slab() - mempool_alloc_slab()
 * @gfp: as for kmobj_alloc()
 * @cache: the cache
 *
 * Context: as kmobj_alloc().
 * Return: as kmobj_alloc().
 */
void *kmobj_mempool_alloc_slab(gfp_t gfp, void *cache)
{
	return kmobj_kmem_cache_alloc(cache, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_mempool_alloc_slab);

/**
 * kmobj_mempool_free_slab() - mempool_free_slab()
 * @obj: the object
 * @cache: the cache
 *
 * Context: as kmobj_free().
 */
void kmobj_mempool_free_slab(void *obj, void *cache)
{
	kmobj_kmem_cache_free(cache, obj);
}
EXPORT_SYMBOL_GPL(kmobj_mempool_free_slab);

static int __init kmobj_kmem_cache_init(void)
{
	kmobj_dropin_start(THIS_MODULE);
	return 0;
}

static void __exit kmobj_kmem_cache_exit(void)
{
	kmobj_dropin_stop(THIS_MODULE);
}

module_init(kmobj_kmem_cache_init);
module_exit(kmobj_kmem_cache_exit);

MODULE_DESCRIPTION("kmem_cache on kmobj, for modules compiled against it");
MODULE_AUTHOR("the kmobj authors");
MODULE_VERSION(KMOBJ_VERSION);
MODULE_LICENSE("GPL");
