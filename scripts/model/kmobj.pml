/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ownership of a slab, as alloc.c, free.c, cpu.c, reserve.c, idle.c, retire.c and depot.c
 * have it, step by step over the memory of memory.pml. In the C code a comment
 * "Model: give.mb" names a step; `make check` compares (labels.sh).
 *
 *	step		C					pairs with
 *	----		-				----------
 *	free.set	free_remote(): test_and_set_bit()	give.mb, unlist.mb, take.mb, notified.clear
 *	free.look	slab_notify(): owner, then notified or listed
 *	notify		reserve_notify(): xchg()			notified.clear, pass.clear
 *	give.owner	depot_give(): owner = DEPOT
 *	give.mb		depot_give(): depot_list_after_barrier()	free.set
 *	give.look	depot_give(): file()
 *	unlist.mb	depot_alloc(), depot_sort(): depot_list_after_barrier()	free.set
 *	unlist.look	depot_alloc(), depot_sort(): file()
 *	take.mb		depot_take(): smp_mb()			free.set
 *	take.look	depot_take(): slab_collect()
 *	freed.look	depot_on_remote_free(): owner and listed again, under the lock
 *	collect.xchg	slab_collect()				free.set
 *	notified.clear	notified_look(): xchg()			free.set, notify
 *	pass.clear	notified_pass_on(): xchg()			free.set, notify
 *	pass.notify	notified_pass_on(): reserve_notify()
 *	last.lock	notified_pass_on(): depot_unnotify()		release.look
 *	came		reserve_open(): backlog_is_held = false	taken
 *	wake.look	reserve_free_into_full(): owner again, the lists being open
 *	open		reserve_open(): cmpxchg()		taken
 *	freeze.gp	from FROZEN to the pass that tries TAKEN	section
 *	taken		cpu_take(): cmpxchg()			open
 *	leave		reserve_leave(): owner = CPU | FULL_OWNED
 *	awake		reserve_reuse(): owner = CPU
 *	reopen		cpu_age(): smp_store_release()		open
 *	disown		disown(): owner = IN_TRANSIT
 *	disown.gp	until reserve_give_disowned()		section
 *	close		reserve_take_from_all(): TAKEN			wake.look
 *	mark		slab_mark_taken(): cmpxchg()		give.owner
 *	mark.again	slab_mark_taken(): true whether or not it succeeds
 *	mark.gp		until mark_all_taken() finds none	section
 *	taken.mb	depot_give_taken(): depot_list_after_barrier()	free.set
 *	retire		retire_oldest(): owner = RETIRING
 *	retire.gp	until depot_release()			section, free.region
 *	release.look	release_first(): slab_is_referenced()	notify
 *	section		cpu_section_try_enter() .. cpu_section_leave()
 *	free.region	preemption off from slab_lookup() to the end of the free
 *
 * A wrong turn is taken where one of the macros that run.sh lists is defined;
 * each takes out one of the steps above.
 *
 * Simpler than the C code: there is one slab, with two objects; what is done
 * to other slabs is a free choice ("another slab"). A CPU has one place (the
 * alternate is only a second active one), a zone has one node, a list is a
 * set, and lists are not buffered. notified, remote, reserve_state are touched by
 * atomics, or by stores that a barrier follows at once: they have no buffer
 * either. A live object may be freed by anybody.
 */
#include "memory.pml"

#define ALL	3
#define LOWEST(f) (f & 1 -> 1 : f & 2)

/* owner: a CPU 0 .. NC - 1, with that bit if dormant, or */
#define FULL_OWNED	4
#define IS_CPU(o) (o < 8)
#define CPU_OF(o) (o & 3)
#define DEPOT	8
#define IN_TRANSIT	9
#define RETIRING 10
#define TAKEN_BY_DESTROY 11

/* listed, as in the C code but with one bin for all that is partial */
#define UNLISTED 0
#define PARTIAL	1
#define WHOLE	2		/* all objects home: KMOBJ_BIN_FREE */

LOCATION(owner);
LOCATION(listed);
LOCATION(free_bits);		/* and hint, and link */
byte remote;
bool notified;

