// SPDX-License-Identifier: GPL-2.0
/*
 * Debug zones: bytes beside and in objects that show writes to the wrong place.
 *
 *	|<-------------------------- stride -------------------------->|
 *	+---------+-----------+---------------------+-----------+------+ object
 *	| object  | red zone, | tracks, of alloc    | unused, if aligned
 *	|         | right     | and of free         |  | red zone, left of next
 *	+---------+-----------+---------------------+-----------+------+
 *
 * KMOBJ_RED_ZONE: RED bytes on the right, up to the next multiple of 8 and 8
 * more; and 8 before each object, including the first. Checked when the object is
 * freed.
 *
 * KMOBJ_POISON: a free object is filled with POISON_FREE, and POISON_END at its
 * end. Checked when it is allocated, and when its slab leaves the zone.
 *
 * KMOBJ_TRACK_USER: see track.c.
 *
 * verify checks both, of all objects.
 *
 * Damage is counted in zone->corrupted, repaired, and reported, once and not too often
 * (report.h). An object of kmobj_free_rcu() is left as it is and checked after
 * its grace period; its free is recorded at once.
 *
 * No CPU owns a slab of a debug zone, so zones without debugging pay nothing on
 * their fast paths. Watched slabs of other zones (watch.c) are likewise poisoned and
 * tracked.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/poison.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "slab/depot.h"
#include "slab/lookup.h"
#include "slab/state.h"
#include "debug/debug.h"
#include "debug/report.h"
#include "debug/track.h"

#define RED		SLUB_RED_ACTIVE	/* a byte of a red zone */

#define SHOWN		16	/* damaged bytes that a report shows */

struct damage {
	const char *what;
	int from, to;			/* from the object's beginning */
	u8 want;
	u8 found[SHOWN];
};

/* The damage found in one object: on the left, on the right, and in itself. */
struct damages {
	struct damage damage[3];
	unsigned int nr;
};

/* What is done with @obj, and others of its slab. */
static unsigned int flags_of(const struct kmobj_zone *zone, const void *obj)
{
	return watch_of(zone, obj) ? KMOBJ_POISON | KMOBJ_TRACK_USER : zone->flags;
}

static void poison_set(const struct kmobj_zone *zone, u8 *obj)
{
	memset(obj, POISON_FREE, zone->size - 1);
	obj[zone->size - 1] = POISON_END;
}

static void red_set(const struct kmobj_zone *zone, u8 *obj)
{
	memset(obj - KMOBJ_RED_BYTES, RED, KMOBJ_RED_BYTES);
	memset(obj + zone->size, RED, zone_red_end(zone) - zone->size);
}

/* Are bytes @from to @to - 1 of @obj all @want? If not, record where and repair them. */
static bool bytes_check(u8 *obj, int from, int to, u8 want, struct damage *damage)
{
	u8 *bad = memchr_inv(obj + from, want, to - from);
	u8 *last = obj + to - 1;

	if (likely(!bad))
		return true;
	while (*last == want)
		last--;
	damage->from = bad - obj;
	damage->to = last + 1 - obj;
	damage->want = want;
	memcpy(damage->found, bad, min_t(long, last + 1 - bad, SHOWN));
	memset(bad, want, last + 1 - bad);
	return false;
}

/* The red zones of an object: record and repair all damage. */
static void red_check(const struct kmobj_zone *zone, u8 *obj, struct damages *found)
{
	struct damage *damage = found->damage + found->nr;

	damage->what = "written to before its beginning";
	damage += !bytes_check(obj, -KMOBJ_RED_BYTES, 0, RED, damage);
	damage->what = "written to past its end";
	damage += !bytes_check(obj, zone->size, zone_red_end(zone), RED, damage);
	found->nr = damage - found->damage;
}

static void damage_report(struct kmobj_zone *zone, void *obj, const struct damage *damage)
{
	atomic_long_inc(&zone->corrupted);
	if (!__ratelimit(&bad_free_limit))
		return;
	pr_err("%s: object %p was %s: at %d to %d of %u bytes, found %*ph, not %02x; repaired\n",
	       zone->name, obj, damage->what, damage->from, damage->to - 1,
	       zone->size, min(damage->to - damage->from, SHOWN),
	       damage->found, damage->want);
	track_print(zone, obj);
}

/* Prepare the objects of a new slab, before any can be allocated. */
void debug_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int flags = flags_of(zone, slab->objs), i;
	struct kmobj_track none = {};
	void *obj;

	kasan_disable_current();	/* this writes outside objects and to free ones */
	for (i = 0; i < slab_nr_objs(zone, slab); i++) {
		obj = slab_object(zone, slab, i);
		if (flags & KMOBJ_RED_ZONE)
			red_set(zone, obj);
		if (flags & KMOBJ_POISON)
			poison_set(zone, obj);
		track_set(zone, obj, TRACK_ALLOC, &none);
		track_set(zone, obj, TRACK_FREE, &none);
	}
	kasan_enable_current();
}

/* The poison of a free object that no other CPU can allocate meanwhile: the same. */
static void poison_check(const struct kmobj_zone *zone, u8 *obj, struct damages *found)
{
	struct damage *damage = found->damage + found->nr;
	int end = zone->size - 1;
	bool good;

	damage->what = "written to while it was free";
	good = bytes_check(obj, end, end + 1, POISON_END, damage);
	good &= bytes_check(obj, 0, end, POISON_FREE, damage);
	found->nr += !good;
}

