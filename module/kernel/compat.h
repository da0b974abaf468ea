/* SPDX-License-Identifier: GPL-2.0 */
/* All differences between kernel versions, configurations and architectures. */
#ifndef KMOBJ_COMPAT_H
#define KMOBJ_COMPAT_H

#include <linux/bitops.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/*
 * The address range of pages of alloc_pages(). Where it may have holes, the slab
 * header for a wild pointer is read with an exception table entry (kmobj_peek()).
 */
#if defined(CONFIG_X86_64) && !defined(CONFIG_UML)
#define KMOBJ_LINEAR_START	PAGE_OFFSET
#define KMOBJ_LINEAR_END	VMALLOC_START
#elif defined(CONFIG_ARM64)
#define KMOBJ_LINEAR_START	PAGE_OFFSET
#define KMOBJ_LINEAR_END	PAGE_END
#else
#define KMOBJ_LINEAR_START	PAGE_OFFSET
#define KMOBJ_LINEAR_END	((unsigned long)high_memory)
#endif

#ifdef CONFIG_UML
/* UML runs on x86, which keeps loads in order, but would use a full barrier. */
#define kmobj_load_acquire(p)						\
	({								\
		typeof(*(p)) ___v = READ_ONCE(*(p));			\
		barrier();						\
		___v;							\
	})

/* One mapping without holes; __get_kernel_nofault() is not a single load there. */
#define kmobj_peek(dst, src, label)					\
	do {								\
		*(dst) = READ_ONCE_NOCHECK(*(src));			\
		if (0)							\
			goto label;					\
	} while (0)
#else
/* each user names its partner */
#define kmobj_load_acquire(p)	smp_load_acquire(p)
#define kmobj_peek(dst, src, label)					\
	__get_kernel_nofault(dst, src, typeof(*(dst)), label)
#endif

/*
 * May virt_to_page() be called for any address in that range, memory or not? The
 * struct page may be unmapped: read it with kmobj_peek().
 */
#if defined(CONFIG_DEBUG_VIRTUAL) || \
	(defined(CONFIG_SPARSEMEM) && !defined(CONFIG_SPARSEMEM_VMEMMAP))
#define kmobj_has_page(addr)	virt_addr_valid((void *)(addr))
#else
#define kmobj_has_page(addr)	true
#endif

#ifdef CONFIG_KASAN_GENERIC
/* Exported, but declared only for mm/kasan. */
void kasan_poison(const void *addr, size_t size, u8 value, bool init);
#endif

