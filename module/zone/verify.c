// SPDX-License-Identifier: GPL-2.0
/*
 * Check a zone: every slab is in one place, every object is set in at most one
 * bitmap, and counters agree with lists and bitmaps.
 *
 * The check changes nothing but damaged poison and red zones in a debug zone, which it
 * reports and repairs. zone->maintenance keeps slabs, zone->rcu_lock keeps the
 * batches of free_rcu.c, and a depot's lock is held for KMOBJ_RUN slabs at a time.
 * Pointers that a CPU may be changing are not followed.
 *
 * Concurrent use breaks most rules for moments. So a broken rule is checked again
 * after a grace period, and is a fault if after another no counter has changed: what
 * allocates or frees has preemption off from the object to its counter, so what the
 * second check saw half done has been counted by then.
 */
#include <linux/string.h>

#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/isolate.h"
#include "slab/lookup.h"
#include "debug/debug.h"
#include "core/section.h"
#include "zone/mover.h"
#include "zone/verify.h"

/*
 * Reserves, whose links are not followed: each slab is pointed to once, by the CPU's
 * state or by another slab. So slabs and pointers are equal in number, and in the sum
 * of their addresses weighted by the owner.
 */
struct reserve_links {
	unsigned long nr;
	unsigned long sum;
};

struct verify_state {
	struct kmobj_zone *zone;
	struct kmobj_verify *v;
	unsigned long in_depots;	/* slabs on the lists of depots */
	unsigned long small;		/* small slabs */
	unsigned long watched;		/* watched slabs */
	unsigned long objs;		/* of all slabs */
	struct reserve_links slabs;	/* slabs in reserves */
	struct reserve_links links;	/* pointers to them */
};

/* Two numbers that should be equal; only the first broken rule is kept. */
static void expect_equal(struct kmobj_verify *v, unsigned long found,
			 unsigned long expected, const char *rule)
{
	if (likely(found == expected) || v->fault)
		return;
	v->fault = rule;
	v->found = found;
	v->expected = expected;
}

static void expect(struct kmobj_verify *v, bool holds, const char *rule)
{
	if (unlikely(!holds && !v->fault))
		v->fault = rule;
}

/* A rule that holds even while the zone is in use. */
static void expect_always(struct kmobj_verify *v, bool holds, const char *rule)
{
	if (unlikely(!holds && !v->certain)) {
		v->fault = rule;
		v->found = 0;
		v->expected = 0;
		v->certain = true;
	}
}

/* Count @slab, which is in the reserve of @c or pointed to from it; or NULL. */
static void link_count(struct reserve_links *links, const struct kmobj_cpu *c,
		       const struct kmobj_slab *slab)
{
	links->nr += !!slab;
	links->sum += (unsigned long)slab * (2UL * c->owner + 1);
}

struct slab_bits {
	unsigned int free;
	unsigned int remote;
	unsigned int next;
	unsigned int waiting[KMOBJ_RCU_BATCHES];
	bool twice;			/* an object is set in two of them */
};

/* Count word @w of the bitmaps; returns what is set in any of them. */
static unsigned long slab_word(struct kmobj_zone *zone, struct kmobj_slab *slab,
			       unsigned int w, struct slab_bits *bits)
{
	/* the owner may be changing it: this is a snapshot */
	unsigned long all = data_race(slab->free[w]), word;
	unsigned int nr;

	word = READ_ONCE(slab_remote(zone, slab)->bits[w]);
	bits->remote += hweight_long(word);
	bits->twice |= word & all;
	all |= word;
	bits->free += hweight_long(all);

	word = READ_ONCE(slab_next(zone, slab)[w]);
	bits->next += hweight_long(word);
	bits->twice |= word & all;
	all |= word;
	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		word = READ_ONCE(slab_waiting(zone, slab, nr)[w]);
		bits->waiting[nr] += hweight_long(word);
		bits->twice |= word & all;
		all |= word;
	}
	return all;
}

static void verify_bits(struct kmobj_zone *zone, struct kmobj_slab *slab,
			struct slab_bits *bits, struct kmobj_verify *v)
{
	u8 batches = READ_ONCE(slab->rcu_batches);
	unsigned long no_objects = 0;
	unsigned int w, nr;

	*bits = (struct slab_bits) {};
	for (w = 0; w < zone->bitmap_words; w++)
		no_objects |= slab_word(zone, slab, w, bits) &
			      word_beyond(slab_nr_objs(zone, slab), w);
	expect_always(v, !no_objects,
		      "no bit is set beyond the last object");
	expect(v, !bits->twice, "a free object is marked once");
	v->free += bits->free;
	v->rcu += bits->next;
	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		v->rcu += bits->waiting[nr];
		expect(v, !!(batches & BIT(nr)) == !!bits->waiting[nr],
		       "a slab is in the batches that its objects wait in");
	}
}

