// SPDX-License-Identifier: GPL-2.0
/*
 * What is written into an object, so that whoever frees it sees whether it was
 * his alone all the time: the number of its zone, of its allocation, a sum of
 * those with its address, and a body that follows from the sum. Of the objects
 * of a zone one in four is freed by RCU, whoever frees it: its number says so,
 * and readers see that it is nobody else's until they have read.
 */
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "torture.h"

#define LIVE	0x6c697665
#define FREE	0x66726565

struct object {
	u32 id;		/* of the zone: stays for as long as its page does */
	u32 state;
	u32 seq;
	u32 maker;
	u64 sum;
	u64 body[];
};

/* The maker of an object that was moved away; its sum is the state of RCU then. */
#define MOVED	0x6d6f7665

static bool goes_by_rcu(u32 seq)
{
	return !(seq & 3);
}

/* Words of the body that are written: some at the front, and the last one. */
#define BODY_FRONT	4U

/* Objects that a reader looks at. */
#define WATCHED		16

static u64 mix(u64 x)
{
	x *= 0x9e3779b97f4a7c15ULL;
	return x ^ (x >> 29);
}

static u64 object_sum(const struct object *o)
{
	return mix(mix(o->id ^ (unsigned long)o) +
		   ((u64)o->maker << 32 | o->seq));
}

static unsigned int body_words(const struct place *place)
{
	return (place->size - sizeof(struct object)) / sizeof(u64);
}

static void body_write(const struct place *place, struct object *o)
{
	unsigned int i, words = body_words(place);

	for (i = 0; i < min(words, BODY_FRONT); i++)
		o->body[i] = o->sum + i;
	o->body[words - 1] = ~o->sum;
}

static bool body_is_good(const struct place *place, const struct object *o)
{
	unsigned int i, words = body_words(place);

	for (i = 0; i < min(words - 1, BODY_FRONT); i++) {
		if (o->body[i] != o->sum + i)
			return false;
	}
	return o->body[words - 1] == ~o->sum;
}

void object_ctor(void *obj)
{
	struct object *o = obj;

	o->state = FREE;
}

/* Was @o moved away, and may readers still look at it? */
static bool was_moved_lately(const struct object *o)
{
	u64 sum = READ_ONCE(o->sum);

	/* pairs with smp_wmb() in object_make(), if it is another's by now */
	smp_rmb();
	return READ_ONCE(o->maker) == MOVED && READ_ONCE(o->state) == FREE &&
	       !poll_state_synchronize_rcu(sum);
}

static void check_fresh(const struct place *place, const struct object *o,
			bool zeroed)
{
	if (zeroed && memchr_inv(o, 0, place->size))
		torture_fail("%s: %p is not zero", place->name, o);
	if (place->built && o->state != FREE)
		torture_fail("%s: %p is not as its ctor left it: %x",
			     place->name, o, o->state);
	if (o->state == LIVE && o->id == place->id)
		torture_fail("%s: %p was handed out twice", place->name, o);
	if (place->movable && o->id == place->id && was_moved_lately(o))
		torture_fail("%s: %p was moved away, and is handed out under its readers",
			     place->name, o);
}

/* @obj was just handed out. */
void object_make(struct place *place, void *obj, const struct actor *by,
		 bool zeroed)
{
	struct object *o = obj;

	check_fresh(place, o, zeroed);
	/* market_watch() may look: the number, and then that it is live */
	WRITE_ONCE(o->id, place->id);
	WRITE_ONCE(o->seq, by->seq);
	/* pairs with smp_load_acquire() in lasting_seq() */
	smp_store_release(&o->state, LIVE);
	WRITE_ONCE(o->maker, by->maker);
	smp_wmb();	/* pairs with smp_rmb() in was_moved_lately() */
	WRITE_ONCE(o->sum, object_sum(o));
	body_write(place, o);
}

/* By which an object is found on the shelf: it is moved along. */
u32 object_number(const void *obj)
{
	const struct object *o = obj;

	return mix((u64)READ_ONCE(o->maker) << 32 | READ_ONCE(o->seq)) >> 40;
}

static bool object_is_good(const struct place *place, const struct object *o)
{
	if (o->id == place->id && o->state == LIVE && o->sum == object_sum(o) &&
	    body_is_good(place, o))
		return true;
	torture_fail("%s (%x): %p was written to: id %x state %x seq %x by %x",
		     place->name, place->id, o, o->id, o->state, o->seq, o->maker);
	return false;
}

