/* SPDX-License-Identifier: GPL-2.0 */
/* Free objects after a grace period: see free_rcu.c. */
#ifndef KMOBJ_CORE_FREE_RCU_H
#define KMOBJ_CORE_FREE_RCU_H

#include <linux/rcupdate.h>

struct kmobj_zone;

extern unsigned int kmobj_rcu_ms;
void pass_queue_in_rcu_ms(struct kmobj_zone *zone);
bool rcu_expedite(struct kmobj_zone *zone);
void rcu_poll(struct kmobj_zone *zone);
void rcu_pass(struct kmobj_zone *zone);
unsigned long rcu_count(struct kmobj_zone *zone, unsigned long *frees);
void rcu_zone_start(struct kmobj_zone *zone);
void rcu_zone_stop(struct kmobj_zone *zone);
int rcu_start(void);
void rcu_stop(void);

#endif /* KMOBJ_CORE_FREE_RCU_H */
