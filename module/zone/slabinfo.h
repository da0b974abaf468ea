/* SPDX-License-Identifier: GPL-2.0 */
/* All zones in the format of /proc/slabinfo: see slabinfo.c. */
#ifndef KMOBJ_ZONE_SLABINFO_H
#define KMOBJ_ZONE_SLABINFO_H

#include <linux/fs.h>

extern const struct file_operations slabinfo_fops;

#endif /* KMOBJ_ZONE_SLABINFO_H */
