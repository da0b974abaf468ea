/* SPDX-License-Identifier: GPL-2.0 */
/* Destroy a zone. */
#ifndef KMOBJ_ZONE_DESTROY_H
#define KMOBJ_ZONE_DESTROY_H

struct kmobj_zone;

unsigned long zone_live(struct kmobj_zone *zone);
void zone_leave_if_empty(struct kmobj_zone *zone);
void zones_leave_wait(void);
void zone_destroy_left(struct kmobj_zone *zone);
void zones_stop(void);

#endif /* KMOBJ_ZONE_DESTROY_H */