/* __assign_str() has one argument since 6.10. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define kmobj_assign_str(to, from)	__assign_str(to)
#else
#define kmobj_assign_str(to, from)	__assign_str(to, from)
#endif

/* MODULE_IMPORT_NS() and friends take a string since 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define KMOBJ_NS(ns)		#ns
#else
#define KMOBJ_NS(ns)		ns
#endif

/* For suites that look inside, as kmobj_test_SYM; kunit/Kbuild has them call it so. */
#ifdef KMOBJ_SUITES
#define EXPORT_SYMBOL_FOR_TESTS(sym)					\
	extern typeof(sym) kmobj_test_##sym __alias(sym);		\
	EXPORT_SYMBOL_NS_GPL(kmobj_test_##sym, KMOBJ_NS(KMOBJ_TESTS))
#else
#define EXPORT_SYMBOL_FOR_TESTS(sym)
#endif

/*
 * Can slabs be charged? Before 6.13, list_lru_add() of an object of a charged page may
 * use a cgroup's list that was never allocated.
 */
#define KMOBJ_CAN_CHARGE	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0))

/*
 * Does kfree() subtract pages of unknown type from the slab statistics? Since 6.15 it
 * checks the type first.
 */
#define KMOBJ_KFREE_UNCOUNTS	(LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0))

/* Shrinkers are allocated by the kernel since 6.7, and before by their owner. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define kmobj_shrinker_alloc()	shrinker_alloc(SHRINKER_NUMA_AWARE, "kmobj")
#define kmobj_shrinker_register(shrinker)	({ shrinker_register(shrinker); 0; })
#define kmobj_shrinker_stop(shrinker)	shrinker_free(shrinker)
#else
static inline struct shrinker *kmobj_shrinker_alloc(void)
{
	struct shrinker *shrinker = kzalloc(sizeof(*shrinker), GFP_KERNEL);

	if (shrinker) {
		shrinker->seeks = DEFAULT_SEEKS;
		shrinker->flags = SHRINKER_NUMA_AWARE;
	}
	return shrinker;
}

#define kmobj_shrinker_register(shrinker)	register_shrinker(shrinker, "kmobj")

static inline void kmobj_shrinker_stop(struct shrinker *shrinker)
{
	unregister_shrinker(shrinker);
	kfree(shrinker);
}
#endif

/* Counts reclaimed pages that are on no LRU; in the kernel since 6.4. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
static inline void mm_account_reclaimed_pages(unsigned long pages)
{
	if (current->reclaim_state)
		current->reclaim_state->reclaimed_slab += pages;
}
#endif

/*
 * A workqueue with a rescuer, whose work runs on the CPU that it was queued on.
 * WQ_PERCPU is since 6.18.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define kmobj_percpu_queue(name)	alloc_workqueue(name, WQ_PERCPU | WQ_MEM_RECLAIM, 0)
#else
#define kmobj_percpu_queue(name)	alloc_workqueue(name, WQ_MEM_RECLAIM, 0)
#endif

/*
 * Memory allocation profiling, since 6.10: /proc/allocinfo has a line for each alloc_tag.
 * A module cannot change which tag a page has (where that is kept is not exported), but it
 * can move bytes from one tag's counters to another's.
 */
#ifdef CONFIG_MEM_ALLOC_PROFILING
#include <linux/alloc_tag.h>
#include <linux/module.h>
#include <linux/sched.h>
#define kmobj_profiling()	mem_alloc_profiling_enabled()
/* The tag set by the macros at the end of kmobj.h; NULL: none. */
#define kmobj_caller_tag()	(current->alloc_tag)
/* One for the function that this is in. */
#define kmobj_function_tag()	({ DEFINE_ALLOC_TAG(__tag); &__tag; })
#define kmobj_alloc_pages(tag, nid, gfp, order)				\
	alloc_hooks_tag(tag, alloc_pages_node_noprof(nid, gfp, order))

/* An allocation of @bytes is counted by @to, no longer by @from. */
static inline void kmobj_tag_move(struct alloc_tag *from, struct alloc_tag *to, size_t bytes)
{
	union codetag_ref ref = { .ct = &from->ct };

	alloc_tag_sub(&ref, bytes);
	alloc_tag_add(&ref, to, bytes);
}

static inline bool kmobj_tag_is_of(const struct alloc_tag *tag, const struct module *module)
{
	return tag && within_module((unsigned long)tag->ct.modname, module);
}
#else
#define kmobj_profiling()	false
#define kmobj_caller_tag()	((struct alloc_tag *)NULL)
#define kmobj_function_tag()	((struct alloc_tag *)NULL)
#define kmobj_alloc_pages(tag, nid, gfp, order)	alloc_pages_node(nid, gfp, order)
#define kmobj_tag_move(from, to, bytes)						\
	((void)(from), (void)(to), (void)(bytes))
#define kmobj_tag_is_of(tag, module)	((void)(module), false)
#endif

/* Static stubs, by which suites make the page allocator fail. */
#ifdef KMOBJ_SUITES
#include <kunit/static_stub.h>
#else
#define KUNIT_STATIC_STUB_REDIRECT(real_fn, args...) do {} while (0)
#endif

/*
 * Stacks by their number in stackdepot; 0 is no stack. The function that saves one
 * without allocating pages has another name since 6.8.
 */
#if defined(CONFIG_STACKDEPOT) && defined(CONFIG_STACKTRACE)
#include <linux/stackdepot.h>
#include <linux/stacktrace.h>
#define kmobj_stacks_init()		stack_depot_init()
#define kmobj_stack_save(frames, nr)	stack_trace_save(frames, nr, 0)
#ifdef STACK_DEPOT_FLAG_CAN_ALLOC
#define kmobj_stack_keep(frames, nr, can_alloc)				\
	stack_depot_save_flags(frames, nr, GFP_NOWAIT | __GFP_NOWARN,	\
			       (can_alloc) ? STACK_DEPOT_FLAG_CAN_ALLOC : 0)
#else
#define kmobj_stack_keep(frames, nr, can_alloc)				\
	__stack_depot_save(frames, nr, 0, GFP_NOWAIT | __GFP_NOWARN, can_alloc)
#endif
#define kmobj_stack_fetch(stack, frames)	stack_depot_fetch(stack, frames)
#define kmobj_stack_print(stack)	stack_depot_print(stack)
#else
#define kmobj_stacks_init()		0
/* The return address is within kmobj itself, but better than none. */
#define kmobj_stack_save(frames, nr)	((frames)[0] = _RET_IP_, 1)
#define kmobj_stack_keep(frames, nr, can_alloc)		((void)(frames), (void)(can_alloc), 0)
#define kmobj_stack_fetch(stack, frames)		((void)(frames), 0)
#define kmobj_stack_print(stack)	do {} while (0)
#endif

/*
 * The registers that an oops passes to notifiers, by their names in its report. On other
 * architectures nobody is notified (UML), or it is not known here.
 */
#define KMOBJ_REG(name, field)	{ #name, offsetof(struct pt_regs, field) }
#if defined(CONFIG_UML)
#elif defined(CONFIG_X86_64)
#define KMOBJ_REGISTERS { \
	KMOBJ_REG(RAX, ax), KMOBJ_REG(RBX, bx), KMOBJ_REG(RCX, cx), \
	KMOBJ_REG(RDX, dx), KMOBJ_REG(RSI, si), KMOBJ_REG(RDI, di), \
	KMOBJ_REG(RBP, bp), KMOBJ_REG(R8, r8), KMOBJ_REG(R9, r9), \
	KMOBJ_REG(R10, r10), KMOBJ_REG(R11, r11), KMOBJ_REG(R12, r12), \
	KMOBJ_REG(R13, r13), KMOBJ_REG(R14, r14), KMOBJ_REG(R15, r15), \
	KMOBJ_REG(RIP, ip) }
