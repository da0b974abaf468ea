/* SPDX-License-Identifier: GPL-2.0 */
/* Statistics as text, in debugfs: see stats_file.c. */
#ifndef KMOBJ_ZONE_STATS_FILE_H
#define KMOBJ_ZONE_STATS_FILE_H

#include <linux/fs.h>

extern const struct file_operations stats_fops;		/* all zones */
extern const struct file_operations zone_stats_fops;	/* private data: a zone */

#endif /* KMOBJ_ZONE_STATS_FILE_H */
