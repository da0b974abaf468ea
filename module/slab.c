// SPDX-License-Identifier: GPL-2.0
/*
 * One slab: its layout, its birth and death, and the two bitmaps in between.
 *
 *	function		who may call it
 *	slab_pop, slab_push,	the owner: a CPU in its section, the holder of
 *	slab_seek,		the depot's lock, or who made or drains the
 *	slab_collect		slab
 *	set a bit in remote[]	anybody, with preemption off since before it
 *				looked at the header
 *	slab_create		any context
 *	slab_release		preemptible task context, under zone->care,
 *				past a grace period that began after all
 *				objects were home and owner was RETIRING, or
 *				the slab in quarantine and its zone destroyed
 *
 * A slab's pages count against the zone's limit from before they are asked
 * for until after they are unlinked from the zone.
 */
#include <linux/bitmap.h>
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/moduleparam.h>
#include <linux/random.h>
#include <linux/sched/mm.h>
#include <linux/siphash.h>

#include "internal.h"

bool kmobj_shuffle = IS_ENABLED(CONFIG_SLAB_FREELIST_RANDOM);
module_param_named(shuffle, kmobj_shuffle, bool, 0444);
MODULE_PARM_DESC(shuffle,
		 "a random half of a new slab's objects is handed out first (default: CONFIG_SLAB_FREELIST_RANDOM)");

KMOBJ_EXPORT_FOR_TESTS(kmobj_shuffle);

static siphash_key_t shuffle_key;

void slabs_start(void)
{
	get_random_bytes(&shuffle_key, sizeof(shuffle_key));
}

/*
 * Orders are chosen as if free[] were behind the padding of the header; it is not.
 * With what that gains, objects of 24 and of 32 bytes would just reach the number
 * wanted in half the pages, and CPUs would need new slabs twice as often.
 */
#define HEADER_TO_CHOOSE	sizeof(struct kmobj_slab)
#define HEADER_TO_FILL		offsetof(struct kmobj_slab, free)

/* Bytes of a slab with @nr objects before the first, but for its color. */
static unsigned long header_bytes(unsigned long header, unsigned long nr,
				  unsigned int *words, unsigned int *remote_off)
{
	unsigned long bytes;

	*words = BITS_TO_LONGS(nr);
	bytes = header + *words * sizeof(long);
	*remote_off = ALIGN(bytes, SMP_CACHE_BYTES);
	return *remote_off + sizeof(struct kmobj_remote) +
	       KMOBJ_REMOTE_MAPS * *words * sizeof(long);
}

/* The header's color, at most, with objects behind it that stay aligned. */
static unsigned int colors_of(const struct kmobj_zone *zone, unsigned long bytes)
{
	return zone->align > SMP_CACHE_BYTES ? 0 : slab_colors(bytes);
}

/* A header that is not in its slab has a word for each bitmap. */
size_t slab_header_max(void)
{
	unsigned int words, remote_off;

	return header_bytes(HEADER_TO_FILL, BITS_PER_LONG, &words, &remote_off);
}

KMOBJ_EXPORT_FOR_TESTS(slab_header_max);

/* What a slab can look like. */
struct layout {
	bool offslab;
	unsigned int order;
	unsigned int nr_objs;
	unsigned int words;
	unsigned int remote_off;
	unsigned int first;
	unsigned int colors;
	unsigned long loss;		/* bytes of no object, the header's too */
};

static unsigned long slab_bytes(unsigned int order)
{
	return PAGE_SIZE << order;
}

static struct layout layout_in(const struct kmobj_zone *zone, unsigned int order,
			       unsigned long header)
{
	unsigned long align = max_t(unsigned long, zone->align, SMP_CACHE_BYTES);
	unsigned long bytes = slab_bytes(order), nr = bytes / zone->stride;
	struct layout l = { .order = order, .colors = colors_of(zone, bytes) };

	for (; nr; nr--) {
		l.first = header_bytes(header, nr, &l.words, &l.remote_off) +
			  debug_front(zone);
		l.first = ALIGN(l.first, align);
		if (l.colors + l.first + nr * zone->stride <= bytes)
			break;
	}
	l.nr_objs = nr;
	l.loss = bytes - nr * zone->stride;
	return l;
}

