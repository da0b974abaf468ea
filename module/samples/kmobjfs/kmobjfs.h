/* SPDX-License-Identifier: GPL-2.0 */
/*
 * kmobjfs: a filesystem in memory, the sample client of kmobj.
 *
 * Three kinds of objects, each in a zone that a mount creates for itself:
 *
 *	dirent    a name in a directory, pointing to an inode
 *
 *	node      what a file is besides its VFS inode: a directory's entries, a
 *	          symlink's target, the data pages it pays for
 *
 *	inode     the VFS inode, and a pointer to the node
 *
 *	dirent --> inode <--> node
 *	             |
 *	             +--> page cache (the data)
 *
 * While a node has links, it holds a reference to its inode, for the data is
 * in the inode's page cache and nowhere else. Dentries are a mere cache: the
 * kernel may drop and look them up again at any time. When the last link and
 * the last user are gone the VFS evicts the inode; inode and node are freed
 * together after an RCU grace period, since a path walk may be looking at them.
 *
 * Locks, outermost first:
 *
 *	inode->i_rwsem		a directory's entries (read to look, write to
 *				change); a file's size
 *	mapping->invalidate_lock
 *				read to fault a page in, write to take pages out
 *	folio lock		a page's contents against truncation
 *	sbi->lock		pages charged, the list of linked nodes, inode
 *				numbers
 *
 * kmobj moves dirents and nodes, so that memory comes back when most files of a mount
 * were deleted: see kmobjfs_move_dirent() and kmobjfs_move_node(). Both kinds say whose
 * they are in a field that is NULL while the object is free, or where nobody else finds
 * it. Inodes stay where they are: the VFS has references to them that kmobjfs does not
 * know of.
 *
 * The files: zones.c (kmobj's part), super.c (mount and unmount), inode.c
 * (nodes and inodes), dir.c (the tree of dirents), namei.c (operations on
 * names), file.c (data).
 */
#ifndef KMOBJFS_H
#define KMOBJFS_H

#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>

#include <kmobj.h>

#include "compat.h"

/* struct kmobjfs_opts.pages of a mount without a limit */
#define KMOBJFS_UNLIMITED	ULONG_MAX

/* A limited mount may hold one file for so many bytes of its size. */
#define KMOBJFS_BYTES_PER_FILE	1024

/* Names up to this long, and shorter symlink targets, are stored in the object. */
#define KMOBJFS_INLINE_NAME	32
#define KMOBJFS_INLINE_TARGET	24

/* A symlink target that is not shorter is paid for as a page of data. */
#define KMOBJFS_FREE_TARGET	64

/**
 * struct kmobjfs_dirent - a name in a directory
 * @dir: the directory while it has the entry, else NULL, also in a free object; read
 *	without a lock by kmobjfs_move_dirent()
 * @by_name: in the directory's tree of names
 * @by_cookie: in the directory's tree of cookies
 * @inode: what is named
 * @cookie: the position in the directory, never used twice
 * @hash: of @name; the order of names
 * @len: length of @name
 * @name: @inline_name, or memory from kmalloc() if longer; no NUL at its end
 * @inline_name: a short name
 *
 * Belongs to the directory's i_rwsem.
 */
struct kmobjfs_dirent {
	struct inode *dir;
	struct rb_node by_name;
	struct rb_node by_cookie;
	struct inode *inode;
	long cookie;
	char *name;
	u32 hash;
	u32 len;
	char inline_name[KMOBJFS_INLINE_NAME];
};

/**
 * struct kmobjfs_dir - the entries of a directory
 * @names: by name
 * @cookies: by cookie
 * @youngest: the entry with the highest cookie, or NULL
 * @next_cookie: what the next entry gets
 */
struct kmobjfs_dir {
	struct rb_root names;
	struct rb_root cookies;
	struct rb_node *youngest;
	long next_cookie;
};

/**
 * struct kmobjfs_node - what a file is besides its VFS inode
 * @inode: the VFS inode while the file has links, else NULL, also in a free object;
 *	sbi->lock; read without it by kmobjfs_move_node()
 * @linked: in &kmobjfs_sb.linked while the file has links
 * @charged: data pages paid for; sbi->lock
 * @dir: a directory's entries
 * @target: a symlink's target: @inline_target, or memory from kmalloc()
 * @inline_target: a short target
 */
struct kmobjfs_node {
	struct inode *inode;
	struct list_head linked;
	unsigned long charged;
	union {
		struct kmobjfs_dir dir;
		struct {
			char *target;
			char inline_target[KMOBJFS_INLINE_TARGET];
		};
	};
};

/**
 * struct kmobjfs_inode - the VFS inode and the way to its node
 * @vfs: constructed once for each object, by the zone's ctor
 * @node: NULL until the node is there; for readers, see kmobjfs_node()
 */
struct kmobjfs_inode {
	struct inode vfs;
	struct kmobjfs_node __rcu *node;
};

/**
 * struct kmobjfs_opts - mount options
 * @pages: data pages allowed, or KMOBJFS_UNLIMITED
 * @mode: permissions of the root
 * @uid: owner of the root
 * @gid: group of the root
 */
