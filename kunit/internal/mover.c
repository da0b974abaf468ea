// SPDX-License-Identifier: GPL-2.0
/*
 * The mover, driven by hand: what it asks a client for, what it does with each
 * answer, and what comes of it.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/spinlock.h>

#include "../../module/zone/mover.h"
#include "internal_kunit.h"

#define SLABS	40
#define KEPT	10		/* one object in so many */

/* What a client of the mover has: a table that names each object, under a lock. */
struct item {
	unsigned int nr;
	u64 stamp;
};

static struct {
	spinlock_t lock;	/* of items */
	void **items;		/* by number; NULL if it was freed */
	unsigned int nr;
	enum kmobj_move (*answer)(struct kmobj_zone *zone, struct item *from);
	unsigned int calls;
	void *spare;		/* what was not moved to, which is kmobj's own */
	struct kunit *test;
} client;

static u64 stamp_of(unsigned int nr)
{
	return 0x6d6f76656d656e74ULL * (nr + 1);
}

static enum kmobj_move move(struct kmobj_zone *zone, void *from, void *to)
{
	struct item *old = from, *new = to;
	enum kmobj_move answer = KMOBJ_MOVED;
	unsigned int nr;

	KUNIT_EXPECT_PTR_NE(client.test, from, client.spare);
	client.spare = to;
	WRITE_ONCE(client.calls, client.calls + 1);	/* cases wait for it */
	if (client.answer)
		answer = client.answer(zone, old);
	if (answer != KMOBJ_MOVED)
		return answer;
	answer = KMOBJ_GONE;
	spin_lock(&client.lock);
	nr = READ_ONCE(old->nr);	/* it may be filled in just now */
	if (nr < client.nr && client.items[nr] == old) {
		*new = *old;
		smp_store_release(&client.items[nr], new);	/* for readers */
		answer = KMOBJ_MOVED;
		client.spare = NULL;
	}
	spin_unlock(&client.lock);
	return answer;
}

static void item_free(struct kmobj_zone *zone, unsigned int nr)
{
	void *item;

	spin_lock(&client.lock);
	item = client.items[nr];
	client.items[nr] = NULL;
	spin_unlock(&client.lock);
	kmobj_free(zone, item);
}

/* SLABS slabs of which one object in KEPT is live, in the depot. The zone is locked. */
static struct kmobj_zone *sparse_zone(struct kunit *test)
{
	const struct kmobj_zone_args args = { .move = move };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i;

	pin_here(test);
	spin_lock_init(&client.lock);
	client.test = test;
	client.answer = NULL;
	client.calls = 0;
	client.spare = NULL;
	client.items = slabs_fill(test, zone, SLABS);
	client.nr = SLABS * objs_per_slab(zone);
	for (i = 0; i < client.nr; i++)
		*(struct item *)client.items[i] = (struct item) { i, stamp_of(i) };
	zone_lock(test, zone);
	for (i = 0; i < client.nr; i++) {
		if (i % KEPT)
			item_free(zone, i);
	}
	zone_drain(zone);
	return zone;
}

/* A pass, and all that it sets off. */
static void pass(struct kmobj_zone *zone)
{
	zone_pass(zone);
	mover_flush();
	client.spare = NULL;
	grace_period_wait();
}

static void passes(struct kmobj_zone *zone, unsigned int nr)
{
	while (nr--)
		pass(zone);
}

static void expect_items(struct kunit *test, struct kmobj_zone *zone)
{
	unsigned long live = 0;
	unsigned int i;

	for (i = 0; i < client.nr; i++) {
		const struct item *item = client.items[i];

		live += !!item;
		if (item)
			KUNIT_EXPECT_EQ(test, item->stamp, stamp_of(i));
	}
	KUNIT_EXPECT_EQ(test, zone_count_live(zone), live);
}

