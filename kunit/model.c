// SPDX-License-Identifier: GPL-2.0
/*
 * Everything at once against a plain model: on every CPU a thread and a timer
 * interrupt allocate and free at random in three zones, frees cross CPUs
 * through rings, the poller, shrink and limits go on beside them.
 *
 * The model knows of each object whose it is, which zone it is of and a
 * sequence number; all of the object's bytes say so, from when it was handed
 * out until it is freed. An object handed out twice, or touched while live, is
 * seen by whoever looks at it next. Each CPU counts what it did: when all is
 * quiet, kmobj's figures must be the sum.
 */
#include <linux/hrtimer.h>

#include "kmobj_kunit.h"

#define ZONES		3
#define HELD		256		/* a thread's objects */
#define IRQ_HELD	24		/* an interrupt's */
#define RING		128
#define BULK		40
#define ROUNDS_MAX	40
#define ROUNDS		4

/* What the model knows of one live object. */
struct model_obj {
	void *obj;
	u32 seq;
	u16 cpu;			/* who allocated it */
	u8 zone;
	u8 in_irq;
};

/* From the CPU before, which adds; the CPU that has it takes and frees. */
struct ring {
	struct model_obj slot[RING];
	unsigned long in ____cacheline_aligned_in_smp;
	unsigned long out ____cacheline_aligned_in_smp;
};

/* Of a thread, or of an interrupt: written by nobody else. */
struct counts {
	unsigned long allocs[ZONES], frees[ZONES], fails[ZONES];
	unsigned long wrong, not_zero, crossed, ops;
};

struct model;

struct model_cpu {
	struct model *model;
	int cpu;
	u32 random, irq_random, seq, irq_seq;
	struct model_obj held[HELD];
	struct model_obj irq_held[IRQ_HELD];
	struct counts did, irq_did;
	struct hrtimer timer;
	struct ring ring;
	struct model_cpu *next;
};

struct model {
	struct kmobj_zone *zones[ZONES];
	struct model_cpu **cpus;
	unsigned int nr_cpus;
	unsigned long ops_each;		/* of a thread in a round, or */
	unsigned long until;		/* jiffies */
	atomic_t running;
	bool end;			/* for the timers */
};

static u64 model_stamp(const struct model_obj *m)
{
	return ((u64)m->seq << 32 | m->cpu << 16 | m->zone << 8 | m->in_irq) *
	       0x9e3779b97f4a7c15ULL;
}

static void model_alloc(struct model_cpu *c, struct counts *did,
			struct model_obj *m, u32 random, gfp_t gfp, u32 seq)
{
	unsigned int z = random % ZONES;
	struct kmobj_zone *zone = c->model->zones[z];

	if (random & BIT(20))
		gfp |= __GFP_ZERO;
	if ((random >> 21) % 16 == 0)
		m->obj = kmobj_alloc_node(zone, gfp | __GFP_THISNODE,
					  numa_mem_id());
	else
		m->obj = kmobj_alloc(zone, gfp);
	if (!m->obj) {
		did->fails[z]++;
		return;
	}
	if ((gfp & __GFP_ZERO) && memchr_inv(m->obj, 0, object_size(zone)))
		did->not_zero++;
	m->seq = seq;
	m->cpu = c->cpu;
	m->zone = z;
	m->in_irq = !!in_hardirq();
	obj_stamp(m->obj, object_size(zone), model_stamp(m));
	did->allocs[z]++;
}

/* It has what was written to it; forget it. */
static void *model_release(struct model_cpu *c, struct counts *did,
			   struct model_obj *m)
{
	unsigned int size = object_size(c->model->zones[m->zone]);
	void *obj = m->obj;

	did->wrong += !obj_has_stamp(obj, size, model_stamp(m));
	did->frees[m->zone]++;
	memset(obj, 0xdd, size);
	m->obj = NULL;
	return obj;
}

static void model_free(struct model_cpu *c, struct counts *did,
		       struct model_obj *m)
{
	struct kmobj_zone *zone = c->model->zones[m->zone];

	kmobj_free(zone, model_release(c, did, m));
}

