// SPDX-License-Identifier: GPL-2.0
/*
 * KMOBJ_TRACK_USER: the stack, CPU, pid and time of an object's allocation and of
 * its last free, kept behind the object; or beside the slab, if that is a watched one.
 *
 * A client that writes past the end of an object can reach its tracks, and they are
 * read while the object may be freed and allocated: so each has a checksum, and is
 * ignored if that is wrong.
 *
 * Stacks are kept in the kernel's stackdepot. Where that is not built in (every
 * kernel with SLUB_DEBUG has it), only the caller's address is known.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/jhash.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/sort.h>

#include "include/kmobj_dropin.h"
#include "slab/depot.h"
#include "slab/lookup.h"
#include "debug/track.h"

#define DEPTH		24		/* frames of a stack */
#define SITES_MAX	1024		/* distinct allocating stacks */
#define SITES_TOP	3		/* of them printed by destroy */

/* Has the zone tracks of all objects, or of those of watched slabs? */
static bool zone_has_tracks(const struct kmobj_zone *zone)
{
	return zone->flags & (KMOBJ_TRACK_USER | KMOBJ_SAMPLED);
}

int track_start(const struct kmobj_zone *zone)
{
	return zone_has_tracks(zone) ? kmobj_stacks_init() : 0;
}

static u32 track_sum(const struct kmobj_zone *zone, const struct kmobj_track *track)
{
	return jhash2((const u32 *)track, offsetof(struct kmobj_track, sum) / sizeof(u32),
		      zone->cookie);
}

/* Where the track is, or NULL. */
static struct kmobj_track *track_at(const struct kmobj_zone *zone, void *obj,
				    enum track_kind kind)
{
	struct kmobj_watch *watch = watch_of(zone, obj);

	if (watch)
		return &watch->track[index_by_page(zone, obj)][kind];
	if (!(zone->flags & KMOBJ_TRACK_USER))
		return NULL;
	return obj + zone->track_off + kind * sizeof(struct kmobj_track);
}

/*
 * Copy a track; false if there is none or it is damaged. The slab may be leaving, its
 * pages reused or not mapped, and the track may change meanwhile: then the checksum
 * is wrong.
 */
static bool track_get(const struct kmobj_zone *zone, void *obj,
		      enum track_kind kind, struct kmobj_track *track)
{
	const unsigned long *from = (void *)track_at(zone, obj, kind);
	unsigned long *to = (void *)track;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*track) % sizeof(*to));
	if (!is_linear((unsigned long)from))
		return false;
	for (i = 0; i < sizeof(*track) / sizeof(*to); i++)
		kmobj_peek(&to[i], &from[i], unmapped);
	return track->when && track->sum == track_sum(zone, track);
unmapped:
	return false;
}

static struct module *dropin;	/* or NULL; read under RCU */

void kmobj_dropin_start(struct module *module)
{
	WRITE_ONCE(dropin, module);
}
EXPORT_SYMBOL_GPL(kmobj_dropin_start);

void kmobj_dropin_stop(struct module *module)
{
	cmpxchg(&dropin, module, NULL);
	synchronize_rcu();	/* skip_own() may still use it */
}
EXPORT_SYMBOL_GPL(kmobj_dropin_stop);

/* Skip frames of kmobj and of the drop-in: the stack begins at their caller. */
static unsigned int skip_own(const unsigned long *frames, unsigned int nr)
{
	const struct module *other;
	unsigned int i = 0;

	rcu_read_lock();
	other = READ_ONCE(dropin);
	while (i < nr && (within_module(frames[i], THIS_MODULE) ||
			  (other && within_module(frames[i], other))))
		i++;
	rcu_read_unlock();
	return i < nr ? i : 0;
}

/*
 * May stackdepot allocate a page for a new stack? Not under a raw spinlock, which on
 * PREEMPT_RT, and for lockdep, must not enclose the page allocator's locks.
 */
static bool may_ask_for_a_page(void)
{
	return preemptible() || (!IS_ENABLED(CONFIG_PREEMPT_RT) &&
				 !IS_ENABLED(CONFIG_PROVE_LOCKING));
}

/* Record the current stack, task and CPU. Any context, with no lock of kmobj held. */
void track_save(const struct kmobj_zone *zone, struct kmobj_track *track)
{
	unsigned long frames[DEPTH];
	unsigned int nr, own;

	if (!zone_has_tracks(zone))
		return;
	nr = kmobj_stack_save(frames, DEPTH);
	own = skip_own(frames, nr);
	*track = (struct kmobj_track) {
		.caller = nr ? frames[own] : 0,
		.when = jiffies ?: 1,
		.stack = kmobj_stack_keep(frames + own, nr - own, may_ask_for_a_page()),
		.pid = in_task() ? current->pid : 0,
		.cpu = raw_smp_processor_id(),
	};
	track->sum = track_sum(zone, track);
}

void track_set(const struct kmobj_zone *zone, void *obj, enum track_kind kind,
	       const struct kmobj_track *track)
{
	struct kmobj_track *at = track_at(zone, obj, kind);

	if (!at)
		return;
	kasan_disable_current();
	data_race(*at = *track);	/* readers check the sum */
	kasan_enable_current();
}

static void print_one(const struct kmobj_zone *zone, void *obj,
		      enum track_kind kind, const char *did)
{
	struct kmobj_track track;

