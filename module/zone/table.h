/* SPDX-License-Identifier: GPL-2.0 */
/* Files in debugfs that have a row for each zone: see table.c. */
#ifndef KMOBJ_ZONE_TABLE_H
#define KMOBJ_ZONE_TABLE_H

#include <linux/fs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

struct kmobj_zone;

int table_open(struct file *file, int (*show)(struct seq_file *m, void *unused),
	       size_t row_bytes);
void table_name(const struct kmobj_zone *zone, char *name);

/* name_fops, of the file that name_show() prints, in rows of about @row_bytes. */
#define DEFINE_TABLE(name, row_bytes)					\
static int name ## _open(struct inode *inode, struct file *file)	\
{									\
	return table_open(file, name ## _show, row_bytes);		\
}									\
									\
const struct file_operations name ## _fops = {				\
	.owner		= THIS_MODULE,					\
	.open		= name ## _open,				\
	.read		= seq_read,					\
	.llseek		= seq_lseek,					\
	.release	= single_release,				\
}

#endif /* KMOBJ_ZONE_TABLE_H */