static void ring_add(struct model_cpu *c, struct model_obj *m)
{
	struct ring *ring = &c->next->ring;

	/* pairs with the release of out: the slot was read */
	if (ring->in - smp_load_acquire(&ring->out) == RING)
		return;
	ring->slot[ring->in % RING] = *m;
	/* pairs with the acquire of in: the slot is filled */
	smp_store_release(&ring->in, ring->in + 1);
	m->obj = NULL;
}

static void ring_free_all(struct model_cpu *c)
{
	struct ring *ring = &c->ring;

	/* pairs with the release of in: the slot is filled */
	while (ring->out != smp_load_acquire(&ring->in)) {
		model_free(c, &c->did, &ring->slot[ring->out % RING]);
		c->did.crossed++;
		/* pairs with the acquire of out: the slot was read */
		smp_store_release(&ring->out, ring->out + 1);
	}
}

/* A bulk is made, looked at, and freed: in bulk, or one by one. */
static void model_bulk(struct model_cpu *c, u32 random)
{
	unsigned int z = random % ZONES, i, nr = random / ZONES % BULK;
	struct kmobj_zone *zone = c->model->zones[z];
	struct model_obj m[BULK];
	void *objs[BULK];

	if (!kmobj_alloc_bulk(zone, GFP_KERNEL | __GFP_NOWARN, nr, objs)) {
		c->did.fails[z]++;
		return;
	}
	for (i = 0; i < nr; i++) {
		m[i] = (struct model_obj) {
			.obj = objs[i], .seq = c->seq++, .cpu = c->cpu,
			.zone = z,
		};
		obj_stamp(objs[i], object_size(zone), model_stamp(&m[i]));
		c->did.allocs[z]++;
	}
	for (i = 0; i < nr; i++)
		model_release(c, &c->did, &m[i]);
	if (random & BIT(30))
		kmobj_free_bulk(zone, nr, objs);
	else
		objs_free(zone, objs, nr);
	c->did.ops += nr;
}

static gfp_t model_gfp(u32 random)
{
	static const gfp_t gfps[] = {
		GFP_KERNEL, GFP_KERNEL, GFP_NOWAIT, GFP_ATOMIC,
	};

	return gfps[(random >> 12) % ARRAY_SIZE(gfps)] | __GFP_NOWARN;
}

/*
 * One random step. Runs of allocations and of frees alternate, so that whole
 * slabs fill and drain.
 */
static void model_step(struct model_cpu *c)
{
	u32 random = xorshift(&c->random), what = random >> 24;
	bool filling = c->did.ops >> 11 & 1;
	struct model_obj *m = &c->held[(random >> 2) % HELD];

	c->did.ops++;
	if (what < 16)
		ring_free_all(c);
	else if (what < 18)
		model_bulk(c, xorshift(&c->random));
	else if (!m->obj && (filling || what < 120))
		model_alloc(c, &c->did, m, random, model_gfp(random),
			    c->seq++);
	else if (m->obj && what >= 200)
		ring_add(c, m);
	else if (m->obj && (!filling || what < 60))
		model_free(c, &c->did, m);
}

static enum hrtimer_restart model_interrupt(struct hrtimer *timer)
{
	struct model_cpu *c = container_of(timer, struct model_cpu, timer);
	u32 random = xorshift(&c->irq_random);
	unsigned int i;

	for (i = 0; i < 3; i++, random = xorshift(&c->irq_random)) {
		struct model_obj *m = &c->irq_held[(random >> 4) % IRQ_HELD];

		c->irq_did.ops++;
		if (m->obj)
			model_free(c, &c->irq_did, m);
		else
			model_alloc(c, &c->irq_did, m, random,
				    GFP_ATOMIC | __GFP_NOWARN, c->irq_seq++);
	}
	if (READ_ONCE(c->model->end))
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, us_to_ktime(AT_FULL_SPEED ?
					       40 + random % 64 :
					       1000 + random % 1024));
	return HRTIMER_RESTART;
}

static bool model_goes_on(struct model_cpu *c, unsigned long start)
{
	if (c->model->ops_each)
		return c->did.ops - start < c->model->ops_each;
	return time_before(jiffies, c->model->until);
}

