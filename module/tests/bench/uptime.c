// SPDX-License-Identifier: GPL-2.0
/*
 * Row memory-uptime: what is kept after a long time. Eight types of different
 * sizes come and go for 50 million operations, an operation being an object
 * allocated or freed. The population of each follows a triangle between 5,000
 * and 100,000 objects, with a period of 1 to 8 million operations of all
 * types; births come in bursts of up to 64, deaths are random. The
 * kmem_caches merge as they do by default. Row memory-uptime-moved: the same if
 * kmobj may move the objects; its floor is kmobj that may not. Row
 * memory-uptime-private: with KMOBJ_PRIVATE_PAGES, so that no zone uses what is free of
 * another; its floor is kmobj without.
 *
 * Bytes kept and live are sampled each 100,000 operations, and there the run
 * sleeps 10 ms so that the poller runs: with poll_ms=10 about one pass, as on a
 * machine that does 100,000 operations a second with the default of a second. The
 * result is the mean excess of bytes kept over bytes live in the last half.
 */
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define OPERATIONS	50000000UL
#define SAMPLE_EACH	100000UL
#define SAMPLES		(OPERATIONS / SAMPLE_EACH)
#define SAMPLE_SLEEP_MS	10

#define PERIOD		1000000UL	/* of the first type */
#define POPULATION_MIN	5000L
#define POPULATION_MAX	100000L
#define BURST		64U

static const unsigned int type_size[] = {
	40, 72, 104, 136, 200, 264, 520, 1032,
};

#define NR_TYPES	ARRAY_SIZE(type_size)

enum way { WAY_KMOBJ, WAY_PEER, WAY_MOVED, WAY_PRIVATE, NR_WAYS };

struct type {
	struct movable set;
	struct kmobj_zone *zone;	/* unless it is the set's */
	struct kmem_cache *cache;
	unsigned long period;
};

struct world {
	enum way way;
	struct type type[NR_TYPES];
	unsigned long ops;
	u64 random;
	struct kept kept;
};

struct sample {
	long live;
	long kept[NR_WAYS];
};

/* How many there are to be of the type after @ops operations of all. */
static long population(const struct type *type, unsigned long ops)
{
	unsigned long half = type->period / 2, at = ops % type->period;

	if (at > half)
		at = type->period - at;
	return POPULATION_MIN +
	       (POPULATION_MAX - POPULATION_MIN) * at / half;
}

static int births(struct world *world, struct type *type)
{
	unsigned int nr = 1 + random_below(&world->random, BURST);

	world->ops += nr;
	while (nr--) {
		void *obj = world->way == WAY_PEER ?
			    kmem_cache_alloc(type->cache, GFP_KERNEL) :
			    kmobj_alloc(type->zone, GFP_KERNEL);

		if (!obj)
			return -ENOMEM;
		movable_add(&type->set, obj);
	}
	return 0;
}

static void death(struct world *world, struct type *type)
{
	void *obj = movable_take(&type->set, random_below(&world->random, type->set.nr));

	world->ops++;
	if (world->way == WAY_PEER)
		kmem_cache_free(type->cache, obj);
	else
		kmobj_free(type->zone, obj);
}

/* A random type moves past where it should be. */
static int step(struct world *world)
{
	struct type *type = &world->type[random_below(&world->random,
						      NR_TYPES)];
	unsigned int nr;
	int err = 0;

	if (type->set.nr <= population(type, world->ops)) {
		while (!err && type->set.nr <= population(type, world->ops))
			err = births(world, type);
		return err;
	}
	while (type->set.nr > population(type, world->ops))
		death(world, type);
	nr = random_below(&world->random, BURST);
	while (nr-- && type->set.nr)
		death(world, type);
	return 0;
}

static void sample(struct world *world, struct sample *at)
{
	unsigned int i;

	at->live = 0;
	for (i = 0; i < NR_TYPES; i++)
		at->live += (long)world->type[i].set.nr * type_size[i];
	at->kept[world->way] = kept_bytes(&world->kept);
}

static int live_through(struct world *world, struct sample *samples)
{
	unsigned long nr;
	int err = 0;

	for (nr = 0; !err && nr < SAMPLES; nr++) {
		while (!err && world->ops < (nr + 1) * SAMPLE_EACH) {
			err = step(world);
			cond_resched();
		}
		schedule_timeout_uninterruptible(msecs_to_jiffies(SAMPLE_SLEEP_MS));
		sample(world, &samples[nr]);
	}
	return err;
}

