// SPDX-License-Identifier: GPL-2.0
/*
 * All churners at once, each with a zone of its own: see liveness.h.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "liveness.h"
#include "torture.h"

/*
 * How long the last may take. A few passes of the poller and grace periods are
 * enough, but the machine may be slow; and what is out of reach for good is so
 * for any time.
 */
#define PATIENCE	(60 * HZ)

/* The slowest is to have done something meanwhile. */
#define AT_LEAST	(3 * HZ)

#define OBJECT		256U

/* Slabs of a zone with a limit: what all CPUs may keep, and as much as that. */
#define LIMIT(cpus)	((8UL * (cpus) + 64) * (PAGE_SIZE << 1))

/*
 * The first never sleeps. More than a few of those on a CPU would take turns so
 * slowly that each is idle for a pass or two: so only zones without a limit.
 */
static const struct rate rates[] = {
	{ "full", 64, 0 },
	{ "fast", 4096, 1 },
	{ "slow", 1, 10 },
	{ "seldom", 1, 1000 },
};

static struct churner *churners;
static unsigned int nr_churners;
static bool over;

bool liveness_is_over(void)
{
	return READ_ONCE(over);
}

/* The online CPU number @nr, counted round and round. */
static int nth_cpu(unsigned int nr)
{
	int cpu;

	nr %= num_online_cpus();
	for_each_online_cpu(cpu) {
		if (!nr--)
			return cpu;
	}
	return raw_smp_processor_id();
}

static int churner_start(struct churner *c, unsigned int nr,
			 const struct shape *shape, const struct rate *rate)
{
	const struct kmobj_zone_args args = {
		.order = c->limited,
		.limit = c->limited ? LIMIT(num_online_cpus()) : KMOBJ_UNLIMITED,
	};
	struct kmobj_zone_stats stats;

	snprintf(c->name, sizeof(c->name), "liveness-%s-%s%s", shape->name,
		 rate->name, c->limited ? "-limited" : "");
	c->shape = shape;
	c->rate = rate;
	c->random = torture_seed();
	c->cpu = nth_cpu(nr);
	c->helper_cpu = nth_cpu(nr + 1);
	c->zone = kmobj_zone_create(c->name, OBJECT, &args);
	if (IS_ERR(c->zone)) {
		c->zone = NULL;
		return -ENOMEM;
	}
	kmobj_zone_stats(c->zone, &stats);
	c->slab_bytes = stats.slab_bytes;
	c->churns = torturer_start(churn, c, "kmobj_churner", nr);
	if (c->churns)
		c->helps = torturer_start(churner_help, c, "kmobj_helper", nr);
	return c->helps ? 0 : -ENOMEM;
}

/* Every shape at every rate. */
static int start_some(bool limited)
{
	unsigned int shape, rate;
	int err = 0;

	for (shape = 0; shape < nr_shapes; shape++) {
		for (rate = limited; !err && rate < ARRAY_SIZE(rates); rate++) {
			struct churner *c = &churners[nr_churners];

			c->limited = limited;
			err = churner_start(c, nr_churners++, &shapes[shape],
					    &rates[rate]);
		}
	}
	return err;
}

static int start_all(void)
{
	churners = kvcalloc(2 * nr_shapes * ARRAY_SIZE(rates),
			    sizeof(*churners), GFP_KERNEL);
	if (!churners)
		return -ENOMEM;
	return start_some(false) ?: start_some(true);
}

static bool is_done(const struct churner *c)
{
	return READ_ONCE(c->settled) && (READ_ONCE(c->served) || !c->limited);
}

static bool all_done(void)
{
	unsigned int i;

	for (i = 0; i < nr_churners; i++) {
		if (!is_done(&churners[i]))
			return false;
	}
	return true;
}

static void wait_for_all(void)
{
	unsigned long start = jiffies;

	while (!signal_pending(current) &&
	       (time_before(jiffies, start + AT_LEAST) ||
		(!all_done() && time_before(jiffies, start + PATIENCE))))
		schedule_timeout_interruptible(HZ / 10);
}

static void judge(const struct churner *c)
{
	if (c->limited && !c->served)
		torture_fail("%s: a CPU gets nothing of a zone: %lu bytes of slabs, %u objects",
			     c->name, LIMIT(num_online_cpus()), CHURN_HELD);
	else if (!c->settled)
		torture_fail("%s: %lu slabs without a live object stay, %lu may",
			     c->name, c->kept, c->may_keep);
}

/* False if a thread is stuck, which still uses all of it. */
static bool churner_end(struct churner *c)
{
	unsigned int i;
	int err;

	if (!torturer_join(c->churns) || !torturer_join(c->helps))
		return false;
	if (!c->zone)
		return true;
	mail_free(c);
	for (i = 0; i < CHURN_HELD; i++) {
		if (c->held[i])
			kmobj_free(c->zone, c->held[i]);
	}
	err = kmobj_zone_destroy(c->zone);
	if (err)
		torture_fail("%s: not destroyed: %d", c->name, err);
	return true;
}

static bool end_all(void)
{
	bool good = true;
	unsigned int i;

	WRITE_ONCE(over, true);
	for (i = 0; i < nr_churners; i++)
		good &= churner_end(&churners[i]);
	return good;
}

/* Steps done; and by name who was the last to see its zone settle. */
static u64 report(void)
{
	const struct churner *last = &churners[0];
	unsigned int i;
	u64 ops = 0;

	for (i = 0; i < nr_churners; i++) {
		const struct churner *c = &churners[i];

		judge(c);
		ops += c->ops;
		if (c->took > last->took)
			last = c;
	}
	pr_info("torture: liveness: %u churners, %llu operations, the last zone settled after %u ms: %s\n",
		nr_churners, ops, jiffies_to_msecs(last->took), last->name);
	return ops;
}

/* The phase; returns the operations done. False in @good: the module is to stay. */
u64 liveness(bool *good)
{
	u64 ops = 0;
	int err = start_all();

	if (err)
		torture_fail("no memory for churners: %d", err);
	else
		wait_for_all();
	*good = end_all();
	if (!err)
		ops = report();
	if (*good)
		kvfree(churners);
	return ops;
}
