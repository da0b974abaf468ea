// SPDX-License-Identifier: GPL-2.0
/*
 * The arena: places for zones, opened and closed while everybody is at work.
 * One keeper at a time opens and closes; actors come in sections of users.
 */
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "torture.h"

/*
 * So long may a zone take to become empty, as debug kernels are slow; and when
 * something has gone wrong, which explains it.
 */
#define PATIENCE	(120 * HZ)
#define IMPATIENCE	(5 * HZ)
#define SHRINKS		20

struct place places[PLACES];
DEFINE_SRCU(users);
unsigned long arena_answers[KMOBJ_PINNED + 1];	/* of zones that are gone */

int arena_start(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		raw_spin_lock_init(&places[i].lock);
		places[i].tally = alloc_percpu(struct tally);
		if (!places[i].tally)
			return -ENOMEM;
	}
	return 0;
}

void arena_stop(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		free_percpu(places[i].tally);
}

static void tally_clear(struct place *place)
{
	int cpu;

	for_each_possible_cpu(cpu)
		memset(per_cpu_ptr(place->tally, cpu), 0,
		       sizeof(struct tally));
}

/* Objects that actors and the market hold; exact when nobody allocates. */
static unsigned long place_live(const struct place *place)
{
	unsigned long live = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct tally *tally = per_cpu_ptr(place->tally, cpu);

		live += READ_ONCE(tally->allocs) - READ_ONCE(tally->frees);
	}
	return live;
}

/* One in eight is a debug zone: each call of those takes a lock. */
static unsigned int flags_new(const struct place *place, u32 r)
{
	static const unsigned int debug[] = {
		KMOBJ_RED_ZONE, KMOBJ_POISON, KMOBJ_TRACK_USER,
		KMOBJ_FAIL_ALLOC, KMOBJ_FAIL_ALLOC,
		KMOBJ_RED_ZONE | KMOBJ_POISON | KMOBJ_TRACK_USER,
	};
	unsigned int flags = 0;

	if (r & 1)
		flags |= KMOBJ_HWCACHE_ALIGN;
	if (!(r >> 1 & 3))
		flags |= KMOBJ_RECLAIMABLE;
	else if (!(r >> 3 & 3))
		flags |= KMOBJ_ACCOUNT;
	if (!(r >> 5 & 7))
		flags |= debug[(r >> 8) % ARRAY_SIZE(debug)];
	if (place->stable || place->built)
		flags &= ~KMOBJ_POISON;
	if (place->stable)
		flags |= KMOBJ_TYPESAFE_BY_RCU;
	return flags;
}

static struct kmobj_zone *zone_new(struct place *place, u32 *random)
{
	static const unsigned int aligns[] = { 0, 0, 0, 8, 16, 64, 128 };
	u32 r = torture_random(random);
	struct kmobj_zone_args args = {
		.align = aligns[r % ARRAY_SIZE(aligns)],
		.order = r >> 8 & 3,
		.keep_free_slabs = r >> 10 & 3,
	};

	place->movable = r >> 20 & 1;
	place->stable = place->movable || r >> 12 & 1;
	place->built = r >> 13 & 1;
	if (place->movable)
		args.move = shelf_move;
	if (place->built)
		args.ctor = object_ctor;
	if (!(r >> 15 & 3))
		args.limit = (16 * PAGE_SIZE) << (r >> 17 & 3);
	args.flags = flags_new(place, torture_random(random));
	r = torture_random(random);
	place->size = SIZE_MIN + 8 * (r % ((r >> 16 & 3) ? 16 : SIZE_MORE / 8));
	return kmobj_zone_create(place->name, place->size, &args);
}

/* With no memory for it the place stays closed for now. */
void place_open(struct place *place, u32 *random)
{
	static u32 serial;
	struct kmobj_zone *zone;

	place->id = ++serial;
	snprintf(place->name, sizeof(place->name), "torture-%u", serial);
	zone = zone_new(place, random);
	if (IS_ERR(zone)) {
		if (PTR_ERR(zone) != -ENOMEM)
			torture_fail("%s: not created: %ld", place->name,
				     PTR_ERR(zone));
		return;
	}
	tally_clear(place);
	memset(place->answers, 0, sizeof(place->answers));
	place->random = *random;
	WRITE_ONCE(place->zone, zone);
	/* pairs with smp_load_acquire() in place_is_open() */
	smp_store_release(&place->open, true);
}

static void market_clear(struct place *place)
{
	unsigned int i;
	void *obj;

	for (i = 0; i < MARKET; i++) {
		obj = xchg(&place->market[i], NULL);
		if (obj)
			object_free(place, obj);
	}
	for (i = 0; i < SHELF; i++) {
		obj = shelf_take(place, i);
		if (obj)
			object_free(place, obj);
	}
}