/* which list the slab is on: all that list_add() and list_del() know */
#define NOWHERE	0
#define BINS	1
#define RETIRED	2
#define WAITING	3
#define DISOWNED 4
#define RESERVE(c) (c + 5)
byte on;

/* which notified list */
#define NOTIFIED(c)	(c + 1)
#define TODO(c)	(c + 5)
byte on_notified;

byte holder = NOBODY;		/* the CPU whose active or alternate it is */

#define OPEN	0
#define FROZEN	1
#define TAKEN	2
byte reserve_state[NC];
bool backlog_is_held;		/* of CPU A: no other is taken from */
bool reserve_waits;

/* What only the assertions and the choices know. */
byte live;			/* objects that callers have */
byte pool;			/* those that nobody is about to free */
bool released;			/* the slab's pages are gone */
byte running;			/* processes that are not done */

#define LOCALS \
	byte f, o, l, w, got, obj; \
	bool ok, any, last, t

/* So that what is over makes no difference between states. */
#define FORGET	f = 0; o = 0; l = 0; w = 0; got = 0; obj = 0; \
		ok = false; any = false; last = false; t = false

#define TOUCH	assert(!released)

#define PENDING(c)	(c != me && WAITS(free_bits, c))
#if NC > 2
#define PENDING_ELSEWHERE	(PENDING(0) || PENDING(1) || PENDING(2))
#else
#define PENDING_ELSEWHERE	(PENDING(0) || PENDING(1))
#endif

/* Whoever is at free_bits is alone, what waits in buffers included. */
#define ALONE	TOUCH; assert(!PENDING_ELSEWHERE)

/* What the table in state.h lets a step find in owner. */
#define OWNED_BY(c)	(LD(owner) == c || LD(owner) == TAKEN_BY_DESTROY)
#define WAS(o)		assert(LD(owner) == o)

#define LIST_ADD(where)	assert(on == NOWHERE); on = where
#define LIST_DEL(where)	assert(on == where); on = NOWHERE

/* -- slab.c and slab.h: for the owner -- */

/* Sets any. */
inline slab_collect()
{
	atomic { TOUCH; w = remote; any = (w != 0) }
	if
	:: any ->
		atomic {				/* collect.xchg */
			MB -> ALONE;
#ifndef COLLECT_WITHOUT_XCHG
			w = remote;
#endif
			remote = 0;
			f = LD(free_bits);
			assert(!(w & f) && !(w & live));
			ST(free_bits, f | w);
			w = 0; f = 0
		}
	:: else
	fi
}

/* Sets got, 0 if there is none. */
inline slab_pop()
{
	atomic {
		ALONE;
		f = LD(free_bits);
		got = LOWEST(f);
		if
		:: got ->
			assert(!(got & live) && !(got & remote));
			live = live | got;
			ST(free_bits, f ^ got)
		:: else
		fi;
		f = 0
	}
}

inline slab_push()
{
	atomic {
		ALONE;
		f = LD(free_bits);
		assert(!(f & obj) && (live & obj));
		live = live ^ obj;
		ST(free_bits, f | obj);
		f = 0
	}
}

/* -- depot.c and retire.c -- */

inline file_known()
{
	atomic {
		assert(lock == me);
		ALONE;
		f = LD(free_bits);
		if
		:: f ->
			LIST_ADD(BINS);
			ST(listed, (f == ALL -> WHOLE : PARTIAL))
		:: else
		fi;
		f = 0
	}
}

inline file()
{
	slab_collect();
	file_known()
}

inline depot_give()
{
	atomic {						/* give.owner */
		ACQUIRE;
		TOUCH;
		assert(LD(owner) < FULL_OWNED || LD(owner) == IN_TRANSIT || LD(owner) == TAKEN_BY_DESTROY);
		ST(owner, DEPOT)
	}
#ifdef GIVE_WITHOUT_LOOK
	MB;
	file_known();
#else
#ifndef GIVE_WITHOUT_MB
	MB;						/* give.mb */
#endif
	file();						/* give.look */
#endif
	release()
}

inline depot_on_remote_free()
{
	atomic {
		ACQUIRE;
		TOUCH;
#ifdef FREED_WITHOUT_LOOK
		ok = true
#else
		ok = (LD(owner) == DEPOT && LD(listed) == UNLISTED)	/* freed.look */
#endif
	}
	if
	:: ok -> file()
	:: else
	fi;
	release()
}