static struct layout layout_off(const struct kmobj_zone *zone, unsigned int order,
				unsigned long header)
{
	unsigned long align = max_t(unsigned long, zone->align, SMP_CACHE_BYTES);
	struct layout l = { .order = order, .offslab = true };
	unsigned long bytes = slab_bytes(order);

	l.first = ALIGN(debug_front(zone), align);
	l.nr_objs = min_t(unsigned long, (bytes - l.first) / zone->stride,
			  BITS_PER_LONG);
	l.loss = bytes - l.nr_objs * zone->stride +
		 header_bytes(header, l.nr_objs, &l.words, &l.remote_off);
	return l;
}

static unsigned int objs_wanted(unsigned long bytes)
{
	return bytes > KMOBJ_SLAB_SMALL ? KMOBJ_OBJS_WANTED / 2 :
					  KMOBJ_OBJS_WANTED;
}

/* Does @a lose a smaller share of its slabs than @b? */
static bool loses_less(const struct layout *a, const struct layout *b)
{
	/* as if both were of the largest order */
	return (u64)a->loss << (KMOBJ_ORDER_MAX - a->order) <
	       (u64)b->loss << (KMOBJ_ORDER_MAX - b->order);
}

static bool loses_little(const struct layout *l)
{
	return l->loss <= slab_bytes(l->order) / KMOBJ_LOSS_WANTED;
}

/* Does it cost much that the header is in the slab? */
static bool header_costs(const struct layout *in)
{
	return in->loss >= slab_bytes(in->order) / KMOBJ_LOSS_MOST;
}

/* Of slabs of that order: the header is in them, unless that costs much. */
static struct layout choose_place(const struct kmobj_zone *zone,
				  unsigned int order)
{
	struct layout in = layout_in(zone, order, HEADER_TO_CHOOSE);
	struct layout off = layout_off(zone, order, HEADER_TO_CHOOSE);

	return header_costs(&in) && loses_less(&off, &in) ? off : in;
}

/*
 * The smallest order that holds enough objects and loses little, or else the one
 * that loses the least; with the header in the slab, unless that costs much.
 */
static struct layout choose_layout(const struct kmobj_zone *zone)
{
	unsigned int max = min_t(unsigned int, PAGE_ALLOC_COSTLY_ORDER,
				 KMOBJ_ORDER_MAX);
	struct layout l, best = { .loss = PAGE_SIZE };
	unsigned int order;

	for (order = 0; order <= max; order++) {
		if (zone->align > slab_bytes(order) / 4)
			continue;
		l = layout_in(zone, order, HEADER_TO_CHOOSE);
		if (l.nr_objs >= objs_wanted(slab_bytes(order)) && loses_little(&l))
			return l;
		if (loses_less(&l, &best))
			best = l;
	}
	if (!header_costs(&best))
		return best;
	for (order = 0; order <= max; order++) {
		l = layout_off(zone, order, HEADER_TO_CHOOSE);
		if (zone->align <= slab_bytes(order) / 4 && loses_less(&l, &best))
			best = l;
	}
	return best;
}

/* In slabs of such an order and place, all that there is room for. */
static struct layout fill(const struct kmobj_zone *zone, struct layout chosen)
{
	return chosen.offslab ? layout_off(zone, chosen.order, HEADER_TO_FILL) :
				layout_in(zone, chosen.order, HEADER_TO_FILL);
}

static u32 inverse_mod_2_32(u32 odd)
{
	u32 inverse = odd;	/* right in its lowest 3 bits; doubles */
	int i;

	for (i = 0; i < 4; i++)
		inverse *= 2 - odd * inverse;
	return inverse;
}

