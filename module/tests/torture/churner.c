// SPDX-License-Identifier: GPL-2.0
/*
 * A churner and its helper: see liveness.h.
 */
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "liveness.h"
#include "torture.h"

/*
 * Slabs that are filled for the helper to free, or as many as the limit allows:
 * until all is full, so that no free object is left over which would hide that
 * the next comes from nowhere. One object in SPREAD is held back until there are
 * CHURN_HELD, so that these lie in a few slabs.
 */
#define GIVEN		512U
#define SPREAD		8U

/*
 * A CPU may keep so many slabs of a zone that have no live object, besides
 * those that its churn goes through, of which all may be free for a moment.
 */
#define KEPT_BY_CPU	4UL

/* Objects on their way to the other thread at most, after the first. */
#define UNDER_WAY	64

/*
 * Make an object and send it to the other thread, as the node of a list. What
 * is under way is counted before quiet is looked at, and be_quiet() sets quiet
 * before it waits for what is under way.
 */
void mail_make(struct churner *c)
{
	void *obj = NULL;

	/* a full barrier: pairs with smp_mb() in be_quiet() */
	if (atomic_inc_return(&c->under_way) <= UNDER_WAY && !READ_ONCE(c->quiet))
		obj = kmobj_alloc(c->zone, GFP_KERNEL | __GFP_NOWARN);
	if (!obj) {
		atomic_dec(&c->under_way);
		return;
	}
	c->ops++;
	llist_add(obj, &c->mail);
}

/* Free all that has come, and say how much that was. */
unsigned int mail_free(struct churner *c)
{
	struct llist_node *node = llist_del_all(&c->mail), *next;
	unsigned int nr = 0;

	llist_for_each_safe(node, next, node) {
		kmobj_free(c->zone, node);
		if (++nr % 64 == 0)
			cond_resched();
	}
	atomic_sub(nr, &c->under_way);
	return nr;
}