static void model_thread(void *data)
{
	struct model_cpu *c = data;
	unsigned long start = c->did.ops, i;

	hrtimer_setup(&c->timer, model_interrupt, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED);
	hrtimer_start(&c->timer, us_to_ktime(100),
		      HRTIMER_MODE_REL_PINNED);
	for (i = 1; model_goes_on(c, start); i++) {
		model_step(c);
		if (i % 256 == 0)
			let_others_run();
	}
	atomic_dec(&c->model->running);
	/* who still runs may fill our ring: empty it until all are done */
	while (atomic_read(&c->model->running)) {
		ring_free_all(c);
		schedule_timeout_uninterruptible(1);
	}
	hrtimer_cancel(&c->timer);
	ring_free_all(c);
}

/* Beside the threads, until they are done: the poller, shrink, limits. */
static void model_disturb(struct model *model, u32 random)
{
	const unsigned long slab = zone_stats(model->zones[2]).slab_bytes;

	while (atomic_read(&model->running)) {
		poll_zones();
		if (xorshift(&random) % 8 == 0)
			kmobj_zone_shrink(model->zones[random % ZONES]);
		if (random % 16 == 1)
			kmobj_zone_set_limit(model->zones[2],
					     slab * (2 + random % 32));
		let_others_run();
	}
	kmobj_zone_set_limit(model->zones[2], KMOBJ_UNLIMITED);
}

struct sums {
	unsigned long allocs, frees, fails;
};

static struct sums model_sum(struct model *model, unsigned int z)
{
	struct sums sums = {};
	unsigned int i;

	for (i = 0; i < model->nr_cpus; i++) {
		const struct model_cpu *c = model->cpus[i];

		sums.allocs += c->did.allocs[z] + c->irq_did.allocs[z];
		sums.frees += c->did.frees[z] + c->irq_did.frees[z];
		sums.fails += c->did.fails[z] + c->irq_did.fails[z];
	}
	return sums;
}

/* All is quiet: kmobj's figures are the model's. */
static void model_expect_agreement(struct kunit *test, struct model *model)
{
	unsigned int z;

	for (z = 0; z < ZONES; z++) {
		struct kmobj_zone_stats stats = zone_stats(model->zones[z]);
		struct sums sums = model_sum(model, z);

		zone_expect_sound(test, model->zones[z]);
		KUNIT_EXPECT_EQ(test, stats.allocs - stats.frees,
				sums.allocs - sums.frees);
		KUNIT_EXPECT_EQ(test, zone_count_live(model->zones[z]),
				sums.allocs - sums.frees);
		KUNIT_EXPECT_EQ(test, stats.alloc_fails, sums.fails);
		KUNIT_EXPECT_EQ(test, stats.bad_frees, 0);
	}
}

static void model_round(struct kunit *test, struct model *model, u32 random)
{
	struct worker **workers;
	unsigned int i;

	workers = kunit_kcalloc(test, model->nr_cpus, sizeof(*workers),
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, workers);
	atomic_set(&model->running, model->nr_cpus);
	WRITE_ONCE(model->end, false);
	for (i = 0; i < model->nr_cpus; i++)
		workers[i] = worker_start(test, model->cpus[i]->cpu,
					  model_thread, model->cpus[i]);
	model_disturb(model, random);
	WRITE_ONCE(model->end, true);
	for (i = 0; i < model->nr_cpus; i++)
		worker_join(test, workers[i]);
	/* a CPU emptied its ring, and then another one added to it */
	for (i = 0; i < model->nr_cpus; i++)
		ring_free_all(model->cpus[i]);
}

static void model_create(struct kunit *test, struct model *model, u32 random)
{
	const struct kmobj_zone_args typesafe = {
		.flags = KMOBJ_TYPESAFE_BY_RCU,
		.keep_free_slabs = 1,
	};
	int cpu;

	model->zones[0] = zone_make(test, 24, NULL);
	model->zones[1] = zone_make(test, 200, &typesafe);
	model->zones[2] = zone_make(test, 1500, NULL);
	model->cpus = kunit_kcalloc(test, nr_cpu_ids, sizeof(*model->cpus),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, model->cpus);
	for_each_cpu(cpu, cpus_at_work()) {
		struct model_cpu *c = kunit_kzalloc(test, sizeof(*c),
						    GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, c);
		c->model = model;
		c->cpu = cpu;
		c->random = xorshift(&random);
		c->irq_random = xorshift(&random);
		model->cpus[model->nr_cpus++] = c;
	}
	for (cpu = 0; cpu < model->nr_cpus; cpu++)
		model->cpus[cpu]->next =
			model->cpus[(cpu + 1) % model->nr_cpus];
}

