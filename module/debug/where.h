/* SPDX-License-Identifier: GPL-2.0 */
/* What lies at an address: for reports of others. */
#ifndef KMOBJ_DEBUG_WHERE_H
#define KMOBJ_DEBUG_WHERE_H

struct kmobj_zone;

struct kmobj_where {
	struct kmobj_zone *zone;
	void *obj;			/* NULL: beside all objects */
};

bool where_print(const char *what, unsigned long addr, struct kmobj_where *where);

#endif /* KMOBJ_DEBUG_WHERE_H */
