/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What idle, dead and dying CPUs own: see idle.c.
 */
#ifndef KMOBJ_CORE_IDLE_H
#define KMOBJ_CORE_IDLE_H

struct kmobj_zone;

bool reserve_age(struct kmobj_zone *zone);
void reserve_flush(struct kmobj_zone *zone);
void reserve_take_from_all(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_IDLE_H */
