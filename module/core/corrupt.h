/* SPDX-License-Identifier: GPL-2.0 */
/* Slabs whose header was overwritten: see corrupt.c. */
#ifndef KMOBJ_CORE_CORRUPT_H
#define KMOBJ_CORE_CORRUPT_H

struct kmobj_zone;

bool corrupt_free(struct kmobj_zone *zone, void *obj);

#endif /* KMOBJ_CORE_CORRUPT_H */
