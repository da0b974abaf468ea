// SPDX-License-Identifier: GPL-2.0
/*
 * The timer of the poller, which runs a pass every poll_ms.
 *
 * While a zone is in use, a slab is retiring, or a budget was used up, the timer
 * wakes an idle CPU. Otherwise it is deferrable: its CPU may sleep for any time,
 * and if another CPU makes a slab then, a second timer is started.
 */
#include <linux/atomic.h>
#include <linux/cpu.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "kernel/compat.h"
#include "kernel/tunable.h"
#include "core/drain.h"
#include "core/poll_timer.h"

#define POLL_MS_MAX	(60 * 60 * 1000)

static void poll_ms_written(void);

static unsigned int poll_ms = 1000;
KMOBJ_TUNABLE(poll_ms, 1, POLL_MS_MAX, poll_ms_written,
	      "milliseconds between passes (default 1000)");

static void poll(struct work_struct *work);
static DECLARE_DEFERRABLE_WORK(poll_idle, poll);
static DECLARE_DELAYED_WORK(poll_busy, poll);
static bool poll_stopped;
static bool poll_sleeps;		/* only poll_idle is pending */
static DEFINE_MUTEX(poll_lock);		/* one of them is pending or runs */

static bool (*poll_pass)(void);	/* true if there is more to do soon */

/*
 * The CPU for the next pass: this one, unless it may not get work, as the one
 * that loaded the module may be; then another. Under cpus_read_lock.
 */
static int poll_where(void)
{
	int cpu;

	if (cpu_may_be_asked(raw_smp_processor_id()))
		return WORK_CPU_UNBOUND;
	for_each_online_cpu(cpu) {
		if (cpu_may_be_asked(cpu))
			return cpu;
	}
	return WORK_CPU_UNBOUND;
}

static void poll_later(bool busy)
{
	if (READ_ONCE(poll_stopped))
		return;
	cpus_read_lock();
	mutex_lock(&poll_lock);
	queue_delayed_work_on(poll_where(), system_power_efficient_wq,
			      busy ? &poll_busy : &poll_idle,
			      msecs_to_jiffies(READ_ONCE(poll_ms)));
	WRITE_ONCE(poll_sleeps, !busy);
	mutex_unlock(&poll_lock);
	cpus_read_unlock();
}

/*
 * A slab was made: start poll_busy. In any context but NMI. poll_idle is still
 * pending, on a CPU that may sleep; the first of the two that runs cancels the
 * other.
 */
void poller_wake(void)
{
	if (likely(!READ_ONCE(poll_sleeps)) || READ_ONCE(poll_stopped) ||
	    !xchg(&poll_sleeps, false))
		return;
	queue_delayed_work(system_power_efficient_wq, &poll_busy,
			   msecs_to_jiffies(READ_ONCE(poll_ms)));
}

/* May an idle CPU put off the next pass? */
bool poller_may_sleep(void)
{
	return delayed_work_pending(&poll_idle) && !delayed_work_pending(&poll_busy);
}
EXPORT_SYMBOL_FOR_TESTS(poller_may_sleep);

/* The next pass comes in the new poll_ms from now. */
static void poll_ms_written(void)
{
	struct delayed_work *work;

	mutex_lock(&poll_lock);
	work = delayed_work_pending(&poll_busy) ? &poll_busy : &poll_idle;
	if (delayed_work_pending(work))
		mod_delayed_work(system_power_efficient_wq, work,
				 msecs_to_jiffies(READ_ONCE(poll_ms)));
	mutex_unlock(&poll_lock);
}

static void poll(struct work_struct *work)
{
	mutex_lock(&poll_lock);
	cancel_delayed_work(work == &poll_idle.work ? &poll_busy : &poll_idle);
	mutex_unlock(&poll_lock);
	poll_later(poll_pass());
}

void poller_start(bool (*pass)(void))
{
	poll_pass = pass;
	WRITE_ONCE(poll_stopped, false);
	poll_later(false);
}
EXPORT_SYMBOL_FOR_TESTS(poller_start);

/* One of the two may queue the other once more, before it sees the stop. */
void poller_stop(void)
{
	WRITE_ONCE(poll_stopped, true);
	WRITE_ONCE(poll_sleeps, false);
	cancel_delayed_work_sync(&poll_idle);
	cancel_delayed_work_sync(&poll_busy);
	cancel_delayed_work_sync(&poll_idle);
}
EXPORT_SYMBOL_FOR_TESTS(poller_stop);
