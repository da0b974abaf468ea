// SPDX-License-Identifier: GPL-2.0
/*
 * Actors in every context of every CPU. For each CPU there is a station: a
 * thread that stays there, one that hauls, a work, a tasklet, a timer in
 * softirq, one in hardirq and an irq_work. The thread that stays sets the
 * timers, so that they go off in the middle of what it does; the hard one
 * raises the tasklet and the irq_work.
 *
 * A CPU that goes offline loses its thread to another, until it is back.
 *
 * Threads take turns where there are more CPUs than AT_WORK.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/sched.h>
#include <linux/semaphore.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "torture.h"

/*
 * With PREEMPT_RT those interrupts that stay hard there: kmobj hands out what it
 * holds. Elsewhere those that do not, as lockdep has it that who asks for pages
 * in the others could not do so with PREEMPT_RT.
 */
#define HARD_MODE	(IS_ENABLED(CONFIG_PREEMPT_RT) ?			\
			 HRTIMER_MODE_REL_PINNED_HARD : HRTIMER_MODE_REL_PINNED)

/*
 * Threads that are at work at once, if there are more CPUs than that. Those of UML
 * are threads of a machine that has fewer: then who waits for a spinlock, first
 * come first served, has a processor while who is next in line has none, and all
 * but stands still.
 */
#define AT_WORK		(IS_ENABLED(CONFIG_UML) ? 2 : INT_MAX)

#define BATCH		64	/* steps of a thread in one section of users */
#define BATCH_IRQ	12
#define TIMERS		8	/* batches between two settings of the timers */
#define SHIFT		64	/* batches before a thread looks where it is */

struct station {
	int cpu;
	struct torturer *stays, *hauls;
	struct actor *stayer, *hauler;
	struct actor *actors[NR_CONTEXTS];	/* but for TASK */
	struct work_struct work;
	struct tasklet_struct tasklet;
	struct hrtimer soft, hard;
	struct irq_work irq_work;
};

const char * const context_names[NR_CONTEXTS] = {
	[TASK] = "task", [WORK] = "work", [TASKLET] = "tasklet",
	[TIMER] = "timer in softirq", [HARDIRQ] = "timer in hardirq",
	[IRQ_WORK] = "irq_work",
};

static struct semaphore turns;
static struct station *stations;
static unsigned int nr_stations;
static struct workqueue_struct *works;

static void on_work(struct work_struct *work)
{
	struct station *s = container_of(work, struct station, work);

	actor_run(s->actors[WORK], BATCH);
}

static void on_tasklet(struct tasklet_struct *tasklet)
{
	struct station *s = container_of(tasklet, struct station, tasklet);

	actor_run(s->actors[TASKLET], BATCH_IRQ);
}

static void on_irq_work(struct irq_work *irq_work)
{
	struct station *s = container_of(irq_work, struct station, irq_work);

	actor_run(s->actors[IRQ_WORK], BATCH_IRQ);
}

static enum hrtimer_restart on_soft(struct hrtimer *timer)
{
	struct station *s = container_of(timer, struct station, soft);

