// SPDX-License-Identifier: GPL-2.0
/*
 * Mount, remount, unmount.
 *
 * A mount makes its zones, limits them, and makes the root. Everything below is
 * undone by release_sb(), when unmounting from ->put_super, where all inodes
 * have been evicted: it waits for RCU to free the last of them and destroys the
 * zones. That is before the device's number is given to somebody else, and with
 * it the zones' names.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cred.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/statfs.h>

#include "kmobjfs.h"

#define KMOBJFS_MAGIC	0x6b6d6f62	/* "kmob" */

#define DEFAULT_MODE	01777

/* No size in bytes needs more: a size beyond it is no limit. */
#define MAX_PAGES	((unsigned long)(LONG_MAX >> PAGE_SHIFT))

enum { OPT_SIZE, OPT_MODE, OPT_UID, OPT_GID };

static const struct fs_parameter_spec parameters[] = {
	fsparam_string("size",	OPT_SIZE),
	fsparam_u32oct("mode",	OPT_MODE),
	fsparam_u32("uid",	OPT_UID),
	fsparam_u32("gid",	OPT_GID),
	{}
};

/* "4096", "64k", "1g", "50%" of the memory; "0" is no limit. */
static int parse_size(const char *text, unsigned long *pages)
{
	u64 value, bytes;
	char *rest;

	value = memparse(text, &rest);
	if (rest == text)
		return -EINVAL;
	bytes = value;
	if (*rest == '%') {
		if (check_mul_overflow(value, (u64)totalram_pages(), &bytes))
			return -EINVAL;
		bytes = div_u64(bytes, 100) << PAGE_SHIFT;
		rest++;
	}
	if (*rest)
		return -EINVAL;

	*pages = KMOBJFS_UNLIMITED;
	if (value)
		*pages = min_t(u64, (bytes >> PAGE_SHIFT) +
				    !!offset_in_page(bytes), MAX_PAGES);
	return 0;
}

static int parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct kmobjfs_opts *opts = fc->fs_private;
	struct fs_parse_result result;
	int opt;

	opt = fs_parse(fc, parameters, param, &result);
	switch (opt) {
	case OPT_SIZE:
		if (parse_size(param->string, &opts->pages))
			return invalfc(fc, "Bad size '%s'", param->string);
		return 0;
	case OPT_MODE:
		opts->mode = result.uint_32 & 07777;
		return 0;
	case OPT_UID:
		opts->uid = make_kuid(current_user_ns(), result.uint_32);
		return uid_valid(opts->uid) ? 0 : invalfc(fc, "Bad uid");
	case OPT_GID:
		opts->gid = make_kgid(current_user_ns(), result.uint_32);
		return gid_valid(opts->gid) ? 0 : invalfc(fc, "Bad gid");
	default:
		return opt;
	}
}

static int show_options(struct seq_file *seq, struct dentry *root)
{
	const struct kmobjfs_opts *opts = &kmobjfs_sb(root->d_sb)->opts;
	unsigned long pages = READ_ONCE(opts->pages);

	if (pages == KMOBJFS_UNLIMITED)
		pages = 0;
	seq_printf(seq, ",size=%lluk", (u64)pages << (PAGE_SHIFT - 10));
	seq_printf(seq, ",mode=%03o", opts->mode);
	seq_printf(seq, ",uid=%u",
		   from_kuid_munged(current_user_ns(), opts->uid));
	seq_printf(seq, ",gid=%u",
		   from_kgid_munged(current_user_ns(), opts->gid));
	return 0;
}

/* As many files as there is room for nodes. */
static void count_files(struct kmobjfs_sb *sbi, struct kstatfs *st)
{
	struct kmobj_zone_stats node;
	u64 live, slabs;

	kmobj_zone_stats(sbi->zone[KMOBJFS_NODE], &node);
	if (node.limit == KMOBJ_UNLIMITED)
		return;
	slabs = node.limit / node.slab_bytes;
	live = node.allocs - node.frees;
	st->f_files = slabs * node.objs_per_slab;
	st->f_ffree = st->f_files - min_t(u64, live, st->f_files);
}

/* Zeros where there is no limit. */
static int statfs(struct dentry *dentry, struct kstatfs *st)
{
	struct super_block *sb = dentry->d_sb;
	struct kmobjfs_sb *sbi = kmobjfs_sb(sb);

	st->f_type = KMOBJFS_MAGIC;
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	st->f_fsid = u64_to_fsid(huge_encode_dev(sb->s_dev));
	count_files(sbi, st);

	spin_lock(&sbi->lock);
	if (sbi->opts.pages != KMOBJFS_UNLIMITED) {
		st->f_blocks = sbi->opts.pages;
		st->f_bfree = sbi->opts.pages - sbi->pages;
		st->f_bavail = st->f_bfree;
	}
	spin_unlock(&sbi->lock);
	return 0;
}

