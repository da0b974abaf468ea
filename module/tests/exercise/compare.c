// SPDX-License-Identifier: GPL-2.0
/*
 * Memory in single pages: how many objects a zone and a kmem_cache get, turn and turn
 * about, so that both are asked in the same state of the machine.
 */
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "exercise.h"

struct side {
	struct thing *things;
	unsigned long nr;
};

static const struct {
	const char *name;
	gfp_t gfp;
} gfps[] = {
	{ "GFP_KERNEL", GFP_KERNEL },
	{ "GFP_ATOMIC", GFP_ATOMIC | __GFP_NOWARN },
	{ "GFP_NOWAIT", GFP_NOWAIT | __GFP_NOWARN },
};

static struct side cache_got[ARRAY_SIZE(gfps) + 1], zone_got[ARRAY_SIZE(gfps) + 1];

static bool side_add(struct side *side, struct thing *thing)
{
	if (!thing)
		return false;
	thing_stamp(thing);
	thing->next = side->things;
	side->things = thing;
	side->nr++;
	return true;
}

/* @nr requests each. */
static void ask_both(struct kmem_cache *cache, struct kmobj_zone *zone, unsigned int i,
		     unsigned long nr)
{
	for (; nr; nr--) {
		side_add(&cache_got[i], kmem_cache_alloc(cache, gfps[i].gfp));
		side_add(&zone_got[i], kmobj_alloc(zone, gfps[i].gfp));
		cond_resched();
	}
}

/* Until both get nothing. */
static void take_all(struct kmem_cache *cache, struct kmobj_zone *zone, unsigned int i)
{
	bool any;

	do {
		any = side_add(&cache_got[i],
			       kmem_cache_alloc(cache, GFP_NOWAIT | __GFP_NOWARN));
		any |= side_add(&zone_got[i], kmobj_alloc(zone, GFP_NOWAIT | __GFP_NOWARN));
		cond_resched();
	} while (any);
}

static struct thing *side_next(struct side *side)
{
	struct thing *thing = side->things;

	if (thing) {
		WARN_ON_ONCE(!thing_is_sound(thing));
		side->things = thing->next;
	}
	return thing;
}

static void give_back(struct kmem_cache *cache, struct kmobj_zone *zone, unsigned int i)
{
	struct thing *thing;

	while ((thing = side_next(&cache_got[i]))) {
		kmem_cache_free(cache, thing);
		cond_resched();
	}
	while ((thing = side_next(&zone_got[i]))) {
		kmobj_free(zone, thing);
		cond_resched();
	}
}

int compare(struct kmobj_zone *zone, unsigned long nr)
{
	struct kmobj_zone_stats stats;
	struct kmem_cache *cache;
	unsigned int i;

	kmobj_zone_stats(zone, &stats);
	cache = kmem_cache_create("exercise", stats.size, 0, 0, NULL);
	if (!cache)
		return -ENOMEM;
	memset(cache_got, 0, sizeof(cache_got));
	memset(zone_got, 0, sizeof(zone_got));
	fragment(1);
	for (i = 0; i < ARRAY_SIZE(gfps); i++)
		ask_both(cache, zone, i, nr);
	take_all(cache, zone, i);
	for (i = 0; i <= ARRAY_SIZE(gfps); i++)
		give_back(cache, zone, i);
	defragment();
	kmem_cache_destroy(cache);
	return 0;
}

/* What was asked for, then how often the kmem_cache and the zone had it. */
int compare_show(char *buffer)
{
	int len = 0;
	unsigned int i;

	for (i = 0; i <= ARRAY_SIZE(gfps); i++)
		len += sysfs_emit_at(buffer, len, "%s %lu %lu\n",
				     i < ARRAY_SIZE(gfps) ? gfps[i].name : "all",
				     cache_got[i].nr, zone_got[i].nr);
	return len;
}
