// SPDX-License-Identifier: GPL-2.0
/*
 * Headers off their slabs: for objects so large that a header in the slab would
 * take the place of one of a few (illumos's kmem and UMA do the same).
 *
 * Such headers come from a cache of the kernel's. The head page of a slab says
 * where its header is, of any slab: lru.next points to it, from depot_add() until
 * the slab leaves the depot. For other owners of pages that may be anything, so
 * the header is looked at as slab_lookup_linear() looks at one; its cookie is made of the
 * address of the pages instead of its own, and so says that the two belong
 * together: a header that becomes another slab's while somebody looks does not
 * answer for this one.
 *
 * The fast paths of other zones do not know of this: the range of addresses that
 * slab_lookup_linear() may look at is empty for such a zone, so every free of it takes the
 * way that wild pointers take. There kmobj_free() looks at the cookies of the
 * CPU's pair first, then at where the zone remembers a header to be, and only then
 * at the page: the struct pages of many slabs are in no cache, but eight headers
 * that are remembered are in one line.
 *
 * What is remembered is a hint. It has one place for many slabs, is not told when
 * one leaves, and starts empty where it changes its size. What it says is believed
 * as little as what a page says: its memory may be somebody else's by now.
 */
#include <linux/atomic.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>

#include "kernel/compat.h"
#include "kernel/kasan.h"
#include "slab/layout.h"
#include "slab/offslab.h"
#include "slab/pages.h"
#include "slab/slab.h"
#include "slab/zone.h"

/* Made for the first zone that needs it, and there until kmobj.ko is unloaded. */
static struct kmem_cache *header_kmem_cache;
static atomic_long_t headers_live;

/*
 * A zone remembers at least so many headers, and twice those it has but less than
 * HEADER_CACHE_SLACK times that; large tables are left to the poller, as each new slab
 * would ask again where memory is in pieces.
 */
#define HEADER_CACHE_MIN	64UL
#define HEADER_CACHE_SLACK	4
#define HEADER_CACHE_SOON	4096UL

/* Without waiting, and not of what is left for reclaim. */
#define HEADER_CACHE_GFP	(GFP_NOWAIT | __GFP_NOWARN | __GFP_NOMEMALLOC)

/*
 * The cache for headers is there: 0, or -ENOMEM. Type-stable, as a lookup may read a
 * header that has just been freed; not to be scanned for pointers, or object 0 would
 * live because its slab's header points to it.
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

/* At unload: what is left is lost with the slabs that it is the header of. */
void offslab_stop(void)
{
	if (!atomic_long_read(&headers_live))
		kmem_cache_destroy(header_kmem_cache);
}

/* A header for a slab on node @nid, or on another one; or NULL. */
struct kmobj_slab *offslab_header_alloc(gfp_t gfp, int nid)
{
	struct kmobj_slab *slab;

	KUNIT_STATIC_STUB_REDIRECT(offslab_header_alloc, gfp, nid);
	if (!may_ask_for_pages())
		return NULL;
	slab = kmem_cache_alloc_node(header_kmem_cache,
				     gfp & ~(__GFP_THISNODE | __GFP_RECLAIMABLE),
				     nid);
	if (slab)
		atomic_long_inc(&headers_live);
	return slab;
}

KMOBJ_EXPORT_FOR_TESTS(offslab_header_alloc);

void offslab_header_free(struct kmobj_slab *slab)
{
	kmem_cache_free(header_kmem_cache, slab);
	atomic_long_dec(&headers_live);
}

/* How many there are. */
unsigned long offslab_headers(void)
{
	return atomic_long_read(&headers_live);
}

KMOBJ_EXPORT_FOR_TESTS(offslab_headers);

static struct kmobj_header_cache *header_cache_alloc(unsigned long nr, gfp_t gfp)
{
	struct kmobj_header_cache *seen;

	seen = kzalloc(struct_size(seen, slab, nr), gfp);
	if (seen)
		seen->mask = nr - 1;
	return seen;
}

/* For a new zone: 0, or -ENOMEM. */
int offslab_open(struct kmobj_zone *zone)
{
	RCU_INIT_POINTER(zone->header_cache, header_cache_alloc(HEADER_CACHE_MIN, GFP_KERNEL));
	return rcu_access_pointer(zone->header_cache) ? header_kmem_cache_make() : -ENOMEM;
}

/* Nothing is to be remembered any more; somebody may be looking. */
void offslab_close(struct kmobj_zone *zone)
{
	struct kmobj_header_cache *seen = rcu_dereference_protected(zone->header_cache, true);

	RCU_INIT_POINTER(zone->header_cache, NULL);
	if (seen)
		kfree_rcu(seen, rcu);
}

/* Have room for @nr in place of @seen, unless somebody else did, or there is none. */
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

static unsigned long header_cache_wanted(const struct kmobj_zone *zone)
{
	unsigned long nr = atomic_long_read(&zone->nr_slabs);

	return max(roundup_pow_of_two(2 * nr + 1), HEADER_CACHE_MIN);
}

/* There is a slab more. From preemptible task context. */
void offslab_grow(struct kmobj_zone *zone)
{
	unsigned long nr = header_cache_wanted(zone);
	struct kmobj_header_cache *seen;

	rcu_read_lock();	/* so that it is this one if cmpxchg() finds it */
	seen = rcu_dereference(zone->header_cache);
	if (nr > seen->mask + 1 && nr <= HEADER_CACHE_SOON)
		header_cache_resize(zone, seen, nr);
	rcu_read_unlock();
}

/* Have room for what there is now, and not for much more. Under zone->maintenance. */
void offslab_fit(struct kmobj_zone *zone)
{
	unsigned long nr = header_cache_wanted(zone);
	struct kmobj_header_cache *seen;

	lockdep_assert_held(&zone->maintenance);
	rcu_read_lock();	/* as above */
	seen = rcu_dereference(zone->header_cache);
	if (nr > seen->mask + 1 || nr <= (seen->mask + 1) / HEADER_CACHE_SLACK)
		header_cache_resize(zone, seen, nr);
	rcu_read_unlock();
}

static bool is_linear(unsigned long addr)
{
	return addr - KMOBJ_LINEAR_START < KMOBJ_LINEAR_END - KMOBJ_LINEAR_START;
}

/* What would be the header of the slab with these @pages, or NULL. */
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

/* As slab_lookup(), for what slab_lookup_linear() may not look at; NULL if there is none. */
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
	/* there is one, as it is offslab */
	WRITE_ONCE(*header_cache_at(zone, pages), slab);
	return slab;
}
