// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on names: the VFS has locked the directories, and whatever is
 * unlinked or replaced, for writing (for lookup, the directory for reading).
 * What it found in the dentry is in the directory, and nothing else is.
 */
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/limits.h>

#include "kmobjfs.h"

static struct dentry *lookup(struct inode *dir, struct dentry *dentry,
			     unsigned int flags)
{
	struct inode *inode = NULL;
	struct kmobjfs_dirent *de;

	if (dentry->d_name.len > NAME_MAX)
		return ERR_PTR(-ENAMETOOLONG);

	de = kmobjfs_dirent_find(dir, &dentry->d_name);
	if (de) {
		inode = de->inode;
		ihold(inode);
	}
	return d_splice_alias(inode, dentry);
}

/* What @dir names has changed, and what @inode is named, at one moment. */
static void touch_both(struct inode *dir, struct inode *inode)
{
	struct timespec64 now = inode_set_ctime_current(dir);

	inode_set_mtime_to_ts(dir, now);
	inode_set_ctime_to_ts(inode, now);
}

/* Give a new inode its name, or give it up. */
static int install(struct inode *dir, struct dentry *dentry,
		   struct inode *inode)
{
	int error;

	error = kmobjfs_dirent_add(dir, &dentry->d_name, inode);
	if (error) {
		iput(inode);
		return error;
	}
	if (S_ISDIR(inode->i_mode))
		inc_nlink(dir);
	kmobjfs_touch(dir);
	kmobjfs_pin(inode);
	d_instantiate(dentry, inode);
	return 0;
}

static int mknod(struct mnt_idmap *idmap, struct inode *dir,
		 struct dentry *dentry, umode_t mode, dev_t dev)
{
	struct inode *inode;

	inode = kmobjfs_new_inode(idmap, dir->i_sb, dir, mode, dev);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	return install(dir, dentry, inode);
}

static int create(struct mnt_idmap *idmap, struct inode *dir,
		  struct dentry *dentry, umode_t mode)
{
	return mknod(idmap, dir, dentry, mode | S_IFREG, 0);
}

static int __maybe_unused create_excl(struct mnt_idmap *idmap,
				      struct inode *dir, struct dentry *dentry,
				      umode_t mode, bool excl)
{
	return create(idmap, dir, dentry, mode);
}

static compat_mkdir_ret mkdir(struct mnt_idmap *idmap, struct inode *dir,
			      struct dentry *dentry, umode_t mode)
{
	return compat_mkdir_error(mknod(idmap, dir, dentry, mode | S_IFDIR, 0));
}

static int symlink(struct mnt_idmap *idmap, struct inode *dir,
		   struct dentry *dentry, const char *target)
{
	struct inode *inode;
	int error;

	inode = kmobjfs_new_inode(idmap, dir->i_sb, dir, S_IFLNK | 0777, 0);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	error = kmobjfs_set_target(inode, target);
	if (error) {
		iput(inode);
		return error;
	}
	return install(dir, dentry, inode);
}

/* A file without a name: link() may give it one. */
static int tmpfile(struct mnt_idmap *idmap, struct inode *dir,
		   struct file *file, umode_t mode)
{
	struct inode *inode;

	inode = kmobjfs_new_inode(idmap, dir->i_sb, dir, mode, 0);
	if (!IS_ERR(inode))
		d_tmpfile(file, inode);
	return finish_open_simple(file, PTR_ERR_OR_ZERO(inode));
}

static int link(struct dentry *old_dentry, struct inode *dir,
		struct dentry *dentry)
{
	struct inode *inode = d_inode(old_dentry);
	int error;

	error = kmobjfs_dirent_add(dir, &dentry->d_name, inode);
	if (error)
		return error;

	if (!inode->i_nlink)
		kmobjfs_pin(inode);
	inc_nlink(inode);
	touch_both(dir, inode);
	ihold(inode);
	d_instantiate(dentry, inode);
	return 0;
}

/* A name of @inode in @dir is gone. */
static void drop_link(struct inode *dir, struct inode *inode)
{
	if (S_ISDIR(inode->i_mode)) {
		drop_nlink(dir);
		drop_nlink(inode);
	}
	drop_nlink(inode);
	touch_both(dir, inode);
	if (!inode->i_nlink)
		kmobjfs_unpin(inode);
}

