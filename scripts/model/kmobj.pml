/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ownership of slabs: design.md, 5, as depot.c, pair.c, reserve.c and
 * alloc.c do it, step by step over the memory of memory.pml.
 *
 *	step		C					pairs with
 *	----		-				----------
 *	free.set	free_remote(): test_and_set_bit()	give.mb, unlist.mb, park.mb
 *	free.look	free_remote(): owner, then listed
 *	give.owner	depot_give(): owner = DEPOT
 *	give.mb		depot_give(): file_after_barrier()	free.set
 *	give.look	depot_give(): file()
 *	unlist.mb	depot_alloc(): file_after_barrier()	free.set
 *	unlist.look	depot_alloc(): file()
 *	freed.look	depot_freed(): owner and listed again, under the lock
 *	collect.xchg	slab_collect()				free.set
 *	park.release	reserve_park(): owner = parked		freed.parked
 *	park.mb		reserve_park(): smp_mb()		free.set
 *	park.look	reserve_park(): any_remote()
 *	park.back	reserve_park(): cmpxchg()		freed.parked
 *	unpark		reserve_unpark(): cmpxchg()		freed.parked
 *	freed.parked	reserve_freed(): cmpxchg()		unpark, park.back
 *	disown		disown_one(), pair_disown(): owner = HELD
 *	disown.gp	until reserve_give_disowned()		section
 *	retire		depot_retire(): owner = RETIRING
 *	retire.gp	until depot_release()			free.region
 *	section		pair_try_enter() .. pair_leave()
 *	free.region	preemption off from slab_of() to the end of the free
 *
 * A wrong turn is taken where one of the macros that run.sh lists is defined;
 * each takes out one of the steps above.
 *
 * Simpler than the C code: a pair is one slab (the alternate is only a second
 * active one), a depot has one node, a list is a set, lists are not
 * buffered, a trylock may fail for no reason.  Objects
 * are bits of a slab; slabs have two, ALL.
 */
#include "memory.pml"

#define ALL	3
#define LOWEST(f) (f & 1 -> 1 : f & 2)

/* owner: a CPU 0 .. NC - 1, or */
#define PARKED(c) (c + 4)
#define IS_CPU(o)	(o < 4)
#define IS_PARKED(o)	(o >= 4 && o < 8)
#define DEPOT	8
#define HELD	9
#define RETIRING 10

/* listed, as in the C code but with one bin for all that is partial */
#define UNLISTED 0
#define PARTIAL	1
#define WHOLE	2		/* all objects home: KMOBJ_BIN_FREE */

LOCATION(owner);
LOCATION(listed);
LOCATION(free_bits);		/* and hint, and link */
byte remote[NS];		/* touched by atomics alone */

/* which list the slab is on: all that list_add() and list_del() know */
#define NOWHERE	0
#define BINS	1
#define RETIRED	2
#define WAITING	3
#define DISOWNED 4
#define RESERVE(c) (c + 5)
byte on[NS];

#define DEPOT_LOCK 0
#define PAIR_LOCK 1		/* of CPU A: no other has a pair */

bool busy[NC];
#define NO_SLAB	255
byte pair[NC] = NO_SLAB;

/* What only the assertions know. */
byte live[NS];			/* objects that callers have */
byte mine[NS * 4];		/* which, of them, by caller */
bool writing[NS];		/* somebody is at free_bits */
bool released[NS];		/* the slab's pages are gone */
byte running;			/* processes that are not done */

#define LOCALS \
	byte f, o, l, w, got, obj, t, x, s; \
	bool ok, any

#define TOUCH(s)	assert(!released[s])

#define PENDING(c, s)	(c != me && buf_free_bits[c * NS + s] != EMPTY)
#if NC > 2
#define PENDING_ELSEWHERE(s) (PENDING(0, s) || PENDING(1, s) || PENDING(2, s))
#else
#define PENDING_ELSEWHERE(s) (PENDING(0, s) || PENDING(1, s))
#endif

/* Whoever reads free_bits is alone at it, what waits in buffers included. */
#define ALONE(s) \
	TOUCH(s); \
	assert(!writing[s] && !PENDING_ELSEWHERE(s))
#define BEGIN_WRITE(s) \
	ALONE(s); \
	writing[s] = true
#define END_WRITE(s)	writing[s] = false

inline list_add(s, where)
{
	assert(on[s] == NOWHERE);
	on[s] = where
}