	if (!track_get(zone, obj, kind, &track))
		return;
	pr_err("%s: it was %s %u ms ago by pid %u on CPU %u%s%pS\n",
	       zone->name, did, jiffies_to_msecs(jiffies - track.when),
	       track.pid, track.cpu, track.caller ? " at " : ", caller ",
	       (void *)track.caller);
	kmobj_stack_print(track.stack);
}

/* Print where @obj was allocated and where it was last freed, if known. */
void track_print(const struct kmobj_zone *zone, void *obj)
{
	print_one(zone, obj, TRACK_ALLOC, "allocated");
	print_one(zone, obj, TRACK_FREE, "freed");
}

/* Live objects with the same allocating stack. */
struct site {
	unsigned long caller;
	u32 stack;
	u32 cpu, pid;			/* of one of them */
	unsigned long nr;
	unsigned long oldest, newest;	/* in jiffies */
};

struct sites {
	unsigned int nr;
	unsigned long others;		/* objects of stacks beyond SITES_MAX */
	unsigned long unknown;		/* objects whose track is damaged */
	struct site site[SITES_MAX];
};

static struct site *site_find(struct sites *sites, const struct kmobj_track *track)
{
	struct site *site;
	unsigned int i;

	for (i = 0; i < sites->nr; i++) {
		site = &sites->site[i];
		if (site->stack == track->stack && site->caller == track->caller)
			return site;
	}
	if (sites->nr == SITES_MAX)
		return NULL;
	site = &sites->site[sites->nr++];
	*site = (struct site) {
		.caller = track->caller,
		.stack = track->stack,
		.cpu = track->cpu,
		.pid = track->pid,
		.oldest = track->when,
		.newest = track->when,
	};
	return site;
}

static void sites_add(struct kmobj_zone *zone, void *obj, struct sites *sites)
{
	struct kmobj_track track;
	struct site *site;

	if (!track_get(zone, obj, TRACK_ALLOC, &track)) {
		sites->unknown++;
		return;
	}
	site = site_find(sites, &track);
	if (!site) {
		sites->others++;
		return;
	}
	site->nr++;
	if (time_before(track.when, site->oldest))
		site->oldest = track.when;
	if (time_after(track.when, site->newest))
		site->newest = track.when;
}

static int more_first(const void *a, const void *b)
{
	const struct site *one = a, *two = b;

	return one->nr < two->nr ? 1 : one->nr > two->nr ? -1 : 0;
}

static void sites_add_slab(struct kmobj_zone *zone, struct kmobj_slab *slab,
			   struct sites *sites)
{
	unsigned int i;

	for (i = 0; i < slab_nr_objs(zone, slab); i++) {
		/* frees and allocations go on: this is a snapshot */
		if (data_race(slab_is_live(slab, i)) && !slab_waits(zone, slab, i))
			sites_add(zone, slab_object(zone, slab, i), sites);
	}
	cond_resched();
}

/* Stacks that allocated live objects, most objects first; to be kvfree()d, or NULL. */
static struct sites *sites_collect(struct kmobj_zone *zone)
{
	struct sites *sites = kvzalloc(sizeof(*sites), GFP_KERNEL);
	struct kmobj_slab *slab;
	int nid;

	if (!sites)
		return NULL;
	mutex_lock(&zone->maintenance);
	for_each_node(nid) {
		for_each_slab(slab, nid, zone)
			sites_add_slab(zone, slab, sites);
	}
	mutex_unlock(&zone->maintenance);
	sort(sites->site, sites->nr, sizeof(sites->site[0]), more_first, NULL);
	return sites;
}

static void site_show(struct seq_file *m, const struct site *site)
{
	unsigned long *frames;
	unsigned int i, nr;

	seq_printf(m, "%7lu %pS age=%u/%u pid=%u cpu=%u\n", site->nr, (void *)site->caller,
		   jiffies_to_msecs(jiffies - site->newest),
		   jiffies_to_msecs(jiffies - site->oldest), site->pid, site->cpu);
	nr = kmobj_stack_fetch(site->stack, &frames);
	for (i = 0; i < nr; i++)
		seq_printf(m, "        %pS\n", (void *)frames[i]);
	seq_putc(m, '\n');
}

/* debugfs: alloc_traces. Ages of the newest and the oldest object, in milliseconds. */
int track_show(struct seq_file *m, struct kmobj_zone *zone)
{
	struct sites *sites = sites_collect(zone);
	unsigned int i;

	if (!sites)
		return -ENOMEM;
	for (i = 0; i < sites->nr; i++)
		site_show(m, &sites->site[i]);
	if (sites->others)
		seq_printf(m, "%7lu from other places\n", sites->others);
	if (sites->unknown)
		seq_printf(m, "%7lu with a damaged track\n", sites->unknown);
	kvfree(sites);
	return 0;
}

void track_print_live(struct kmobj_zone *zone)
{
	struct sites *sites;
	unsigned int i;

	if (!(zone->flags & KMOBJ_TRACK_USER))
		return;
	sites = sites_collect(zone);
	if (!sites)
		return;
	for (i = 0; i < min(sites->nr, SITES_TOP); i++) {
		pr_err("%s: %lu of them were allocated at %pS\n", zone->name,
		       sites->site[i].nr, (void *)sites->site[i].caller);
		kmobj_stack_print(sites->site[i].stack);
	}
	kvfree(sites);
}