/* If the CPU is gone, anywhere. */
static void stay_on(int cpu)
{
	if (cpu_online(cpu))
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

static void fill(struct churner *c)
{
	struct kmobj_zone_stats stats;
	unsigned int i, nr = 0;

	kmobj_zone_stats(c->zone, &stats);
	for (i = 0; c->limited || i < GIVEN * stats.objs_per_slab; i++) {
		void *obj = kmobj_alloc(c->zone, GFP_KERNEL | __GFP_NOWARN);

		if (!obj)
			break;
		if (i % SPREAD == 0 && nr < CHURN_HELD) {
			c->held[nr++] = obj;
		} else {
			atomic_inc(&c->under_way);
			llist_add(obj, &c->mail);
		}
		if (i % 64 == 0)
			cond_resched();
	}
	/* pairs with smp_load_acquire() in help_first() */
	smp_store_release(&c->filled, true);
}

static int compare(const void *a, const void *b)
{
	unsigned long x = *(const unsigned long *)a;
	unsigned long y = *(const unsigned long *)b;

	return x < y ? -1 : x > y;
}

/* In how many slabs lie the objects that it holds? A slab is aligned to its size. */
static unsigned long slabs_used(const struct churner *c)
{
	unsigned long *slabs = kcalloc(CHURN_HELD, sizeof(*slabs), GFP_KERNEL);
	unsigned long used = 0;
	unsigned int i, nr = 0;

	if (!slabs)
		return 0;
	for (i = 0; i < CHURN_HELD; i++) {
		if (c->held[i])
			slabs[nr++] = (unsigned long)c->held[i] / c->slab_bytes;
	}
	sort(slabs, nr, sizeof(*slabs), compare, NULL);
	for (i = 0; i < nr; i++)
		used += !i || slabs[i] != slabs[i - 1];
	kfree(slabs);
	return used;
}

/* Slabs without a live object that the zone may keep while it is in use. */
static unsigned long may_keep(const struct churner *c,
			      const struct kmobj_zone_stats *stats)
{
	unsigned int cpus = c->limited ? num_online_cpus() : 2;

	return KEPT_BY_CPU * cpus + DIV_ROUND_UP(CHURN_HELD, stats->objs_per_slab);
}

/* Until look() has counted, nothing is on its way between the two. */
static void be_quiet(struct churner *c)
{
	WRITE_ONCE(c->quiet, true);
	smp_mb();	/* pairs with atomic_inc_return() in mail_make() */
	while (atomic_read(&c->under_way)) {
		if (c->shape->is_fed)
			mail_free(c);
		schedule_timeout_uninterruptible(1);
	}
}

/* Has all gone that has to go? */
static void look(struct churner *c)
{
	struct kmobj_zone_stats stats;
	unsigned long used;

	be_quiet(c);
	used = slabs_used(c);
	kmobj_zone_stats(c->zone, &stats);
	WRITE_ONCE(c->quiet, false);
	c->kept = stats.slabs - min(stats.slabs, used);
	c->may_keep = may_keep(c, &stats);
	if (c->kept > c->may_keep)
		return;
	c->took = jiffies - c->since;
	WRITE_ONCE(c->settled, true);
}

/* Steps; then others run, for a tick at least if there was nothing to do. */
static void churn_some(struct churner *c)
{
	unsigned int i, pause = msecs_to_jiffies(c->rate->pause_ms);
	u64 ops = c->ops;

	for (i = 0; i < c->rate->steps; i++)
		c->shape->step(c);
	if (!pause && ops == c->ops)
		pause = 1;
	if (pause)
		schedule_timeout_uninterruptible(pause);
	else
		cond_resched();
}

/* The churner's thread. */
int churn(void *churner)
{
	struct churner *c = churner;
	unsigned long next = jiffies;

	stay_on(c->cpu);
	fill(c);
	while (!liveness_is_over()) {
		churn_some(c);
		if (c->settled || time_before(jiffies, next))
			continue;
		/* pairs with smp_store_release() in help_first() */
		if (!smp_load_acquire(&c->given))
			continue;
		look(c);
		next = jiffies + HZ / 10;
	}
	return 0;
}

/* An object for this CPU: asked for until the phase is over. */
static void *ask(struct churner *c, int cpu)
{
	void *obj;

	stay_on(cpu);
	for (;;) {
		obj = kmobj_alloc(c->zone, GFP_KERNEL | __GFP_NOWARN);
		if (obj || liveness_is_over())
			return obj;
		schedule_timeout_uninterruptible(1);
	}
}

/* Each CPU asks for one; they are held until the last has got it. */
static void serve_all(struct churner *c)
{
	struct llist_node *node, *next;
	LLIST_HEAD(got);
	bool all = true;
	int cpu;

	for_each_online_cpu(cpu) {
		void *obj = ask(c, cpu);

		all &= !!obj;
		if (obj)
			llist_add(obj, &got);
	}
	stay_on(c->helper_cpu);
	llist_for_each_safe(node, next, llist_del_all(&got))
		kmobj_free(c->zone, node);
	WRITE_ONCE(c->served, all);
}

/* What the churner has made comes home, and those who ask get some of it. */
static void help_first(struct churner *c)
{
	/* pairs with smp_store_release() in fill() */
	while (!smp_load_acquire(&c->filled))
		schedule_timeout_uninterruptible(1);
	mail_free(c);
	if (c->limited)
		serve_all(c);
	c->since = jiffies;
	/* pairs with smp_load_acquire() in churn() */
	smp_store_release(&c->given, true);
}

/* The helper's thread. */
int churner_help(void *churner)
{
	struct churner *c = churner;
	unsigned int i;

	stay_on(c->helper_cpu);
	help_first(c);
	while ((c->shape->is_fed || c->shape->passes_on) && !liveness_is_over()) {
		for (i = 0; i < UNDER_WAY; i++) {
			if (c->shape->is_fed)
				mail_make(c);
			else
				mail_free(c);
		}
		schedule_timeout_uninterruptible(1);
	}
	return 0;
}