inline list_del(s, where)
{
	assert(on[s] == where);
	on[s] = NOWHERE
}

/* owner_change(): a full barrier, whether it succeeds or not */
inline cmpxchg_owner(s, from, to)
{
	atomic {
		MB -> TOUCH(s);
		ok = (owner[s] == from);
		owner[s] = (ok -> to : owner[s])
	}
}

/* What a cmpxchg() is without its atomicity: the value was looked at before. */
inline store_owner(s, to)
{
	atomic { TOUCH(s); ST(owner, s, to); ok = true }
}

/* -- slab.c and internal.h: for the owner -- */

inline slab_collect(s)
{
	atomic { TOUCH(s); w = remote[s]; any = (w != 0) }
	if
	:: any ->
		/* collect.xchg */
#ifdef COLLECT_WITHOUT_XCHG
		atomic { MB -> remote[s] = 0 }
#else
		atomic { MB -> TOUCH(s); w = remote[s]; remote[s] = 0 }
#endif
		atomic { BEGIN_WRITE(s); f = LD(free_bits, s) }
		atomic {
			assert(!(w & f));
			assert(!(w & live[s]));
			ST(free_bits, s, f | w);
			END_WRITE(s)
		}
	:: else
	fi
}

/* Sets got, 0 if there is none. */
inline slab_pop(s)
{
	atomic { ALONE(s); f = LD(free_bits, s); got = LOWEST(f) }
	if
	:: got ->
		atomic { BEGIN_WRITE(s); f = LD(free_bits, s) }
		atomic {
			assert(f & got);
			assert(!(got & live[s]));
			assert(!(got & remote[s]));
			live[s] = live[s] | got;
			mine[who * NS + s] = mine[who * NS + s] | got;
			ST(free_bits, s, f ^ got);
			END_WRITE(s)
		}
	:: else
	fi
}

inline slab_push(s, obj)
{
	atomic { BEGIN_WRITE(s); f = LD(free_bits, s) }
	atomic {
		assert(!(f & obj));
		live[s] = live[s] ^ obj;
		ST(free_bits, s, f | obj);
		END_WRITE(s)
	}
}

/* -- depot.c -- */

inline unlist(s)
{
	atomic { assert(lock[DEPOT_LOCK] == me); list_del(s, BINS) }
	atomic { TOUCH(s); ST(listed, s, UNLISTED) }
}

inline file_known(s)
{
	atomic { assert(lock[DEPOT_LOCK] == me); ALONE(s); f = LD(free_bits, s) }
	if
	:: f ->
		list_add(s, BINS);
		atomic { ST(listed, s, (f == ALL -> WHOLE : PARTIAL)) }
	:: else
	fi
}

inline file(s)
{
	slab_collect(s);
	file_known(s)
}

inline depot_give(s)
{
	acquire(DEPOT_LOCK);
	atomic { TOUCH(s); ST(owner, s, DEPOT) }	/* give.owner */
#ifdef GIVE_WITHOUT_LOOK
	MB;
	file_known(s);
#else
#ifndef GIVE_WITHOUT_MB
	MB;						/* give.mb */
#endif
	file(s);					/* give.look */
#endif
	release(DEPOT_LOCK)
}

inline depot_freed(s)
{
	acquire(DEPOT_LOCK);
#ifdef FREED_WITHOUT_LOOK
	ok = true;
#else
	atomic {					/* freed.look */
		TOUCH(s);
		ok = (LD(owner, s) == DEPOT && LD(listed, s) == UNLISTED)
	}
#endif
	if
	:: ok -> file(s)
	:: else
	fi;
	release(DEPOT_LOCK)
}

/* Any slab that is on a list may be the best. Sets t. */
inline unlist_best()
{
	if
	:: on[0] == BINS -> t = 0
#if NS > 1
	:: on[1] == BINS -> t = 1
#endif
	:: else -> t = NO_SLAB
	fi;
	if
	:: t != NO_SLAB -> unlist(t)
	:: else ->
#ifdef MAY_RETIRE
		if
		:: on[0] == RETIRED || on[0] == WAITING -> t = 0
#if NS > 1
		:: on[1] == RETIRED || on[1] == WAITING -> t = 1
#endif
		:: else
		fi;
		if
		:: t != NO_SLAB -> on[t] = NOWHERE
		:: else
		fi
#endif
	fi
}

