/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KMOBJ_EXERCISE_H
#define KMOBJ_EXERCISE_H

#include "kmobj.h"

/* stale.c */
int stale(struct kmobj_zone *zone, unsigned long nr);
int stale_show(char *buffer);

/* The smallest object: a link, and a stamp that tells whose it is. */
struct thing {
	struct thing *next;
	unsigned long stamp;
};

static inline void thing_stamp(struct thing *thing)
{
	thing->stamp = ~(unsigned long)thing;
}

static inline bool thing_is_sound(const struct thing *thing)
{
	return thing->stamp == ~(unsigned long)thing;
}

/* churn.c */
int churn_start(struct kmobj_zone *zone);
void churn_stop(void);
unsigned long churn_rounds(void);

/* compare.c */
int compare(struct kmobj_zone *zone, unsigned long nr);
int compare_show(char *buffer);

/* fragment.c */
void fragment(unsigned int order);
void defragment(void);

/* lru.c */
int lru_exercise(struct kmobj_zone *zone);

/* oops.c */
int oops_at(void *addr);
int oops_in_kernel(struct kmobj_zone *zone);

#endif /* KMOBJ_EXERCISE_H */