/* A slab that is active, alternate or in the reserve of its CPU. */
static void verify_owned(struct verify_state *s, struct kmobj_slab *slab,
			 int owner, const struct slab_bits *bits)
{
	const struct kmobj_cpu *c = cpu_of_owner(s->zone, owner);
	struct kmobj_verify *v = s->v;
	unsigned int places = (READ_ONCE(c->active) == slab) +
			      (READ_ONCE(c->alternate) == slab);
	bool notified;

	v->active_or_alternate += places;
	expect(v, places <= 1, "a slab is active or alternate once");
	if (!places) {
		v->reserved++;
		link_count(&s->slabs, c, slab);
		/* its CPU may be changing it: not followed */
		link_count(&s->links, c, data_race(slab->next));
	}
	notified = READ_ONCE(slab_remote(s->zone, slab)->notified);
	expect(v, !bits->remote || notified || owner & KMOBJ_HIDDEN_HALF,
	       "a CPU was notified of remote frees");
}

static bool is_a_cpus(int owner)
{
	unsigned int cpu = owner & ~(KMOBJ_FULL_OWNED | KMOBJ_SECOND | KMOBJ_HIDDEN_HALF);

	return owner >= 0 && cpu < nr_cpu_ids && cpu_possible(cpu);
}

static void verify_owner(struct verify_state *s, struct kmobj_slab *slab,
			 int owner, const struct slab_bits *bits)
{
	struct kmobj_verify *v = s->v;

	switch (owner) {
	case KMOBJ_OWNER_NEW:
		v->making++;
		return;
	case KMOBJ_OWNER_IN_TRANSIT:
		v->disowned++;
		return;
	case KMOBJ_OWNER_RETIRING:
		v->retiring++;
		expect_equal(v, bits->free, slab_nr_objs(s->zone, slab),
			     "all objects of a retiring slab are free");
		return;
	case KMOBJ_OWNER_DEPOT:
		if (READ_ONCE(slab->listed)) {
			v->listed++;
			expect(v, bits->free, "a listed slab has a free object");
		} else {
			v->full++;
			expect(v, !bits->free, "a slab with a free object is on a list");
		}
		return;
	}
	if (!is_a_cpus(owner)) {
		expect(v, false, "a slab is a CPU's or the depot's");
		return;
	}
	expect(v, !slab->pfmemalloc, "no CPU owns a pfmemalloc slab");
	expect(v, !slab->small, "no CPU owns a small slab");
	expect(v, !slab->watched, "no CPU owns a watched slab");
	if (!(owner & KMOBJ_FULL_OWNED)) {
		verify_owned(s, slab, owner, bits);
		return;
	}
	v->full_owned++;
	expect(v, !bits->free || READ_ONCE(slab_remote(s->zone, slab)->notified),
	       "a full_owned slab has no free object, or its CPU was notified");
}

static void verify_slab(struct verify_state *s, struct kmobj_slab *slab, int nid)
{
	struct kmobj_remote *remote = slab_remote(s->zone, slab);
	unsigned long good = slab_cookie(s->zone, slab);
	unsigned long cookie = READ_ONCE(slab->cookie);
	int owner = READ_ONCE(slab->owner);
	struct kmobj_verify *v = s->v;
	struct slab_bits bits;
	u32 queued;

	v->slabs++;
	s->small += slab->small;
	s->watched += slab->watched;
	s->objs += slab_nr_objs(s->zone, slab);
	expect_always(v, slab->zone == s->zone, "a slab knows its zone");
	expect_always(v, slab->node == nid, "a slab is with its node's depot");
	expect_always(v, cookie == good || cookie == ~good,
		      "a slab's header is as kmobj wrote it");
	expect_always(v, slab->objs == objs_by_cookie(s->zone, slab, good),
		      "a slab's objects are where its cookie says");
	/* its owner may be changing it: a snapshot */
	expect_always(v, data_race(slab->hint) < s->zone->bitmap_words,
		      "hint is a word of the bitmaps");
	expect(v, (cookie == ~good) == (owner == KMOBJ_OWNER_RETIRING),
	       "a slab that retires has another cookie");
	if (slab_is_debug(s->zone, slab) &&
	    slab_is_fit_for_depot(s->zone, slab, cookie == ~good ? ~cookie : cookie))
		expect_always(v, debug_slab_check(s->zone, slab),
			      "nothing has written to what is free or beside objects: see the log");
	verify_bits(s->zone, slab, &bits, v);
	queued = READ_ONCE(remote->rcu_queued);
	expect(v, queued || !bits.next,
	       "a slab with objects that begin to wait for RCU is on a CPU's list");
	v->queued += queued + hweight8(READ_ONCE(slab->rcu_batches));
	v->notified += !!READ_ONCE(remote->notified);
	verify_owner(s, slab, owner, &bits);
}

