/* SPDX-License-Identifier: GPL-2.0 */
/* Where an object was allocated, and where it was freed: see track.c. */
#ifndef KMOBJ_DEBUG_TRACK_H
#define KMOBJ_DEBUG_TRACK_H

#include "slab/layout.h"

struct kmobj_zone;
struct seq_file;

enum track_kind { TRACK_ALLOC, TRACK_FREE, TRACK_NR };

struct kmobj_track {
	unsigned long caller;
	unsigned long when;		/* in jiffies */
	u32 stack;			/* in stackdepot; 0: none */
	u32 pid;
	u32 cpu;
	u32 sum;			/* of the above: see track_get() */
};

static_assert(TRACK_NR * sizeof(struct kmobj_track) == KMOBJ_TRACK_BYTES);

/* The tracks of the objects of a watched slab, beside it: see watch.c. */
struct kmobj_watch {
	struct rcu_head rcu;
	u32 cursor;			/* the object to look at first */
	struct kmobj_track track[][TRACK_NR];
};

int track_start(const struct kmobj_zone *zone);
void track_save(const struct kmobj_zone *zone, struct kmobj_track *track);
void track_set(const struct kmobj_zone *zone, void *obj, enum track_kind kind,
	       const struct kmobj_track *track);
void track_print(const struct kmobj_zone *zone, void *obj);
int track_show(struct seq_file *m, struct kmobj_zone *zone);
void track_print_live(struct kmobj_zone *zone);

#endif /* KMOBJ_DEBUG_TRACK_H */
