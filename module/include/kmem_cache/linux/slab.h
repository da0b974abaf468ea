/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stands before the kernel's <linux/slab.h>: see ../../kmobj_kmem_cache.h.
 */
#include "../../kmobj_kmem_cache.h"
#include_next <linux/slab.h>

#ifndef KMOBJ_KMEM_CACHE_FLAGS
#define KMOBJ_KMEM_CACHE_FLAGS

/* What no zone can do does not compile: the name tells why. */
#undef SLAB_CACHE_DMA
#undef SLAB_CACHE_DMA32
#define SLAB_CACHE_DMA		kmobj_zones_have_no_DMA_memory
#define SLAB_CACHE_DMA32	kmobj_zones_have_no_DMA32_memory

#endif /* KMOBJ_KMEM_CACHE_FLAGS */
