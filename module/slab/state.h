/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slab->owner: the states of a slab, and who may change one into which.
 *
 *	   slab_create()
 *	         |
 *	        NEW ----------------------------+
 *	         |                              |
 *	         v         depot_take()         v
 *	 +---> DEPOT ------------------> FRESH, OWNED <-----------> DORMANT
 *	 |     |  ^                             |                      |
 *	 |     |  +------- depot_give() --------+                      |
 *	 |     |  +--- a grace period --- HELD <------ the poller -----+
 *	 |     |  +--- a grace period --- TAKEN <------- destroy ------+
 *	 |     v
 *	 +-- RETIRING --- a grace period ---> slab_release()
 *
 * The states. OWNED, FRESH and DORMANT are a CPU's, and owner says which CPU's. With
 * free[] go hint, link and next.
 *
 *	state	  who may touch free[]			the slab is
 *	-----	  --------------------			-----------
 *	NEW	  the task that makes it		on no list
 *	OWNED	  its CPU, in a section			in the CPU's pair or its reserve
 *	FRESH	  its CPU, in a section			in the CPU's pair, some of its
 *							objects in remote[] from the start
 *	DORMANT	  its CPU, in a section with the	full, on no list
 *		  reserve open
 *	DEPOT	  who holds the depot's lock		in a bin, or full and on no list
 *	RETIRING  who holds the depot's lock		on depot->retired or ->waiting
 *	HELD	  sections that read the old owner,	on zone->disowned
 *		  until a grace period is over
 *	TAKEN	  as HELD				wherever it was
 *	CORRUPT	  nobody				as corrupt.c says
 *
 * cookie is slab_cookie(); its complement while RETIRING (both are written
 * together, by two functions of depot.c); and slab_sick_cookie() once CORRUPT.
 *
 * The transitions. "A section" is one of the CPU that owns the slab.
 *
 *	from, to		by, under which lock, after what	barrier, its partner;
 *								step of scripts/model/kmobj.pml
 *	--------		--------------------------------	-----------------------
 *	NEW -> OWNED, FRESH	alloc_made(), a section			not modelled
 *	NEW -> DEPOT		depot_give(), the depot's lock		as OWNED -> DEPOT
 *	FRESH -> OWNED		slab_thaw(), told_look(), a section	not modelled
 *	OWNED -> DORMANT	reserve_leave(), a section		model: leave
 *	DORMANT -> OWNED	reserve_awake(), a section with the	reserve_open(), pair_take();
 *				reserve open				model: open, awake
 *	OWNED, FRESH -> DEPOT	depot_give(), a section, the depot's	smp_mb(), free_remote();
 *				lock					model: give.owner, give.mb
 *	DEPOT -> OWNED		depot_take(), a section, the depot's	smp_mb(), free_remote();
 *				lock					model: take.mb
 *	DEPOT -> RETIRING	depot_begin_retire(), the depot's lock; all is	model: retire
 *				free and nobody is to use it
 *	RETIRING -> DEPOT	depot_undo_retire(), the depot's lock		model: release.look
 *	OWNED, DORMANT -> HELD	disown(), zone->care; the reserve	pair_take(), reserve_open();
 *				stayed FROZEN for a grace period	model: freeze.gp, disown
 *	HELD -> DEPOT		depot_give(), zone->care, the depot's	smp_mb(), free_remote();
 *				lock; after a grace period		model: disown.gp, give.mb
 *	OWNED, FRESH,		slab_mark_taken(), zone->care of a	cmpxchg(); model: mark
 *	DORMANT -> TAKEN	dying zone
 *	TAKEN -> OWNED,		a section that was under way, with	model: mark.again
 *	DORMANT, DEPOT		a plain store: destroy looks again
 *	TAKEN -> DEPOT		depot_give_taken(), zone->care, the	smp_mb(), free_remote();
 *				depot's lock; after a grace period	model: mark.gp, taken.mb
 *	all -> CORRUPT		isolate(), the depot's lock		not modelled
 *	CORRUPT -> OWNED,	who owned it and does not know yet:	not modelled
 *	FRESH, DORMANT,		it finds nothing free in it
 *	DEPOT, HELD
 *
 * A slab does not go from one CPU, or one pair, to another but by the DEPOT. Its
 * last owner is RETIRING, or CORRUPT and what may follow.
 *
 * A slab is also NONE: that is kmobj_no_slab for good, and one whose header was
 * written over so that owner says nothing, until it is CORRUPT.
 */
#ifndef KMOBJ_SLAB_STATE_H
#define KMOBJ_SLAB_STATE_H

#include <linux/atomic.h>

#include "slab/slab.h"

/*
 * kmobj_slab.owner: a CPU number, with the bit SECOND if it is the CPU's second
 * pair's (cpu.c), FRESH if objects that were never handed out are in remote[]
 * (slab.c), and DORMANT if it is that (reserve.c),
 */
#define KMOBJ_FRESH		BIT(28)
#define KMOBJ_SECOND		BIT(29)
#define KMOBJ_DORMANT		BIT(30)

/* or one of these. */
enum {
	KMOBJ_OWNER_DEPOT = -1,		/* nobody: the depot's lock rules */
	KMOBJ_OWNER_HELD = -2,		/* taken from a CPU, by the poller */
	KMOBJ_OWNER_RETIRING = -3,	/* all objects home, leaving the zone */
	KMOBJ_OWNER_TAKEN = -4,		/* from a CPU, by destroy */
	KMOBJ_OWNER_NEW = -5,		/* being made */
	KMOBJ_OWNER_CORRUPT = -6,	/* found to be written over */
	KMOBJ_OWNER_NONE = -7,		/* kmobj_no_slab's */
};

/*
 * Is each transition compared with the table? In kernels that have KUnit built in;
 * distributions have it as a module.
 */
#define KMOBJ_OWNER_CHECKED	IS_BUILTIN(CONFIG_KUNIT)

/* state.c, if they are */
extern atomic_t kmobj_owner_faults;
void slab_check_owner(const struct kmobj_slab *slab, int from, int to);

/* A new slab's first owner, over whatever was there. */
static __always_inline void slab_first_owner(struct kmobj_slab *slab)
{
	WRITE_ONCE(slab->owner, KMOBJ_OWNER_NEW);
}

static __always_inline void slab_set_owner(struct kmobj_slab *slab, int to)
{
	if (KMOBJ_OWNER_CHECKED)
		slab_check_owner(slab, READ_ONCE(slab->owner), to);
	WRITE_ONCE(slab->owner, to);
}

/* For who is not alone: nothing if it is not @from any more. A full barrier else. */
static __always_inline void slab_cmpxchg_owner(struct kmobj_slab *slab, int from,
					       int to)
{
	if (KMOBJ_OWNER_CHECKED)
		slab_check_owner(slab, from, to);
	cmpxchg(&slab->owner, from, to);
}

/* A CPU's, with more to hand out than it knows of? Nobody's is negative. */
static inline bool slab_is_fresh(const struct kmobj_slab *slab)
{
	return (READ_ONCE(slab->owner) & (KMOBJ_FRESH | INT_MIN)) == KMOBJ_FRESH;
}

#endif /* KMOBJ_SLAB_STATE_H */
