/* SPDX-License-Identifier: GPL-2.0 */
/* Memory pressure: see shrinker.c. */
#ifndef KMOBJ_ZONE_SHRINKER_H
#define KMOBJ_ZONE_SHRINKER_H

unsigned long reclaim_count(int nid);
unsigned long reclaim_scan(int nid, unsigned long pages, bool *more);
unsigned long reclaim_last(void);
void oom_report(void);
int reclaim_start(void);
void reclaim_stop(void);

#endif /* KMOBJ_ZONE_SHRINKER_H */
