// SPDX-License-Identifier: GPL-2.0
/*
 * The keepers: one opens and closes places, one moves limits and shrinks.
 */
#include <linux/delay.h>
#include <linux/sched.h>

#include "torture.h"

unsigned long keeper_lives, keeper_moves;

static struct torturer *opens, *moves;
static u32 opens_random, moves_random;
static bool keepers_over;

static int open_and_close(void *unused)
{
	while (!READ_ONCE(keepers_over)) {
		u32 r = torture_random(&opens_random);
		struct place *place = &places[r % PLACES];

		if (!place->zone) {
			place_open(place, &opens_random);
			keeper_lives += !!place->zone;
		} else if (!place_close(place, r >> 8)) {
			break;		/* reported; more would tell no more */
		}
		msleep(r >> 24 & 15);
	}
	return 0;
}

static void move(struct place *place, u32 random)
{
	int section = srcu_read_lock(&users);

	if (place_is_open(place)) {
		keeper_moves++;
		if (random & 3)
			place_move_limit(place, random >> 2);
		else
			kmobj_zone_shrink(place->zone);
	}
	srcu_read_unlock(&users, section);
}

static int move_limits(void *unused)
{
	while (!READ_ONCE(keepers_over)) {
		u32 r = torture_random(&moves_random);

		move(&places[r % PLACES], r >> 3);
		msleep(r >> 28);
	}
	return 0;
}

/* All places open, then the threads. */
int keepers_start(void)
{
	unsigned int i;

	opens_random = torture_seed();
	moves_random = torture_seed();
	for (i = 0; i < PLACES; i++) {
		place_open(&places[i], &opens_random);
		keeper_lives += !!places[i].zone;
	}
	opens = torturer_start(open_and_close, NULL, "kmobj_keeper", 0);
	moves = torturer_start(move_limits, NULL, "kmobj_keeper", 1);
	return opens && moves ? 0 : -ENOMEM;
}

/* False if one is stuck. */
bool keepers_stop(void)
{
	bool good;

	WRITE_ONCE(keepers_over, true);
	good = torturer_join(opens);
	return torturer_join(moves) && good;
}
