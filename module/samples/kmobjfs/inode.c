// SPDX-License-Identifier: GPL-2.0
/*
 * Nodes and inodes: how they begin, stay and end.
 *
 *	new_inode()      ->alloc_inode: an object of the inode zone
 *	                 then the node
 *	first link       kmobjfs_pin(): the node holds the inode
 *	last link gone   kmobjfs_unpin()
 *	last user gone   ->evict_inode: the data goes, its pages are uncharged
 *	                 ->destroy_inode: from here on it waits for RCU
 *	grace period     ->free_inode: both objects go back to their zones
 *
 * From kmobjfs_pin() to kmobjfs_unpin() kmobj may move the node.
 *
 * A link count changes under the inode's i_rwsem; so do pinning and unpinning.
 */
#include <linux/slab.h>
#include <linux/string.h>

#include "kmobjfs.h"

/**
 * kmobjfs_alloc_inode() - super_operations.alloc_inode
 * @sb: the superblock
 *
 * Return: an inode as the zone's ctor left it, without a node; or NULL.
 */
struct inode *kmobjfs_alloc_inode(struct super_block *sb)
{
	struct kmobjfs_inode *ki;

	ki = kmobjfs_zone_alloc(kmobjfs_sb(sb), KMOBJFS_INODE, GFP_KERNEL);
	if (!ki)
		return NULL;
	RCU_INIT_POINTER(ki->node, NULL);
	return &ki->vfs;
}

/**
 * kmobjfs_destroy_inode() - super_operations.destroy_inode
 * @inode: an inode that kmobjfs_free_inode() will free soon
 */
void kmobjfs_destroy_inode(struct inode *inode)
{
	atomic_inc(&kmobjfs_sb(inode->i_sb)->freeing);
}

static void free_node(struct kmobjfs_sb *sbi, struct kmobjfs_node *node,
		      umode_t mode)
{
	if (S_ISLNK(mode) && node->target != node->inline_target)
		kfree(node->target);
	kmobj_free(sbi->zone[KMOBJFS_NODE], node);
}

/**
 * kmobjfs_free_inode() - super_operations.free_inode
 * @inode: an inode that nobody can see any more
 *
 * Context: an RCU callback. The superblock is there: unmounting waits.
 */
void kmobjfs_free_inode(struct inode *inode)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(inode->i_sb);
	struct kmobjfs_node *node = kmobjfs_node_unlinked(inode);

	if (node)
		free_node(sbi, node, inode->i_mode);
	kmobj_free(sbi->zone[KMOBJFS_INODE], kmobjfs_inode(inode));
	atomic_dec(&sbi->freeing);
}

/**
 * kmobjfs_evict_inode() - super_operations.evict_inode
 * @inode: an inode without links and users
 */
void kmobjfs_evict_inode(struct inode *inode)
{
	struct kmobjfs_node *node = kmobjfs_node_unlinked(inode);

	truncate_inode_pages_final(&inode->i_data);
	clear_inode(inode);
	if (node)
		kmobjfs_uncharge(inode, node->charged);
}

static int attach_node(struct kmobjfs_sb *sbi, struct inode *inode)
{
	struct kmobjfs_node *node;

	node = kmobjfs_zone_alloc(sbi, KMOBJFS_NODE, GFP_KERNEL);
	if (!node)
		return kmobjfs_zone_error(sbi, KMOBJFS_NODE);

	memset_after(node, 0, inode);	/* NULL, as it is not pinned */
	INIT_LIST_HEAD(&node->linked);
	RCU_INIT_POINTER(kmobjfs_inode(inode)->node, node);
	return 0;
}

static unsigned long next_ino(struct kmobjfs_sb *sbi)
{
	unsigned long ino;

	spin_lock(&sbi->lock);
	ino = ++sbi->last_ino;
	spin_unlock(&sbi->lock);
	return ino;
}

static const struct inode_operations symlink_iops = {
	.get_link	= simple_get_link,
	.setattr	= kmobjfs_setattr,
	.getattr	= kmobjfs_getattr,
};

static const struct inode_operations special_iops = {
	.setattr	= kmobjfs_setattr,
	.getattr	= kmobjfs_getattr,
};

