/* SPDX-License-Identifier: GPL-2.0 */
/* Caches that ask to be charged, and are not: see uncharged.c. */
#ifndef KMOBJ_ZONE_UNCHARGED_H
#define KMOBJ_ZONE_UNCHARGED_H

#include "slab/zone.h"

void uncharged_note(struct kmobj_zone *zone, const char *why);
void uncharged_stop(void);

#endif /* KMOBJ_ZONE_UNCHARGED_H */
