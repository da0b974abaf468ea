// SPDX-License-Identifier: GPL-2.0
/*
 * A directory: two red-black trees of dirents, by name and by cookie.
 *
 * The cookie is an entry's position for readdir and seekdir. It is never used
 * twice in a directory, and an entry that is renamed within the directory keeps
 * it: so whatever else comes and goes, an entry is neither skipped nor repeated
 * by a reader. Who opens or seeks sees the entries that are there then; younger
 * ones he does not see, or he might never come to an end.
 *
 * The i_rwsem of the directory is held: for reading by find, is_empty and
 * readdir, for writing by the rest. The VFS sees to that, but for
 * kmobjfs_dir_clear() and kmobjfs_move_dirent(), which take it themselves.
 */
#include <linux/fs.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "kmobjfs.h"

KMOBJ_DEFINE_TYPED(dirent, struct kmobjfs_dirent)

/* Positions 0 and 1 are "." and "..". */
#define FIRST_COOKIE	2

#define by_name_entry(rb)	rb_entry(rb, struct kmobjfs_dirent, by_name)
#define by_cookie_entry(rb)	rb_entry(rb, struct kmobjfs_dirent, by_cookie)

static struct kmobjfs_dir *dir_of(struct inode *inode)
{
	return &kmobjfs_node(inode)->dir;
}

static void dirent_drop(struct kmobjfs_sb *sbi, struct kmobjfs_dirent *de)
{
	WRITE_ONCE(de->dir, NULL);	/* with kmobjfs_move_dirent() */
	dirent_free(sbi->zone[KMOBJFS_DIRENT], de);
}

/* A name to look for, and what names are ordered by first. */
struct name_key {
	const unsigned char *name;
	u32 hash;
	u32 len;
};

/* Not the hash that the VFS has: that is another when the parent's dentry is. */
static struct name_key key_of(const struct qstr *name)
{
	return (struct name_key){
		.name = name->name,
		.hash = full_name_hash(NULL, name->name, name->len),
		.len = name->len,
	};
}

static __always_inline int compare(const struct name_key *key,
				   const struct kmobjfs_dirent *de)
{
	if (key->hash != de->hash)
		return key->hash < de->hash ? -1 : 1;
	if (key->len != de->len)
		return key->len < de->len ? -1 : 1;
	return memcmp(key->name, de->name, de->len);
}

static __always_inline int compare_key(const void *key, const struct rb_node *rb)
{
	return compare(key, by_name_entry(rb));
}

static __always_inline bool has_less_name(struct rb_node *new, const struct rb_node *rb)
{
	const struct kmobjfs_dirent *de = by_name_entry(new);
	const struct name_key key = { de->name, de->hash, de->len };

	return compare(&key, by_name_entry(rb)) < 0;
}

/* The entry with the lowest cookie from @cookie on. */
static struct kmobjfs_dirent *dirent_from(struct kmobjfs_dir *dir,
					  loff_t cookie)
{
	struct rb_node *rb = dir->cookies.rb_node;
	struct kmobjfs_dirent *best = NULL;

	while (rb) {
		struct kmobjfs_dirent *de = by_cookie_entry(rb);

		if (de->cookie >= cookie) {
			best = de;
			rb = rb->rb_left;
		} else {
			rb = rb->rb_right;
		}
	}
	return best;
}

static struct kmobjfs_dirent *dirent_after(struct kmobjfs_dirent *de)
{
	struct rb_node *rb = rb_next(&de->by_cookie);

	return rb ? by_cookie_entry(rb) : NULL;
}

static char *copy_long_name(const struct qstr *name)
{
	return kmemdup(name->name, name->len, GFP_KERNEL);
}

static bool is_long(const struct qstr *name)
{
	return name->len > KMOBJFS_INLINE_NAME;
}

static void free_name(struct kmobjfs_dirent *de)
{
	if (de->name != de->inline_name)
		kfree(de->name);
}

/* @long_name: the name's copy if it is long; @de owns it from here on */
static void set_name(struct kmobjfs_dirent *de, const struct qstr *name,
		     char *long_name)
{
	de->name = long_name;
	de->hash = key_of(name).hash;
	de->len = name->len;
	if (long_name)
		return;
	de->name = de->inline_name;
	memcpy(de->name, name->name, name->len);
}

static bool has_cookie_left(struct kmobjfs_dir *dir)
{
	return dir->next_cookie < LONG_MAX;
}

/* No other has as high a cookie. */
static void insert_cookie(struct kmobjfs_dir *dir, struct kmobjfs_dirent *de)
{
	struct rb_node **link = dir->youngest ? &dir->youngest->rb_right :
						&dir->cookies.rb_node;

	de->cookie = dir->next_cookie;
	WRITE_ONCE(dir->next_cookie, de->cookie + 1);
	rb_link_node(&de->by_cookie, dir->youngest, link);
	rb_insert_color(&de->by_cookie, &dir->cookies);
	dir->youngest = &de->by_cookie;
}