/* In an atomic, under the lock. Sets t; false: another slab, or none. The slab is the depot's. */
#define UNLIST_BEST \
	if \
	:: on == BINS -> t = true; LIST_DEL(BINS); ST(listed, UNLISTED) \
	:: on == RETIRED || on == WAITING -> t = true; on = NOWHERE; WAS(RETIRING); ST(owner, DEPOT) \
	:: t = false \
	fi

/* Sets t; a slab so taken has a free object. */
inline depot_take()
{
	atomic {
		ACQUIRE;
		UNLIST_BEST;
		if
		:: t -> TOUCH; WAS(DEPOT); ST(owner, me)
		:: else
		fi
	}
	if
	:: t ->
#ifndef TAKE_WITHOUT_MB
		MB;					/* take.mb */
#endif
#ifndef TAKE_WITHOUT_LOOK
		slab_collect()				/* take.look */
#endif
	:: else
	fi;
	release()
}

/* Sets got. */
inline depot_alloc()
{
	atomic { ACQUIRE; UNLIST_BEST }
	if
	:: t ->
		slab_pop();
		assert(got);
#ifdef UNLIST_WITHOUT_LOOK
		MB;
		file_known()
#else
#ifndef UNLIST_WITHOUT_MB
		MB;					/* unlist.mb */
#endif
		file()					/* unlist.look */
#endif
	:: else
	fi;
	release()
}

inline depot_sort()
{
	atomic {
		ACQUIRE;
		t = (on == BINS);
		if
		:: t -> LIST_DEL(BINS); ST(listed, UNLISTED)
		:: else
		fi
	}
	if
	:: t -> MB; file()
	:: else
	fi;
	release()
}

inline depot_retire()
{
	atomic {
		ACQUIRE;
		t = (on == BINS && LD(listed) == WHOLE);
		t = (t && !notified);
		if
		:: t ->
			LIST_DEL(BINS);
			ST(listed, UNLISTED);
			assert(!live && !remote && LD(free_bits) == ALL);
			WAS(DEPOT);
			ST(owner, RETIRING);			/* retire */
#ifdef RETIRE_INTO_WAITING
			LIST_ADD(WAITING)
#else
			LIST_ADD(RETIRED)
#endif
		:: else
		fi
	}
	release()
}

inline depot_start_grace()
{
	atomic {
		ACQUIRE;
		t = (on == RETIRED && gp[1] == 0);
		on = (t -> WAITING : on)
	}
	release();
	if
	:: t -> start_grace_period(1)
	:: else
	fi
}

/* The slab's grace period is over. */
inline depot_release()
{
	atomic {
		ACQUIRE;
		t = false;
		if
#ifndef RELEASE_WITHOUT_LOOK
		:: on == WAITING && notified ->			/* release.look */
			TOUCH;
			on = NOWHERE;
			t = true;
			WAS(RETIRING);
			ST(owner, DEPOT)
		:: on == WAITING && !notified ->
#else
		:: on == WAITING ->
#endif
			on = NOWHERE;
			assert(!live && !remote && free_bits == ALL);
			released = true
		:: else
		fi
	}
	if
	:: t -> MB; file()
	:: else
	fi;
	release()
}

/* gp[1] == 0: poll_state_synchronize_rcu() says yes */
inline depot_advance()
{
	if
#ifdef RELEASE_WITHOUT_GP
	:: on == WAITING -> depot_release()
#else
	:: on == WAITING && gp[1] == 0 -> depot_release()	/* retire.gp */
#endif
	:: else -> depot_start_grace()
	fi
}

/* -- reserve.c -- */

/* After which looks at reserve_state does a CPU say that it came? */
#if defined(CAME_WITHOUT_WORD)
#define COMES	ok
#elif defined(OPEN_WITHOUT_WORD)
#define COMES	!ok
#else
#define COMES	true
#endif