/* Sets t; a slab so taken has a free object. */
inline depot_take()
{
	acquire(DEPOT_LOCK);
	unlist_best();
	if
	:: t != NO_SLAB ->
		atomic { TOUCH(t); ST(owner, t, me); assert(LD(free_bits, t)) }
	:: else
	fi;
	release(DEPOT_LOCK)
}

/* Sets got. */
inline depot_alloc()
{
	got = 0;
	acquire(DEPOT_LOCK);
	unlist_best();
	if
	:: t != NO_SLAB ->
		slab_pop(t);
		assert(got);
		atomic { ST(owner, t, DEPOT) }
#ifdef UNLIST_WITHOUT_LOOK
		MB;
		file_known(t)
#else
#ifndef UNLIST_WITHOUT_MB
		MB;					/* unlist.mb */
#endif
		file(t)					/* unlist.look */
#endif
	:: else
	fi;
	release(DEPOT_LOCK)
}

/* One slab that is listed, if any. */
inline depot_sort()
{
	acquire(DEPOT_LOCK);
	if
	:: on[0] == BINS -> t = 0
#if NS > 1
	:: on[1] == BINS -> t = 1
#endif
	:: else -> t = NO_SLAB
	fi;
	if
	:: t != NO_SLAB -> unlist(t); MB; file(t)
	:: else
	fi;
	release(DEPOT_LOCK)
}

/* One slab whose objects are home, if any. */
inline depot_retire()
{
	acquire(DEPOT_LOCK);
	if
	:: on[0] == BINS && LD(listed, 0) == WHOLE -> t = 0
#if NS > 1
	:: on[1] == BINS && LD(listed, 1) == WHOLE -> t = 1
#endif
	:: else -> t = NO_SLAB
	fi;
	if
	:: t != NO_SLAB ->
		unlist(t);
		assert(!live[t] && !remote[t] && LD(free_bits, t) == ALL);
		atomic { TOUCH(t); ST(owner, t, RETIRING) }	/* retire */
#ifdef RETIRE_INTO_WAITING
		list_add(t, WAITING)
#else
		list_add(t, RETIRED)
#endif
	:: else
	fi;
	release(DEPOT_LOCK)
}

#if NS > 1
#define NONE_ON(where)	(on[0] != where && on[1] != where)
#else
#define NONE_ON(where)	(on[0] != where)
#endif

inline splice_retired()
{
	on[0] = (on[0] == RETIRED -> WAITING : on[0]);
#if NS > 1
	on[1] = (on[1] == RETIRED -> WAITING : on[1])
#endif
}

inline depot_start_grace()
{
	acquire(DEPOT_LOCK);
	atomic {
		any = NONE_ON(WAITING) && !NONE_ON(RETIRED);
		if
		:: any -> splice_retired()
		:: else
		fi
	}
	release(DEPOT_LOCK);
	if
	:: any -> start_grace_period(1)
	:: else
	fi
}

inline depot_release()
{
	do
	:: acquire(DEPOT_LOCK);
	   atomic {
		if
		:: on[0] == WAITING -> t = 0
#if NS > 1
		:: on[1] == WAITING -> t = 1
#endif
		:: else -> t = NO_SLAB
		fi;
		if
		:: t != NO_SLAB -> on[t] = NOWHERE
		:: else
		fi
	   }
	   release(DEPOT_LOCK);
	   if
	   :: t == NO_SLAB -> break
	   :: else ->
		atomic {
			assert(!live[t] && !remote[t] && free_bits[t] == ALL);
			released[t] = true
		}
	   fi
	od
}

/* gp[1] == 0: poll_state_synchronize_rcu() of the last one says yes */
inline depot_advance()
{
	if
#ifdef RELEASE_WITHOUT_GP
	:: !NONE_ON(WAITING) -> depot_release()
#else
	:: !NONE_ON(WAITING) && gp[1] == 0 -> depot_release()	/* retire.gp */
#endif
	:: true
	fi;
	depot_start_grace()
}

/* -- reserve.c -- */

inline reserve_add(s)
{
	if
	:: true -> depot_give(s)			/* full, or lock is taken */
	:: acquire(PAIR_LOCK);
	   list_add(s, RESERVE(me));
	   release(PAIR_LOCK)
	fi
}

/* Sets t. */
inline reserve_take()
{
	t = NO_SLAB;
	if
	:: true						/* lock is taken */
	:: acquire(PAIR_LOCK);
	   if
	   :: on[0] == RESERVE(me) -> t = 0
#if NS > 1
	   :: on[1] == RESERVE(me) -> t = 1
#endif
	   :: else
	   fi;
	   if
	   :: t != NO_SLAB -> on[t] = NOWHERE
	   :: else
	   fi;
	   release(PAIR_LOCK)
	fi
}