static void erase_cookie(struct kmobjfs_dir *dir, struct kmobjfs_dirent *de)
{
	if (dir->youngest == &de->by_cookie)
		dir->youngest = rb_prev(&de->by_cookie);
	rb_erase(&de->by_cookie, &dir->cookies);
}

static void grow_dir(struct inode *dir, int entries)
{
	i_size_write(dir, i_size_read(dir) +
			  entries * (loff_t)sizeof(struct kmobjfs_dirent));
}

/**
 * kmobjfs_dir_init() - make a new directory an empty one
 * @dir: the directory
 */
void kmobjfs_dir_init(struct inode *dir)
{
	/* of "." and of the name in its parent */
	set_nlink(dir, 2);
	lockdep_annotate_inode_mutex_key(dir);
	kmobjfs_node_unlinked(dir)->dir.next_cookie = FIRST_COOKIE;
}

/**
 * kmobjfs_dir_clear() - free all entries
 * @dir: a directory of a mount that goes away; what the entries name stays
 */
void kmobjfs_dir_clear(struct inode *dir)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(dir->i_sb);
	struct kmobjfs_dirent *de, *next;

	inode_lock(dir);	/* kmobj may be moving some */
	rbtree_postorder_for_each_entry_safe(de, next, &dir_of(dir)->names,
					     by_name) {
		free_name(de);
		dirent_drop(sbi, de);
	}
	dir_of(dir)->names = RB_ROOT;
	dir_of(dir)->cookies = RB_ROOT;
	dir_of(dir)->youngest = NULL;
	inode_unlock(dir);
}

/**
 * kmobjfs_dir_is_empty() - ask whether a directory has no entries
 * @dir: the directory
 */
bool kmobjfs_dir_is_empty(struct inode *dir)
{
	return RB_EMPTY_ROOT(&dir_of(dir)->names);
}

/**
 * kmobjfs_dirent_find() - find a name
 * @dir: the directory
 * @name: the name
 *
 * Return: its entry, or NULL.
 */
struct kmobjfs_dirent *kmobjfs_dirent_find(struct inode *dir,
					   const struct qstr *name)
{
	const struct name_key key = key_of(name);
	struct rb_node *rb;

	rb = rb_find(&key, &dir_of(dir)->names, compare_key);
	return rb ? by_name_entry(rb) : NULL;
}

static struct kmobjfs_dirent *new_dirent(struct kmobjfs_sb *sbi,
					 const struct qstr *name)
{
	struct kmobjfs_dirent *de;
	char *long_name = NULL;

	de = kmobjfs_zone_alloc(sbi, KMOBJFS_DIRENT, GFP_KERNEL);
	if (!de)
		return ERR_PTR(kmobjfs_zone_error(sbi, KMOBJFS_DIRENT));

	if (is_long(name)) {
		long_name = copy_long_name(name);
		if (!long_name) {
			dirent_free(sbi->zone[KMOBJFS_DIRENT], de);
			return ERR_PTR(-ENOMEM);
		}
	}
	set_name(de, name, long_name);
	return de;
}

/**
 * kmobjfs_dirent_add() - add a name
 * @dir: the directory
 * @name: the name; the directory does not have it
 * @inode: what is named
 *
 * Return: 0 or an errno.
 */
int kmobjfs_dirent_add(struct inode *dir, const struct qstr *name,
		       struct inode *inode)
{
	struct kmobjfs_dirent *de;

	if (!has_cookie_left(dir_of(dir)))
		return -ENOSPC;
	de = new_dirent(kmobjfs_sb(dir->i_sb), name);
	if (IS_ERR(de))
		return PTR_ERR(de);

	de->inode = inode;
	WRITE_ONCE(de->dir, dir);	/* with kmobjfs_move_dirent() */
	rb_add(&de->by_name, &dir_of(dir)->names, has_less_name);
	insert_cookie(dir_of(dir), de);
	grow_dir(dir, 1);
	return 0;
}

/**
 * kmobjfs_dirent_remove() - remove a name
 * @dir: the directory
 * @de: its entry
 */
void kmobjfs_dirent_remove(struct inode *dir, struct kmobjfs_dirent *de)
{
	rb_erase(&de->by_name, &dir_of(dir)->names);
	erase_cookie(dir_of(dir), de);
	free_name(de);
	dirent_drop(kmobjfs_sb(dir->i_sb), de);
	grow_dir(dir, -1);
}

/**
 * kmobjfs_dirent_move() - give an entry another name
 * @old_dir: its directory
 * @de: the entry
 * @new_dir: the directory it moves to, or the same
 * @name: its new name; @new_dir does not have it
 *
 * Return: 0 or an errno.
 */
