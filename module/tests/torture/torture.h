/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmobj_torture.ko: everything at once, and every object accounted for. (And
 * what is in liveness.h.)
 *
 *	arena	a few places for zones. A keeper opens a place with a zone of
 *		random properties, closes it, waits until every object of it is
 *		freed, compares its own count with the zone's, and destroys it.
 *	market	each place has one: pointers that are exchanged by whoever comes
 *		by, so that objects are freed where they were not allocated.
 *	shelf	what a place has instead if its zone moves objects: those that lie
 *		there are moved.
 *	actor	one execution context: a thread, a work, a tasklet, a timer, an
 *		irq_work. It allocates, checks, trades and frees objects of all
 *		zones, a batch each time it runs; it is never entered twice.
 *	object	says whose it is and which of his; looked at when it is freed.
 *	keeper	a thread that opens and closes, moves limits, shrinks.
 *
 * Actors use a place in a read-side section of SRCU; who closes it waits for
 * those. What an actor holds of a closed place it frees when it next runs.
 */
#ifndef KMOBJ_TORTURE_H
#define KMOBJ_TORTURE_H

#include <linux/atomic.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/srcu.h>
#include <linux/types.h>

#include "kmobj.h"

#define PLACES		6
#define MARKET		64
#define SHELF		1024
#define HELD		64	/* objects an actor holds at most, */
#define HELD_TASK	1024	/* and a thread */
#define BULK		24

/* Objects have room for this at least. */
#define SIZE_MIN	32
/* and for this more at most, seldom. */
#define SIZE_MORE	2800

/* Counted where it happens: the sums are exact when all is quiet. */
struct tally {
	unsigned long allocs;
	unsigned long frees;
};

struct place {
	struct kmobj_zone *zone;	/* while open or closing */
	struct tally __percpu *tally;
	bool open;			/* read in a section of users */
	bool built;			/* by a ctor */
	bool stable;			/* readers may look at free objects */
	bool movable;			/* it has a shelf, and no market */
	u32 size;
	u32 id;				/* of this zone, in all its objects */
	char name[32];
	void *market[MARKET];

	raw_spinlock_t lock;		/* of the shelf, and what lies there */
	void *shelf[SHELF];
	u32 random;
	unsigned long answers[KMOBJ_PINNED + 1];	/* of move() */
};

/* In a section of users. */
static inline bool place_is_open(struct place *place)
{
	/* pairs with smp_store_release() in place_open() */
	return smp_load_acquire(&place->open);
}

/* arena.c */
extern struct place places[PLACES];
extern struct srcu_struct users;
int arena_start(void);
void arena_stop(void);
void place_open(struct place *place, u32 *random);
bool place_close(struct place *place, u32 random);
void place_move_limit(struct place *place, u32 random);
extern unsigned long arena_answers[KMOBJ_PINNED + 1];

struct actor;

/* object.c */
void object_make(struct place *place, void *obj, const struct actor *by,
		 bool zeroed);
bool object_take_back(struct place *place, void *obj);
bool object_goes_in_bulk(const void *obj);
void object_free(struct place *place, void *obj);
void market_watch(struct place *place, u32 random, u64 ns);
void object_ctor(void *obj);
u32 object_number(const void *obj);
void object_move(struct place *place, void *from, void *to);
void object_check_offered(struct place *place, const void *obj);

/* shelf.c */
void *shelf_exchange(struct place *place, void *obj);
void *shelf_take(struct place *place, u32 nr);
enum kmobj_move shelf_move(struct kmobj_zone *zone, void *from, void *to);

/* actor.c */
enum context { TASK, WORK, TASKLET, TIMER, HARDIRQ, IRQ_WORK, NR_CONTEXTS };

struct actor {
	enum context context;
	bool growing;			/* allocates more than it frees */
	bool atomic;			/* a thread with something disabled */
	u32 random;
	u64 ops;			/* objects allocated or freed */
	u32 maker, seq;			/* what its objects are marked with */
	unsigned long fails;		/* allocations that got nothing */
	unsigned long next_watch;	/* in jiffies */
	unsigned int nr_held, room;
	struct {
		void *obj;
		struct place *place;
	} held[];
};

struct actor *actor_new(enum context context);
void actor_run(struct actor *actor, unsigned int steps);
void actor_watch(struct actor *actor);
bool actor_load(struct actor *actor, struct place *place, unsigned int steps);
bool actor_unload(struct actor *actor, unsigned int steps);
void actor_free(struct actor *actor);

/* contexts.c */
int contexts_start(void);
bool contexts_stop(void);
void contexts_sum(u64 *ops, unsigned long *fails);
void contexts_tell(const struct place *place);
void contexts_end(void);
extern const char * const context_names[NR_CONTEXTS];

/* keepers.c */
int keepers_start(void);
bool keepers_stop(void);
extern unsigned long keeper_lives, keeper_moves;

/* main.c */
struct torturer;
bool torture_is_over(void);
bool torture_has_failed(void);
struct torturer *torturer_start(int (*fn)(void *arg), void *arg,
				const char *name, int nr);
bool torturer_join(struct torturer *torturer);
u32 torture_seed(void);
u32 torture_random(u32 *state);
__printf(1, 2) void torture_fail(const char *fmt, ...);

#endif /* KMOBJ_TORTURE_H */
