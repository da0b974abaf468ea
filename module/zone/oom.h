/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The log of an out-of-memory kill names zones.
 */
#ifndef KMOBJ_ZONE_OOM_H
#define KMOBJ_ZONE_OOM_H

void oom_report(void);

#endif /* KMOBJ_ZONE_OOM_H */