/*
 * Lay out the slabs of a zone whose size and align are set; order 0 means
 * any. -EINVAL if no object fits, or the alignment is too coarse for it.
 */
int slab_geometry(struct kmobj_zone *zone, unsigned int order)
{
	struct layout l;

	BUILD_BUG_ON((PAGE_SIZE << KMOBJ_ORDER_MAX) > KMOBJ_SLAB_BYTES_MAX);
	BUILD_BUG_ON(KMOBJ_SLAB_BYTES_MAX / KMOBJ_MIN_ALIGN / BITS_PER_LONG >
		     U16_MAX);

	debug_layout(zone);
	l = fill(zone, order ? choose_place(zone, order) : choose_layout(zone));
	if (!l.nr_objs || zone->align > slab_bytes(l.order) / 4)
		return -EINVAL;

	zone->offslab = l.offslab;
	zone->order = l.order;
	zone->nr_objs = l.nr_objs;
	zone->slab_mask = ~(slab_bytes(l.order) - 1);
	zone->colors = l.colors;
	zone->words = l.words;
	zone->remote_off = l.remote_off;
	zone->first = l.first;
	zone->shift = __ffs(zone->stride);
	zone->inverse = inverse_mod_2_32(zone->stride >> zone->shift);
	return 0;
}

/* Count one more slab, unless that would pass the limit. */
static bool slab_reserve(struct kmobj_zone *zone)
{
	long nr = atomic_long_read(&zone->nr_slabs);

	do {
		if ((unsigned long)nr >= READ_ONCE(zone->limit))
			return false;
	} while (!atomic_long_try_cmpxchg(&zone->nr_slabs, &nr, nr + 1));
	return true;
}

static void slab_unreserve(struct kmobj_zone *zone)
{
	atomic_long_dec(&zone->nr_slabs);
}

/*
 * Whether the page allocator, or the kernel's caches, may be entered: on PREEMPT_RT
 * their locks sleep, so not with preemption or interrupts off.
 */