/* Sets ok: are this CPU's lists its own? */
inline reserve_open()
{
#ifdef MAY_FREEZE
	ok = (reserve_state[me] == OPEN);
	if
	:: !ok ->
#ifdef OPEN_WITHOUT_CMPXCHG
		ok = (reserve_state[me] == FROZEN);
		reserve_state[me] = (ok -> OPEN : reserve_state[me])
#else
		atomic {					/* open */
			MB -> ok = (reserve_state[me] == FROZEN);
			reserve_state[me] = (ok -> OPEN : reserve_state[me])
		}
#endif
	:: else
	fi;
	backlog_is_held = backlog_is_held && !(me == 0 && COMES)	/* came */
#else
	ok = true
#endif
}

inline reserve_push()
{
	if
	:: depot_give()					/* it is full */
	:: atomic { LIST_ADD(RESERVE(me)) }
	fi
}

/* No longer the alternate: another one came in. */
inline reserve_leave()
{
	atomic {
		TOUCH;
		assert(LD(free_bits) == 0);
		holder = NOBODY;
		assert(OWNED_BY(me));
		ST(owner, me | FULL_OWNED)				/* leave */
	}
}

inline reserve_reuse()
{
	atomic { TOUCH; assert(OWNED_BY((me | FULL_OWNED))); ST(owner, me) }	/* awake */
	if
	:: reserve_push()			/* the two have something to offer */
	:: atomic { assert(holder == NOBODY); holder = me }
	fi
}

/* Another slab of this CPU's wakes, and takes the place of the full alternate. */
inline reserve_wake_another()
{
	reserve_open();
	if
	:: ok && holder == me && LD(free_bits) == 0 -> reserve_leave()
	:: else
	fi
}

/* Sets ok: false if it was not dormant any more. */
inline reserve_free_into_full()
{
	reserve_open();
#ifndef WAKE_WITHOUT_LOOK
	if
	:: ok -> atomic { TOUCH; ok = (LD(owner) == (me | FULL_OWNED)) }	/* wake.look */
	:: else
	fi;
#endif
	if
	:: ok -> slab_push(); reserve_reuse(); ok = true
	:: else
	fi
}

/* To the CPU that o names. */
inline reserve_notify()
{
	atomic { TOUCH; any = notified }
	if
	:: !any ->
		atomic {					/* notify */
			MB -> TOUCH;
#ifndef NOTIFY_WITHOUT_XCHG
			any = notified;
#endif
			notified = true
		}
		if
		:: !any ->
			atomic {
				TOUCH;
				assert(on_notified == NOWHERE);
				on_notified = NOTIFIED(CPU_OF(o))
			}
		:: else
		fi
	:: else
	fi
}

inline notified_pass_on()
{
#ifdef PASS_ON_WITHOUT_LAST
	last = false;
#else
	atomic { TOUCH; last = (LD(owner) == RETIRING) }
	if
	:: last ->
#ifdef LAST_WITHOUT_LOCK
		atomic { MB -> TOUCH; notified = false }
#else
		atomic {					/* last.lock */
			ACQUIRE;
			TOUCH;
			last = (LD(owner) == RETIRING);
			notified = (last -> false : notified)
		}
		release()
#endif
	:: else
	fi;
#endif
	if
	:: !last ->
		atomic { MB -> TOUCH; notified = false }		/* pass.clear */
		atomic { TOUCH; o = LD(owner) }
		if
#ifndef PASS_ON_WITHOUT_NOTIFY
		:: IS_CPU(o) -> reserve_notify()			/* pass.notify */
#endif
		:: o == DEPOT -> depot_on_remote_free()
		:: else
		fi
	:: else
	fi
}

inline notified_look()
{
	atomic { TOUCH; o = LD(owner) }
	if
	:: !IS_CPU(o) || CPU_OF(o) != me -> notified_pass_on()
	:: else ->
#ifdef NOTIFIED_WITHOUT_MB
		/* the clear comes out after the look */
		atomic { w = remote; any = (w != 0) }
		notified = false;
		if
		:: any -> slab_collect()
		:: else
		fi;
#else
		atomic { MB -> TOUCH; notified = false }		/* notified.clear */
		slab_collect();
#endif
		if
		:: any && o == (me | FULL_OWNED) -> reserve_reuse()
		:: else
		fi
	fi
}

inline notified_drain()
{
	atomic {
		t = (on_notified == TODO(me) || on_notified == NOTIFIED(me));
		on_notified = (t -> NOWHERE : on_notified)
	}
	if
	:: t -> notified_look()
	:: else
	fi
}

