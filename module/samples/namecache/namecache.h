/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A cache of names: what (parent, name) stands for, as far as it was told.
 *
 * Parents and what names stand for are numbers that mean something to the
 * caller, such as inode numbers: a path is looked up component by component.
 * NAMECACHE_ABSENT is an answer, too: it is known that there is no such name.
 * A cache may forget anything at any time.
 *
 * cache.c is the cache, main.c lets users fill and ask one.
 */
#ifndef NAMECACHE_H
#define NAMECACHE_H

#include <linux/types.h>

struct namecache;

/* What a name stands for that does not exist. */
#define NAMECACHE_ABSENT	0

/* Longer names are not cached. */
#define NAMECACHE_NAME_MAX	64

/**
 * struct namecache_counts - what happened so far
 * @hits: names found
 * @negatives: names found to be absent
 * @misses: names not known
 * @restarts: lookups begun anew, as what they looked at changed
 * @pruned: names that went to make room
 * @moved: names that kmobj had moved, to free a slab
 */
struct namecache_counts {
	unsigned long hits;
	unsigned long negatives;
	unsigned long misses;
	unsigned long restarts;
	unsigned long pruned;
	unsigned long moved;
};

struct namecache *namecache_create(const char *name, unsigned int bits,
				   unsigned long limit);
void namecache_destroy(struct namecache *nc);

bool namecache_lookup(struct namecache *nc, unsigned long parent,
		      const char *name, size_t len, unsigned long *value);
int namecache_enter(struct namecache *nc, unsigned long parent,
		    const char *name, size_t len, unsigned long value);
void namecache_forget(struct namecache *nc, unsigned long parent,
		      const char *name, size_t len);
unsigned long namecache_prune(struct namecache *nc, unsigned long nr);
unsigned long namecache_shrink(struct namecache *nc, unsigned long nr);

unsigned long namecache_count(struct namecache *nc);
void namecache_counts(struct namecache *nc, struct namecache_counts *sum);

#endif /* NAMECACHE_H */
