// SPDX-License-Identifier: GPL-2.0
/*
 * Headers outside their slabs: for objects so large that a header in the slab would
 * take the place of one of a few (illumos's kmem and UMA do the same).
 *
 * Such headers come from a kmem_cache. As for any slab, lru.next of the head page
 * points to the header, from depot_add() until the slab leaves the depot. In pages
 * of other owners that field may hold anything, so the header is read as in
 * slab_lookup_linear(). Its cookie is made of the address of the pages instead of
 * its own: a header that is reused for another slab during the lookup does not match.
 *
 * The range of addresses that slab_lookup_linear() may read is empty for an offslab
 * zone, so every free into one takes the path of wild pointers. There kmobj_free()
 * compares the cookies of the CPU's active and alternate slab, then looks in the
 * zone's header cache, and only then reads the struct page: those of many slabs are
 * in no CPU cache, but eight entries of the header cache share a cache line.
 *
 * The header cache is a hint: one entry serves many slabs, is not cleared when a slab
 * leaves, and is checked just as lru.next is.
 */
#include <linux/log2.h>

#include "slab/layout.h"
#include "slab/offslab.h"
#include "slab/pages.h"

/* Made for the first zone that needs it, and kept until kmobj.ko is unloaded. */
static struct kmem_cache *header_kmem_cache;
static atomic_long_t headers_live;

/*
 * Entries: over twice the number of slabs, and less than HEADER_CACHE_SLACK times that.
 * The poller makes tables above HEADER_CACHE_SOON, as each new slab would try again
 * where memory is fragmented.
 */
#define HEADER_CACHE_MIN	64UL
#define HEADER_CACHE_SLACK	4
#define HEADER_CACHE_SOON	4096UL

/* Does not wait, and does not use the page reserves. */
#define HEADER_CACHE_GFP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/*
 * Make the kmem_cache for headers: 0, or -ENOMEM. SLAB_TYPESAFE_BY_RCU, as a lookup
 * may read a header that was just freed; SLAB_NOLEAKTRACE, as the header's pointer to
 * object 0 must not keep a leak of that from being reported.
 */
static int header_kmem_cache_make(void)
{
	static DEFINE_MUTEX(making);

	mutex_lock(&making);
	if (!header_kmem_cache)
		header_kmem_cache = kmem_cache_create("kmobj_header", slab_header_max(),
						      SMP_CACHE_BYTES,
						      SLAB_TYPESAFE_BY_RCU |
						      SLAB_NOLEAKTRACE, NULL);
	mutex_unlock(&making);
	return header_kmem_cache ? 0 : -ENOMEM;
}

/* At unload. Headers still in use are leaked together with their slabs. */
void offslab_stop(void)
{
	if (!atomic_long_read(&headers_live))
		kmem_cache_destroy(header_kmem_cache);
}

/* A header for a slab on node @nid, itself there or on another node; or NULL. */
struct kmobj_slab *offslab_header_alloc(gfp_t gfp, int nid)
{
	struct kmobj_slab *slab;

	KUNIT_STATIC_STUB_REDIRECT(offslab_header_alloc, gfp, nid);
	if (!may_ask_for_pages())
		return NULL;
	slab = kmem_cache_alloc_node(header_kmem_cache,
				     gfp & ~(__GFP_THISNODE | __GFP_RECLAIMABLE), nid);
	if (slab)
		atomic_long_inc(&headers_live);
	return slab;
}
EXPORT_SYMBOL_FOR_TESTS(offslab_header_alloc);

void offslab_header_free(struct kmobj_slab *slab)
{
	kmem_cache_free(header_kmem_cache, slab);
	atomic_long_dec(&headers_live);
}

unsigned long offslab_headers(void)
{
	return atomic_long_read(&headers_live);
}
EXPORT_SYMBOL_FOR_TESTS(offslab_headers);

static struct kmobj_header_cache *header_cache_alloc(unsigned long nr, gfp_t gfp)
{
	struct kmobj_header_cache *seen;

	seen = kzalloc(struct_size(seen, slab, nr), gfp);
	if (seen)
		seen->mask = nr - 1;
	return seen;
}

int offslab_open(struct kmobj_zone *zone)
{
	RCU_INIT_POINTER(zone->header_cache, header_cache_alloc(HEADER_CACHE_MIN, GFP_KERNEL));
	return rcu_access_pointer(zone->header_cache) ? header_kmem_cache_make() : -ENOMEM;
}

/* Remove the header cache; a lookup may still be reading it. */
void offslab_close(struct kmobj_zone *zone)
{
	struct kmobj_header_cache *seen = rcu_dereference_protected(zone->header_cache, true);

	RCU_INIT_POINTER(zone->header_cache, NULL);
	if (seen)
		kfree_rcu(seen, rcu);
}

/* Replace @seen by a table of @nr entries, unless another CPU did or memory is short. */
static void header_cache_resize(struct kmobj_zone *zone, struct kmobj_header_cache *seen,
				unsigned long nr)
{
	struct kmobj_header_cache *other = header_cache_alloc(nr, HEADER_CACHE_GFP);

	if (!other)
		return;
	/* a full barrier: pairs with rcu_dereference_sched() in header_cache_at() */
	if (unrcu_pointer(cmpxchg(&zone->header_cache, RCU_INITIALIZER(seen),
				  RCU_INITIALIZER(other))) == seen)
		kfree_rcu(seen, rcu);
	else
		kfree(other);
}

/*
 * Fit the table to the number of slabs; if @soon, a slab was just made, and the table
 * only grows, to HEADER_CACHE_SOON at most. From preemptible task context.
 */
void offslab_fit(struct kmobj_zone *zone, bool soon)
{
	unsigned long slabs = atomic_long_read(&zone->nr_slabs);
	unsigned long nr = max(roundup_pow_of_two(2 * slabs + 1), HEADER_CACHE_MIN);
	struct kmobj_header_cache *seen;
	bool grow;

	rcu_read_lock();	/* so that the memory of seen is not reused before cmpxchg() */
	seen = rcu_dereference(zone->header_cache);
	grow = nr > seen->mask + 1;
	if (soon ? grow && nr <= HEADER_CACHE_SOON :
		   grow || nr <= (seen->mask + 1) / HEADER_CACHE_SLACK)
		header_cache_resize(zone, seen, nr);
	rcu_read_unlock();
}

/* The header of the slab with these @pages by lru.next, not checked yet; or NULL. */
struct kmobj_slab *offslab_header(unsigned long pages)
{
	unsigned long said;

	if (!is_linear(pages) || !kmobj_has_page(pages))
		return NULL;
	kmobj_peek(&said, (unsigned long *)&virt_to_page((void *)pages)->lru.next,
		   unmapped);
	if (is_linear(said) && IS_ALIGNED(said, SMP_CACHE_BYTES))
		return (struct kmobj_slab *)said;
unmapped:
	return NULL;
}

/* slab_lookup() for addresses that slab_lookup_linear() may not read; or NULL. */
struct kmobj_slab *offslab_lookup(const struct kmobj_zone *zone, const void *obj)
{
	unsigned long pages = slab_pages(zone, kasan_reset_tag(obj));
	struct kmobj_slab *slab;

	if (!zone->offslab)
		return NULL;
	slab = header_cache_get(zone, pages);
	if (likely(slab))
		return slab;
	slab = offslab_header(pages);
	if (unlikely(!slab || !header_is_of(zone, slab, pages)))
		return NULL;
	/* not NULL, as the zone is offslab */
	WRITE_ONCE(*header_cache_at(zone, pages), slab);
	return slab;
}
