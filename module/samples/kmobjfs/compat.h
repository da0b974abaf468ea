/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between Linux 6.1 and 7.x. The sources are written for the
 * newest kernel; for older ones this file gives the new names to old things.
 */
#ifndef KMOBJFS_COMPAT_H
#define KMOBJFS_COMPAT_H

#include <linux/fs.h>
#include <linux/pagemap.h>
#include <linux/version.h>

/* 6.3: struct mnt_idmap takes the place of the mount's user namespace. */
#if KERNEL_VERSION(6, 3, 0) > LINUX_VERSION_CODE
#define mnt_idmap		user_namespace
#define nop_mnt_idmap		init_user_ns
#endif

/* 6.3: leases got a header of their own. */
#if KERNEL_VERSION(6, 3, 0) <= LINUX_VERSION_CODE
#include <linux/filelock.h>
#endif

/* 6.5: no pages of holes go into pipes any more: they are copied. */
#if KERNEL_VERSION(6, 5, 0) > LINUX_VERSION_CODE
#define copy_splice_read	generic_file_splice_read
#endif

/* 6.6: ctime through accessors; getattr's mask goes to generic_fillattr(). */
#if KERNEL_VERSION(6, 6, 0) > LINUX_VERSION_CODE
static inline void compat_fillattr(struct mnt_idmap *idmap, u32 request_mask,
				   struct inode *inode, struct kstat *stat)
{
	generic_fillattr(idmap, inode, stat);
}

#define generic_fillattr	compat_fillattr

/* Some stable kernels have it, too. */
#define inode_set_ctime_current	compat_set_ctime_current

static inline struct timespec64 compat_set_ctime_current(struct inode *inode)
{
	inode->i_ctime = current_time(inode);
	return inode->i_ctime;
}

#define inode_set_ctime_to_ts	compat_set_ctime_to_ts

static inline struct timespec64 compat_set_ctime_to_ts(struct inode *inode,
						       struct timespec64 ts)
{
	inode->i_ctime = ts;
	return ts;
}
#endif

/* 6.7: mtime and atime through accessors. */
#if KERNEL_VERSION(6, 7, 0) > LINUX_VERSION_CODE
static inline void inode_set_mtime_to_ts(struct inode *inode,
					 struct timespec64 ts)
{
	inode->i_mtime = ts;
}

static inline void simple_inode_init_ts(struct inode *inode)
{
	inode->i_mtime = inode_set_ctime_current(inode);
	inode->i_atime = inode->i_mtime;
}
#endif

/* 6.12: write_begin and write_end are given folios, before that pages. */
#if KERNEL_VERSION(6, 12, 0) > LINUX_VERSION_CODE
#define compat_write_folio	struct page

static inline compat_write_folio *compat_from_folio(struct folio *folio)
{
	return &folio->page;
}

static inline struct folio *compat_to_folio(compat_write_folio *page)
{
	return page_folio(page);
}
#else
#define compat_write_folio	struct folio

static inline compat_write_folio *compat_from_folio(struct folio *folio)
{
	return folio;
}

static inline struct folio *compat_to_folio(compat_write_folio *folio)
{
	return folio;
}
#endif

/* 6.17: they are given the kiocb, before that the file. */
#if KERNEL_VERSION(6, 17, 0) > LINUX_VERSION_CODE
#define compat_write_ctx	struct file
#else
#define compat_write_ctx	const struct kiocb
#endif

/* 6.15: mkdir returns the dentry to use, or NULL for the one it was given. */
#if KERNEL_VERSION(6, 15, 0) > LINUX_VERSION_CODE
#define compat_mkdir_ret	int

static inline compat_mkdir_ret compat_mkdir_error(int error)
{
	return error;
}
#else
#define compat_mkdir_ret	struct dentry *

static inline compat_mkdir_ret compat_mkdir_error(int error)
{
	return ERR_PTR(error);
}
#endif

/* 6.19: memory for the page cache may follow a NUMA policy. */
#if KERNEL_VERSION(6, 19, 0) > LINUX_VERSION_CODE
#define compat_alloc_folio(gfp)	filemap_alloc_folio(gfp, 0)
#else
#define compat_alloc_folio(gfp)	filemap_alloc_folio(gfp, 0, NULL)
#endif

/* Older kernels give create an argument more: the caller wants a new file. */
typedef int (*compat_create_excl)(struct mnt_idmap *idmap, struct inode *dir,
				  struct dentry *dentry, umode_t mode,
				  bool excl);

#define compat_create(without, with_excl)				\
	__builtin_choose_expr(						\
		__same_type(((const struct inode_operations *)0)->create, \
			    compat_create_excl),			\
		with_excl, without)

#endif /* KMOBJFS_COMPAT_H */
