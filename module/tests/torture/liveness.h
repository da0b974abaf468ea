/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second phase of kmobj_torture.ko: free memory is never out of reach for
 * good, whatever a CPU does with its zone.
 *
 *	churner	a thread of one CPU. It fills a zone, gives most of its objects
 *		to its helper, and goes on with the rest in one shape (first in
 *		first out, last in first out, ...) at one rate, until the phase
 *		is over. Meanwhile it looks at what the zone keeps.
 *	helper	a thread of another CPU, if there is one. It frees what the
 *		churner gave it; or makes what the churner frees.
 *
 * What is asked: slabs without a live object leave the zone but for a stated
 * number, while the churner goes on; and each CPU gets an object of a zone
 * that was filled up to its limit.
 */
#ifndef KMOBJ_TORTURE_LIVENESS_H
#define KMOBJ_TORTURE_LIVENESS_H

#include <linux/llist.h>
#include <linux/types.h>

#include "kmobj.h"

#define CHURN_HELD	256	/* objects that a churner goes on with */

struct churner;
struct torturer;

struct shape {
	const char *name;
	void (*step)(struct churner *c);	/* one operation or two */
	bool passes_on;		/* its helper frees what it makes */
	bool is_fed;		/* its helper makes what it frees */
};

struct rate {
	const char *name;
	unsigned int steps;		/* before it sleeps or lets others run */
	unsigned int pause_ms;		/* that it sleeps; 0: it does not */
};

struct churner {
	struct kmobj_zone *zone;
	const struct shape *shape;
	const struct rate *rate;
	unsigned int slab_bytes;
	unsigned int at;		/* where the next step is */
	u32 random;
	u64 ops;
	int cpu, helper_cpu;
	bool limited;			/* the zone has a limit, and gets there */
	bool filled;			/* the churner has made all it is to make */
	bool given;			/* and the helper has freed that */
	bool served;			/* every CPU got an object */
	bool quiet;			/* nothing is to be on its way */
	bool settled;			/* what was free has left */
	unsigned long since;		/* given, in jiffies */
	unsigned long took;		/* from then until it was settled */
	unsigned long kept, may_keep;	/* slabs without an object, seen last */
	atomic_t under_way;		/* objects on mail */
	struct llist_head mail;		/* from one to the other */
	struct torturer *churns, *helps;
	char name[40];
	void *held[CHURN_HELD];
};

/* shapes.c */
extern const struct shape shapes[];
extern const unsigned int nr_shapes;

/* churner.c */
int churn(void *churner);
int churner_help(void *churner);
void mail_make(struct churner *c);
unsigned int mail_free(struct churner *c);

/* liveness.c */
bool liveness_is_over(void);
u64 liveness(bool *good);

#endif /* KMOBJ_TORTURE_LIVENESS_H */