static void model_free_all(struct model *model)
{
	unsigned int i, j;

	for (i = 0; i < model->nr_cpus; i++) {
		struct model_cpu *c = model->cpus[i];

		for (j = 0; j < HELD; j++)
			if (c->held[j].obj)
				model_free(c, &c->did, &c->held[j]);
		for (j = 0; j < IRQ_HELD; j++)
			if (c->irq_held[j].obj)
				model_free(c, &c->irq_did, &c->irq_held[j]);
	}
}

/* Frees by interrupts that found a section open. */
static unsigned long model_nested(const struct model *model)
{
	unsigned long nested = 0;
	unsigned int i, z;

	for (i = 0; i < model->nr_cpus; i++)
		for (z = 0; z < ZONES; z++)
			nested += frees_below_section(model->zones[z],
						      model->cpus[i]->cpu);
	return nested;
}

static unsigned long model_retired(const struct model *model)
{
	unsigned long retired = 0;
	unsigned int z;

	for (z = 0; z < ZONES; z++)
		retired += zone_stats(model->zones[z]).slabs_retired;
	return retired;
}

/*
 * Has chance shown what it is to show? Interrupts that come with the tick alone find
 * hardly ever an open section.
 */
static bool model_has_met_enough(const struct model *model)
{
	return (model_nested(model) || !IS_ENABLED(CONFIG_HIGH_RES_TIMERS)) && model_retired(model);
}

static void model_expect_enough(struct kunit *test, struct model *model)
{
	unsigned long ops = 0, wrong = 0, not_zero = 0, crossed = 0, irq = 0;
	unsigned long nested = model_nested(model), retired = model_retired(model);
	unsigned int i;

	for (i = 0; i < model->nr_cpus; i++) {
		const struct model_cpu *c = model->cpus[i];

		ops += c->did.ops;
		irq += c->irq_did.ops;
		wrong += c->did.wrong + c->irq_did.wrong;
		not_zero += c->did.not_zero + c->irq_did.not_zero;
		crossed += c->did.crossed;
		KUNIT_EXPECT_GT(test, c->irq_did.ops, 0);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	KUNIT_EXPECT_EQ(test, not_zero, 0);
	/* or nothing was shown */
	KUNIT_EXPECT_GT(test, crossed, 0);
	KUNIT_EXPECT_TRUE_MSG(test, model_has_met_enough(model), "nested %lu, retired %lu",
			      nested, retired);
	if (model->ops_each)
		KUNIT_EXPECT_GE(test, ops, 1000000);
	kunit_info(test, "%lu operations on %u CPUs, and %lu of interrupts, %lu of whose frees met an open section; %lu frees crossed CPUs; %lu slabs retired",
		   ops, model->nr_cpus, irq, nested, crossed, retired);
}

static void random_operations_agree_with_the_model(struct kunit *test)
{
	struct model *model = kunit_kzalloc(test, sizeof(*model), GFP_KERNEL);
	u32 random = tests_seed();
	unsigned int round, z;

	KUNIT_ASSERT_NOT_NULL(test, model);
	kunit_info(test, "seed=%u repeats this run, as far as CPUs can", random);
	model_create(test, model, random);
	/* and on, until chance has shown enough */
	for (round = 0; round < ROUNDS ||
	     (round < ROUNDS_MAX && !model_has_met_enough(model)); round++) {
		if (AT_FULL_SPEED)
			model->ops_each = 1000000 / ROUNDS / model->nr_cpus + 1;
		else
			model->until = jiffies + 2 * HZ;
		model_round(test, model, xorshift(&random));
		model_expect_agreement(test, model);
	}
	model_free_all(model);
	model_expect_agreement(test, model);
	model_expect_enough(test, model);
	for (z = 0; z < ZONES; z++)
		zone_unmake(test, model->zones[z]);
}

static struct kunit_case cases[] = {
	KUNIT_CASE_SLOW(random_operations_agree_with_the_model),
	{}
};

static struct kunit_suite suite = {
	.name = "kmobj_model",
	.test_cases = cases,
};

kunit_test_suite(suite);
