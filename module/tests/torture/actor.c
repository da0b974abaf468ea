// SPDX-License-Identifier: GPL-2.0
/*
 * An actor: one execution context that allocates, checks, trades and frees
 * objects of all zones. It is never entered twice; what it does follows from
 * its own random numbers, and from whom it meets.
 */
#include <linux/jiffies.h>
#include <linux/nodemask.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "torture.h"

struct actor *actor_new(enum context context)
{
	unsigned int room = context == TASK ? HELD_TASK : HELD;
	struct actor *actor;

	actor = kvzalloc(struct_size(actor, held, room), GFP_KERNEL);
	if (!actor)
		return NULL;
	actor->context = context;
	actor->room = room;
	actor->random = torture_seed();
	actor->maker = torture_seed();
	actor->next_watch = jiffies;
	return actor;
}

/* Under fault injection or pressure nothing is to be had: nobody minds. */
static gfp_t actor_gfp(struct actor *actor, u32 random)
{
	if (actor->context <= WORK && !actor->atomic && random >> 31)
		return GFP_KERNEL | __GFP_NORETRY | __GFP_NOWARN;
	return (random >> 30 & 1 ? GFP_ATOMIC : GFP_NOWAIT) | __GFP_NOWARN;
}

static void actor_keep(struct actor *actor, struct place *place, void *obj)
{
	actor->held[actor->nr_held].obj = obj;
	actor->held[actor->nr_held++].place = place;
}

static void actor_drop(struct actor *actor, unsigned int i)
{
	actor->held[i] = actor->held[--actor->nr_held];
}

static void got(struct actor *actor, struct place *place, void *obj, bool zeroed)
{
	if (!obj) {
		actor->fails++;
		return;
	}
	this_cpu_inc(place->tally->allocs);
	actor->seq++;
	object_make(place, obj, actor, zeroed);
	actor_keep(actor, place, obj);
	actor->ops++;
}

static void do_alloc(struct actor *actor, struct place *place, u32 random)
{
	if (actor->nr_held < actor->room)
		got(actor, place,
		    kmobj_alloc(place->zone, actor_gfp(actor, random)), false);
}

static void do_zalloc(struct actor *actor, struct place *place, u32 random)
{
	gfp_t gfp = actor_gfp(actor, random);

	/* a reader of free objects must not see them become zero */
	if (actor->nr_held < actor->room && !place->built && !place->stable)
		got(actor, place, kmobj_zalloc(place->zone, gfp), true);
}

static void do_alloc_node(struct actor *actor, struct place *place, u32 random)
{
	gfp_t gfp = actor_gfp(actor, random);
	int nid = random / 64 % nr_node_ids;

	if (actor->nr_held < actor->room && node_online(nid))
		got(actor, place,
		    kmobj_alloc_node(place->zone, gfp | __GFP_THISNODE, nid),
		    false);
}

static void do_alloc_bulk(struct actor *actor, struct place *place, u32 random)
{
	unsigned int i, nr = random / 64 % BULK;
	void *objs[BULK];

	if (actor->nr_held + nr > actor->room)
		return;
	if (!kmobj_alloc_bulk(place->zone, actor_gfp(actor, random), nr,
			      objs)) {
		actor->fails++;
		return;
	}
	for (i = 0; i < nr; i++)
		got(actor, place, objs[i], false);
}

static void free_held(struct actor *actor, unsigned int i)
{
	struct place *place = actor->held[i].place;
	void *obj = actor->held[i].obj;

	actor_drop(actor, i);
	object_free(place, obj);
	actor->ops++;
}

static void do_free(struct actor *actor, struct place *place, u32 random)
{
	if (actor->nr_held)
		free_held(actor, random / 64 % actor->nr_held);
}

/* Of what it has got last, all that can be freed together. */
static void do_free_bulk(struct actor *actor, struct place *place, u32 random)
{
	unsigned int i, nr = 0;
	void *objs[BULK];

	if (!actor->nr_held)
		return;
	place = actor->held[actor->nr_held - 1].place;
	for (i = actor->nr_held; nr < BULK && i--;) {
		objs[nr] = actor->held[i].obj;
		if (actor->held[i].place != place ||
		    !object_goes_in_bulk(objs[nr]))
			continue;
		actor_drop(actor, i);
		nr += object_take_back(place, objs[nr]);
	}
	kmobj_free_bulk(place->zone, nr, objs);
	this_cpu_add(place->tally->frees, nr);
	actor->ops += nr;
}

/* Put one on the shelf, and take what lay there; or free what lies somewhere. */
static void do_shelve(struct actor *actor, struct place *place, u32 random)
{
	unsigned int i = actor->nr_held ? random / 4096 % actor->nr_held : 0;
	void *obj;

	if (!actor->growing) {
		obj = shelf_take(place, random / 64);
		if (obj) {
			object_free(place, obj);
			actor->ops++;
		}
	} else if (actor->nr_held && actor->held[i].place == place) {
		actor->held[i].obj = shelf_exchange(place, actor->held[i].obj);
		if (!actor->held[i].obj)
			actor_drop(actor, i);
	}
}

