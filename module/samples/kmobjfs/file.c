// SPDX-License-Identifier: GPL-2.0
/*
 * Data: it lives in the page cache of the inode and nowhere else.
 *
 * Every folio there has been charged to the mount by add_folio(), the only
 * place that adds one, and is dirty for as long as it is there: that keeps
 * memory pressure, drop_caches and splice from taking it away, and since
 * nothing else does, charges and folios always agree. A hole has no folio:
 * reading it gives zeros, writing or mapping it fills it. There is no
 * read_folio operation, so that no readahead adds folios.
 *
 * Folios come by writes, under i_rwsem, and by page faults, under
 * invalidate_lock for reading. They go only with both locks held for writing,
 * or when the inode is evicted.
 */
#include <linux/migrate.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/uio.h>

#include "kmobjfs.h"

/**
 * kmobjfs_charge() - take a page from what the mount may hold
 * @inode: who pays for it
 *
 * Return: 0, or -ENOSPC.
 */
int kmobjfs_charge(struct inode *inode)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(inode->i_sb);
	struct kmobjfs_node *node;
	int error = -ENOSPC;

	spin_lock(&sbi->lock);
	if (sbi->pages < sbi->opts.pages) {
		sbi->pages++;
		node = kmobjfs_node(inode);
		WRITE_ONCE(node->charged, node->charged + 1);
		error = 0;
	}
	spin_unlock(&sbi->lock);
	return error;
}

/**
 * kmobjfs_uncharge() - give charged pages back
 * @inode: who paid for them
 * @pages: how many
 */
void kmobjfs_uncharge(struct inode *inode, unsigned long pages)
{
	struct kmobjfs_sb *sbi = kmobjfs_sb(inode->i_sb);
	struct kmobjfs_node *node;

	spin_lock(&sbi->lock);
	sbi->pages -= pages;
	node = kmobjfs_node(inode);
	WRITE_ONCE(node->charged, node->charged - pages);
	spin_unlock(&sbi->lock);
}

/*
 * A new folio, locked and charged; -EEXIST if there is one already. It is
 * zeroed, or else not up to date and for the caller to fill before it unlocks.
 */
static struct folio *add_folio(struct inode *inode, pgoff_t index, bool zeroed)
{
	struct address_space *mapping = inode->i_mapping;
	gfp_t gfp = mapping_gfp_mask(mapping);
	struct folio *folio;
	int error;

	error = kmobjfs_charge(inode);
	if (error)
		return ERR_PTR(error);

	error = -ENOMEM;
	folio = compat_alloc_folio(zeroed ? gfp | __GFP_ZERO : gfp);
	if (!folio)
		goto uncharge;

	if (zeroed)
		folio_mark_uptodate(folio);
	error = filemap_add_folio(mapping, folio, index, gfp);
	if (error)
		goto put;

	folio_mark_dirty(folio);
	return folio;

put:
	folio_put(folio);
uncharge:
	kmobjfs_uncharge(inode, 1);
	return ERR_PTR(error);
}

/* The folio at @index, locked, made if there is none: see add_folio(). */
static struct folio *get_folio(struct inode *inode, pgoff_t index, bool zeroed)
{
	struct folio *folio;

	do {
		/* NULL until 6.2, ERR_PTR(-ENOENT) since then: there is none */
		folio = filemap_lock_folio(inode->i_mapping, index);
		if (!IS_ERR_OR_NULL(folio))
			return folio;
		folio = add_folio(inode, index, zeroed);
	} while (folio == ERR_PTR(-EEXIST));
	return folio;
}

/*
 * A file is about to grow: what a mapping wrote behind its old end must not
 * come to light.
 */
static void zero_behind_end(struct inode *inode)
{
	loff_t end = i_size_read(inode);
	struct folio *folio;

	if (!offset_in_page(end))
		return;
	folio = filemap_lock_folio(inode->i_mapping, end >> PAGE_SHIFT);
	if (IS_ERR_OR_NULL(folio))
		return;
	folio_zero_segment(folio, offset_in_folio(folio, end),
			   folio_size(folio));
	flush_dcache_folio(folio);
	folio_unlock(folio);
	folio_put(folio);
}

/**
 * kmobjfs_set_size() - cut a file off, or let it grow by a hole
 * @inode: the file
 * @size: its new size, already found valid
 *
 * Return: 0.
 */
int kmobjfs_set_size(struct inode *inode, loff_t size)
{
	struct address_space *mapping = inode->i_mapping;
	loff_t old = i_size_read(inode);

	if (size == old)
		return 0;
	if (size > old)
		zero_behind_end(inode);

	filemap_invalidate_lock(mapping);
	truncate_setsize(inode, size);
	kmobjfs_uncharge(inode,
			 kmobjfs_node(inode)->charged - mapping->nrpages);
	filemap_invalidate_unlock(mapping);

	kmobjfs_touch(inode);
	return 0;
}