static void init_operations(struct inode *inode, dev_t dev)
{
	switch (inode->i_mode & S_IFMT) {
	case S_IFREG:
		inode->i_op = &kmobjfs_file_iops;
		inode->i_fop = &kmobjfs_file_fops;
		inode->i_mapping->a_ops = &kmobjfs_aops;
		mapping_set_unevictable(inode->i_mapping);
		break;
	case S_IFDIR:
		inode->i_op = &kmobjfs_dir_iops;
		inode->i_fop = &kmobjfs_dir_fops;
		kmobjfs_dir_init(inode);
		break;
	case S_IFLNK:
		inode->i_op = &symlink_iops;
		break;
	default:
		inode->i_op = &special_iops;
		init_special_inode(inode, inode->i_mode, dev);
	}
}

/**
 * kmobjfs_new_inode() - make an inode and its node
 * @idmap: of the mount it is made through
 * @sb: the superblock
 * @dir: the directory it is made in, or NULL for the root
 * @mode: type and permissions
 * @dev: the device, for a device's file
 *
 * It has the link count of something that has one name, but no name yet, and is
 * not pinned: iput() ends it.
 *
 * Return: the inode, or an ERR_PTR.
 */
struct inode *kmobjfs_new_inode(struct mnt_idmap *idmap,
				struct super_block *sb, struct inode *dir,
				umode_t mode, dev_t dev)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(sb);
	struct inode *inode;
	int error;

	inode = new_inode(sb);
	if (!inode)
		return ERR_PTR(kmobjfs_zone_error(sbi, KMOBJFS_INODE));

	error = attach_node(sbi, inode);
	if (error) {
		iput(inode);
		return ERR_PTR(error);
	}
	inode->i_ino = next_ino(sbi);
	inode_init_owner(idmap, inode, dir, mode);
	simple_inode_init_ts(inode);
	init_operations(inode, dev);
	return inode;
}

static int store_long_target(struct inode *inode, const char *target,
			     size_t len)
{
	struct kmobjfs_node *node = kmobjfs_node_unlinked(inode);
	int error = len < KMOBJFS_FREE_TARGET ? 0 : kmobjfs_charge(inode);

	if (error)
		return error;
	node->target = kmemdup(target, len + 1, GFP_KERNEL);
	return node->target ? 0 : -ENOMEM;
}

/**
 * kmobjfs_set_target() - say where a new symlink points to
 * @inode: the symlink
 * @target: where to
 *
 * A long target is charged as a page of data.
 *
 * Return: 0 or an errno.
 */
int kmobjfs_set_target(struct inode *inode, const char *target)
{
	struct kmobjfs_node *node = kmobjfs_node_unlinked(inode);
	size_t len = strlen(target);
	int error;

	if (len < sizeof(node->inline_target)) {
		memcpy(node->inline_target, target, len + 1);
		node->target = node->inline_target;
	} else {
		error = store_long_target(inode, target, len);
		if (error)
			return error;
	}
	inode->i_link = node->target;
	i_size_write(inode, len);
	return 0;
}

/**
 * kmobjfs_pin() - let a node hold its inode
 * @inode: an inode that got its first link
 */
void kmobjfs_pin(struct inode *inode)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(inode->i_sb);
	struct kmobjfs_node *node;

	ihold(inode);
	spin_lock(&sbi->lock);
	node = kmobjfs_node(inode);
	list_add(&node->linked, &sbi->linked);
	WRITE_ONCE(node->inode, inode);	/* with kmobjfs_move_node() */
	spin_unlock(&sbi->lock);
}

/**
 * kmobjfs_unpin() - let a node no longer hold its inode
 * @inode: an inode that lost its last link; gone afterwards, if nobody uses it
 */
void kmobjfs_unpin(struct inode *inode)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(inode->i_sb);
	struct kmobjfs_node *node;

	spin_lock(&sbi->lock);
	node = kmobjfs_node(inode);
	list_del_init(&node->linked);
	WRITE_ONCE(node->inode, NULL);	/* with kmobjfs_move_node() */
	spin_unlock(&sbi->lock);
	iput(inode);
}

static struct inode *first_pinned(struct kmobjfs_sb *sbi)
{
	struct inode *inode = NULL;
	struct kmobjfs_node *node;

