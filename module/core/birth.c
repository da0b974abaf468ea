// SPDX-License-Identifier: GPL-2.0
/*
 * A slab is made, and is released. It counts against the zone's limit from before its
 * pages are allocated until after it has left the zone.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/bitmap.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/siphash.h>

#include "kernel/trace.h"
#include "slab/depot.h"
#include "slab/lookup.h"
#include "slab/offslab.h"
#include "slab/pages.h"
#include "slab/profile.h"
#include "slab/small.h"
#include "slab/state.h"
#include "debug/debug.h"
#include "debug/kasan_report.h"
#include "debug/report.h"
#include "debug/watch.h"
#include "core/birth.h"
#include "core/drain.h"
#include "core/free_rcu.h"
#include "core/poll_timer.h"
#include "core/reserve.h"

bool kmobj_shuffle = IS_ENABLED(CONFIG_SLAB_FREELIST_RANDOM);
module_param_named(shuffle, kmobj_shuffle, bool, 0444);
MODULE_PARM_DESC(shuffle,
		 "a random half of a new slab's objects is handed out first (default: CONFIG_SLAB_FREELIST_RANDOM)");
EXPORT_SYMBOL_FOR_TESTS(kmobj_shuffle);

static siphash_key_t shuffle_key;

void slab_shuffle_start(void)
{
	get_random_bytes(&shuffle_key, sizeof(shuffle_key));
}

/* Bytes to slabs, rounded down, as a limit is never exceeded. */
unsigned long limit_slabs(const struct kmobj_zone *zone, unsigned long bytes)
{
	return bytes == KMOBJ_UNLIMITED ? ULONG_MAX : bytes >> (PAGE_SHIFT + zone->order);
}

int kmobj_zone_set_limit(struct kmobj_zone *zone, unsigned long bytes)
{
	unsigned long limit = limit_slabs(zone, bytes);

	if (!limit) {
		pr_err("%s: limit of %lu bytes refused: a slab has %lu\n",
		       zone->name, bytes, slab_bytes(zone->order));
		return -EINVAL;
	}
	WRITE_ONCE(zone->limit, limit);
	reserve_set_max(zone);
	return 0;
}
EXPORT_SYMBOL_GPL(kmobj_zone_set_limit);

/* Count one more slab, unless that would pass the limit. */
static bool zone_charge_slab(struct kmobj_zone *zone)
{
	long nr = atomic_long_read(&zone->nr_slabs);

	do {
		if ((unsigned long)nr >= READ_ONCE(zone->limit))
			return false;
	} while (!atomic_long_try_cmpxchg(&zone->nr_slabs, &nr, nr + 1));
	return true;
}

/* Small slabs to one of the zone's order. */
static long small_in_slab(const struct kmobj_zone *zone)
{
	return 1L << (zone->order - zone->small_order);
}

/*
 * Count one more small slab, unless that would pass the limit. As many as have the pages
 * of a slab are charged as one: the first of them.
 */
static bool zone_charge_small(struct kmobj_zone *zone)
{
	long nr = atomic_long_read(&zone->nr_small);
	bool first;

	for (;;) {
		first = nr % small_in_slab(zone) == 0;
		if (first && !zone_charge_slab(zone))
			return false;
		if (atomic_long_try_cmpxchg(&zone->nr_small, &nr, nr + 1))
			return true;
		if (first)
			atomic_long_dec(&zone->nr_slabs);
	}
}

/* Is the next small slab charged already, with others? */
static bool small_is_charged(const struct kmobj_zone *zone)
{
	return atomic_long_read(&zone->nr_small) % small_in_slab(zone);
}

static void zone_uncharge(struct kmobj_zone *zone, bool small)
{
	if (!small || atomic_long_dec_return(&zone->nr_small) % small_in_slab(zone) == 0)
		atomic_long_dec(&zone->nr_slabs);
}

/*
 * Make it hard to predict which object lies behind another: a random half of a
 * new slab's objects is allocated before the others, which are marked in remote[]
 * as if another CPU had freed them. The CPU that made the slab collects them when it
 * has allocated the first half, or looks at remote frees into the slab. Until then
 * frees into it are done by free_slow(), which checks both bitmaps. That is slower,
 * so it ends after KMOBJ_HIDDEN_HALF_FREES frees: otherwise it would never end for a
 * slab of which few objects are live at once. An attacker who can free as many
 * objects into one slab can predict again.
 */
