/* SPDX-License-Identifier: GPL-2.0 */
/* Take what idle CPUs own, or all CPUs of a dying zone: see idle.c. */
#ifndef KMOBJ_CORE_IDLE_H
#define KMOBJ_CORE_IDLE_H

struct kmobj_zone;

bool reserve_age(struct kmobj_zone *zone);
void reserve_flush(struct kmobj_zone *zone);
void reserve_take_from_all(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_IDLE_H */