/*
 * Under place->lock. Readers that have found @from may see that it is free, but not
 * that it is another's: so its number stays.
 */
void object_move(struct place *place, void *from, void *to)
{
	struct object *old = from, *new = to;
	const struct actor by = { .maker = old->maker, .seq = old->seq };

	object_is_good(place, old);
	object_make(place, new, &by, false);
	WRITE_ONCE(old->state, FREE);
	WRITE_ONCE(old->maker, MOVED);
	WRITE_ONCE(old->sum, get_state_synchronize_rcu());
}

/* move() is called for @obj: it was not moved away while its readers are still there. */
void object_check_offered(struct place *place, const void *obj)
{
	if (was_moved_lately(obj))
		torture_fail("%s: %p was moved, and is to be moved again",
			     place->name, obj);
}

/* @obj is about to be freed; false if it is not what it was made. */
bool object_take_back(struct place *place, void *obj)
{
	struct object *o = obj;

	if (!object_is_good(place, o))
		return false;
	WRITE_ONCE(o->state, FREE);
	return true;
}

/* Every free of one object, by whoever holds it. */
void object_free(struct place *place, void *obj)
{
	struct object *o = obj;

	if (!object_take_back(place, obj))
		return;			/* to be missed when the place closes */
	if (goes_by_rcu(o->seq))
		kmobj_free_rcu(place->zone, obj);
	else
		kmobj_free(place->zone, obj);
	this_cpu_inc(place->tally->frees);
}

/* May @obj be freed together with others, that is not by RCU? */
bool object_goes_in_bulk(const void *obj)
{
	const struct object *o = obj;

	return !goes_by_rcu(o->seq);
}

static void linger(u64 ns)
{
	u64 end = ktime_get_ns() + ns;

	do {
		cpu_relax();
	} while (ktime_get_ns() < end);
}

/* What a reader found on the market of a zone, which it is to stay of. */
struct found {
	u32 id;
	const struct object *objs[WATCHED];
	u32 seqs[WATCHED];
};

/* The number of an object that stays as it is for as long as this reads, or 0. */
static u32 lasting_seq(const struct object *o)
{
	u32 seq;

	/* pairs with smp_store_release() in object_make() */
	if (!o || smp_load_acquire(&o->state) != LIVE)
		return 0;
	seq = READ_ONCE(o->seq);
	return goes_by_rcu(seq) ? seq : 0;
}

/* False if there is nothing that may be read after it is freed. */
static bool find(struct place *place, u32 random, struct found *found)
{
	int section = srcu_read_lock(&users);
	bool good = place_is_open(place) && place->stable;
	unsigned int i;

	for (i = 0; good && i < WATCHED; i++) {
		found->objs[i] = place->movable ?
				 READ_ONCE(place->shelf[(random + i) % SHELF]) :
				 READ_ONCE(place->market[(random + i) % MARKET]);
		found->seqs[i] = lasting_seq(found->objs[i]);
	}
	found->id = place->id;
	srcu_read_unlock(&users, section);
	return good;
}

static void check_ids(const struct found *found, const char *when)
{
	unsigned int i;

	for (i = 0; i < WATCHED; i++) {
		const struct object *o = found->objs[i];

		if (o && READ_ONCE(o->id) != found->id)
			torture_fail("torture-%u: %p %s", found->id, o, when);
	}
}

static void check_seqs(const struct found *found)
{
	unsigned int i;

	for (i = 0; i < WATCHED; i++) {
		const struct object *o = found->objs[i];

		if (found->seqs[i] && READ_ONCE(o->seq) != found->seqs[i])
			torture_fail("torture-%u: %p, freed by RCU, is another's under a reader",
				     found->id, o);
	}
}

/*
 * Objects that were on the market a moment ago belong to somebody, may be freed
 * and handed out again as we look; but their pages stay with their zone for as
 * long as this reads. It is in no section of users then: the zone may be closed
 * meanwhile, and destroyed.
 */
void market_watch(struct place *place, u32 random, u64 ns)
{
	struct found found;

	rcu_read_lock();
	if (find(place, random, &found)) {
		check_ids(&found, "on the market is not of its zone");
		linger(ns);
		check_ids(&found, "is in a page that left under a reader");
		check_seqs(&found);
	}
	rcu_read_unlock();
}
