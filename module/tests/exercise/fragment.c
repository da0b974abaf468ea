// SPDX-License-Identifier: GPL-2.0
/*
 * Cut free memory up: take one page of every block and give the rest back.
 * Kernel pages cannot be moved, so no compaction brings a block together.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/workqueue.h>

#include "exercise.h"

static LIST_HEAD(pins);

void defragment(void)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, &pins, lru) {
		list_del(&page->lru);
		__free_page(page);
		cond_resched();
	}
}

/* Cut up one block of 2^@order pages; false if there is none. */
static bool cut(unsigned int order, gfp_t gfp)
{
	struct page *page = alloc_pages(gfp | __GFP_NOWARN, order);
	unsigned int i;

	if (!page)
		return false;
	split_page(page, order);
	list_add(&page->lru, &pins);
	for (i = 1; i < 1U << order; i++)
		__free_page(page + i);
	return true;
}

/* Until neither who may wait nor who may use the reserves finds a block. */
static long cut_all(void *arg)
{
	unsigned int order = *(unsigned int *)arg;

	while (cut(order, GFP_KERNEL | __GFP_RETRY_MAYFAIL) ||
	       cut(order, GFP_ATOMIC))
		cond_resched();
	return 0;
}

/* On each CPU: they keep free blocks of up to 8 pages of their own. */
void fragment(unsigned int order)
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		work_on_cpu(cpu, cut_all, &order);
	cpus_read_unlock();
}
