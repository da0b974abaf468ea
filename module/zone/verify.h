/* SPDX-License-Identifier: GPL-2.0 */
/* The consistency check of a zone, and what it counted: see verify.c. */
#ifndef KMOBJ_VERIFY_H
#define KMOBJ_VERIFY_H

#include <linux/types.h>

struct kmobj_zone;

struct kmobj_verify {
	const char *fault;		/* the first broken rule, or NULL */
	unsigned long found;		/* two numbers that should be equal, */
	unsigned long expected;		/* if the rule compares numbers */
	bool certain;			/* concurrent use cannot explain it */

	unsigned long charged;		/* to the limit, including slabs being made */
	unsigned long to_charge;	/* slabs, small ones by their pages */
	unsigned long slabs;		/* the sum of the next eight: */
	unsigned long active_or_alternate;	/* a CPU's active or alternate slab */
	unsigned long reserved;		/* in a CPU's reserve */
	unsigned long full_owned;	/* a CPU's, on no list */
	unsigned long disowned;		/* taken from a CPU, until a grace period ends */
	unsigned long listed;		/* in a bin of a depot */
	unsigned long full;		/* in the depot, on no list */
	unsigned long retiring;
	unsigned long making;		/* being made */
	unsigned long notified;		/* on a CPU's lists of remote frees */
	unsigned long queued;		/* entries on the lists of free_rcu.c */
	unsigned long free;		/* free objects */
	unsigned long rcu;		/* objects that wait for RCU */
	unsigned long live;		/* all others */
};

int zone_verify(struct kmobj_zone *zone, struct kmobj_verify *v);

#endif /* KMOBJ_VERIFY_H */
