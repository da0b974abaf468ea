/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two slabs that a CPU owns: see cpu.c.
 */
#ifndef KMOBJ_CORE_CPU_H
#define KMOBJ_CORE_CPU_H

struct kmobj_pair;
struct kmobj_slab;
struct kmobj_zone;

void pair_push(struct kmobj_pair *pair, struct kmobj_slab *slab);
bool pair_refill(struct kmobj_zone *zone, struct kmobj_pair *pair);
void pair_init(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_CPU_H */
