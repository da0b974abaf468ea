/* SPDX-License-Identifier: GPL-2.0 */
/*
 * List the largest zones when memory runs out.
 */
#ifndef KMOBJ_ZONE_OOM_H
#define KMOBJ_ZONE_OOM_H

void oom_report(void);

#endif /* KMOBJ_ZONE_OOM_H */
