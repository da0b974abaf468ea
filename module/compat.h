/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every difference between kernel versions, configurations and architectures
 * that kmobj knows of.
 */
#ifndef KMOBJ_COMPAT_H
#define KMOBJ_COMPAT_H

#include <linux/bitops.h>
#include <linux/kasan.h>
#include <linux/mm.h>
#include <linux/sched/isolation.h>
#include <linux/uaccess.h>
#include <linux/version.h>

/*
 * The part of the address space that pages of alloc_pages() can appear in.
 * Where it may have holes, the slab header of a wild pointer is read with an
 * exception table entry behind the load (kmobj_peek()).
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
/* Runs on x86, which keeps loads in order, but would use a full barrier. */
#define kmobj_load_acquire(p)						\
	({								\
		typeof(*(p)) ___v = READ_ONCE(*(p));			\
		barrier();						\
		___v;							\
	})

/* One mapping without holes; and its __get_kernel_nofault() is no single load. */
#define kmobj_peek(dst, src, label)					\
	do {								\
		*(dst) = READ_ONCE_NOCHECK(*(src));			\
		if (0)							\
			goto label;					\
	} while (0)
#else
/* who uses it names its partner */
#define kmobj_load_acquire(p)	smp_load_acquire(p)
#define kmobj_peek(dst, src, label)					\
	__get_kernel_nofault(dst, src, typeof(*(dst)), label)
#endif

/* MODULE_IMPORT_NS() and friends take a string since 6.13. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
#define KMOBJ_NS(ns)		#ns
#else
#define KMOBJ_NS(ns)		ns
#endif
#define KMOBJ_EXPORT_FOR_TESTS(sym) \
	EXPORT_SYMBOL_NS_GPL(sym, KMOBJ_NS(KMOBJ_TESTS))

/* The page allocator warns about __GFP_NOFAIL above this order. */
#define KMOBJ_NOFAIL_ORDER	1

/* The seam through which tests make the page allocator fail: since 6.3. */
#if IS_ENABLED(CONFIG_KUNIT) && LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
#include <kunit/static_stub.h>
#else
#define KUNIT_STATIC_STUB_REDIRECT(real_fn, args...) do {} while (0)
#endif

/* May work be queued on @cpu, or has its user asked to be left alone? */
static inline bool kmobj_cpu_is_housekeeping(int cpu)
{
	return housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) &&
	       housekeeping_test_cpu(cpu, HK_TYPE_TICK);
}

#endif /* KMOBJ_COMPAT_H */