static void done(struct kunit *test, struct kmobj_zone *zone)
{
	unsigned int i;

	zone_unlock(test, zone);
	expect_items(test, zone);
	zone_expect_sound(test, zone);
	for (i = 0; i < client.nr; i++)
		item_free(zone, i);
}

static unsigned long fewest_slabs(struct kmobj_zone *zone)
{
	return DIV_ROUND_UP(client.nr / KEPT, objs_per_slab(zone));
}

static void sparse_slabs_become_free(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	struct kmobj_zone_stats stats;

	KUNIT_ASSERT_EQ(test, zone_stats(zone).slabs, SLABS);
	passes(zone, 5);
	stats = zone_stats(zone);
	KUNIT_EXPECT_LE(test, stats.slabs, fewest_slabs(zone) * 3 / 2);
	KUNIT_EXPECT_EQ(test, stats.slabs_made, SLABS);
	KUNIT_EXPECT_GT(test, stats.moved, client.nr / KEPT / 2);
	KUNIT_EXPECT_EQ(test, stats.moved, client.calls);
	KUNIT_EXPECT_EQ(test, stats.move_busy + stats.move_pinned, 0);
	done(test, zone);
}

static struct page *single_pages(unsigned int order, gfp_t gfp, int nid)
{
	return order ? NULL : alloc_pages_node(nid, gfp, 0);
}

#define IN_PIECES	100U	/* objects allocated while memory is in pieces */

/* They take a lock, and keep pages that belong together apart: if one object is free, they go. */
static void small_slabs_are_emptied(struct kunit *test)
{
	const struct kmobj_zone_args args = { .move = move, .order = 3 };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, nr = 4 * objs_per_slab(zone);
	void **objs;

	pin_here(test);
	spin_lock_init(&client.lock);
	client.test = test;
	client.answer = NULL;
	client.spare = NULL;
	client.nr = nr + IN_PIECES;
	client.items = kunit_kcalloc(test, client.nr, sizeof(void *), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, client.items);
	objs = slabs_fill(test, zone, 4);
	memcpy(client.items, objs, nr * sizeof(void *));
	free_slab_caches_empty();
	pages_come_from(test, single_pages);
	for (i = nr; i < client.nr; i++)
		client.items[i] = obj_make(test, zone);
	pages_come_from(test, NULL);
	for (i = 0; i < client.nr; i++)
		*(struct item *)client.items[i] = (struct item) { i, stamp_of(i) };
	zone_lock(test, zone);
	KUNIT_ASSERT_GT(test, atomic_long_read(&zone->nr_small), 1);
	for (i = 0; i < client.nr; i++) {
		if (i < nr ? i % KEPT : !(i % KEPT))
			item_free(zone, i);
	}
	zone_drain(zone);
	passes(zone, 5);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&zone->nr_small), 0);
	KUNIT_EXPECT_GE(test, zone_stats(zone).moved, IN_PIECES * 9 / 10);
	done(test, zone);
}

/* It would be work for nothing. */
static void slabs_that_are_full_enough_stay(struct kunit *test)
{
	const struct kmobj_zone_args args = { .move = move };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	unsigned int i, n = objs_per_slab(zone);
	void **objs;

	client.test = test;
	client.calls = 0;
	pin_here(test);
	objs = slabs_fill(test, zone, SLABS);
	zone_lock(test, zone);
	for (i = 0; i < SLABS; i++)
		objs_free(zone, objs + i * n, n / 8);
	zone_drain(zone);
	passes(zone, 3);
	KUNIT_EXPECT_EQ(test, client.calls, 0);
	zone_unlock(test, zone);
	for (i = 0; i < SLABS; i++)
		objs_free(zone, objs + i * n + n / 8, n - n / 8);
}

static enum kmobj_move is_busy(struct kmobj_zone *zone, struct item *from)
{
	return KMOBJ_BUSY;
}