int kmobjfs_dirent_move(struct inode *old_dir, struct kmobjfs_dirent *de,
			struct inode *new_dir, const struct qstr *name)
{
	char *long_name = NULL;

	if (!has_cookie_left(dir_of(new_dir)))
		return -ENOSPC;
	if (is_long(name)) {
		long_name = copy_long_name(name);
		if (!long_name)
			return -ENOMEM;
	}

	rb_erase(&de->by_name, &dir_of(old_dir)->names);
	free_name(de);
	set_name(de, name, long_name);
	rb_add(&de->by_name, &dir_of(new_dir)->names, has_less_name);
	if (old_dir != new_dir) {
		erase_cookie(dir_of(old_dir), de);
		insert_cookie(dir_of(new_dir), de);
		WRITE_ONCE(de->dir, new_dir);	/* with kmobjfs_move_dirent() */
	}
	grow_dir(old_dir, -1);
	grow_dir(new_dir, 1);
	return 0;
}

/* All that names @from names @to from here on. */
static void replace_dirent(struct inode *inode, struct kmobjfs_dirent *from,
			   struct kmobjfs_dirent *to)
{
	struct kmobjfs_dir *dir = dir_of(inode);

	*to = *from;
	if (from->name == from->inline_name)
		to->name = to->inline_name;
	rb_replace_node(&from->by_name, &to->by_name, &dir->names);
	rb_replace_node(&from->by_cookie, &to->by_cookie, &dir->cookies);
	if (dir->youngest == &from->by_cookie)
		dir->youngest = &to->by_cookie;
	WRITE_ONCE(from->dir, NULL);
}

/**
 * kmobjfs_move_dirent() - kmobj_zone_args.move of dirents
 * @zone: the zone of some mount
 * @from: a dirent, perhaps a free one, or one that is in no directory yet
 * @to: a new one, or NULL
 *
 * The directory that @from names has it, or had it a moment ago, so its inode is not
 * freed before this RCU section ends. An entry comes and goes under the i_rwsem of its
 * directory: if @from still names that then, it is there, and stays.
 *
 * Who holds the lock may do so for long, or wait for memory: it is only tried.
 *
 * Return: KMOBJ_MOVED, or KMOBJ_BUSY.
 */
enum kmobj_move kmobjfs_move_dirent(struct kmobj_zone *zone, void *from, void *to)
{
	enum kmobj_move answer = KMOBJ_BUSY;
	struct kmobjfs_dirent *de = from;
	struct inode *dir;

	rcu_read_lock();
	dir = READ_ONCE(de->dir);
	if (dir && to && inode_trylock(dir)) {
		if (de->dir == dir) {
			replace_dirent(dir, de, to);
			answer = KMOBJ_MOVED;
		}
		inode_unlock(dir);
	}
	rcu_read_unlock();
	return answer;
}

/* In private_data: entries from this cookie on are too young to be seen. */
static void remember_end(struct file *file)
{
	rcu_read_lock();
	file->private_data = (void *)READ_ONCE(dir_of(file_inode(file))->next_cookie);
	rcu_read_unlock();
}

static int open_dir(struct inode *inode, struct file *file)
{
	remember_end(file);
	return 0;
}

static loff_t seek_dir(struct file *file, loff_t offset, int whence)
{
	switch (whence) {
	case SEEK_CUR:
		if (!offset)
			return file->f_pos;
		offset += file->f_pos;
		break;
	case SEEK_SET:
		break;
	default:
		return -EINVAL;
	}
	offset = vfs_setpos(file, offset, LONG_MAX);
	if (offset >= 0)
		remember_end(file);
	return offset;
}

static bool emit(struct dir_context *ctx, const struct kmobjfs_dirent *de)
{
	return dir_emit(ctx, de->name, de->len, de->inode->i_ino,
			fs_umode_to_dtype(de->inode->i_mode));
}

static int read_dir(struct file *file, struct dir_context *ctx)
{
	struct kmobjfs_dir *dir = dir_of(file_inode(file));
	long end = (long)file->private_data;
	struct kmobjfs_dirent *de;

	if (!dir_emit_dots(file, ctx))
		return 0;

	for (de = dirent_from(dir, ctx->pos); de && de->cookie < end;
	     de = dirent_after(de)) {
		if (!emit(ctx, de))
			break;
		ctx->pos = de->cookie + 1;
	}
	return 0;
}

const struct file_operations kmobjfs_dir_fops = {
	.owner		= THIS_MODULE,
	.open		= open_dir,
	.llseek		= seek_dir,
	.read		= generic_read_dir,
	.iterate_shared	= read_dir,
	.fsync		= noop_fsync,
	.setlease	= generic_setlease,
};