static void damages_report(struct kmobj_zone *zone, void *obj, const struct damages *found)
{
	unsigned int i;

	for (i = 0; i < found->nr; i++)
		damage_report(zone, obj, &found->damage[i]);
}

static void poison_look(struct kmobj_zone *zone, void *obj)
{
	struct damages found;

	found.nr = 0;
	kasan_disable_current();
	poison_check(zone, obj, &found);
	kasan_enable_current();
	damages_report(zone, obj, &found);
}

/*
 * A last check of @slab, whose objects are all free and which is about to be released.
 * Frees into a corrupt one have not poisoned them.
 */
void debug_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int i;

	if (!(flags_of(zone, slab->objs) & KMOBJ_POISON) || slab_is_corrupt(zone, slab))
		return;
	for (i = 0; i < slab_nr_objs(zone, slab); i++) {
		poison_look(zone, slab_object(zone, slab, i));
		cond_resched();
	}
}

/* @obj is handed out, if it is of a slab with debugging. With no lock held. */
void debug_alloc(struct kmobj_zone *zone, void *obj)
{
	unsigned int flags = flags_of(zone, obj);
	struct kmobj_track track;

	if (!(flags & KMOBJ_DEBUG_FLAGS))
		return;
	if (flags & KMOBJ_POISON)
		poison_look(zone, obj);
	track_save(zone, &track);
	track_set(zone, obj, TRACK_ALLOC, &track);
}

/*
 * Check @obj, which is being freed, poison it, and record @track unless that is NULL.
 * Under the depot's lock.
 */
static void debug_taken_back(struct kmobj_zone *zone, void *obj,
			     const struct kmobj_track *track, struct damages *found)
{
	unsigned int flags = flags_of(zone, obj);

	kasan_disable_current();
	if (flags & KMOBJ_RED_ZONE)
		red_check(zone, obj, found);
	if (flags & KMOBJ_POISON)
		poison_set(zone, obj);
	kasan_enable_current();
	if (track)
		track_set(zone, obj, TRACK_FREE, track);
}

/*
 * Free object @idx of a slab with debugging, with all checks and writes before it can be
 * allocated again. Such a slab is the depot's, so under its lock it is exactly known
 * what is live. @track: NULL if the free is recorded already. False: a bad free.
 */
static bool free_by(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx,
		    const struct kmobj_track *track)
{
	struct kmobj_depot *depot = depot_of(zone, slab);
	void *objs = slab_objs(zone, slab), *obj;
	struct damages found;
	unsigned long flags;
	bool good;

	if (unlikely(!objs))
		return false;
	obj = objs + idx * zone->stride;
	found.nr = 0;
	raw_spin_lock_irqsave(&depot->lock, flags);
	good = slab->owner == KMOBJ_OWNER_DEPOT && slab_is_live(slab, idx);
	if (likely(good)) {
		debug_taken_back(zone, obj, track, &found);
		slab_push(slab, idx);
		if (!slab->listed)
			depot_list(zone, depot, slab);
		zone_wake(zone);
	}
	raw_spin_unlock_irqrestore(&depot->lock, flags);
	damages_report(zone, obj, &found);
	return good;
}

/*
 * Free an object of a slab with debugging. Preemption is off since before the header was
 * read. False: a bad free.
 */
bool debug_free(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx)
{
	struct kmobj_track track;

	if (unlikely(slab_waits(zone, slab, idx)))
		return false;
	track_save(zone, &track);
	return free_by(zone, slab, idx, &track);
}

/* @obj begins to wait for RCU. With preemption off, so that the wait cannot end. */
void debug_free_rcu(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_track track;

	track_save(zone, &track);
	track_set(zone, obj, TRACK_FREE, &track);
}

/* The grace period of object @idx is over. False: it is free already. */
bool debug_free_waited(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx)
{
	return free_by(zone, slab, idx, NULL);
}

/* Check object @idx, if it is not being made or on its way out. */
static void debug_look(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx,
		       struct damages *found)
{
	struct kmobj_depot *depot = depot_of(zone, slab);
	void *obj = slab_object(zone, slab, idx);
	unsigned int what = flags_of(zone, obj);
	unsigned long flags;

	raw_spin_lock_irqsave(&depot->lock, flags);
	kasan_disable_current();
	if (slab->owner == KMOBJ_OWNER_DEPOT) {
		if (what & KMOBJ_RED_ZONE)
			red_check(zone, obj, found);
		if ((what & KMOBJ_POISON) && !slab_is_live(slab, idx))
			poison_check(zone, obj, found);
	}
	kasan_enable_current();
	raw_spin_unlock_irqrestore(&depot->lock, flags);
}

/*
 * Check all objects of @slab, which does not leave meanwhile. In a task; false: some
 * were damaged.
 */
bool debug_slab_check(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct damages found;
	bool good = true;
	u32 idx;

	for (idx = 0; idx < slab_nr_objs(zone, slab); idx++) {
		found.nr = 0;
		debug_look(zone, slab, idx, &found);
		damages_report(zone, slab_object(zone, slab, idx), &found);
		good &= !found.nr;
		cond_resched();
	}
	return good;
}
