/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions that torture knows of.
 */
#ifndef KMOBJ_TORTURE_COMPAT_H
#define KMOBJ_TORTURE_COMPAT_H

#include <linux/hrtimer.h>
#include <linux/version.h>

/* hrtimer_init() and setting .function became one call in 6.13. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

#endif /* KMOBJ_TORTURE_COMPAT_H */