static int unlink(struct inode *dir, struct dentry *dentry)
{
	kmobjfs_dirent_remove(dir, kmobjfs_dirent_find(dir, &dentry->d_name));
	drop_link(dir, d_inode(dentry));
	return 0;
}

static int rmdir(struct inode *dir, struct dentry *dentry)
{
	if (!kmobjfs_dir_is_empty(d_inode(dentry)))
		return -ENOTEMPTY;
	return unlink(dir, dentry);
}

/* @inode is now named in @new_dir, and no longer in @old_dir. */
static void change_parent(struct inode *inode, struct inode *old_dir,
			  struct inode *new_dir)
{
	if (S_ISDIR(inode->i_mode) && old_dir != new_dir) {
		drop_nlink(old_dir);
		inc_nlink(new_dir);
	}
	touch_both(old_dir, inode);
	if (old_dir != new_dir)
		touch_both(new_dir, inode);
}

static int rename_exchange(struct inode *old_dir, struct dentry *old_dentry,
			   struct inode *new_dir, struct dentry *new_dentry)
{
	struct kmobjfs_dirent *old, *new;

	old = kmobjfs_dirent_find(old_dir, &old_dentry->d_name);
	new = kmobjfs_dirent_find(new_dir, &new_dentry->d_name);
	swap(old->inode, new->inode);

	change_parent(d_inode(old_dentry), old_dir, new_dir);
	change_parent(d_inode(new_dentry), new_dir, old_dir);
	return 0;
}

/* The name that exists throughout keeps its entry, and so its position. */
static int rename_over(struct inode *old_dir, struct dentry *old_dentry,
		       struct inode *new_dir, struct dentry *new_dentry)
{
	struct inode *victim = d_inode(new_dentry);
	struct kmobjfs_dirent *old, *new;

	if (S_ISDIR(victim->i_mode) && !kmobjfs_dir_is_empty(victim))
		return -ENOTEMPTY;

	old = kmobjfs_dirent_find(old_dir, &old_dentry->d_name);
	new = kmobjfs_dirent_find(new_dir, &new_dentry->d_name);
	new->inode = old->inode;
	kmobjfs_dirent_remove(old_dir, old);

	drop_link(new_dir, victim);
	change_parent(d_inode(old_dentry), old_dir, new_dir);
	return 0;
}

static int rename_move(struct inode *old_dir, struct dentry *old_dentry,
		       struct inode *new_dir, struct dentry *new_dentry)
{
	struct kmobjfs_dirent *de;
	int error;

	de = kmobjfs_dirent_find(old_dir, &old_dentry->d_name);
	error = kmobjfs_dirent_move(old_dir, de, new_dir, &new_dentry->d_name);
	if (!error)
		change_parent(d_inode(old_dentry), old_dir, new_dir);
	return error;
}

/* RENAME_NOREPLACE: the VFS has looked that there is nothing to replace. */
static int rename(struct mnt_idmap *idmap,
		  struct inode *old_dir, struct dentry *old_dentry,
		  struct inode *new_dir, struct dentry *new_dentry,
		  unsigned int flags)
{
	if (flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE))
		return -EINVAL;
	if (flags & RENAME_EXCHANGE)
		return rename_exchange(old_dir, old_dentry,
				       new_dir, new_dentry);
	if (d_really_is_positive(new_dentry))
		return rename_over(old_dir, old_dentry, new_dir, new_dentry);
	return rename_move(old_dir, old_dentry, new_dir, new_dentry);
}

const struct inode_operations kmobjfs_dir_iops = {
	.lookup		= lookup,
	.create		= compat_create(create, create_excl),
	.mknod		= mknod,
	.mkdir		= mkdir,
	.symlink	= symlink,
	.tmpfile	= tmpfile,
	.link		= link,
	.unlink		= unlink,
	.rmdir		= rmdir,
	.rename		= rename,
	.setattr	= kmobjfs_setattr,
	.getattr	= kmobjfs_getattr,
};
