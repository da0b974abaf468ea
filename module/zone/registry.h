/* SPDX-License-Identifier: GPL-2.0 */
/* All zones, by name and by address: see registry.c. */
#ifndef KMOBJ_ZONE_REGISTRY_H
#define KMOBJ_ZONE_REGISTRY_H

#include "slab/zone.h"

/* Names with this prefix are reserved for kmobj. */
#define KMOBJ_OWN_NAMES		"kmobj:"
#define KMOBJ_LABEL_MAX		(ZONE_NAME_SIZE + 32)

int registry_add(struct kmobj_zone *zone);
void zone_label(const struct kmobj_zone *zone, char *label);
void registry_free_name(struct kmobj_zone *zone);
struct kmobj_zone *registry_zone(const void *zone);
void registry_del(struct kmobj_zone *zone);
void registry_bury(struct kmobj_zone *zone);
void registry_stop(void);

#endif /* KMOBJ_ZONE_REGISTRY_H */