inline reserve_park(s)
{
#ifndef PARK_WITHOUT_RELEASE
	RELEASE;					/* park.release */
#endif
	atomic { TOUCH(s); ST(owner, s, PARKED(me)) }
#ifndef PARK_WITHOUT_MB
	MB;						/* park.mb */
#endif
#ifndef PARK_WITHOUT_LOOK
	atomic { TOUCH(s); ok = (remote[s] != 0) }	/* park.look */
	if
	:: ok ->
#ifdef PARK_WITHOUT_CMPXCHG
		store_owner(s, me);
#else
		cmpxchg_owner(s, PARKED(me), me);	/* park.back */
#endif
		if
		:: ok -> reserve_add(s)
		:: else
		fi
	:: else
	fi
#endif
}

/* Sets ok: false if somebody else was first. */
inline reserve_unpark(s, obj)
{
#ifdef UNPARK_WITHOUT_CMPXCHG
	store_owner(s, me);
#else
	cmpxchg_owner(s, PARKED(me), me);		/* unpark */
#endif
	if
	:: ok -> slab_push(s, obj); reserve_add(s)
	:: else
	fi
}

inline reserve_freed(s, seen)
{
#ifdef FREED_WITHOUT_CMPXCHG
	store_owner(s, HELD);
#else
	cmpxchg_owner(s, seen, HELD);			/* freed.parked */
#endif
	if
	:: ok -> depot_give(s)
	:: else
	fi
}

/* Any slab out of the reserve of CPU c. */
inline disown_one(c)
{
	acquire(PAIR_LOCK);
	if
	:: on[0] == RESERVE(c) -> t = 0
#if NS > 1
	:: on[1] == RESERVE(c) -> t = 1
#endif
	:: else -> t = NO_SLAB
	fi;
	if
	:: t != NO_SLAB ->
		atomic { TOUCH(t); ST(owner, t, HELD) }	/* disown */
		atomic { list_del(t, RESERVE(c)); list_add(t, DISOWNED) }
	:: else
	fi;
	release(PAIR_LOCK)
}

inline disown_grace_period()
{
#ifdef DISOWN_WITHOUT_GP
	skip
#else
	start_grace_period(0);				/* disown.gp */
	gp[0] == 0
#endif
}

inline reserve_give_disowned()
{
	s = 0;
	do
	:: s < NS && on[s] == DISOWNED -> on[s] = NOWHERE; depot_give(s); s++
	:: s < NS && on[s] != DISOWNED -> s++
	:: s == NS -> break
	od
}

/* -- pair.c and pair.h -- */

/* A CPU's own task: never below a section of its own. */
inline section_enter()
{
	atomic { preempt_disable(); busy[me] = true }
}

inline section_leave()
{
	atomic { busy[me] = false; region[me]--; QUIESCE(me) }
}

/* Sets got. In a section. */
inline pair_alloc()
{
	got = 0;
	any = false;
	x = pair[me];
	if
	:: x != NO_SLAB ->
		slab_pop(x);
		if
		:: got == 0 ->
			slab_collect(x);
			if
			:: any -> slab_pop(x)
			:: else
			fi
		:: else
		fi
	:: else
	fi;
	if
	:: got == 0 ->
		reserve_take();
		if
		:: t == NO_SLAB -> depot_take()
		:: else
		fi;
		if
		:: t != NO_SLAB ->
			atomic { TOUCH(t); ST(owner, t, me) }
			pair[me] = t;
			slab_pop(t);
			obj = got;
			if
			:: x != NO_SLAB -> reserve_park(x)
			:: else
			fi;
			got = obj;
		:: else
		fi
	:: else
	fi
}

inline pair_drain()
{
	x = pair[me];
	pair[me] = NO_SLAB;
	if
	:: x != NO_SLAB -> depot_give(x)
	:: else
	fi
}

/* -- alloc.c -- */

