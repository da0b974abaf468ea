/* SPDX-License-Identifier: GPL-2.0 */
/* The two slabs that a CPU owns: see cpu.c. */
#ifndef KMOBJ_CORE_CPU_H
#define KMOBJ_CORE_CPU_H

struct kmobj_cpu;
struct kmobj_slab;
struct kmobj_zone;

void cpu_push(struct kmobj_cpu *c, struct kmobj_slab *slab);
bool cpu_refill(struct kmobj_zone *zone, struct kmobj_cpu *c);
void cpus_init(struct kmobj_zone *zone);

#endif /* KMOBJ_CORE_CPU_H */
