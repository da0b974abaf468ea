/* SPDX-License-Identifier: GPL-2.0 */
/* CPUs are asked to give up slabs: see drain.c. */
#ifndef KMOBJ_CORE_DRAIN_H
#define KMOBJ_CORE_DRAIN_H

struct kmobj_zone;

extern unsigned int kmobj_idle_ms;
bool cpu_may_be_asked(int cpu);
bool drain_hurry(int cpu);
void drain_at_limit(struct kmobj_zone *zone);
bool cpus_are_idle(const struct kmobj_zone *zone);
bool drain_idle(struct kmobj_zone *zone);
bool drain_for_memory(struct kmobj_zone *zone, bool all);
unsigned long drain_count(struct kmobj_zone *zone, int nid);
void drain_dead(struct kmobj_zone *zone, int cpu);
void drain_flush(void);
void drain_now(struct kmobj_zone *zone);
int drain_start(void);
void drain_stop(void);

#endif /* KMOBJ_CORE_DRAIN_H */
