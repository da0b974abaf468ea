// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_torture.ko: loading it tortures kmobj for some seconds and tells what
 * was done and what went wrong; torture.h says how. The parameters operations,
 * moved and errors have the numbers for scripts.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "liveness.h"
#include "torture.h"

/* So long is waited for a thread that should have ended. */
#define STUCK		300	/* seconds */
#define ERRORS_SHOWN	20

static unsigned int seconds = 10;
module_param(seconds, uint, 0444);
MODULE_PARM_DESC(seconds, "how long the storm lasts (default 10)");

static unsigned int seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "what the random numbers start from (default: random)");

static char *phase = "all";
module_param(phase, charp, 0444);
MODULE_PARM_DESC(phase, "storm, liveness or all (default)");

static unsigned long operations;
module_param(operations, ulong, 0444);
MODULE_PARM_DESC(operations, "objects allocated or freed, when it is over");

static unsigned long moved;
module_param(moved, ulong, 0444);
MODULE_PARM_DESC(moved, "objects moved, when it is over");

static unsigned long errors;
module_param(errors, ulong, 0444);
MODULE_PARM_DESC(errors, "what went wrong");

static atomic_long_t failures;
static bool over;

/* Something that kmobj promises did not hold. */
void torture_fail(const char *fmt, ...)
{
	struct va_format vaf = { .fmt = fmt };
	va_list args;

	if (atomic_long_inc_return(&failures) > ERRORS_SHOWN)
		return;
	va_start(args, fmt);
	vaf.va = &args;
	pr_err("torture: error: %pV\n", &vaf);
	va_end(args);
}

bool torture_has_failed(void)
{
	return atomic_long_read(&failures);
}

bool torture_is_over(void)
{
	return READ_ONCE(over);
}

/* Marsaglia's xorshift; @state is never 0. */
u32 torture_random(u32 *state)
{
	u32 x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* A state to start from: another for each that asks, the same in each run. */
u32 torture_seed(void)
{
	static u32 asked;

	return (seed + ++asked * 0x9e3779b9u) | 1;
}

/* A thread that is waited for, but not for ever. */
struct torturer {
	int (*fn)(void *arg);
	void *arg;
	struct completion done;
};

static int torturer_run(void *data)
{
	struct torturer *torturer = data;

	torturer->fn(torturer->arg);
	kthread_complete_and_exit(&torturer->done, 0);
}

struct torturer *torturer_start(int (*fn)(void *arg), void *arg,
				const char *name, int nr)
{
	struct torturer *torturer = kzalloc(sizeof(*torturer), GFP_KERNEL);
	struct task_struct *task;

	if (!torturer)
		return NULL;
	torturer->fn = fn;
	torturer->arg = arg;
	init_completion(&torturer->done);
	task = kthread_run(torturer_run, torturer, "%s/%d", name, nr);
	if (!IS_ERR(task))
		return torturer;
	kfree(torturer);
	return NULL;
}

/* False if it does not end. */
bool torturer_join(struct torturer *torturer)
{
	unsigned int waited = 0;

	if (!torturer)
		return true;
	/* a second at a time: to wait for minutes looks like a hang */
	while (!wait_for_completion_timeout(&torturer->done, HZ)) {
		if (waited++ == STUCK) {
			torture_fail("%ps is stuck", torturer->fn);
			return false;
		}
	}
	kfree(torturer);
	return true;
}

/* What all held is freed, and every place closed. */
static void wind_up(void)
{
	unsigned int i;

	for (i = 0; i < PLACES; i++)
		if (places[i].zone && !place_close(&places[i], 7))
			return;
}

static void report(void)
{
	u64 ops[NR_CONTEXTS] = {};
	unsigned long fails = 0;
	unsigned int i;

	contexts_sum(ops, &fails);
	for (i = 0; i < NR_CONTEXTS; i++) {
		pr_info("torture: %12llu operations in %s\n", ops[i],
			context_names[i]);
		operations += ops[i];
		if (!ops[i])
			torture_fail("nothing was done in %s", context_names[i]);
	}
	pr_info("torture: %lu allocations got nothing, %lu zones lived, %lu limits moved or zones shrunk\n",
		fails, keeper_lives, keeper_moves);
}

static void report_moves(void)
{
	moved = arena_answers[KMOBJ_MOVED];
	pr_info("torture: move() answered %lu times moved, %lu gone, %lu busy, %lu pinned\n",
		moved, arena_answers[KMOBJ_GONE], arena_answers[KMOBJ_BUSY],
		arena_answers[KMOBJ_PINNED]);
}

static void wait_for_the_end(void)
{
	unsigned long end = jiffies + seconds * HZ;

	while (time_before(jiffies, end) && !signal_pending(current) &&
	       atomic_long_read(&failures) < ERRORS_SHOWN)
		schedule_timeout_interruptible(HZ / 10);
}

/*
 * Who is stuck still uses all of this: then it stays, and the module with it.
 */
static void stop(void)
{
	bool good;

	/* who closes a place waits for actors to come by: they come last */
	good = keepers_stop();
	WRITE_ONCE(over, true);
	if (!contexts_stop() || !good) {
		__module_get(THIS_MODULE);
		report();
		return;
	}
	report();
	contexts_end();
	wind_up();
	arena_stop();
	report_moves();
}

/* Everything at once. */
static void storm(void)
{
	int err = arena_start() ?: keepers_start() ?: contexts_start();

	if (err)
		torture_fail("no memory to begin with: %d", err);
	else
		wait_for_the_end();
	stop();
}

/* Free memory comes back, whatever a CPU does: on a machine that has enough. */
static void live(void)
{
	bool good;

	operations += liveness(&good);
	if (!good)
		__module_get(THIS_MODULE);
}

static bool phase_is(const char *name)
{
	return !strcmp(phase, name) || !strcmp(phase, "all");
}

static int __init torture_init(void)
{
	if (!phase_is("storm") && !phase_is("liveness"))
		return -EINVAL;
	while (!seed)
		seed = get_random_u32();
	pr_info("torture: seed %u, %s, %u seconds, %u CPUs\n", seed, phase,
		seconds, num_online_cpus());
	if (phase_is("liveness"))
		live();
	if (phase_is("storm"))
		storm();
	errors = atomic_long_read(&failures);
	pr_info("torture: %lu operations, %lu errors\n", operations, errors);
	return 0;
}
module_init(torture_init);

static void __exit torture_exit(void)
{
}
module_exit(torture_exit);

MODULE_DESCRIPTION("Torture of kmobj");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
