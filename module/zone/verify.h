/* SPDX-License-Identifier: GPL-2.0 */
/*
 * verify.c: is a zone sound? And what was counted to tell.
 */
#ifndef KMOBJ_VERIFY_H
#define KMOBJ_VERIFY_H

#include <linux/types.h>

struct kmobj_zone;

struct kmobj_verify {
	const char *fault;		/* the first rule found broken, or NULL */
	unsigned long found;		/* and the numbers that should be equal, */
	unsigned long expected;		/* if the rule is about numbers */
	bool certain;			/* broken whether the zone is in use or not */

	unsigned long charged;		/* to the limit: those being made, too */
	unsigned long slabs;		/* each is one of those up to making: */
	unsigned long paired;		/* a CPU's active or alternate slab */
	unsigned long reserved;		/* in a CPU's reserve */
	unsigned long dormant;		/* a CPU's, full, on no list */
	unsigned long disowned;		/* taken from a CPU, until RCU allows more */
	unsigned long listed;		/* in a bin of a depot */
	unsigned long full;		/* the depot's, on no list */
	unsigned long retiring;
	unsigned long making;		/* not finished yet */
	unsigned long notified;		/* slabs that a CPU is told of */
	unsigned long queued;		/* places of slabs on the lists of free_rcu.c */
	unsigned long home;		/* free objects */
	unsigned long rcu;		/* objects that wait for RCU */
	unsigned long live;		/* all others */
};

int zone_verify(struct kmobj_zone *zone, struct kmobj_verify *v);

#endif /* KMOBJ_VERIFY_H */
