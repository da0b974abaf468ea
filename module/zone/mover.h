/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Move objects out of sparse slabs.
 */
#ifndef KMOBJ_ZONE_MOVER_H
#define KMOBJ_ZONE_MOVER_H

#include "include/kmobj.h"

struct module;

/* Why the mover is woken: it is time to look, or memory is short. */
enum mover_cause { MOVER_POLL, MOVER_PRESSURE };

int mover_open(struct kmobj_zone *zone, const struct kmobj_zone_args *args);
void mover_stop(struct kmobj_zone *zone);
void mover_close(struct kmobj_zone *zone);
bool mover_wake(struct kmobj_zone *zone, enum mover_cause cause);
bool mover_calls(const struct kmobj_zone *zone, const struct module *module);
bool mover_is_at_work(const struct kmobj_zone *zone);
unsigned long mover_holds(const struct kmobj_zone *zone);
void mover_stats(const struct kmobj_zone *zone, struct kmobj_zone_stats *stats);
void mover_flush(void);
int movers_start(void);
void movers_stop(void);

#endif /* KMOBJ_ZONE_MOVER_H */