inline free_remote(s, obj)
{
	atomic { TOUCH(s); assert(LD(owner, s) != RETIRING) }
#ifdef FREE_WITHOUT_MB
	/* the looks below are done before the obj is out */
	atomic { TOUCH(s); o = LD(owner, s) }
	atomic { TOUCH(s); l = LD(listed, s) }
#endif
	atomic {					/* free.set */
		MB -> TOUCH(s);
		assert(!(remote[s] & obj));
		live[s] = live[s] ^ obj;
		remote[s] = remote[s] | obj
	}
#ifdef FREE_IN_TWO_REGIONS
	preempt_enable();
	preempt_disable();
#endif
#ifndef FREE_WITHOUT_MB
	if						/* free.look */
	:: atomic { TOUCH(s); o = LD(owner, s) }
	   atomic { TOUCH(s); l = LD(listed, s) }
	:: atomic { TOUCH(s); l = LD(listed, s) }
	   atomic { TOUCH(s); o = LD(owner, s) }
	fi;
#endif
	if
	:: o == DEPOT && l == UNLISTED -> depot_freed(s)
	:: IS_PARKED(o) -> reserve_freed(s, o)
	:: else
	fi
}

/* kmobj_free() in a section, from free_fast() on. */
inline free_in_section(s, obj)
{
#ifndef BUSY_AFTER_LOOK
	atomic { TOUCH(s); o = LD(owner, s) }
#endif
	ok = false;
	if
	:: o == me -> slab_push(s, obj); ok = true
	:: o == PARKED(me) -> reserve_unpark(s, obj)
	:: else
	fi;
	if
	:: !ok -> free_remote(s, obj)
	:: else
	fi
}

inline kmobj_free(s, obj)
{
#ifdef BUSY_AFTER_LOOK
	preempt_disable();
	atomic { TOUCH(s); o = LD(owner, s) }
	busy[me] = true;
#else
	section_enter();				/* section */
#endif
	free_in_section(s, obj);
	section_leave()
}

/* kmobj_free() where no slab is this CPU's: what is left of a section. */
inline free_from_afar(s, obj)
{
	preempt_disable();				/* free.region */
	free_remote(s, obj);
	preempt_enable()
}

inline kmobj_alloc()
{
	section_enter();
	pair_alloc();
	section_leave()
}

/* An object that the caller has and now frees: from here on it is not its. */
#define CHOOSE(n, b) \
	:: mine[who * NS + n] & b -> \
		mine[who * NS + n] = mine[who * NS + n] ^ b; s = n; obj = b

#if NS > 1
#define HAS_OBJECT	(mine[who * NS] || mine[who * NS + 1])
#else
#define HAS_OBJECT	(mine[who * NS])
#endif

inline choose_object()
{
	atomic {
		if
		CHOOSE(0, 1)
		CHOOSE(0, 2)
#if NS > 1
		CHOOSE(1, 1)
		CHOOSE(1, 2)
#endif
		fi
	}
}

proctype buffer(byte c)
{
end:	do
	DRAIN(owner, 0)
	DRAIN(listed, 0)
	DRAIN(free_bits, 0)
#if NS > 1
	DRAIN(owner, 1)
	DRAIN(listed, 1)
	DRAIN(free_bits, 1)
#endif
	od
}

/* -- at the end, when it is quiet: every object and slab is in its place -- */

#define IMPLIES(p, q) assert(!(p) || (q))

inline quiet(s)
{
	if
	:: released[s] -> assert(!live[s] && on[s] == NOWHERE)
	:: else ->
		assert((free_bits[s] ^ remote[s] ^ live[s]) == ALL);
		assert((free_bits[s] | remote[s] | live[s]) == ALL);
		assert(owner[s] != HELD);
		assert((listed[s] != UNLISTED) == (on[s] == BINS));
		IMPLIES(owner[s] == DEPOT, on[s] == BINS || live[s] == ALL);
		IMPLIES(on[s] == BINS, owner[s] == DEPOT);
		IMPLIES(IS_PARKED(owner[s]), on[s] == NOWHERE && live[s] == ALL);
		IMPLIES(IS_CPU(owner[s]), pair[owner[s]] == s ||
			on[s] == RESERVE(owner[s]));
		IMPLIES(owner[s] == RETIRING, free_bits[s] == ALL &&
			(on[s] == RETIRED || on[s] == WAITING))
	fi
}

#if NC > 2
#define NO_STORE_WAITS	(pend[0] == 0 && pend[1] == 0 && pend[2] == 0)
#else
#define NO_STORE_WAITS	(pend[0] == 0 && pend[1] == 0)
#endif

proctype at_the_end()
{
	atomic {
		running == 0 && NO_STORE_WAITS ->
		quiet(0);
#if NS > 1
		quiet(1);
#endif
	}
}
