/* SPDX-License-Identifier: GPL-2.0 */
/* All zones in the format of BSD's vmstat -m: see vmstat.c. */
#ifndef KMOBJ_ZONE_VMSTAT_H
#define KMOBJ_ZONE_VMSTAT_H

#include <linux/fs.h>

extern const struct file_operations vmstat_fops;

#endif /* KMOBJ_ZONE_VMSTAT_H */
