/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel's own watchmen are told, in kernels that have them; in all
 * others this is nothing, and the fast paths stay what they are.
 *
 * KASAN (generic): shadow memory says that a live object is accessible, for
 * exactly its size, and that nothing else behind the header is: a free object
 * is a freed slab object, and what lies between two objects, 8 bytes at least,
 * is a red zone. Objects of KMOBJ_TYPESAFE_BY_RCU zones may be read while they
 * are free, so they stay accessible.
 *
 * kmemleak: knows each live object from when it is handed out until it is
 * freed, looks for pointers in it, and reports it if nothing points to it.
 *
 * An object of kmobj_free_rcu() is of no interest to kmemleak any more, and
 * accessible until its grace period is over.
 */
#ifndef KMOBJ_KERNEL_KASAN_H
#define KMOBJ_KERNEL_KASAN_H

#include <linux/kasan-checks.h>
#include <linux/kmemleak.h>

/* Every object passes obj_alloc_hooks() and obj_free_hooks(), out of line. */
#define KMOBJ_SANITIZED	(IS_ENABLED(CONFIG_KASAN_GENERIC) || \
			 IS_ENABLED(CONFIG_DEBUG_KMEMLEAK))

/* Bytes that are kept between two objects, and before the first, at least. */
#define KMOBJ_KASAN_GAP		(IS_ENABLED(CONFIG_KASAN_GENERIC) ? 8 : 0)

#endif /* KMOBJ_KERNEL_KASAN_H */