	actor_run(s->actors[TIMER], BATCH_IRQ);
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart on_hard(struct hrtimer *timer)
{
	struct station *s = container_of(timer, struct station, hard);

	actor_run(s->actors[HARDIRQ], BATCH_IRQ);
	/* it may still run on a CPU that the thread has just left */
	if (!irq_work_is_busy(&s->irq_work))
		irq_work_queue(&s->irq_work);
	tasklet_schedule(&s->tasklet);
	return HRTIMER_NORESTART;
}

/* Emulated machines spend longer on a timer than on what it does. */
static ktime_t interval(u32 random)
{
	unsigned int least = IS_ENABLED(CONFIG_UML) ? 100 : 1000;

	return ns_to_ktime((least + random % least) * NSEC_PER_USEC);
}

static void set_timer(struct hrtimer *timer, u32 random, enum hrtimer_mode mode)
{
	if (!hrtimer_active(timer))
		hrtimer_start(timer, interval(random), mode);
}

static void station_set_timers(struct station *s)
{
	u32 random = s->stayer->random;

	set_timer(&s->hard, random, HARD_MODE);
	set_timer(&s->soft, random >> 8, HRTIMER_MODE_REL_PINNED_SOFT);
	queue_work(works, &s->work);
}

/* As who calls from below a spinlock, or with something disabled. */
static void run_atomic(struct actor *actor, unsigned int how)
{
	unsigned long flags;

	actor->atomic = true;
	switch (how) {
	case 0:
		preempt_disable();
		actor_run(actor, BATCH);
		preempt_enable();
		break;
	case 1:
		local_irq_save(flags);
		actor_run(actor, BATCH_IRQ);
		local_irq_restore(flags);
		break;
	default:
		local_bh_disable();
		actor_run(actor, BATCH);
		local_bh_enable();
	}
	actor->atomic = false;
}

static void run_shift(struct station *s)
{
	struct actor *actor = s->stayer;
	unsigned int i, how;

	actor_watch(actor);
	for (i = 0; i < SHIFT && !torture_is_over(); i++) {
		if (i % TIMERS == 0)
			station_set_timers(s);
		how = actor->random >> 16 & 15;
		if (how < 3)
			run_atomic(actor, how);
		else
			actor_run(actor, BATCH);
		cond_resched();
	}
}

static void go_to(int cpu)
{
	/* it may be gone by now: then we are somewhere else, and no worse */
	if (cpu_online(cpu))
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
}

static int stay(void *station)
{
	struct station *s = station;

	while (!torture_is_over()) {
		go_to(s->cpu);
		down(&turns);
		run_shift(s);
		up(&turns);
	}
	return 0;
}

static void go_anywhere(struct actor *actor)
{
	go_to(stations[torture_random(&actor->random) % nr_stations].cpu);
}

/* What is allocated on one CPU is freed on another, most of the time. */
static void haul_some(struct actor *hauler)
{
	struct place *place = &places[torture_random(&hauler->random) % PLACES];

	go_anywhere(hauler);
	while (actor_load(hauler, place, BATCH))
		cond_resched();
	if (!hauler->nr_held)
		return;
	go_anywhere(hauler);
	while (actor_unload(hauler, BATCH))
		cond_resched();
}

static int haul(void *station)
{
	struct station *s = station;
	u64 ops;

	while (!torture_is_over()) {
		ops = s->hauler->ops;
		down(&turns);
		haul_some(s->hauler);
		up(&turns);
		if (ops == s->hauler->ops)	/* closed, or at its limit */
			schedule_timeout_uninterruptible(1);
		else
			cond_resched();
	}
	return 0;
}

static int station_start(struct station *s, int cpu)
{
	enum context context;

	s->cpu = cpu;
	s->stayer = actor_new(TASK);
	s->hauler = actor_new(TASK);
	if (!s->stayer || !s->hauler)
		return -ENOMEM;
	for (context = WORK; context < NR_CONTEXTS; context++) {
		s->actors[context] = actor_new(context);
		if (!s->actors[context])
			return -ENOMEM;
	}
	INIT_WORK(&s->work, on_work);
	tasklet_setup(&s->tasklet, on_tasklet);
	s->irq_work = IS_ENABLED(CONFIG_PREEMPT_RT) ?
		      IRQ_WORK_INIT_HARD(on_irq_work) :
		      IRQ_WORK_INIT(on_irq_work);
	hrtimer_setup(&s->hard, on_hard, CLOCK_MONOTONIC,
		      HARD_MODE);
	hrtimer_setup(&s->soft, on_soft, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_SOFT);
	return 0;
}

/* The threads come last: they use all the rest. */
int contexts_start(void)
{
	unsigned int i;
	int cpu, err = 0;

	sema_init(&turns, num_online_cpus() > AT_WORK ? AT_WORK : INT_MAX);
	stations = kcalloc(num_possible_cpus(), sizeof(*stations), GFP_KERNEL);
	works = alloc_workqueue("kmobj_torture", WQ_UNBOUND, 0);
	if (!stations || !works)
		return -ENOMEM;
	for_each_online_cpu(cpu) {
		err = station_start(&stations[nr_stations++], cpu);
		if (err)
			return err;
	}
	for (i = 0; !err && i < nr_stations; i++) {
		struct station *s = &stations[i];

		s->stays = torturer_start(stay, s, "kmobj_actor", i);
		s->hauls = torturer_start(haul, s, "kmobj_hauler", i);
		if (!s->stays || !s->hauls)
			err = -ENOMEM;
	}
	return err;
}

/* The threads first: they set the rest in motion. False if one is stuck. */
bool contexts_stop(void)
{
	bool good = true;
	unsigned int i;

	for (i = 0; i < nr_stations; i++) {
		good &= torturer_join(stations[i].stays);
		good &= torturer_join(stations[i].hauls);
	}
	if (!good)
		return false;
	for (i = 0; i < nr_stations; i++) {
		struct station *s = &stations[i];

		if (!s->work.func)
			continue;	/* it was never set up */
		hrtimer_cancel(&s->hard);
		hrtimer_cancel(&s->soft);
		irq_work_sync(&s->irq_work);
		tasklet_kill(&s->tasklet);
		cancel_work_sync(&s->work);
	}
	return true;
}

static void add(const struct actor *actor, u64 *ops, unsigned long *fails)
{
	if (!actor)
		return;
	ops[actor->context] += actor->ops;
	*fails += actor->fails;
}

/* What was done in each context. */
void contexts_sum(u64 *ops, unsigned long *fails)
{
	enum context context;
	unsigned int i;

	for (i = 0; i < nr_stations; i++) {
		add(stations[i].stayer, ops, fails);
		add(stations[i].hauler, ops, fails);
		for (context = WORK; context < NR_CONTEXTS; context++)
			add(stations[i].actors[context], ops, fails);
	}
}

static void tell(const struct actor *actor, const char *what, int cpu,
		 const struct place *place)
{
	unsigned int i, nr = 0;

	/* it may be at work: then this is not exact */
	for (i = 0; actor && i < READ_ONCE(actor->nr_held); i++)
		nr += READ_ONCE(actor->held[i].place) == place;
	if (nr)
		pr_err("torture: the %s of CPU %d holds %u of them\n", what,
		       cpu, nr);
}

/* Who holds objects of a place that should be empty? */
void contexts_tell(const struct place *place)
{
	enum context context;
	unsigned int i;

	for (i = 0; i < nr_stations; i++) {
		struct station *s = &stations[i];

		tell(s->stayer, "thread", s->cpu, place);
		tell(s->hauler, "hauler", s->cpu, place);
		for (context = WORK; context < NR_CONTEXTS; context++)
			tell(s->actors[context], context_names[context],
			     s->cpu, place);
	}
}

/* They free what they hold. */
void contexts_end(void)
{
	enum context context;
	unsigned int i;

	for (i = 0; i < nr_stations; i++) {
		actor_free(stations[i].stayer);
		actor_free(stations[i].hauler);
		for (context = WORK; context < NR_CONTEXTS; context++)
			actor_free(stations[i].actors[context]);
	}
	if (works)
		destroy_workqueue(works);
	kfree(stations);
	nr_stations = 0;
}
