// SPDX-License-Identifier: GPL-2.0
/*
 * The limit of a zone's memory.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/module.h>

#include "core/reserve.h"
#include "zone/limit.h"

/* Bytes to slabs, rounded down, as a limit is never exceeded. */
unsigned long limit_slabs(const struct kmobj_zone *zone,
			  unsigned long bytes)
{
	if (bytes == KMOBJ_UNLIMITED)
		return ULONG_MAX;
	return bytes >> (PAGE_SHIFT + zone->order);
}

int kmobj_zone_set_limit(struct kmobj_zone *zone, unsigned long bytes)
{
	unsigned long limit = limit_slabs(zone, bytes);

	if (!limit) {
		pr_err("%s: limit of %lu bytes refused: a slab has %lu\n",
		       zone->name, bytes, PAGE_SIZE << zone->order);
		return -EINVAL;
	}
	WRITE_ONCE(zone->limit, limit);
	reserve_set_max(zone);
	return 0;
}
EXPORT_SYMBOL_GPL(kmobj_zone_set_limit);
