// SPDX-License-Identifier: GPL-2.0
/*
 * The floor: for each CPU a bare array of pointers to objects, popped and
 * pushed with preemption off. It checks nothing, finds nothing and cannot
 * grow; nothing that has a place per CPU can do with less. Not inlined, as an
 * allocator's functions are not.
 *
 * floor_pop() and floor_push() are for tasks.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "bench.h"

/* Objects are carved from pieces of this many pages, as a power of two. */
#define PIECE_ORDER	3

struct floor {
	unsigned int top;
	void **slot;
};

static DEFINE_PER_CPU(struct floor, floor);
static LIST_HEAD(pieces);

noinline void *floor_pop(void)
{
	struct floor *f;
	void *obj;

	preempt_disable();
	f = this_cpu_ptr(&floor);
	obj = f->slot[--f->top];
	preempt_enable();
	return obj;
}

noinline void floor_push(void *obj)
{
	struct floor *f;

	preempt_disable();
	f = this_cpu_ptr(&floor);
	f->slot[f->top++] = obj;
	preempt_enable();
}

static int floor_fill(struct floor *f, unsigned int nr, unsigned int size)
{
	unsigned int off, bytes = PAGE_SIZE << PIECE_ORDER;
	struct page *page;

	f->top = 0;
	f->slot = vmalloc(array_size(nr, sizeof(*f->slot)));
	if (!f->slot)
		return -ENOMEM;
	while (f->top < nr) {
		page = alloc_pages(GFP_KERNEL, PIECE_ORDER);
		if (!page)
			return -ENOMEM;
		list_add(&page->lru, &pieces);
		for (off = 0; off + size <= bytes && f->top < nr; off += size)
			f->slot[f->top++] = page_address(page) + off;
		cond_resched();
	}
	return 0;
}

int floor_open(unsigned int nr, unsigned int size)
{
	int cpu, err;

	for_each_online_cpu(cpu) {
		err = floor_fill(per_cpu_ptr(&floor, cpu), nr, size);
		if (err) {
			floor_close();
			return err;
		}
	}
	return 0;
}

void floor_close(void)
{
	struct page *page, *next;
	int cpu;

	list_for_each_entry_safe(page, next, &pieces, lru)
		__free_pages(page, PIECE_ORDER);
	INIT_LIST_HEAD(&pieces);
	for_each_possible_cpu(cpu) {
		vfree(per_cpu_ptr(&floor, cpu)->slot);
		per_cpu_ptr(&floor, cpu)->slot = NULL;
	}
}
