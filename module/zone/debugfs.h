/* SPDX-License-Identifier: GPL-2.0 */
/* /sys/kernel/debug/kmobj. */
#ifndef KMOBJ_ZONE_DEBUGFS_H
#define KMOBJ_ZONE_DEBUGFS_H

struct kmobj_zone;

void debugfs_zone_add(struct kmobj_zone *zone);
void debugfs_zone_del(struct kmobj_zone *zone);
void debugfs_start(void);
void debugfs_stop(void);

#endif /* KMOBJ_ZONE_DEBUGFS_H */
