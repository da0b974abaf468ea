/* SPDX-License-Identifier: GPL-2.0 */
/* The depot: a zone's slabs of one node that no CPU owns; see depot.c. */
#ifndef KMOBJ_SLAB_DEPOT_H
#define KMOBJ_SLAB_DEPOT_H

#include <linux/spinlock.h>

#include "slab/slab.h"

/*
 * Partial slabs are listed in bins, bin 0 the fullest; then free slabs; then small ones
 * (small.c); then watched ones (debug/watch.c); then those of pages from below the
 * watermarks, see depot.c.
 */
#define KMOBJ_BINS		4
#define KMOBJ_BIN_FREE		KMOBJ_BINS
#define KMOBJ_BIN_SMALL		(KMOBJ_BINS + 1)
#define KMOBJ_BIN_WATCHED	(KMOBJ_BINS + 2)
#define KMOBJ_BIN_PFMEMALLOC	(KMOBJ_BINS + 3)
#define KMOBJ_NR_BINS		(KMOBJ_BINS + 4)

/*
 * The bins whose slabs a CPU may take; that an ordinary allocation may use; that it may
 * use when no slab can be made; and one that may use all.
 */
#define KMOBJ_BINS_TO_OWN	(KMOBJ_BIN_FREE + 1)
#define KMOBJ_BINS_ORDINARY	(KMOBJ_BIN_SMALL + 1)
#define KMOBJ_BINS_KEPT_BACK	(KMOBJ_BIN_WATCHED + 1)
#define KMOBJ_BINS_ALL		KMOBJ_NR_BINS

/* A zone's slabs of one node that no CPU owns; and in all, every slab of that node. */
struct kmobj_depot {
	raw_spinlock_t lock;
	struct list_head bin[KMOBJ_NR_BINS];
	unsigned long nr[KMOBJ_NR_BINS];
	unsigned long nr_leaving;	/* on the next two lists */
	struct list_head retired;	/* retiring, no grace period started */
	struct list_head waiting;	/* retiring until grace period gp ends */
	unsigned long gp;		/* under zone->maintenance, if started */
	bool gp_started;
	u8 sort_first;			/* the bin that the poller's next pass begins with */
	u8 boost;			/* its budget is shifted by so much */
	unsigned long watch_tried;	/* the jiffy in which watch_take() found none */
	/*
	 * Add under lock; remove under lock and zone->maintenance; walk under
	 * zone->maintenance alone, with list_for_each_entry_rcu().
	 */
	struct list_head all;
} ____cacheline_aligned_in_smp;

static inline struct kmobj_depot *depot_of(const struct kmobj_zone *zone,
					   const struct kmobj_slab *slab)
{
	return zone->depot[slab->node];
}

/* @slab is each slab of node @nid; under zone->maintenance. */
#define for_each_slab(slab, nid, zone)					\
	list_for_each_entry_rcu(slab, &(zone)->depot[nid]->all, all,	\
				lockdep_is_held(&(zone)->maintenance))

bool depot_unlist(struct kmobj_zone *zone, struct kmobj_depot *depot,
		  struct kmobj_slab *slab);
bool depot_unlist_leaving(struct kmobj_zone *zone, struct kmobj_depot *depot,
			  struct kmobj_slab *slab);
void depot_begin_retire(struct kmobj_zone *zone, struct kmobj_depot *depot,
			struct kmobj_slab *slab);
void depot_undo_retire(struct kmobj_depot *depot, struct kmobj_slab *slab);
void depot_list(struct kmobj_zone *zone, struct kmobj_depot *depot,
		struct kmobj_slab *slab);
void depot_list_after_barrier(struct kmobj_zone *zone, struct kmobj_depot *depot,
			      struct kmobj_slab *slab);
void depot_give(struct kmobj_zone *zone, struct kmobj_slab *slab);
void depot_give_taken(struct kmobj_zone *zone, struct kmobj_depot *depot);
void depot_on_remote_free(struct kmobj_zone *zone, struct kmobj_slab *slab);
bool depot_unnotify(struct kmobj_zone *zone, struct kmobj_slab *slab);
struct kmobj_slab *depot_take(struct kmobj_zone *zone, int nid, int owner);
struct kmobj_slab *depot_take_sparse(struct kmobj_zone *zone, int nid);
unsigned int depot_alloc(struct kmobj_zone *zone, int nid, unsigned int bins,
			 unsigned int nr, void **objs);
unsigned long depot_sort(struct kmobj_zone *zone, struct kmobj_depot *depot,
			 unsigned int bin, unsigned long budget);
void depot_unlink(struct kmobj_depot *depot, struct kmobj_slab *slab);
void depot_del(struct kmobj_zone *zone, struct kmobj_slab *slab);
unsigned long depot_reclaimable(const struct kmobj_depot *depot);
bool depot_is_tidy(const struct kmobj_zone *zone, const struct kmobj_depot *depot);
unsigned long depot_count_partial(const struct kmobj_depot *depot);
void depot_add(struct kmobj_zone *zone, struct kmobj_slab *slab);
int depot_create(struct kmobj_zone *zone);
void depot_destroy(struct kmobj_zone *zone);

#endif /* KMOBJ_SLAB_DEPOT_H */
