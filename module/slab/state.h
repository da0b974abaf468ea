/* SPDX-License-Identifier: GPL-2.0 */
/*
 * slab->owner: the states of a slab, and its transitions.
 *
 *	   slab_create()
 *	         |
 *	        NEW ----------------------------+
 *	         |                              |
 *	         v         depot_take()         v
 *	 +---> DEPOT -----------> HIDDEN_HALF, OWNED <----------> FULL_OWNED
 *	 |     |  ^                             |                      |
 *	 |     |  +------- depot_give() --------+                      |
 *	 |     |  +--- a grace period --- IN_TRANSIT <--- the poller --+
 *	 |     |  +------- the mover ------> IN_TRANSIT		       |
 *	 |     |  +--- a grace period --- TAKEN <------- destroy ------+
 *	 |     v
 *	 +-- RETIRING --- a grace period ---> slab_release()
 *
 * In OWNED, HIDDEN_HALF and FULL_OWNED, owner holds a CPU number; IN_TRANSIT and TAKEN
 * come from any of the three. Access to free[] includes hint.
 *
 *	state		who may touch free[]		the slab is
 *	-----		--------------------		-----------
 *	NEW		the task that makes it		on no list
 *	OWNED		its CPU, in a section		active, alternate or in the
 *							CPU's reserve
 *	HIDDEN_HALF	its CPU, in a section		active or alternate; new objects are
 *							hidden in remote[]
 *	FULL_OWNED	its CPU, in a section with	full, on no list
 *			the reserve open
 *	DEPOT		the holder of depot->lock	in a bin, or full and on no list
 *	RETIRING	the holder of depot->lock; at	on depot->retired or ->waiting
 *			the end the task that releases
 *	IN_TRANSIT	sections that read the old	on zone->disowned, or the mover's
 *			owner, for a grace period
 *	TAKEN		as IN_TRANSIT			wherever it was
 *	CORRUPT		nobody				see isolate.c
 *
 * cookie is slab_cookie(); its complement while RETIRING (depot.c writes both
 * together); and slab_corrupt_cookie() once CORRUPT.
 *
 * The transitions. "A section" is one of the CPU that owns the slab; "lock" is
 * depot->lock; "maintenance" is zone->maintenance.
 *
 *	from -> to		function, context		barrier and its partner;
 *								step of the model
 *	----------		-----------------		-----------------
 *	NEW -> OWNED,		alloc_made(), a section		not modelled
 *	HIDDEN_HALF
 *	NEW -> DEPOT		depot_give(), lock		as OWNED -> DEPOT
 *	HIDDEN_HALF -> OWNED	slab_reveal(), a section;	not modelled
 *				notified_look(), a section
 *	OWNED -> FULL_OWNED	reserve_leave(), a section	model: leave
 *	FULL_OWNED -> OWNED	reserve_reuse(), a section	reserve_open(), cpu_take();
 *				with the reserve open		model: open, awake
 *	OWNED, HIDDEN_HALF	depot_give(), lock, a section	smp_mb(), free_remote();
 *	-> DEPOT		or for a dead CPU		model: give.owner, give.mb
 *	DEPOT -> OWNED		depot_take(), a section, lock	smp_mb(), free_remote();
 *								model: take.mb
 *	DEPOT -> RETIRING	depot_begin_retire(), lock;	model: retire
 *				all is free, nothing refers
 *				to the slab
 *	RETIRING -> DEPOT	depot_undo_retire(), lock	model: release.look
 *	OWNED, FULL_OWNED	disown(), maintenance; the	cpu_take(), reserve_open();
 *	-> IN_TRANSIT		reserve stayed FROZEN for a	model: freeze.gp, disown
 *				grace period
 *	IN_TRANSIT -> DEPOT	depot_give(), maintenance,	smp_mb(), free_remote();
 *				lock; after a grace period	model: disown.gp, give.mb
 *	DEPOT -> IN_TRANSIT,	depot_take_sparse(),		as DEPOT -> OWNED,
 *	and back		depot_give(), lock; the mover	as OWNED -> DEPOT
 *	OWNED, HIDDEN_HALF,	slab_mark_taken(), maintenance	cmpxchg(); model: mark
 *	FULL_OWNED -> TAKEN	of a dying zone
 *	TAKEN -> OWNED,		a section already open, by a	model: mark.again
 *	FULL_OWNED, DEPOT	plain store: destroy marks
 *				again
 *	TAKEN -> DEPOT		depot_give_taken(),		smp_mb(), free_remote();
 *				maintenance, lock; after a	model: mark.gp, taken.mb
 *				grace period
 *	all -> CORRUPT		slab_isolate_locked(), lock		not modelled
 *	CORRUPT -> OWNED,	the owner, before it finds	not modelled
 *	HIDDEN_HALF,		that nothing is free
 *	FULL_OWNED, DEPOT,
 *	IN_TRANSIT
 *
 * A slab passes from one CPU, or one of a CPU's two sections, to another only through
 * DEPOT. It leaves the zone from RETIRING, or after it was CORRUPT. NONE is the state of
 * kmobj_no_slab, and of an overwritten, invalid owner until the slab is CORRUPT.
 */
#ifndef KMOBJ_SLAB_STATE_H
#define KMOBJ_SLAB_STATE_H

#include "slab/slab.h"

/*
 * kmobj_slab.owner: a CPU number, with SECOND if it is of the CPU's second section
 * (section.h), and the state if that is not OWNED; or one of the enum.
 */
#define KMOBJ_HIDDEN_HALF	BIT(28)
#define KMOBJ_SECOND		BIT(29)
#define KMOBJ_FULL_OWNED	BIT(30)

enum {
	KMOBJ_OWNER_DEPOT = -1,		/* no CPU's: under the depot's lock */
	KMOBJ_OWNER_IN_TRANSIT = -2,	/* taken from a CPU by the poller, or to be emptied */
	KMOBJ_OWNER_RETIRING = -3,	/* all objects free, leaving the zone */
	KMOBJ_OWNER_TAKEN = -4,		/* from a CPU, by destroy */
	KMOBJ_OWNER_NEW = -5,		/* being made */
	KMOBJ_OWNER_CORRUPT = -6,	/* its header was written over */
	KMOBJ_OWNER_NONE = -7,		/* kmobj_no_slab's */
};

/*
 * Check each transition against the table? In kernels with KUnit built in;
 * distributions have it as a module. Not in a build without the suites (Kbuild),
 * which is made to be measured or installed.
 */
#define KMOBJ_OWNER_CHECKED	(IS_BUILTIN(CONFIG_KUNIT) && __is_defined(KMOBJ_SUITES))

/* state.c, if KMOBJ_OWNER_CHECKED */
extern atomic_t kmobj_owner_faults;
void slab_check_owner(const struct kmobj_slab *slab, int from, int to);

/* The first owner of a new slab, whose memory may hold anything. */
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

/* For a caller with rivals: no change if it is not @from now, else a full barrier. */
static __always_inline void slab_cmpxchg_owner(struct kmobj_slab *slab, int from, int to)
{
	if (KMOBJ_OWNER_CHECKED)
		slab_check_owner(slab, from, to);
	cmpxchg(&slab->owner, from, to);
}

/* Owned by a CPU, with a hidden half? Owners that are no CPU are negative. */
static inline bool slab_has_hidden_half(const struct kmobj_slab *slab)
{
	return (READ_ONCE(slab->owner) & (KMOBJ_HIDDEN_HALF | INT_MIN)) == KMOBJ_HIDDEN_HALF;
}

#endif /* KMOBJ_SLAB_STATE_H */