struct kmobjfs_opts {
	unsigned long pages;
	umode_t mode;
	kuid_t uid;
	kgid_t gid;
};

enum kmobjfs_zone {
	KMOBJFS_DIRENT,
	KMOBJFS_NODE,
	KMOBJFS_INODE,
	KMOBJFS_ZONES
};

/**
 * struct kmobjfs_sb - a mounted kmobjfs
 * @zone: the objects' zones
 * @opts: as mounted; @opts.pages changes under @lock
 * @lock: see above
 * @pages: data pages charged
 * @linked: nodes that have links, each holding its inode
 * @last_ino: the youngest inode number
 * @freeing: inodes waiting for RCU before their memory is free
 */
struct kmobjfs_sb {
	struct kmobj_zone *zone[KMOBJFS_ZONES];
	struct kmobjfs_opts opts;
	spinlock_t lock;	/* the innermost */
	unsigned long pages;
	struct list_head linked;
	unsigned long last_ino;
	atomic_t freeing;
};

static inline struct kmobjfs_sb *kmobjfs_sb(const struct super_block *sb)
{
	return sb->s_fs_info;
}

static inline struct kmobjfs_inode *kmobjfs_inode(struct inode *inode)
{
	return container_of(inode, struct kmobjfs_inode, vfs);
}

/*
 * The node of an inode that has links. kmobj may move it, under i_rwsem and sbi->lock:
 * who holds either keeps it, and who is in an RCU section may read the old one.
 */
static inline struct kmobjfs_node *kmobjfs_node(struct inode *inode)
{
	return rcu_dereference_check(kmobjfs_inode(inode)->node,
				     lockdep_is_held(&inode->i_rwsem) ||
				     lockdep_is_held(&kmobjfs_sb(inode->i_sb)->lock));
}

/* The node of an inode without links, or not linked yet: it does not move. */
static inline struct kmobjfs_node *kmobjfs_node_unlinked(struct inode *inode)
{
	return rcu_dereference_protected(kmobjfs_inode(inode)->node, true);
}

static inline void kmobjfs_touch(struct inode *inode)
{
	inode_set_mtime_to_ts(inode, inode_set_ctime_current(inode));
}

/* zones.c */
int kmobjfs_zones_create(struct super_block *sb);
void kmobjfs_zones_destroy(struct super_block *sb);
int kmobjfs_zones_limit(struct kmobjfs_sb *sbi, unsigned long pages);
void *kmobjfs_zone_alloc(struct kmobjfs_sb *sbi, enum kmobjfs_zone which,
			 gfp_t gfp);
int kmobjfs_zone_error(struct kmobjfs_sb *sbi, enum kmobjfs_zone which);

/* inode.c */
struct inode *kmobjfs_alloc_inode(struct super_block *sb);
void kmobjfs_destroy_inode(struct inode *inode);
void kmobjfs_free_inode(struct inode *inode);
void kmobjfs_evict_inode(struct inode *inode);
struct inode *kmobjfs_new_inode(struct mnt_idmap *idmap,
				struct super_block *sb, struct inode *dir,
				umode_t mode, dev_t dev);
int kmobjfs_set_target(struct inode *inode, const char *target);
void kmobjfs_pin(struct inode *inode);
void kmobjfs_unpin(struct inode *inode);
void kmobjfs_unpin_all(struct super_block *sb);
enum kmobj_move kmobjfs_move_node(struct kmobj_zone *zone, void *from, void *to);
int kmobjfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
		    struct iattr *attr);
int kmobjfs_getattr(struct mnt_idmap *idmap, const struct path *path,
		    struct kstat *stat, u32 request_mask, unsigned int flags);

/* dir.c */
extern const struct file_operations kmobjfs_dir_fops;
void kmobjfs_dir_init(struct inode *dir);
void kmobjfs_dir_clear(struct inode *dir);
bool kmobjfs_dir_is_empty(struct inode *dir);
struct kmobjfs_dirent *kmobjfs_dirent_find(struct inode *dir,
					   const struct qstr *name);
int kmobjfs_dirent_add(struct inode *dir, const struct qstr *name,
		       struct inode *inode);
void kmobjfs_dirent_remove(struct inode *dir, struct kmobjfs_dirent *de);
int kmobjfs_dirent_move(struct inode *old_dir, struct kmobjfs_dirent *de,
			struct inode *new_dir, const struct qstr *name);
enum kmobj_move kmobjfs_move_dirent(struct kmobj_zone *zone, void *from, void *to);

/* namei.c */
extern const struct inode_operations kmobjfs_dir_iops;

/* file.c */
extern const struct inode_operations kmobjfs_file_iops;
extern const struct file_operations kmobjfs_file_fops;
extern const struct address_space_operations kmobjfs_aops;
int kmobjfs_charge(struct inode *inode);
void kmobjfs_uncharge(struct inode *inode, unsigned long pages);
int kmobjfs_set_size(struct inode *inode, loff_t size);

#endif /* KMOBJFS_H */