/* Exchange one of its zone for what somebody left there, or for nothing. */
static void do_trade(struct actor *actor, struct place *place, u32 random)
{
	void **spot = &place->market[random / 64 % MARKET];
	unsigned int i;

	if (place->movable) {
		do_shelve(actor, place, random);
		return;
	}
	if (!actor->nr_held) {
		void *obj = xchg(spot, NULL);

		if (obj)
			actor_keep(actor, place, obj);
		return;
	}
	i = random / 4096 % actor->nr_held;
	if (actor->held[i].place != place)
		return;
	actor->held[i].obj = xchg(spot, actor->held[i].obj);
	if (!actor->held[i].obj)
		actor_drop(actor, i);
}

static void do_ask(struct actor *actor, struct place *place, u32 random)
{
	unsigned int i;

	if (!actor->nr_held)
		return;
	i = random / 64 % actor->nr_held;
	if (kmobj_zone_of(actor->held[i].obj) != actor->held[i].place->zone)
		torture_fail("%s: does not know its object %p",
			     actor->held[i].place->name, actor->held[i].obj);
}

/* How often, in 64, by an actor that grows, and by one that shrinks. */
static const struct op {
	void (*fn)(struct actor *actor, struct place *place, u32 random);
	unsigned char growing, shrinking;
} ops[] = {
	{ do_alloc, 26, 16 },
	{ do_zalloc, 3, 2 },
	{ do_alloc_node, 2, 2 },
	{ do_alloc_bulk, 2, 1 },
	{ do_free, 18, 28 },
	{ do_free_bulk, 1, 2 },
	{ do_trade, 10, 11 },
	{ do_ask, 2, 2 },
};

static void act(struct actor *actor, struct place *place, u32 random)
{
	unsigned int i, at = random >> 26;

	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		unsigned int often = actor->growing ? ops[i].growing :
						      ops[i].shrinking;

		if (at < often) {
			ops[i].fn(actor, place, torture_random(&actor->random));
			return;
		}
		at -= often;
	}
}

/* Free what it holds of places that are being closed. */
static void let_go(struct actor *actor)
{
	unsigned int i = actor->nr_held;

	while (i--) {
		if (!READ_ONCE(actor->held[i].place->open))
			free_held(actor, i);
	}
}

static bool any_closed(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++) {
		if (!READ_ONCE(places[i].open))
			return true;
	}
	return false;
}

/* A batch; in its context. */
void actor_run(struct actor *actor, unsigned int steps)
{
	int section = srcu_read_lock(&users);

	if (any_closed())
		let_go(actor);
	while (steps--) {
		u32 random = torture_random(&actor->random);
		struct place *place = &places[random % PLACES];

		if (place_is_open(place))
			act(actor, place, random);
		if (!(random >> 20))
			actor->growing = !actor->growing;
	}
	if (any_closed())
		let_go(actor);
	srcu_read_unlock(&users, section);
}

/* A thread reads for some passes of the poller, a few times a second. */
void actor_watch(struct actor *actor)
{
	u32 random = torture_random(&actor->random);

	if (time_before(jiffies, actor->next_watch))
		return;
	actor->next_watch = jiffies + HZ / 4;
	market_watch(&places[random % PLACES], random >> 8,
		     (10 + (random >> 26)) * NSEC_PER_MSEC);
}

/*
 * Allocate as much as it can hold, all from one place: slabs go out full, to
 * be freed into from elsewhere. Up to @steps at a time; true if there is more.
 */
bool actor_load(struct actor *actor, struct place *place, unsigned int steps)
{
	int section = srcu_read_lock(&users);
	unsigned long fails = actor->fails;

	if (any_closed())
		let_go(actor);
	while (steps && place_is_open(place) && actor->nr_held < actor->room &&
	       fails == actor->fails) {
		do_alloc(actor, place, torture_random(&actor->random));
		steps--;
	}
	srcu_read_unlock(&users, section);
	return !steps;
}

/* And free all of that, in any order. */
bool actor_unload(struct actor *actor, unsigned int steps)
{
	int section = srcu_read_lock(&users);

	for (; steps && actor->nr_held; steps--)
		do_free(actor, NULL, torture_random(&actor->random));
	srcu_read_unlock(&users, section);
	return actor->nr_held;
}

/* It has come to its end, and all places are still as they were. */
void actor_free(struct actor *actor)
{
	while (actor && actor->nr_held)
		free_held(actor, actor->nr_held - 1);
	kvfree(actor);
}
