// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_namecache.ko: a cache of paths, filled and asked through debugfs.
 *
 * /sys/kernel/debug/namecache/
 *	enter	write paths, one a line: they exist, and so do the directories
 *		in them
 *	absent	the same, but they do not exist; the directories do
 *	forget	the same: nothing is known of them any more
 *	lookup	the same: each is looked up, component by component, until one
 *		is absent or not known
 *	prune	write N: look at N names and forget those not used since the
 *		last time, as the shrinker does
 *	stats	what is cached and what happened
 *
 * Each name that exists gets a number of its own. A directory that is forgotten
 * and entered again gets a new one; what was known below the old one is not
 * found again, and goes when memory is wanted.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "namecache.h"

static uint bits = 12;
module_param(bits, uint, 0444);
MODULE_PARM_DESC(bits, "2^bits buckets, 1 to 20 (default 12)");

static ulong limit;
module_param(limit, ulong, 0444);
MODULE_PARM_DESC(limit, "bytes of memory for names (default 0: no limit)");

#define ROOT	1

static struct namecache *cache;
static struct dentry *dir;

/* Who enters looks if a name has its number, and gives it one if not. */
static DEFINE_MUTEX(enter_lock);
static unsigned long last_number = ROOT;

/**
 * struct command - a file that takes paths
 * @name: of the file
 * @step: does what is to be done with one component. It returns the number
 *	of the directory to go on in, or 0 to stop.
 */
struct command {
	const char *name;
	unsigned long (*step)(unsigned long parent, const char *name,
			      size_t len, bool is_last);
};

static unsigned long step_lookup(unsigned long parent, const char *name,
				 size_t len, bool is_last)
{
	unsigned long number;

	return namecache_lookup(cache, parent, name, len, &number) ? number : 0;
}

static unsigned long step_enter(unsigned long parent, const char *name,
				size_t len, bool is_last)
{
	unsigned long number;

	mutex_lock(&enter_lock);
	number = step_lookup(parent, name, len, is_last);
	if (!number) {
		number = ++last_number;
		if (namecache_enter(cache, parent, name, len, number))
			number = 0;
	}
	mutex_unlock(&enter_lock);
	return number;
}

static unsigned long step_absent(unsigned long parent, const char *name,
				 size_t len, bool is_last)
{
	if (!is_last)
		return step_enter(parent, name, len, is_last);
	mutex_lock(&enter_lock);
	namecache_enter(cache, parent, name, len, NAMECACHE_ABSENT);
	mutex_unlock(&enter_lock);
	return 0;
}

static unsigned long step_forget(unsigned long parent, const char *name,
				 size_t len, bool is_last)
{
	if (!is_last)
		return step_lookup(parent, name, len, is_last);
	namecache_forget(cache, parent, name, len);
	return 0;
}

static struct command commands[] = {
	{ "enter", step_enter },
	{ "absent", step_absent },
	{ "forget", step_forget },
	{ "lookup", step_lookup },
};

static void walk(const struct command *command, char *path)
{
	unsigned long number = ROOT;
	char *name;

	path += strspn(path, "/");
	while (number && *path) {
		name = path;
		path += strcspn(path, "/");
		number = command->step(number, name, path - name,
				       !path[strspn(path, "/")]);
		path += strspn(path, "/");
	}
}

/**
 * struct lines - an open file of a command
 * @command: what to do with each line
 * @lock: one write at a time
 * @len: bytes in @text
 * @text: the line that is not yet complete
 */
struct lines {
	const struct command *command;
	struct mutex lock;	/* all of it */
	size_t len;
	char text[PATH_MAX];
};

static int lines_open(struct inode *inode, struct file *file)
{
	struct lines *lines = kmalloc(sizeof(*lines), GFP_KERNEL);

	if (!lines)
		return -ENOMEM;
	lines->command = inode->i_private;
	mutex_init(&lines->lock);
	lines->len = 0;
	file->private_data = lines;
	return 0;
}

/* Do what is complete, keep the rest. */
static void lines_do(struct lines *lines)
{
	char *line = lines->text, *end;

	lines->text[lines->len] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		walk(lines->command, line);
		line = end + 1;
	}
	lines->len -= line - lines->text;
	memmove(lines->text, line, lines->len);
}

static ssize_t lines_write(struct file *file, const char __user *from,
			   size_t count, loff_t *pos)
{
	struct lines *lines = file->private_data;
	size_t done = 0, part;
	int error = 0;

	mutex_lock(&lines->lock);
	while (done < count && !error) {
		part = min(count - done, sizeof(lines->text) - 1 - lines->len);
		if (!part)
			error = -ENAMETOOLONG;
		else if (copy_from_user(lines->text + lines->len, from + done,
					part))
			error = -EFAULT;
		if (error) {
			lines->len = 0;	/* what came of it is no command */
			break;
		}
		lines->len += part;
		done += part;
		lines_do(lines);
		cond_resched();
	}
	mutex_unlock(&lines->lock);
	return error ?: done;
}

static int lines_release(struct inode *inode, struct file *file)
{
	struct lines *lines = file->private_data;

	/* the last line need not end */
	lines->text[lines->len] = '\0';
	walk(lines->command, lines->text);
	kfree(lines);
	return 0;
}

static const struct file_operations lines_fops = {
	.owner		= THIS_MODULE,
	.open		= lines_open,
	.write		= lines_write,
	.release	= lines_release,
};

static int prune_set(void *unused, u64 nr)
{
	namecache_shrink(cache, nr);
	return 0;
}

DEFINE_DEBUGFS_ATTRIBUTE(prune_fops, NULL, prune_set, "%llu\n");

static int stats_show(struct seq_file *seq, void *unused)
{
	struct namecache_counts counts;

	namecache_counts(cache, &counts);
	seq_printf(seq, "names %lu\n", namecache_count(cache));
	seq_printf(seq, "hits %lu\n", counts.hits);
	seq_printf(seq, "negatives %lu\n", counts.negatives);
	seq_printf(seq, "misses %lu\n", counts.misses);
	seq_printf(seq, "restarts %lu\n", counts.restarts);
	seq_printf(seq, "pruned %lu\n", counts.pruned);
	seq_printf(seq, "moved %lu\n", counts.moved);
	return 0;
}

DEFINE_SHOW_ATTRIBUTE(stats);

static int __init namecache_init(void)
{
	int i;

	if (bits < 1 || bits > 20)
		return -EINVAL;
	cache = namecache_create("names", bits, limit);
	if (IS_ERR(cache))
		return PTR_ERR(cache);

	dir = debugfs_create_dir("namecache", NULL);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		debugfs_create_file(commands[i].name, 0200, dir, &commands[i],
				    &lines_fops);
	debugfs_create_file_unsafe("prune", 0200, dir, NULL, &prune_fops);
	debugfs_create_file("stats", 0444, dir, NULL, &stats_fops);
	return 0;
}

static void __exit namecache_exit(void)
{
	debugfs_remove(dir);
	namecache_destroy(cache);
}

module_init(namecache_init);
module_exit(namecache_exit);
MODULE_DESCRIPTION("A cache of path components whose names are kmobj objects");
MODULE_LICENSE("GPL");