static void who_is_busy_is_asked_less_and_less(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	unsigned int calls, i, asked = 0;

	client.answer = is_busy;
	for (i = 0; i < 31; i++) {
		calls = client.calls;
		pass(zone);
		asked += client.calls != calls;
	}
	KUNIT_EXPECT_EQ(test, asked, 5);	/* in passes 1, 3, 7, 15, 31 */
	KUNIT_EXPECT_EQ(test, zone_stats(zone).move_busy, client.calls);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs, SLABS);
	client.answer = NULL;
	passes(zone, 40);
	KUNIT_EXPECT_LE(test, zone_stats(zone).slabs, fewest_slabs(zone) * 3 / 2);
	done(test, zone);
}

/* Else it backs off for others as for one that is busy. */
static enum kmobj_move is_said_to_be_gone(struct kmobj_zone *zone, struct item *from)
{
	return KMOBJ_GONE;
}

static void who_is_said_to_be_gone_and_is_live_is_as_busy(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	unsigned int calls;

	client.answer = is_said_to_be_gone;
	pass(zone);
	calls = client.calls;
	KUNIT_EXPECT_GT(test, calls, 0);
	pass(zone);
	KUNIT_EXPECT_EQ(test, client.calls, calls);
	pass(zone);
	KUNIT_EXPECT_GT(test, client.calls, calls);
	done(test, zone);
}

/* False if this took too long to tell. */
static bool pressure_asks_again(struct kunit *test, struct kmobj_zone *zone, bool *asked)
{
	unsigned long end = jiffies + HZ;
	unsigned int calls;

	while (calls = client.calls, pass(zone), client.calls == calls)
		end = jiffies + HZ;
	calls = client.calls;
	zone_unlock(test, zone);
	kmobj_zone_shrink(zone);
	mover_flush();
	client.spare = NULL;
	zone_lock(test, zone);
	*asked = client.calls != calls;
	return time_before(jiffies, end);
}

static void who_is_busy_is_not_asked_again_at_once_if_memory_is_short(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	unsigned int tries = 5;
	bool asked;

	client.answer = is_busy;
	while (!pressure_asks_again(test, zone, &asked) && tries)
		tries--;
	if (tries)
		KUNIT_EXPECT_FALSE(test, asked);
	done(test, zone);
	if (!tries)
		kunit_skip(test, "a pass takes a second here");
}

static DECLARE_COMPLETION(asked);
static DECLARE_COMPLETION(may_answer);

static enum kmobj_move waits_and_is_busy(struct kmobj_zone *zone, struct item *from)
{
	complete(&asked);
	wait_for_completion_timeout(&may_answer, 60 * HZ);
	return KMOBJ_BUSY;
}

/* Passes of the poller meanwhile are no reason to begin again. */
static void a_long_pass_is_one_pass(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	reinit_completion(&asked);
	reinit_completion(&may_answer);
	client.answer = waits_and_is_busy;
	zone_pass(zone);
	wait_for_completion(&asked);
	KUNIT_EXPECT_TRUE(test, zone_pass(zone));
	KUNIT_EXPECT_TRUE(test, zone_pass(zone));
	complete_all(&may_answer);
	mover_flush();
	KUNIT_EXPECT_LE(test, client.calls, client.nr / KEPT);
	pass(zone);
	KUNIT_EXPECT_LE(test, client.calls, client.nr / KEPT);
	done(test, zone);
}

static unsigned long most_held;

static enum kmobj_move is_busy_and_counts(struct kmobj_zone *zone, struct item *from)
{
	most_held = max(most_held, mover_holds(zone));
	return KMOBJ_BUSY;
}

static enum kmobj_move is_moved_and_counts(struct kmobj_zone *zone, struct item *from)
{
	most_held = max(most_held, mover_holds(zone));
	return KMOBJ_MOVED;
}

static void slabs_of_who_is_busy_can_be_allocated_from(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	most_held = 0;
	client.answer = is_busy_and_counts;
	pass(zone);
	KUNIT_EXPECT_GT(test, client.calls, SLABS);
	KUNIT_EXPECT_EQ(test, most_held, 1);
	done(test, zone);
}