static void slab_shuffle(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	u64 made = atomic_long_read(&zone->slabs_made);
	unsigned long first;
	unsigned int w;

	for (w = 0; w < zone->bitmap_words; w++) {
		first = slab->free[w] & siphash_3u64((unsigned long)slab, made, w, &shuffle_key);
		if (!first)
			continue;
		remote[w] = slab->free[w] & ~first;
		slab->free[w] = first;
	}
}

/* slab->watched is set already. */
static void slab_init(struct kmobj_zone *zone, struct kmobj_slab *slab,
		      void *pages, int home, bool small)
{
	unsigned int i;

	slab->zone = zone;
	slab_first_owner(slab);
	slab->listed = KMOBJ_UNLISTED;
	slab->small = small;
	slab->objs = small ? small_objs(zone, pages) :
			     slab_header_addr(zone, pages) + zone->obj_offset;
	slab->node = page_to_nid(slab_head(slab));
	slab->home = home;
	INIT_LIST_HEAD(&slab->link);
	slab->hint = 0;
	bitmap_zero(slab->free, zone->bitmap_words * BITS_PER_LONG);
	bitmap_set(slab->free, 0, slab_nr_objs(zone, slab));
	slab->rcu_batches = 0;
	slab->pfmemalloc = page_is_pfmemalloc(slab_head(slab));
	slab->hidden_half_frees = 0;
	slab->pinned = 0;
	slab_remote(zone, slab)->rcu_queued = 0;
	slab_remote(zone, slab)->notified = 0;
	bitmap_zero(slab_remote(zone, slab)->bits,
		    KMOBJ_REMOTE_MAPS * zone->bitmap_words * BITS_PER_LONG);
	if (kmobj_shuffle && !slab_is_debug(zone, slab))
		slab_shuffle(zone, slab);

	for (i = 0; zone->ctor && i < slab_nr_objs(zone, slab); i++)
		zone->ctor(slab_object(zone, slab, i));
	if (slab_is_debug(zone, slab))
		debug_slab_new(zone, slab);
	shadow_slab_new(zone, slab);

	/*
	 * In service. A task that frees an object of this slab has allocated it
	 * or was passed it, and so sees all of the above; a bad free may not.
	 */
	smp_store_release(&slab->cookie, slab_cookie(zone, slab));
}

/*
 * Allocate pages for a new slab, and its header, in the pages or not; NULL if one
 * of the two fails.
 */
static struct kmobj_slab *pages_and_header(struct kmobj_zone *zone, gfp_t gfp,
					   int nid, void **pages, int *home)
{
	struct kmobj_slab *slab = NULL;

	/* the header may share a slab with those of any other zone: not charged */
	if (zone->offslab)
		slab = offslab_header_alloc(gfp & ~__GFP_ACCOUNT, nid);
	if (zone->offslab && !slab)
		return NULL;
	*pages = slab_memory(zone, gfp, nid, home);
	if (*pages)
		return slab ?: slab_header_addr(zone, *pages);
	if (slab)
		offslab_header_free(slab);
	return NULL;
}

/* The same for a small slab, whose header is always elsewhere. */
static struct kmobj_slab *small_pages_and_header(struct kmobj_zone *zone, gfp_t gfp,
						 int nid, void **pages, int *home)
{
	struct kmobj_slab *slab = small_header_alloc(zone, gfp & ~__GFP_ACCOUNT, nid);

	if (!slab)
		return NULL;
	*pages = small_memory(zone, gfp, nid, home);
	if (*pages)
		return slab;
	small_header_free(zone, slab);
	return NULL;
}

/* A slab, charged and in the zone's lists; or NULL, and nothing is charged. */
static struct kmobj_slab *slab_make(struct kmobj_zone *zone, gfp_t gfp, int nid, bool small)
{
	struct kmobj_slab *slab;
	void *pages;
	int home;

	slab = small ? small_pages_and_header(zone, gfp, nid, &pages, &home) :
		       pages_and_header(zone, gfp, nid, &pages, &home);
	if (!slab) {
		zone_uncharge(zone, small);
		return NULL;
	}
	slab->watched = unlikely(zone_is_sampled(zone)) && watch_open(zone, pages, gfp);
	slab_init(zone, slab, pages, home, small);
	slab_pages_join(zone, slab);
	profile_join(zone, slab);
	depot_add(zone, slab);
	return slab;
}

