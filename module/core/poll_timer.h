/* SPDX-License-Identifier: GPL-2.0 */
/* The timer of the poller. */
#ifndef KMOBJ_CORE_POLL_TIMER_H
#define KMOBJ_CORE_POLL_TIMER_H

void poller_wake(void);
bool poller_may_sleep(void);
void poller_start(bool (*pass)(void));
void poller_stop(void);

#endif /* KMOBJ_CORE_POLL_TIMER_H */