#elif defined(CONFIG_X86_32)
#define KMOBJ_REGISTERS { \
	KMOBJ_REG(EAX, ax), KMOBJ_REG(EBX, bx), KMOBJ_REG(ECX, cx), \
	KMOBJ_REG(EDX, dx), KMOBJ_REG(ESI, si), KMOBJ_REG(EDI, di), \
	KMOBJ_REG(EBP, bp), KMOBJ_REG(EIP, ip) }
#elif defined(CONFIG_ARM64)
#define KMOBJ_REGISTERS { \
	KMOBJ_REG(x0, regs[0]), KMOBJ_REG(x1, regs[1]), KMOBJ_REG(x2, regs[2]), \
	KMOBJ_REG(x3, regs[3]), KMOBJ_REG(x4, regs[4]), KMOBJ_REG(x5, regs[5]), \
	KMOBJ_REG(x6, regs[6]), KMOBJ_REG(x7, regs[7]), KMOBJ_REG(x8, regs[8]), \
	KMOBJ_REG(x9, regs[9]), KMOBJ_REG(x10, regs[10]), \
	KMOBJ_REG(x11, regs[11]), KMOBJ_REG(x12, regs[12]), \
	KMOBJ_REG(x13, regs[13]), KMOBJ_REG(x14, regs[14]), \
	KMOBJ_REG(x15, regs[15]), KMOBJ_REG(x16, regs[16]), \
	KMOBJ_REG(x17, regs[17]), KMOBJ_REG(x18, regs[18]), \
	KMOBJ_REG(x19, regs[19]), KMOBJ_REG(x20, regs[20]), \
	KMOBJ_REG(x21, regs[21]), KMOBJ_REG(x22, regs[22]), \
	KMOBJ_REG(x23, regs[23]), KMOBJ_REG(x24, regs[24]), \
	KMOBJ_REG(x25, regs[25]), KMOBJ_REG(x26, regs[26]), \
	KMOBJ_REG(x27, regs[27]), KMOBJ_REG(x28, regs[28]), \
	KMOBJ_REG(x29, regs[29]), KMOBJ_REG(lr, regs[30]), KMOBJ_REG(pc, pc) }
#endif

#endif /* KMOBJ_COMPAT_H */