/* Memory is in pieces: a small slab, if the zone has any; or NULL. */
static struct kmobj_slab *slab_make_small(struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	struct kmobj_slab *slab = NULL;

	if (zone->small_objs && zone_charge_small(zone))
		slab = slab_make(zone, gfp, nid, true);
	if (slab)
		atomic_long_inc(&zone->order_fallbacks);
	return slab;
}

/* Is a new slab charged to a memory cgroup? See CHARGE_UNDECIDED. */
static bool slab_is_to_be_charged(struct kmobj_zone *zone, gfp_t gfp)
{
	int charging = READ_ONCE(zone->charging);

	if (charging == CHARGE_UNDECIDED && ((gfp | zone->gfp) & __GFP_ACCOUNT))
		charging = cmpxchg(&zone->charging, CHARGE_UNDECIDED,
				   CHARGE_SLABS) ?: CHARGE_SLABS;
	if (unlikely(charging == CHARGE_NEVER && (gfp & __GFP_ACCOUNT)))
		report_uncharged(zone);
	return charging == CHARGE_SLABS;
}

static gfp_t slab_gfp(struct kmobj_zone *zone, gfp_t gfp)
{
	gfp_t account = slab_is_to_be_charged(zone, gfp) ? __GFP_ACCOUNT : 0;

	gfp &= ~(__GFP_ZERO | __GFP_ACCOUNT | __GFP_MOVABLE | __GFP_RECLAIMABLE);
	return gfp | account | (zone->gfp & ~__GFP_ACCOUNT);
}

/*
 * A new slab of @zone, all its objects free, owned by the caller; NULL if there is no
 * memory or the zone is at its limit. In any context but NMI.
 */
struct kmobj_slab *slab_create(struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	bool charged = zone_charge_slab(zone);
	struct kmobj_slab *slab = NULL;

	if (!charged && !small_is_charged(zone)) {
		drain_at_limit(zone);
		atomic_long_inc(&zone->limit_hits);
		trace_limit_hit(zone->name, READ_ONCE(zone->limit) * slab_bytes(zone->order));
		return NULL;
	}
	rcu_poll(zone);
	gfp = slab_gfp(zone, gfp);
	if (charged)
		slab = slab_make(zone, gfp, nid, false);
	if (!slab)
		slab = slab_make_small(zone, gfp, nid);
	if (!slab) {
		rcu_expedite(zone);
		return NULL;
	}
	if (zone->offslab && gfpflags_allow_blocking(gfp))
		offslab_fit(zone, true);
	atomic_long_inc(&zone->slabs_made);
	poller_wake();
	trace_slab_new(zone->name, slab, slab_bytes(slab_order(zone, slab)), slab->node);
	return slab;
}

/*
 * Release a slab that is on no list of the zone any more. Its pages go to the
 * free-slab cache of its home CPU if @to_cache and there is room, else to the
 * page allocator, as charged pages, those of small slabs, of private zones, and those
 * from below the watermarks always do.
 * After a grace period that began when all objects were free and owner was RETIRING,
 * or the slab corrupt and its zone dying.
 */
void slab_release(struct kmobj_zone *zone, struct kmobj_slab *slab, bool to_cache)
{
	unsigned long pages = slab_base(zone, slab);
	unsigned int order = slab_order(zone, slab);
	bool small = slab->small;
	int home = slab->home;

	to_cache &= READ_ONCE(zone->charging) != CHARGE_SLABS && !slab_is_apart(slab);
	if (zone_is_private(zone)) {
		to_cache = false;
		if (!READ_ONCE(zone->dying))
			atomic_long_add(1UL << order, &zone->pages_left);
	}
	slab_collect(zone, slab);	/* notes double frees */
	if (slab_is_debug(zone, slab))
		debug_slab_leaves(zone, slab);
	if (unlikely(zone_is_sampled(zone)))
		watch_close(zone, slab);
	shadow_slab_leaves(zone, slab);
	trace_slab_retire(zone->name, slab, slab_bytes(order), slab->node);
	WRITE_ONCE(slab->cookie, 0);
	profile_leave(zone, slab);
	slab_pages_leave(zone, slab);
	if (small)
		small_header_free(zone, slab);
	else if (zone->offslab)
		offslab_header_free(slab);
	zone_uncharge(zone, small);
	atomic_long_inc(&zone->slabs_retired);
	if (!to_cache || !free_slab_cache_put((void *)pages, order, home))
		free_pages(pages, order);
}
