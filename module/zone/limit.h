/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The limit of a zone's memory.
 */
#ifndef KMOBJ_ZONE_LIMIT_H
#define KMOBJ_ZONE_LIMIT_H

struct kmobj_zone;

unsigned long limit_slabs(const struct kmobj_zone *zone,
			  unsigned long bytes);

#endif /* KMOBJ_ZONE_LIMIT_H */
