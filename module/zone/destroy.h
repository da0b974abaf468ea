/* SPDX-License-Identifier: GPL-2.0 */
/* Destroy a zone. */
#ifndef KMOBJ_ZONE_DESTROY_H
#define KMOBJ_ZONE_DESTROY_H

struct kmobj_zone;

unsigned long zone_live(struct kmobj_zone *zone);
void zone_leave_if_empty(struct kmobj_zone *zone);
void zones_leave_wait(void);
void zones_stop(void);
void zones_report_left(void);

#endif /* KMOBJ_ZONE_DESTROY_H */