	spin_lock(&sbi->lock);
	node = list_first_entry_or_null(&sbi->linked, struct kmobjfs_node,
					linked);
	if (node)
		inode = node->inode;
	spin_unlock(&sbi->lock);
	return inode;
}

/**
 * kmobjfs_unpin_all() - give up all names and what they hold
 * @sb: a superblock that nobody uses any more
 *
 * A list instead of a walk down the tree: it is as deep as users made it.
 */
void kmobjfs_unpin_all(struct super_block *sb)
{
	struct inode *inode;

	while ((inode = first_pinned(kmobjfs_sb(sb)))) {
		if (S_ISDIR(inode->i_mode))
			kmobjfs_dir_clear(inode);
		kmobjfs_unpin(inode);
		cond_resched();
	}
}

/*
 * Path walks may be reading a target that is in the node, with a reference to the
 * inode and no lock.
 */
static bool is_in_place(const struct inode *inode, const struct kmobjfs_node *node)
{
	return S_ISLNK(inode->i_mode) && node->target == node->inline_target;
}

static enum kmobj_move replace_node(struct inode *inode, struct kmobjfs_node *from,
				    struct kmobjfs_node *to)
{
	lockdep_assert_held(&kmobjfs_sb(inode->i_sb)->lock);
	if (from->inode != inode)
		return KMOBJ_BUSY;
	if (is_in_place(inode, from))
		return KMOBJ_PINNED;
	*to = *from;
	list_replace(&from->linked, &to->linked);
	rcu_assign_pointer(kmobjfs_inode(inode)->node, to);
	WRITE_ONCE(from->inode, NULL);
	return KMOBJ_MOVED;
}

/**
 * kmobjfs_move_node() - kmobj_zone_args.move of nodes
 * @zone: the zone of some mount
 * @from: a node, perhaps a free one, or of a file without links
 * @to: a new one, or NULL
 *
 * As kmobjfs_move_dirent(), with both locks that keep a node: see kmobjfs_node().
 *
 * Return: KMOBJ_MOVED, KMOBJ_BUSY, or KMOBJ_PINNED.
 */
enum kmobj_move kmobjfs_move_node(struct kmobj_zone *zone, void *from, void *to)
{
	enum kmobj_move answer = KMOBJ_BUSY;
	struct kmobjfs_node *node = from;
	struct kmobjfs_sb *sbi;
	struct inode *inode;

	rcu_read_lock();
	inode = READ_ONCE(node->inode);
	if (inode && to && inode_trylock(inode)) {
		sbi = kmobjfs_sb(inode->i_sb);
		spin_lock(&sbi->lock);
		answer = replace_node(inode, node, to);
		spin_unlock(&sbi->lock);
		inode_unlock(inode);
	}
	rcu_read_unlock();
	return answer;
}

/**
 * kmobjfs_setattr() - inode_operations.setattr
 * @idmap: of the mount
 * @dentry: the file
 * @attr: what to change
 *
 * Return: 0 or an errno.
 */
int kmobjfs_setattr(struct mnt_idmap *idmap, struct dentry *dentry,
		    struct iattr *attr)
{
	struct inode *inode = d_inode(dentry);
	int error;

	error = setattr_prepare(idmap, dentry, attr);
	if (!error && (attr->ia_valid & ATTR_SIZE))
		error = kmobjfs_set_size(inode, attr->ia_size);
	if (!error)
		setattr_copy(idmap, inode, attr);
	return error;
}

/**
 * kmobjfs_getattr() - inode_operations.getattr
 * @idmap: of the mount
 * @path: the file
 * @stat: where to write what is known of it
 * @request_mask: what is asked for
 * @flags: how fresh it must be
 *
 * Return: 0.
 */
int kmobjfs_getattr(struct mnt_idmap *idmap, const struct path *path,
		    struct kstat *stat, u32 request_mask, unsigned int flags)
{
	struct inode *inode = d_inode(path->dentry);
	u64 charged;

	generic_fillattr(idmap, request_mask, inode, stat);
	rcu_read_lock();
	charged = READ_ONCE(kmobjfs_node(inode)->charged);
	rcu_read_unlock();
	stat->blocks = charged << (PAGE_SHIFT - 9);
	return 0;
}