/* Is @at the head of one of the depot's lists, not the link of a slab? */
static bool is_head(const struct kmobj_depot *depot, const struct list_head *at)
{
	return (void *)at >= (void *)depot && (void *)at < (void *)(depot + 1);
}

/*
 * The length of a list, whose slabs should have @owner and @listed. The lock is
 * dropped after each KMOBJ_RUN slabs. If the last slab has moved to another list
 * meanwhile, the walk ends at that list's head. At most v->slabs + 1 slabs are visited.
 */
static unsigned long list_walk(struct verify_state *s, struct kmobj_depot *depot,
			       struct list_head *list, int owner, unsigned int listed)
{
	struct list_head *at = list;
	const struct kmobj_slab *slab;
	unsigned long nr = 0;

	raw_spin_lock_irq(&depot->lock);
	while (nr <= s->v->slabs) {
		if (!list_link_holds(at, at->next)) {
			expect_always(s->v, false,
				      "neighbours on a depot's list point to each other");
			break;
		}
		at = at->next;
		if (is_head(depot, at))
			break;
		slab = list_entry(at, struct kmobj_slab, link);
		expect(s->v, slab->owner == owner && slab->listed == listed,
		       "a slab on a list says so");
		if (++nr % KMOBJ_RUN)
			continue;
		raw_spin_unlock_irq(&depot->lock);
		cond_resched();
		raw_spin_lock_irq(&depot->lock);
		if (!slab->listed && slab->owner != KMOBJ_OWNER_RETIRING)
			break;	/* on no list any more */
	}
	raw_spin_unlock_irq(&depot->lock);
	expect(s->v, at == list, "a list ends where it began");
	return nr;
}

static void verify_depot(struct verify_state *s, struct kmobj_depot *depot)
{
	unsigned long listed = 0, leaving;
	unsigned int bin;

	for (bin = 0; bin < KMOBJ_NR_BINS; bin++) {
		unsigned long nr = list_walk(s, depot, &depot->bin[bin],
					     KMOBJ_OWNER_DEPOT, bin + 1);

		expect_equal(s->v, READ_ONCE(depot->nr[bin]), nr,
			     "a bin's number is its length");
		listed += nr;
	}
	leaving = list_walk(s, depot, &depot->retired, KMOBJ_OWNER_RETIRING,
			    KMOBJ_UNLISTED);
	leaving += list_walk(s, depot, &depot->waiting, KMOBJ_OWNER_RETIRING,
			     KMOBJ_UNLISTED);
	expect_equal(s->v, READ_ONCE(depot->nr_leaving), leaving,
		     "as many slabs leave as are on those lists");
	s->in_depots += listed + leaving;
}

static void verify_disowned(struct verify_state *s)
{
	const struct kmobj_slab *slab;
	unsigned long nr = 0;

	list_for_each_entry(slab, &s->zone->disowned, link) {
		nr++;
		cond_resched();
	}
	nr += mover_holds(s->zone);
	expect_equal(s->v, nr, s->v->disowned,
		     "a slab in transit is disowned or the mover's");
}

/* Bounded, as a slab may move to another list during the walk. */
static unsigned long chain_length(const struct llist_node *node, unsigned long most)
{
	unsigned long nr = 0;

	for (; node && nr <= most; node = READ_ONCE(node->next)) {
		nr++;
		cond_resched();
	}
	return nr;
}

static void verify_cpus(struct verify_state *s)
{
	unsigned long held = 0, reserved = 0, notified = 0;
	struct kmobj_verify *v = s->v;
	const struct kmobj_cpu *c;
	int cpu;

	for_each_kmobj_cpu(cpu, c, s->zone) {
		/* a snapshot: its CPU may be changing it */
		expect(v, !data_race(c->busy), "no section is open");
		held += READ_ONCE(c->active) != &kmobj_no_slab;
		held += READ_ONCE(c->alternate) != &kmobj_no_slab;
		reserved += READ_ONCE(c->nr_reserve);
		link_count(&s->links, c, READ_ONCE(c->reserve));
		notified += chain_length(READ_ONCE(c->notified.first), v->slabs);
		notified += chain_length(READ_ONCE(c->backlog), v->slabs);
	}
	expect_equal(v, held, v->active_or_alternate,
		     "the active and the alternate slab are the CPU's");
	expect_equal(v, reserved, v->reserved, "a reserve's number is its length");
	expect(v, s->links.nr == s->slabs.nr && s->links.sum == s->slabs.sum,
	       "a CPU's slab is active, alternate or in its reserve, once");
	expect_equal(v, notified, v->notified, "a notified slab is on one CPU's list");
}