/* All of its slabs are full for a moment. */
static void reach_the_limit(struct kunit *test, struct kmobj_zone *zone)
{
	void **objs = kunit_kcalloc(test, client.nr, sizeof(*objs), GFP_KERNEL);
	unsigned int nr = 0;

	KUNIT_ASSERT_NOT_NULL(test, objs);
	KUNIT_EXPECT_EQ(test, kmobj_zone_set_limit(zone, SLABS * bytes_per_slab(zone)), 0);
	while (nr < client.nr && (objs[nr] = kmobj_alloc(zone, GFP_KERNEL)))
		nr++;
	objs_free(zone, objs, nr);
	zone_drain(zone);
	KUNIT_EXPECT_GT(test, zone_stats(zone).limit_hits, 0);
}

static void at_a_limit_one_slab_at_a_time_is_emptied(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	most_held = 0;
	client.answer = is_moved_and_counts;
	reach_the_limit(test, zone);
	pass(zone);
	KUNIT_EXPECT_GT(test, zone_stats(zone).moved, objs_per_slab(zone) / KEPT * 2);
	KUNIT_EXPECT_EQ(test, most_held, 1);
	done(test, zone);
}

static enum kmobj_move is_pinned(struct kmobj_zone *zone, struct item *from)
{
	return from->nr % objs_per_slab(zone) < KEPT ? KMOBJ_PINNED : KMOBJ_MOVED;
}

static void who_is_pinned_is_not_asked_again_before_it_is_free(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	unsigned long pinned;
	unsigned int i;

	client.answer = is_pinned;
	passes(zone, 10);
	pinned = zone_stats(zone).move_pinned;
	KUNIT_EXPECT_GT(test, pinned, 0);
	KUNIT_EXPECT_LE(test, pinned, SLABS);
	KUNIT_EXPECT_GE(test, zone_stats(zone).slabs, pinned);
	passes(zone, 70);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).move_pinned, pinned);

	for (i = 0; i < client.nr; i++) {
		if (i % objs_per_slab(zone) < KEPT)
			item_free(zone, i);
	}
	client.answer = NULL;
	passes(zone, 70);
	KUNIT_EXPECT_LE(test, zone_stats(zone).slabs, fewest_slabs(zone) * 3 / 2);
	done(test, zone);
}

#define IN_FRONT	(KMOBJ_RUN + 3)		/* more than are looked at in one go */

static bool slab_pinned[SLABS];	/* by the order in which they were filled */

/* The first to be asked for, of each slab, is pinned: it will be in front again. */
static enum kmobj_move is_pinned_in_front(struct kmobj_zone *zone, struct item *from)
{
	static_assert(IN_FRONT < SLABS);
	if (zone_stats(zone).move_pinned == IN_FRONT)
		return KMOBJ_BUSY;
	slab_pinned[from->nr / objs_per_slab(zone)] = true;
	return KMOBJ_PINNED;
}

static enum kmobj_move is_not_in_front(struct kmobj_zone *zone, struct item *from)
{
	KUNIT_EXPECT_FALSE(client.test, slab_pinned[from->nr / objs_per_slab(zone)]);
	return KMOBJ_MOVED;
}

static void slabs_behind_pinned_ones_become_free(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	memset(slab_pinned, 0, sizeof(slab_pinned));
	client.answer = is_pinned_in_front;
	pass(zone);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).move_pinned, IN_FRONT);
	client.answer = is_not_in_front;
	passes(zone, 2);	/* the first is left out */
	KUNIT_EXPECT_GT(test, zone_stats(zone).moved, objs_per_slab(zone) / KEPT);
	done(test, zone);
}

/* A cache that can do without. */
static enum kmobj_move is_freed(struct kmobj_zone *zone, struct item *from)
{
	item_free(zone, from->nr);
	return KMOBJ_GONE;
}

