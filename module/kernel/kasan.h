/* SPDX-License-Identifier: GPL-2.0 */
/*
 * KASAN and kmemleak; empty in kernels without them, with no cost on fast paths.
 *
 * KASAN (generic): a live object is accessible for exactly its size, and nothing
 * else behind the header is. The shadow of a free object is that of a freed slab
 * object, and of the gap between two objects, at least 8 bytes, that of a red zone.
 * Objects of KMOBJ_TYPESAFE_BY_RCU zones may be read while they are free, so they
 * stay accessible.
 *
 * kmemleak: knows each object from its allocation to its free, scans it for
 * pointers, and reports it if nothing points to it.
 *
 * From kmobj_free_rcu() on kmemleak ignores an object, which stays accessible until
 * its grace period is over.
 */
#ifndef KMOBJ_KERNEL_KASAN_H
#define KMOBJ_KERNEL_KASAN_H

#include <linux/kasan-checks.h>
#include <linux/kmemleak.h>

/* Call obj_alloc_hooks() and obj_free_hooks(), out of line, for every object? */
#define KMOBJ_SANITIZED	(IS_ENABLED(CONFIG_KASAN_GENERIC) || \
			 IS_ENABLED(CONFIG_DEBUG_KMEMLEAK))

/* Bytes kept between two objects, and before the first, at least. */
#define KMOBJ_KASAN_GAP		(IS_ENABLED(CONFIG_KASAN_GENERIC) ? 8 : 0)

#endif /* KMOBJ_KERNEL_KASAN_H */
