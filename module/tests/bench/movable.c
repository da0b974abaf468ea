// SPDX-License-Identifier: GPL-2.0
/*
 * Sets of objects that kmobj may move: each begins with its number in the set's
 * array, by which the set finds out whether it is the one that the array names.
 */
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define SETS_MAX	8

/*
 * The time from call to call, but for those in which a grace period was waited for. A
 * look at the clock takes a good part of a move: one for so many.
 */
#define MOVES_A_LOOK	16
#define GAP_NS		(100 * NSEC_PER_USEC)

struct item {
	u32 nr;
};

static DEFINE_SPINLOCK(lock);		/* of objs and nr of all sets */
static struct movable *sets[SETS_MAX];
static unsigned int calls;
static u64 looked_at, moving_ns, nr_moves;

static void count_call(void)
{
	u64 now;

	WRITE_ONCE(calls, calls + 1);
	if (calls % MOVES_A_LOOK)
		return;
	now = ktime_get_ns();
	if (now - looked_at < GAP_NS) {
		moving_ns += now - looked_at;
		nr_moves += MOVES_A_LOOK;
	}
	looked_at = now;
}

static struct movable *set_of(const struct kmobj_zone *zone)
{
	struct movable **set = sets;

	while (!*set || (*set)->zone != zone)
		set++;
	return *set;
}

static enum kmobj_move move(struct kmobj_zone *zone, void *from, void *to)
{
	struct movable *set = set_of(zone);
	const struct item *item = from;
	enum kmobj_move answer = KMOBJ_GONE;
	u32 nr;

	spin_lock(&lock);
	count_call();
	nr = READ_ONCE(item->nr);	/* it may be filled in just now, or hold anything */
	if (nr < set->nr && set->objs[nr] == from) {
		memcpy(to, from, set->size);
		set->objs[nr] = to;
		answer = KMOBJ_MOVED;
	}
	spin_unlock(&lock);
	return answer;
}

/* Times that an object was to be moved. */
unsigned int movable_calls(void)
{
	return READ_ONCE(calls);
}

/* File the time of a move since the last call of this, while nothing is moved. */
void movable_file(struct series *series)
{
	if (nr_moves)
		series_add(series, SIDE_KMOBJ, moving_ns, nr_moves);
	moving_ns = 0;
	nr_moves = 0;
}

/* A set of up to @max objects; @moves: of a zone of its own, @set->zone, that moves them. */
int movable_open(struct movable *set, const char *name, unsigned int size,
		 unsigned int max, bool moves)
{
	const struct kmobj_zone_args args = { .move = move };
	unsigned int i = 0;

	*set = (struct movable){ .size = size };
	set->objs = vmalloc(array_size(max, sizeof(*set->objs)));
	if (!set->objs)
		return -ENOMEM;
	if (!moves)
		return 0;
	while (sets[i])
		i++;
	sets[i] = set;
	set->zone = kmobj_zone_create(name, size, &args);
	return PTR_ERR_OR_ZERO(set->zone);
}

/* The set is empty. */
void movable_close(struct movable *set)
{
	unsigned int i;

	if (!IS_ERR_OR_NULL(set->zone))
		WARN_ON(kmobj_zone_destroy(set->zone));
	for (i = 0; i < SETS_MAX; i++) {
		if (sets[i] == set)
			sets[i] = NULL;
	}
	vfree(set->objs);
}

void movable_add(struct movable *set, void *obj)
{
	struct item *item = obj;

	spin_lock(&lock);
	item->nr = set->nr;
	set->objs[set->nr++] = obj;
	spin_unlock(&lock);
}

/* Take object @i, below nr, out of the set; the last one takes its place. */
void *movable_take(struct movable *set, unsigned int i)
{
	struct item *last;
	void *obj;

	spin_lock(&lock);
	obj = set->objs[i];
	last = set->objs[--set->nr];
	last->nr = i;
	set->objs[i] = last;
	spin_unlock(&lock);
	return obj;
}

/* Free objects at random until @nr are left. */
void movable_thin(struct movable *set, unsigned int nr, u64 *random)
{
	while (set->nr > nr) {
		kmobj_free(set->zone, movable_take(set, random_below(random, set->nr)));
		if (set->nr % 1024 == 0)
			cond_resched();
	}
}