static int write_begin(compat_write_ctx *ctx, struct address_space *mapping,
		       loff_t pos, unsigned int len,
		       compat_write_folio **foliop, void **fsdata)
{
	struct inode *inode = mapping->host;
	struct folio *folio;

	if (pos > i_size_read(inode))
		zero_behind_end(inode);
	/* what is written whole need not be zeroed */
	folio = get_folio(inode, pos >> PAGE_SHIFT, len != PAGE_SIZE);
	if (IS_ERR(folio))
		return PTR_ERR(folio);
	*foliop = compat_from_folio(folio);
	return 0;
}

static int write_end(compat_write_ctx *ctx, struct address_space *mapping,
		     loff_t pos, unsigned int len, unsigned int copied,
		     compat_write_folio *written, void *fsdata)
{
	struct folio *folio = compat_to_folio(written);
	struct inode *inode = mapping->host;

	if (!folio_test_uptodate(folio)) {
		folio_zero_segment(folio, copied, folio_size(folio));
		folio_mark_uptodate(folio);
	}
	if (pos + copied > i_size_read(inode))
		i_size_write(inode, pos + copied);
	folio_unlock(folio);
	folio_put(folio);
	return copied;
}

const struct address_space_operations kmobjfs_aops = {
	.write_begin	= write_begin,
	.write_end	= write_end,
	.dirty_folio	= noop_dirty_folio,
	.migrate_folio	= filemap_migrate_folio,
};

/*
 * Copy from one page of the file, or of a hole, or of what was one and is just
 * being written for the first time. Returns the bytes copied.
 */
static size_t read_page(struct address_space *mapping, loff_t pos, size_t len,
			struct iov_iter *to)
{
	struct folio *folio = filemap_get_folio(mapping, pos >> PAGE_SHIFT);
	size_t copied;

	if (IS_ERR_OR_NULL(folio))
		return iov_iter_zero(len, to);
	if (!folio_test_uptodate(folio)) {
		folio_put(folio);
		return iov_iter_zero(len, to);
	}

	if (mapping_writably_mapped(mapping))
		flush_dcache_folio(folio);
	copied = copy_folio_to_iter(folio, offset_in_folio(folio, pos), len,
				    to);
	folio_put(folio);
	return copied;
}

static ssize_t read_iter(struct kiocb *iocb, struct iov_iter *to)
{
	struct address_space *mapping = iocb->ki_filp->f_mapping;
	size_t copied, len;
	ssize_t done = 0;
	loff_t size;

	while (iov_iter_count(to)) {
		size = i_size_read(mapping->host);
		if (iocb->ki_pos >= size)
			break;
		len = min_t(loff_t, size - iocb->ki_pos, iov_iter_count(to));
		len = min_t(size_t, len,
			    PAGE_SIZE - offset_in_page(iocb->ki_pos));

		copied = read_page(mapping, iocb->ki_pos, len, to);
		iocb->ki_pos += copied;
		done += copied;
		if (copied < len) {
			done = done ?: -EFAULT;
			break;
		}
		cond_resched();
	}
	file_accessed(iocb->ki_filp);
	return done;
}

static vm_fault_t fault_locked(struct vm_fault *vmf, struct inode *inode)
{
	loff_t size = i_size_read(inode);
	struct folio *folio;

	if (vmf->pgoff >= (u64)(size + PAGE_SIZE - 1) >> PAGE_SHIFT)
		return VM_FAULT_SIGBUS;

	folio = get_folio(inode, vmf->pgoff, true);
	if (IS_ERR(folio))
		return vmf_error(PTR_ERR(folio));
	vmf->page = folio_file_page(folio, vmf->pgoff);
	return VM_FAULT_LOCKED;
}

static vm_fault_t fault(struct vm_fault *vmf)
{
	struct inode *inode = file_inode(vmf->vma->vm_file);
	vm_fault_t ret;

	filemap_invalidate_lock_shared(inode->i_mapping);
	ret = fault_locked(vmf, inode);
	filemap_invalidate_unlock_shared(inode->i_mapping);
	return ret;
}

static const struct vm_operations_struct vm_ops = {
	.fault		= fault,
	.map_pages	= filemap_map_pages,
	.page_mkwrite	= filemap_page_mkwrite,
};

static int mmap(struct file *file, struct vm_area_struct *vma)
{
	file_accessed(file);
	vma->vm_ops = &vm_ops;
	return 0;
}

const struct file_operations kmobjfs_file_fops = {
	.owner		= THIS_MODULE,
	.llseek		= generic_file_llseek,
	.read_iter	= read_iter,
	.write_iter	= generic_file_write_iter,
	.splice_read	= copy_splice_read,
	.splice_write	= iter_file_splice_write,
	.mmap		= mmap,
	.fsync		= noop_fsync,
	.setlease	= generic_setlease,
};

const struct inode_operations kmobjfs_file_iops = {
	.setattr	= kmobjfs_setattr,
	.getattr	= kmobjfs_getattr,
};
