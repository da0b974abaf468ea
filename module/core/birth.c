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
#include "slab/state.h"
#include "debug/debug.h"
#include "debug/kasan_report.h"
#include "debug/report.h"
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

static void slab_init(struct kmobj_zone *zone, struct kmobj_slab *slab,
		      void *pages, int home)
{
	unsigned int i;

	slab->zone = zone;
	slab_first_owner(slab);
	slab->listed = KMOBJ_UNLISTED;
	slab->objs = slab_header_addr(zone, pages) + zone->obj_offset;
	slab->node = page_to_nid(slab_head(slab));
	slab->home = home;
	INIT_LIST_HEAD(&slab->link);
	slab->hint = 0;
	bitmap_zero(slab->free, zone->bitmap_words * BITS_PER_LONG);
	bitmap_set(slab->free, 0, zone->nr_objs);
	slab->rcu_batches = 0;
	slab->pfmemalloc = page_is_pfmemalloc(slab_head(slab));
	slab->hidden_half_frees = 0;
	slab->pinned = 0;
	slab_remote(zone, slab)->rcu_queued = 0;
	slab_remote(zone, slab)->notified = 0;
	bitmap_zero(slab_remote(zone, slab)->bits,
		    KMOBJ_REMOTE_MAPS * zone->bitmap_words * BITS_PER_LONG);
	if (kmobj_shuffle && !zone_is_debug(zone))
		slab_shuffle(zone, slab);

	for (i = 0; zone->ctor && i < zone->nr_objs; i++)
		zone->ctor(slab_object(zone, slab, i));
	if (unlikely(zone_is_debug(zone)))
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
	struct kmobj_slab *slab;
	void *pages;
	int home;

	if (!zone_charge_slab(zone)) {
		drain_at_limit(zone);
		atomic_long_inc(&zone->limit_hits);
		trace_limit_hit(zone->name, READ_ONCE(zone->limit) * slab_bytes(zone->order));
		return NULL;
	}
	rcu_poll(zone);
	gfp = slab_gfp(zone, gfp);
	slab = pages_and_header(zone, gfp, nid, &pages, &home);
	if (!slab) {
		atomic_long_dec(&zone->nr_slabs);
		rcu_expedite(zone);
		return NULL;
	}
	slab_init(zone, slab, pages, home);
	slab_pages_join(zone, slab);
	depot_add(zone, slab);
	if (zone->offslab && gfpflags_allow_blocking(gfp))
		offslab_fit(zone, true);
	atomic_long_inc(&zone->slabs_made);
	poller_wake();
	trace_slab_new(zone->name, slab, slab_bytes(zone->order), slab->node);
	return slab;
}

/*
 * Release a slab that is on no list of the zone any more. Its pages go to the
 * free-slab cache of its home CPU if @to_cache and there is room, else to the
 * page allocator, as charged pages and those from below the watermarks always do.
 * After a grace period that began when all objects were free and owner was RETIRING,
 * or the slab corrupt and its zone dying.
 */
void slab_release(struct kmobj_zone *zone, struct kmobj_slab *slab, bool to_cache)
{
	unsigned long pages = slab_pages(zone, slab->objs);
	unsigned int order = zone->order;
	int home = slab->home;

	to_cache &= READ_ONCE(zone->charging) != CHARGE_SLABS && !slab->pfmemalloc;
	slab_collect(zone, slab);	/* notes double frees */
	if (unlikely(zone_is_debug(zone)))
		debug_slab_leaves(zone, slab);
	shadow_slab_leaves(zone, slab);
	trace_slab_retire(zone->name, slab, slab_bytes(order), slab->node);
	WRITE_ONCE(slab->cookie, 0);
	slab_pages_leave(zone, slab);
	if (zone->offslab)
		offslab_header_free(slab);
	atomic_long_dec(&zone->nr_slabs);
	atomic_long_inc(&zone->slabs_retired);
	if (!to_cache || !free_slab_cache_put((void *)pages, order, home))
		free_pages(pages, order);
}