bool may_ask_for_pages(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/* The one call of the page allocator; tests put themselves in its place. */
struct page *slab_pages_alloc(unsigned int order, gfp_t gfp, int nid)
{
	KUNIT_STATIC_STUB_REDIRECT(slab_pages_alloc, order, gfp, nid);
	return alloc_pages_node(nid, gfp, order);
}

KMOBJ_EXPORT_FOR_TESTS(slab_pages_alloc);

/*
 * The page allocator never fails __GFP_NOFAIL, but may warn above order 1:
 * there the patience is ours.
 */
static struct page *pages_alloc_nofail(unsigned int order, gfp_t gfp, int nid)
{
	struct page *page;

	if (order <= KMOBJ_NOFAIL_ORDER)
		return slab_pages_alloc(order, gfp, nid);
	gfp &= ~__GFP_NOFAIL;
	while (!(page = slab_pages_alloc(order, gfp | __GFP_NOWARN, nid)))
		memalloc_retry_wait(gfp);
	return page;
}

/*
 * The pages of a slab above order 0 are a convenience: the first try does not
 * press for them.
 */
static struct page *pages_try(unsigned int order, gfp_t gfp, int nid)
{
	if (order)
		gfp |= __GFP_NORETRY | __GFP_NOWARN;
	return slab_pages_alloc(order, gfp & ~__GFP_NOFAIL, nid);
}

/*
 * The last try, after everything else; only who may wait has one. No process
 * is to be killed because memory is in pieces.
 */
static struct page *pages_press(unsigned int order, gfp_t gfp, int nid)
{
	if (!gfpflags_allow_blocking(gfp))
		return NULL;
	if (gfp & __GFP_NOFAIL)
		return pages_alloc_nofail(order, gfp, nid);
	if (!order)
		return NULL;
	return slab_pages_alloc(order, gfp | __GFP_RETRY_MAYFAIL, nid);
}

/*
 * With init_on_alloc the page allocator's pages are zeroes. So are cached ones,
 * unless each object will be when it is handed out.
 */
static void *as_from_page_allocator(const struct kmobj_zone *zone, void *pages)
{
	if (pages && want_init_on_alloc(0) && !want_init_on_free() &&
	    !zone_may_wipe(zone))
		memset(pages, 0, slab_bytes(zone->order));
	return pages;
}

/* Free slabs are charged to nobody: they are not for a slab that is to be. */
static void *cached_of(struct kmobj_zone *zone, gfp_t gfp, int nid, int cpu)
{
	if (gfp & __GFP_ACCOUNT)
		return NULL;
	return as_from_page_allocator(zone, slabcache_take(zone->order, nid, cpu));
}

static void *cached_anywhere(struct kmobj_zone *zone, gfp_t gfp, int nid,
			     int *home)
{
	if (gfp & __GFP_ACCOUNT)
		return NULL;
	return as_from_page_allocator(zone, slabcache_steal(zone->order, nid, home));
}

/* The pages of a new slab, and their home. */
static void *slab_memory(struct kmobj_zone *zone, gfp_t gfp, int nid, int *home)
{
	unsigned int order = zone->order;
	struct page *page = NULL;
	void *pages;

	gfp |= __GFP_COMP;
	*home = raw_smp_processor_id();
	pages = cached_of(zone, gfp, nid, *home);
	if (pages)
		return pages;
	if (may_ask_for_pages())
		page = pages_try(order, gfp, nid);
	if (!page) {
		if (order)
			atomic_long_inc(&zone->order_fails);
		pages = cached_anywhere(zone, gfp, nid, home);
		if (pages)
			return pages;
		if (may_ask_for_pages())
			page = pages_press(order, gfp, nid);
	}
	return page ? kasan_reset_tag(page_address(page)) : NULL;
}

/*
 * The reference count of a slab's pages while they are one: far below zero. So
 * nobody is told that the page of an object can be kept (sendpage_ok(), asked by
 * nvme-tcp, drbd and libceph, wants 1), and no drop of a reference is the last:
 * not that of a get_page() (iov_iter_get_pages() of a bvec), and not that of
 * kfree() by an older kernel (6.1), which takes an object for pages of its own. Of
 * a count of 0 the second would free the pages under their objects, and who looks
 * for unmovable pages takes it for a page that is about to be free.
 * module/include/README.md lists who asks.
 */
#define SLAB_REFS	(INT_MIN / 2)

static void slab_hold(struct kmobj_slab *slab)
{
	page_ref_add(slab_head(slab), SLAB_REFS - 1);
}

/* How many objects of @slab the kernel itself was to free; it did not. */
unsigned int slab_given_away(const struct kmobj_slab *slab)
{
	return max(SLAB_REFS - page_ref_count(slab_head(slab)), 0);
}

KMOBJ_EXPORT_FOR_TESTS(slab_given_away);

/* Who still has a reference keeps it: then the pages are free with the last. */
static void slab_unhold(struct kmobj_slab *slab)
{
	page_ref_add(slab_head(slab), 1 - SLAB_REFS + slab_given_away(slab));
}

/*
 * The bytes of a slab that joins the zone, or leaves it, in Slab: of /proc/meminfo
 * and, if they are charged, in the cgroup's memory.stat.
 */
static void slab_count_bytes(const struct kmobj_zone *zone,
			     const struct kmobj_slab *slab, int bytes)
{
	mod_lruvec_page_state(slab_head(slab),
			      zone->flags & KMOBJ_RECLAIMABLE ?
			      NR_SLAB_RECLAIMABLE_B : NR_SLAB_UNRECLAIMABLE_B,
			      bytes);
}

/* An older kernel that was to kfree() an object has taken that much off. */
static void slab_recount_given_away(const struct kmobj_slab *slab, int bytes)
{
	unsigned int nr = KMOBJ_KFREE_UNCOUNTS ? slab_given_away(slab) : 0;

	while (nr--)
		mod_lruvec_page_state(slab_head(slab), NR_SLAB_UNRECLAIMABLE_B,
				      bytes);
}

/*
 * Where the kernel is to make it hard to foretell what comes to lie behind an
 * object: a half of a new slab's objects, drawn by lot, is handed out before
 * the others, which wait in remote[] as if somebody else had freed them. The
 * depot collects them at once. The CPU that made the slab does when it has
 * handed out the first half, or looks at what others freed into it: until then
 * the slab is FRESH, so that a free into it, by the owner too, is free_slow()'s,
 * who looks at both bitmaps. That is
 * slower, so it ends after KMOBJ_FRESH_FREES frees at the latest: a slab of which
 * few objects are ever live together would stay FRESH for good. Who can have so
 * many freed into one slab can foretell again.
 */
static void slab_shuffle(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	u64 made = atomic_long_read(&zone->slabs_made);
	unsigned long first;
	unsigned int w;

	for (w = 0; w < zone->words; w++) {
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
	slab->objs = slab_base(zone, pages) + zone->first;
	slab->node = page_to_nid(slab_head(slab));
	slab->home = home;
	INIT_LIST_HEAD(&slab->link);
	slab->hint = 0;
	bitmap_zero(slab->free, zone->words * BITS_PER_LONG);
	bitmap_set(slab->free, 0, zone->nr_objs);
	slab->rcu_batches = 0;
	slab->pfmemalloc = page_is_pfmemalloc(slab_head(slab));
	slab->fresh_frees = 0;
	slab_remote(zone, slab)->rcu_queued = 0;
	slab_remote(zone, slab)->told = 0;
	bitmap_zero(slab_remote(zone, slab)->bits,
		    KMOBJ_REMOTE_MAPS * zone->words * BITS_PER_LONG);
	if (kmobj_shuffle && !zone_is_debug(zone))
		slab_shuffle(zone, slab);

	for (i = 0; zone->ctor && i < zone->nr_objs; i++)
		zone->ctor(slab_object(zone, slab, i));
	if (unlikely(zone_is_debug(zone)))
		debug_slab_new(zone, slab);
	shadow_slab_new(zone, slab);

	/*
	 * In service. Who frees an object was handed it, and so all of the
	 * above; who frees what is none may see a little less of it.
	 */
	smp_store_release(&slab->cookie, slab_cookie(zone, slab));
}

/*
 * Pages for a new slab, and its header, in them or not; NULL if one of the two is
 * not to be had.
 */
static struct kmobj_slab *pages_and_header(struct kmobj_zone *zone, gfp_t gfp,
					   int nid, void **pages, int *home)
{
	struct kmobj_slab *slab = NULL;

	if (zone->offslab) {
		/* which may be next to that of any zone */
		slab = offslab_header_alloc(gfp & ~__GFP_ACCOUNT, nid);
		if (!slab)
			return NULL;
	}
	*pages = slab_memory(zone, gfp, nid, home);
	if (!*pages) {
		if (slab)
			offslab_header_free(slab);
		return NULL;
	}
	return slab ?: slab_base(zone, *pages);
}

/* Is a slab that is about to be made to be charged? See CHARGE_UNDECIDED. */
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

/* What the pages of a new slab are asked for with: of what a caller says, and of the zone's. */
static gfp_t slab_gfp(struct kmobj_zone *zone, gfp_t gfp)
{
	gfp_t account = slab_is_to_be_charged(zone, gfp) ? __GFP_ACCOUNT : 0;

	gfp &= ~(__GFP_ZERO | __GFP_ACCOUNT | __GFP_MOVABLE | __GFP_RECLAIMABLE);
	return gfp | account | (zone->gfp & ~__GFP_ACCOUNT);
}

/*
 * A new slab of @zone, all its objects free, owned by the caller: from this
 * CPU's free-slab cache, or else from the page allocator, or else from another
 * CPU's cache. NULL if there is none or the zone is at its limit.
 */
struct kmobj_slab *slab_create(struct kmobj_zone *zone, gfp_t gfp, int nid)
{
	struct kmobj_slab *slab;
	void *pages;
	int home;

	if (!slab_reserve(zone)) {
		drain_at_limit(zone);
		atomic_long_inc(&zone->limit_hits);
		trace_limit_hit(zone->name,
				READ_ONCE(zone->limit) * (PAGE_SIZE << zone->order));
		return NULL;
	}
	rcu_look(zone);
	gfp = slab_gfp(zone, gfp);
	slab = pages_and_header(zone, gfp, nid, &pages, &home);
	if (!slab) {
		slab_unreserve(zone);
		rcu_hurry(zone);
		return NULL;
	}
	slab_init(zone, slab, pages, home);
	slab_hold(slab);
	slab_count_bytes(zone, slab, slab_bytes(zone->order));
	depot_add(zone, slab);
	if (zone->offslab && gfpflags_allow_blocking(gfp))
		offslab_grow(zone);
	atomic_long_inc(&zone->slabs_made);
	poller_wake();
	trace_slab_new(zone->name, slab, PAGE_SIZE << zone->order, slab->node);
	return slab;
}

/*
 * The end of a slab that is on no list of the zone any more: to its home's
 * cache if @to_cache and there is room, else for good. What comes from below the
 * watermarks goes back there.
 */
void slab_release(struct kmobj_zone *zone, struct kmobj_slab *slab,
		  bool to_cache)
{
	unsigned long pages = slab_pages(zone, slab->objs);
	unsigned int order = zone->order;
	int home = slab->home;

	to_cache &= READ_ONCE(zone->charging) != CHARGE_SLABS && !slab->pfmemalloc;
	slab_collect(zone, slab);	/* notes what was freed twice */
	if (unlikely(zone_is_debug(zone)))
		debug_slab_leaves(zone, slab);
	shadow_slab_leaves(zone, slab);
	trace_slab_retire(zone->name, slab, PAGE_SIZE << order, slab->node);
	WRITE_ONCE(slab->cookie, 0);
	slab_count_bytes(zone, slab, -(int)slab_bytes(order));
	slab_recount_given_away(slab, slab_bytes(order));
	slab_unhold(slab);
	if (zone->offslab)
		offslab_header_free(slab);
	slab_unreserve(zone);
	atomic_long_inc(&zone->slabs_retired);
	if (!to_cache || !slabcache_put((void *)pages, order, home))
		free_pages(pages, order);
}

/*
 * Move remote frees into free[]; true if there were any. An object that is
 * free already was freed twice, once each way: noted, and free it stays. Model:
 * collect.xchg.
 */
bool slab_collect(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned long word, twice;
	bool any = false;
	unsigned int w;

	if (unlikely(slab_is_sick(zone, slab)))
		return false;
	for (w = 0; w < zone->words; w++) {
		if (!READ_ONCE(remote[w]))
			continue;
		word = xchg(&remote[w], 0);
		twice = word & slab->free[w];
		if (unlikely(twice))
			note_double_frees(zone, slab, w, twice);
		slab->free[w] |= word;
		slab->hint = w;
		any = true;
	}
	return any;
}

/* Free objects that the owner knows of. */
unsigned int slab_count_free(const struct kmobj_zone *zone,
			     const struct kmobj_slab *slab)
{
	unsigned int w, nr = 0;

	for (w = 0; w < zone->words; w++)
		nr += hweight_long(slab->free[w]);
	return nr;
}

/*
 * Objects that are home, remote frees included: exact when the zone is
 * quiet, else a snapshot. For anybody who keeps the slab from leaving.
 */
unsigned int slab_count_home(const struct kmobj_zone *zone,
			     struct kmobj_slab *slab)
{
	const unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int w, nr = 0;

	for (w = 0; w < zone->words; w++)
		/* the owner may be at it: a snapshot will do */
		nr += hweight_long(data_race(slab->free[w]) |
				   READ_ONCE(remote[w]));
	return nr;
}
