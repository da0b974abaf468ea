// SPDX-License-Identifier: GPL-2.0
/*
 * A client's mistake: objects are written to after they were freed. How long does it take
 * until kmobj reports one of the writes?
 */
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sysfs.h>

#include "exercise.h"

#define STALE_EACH	100		/* one in so many frees is followed by a write */
#define LOOK_EACH	1000
#define TURNS		8		/* each object is replaced so often, on average */
#define MS_MAX		60000

static unsigned long found_ms, written;

static bool is_found(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	return stats.corrupted;
}

static bool fill(struct kmobj_zone *zone, void **objs, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		objs[i] = kmobj_alloc(zone, GFP_KERNEL);
		if (!objs[i])
			return false;
		cond_resched();
	}
	return true;
}

/* Replace objects; true if a write was found. */
static noinline bool replace(struct kmobj_zone *zone, void **objs, unsigned long nr)
{
	unsigned long i, at;

	for (i = 1; i <= TURNS * nr; i++) {
		at = get_random_u32() % nr;
		kmobj_free(zone, objs[at]);
		if (i % STALE_EACH == 0) {
			WRITE_ONCE(*(u8 *)objs[at], 0);
			written++;
		}
		objs[at] = kmobj_alloc(zone, GFP_KERNEL);
		if (!objs[at] || (i % LOOK_EACH == 0 && is_found(zone)))
			return true;
		cond_resched();
	}
	return is_found(zone);
}

/* All come, are replaced, and go: one round. */
static bool one_round(struct kmobj_zone *zone, void **objs, unsigned long nr)
{
	bool done = !fill(zone, objs, nr) || replace(zone, objs, nr);

	kmobj_free_bulk(zone, nr, objs);
	memset(objs, 0, nr * sizeof(*objs));
	if (!done)
		kmobj_zone_shrink(zone);
	return done || is_found(zone);
}

int stale(struct kmobj_zone *zone, unsigned long nr)
{
	void **objs = kvcalloc(nr, sizeof(*objs), GFP_KERNEL);
	ktime_t begin = ktime_get();

	if (!objs || !nr)
		return -ENOMEM;
	written = 0;
	do {
		found_ms = ktime_ms_delta(ktime_get(), begin);
	} while (!one_round(zone, objs, nr) && found_ms < MS_MAX);
	found_ms = ktime_ms_delta(ktime_get(), begin);
	kvfree(objs);
	return is_found(zone) ? 0 : -ETIME;
}

int stale_show(char *buffer)
{
	return sysfs_emit(buffer, "%lu %lu\n", found_ms, written);
}