/* Sets ok. */
inline reserve_look()
{
	reserve_open();
	if
	:: ok ->
		if
		:: on == RESERVE(me) ->			/* reserve_trim() */
			LIST_DEL(RESERVE(me));
			depot_give()
		:: true
		fi;
		notified_drain();
		ok = true
	:: else
	fi
}

/* -- idle.c, for CPU A, whose lists are the poller's -- */

inline disown()
{
	atomic {						/* disown */
		TOUCH;
		assert(LD(owner) == 0 || LD(owner) == FULL_OWNED);
		ST(owner, IN_TRANSIT);
		LIST_ADD(DISOWNED)
	}
}

inline notified_take()
{
	atomic { TOUCH; o = LD(owner) }
	if
	:: o == 0 -> on_notified = TODO(0)
	:: o == FULL_OWNED -> disown(); notified_pass_on()
	:: else -> notified_pass_on()
	fi
}

inline take_all()
{
	if
	:: on == RESERVE(0) -> on = NOWHERE; disown()
	:: else
	fi;
	atomic {
		t = (on_notified == TODO(0) || on_notified == NOTIFIED(0));
		on_notified = (t -> NOWHERE : on_notified)
	}
	if
	:: t -> notified_take()
	:: else
	fi
}

#define CPU_HOLDS_MORE	(on == RESERVE(0) || on_notified == NOTIFIED(0) || \
			 (on_notified == TODO(0) && !backlog_is_held))

/* Sets t. */
inline cpu_take()
{
	t = (reserve_state[0] == FROZEN);
	if
	:: t ->
		backlog_is_held = true;
#ifdef TAKE_WITHOUT_CMPXCHG
		reserve_state[0] = TAKEN;
#else
		atomic {					/* taken */
			MB -> t = (reserve_state[0] == FROZEN);
			reserve_state[0] = (t -> TAKEN : reserve_state[0])
		}
#endif
		backlog_is_held = (t -> backlog_is_held : false)
	:: else
	fi
}

/* Sets t: is there a next step? */
inline cpu_age()
{
	cpu_take();
	if
	:: t ->
#ifdef REOPEN_WITHOUT_RELEASE
		/* it comes out before what was stored into the lists */
		reserve_state[0] = OPEN;
		take_all();
#else
		take_all();
		MB;						/* reopen */
		reserve_state[0] = OPEN;
#endif
		t = true
	:: else ->
		atomic {
			if
			:: CPU_HOLDS_MORE -> reserve_state[0] = FROZEN; t = true
			:: else
			fi
		}
	fi
}

inline reserve_give_disowned()
{
	if
	:: on == DISOWNED -> on = NOWHERE; depot_give()
	:: else
	fi
}

#if defined(FREEZE_WITHOUT_GP)
#define GP_OVER	(gp[0] == 0 || on != DISOWNED)
#elif defined(DISOWN_WITHOUT_GP)
#define GP_OVER	(gp[0] == 0 || on == DISOWNED)
#else
#define GP_OVER	(gp[0] == 0)				/* freeze.gp, disown.gp */
#endif

/* A pass of the poller. */
inline reserve_age()
{
	if
	:: reserve_waits && !GP_OVER
	:: else ->
		if
		:: reserve_waits -> reserve_give_disowned()
		:: else
		fi;
		cpu_age();
		reserve_waits = t;
		if
		:: t -> start_grace_period(0)
		:: else
		fi
	fi
}

/* -- idle.c and destroy.c, on CPU me -- */

inline reserve_close()
{
#ifndef MARK_WITHOUT_CLOSE
	reserve_state[0] = TAKEN;				/* close */
	reserve_state[1] = TAKEN
#else
	skip
#endif
}

/* Sets any: did a CPU own it? */
inline mark_all_taken()
{
	any = false;
	atomic { TOUCH; o = LD(owner) }
	if
	:: IS_CPU(o) ->
#ifdef MARK_WITHOUT_CMPXCHG
		atomic { MB -> TOUCH; owner = TAKEN_BY_DESTROY; any = true }
#else
		atomic {					/* mark */
			MB -> TOUCH;
			owner = (owner == o -> TAKEN_BY_DESTROY : owner);
#ifdef MARK_WITHOUT_RETRY
			any = (owner == TAKEN_BY_DESTROY)
#else
			any = true				/* mark.again */
#endif
		}
#endif
	:: else
	fi
}

