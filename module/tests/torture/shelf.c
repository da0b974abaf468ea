// SPDX-License-Identifier: GPL-2.0
/*
 * The shelf of a place whose zone moves objects: what lies there nobody holds, and
 * it may be moved. An object has one spot there, which follows from its numbers, so
 * that it is found from the object alone. What actors hold stays where it is.
 */
#include <linux/sched.h>
#include <linux/string.h>

#include "torture.h"

/* Put @obj on its spot; returns what lay there, or NULL. */
void *shelf_exchange(struct place *place, void *obj)
{
	void **spot = &place->shelf[object_number(obj) % SHELF];
	unsigned long flags;
	void *old;

	raw_spin_lock_irqsave(&place->lock, flags);
	old = *spot;
	smp_store_release(spot, obj);	/* for find() */
	raw_spin_unlock_irqrestore(&place->lock, flags);
	return old;
}

/* What lies on a spot, or NULL. */
void *shelf_take(struct place *place, u32 nr)
{
	void **spot = &place->shelf[nr % SHELF];
	unsigned long flags;
	void *obj;

	raw_spin_lock_irqsave(&place->lock, flags);
	obj = *spot;
	WRITE_ONCE(*spot, NULL);
	raw_spin_unlock_irqrestore(&place->lock, flags);
	return obj;
}

/* @to, or nothing, takes the spot of @from; false if that is not on the shelf. */
static bool shelf_replace(struct place *place, void *from, void *to)
{
	/* the numbers may be anything, if it is free or being filled in */
	void **spot = &place->shelf[object_number(from) % SHELF];
	unsigned long flags;
	bool there;

	raw_spin_lock_irqsave(&place->lock, flags);
	there = *spot == from;
	if (there && to)
		object_move(place, from, to);
	if (there)
		smp_store_release(spot, to);	/* for find() */
	raw_spin_unlock_irqrestore(&place->lock, flags);
	return there;
}

static struct place *place_of(const struct kmobj_zone *zone)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		if (READ_ONCE(places[i].zone) == zone)
			return &places[i];
	}
	return NULL;
}

static enum kmobj_move answer(struct place *place, void *from, void *to, u32 random)
{
	static const enum kmobj_move not_there[] = {
		KMOBJ_GONE, KMOBJ_GONE, KMOBJ_GONE, KMOBJ_BUSY,
	};

	switch (random >> 24 & 31) {
	case 0:
		return KMOBJ_PINNED;
	case 1:
		return KMOBJ_BUSY;
	case 2:
	case 3:
		if (shelf_replace(place, from, NULL))
			object_free(place, from);
		return KMOBJ_GONE;
	default:
		if (to && shelf_replace(place, from, to))
			return KMOBJ_MOVED;
		return not_there[random >> 20 & 3];
	}
}

/* kmobj_zone_args.move: calls for one zone come one after the other. */
enum kmobj_move shelf_move(struct kmobj_zone *zone, void *from, void *to)
{
	struct place *place = place_of(zone);
	enum kmobj_move answered;
	u32 random;

	if (!place) {
		torture_fail("move() is called for a zone that is gone");
		return KMOBJ_BUSY;
	}
	object_check_offered(place, from);
	random = torture_random(&place->random);
	if (!(random & 255))	/* meanwhile others free it, or destroy the zone */
		schedule_timeout_uninterruptible(1);
	answered = answer(place, from, to, random);
	WRITE_ONCE(place->answers[answered], place->answers[answered] + 1);
	return answered;
}