static int type_open(struct world *world, unsigned int i)
{
	const struct kmobj_zone_args args = {
		.flags = world->way == WAY_PRIVATE ? KMOBJ_PRIVATE_PAGES : 0,
	};
	struct type *type = &world->type[i];
	char name[32];
	int err;

	scnprintf(name, sizeof(name), "bench-%u", type_size[i]);
	type->period = (i + 1) * PERIOD;
	err = movable_open(&type->set, name, type_size[i], POPULATION_MAX + 2 * BURST,
			   world->way == WAY_MOVED);
	if (err)
		return err;
	if (world->way == WAY_PEER) {
		type->cache = kmem_cache_create(name, type_size[i], 0, 0, NULL);
		return type->cache ? 0 : -ENOMEM;
	}
	type->zone = type->set.zone ?: kmobj_zone_create(name, type_size[i], &args);
	return PTR_ERR_OR_ZERO(type->zone);
}

static void type_close(struct world *world, struct type *type)
{
	while (type->set.nr) {
		death(world, type);
		if (type->set.nr % 1024 == 0)
			cond_resched();
	}
	if (!IS_ERR_OR_NULL(type->zone) && !type->set.zone)
		kmobj_zone_destroy(type->zone);
	kmem_cache_destroy(type->cache);
	movable_close(&type->set);
}

static int live(enum way way, struct sample *samples)
{
	struct world *world = vzalloc(sizeof(*world));
	unsigned int i;
	int err = 0;

	if (!world)
		return -ENOMEM;
	world->way = way;
	world->random = 1;
	for (i = 0; !err && i < NR_TYPES; i++)
		err = type_open(world, i);
	kept_begin(&world->kept);
	if (!err)
		err = live_through(world, samples);
	for (i = 0; i < NR_TYPES; i++)
		type_close(world, &world->type[i]);
	vfree(world);
	return err;
}

/* The columns of a row, from what each way keeps more than is live. */
static void print(const char *row, const long *excess, const enum side *column,
		  struct series *series)
{
	enum way way;

	for (way = 0; way < NR_WAYS; way++) {
		if (column[way] != NR_SIDES)
			series_add(series, column[way],
				   max(excess[way], 0L) / (SAMPLES / 2), 1024);
	}
	series_print(series, row, 0, 1, "KiB");
}

static void report(const struct sample *samples, struct series *series)
{
	static const enum side plain[NR_WAYS] = {
		SIDE_KMOBJ, SIDE_PEER, NR_SIDES, NR_SIDES,
	};
	static const enum side moved[NR_WAYS] = {
		SIDE_FLOOR, SIDE_PEER, SIDE_KMOBJ, NR_SIDES,
	};
	static const enum side private[NR_WAYS] = {
		SIDE_FLOOR, SIDE_PEER, NR_SIDES, SIDE_KMOBJ,
	};
	long excess[NR_WAYS] = {};
	unsigned long i;
	enum way way;

	for (i = 0; i < SAMPLES; i++) {
		const struct sample *at = samples + i;

		pr_info("bench-uptime: %lu %ld %ld %ld %ld %ld\n",
			(i + 1) * SAMPLE_EACH, at->live, at->kept[WAY_KMOBJ],
			at->kept[WAY_PEER], at->kept[WAY_MOVED], at->kept[WAY_PRIVATE]);
		if (i < SAMPLES / 2)
			continue;
		for (way = 0; way < NR_WAYS; way++)
			excess[way] += at->kept[way] - at->live;
	}
	print("memory-uptime", excess, plain, series);
	print("memory-uptime-moved", excess, moved, series);
	print("memory-uptime-private", excess, private, series);
}

int row_uptime(unsigned int size)
{
	struct sample *samples;
	struct series *series;
	int err = -ENOMEM;

	if (bench_icount) {
		series_none("memory-uptime", 0, "too long to emulate");
		return 0;
	}
	samples = vcalloc(SAMPLES, sizeof(*samples));
	series = series_open();
	if (samples && series)
		err = live(WAY_KMOBJ, samples) ?: live(WAY_PEER, samples) ?:
		      live(WAY_MOVED, samples) ?: live(WAY_PRIVATE, samples);
	if (!err)
		report(samples, series);
	series_close(series);
	vfree(samples);
	return err;
}