static void what_the_client_frees_is_gone(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	client.answer = is_freed;
	passes(zone, 5);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).moved, 0);
	KUNIT_EXPECT_LT(test, zone_stats(zone).slabs, SLABS / 4);
	done(test, zone);
}

/* Another of the same slab is freed: it is not live, and is nobody's but the mover's. */
static enum kmobj_move frees_another(struct kmobj_zone *zone, struct item *from)
{
	unsigned int n = objs_per_slab(zone), first = from->nr / n * n, i;
	void *slab = header_at(zone, from), *got[4];

	for (i = first; i < first + n; i++) {
		if (i != from->nr && client.items[i] && header_at(zone, client.items[i]) == slab) {
			item_free(zone, i);
			break;
		}
	}
	for (i = 0; i < ARRAY_SIZE(got); i++) {
		got[i] = kmobj_alloc(zone, GFP_KERNEL);
		if (got[i])
			KUNIT_EXPECT_PTR_NE(client.test, header_at(zone, got[i]), slab);
	}
	for (i = 0; i < ARRAY_SIZE(got); i++)
		kmobj_free(zone, got[i]);
	return KMOBJ_MOVED;
}

static void a_slab_is_not_allocated_from_while_it_is_emptied(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	client.answer = frees_another;
	passes(zone, 5);
	KUNIT_EXPECT_GT(test, zone_stats(zone).moved, 0);
	client.answer = NULL;
	zone_drain(zone);
	passes(zone, 5);
	KUNIT_EXPECT_LT(test, zone_stats(zone).slabs, SLABS / 4);
	done(test, zone);
}

static void *damaged;

static enum kmobj_move is_not_of_the_damaged(struct kmobj_zone *zone, struct item *from)
{
	KUNIT_EXPECT_PTR_NE(client.test, header_at(zone, from), damaged);
	return KMOBJ_BUSY;
}

/* Its header says where its objects are. */
static void a_slab_that_was_written_over_is_left_alone(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	struct kmobj_slab *slab = slab_at(zone, client.items[0]);
	unsigned int i;

	damaged = slab;
	client.answer = is_not_of_the_damaged;
	slab->cookie ^= 0x10;
	pass(zone);
	KUNIT_EXPECT_GT(test, client.calls, 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).slabs_corrupt, 1);
	zone_unlock(test, zone);
	zone_forget(test, zone);
	expect_items(test, zone);
	for (i = 0; i < client.nr; i++)
		item_free(zone, i);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

static enum kmobj_move is_nonsense(struct kmobj_zone *zone, struct item *from)
{
	return 77;
}

static void a_wrong_answer_is_reported(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);

	log_listen(test);
	client.answer = is_nonsense;
	pass(zone);
	KUNIT_EXPECT_GT(test, log_heard(kmobj_zone_name(zone), "returned 77"), 0);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).move_busy, client.calls);
	KUNIT_EXPECT_EQ(test, zone_stats(zone).moved, 0);
	done(test, zone);
}

static enum kmobj_move takes_long(struct kmobj_zone *zone, struct item *from)
{
	msleep(100);
	return KMOBJ_BUSY;
}

static void destroy_waits_for_the_client_and_calls_it_no_more(struct kunit *test)
{
	struct kmobj_zone *zone = sparse_zone(test);
	unsigned int calls, i;

	client.answer = takes_long;
	zone_pass(zone);
	while (!READ_ONCE(client.calls))
		schedule_timeout_uninterruptible(1);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	calls = client.calls;
	KUNIT_EXPECT_LE(test, calls, 2);
	zone_lock(test, zone);
	passes(zone, 3);
	KUNIT_EXPECT_EQ(test, client.calls, calls);
	zone_unlock(test, zone);
	for (i = 0; i < client.nr; i++)
		item_free(zone, i);
}