inline mark_grace_period()
{
#ifndef MARK_WITHOUT_GP
	start_grace_period(0);					/* mark.gp */
	gp[0] == 0
#else
	skip
#endif
}

inline depot_give_taken()
{
	atomic {
		ACQUIRE;
		TOUCH;
		t = (LD(owner) == TAKEN_BY_DESTROY);
		if
		:: t -> ST(owner, DEPOT)
		:: else
		fi
	}
	if
	:: t ->
#ifndef GIVE_TAKEN_WITHOUT_MB
		MB;						/* taken.mb */
#endif
		file()
	:: else
	fi;
	release()
}

/* What another CPU sees of the closing may be late. */
inline reserve_take_from_all()
{
	last = reserve_waits;
#ifdef MARK_WITHOUT_WAIT
	last = false;
#endif
	t = true;
	do
	:: t -> reserve_close(); t = false
	:: mark_all_taken();
	   if
	   :: any || last ->
		if
		:: t -> reserve_close(); t = false
		:: else
		fi;
		mark_grace_period();
		last = false
	   :: else -> break
	   fi;
#ifdef MARK_ONCE
	   break
#endif
	od;
	if
	:: t -> reserve_close(); t = false
	:: else
	fi;
	atomic {
		holder = NOBODY;
		on = (on == RESERVE(0) || on == RESERVE(1) -> NOWHERE : on)
	}
	atomic {
		t = (on_notified != NOWHERE);
		on_notified = NOWHERE
	}
	if
	:: t -> notified_pass_on()
	:: else
	fi;
	reserve_give_disowned();
	depot_give_taken()
}

inline depot_flush()
{
	atomic { ACQUIRE; on = (on == RETIRED -> WAITING : on); t = (on == WAITING) }
	release();
	if
	:: t ->
		start_grace_period(1);
		gp[1] == 0;
		depot_release()
	:: else
	fi
}

inline destroy_slabs()
{
	do
	:: reserve_take_from_all();
	   depot_sort();
	   depot_retire();
	   depot_flush();
	   if
	   :: released -> break
	   :: else ->
		atomic { f = LD(free_bits); w = remote }
		if
		:: (f | w) != ALL -> break
		:: else
		fi
	   fi
	od
}

/* -- cpu.c and section.h -- */

/* A CPU's own task: never below a section of its own. */
inline section_enter()
{
	preempt_disable()
}

inline section_leave()
{
	atomic { FORGET; region[me]--; QUIESCE(me) }
}

inline cpu_drain()
{
	reserve_open();
	if
	:: ok ->
		notified_drain();
		if
		:: on == RESERVE(me) -> LIST_DEL(RESERVE(me)); depot_give()
		:: else
		fi
	:: else
	fi;
	if
	:: holder == me -> holder = NOBODY; depot_give()
	:: else
	fi
}

/* If it was asked for something: look at what it was notified of, or give all up. */
inline cpu_answer()
{
	if
	:: reserve_look()
	:: cpu_drain()
	:: true
	fi
}

/* Sets got, 0 if it is an object of another slab, or none. */
inline cpu_refill()
{
	reserve_look();
	if
	:: holder == me -> slab_pop()
	:: else
	fi;
	if
	:: !got ->
		if
		:: ok && on == RESERVE(me) -> LIST_DEL(RESERVE(me)); t = true
		:: else -> depot_take()
		fi;
		if
		:: t ->
			atomic { assert(holder == NOBODY); holder = me }
			slab_pop();
			assert(got)
		:: else ->
			if
			:: holder == me -> reserve_leave()
			:: else
			fi
		fi
	:: else
	fi
}

/* -- alloc.c -- */

inline alloc_in_section()
{
	if
	:: holder == me -> slab_pop()
	:: else
	fi;
	if
	:: !got -> cpu_refill()
	:: else
	fi;
	pool = pool | got
}

/* -- free.c -- */

