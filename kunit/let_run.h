/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KUNIT_LET_RUN_H
#define KUNIT_LET_RUN_H

#include <linux/preempt.h>
#include <linux/sched.h>

/*
 * In a loop that waits for others, or lasts.  Where tasks are preempted
 * cond_resched() does nothing; but UML does not preempt when an interrupt returns.
 */
static inline void let_others_run(void)
{
	cond_resched();
	preempt_disable();
	preempt_enable();
}

#endif /* KUNIT_LET_RUN_H */