static void objects_of_debug_zones_stay(struct kunit *test)
{
	const struct kmobj_zone_args args = { .move = move, .flags = KMOBJ_RED_ZONE };
	struct kmobj_zone *zone = zone_make(test, SMALL, &args);
	static void *objs[200];
	unsigned int i;

	client.calls = 0;
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		objs[i] = obj_make(test, zone);
	for (i = 0; i < ARRAY_SIZE(objs); i++) {
		if (i % KEPT)
			kmobj_free(zone, objs[i]);
	}
	zone_lock(test, zone);
	passes(zone, 3);
	zone_unlock(test, zone);
	KUNIT_EXPECT_EQ(test, client.calls, 0);
	for (i = 0; i < ARRAY_SIZE(objs); i += KEPT)
		kmobj_free(zone, objs[i]);
}

static void a_client_can_ask_how_lonely_an_object_is(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	unsigned int n = objs_per_slab(zone), i;
	void **objs;

	pin_here(test);
	objs = slabs_fill(test, zone, 2);
	for (i = 0; i < n - 1; i++) {
		KUNIT_EXPECT_EQ(test, kmobj_slab_live(zone, objs[n - 1]), n - i);
		kmobj_free(zone, objs[i]);
	}
	KUNIT_EXPECT_EQ(test, kmobj_slab_live(zone, objs[n - 1]), 1);
	KUNIT_EXPECT_EQ(test, kmobj_slab_live(zone, objs[n]), n);
	KUNIT_EXPECT_EQ(test, kmobj_slab_live(zone, &n), 0);
	objs_free(zone, objs + n - 1, n + 1);
}

static void what_was_moved_is_free_only_when_readers_are_done(struct kunit *test)
{
	int there = other_cpu(test);
	struct kmobj_zone *zone = sparse_zone(test);
	struct kmobj_zone_stats stats;
	struct worker *reader;
	unsigned long live, before;

	reader = reader_start(test, there);
	live = zone_stats(zone).allocs - zone_stats(zone).frees;
	zone_pass(zone);
	do {
		before = zone_stats(zone).moved;
		msleep(50);
		stats = zone_stats(zone);
	} while (!stats.moved || stats.moved != before);
	KUNIT_EXPECT_EQ(test, stats.allocs - stats.frees, live + stats.moved);
	KUNIT_EXPECT_EQ(test, stats.slabs, SLABS);
	reader_stop(test, reader);
	mover_flush();
	stats = zone_stats(zone);
	KUNIT_EXPECT_EQ(test, stats.allocs - stats.frees, live);
	done(test, zone);
}

/* The first are moved, and never freed: a reader without a lock finds them as they are. */
#define STABLE	64

struct tenant {
	struct kmobj_zone *zone;
	u32 random;
	unsigned int wrong;
	bool over;
};

static void read_one(struct tenant *tenant)
{
	unsigned int nr = xorshift(&tenant->random) % STABLE * KEPT;
	const struct item *item;

	rcu_read_lock();
	/* pairs with smp_store_release() in move() */
	item = smp_load_acquire(&client.items[nr]);
	if (xorshift(&tenant->random) % 64 == 0)
		udelay(9);	/* it may be moved meanwhile */
	tenant->wrong += READ_ONCE(item->nr) != nr || READ_ONCE(item->stamp) != stamp_of(nr);
	rcu_read_unlock();
}

static void free_one(struct tenant *tenant, unsigned int nr)
{
	struct item *item;

	spin_lock(&client.lock);
	item = client.items[nr];
	client.items[nr] = NULL;
	tenant->wrong += item && (item->nr != nr || item->stamp != stamp_of(nr));
	spin_unlock(&client.lock);
	kmobj_free(tenant->zone, item);
}

static void make_one(struct tenant *tenant, unsigned int nr)
{
	struct item *item = kmobj_alloc(tenant->zone, GFP_KERNEL);

	if (!item)
		return;
	*item = (struct item) { nr, stamp_of(nr) };
	spin_lock(&client.lock);
	if (!client.items[nr])
		swap(client.items[nr], *(void **)&item);
	spin_unlock(&client.lock);
	kmobj_free(tenant->zone, item);
}

