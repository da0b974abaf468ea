/* SPDX-License-Identifier: GPL-2.0 */
/* Maintenance: of one zone, and (poller.c) of all. */
#ifndef KMOBJ_ZONE_MAINTAIN_H
#define KMOBJ_ZONE_MAINTAIN_H

struct kmobj_zone;

bool zone_may_sleep(const struct kmobj_zone *zone);
bool zone_maintain(struct kmobj_zone *zone, unsigned long budget);
unsigned long zone_maintain_now(struct kmobj_zone *zone);
void zones_drain_cpu(int cpu);
bool poller_pass(void);

#endif /* KMOBJ_ZONE_MAINTAIN_H */