static void verify_rcu(struct verify_state *s)
{
	struct kmobj_zone *zone = s->zone;
	unsigned long queued = 0;
	struct kmobj_slab *slab;
	unsigned int nr;
	int cpu;

	for_each_possible_cpu(cpu)
		queued += chain_length(READ_ONCE(cpu_at(zone, cpu, 0)->rcu.first),
				       s->v->slabs);
	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		slab = zone->rcu_batch[nr].slabs;
		for (; slab; slab = slab_remote(zone, slab)->rcu_next[nr]) {
			queued++;
			cond_resched();
		}
	}
	expect_equal(s->v, queued, s->v->queued,
		     "a slab is on the lists of free_rcu.c that it says it is on");
}

static void verify_counts(struct verify_state *s)
{
	struct kmobj_verify *v = s->v;
	struct kmobj_zone_stats stats;
	struct kmobj_zone *zone = s->zone;
	unsigned long made;

	kmobj_zone_stats(s->zone, &stats);
	made = stats.slabs_made - stats.slabs_retired;
	/* a slab that is being made may be counted already */
	if (made + v->making < v->slabs || made > v->slabs)
		expect_equal(v, made, v->slabs,
			     "slabs made less those retired are those there are");
	v->charged = stats.slabs;
	v->to_charge = v->slabs - s->small +
		       DIV_ROUND_UP(s->small, 1UL << (zone->order - zone->small_order));
	expect(v, v->charged >= v->to_charge, "a slab counts against the limit");
	expect(v, atomic_long_read(&zone->nr_small) >= s->small,
	       "small slabs are counted");
	expect(v, atomic_long_read(&zone->nr_watched) >= s->watched,
	       "watched slabs are counted");
	expect_equal(v, stats.allocs - stats.frees, v->live,
		     "allocations less frees are the live objects");
	expect_equal(v, stats.rcu_waiting, v->rcu,
		     "frees by RCU less those done are the waiting objects");
}

/* Does what is behind @at on depot->all point back? Slabs join under the lock. */
static bool all_holds(struct kmobj_depot *depot, struct list_head *at)
{
	bool holds;

	raw_spin_lock_irq(&depot->lock);
	holds = list_link_holds(at, at->next);
	raw_spin_unlock_irq(&depot->lock);
	return holds;
}

static void verify_all(struct verify_state *s, int nid)
{
	struct kmobj_depot *depot = s->zone->depot[nid];
	struct list_head *at = &depot->all;

	while (all_holds(depot, at)) {
		at = READ_ONCE(at->next);
		if (at == &depot->all)
			return;
		verify_slab(s, list_entry(at, struct kmobj_slab, all), nid);
		cond_resched();
	}
	expect_always(s->v, false, "neighbours on the list of all slabs point to each other");
}

static void verify(struct kmobj_zone *zone, struct kmobj_verify *v)
{
	struct verify_state s = { .zone = zone, .v = v };
	int nid;

	*v = (struct kmobj_verify) {};
	for_each_node(nid)
		verify_all(&s, nid);
	v->live = s.objs - v->free - v->rcu;
	expect_equal(v, v->active_or_alternate + v->reserved + v->full_owned + v->disowned +
			v->listed + v->full + v->retiring + v->making, v->slabs,
		     "a slab is in one place");
	for_each_node(nid)
		verify_depot(&s, zone->depot[nid]);
	expect_equal(v, s.in_depots, v->listed + v->retiring,
		     "a slab that says it is on a list is");
	verify_disowned(&s);
	verify_cpus(&s);
	verify_rcu(&s);
	verify_counts(&s);
}

/*
 * 0 if all rules hold; -EUCLEAN if v->fault is broken; -EAGAIN if it may be broken
 * only because the zone is in use. Sleeps, for two grace periods at most.
 */
int zone_verify(struct kmobj_zone *zone, struct kmobj_verify *v)
{
	struct kmobj_zone_stats before, after;
	bool at_work;

	mutex_lock(&zone->maintenance);
	mutex_lock(&zone->rcu_lock);
	at_work = mover_is_at_work(zone);
	kmobj_zone_stats(zone, &before);
	verify(zone, v);
	if (v->fault && !v->certain) {
		synchronize_rcu();
		verify(zone, v);
		synchronize_rcu();
		kmobj_zone_stats(zone, &after);
		v->certain |= !mover_is_at_work(zone) && !at_work &&
			      !memcmp(&before, &after, sizeof(after));
	}
	mutex_unlock(&zone->rcu_lock);
	mutex_unlock(&zone->maintenance);
	if (!v->fault)
		return 0;
	return v->certain ? -EUCLEAN : -EAGAIN;
}
EXPORT_SYMBOL_FOR_TESTS(zone_verify);
