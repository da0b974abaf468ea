/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Create a zone.
 */
#ifndef KMOBJ_ZONE_CREATE_H
#define KMOBJ_ZONE_CREATE_H

struct kmobj_zone;

void zone_free(struct kmobj_zone *zone);

#endif /* KMOBJ_ZONE_CREATE_H */