inline free_remote()
{
	atomic { TOUCH; assert(LD(owner) != RETIRING) }
#ifdef FREE_WITHOUT_MB
	/* the looks below are done before the obj is out */
	atomic { TOUCH; o = LD(owner) }
	atomic { TOUCH; l = LD(listed) }
#endif
	atomic {						/* free.set */
		MB -> TOUCH;
		assert(!(remote & obj) && (live & obj));
		live = live ^ obj;
		remote = remote | obj
	}
#ifdef FREE_IN_TWO_REGIONS
	preempt_enable();
	preempt_disable();
#endif
#ifndef FREE_WITHOUT_MB
	atomic { TOUCH; o = LD(owner) }			/* free.look */
	if
	:: o == DEPOT -> atomic { TOUCH; l = LD(listed) }
	:: else
	fi;
#endif
	if
	:: o == DEPOT && l == UNLISTED -> depot_on_remote_free()
	:: IS_CPU(o) -> reserve_notify()
	:: else
	fi
}

/* kmobj_free() in a section, from free_fast() on. */
inline free_in_section()
{
	atomic { TOUCH; o = LD(owner) }
	ok = false;
	if
	:: o == me -> slab_push(); ok = true
	:: o == (me | FULL_OWNED) ->
		reserve_free_into_full();
		if
		:: ok -> cpu_answer(); ok = true
		:: else
		fi
	:: else
	fi;
	if
	:: !ok -> free_remote()
	:: else
	fi
}

/* Sets obj, 0 if somebody else is about to free what is live. */
inline choose_object()
{
	atomic {
		if
		:: pool & 1 -> obj = 1
		:: pool & 2 -> obj = 2
		:: else
		fi;
		pool = pool ^ obj;
		region[me]++
	}
}

inline kmobj_free()
{
	choose_object();					/* section */
	if
	:: obj -> free_in_section()
	:: else
	fi;
	section_leave()
}

/* kmobj_free() where no slab is this CPU's: what is left of a section. */
inline free_from_afar()
{
	choose_object();					/* free.region */
	if
	:: obj -> free_remote()
	:: else
	fi;
	section_leave()
}

/* kmobj_free() of another slab's object. */
inline kmobj_free_another()
{
	section_enter();
	reserve_wake_another();
	section_leave()
}

inline kmobj_alloc()
{
	section_enter();
	alloc_in_section();
	section_leave()
}

inline kmobj_alloc_below()
{
	preempt_disable();
	depot_alloc();
	pool = pool | got;
	section_leave()
}

inline kmobj_drain()
{
	section_enter();
	cpu_drain();
	section_leave()
}

proctype buffer(byte c)
{
end:	do
	DRAIN(owner)
	DRAIN(listed)
	DRAIN(free_bits)
	od
}

/* -- at the end, when it is quiet: every object and the slab are in place -- */

#define IMPLIES(p, q) assert(!(p) || (q))

inline quiet()
{
	if
	:: released -> assert(!live && on == NOWHERE && on_notified == NOWHERE)
	:: else ->
		assert((free_bits ^ remote ^ live) == ALL);
		assert((free_bits | remote | live) == ALL);
		assert(owner != TAKEN_BY_DESTROY);
		assert((listed != UNLISTED) == (on == BINS));
		assert((owner == IN_TRANSIT) == (on == DISOWNED));
		assert(notified == (on_notified != NOWHERE));
		/* who is to look at the notified list will come */
		IMPLIES(on_notified == TODO(0) && holder != 0, CPU_HOLDS_MORE);
		/* remote frees are known to somebody */
		IMPLIES(IS_CPU(owner) && remote, notified);
		if
		:: owner == DEPOT -> assert(on == BINS || (on == NOWHERE && live == ALL))
		:: owner < FULL_OWNED -> assert((holder == owner) != (on == RESERVE(owner)))
		:: IS_CPU(owner) && owner >= FULL_OWNED ->
			assert(on == NOWHERE && holder == NOBODY && !free_bits)
		:: owner == RETIRING -> assert(free_bits == ALL &&
			(on == RETIRED || on == WAITING))
		:: else
		fi;
		IMPLIES(holder != NOBODY, owner == holder)
	fi
}

proctype at_the_end()
{
	atomic { running == 0 && NO_STORE_WAITS -> quiet() }
}