static unsigned long patience(void)
{
	return torture_has_failed() ? IMPATIENCE : PATIENCE;
}

/* All actors come by and free what they hold. */
static bool wait_until_empty(struct place *place)
{
	unsigned long end = jiffies + patience();

	while (place_live(place)) {
		if (time_after(jiffies, end)) {
			torture_fail("%s: %ld objects are lost", place->name,
				     place_live(place));
			contexts_tell(place);
			return false;
		}
		schedule_timeout_uninterruptible(1);
	}
	return true;
}

/* Every slab of an empty zone leaves when asked to: none is forgotten. */
static bool check_shrinks(struct place *place)
{
	struct kmobj_zone_stats stats;
	unsigned int i;

	kmobj_rcu_barrier(place->zone);
	for (i = 0; i < SHRINKS; i++) {
		kmobj_zone_shrink(place->zone);
		kmobj_zone_stats(place->zone, &stats);
		if (!stats.slabs)
			return true;
		schedule_timeout_uninterruptible(HZ / 50);
	}
	torture_fail("%s: %lu slabs without an object do not leave",
		     place->name, stats.slabs);
	return false;
}

/* What kmobj itself says went wrong. */
static void check_complaints(struct place *place,
			     const struct kmobj_zone_stats *stats)
{
	if (stats->bad_frees)
		torture_fail("%s: %lu good frees were refused", place->name,
			     stats->bad_frees);
	if (stats->corrupted || stats->slabs_corrupt)
		torture_fail("%s: %lu objects and %lu slabs are said to be damaged",
			     place->name, stats->corrupted, stats->slabs_corrupt);
}

/* Does kmobj count as many objects, and answers of move(), as there are? */
static bool stats_are_right(struct place *place, struct kmobj_zone_stats *stats)
{
	kmobj_zone_stats(place->zone, stats);
	return stats->allocs == stats->frees &&
	       stats->moved == READ_ONCE(place->answers[KMOBJ_MOVED]) &&
	       stats->move_busy == READ_ONCE(place->answers[KMOBJ_BUSY]) &&
	       stats->move_pinned == READ_ONCE(place->answers[KMOBJ_PINNED]);
}

/* What was moved a moment ago is freed after a grace period. */
static void check_stats(struct place *place)
{
	unsigned long end = jiffies + patience();
	struct kmobj_zone_stats stats;

	while (!stats_are_right(place, &stats) && place->movable &&
	       time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	if (!stats_are_right(place, &stats))
		torture_fail("%s: it counts %lu moved, %lu busy, %lu pinned, not %lu, %lu, %lu",
			     place->name, stats.moved, stats.move_busy, stats.move_pinned,
			     place->answers[KMOBJ_MOVED], place->answers[KMOBJ_BUSY],
			     place->answers[KMOBJ_PINNED]);
	if (stats.allocs != stats.frees)
		torture_fail("%s: it counts %ld objects, there are none",
			     place->name, stats.allocs - stats.frees);
	check_complaints(place, &stats);
}

/* Again and again, as the last objects are freed. */
static int destroy_early(struct place *place)
{
	unsigned long end = jiffies + patience();
	int err;

	do {
		err = kmobj_zone_destroy(place->zone);
		schedule_timeout_uninterruptible(1);
	} while (err == -EBUSY && time_before(jiffies, end));
	return err;
}

static int destroy_late(struct place *place, u32 random)
{
	if (!wait_until_empty(place))
		return -EBUSY;
	synchronize_srcu(&users);
	check_stats(place);
	if (random & 4 && !check_shrinks(place))
		return -EBUSY;
	return kmobj_zone_destroy(place->zone);
}

/* False if the zone cannot be had back: the place is lost then. */
bool place_close(struct place *place, u32 random)
{
	unsigned int i;
	int err;

	WRITE_ONCE(place->open, false);
	synchronize_srcu(&users);
	market_clear(place);
	err = random & 3 ? destroy_late(place, random) : destroy_early(place);
	if (err) {
		torture_fail("%s: not destroyed: %d", place->name, err);
		return false;
	}
	if (!wait_until_empty(place))	/* counted after they are freed */
		return false;
	synchronize_srcu(&users);
	for (i = 0; i < ARRAY_SIZE(arena_answers); i++)
		arena_answers[i] += place->answers[i];
	WRITE_ONCE(place->zone, NULL);
	return true;
}

/* In a section of users. */
void place_move_limit(struct place *place, u32 random)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(place->zone, &stats);
	if (random & 7)
		kmobj_zone_set_limit(place->zone,
				     (1 + (random >> 8 & 63)) *
				     stats.slab_bytes);
	else
		kmobj_zone_set_limit(place->zone, KMOBJ_UNLIMITED);
	check_complaints(place, &stats);
}