/*
 * By turns the table fills, and all but one in KEPT go again. Then the poller has the
 * time to take from this CPU what it keeps, and the mover begins.
 */
static void use(void *arg)
{
	struct tenant *tenant = arg;
	unsigned int nr, i, part = 2, others = client.nr - STABLE * KEPT;

	while (!READ_ONCE(tenant->over)) {
		part = part == KEPT ? 2 : KEPT;
		for (i = 0; i < client.nr; i++) {
			read_one(tenant);
			nr = STABLE * KEPT + xorshift(&tenant->random) % others;
			if (xorshift(&tenant->random) % part)
				free_one(tenant, nr);
			else
				make_one(tenant, nr);
			if (i % 64 == 0)
				let_others_run();
		}
		msleep(part == KEPT ? 100 : 1);
	}
}

static void objects_move_while_others_use_them(struct kunit *test)
{
	const int cpus[2] = { raw_smp_processor_id(), other_cpu(test) };
	struct kmobj_zone *zone = sparse_zone(test);
	struct worker *workers[2];
	struct tenant *tenants = kunit_kcalloc(test, 2, sizeof(*tenants), GFP_KERNEL);
	unsigned long end = jiffies + 60 * HZ;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, tenants);
	zone_unlock(test, zone);
	for (i = 0; i < 2; i++) {
		tenants[i] = (struct tenant) { .zone = zone, .random = tests_seed() + i };
		workers[i] = worker_start(test, cpus[i], use, &tenants[i]);
	}
	while (zone_stats(zone).moved < client.nr / KEPT && time_before(jiffies, end)) {
		zone_lock(test, zone);
		zone_pass(zone);
		mover_flush();
		zone_unlock(test, zone);
		schedule_timeout_uninterruptible(1);
	}
	for (i = 0; i < 2; i++) {
		WRITE_ONCE(tenants[i].over, true);
		worker_join(test, workers[i]);
		KUNIT_EXPECT_EQ(test, tenants[i].wrong, 0);
	}
	KUNIT_EXPECT_GE(test, zone_stats(zone).moved, client.nr / KEPT);
	zone_lock(test, zone);
	done(test, zone);
}

static int init(struct kunit *test)
{
	slabs_in_order(test);
	return poller_off(test);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(sparse_slabs_become_free),
	KUNIT_CASE(small_slabs_are_emptied),
	KUNIT_CASE(slabs_that_are_full_enough_stay),
	KUNIT_CASE_SLOW(who_is_busy_is_asked_less_and_less),
	KUNIT_CASE_SLOW(who_is_pinned_is_not_asked_again_before_it_is_free),
	KUNIT_CASE(who_is_said_to_be_gone_and_is_live_is_as_busy),
	KUNIT_CASE(who_is_busy_is_not_asked_again_at_once_if_memory_is_short),
	KUNIT_CASE(a_long_pass_is_one_pass),
	KUNIT_CASE(slabs_of_who_is_busy_can_be_allocated_from),
	KUNIT_CASE(at_a_limit_one_slab_at_a_time_is_emptied),
	KUNIT_CASE(slabs_behind_pinned_ones_become_free),
	KUNIT_CASE(what_the_client_frees_is_gone),
	KUNIT_CASE(a_slab_is_not_allocated_from_while_it_is_emptied),
	KUNIT_CASE(what_was_moved_is_free_only_when_readers_are_done),
	KUNIT_CASE_SLOW(objects_move_while_others_use_them),
	KUNIT_CASE(a_slab_that_was_written_over_is_left_alone),
	KUNIT_CASE(a_wrong_answer_is_reported),
	KUNIT_CASE(destroy_waits_for_the_client_and_calls_it_no_more),
	KUNIT_CASE(objects_of_debug_zones_stay),
	KUNIT_CASE(a_client_can_ask_how_lonely_an_object_is),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_mover",
	.init = init,
	.test_cases = cases,
};

kunit_test_suite(suite);