/* Undo whatever of fill_super() was done. */
static void release_sb(struct super_block *sb)
{
	/* for kmobjfs_free_inode() */
	rcu_barrier();
	kmobjfs_zones_destroy(sb);
	kfree(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

static const struct super_operations super_ops = {
	.alloc_inode	= kmobjfs_alloc_inode,
	.destroy_inode	= kmobjfs_destroy_inode,
	.free_inode	= kmobjfs_free_inode,
	.evict_inode	= kmobjfs_evict_inode,
	.put_super	= release_sb,
	.statfs		= statfs,
	.show_options	= show_options,
};

static int make_root(struct super_block *sb, const struct kmobjfs_opts *opts)
{
	struct inode *root;

	root = kmobjfs_new_inode(&nop_mnt_idmap, sb, NULL,
				 S_IFDIR | opts->mode, 0);
	if (IS_ERR(root))
		return PTR_ERR(root);
	root->i_uid = opts->uid;
	root->i_gid = opts->gid;

	kmobjfs_pin(root);
	sb->s_root = d_make_root(root);
	if (!sb->s_root) {
		kmobjfs_unpin_all(sb);
		return -ENOMEM;
	}
	return 0;
}

static struct kmobjfs_sb *new_sbi(const struct kmobjfs_opts *opts)
{
	struct kmobjfs_sb *sbi = kzalloc(sizeof(*sbi), GFP_KERNEL);

	if (!sbi)
		return NULL;
	sbi->opts = *opts;
	spin_lock_init(&sbi->lock);
	INIT_LIST_HEAD(&sbi->linked);
	return sbi;
}

static int fill_super(struct super_block *sb, struct fs_context *fc)
{
	struct kmobjfs_opts *opts = fc->fs_private;
	int error;

	sb->s_fs_info = new_sbi(opts);
	if (!sb->s_fs_info)
		return -ENOMEM;
	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_maxbytes = MAX_LFS_FILESIZE;
	sb->s_magic = KMOBJFS_MAGIC;
	sb->s_max_links = S32_MAX;
	sb->s_op = &super_ops;
	sb->s_time_gran = 1;

	error = kmobjfs_zones_create(sb);
	if (!error)
		error = kmobjfs_zones_limit(kmobjfs_sb(sb), opts->pages);
	if (!error)
		error = make_root(sb, opts);
	if (error)
		release_sb(sb);
	return error;
}

static int get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, fill_super);
}

/* Fails if more pages are charged. */
static int limit_pages(struct kmobjfs_sb *sbi, unsigned long pages)
{
	int error = -EINVAL;

	spin_lock(&sbi->lock);
	if (sbi->pages <= pages) {
		WRITE_ONCE(sbi->opts.pages, pages);
		error = 0;
	}
	spin_unlock(&sbi->lock);
	return error;
}

/* Only the size can be changed; it cannot be less than what is in use. */
static int reconfigure(struct fs_context *fc)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(fc->root->d_sb);
	struct kmobjfs_opts *opts = fc->fs_private;
	unsigned long old = sbi->opts.pages;
	int error;

	error = limit_pages(sbi, opts->pages);
	if (error)
		return invalfc(fc, "Less than the data there is");

	error = kmobjfs_zones_limit(sbi, opts->pages);
	if (error) {
		limit_pages(sbi, old);
		kmobjfs_zones_limit(sbi, old);
		return invalfc(fc, "Less than the files there are");
	}
	return 0;
}

static void free_fc(struct fs_context *fc)
{
	kfree(fc->fs_private);
}

static const struct fs_context_operations context_ops = {
	.parse_param	= parse_param,
	.get_tree	= get_tree,
	.reconfigure	= reconfigure,
	.free		= free_fc,
};

static int init_fc(struct fs_context *fc)
{
	struct kmobjfs_opts *opts = kzalloc(sizeof(*opts), GFP_KERNEL);

	if (!opts)
		return -ENOMEM;
	if (fc->root) {
		*opts = kmobjfs_sb(fc->root->d_sb)->opts;
	} else {
		opts->pages = totalram_pages() / 2;
		opts->mode = DEFAULT_MODE;
		opts->uid = current_fsuid();
		opts->gid = current_fsgid();
	}
	fc->fs_private = opts;
	fc->ops = &context_ops;
	return 0;
}

/* s_fs_info is NULL after a mount that failed. */
static void kill_sb(struct super_block *sb)
{
	if (sb->s_fs_info)
		kmobjfs_unpin_all(sb);
	kill_anon_super(sb);
}

static struct file_system_type fs_type = {
	.owner			= THIS_MODULE,
	.name			= "kmobjfs",
	.init_fs_context	= init_fc,
	.parameters		= parameters,
	.kill_sb		= kill_sb,
};

static int __init kmobjfs_init(void)
{
	return register_filesystem(&fs_type);
}

static void __exit kmobjfs_exit(void)
{
	unregister_filesystem(&fs_type);
}

module_init(kmobjfs_init);
module_exit(kmobjfs_exit);
MODULE_ALIAS_FS("kmobjfs");
MODULE_DESCRIPTION("A filesystem in memory whose objects are kmobj zones");
MODULE_LICENSE("GPL");
