/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The mover of zone/mover.c, and a client that keeps the contract of kmobj_zone_args.move
 * in include/kmobj.h: objects have their number in it, a lock is held to change what
 * names them, and readers follow that without the lock.
 *
 * A slab of two objects is emptied into another. Two tasks allocate, publish, take
 * back and free an object each; a third reads. Allocating and freeing are a step each:
 * that they may be is what kmobj.pml is about.
 *
 * A reader sees what was published. No object is handed out or freed twice. A slab of
 * which nothing was kept back is free when it is returned. The client is not called
 * after mover_stop(), and nothing is lost.
 */
#define OBJS		4
#define IN_EMPTIED(o)	((o) < 2)
#define TASKS		2
#define NOBODY		7

mtype = { FREE, LIVE, WAITS };

mtype state[OBJS] = FREE;
bool filled[OBJS];		/* it is what readers expect */
byte nr[OBJS];			/* whose it is, as is written in it */
byte ref[TASKS] = NOBODY;	/* under lock, but for the reader */
bool lock;
bool in_transit;		/* the slab is the mover's */
bool closed, stopped, at_work;
byte tasks_done;

bool reading;
bool reader_began;		/* changes with each */

#define LOCK()		atomic { !lock -> lock = true }
#define UNLOCK()	lock = false

/* Readers that look at something now are done. Others may have begun. */
inline grace_period(began)
{
	atomic { began = reader_began };
	(!reading || reader_began != began)
}

/* Memory that is handed out may hold anything: the number of the other task, too. */
inline alloc(o)
{
	atomic {
		if
#ifndef ALLOC_IN_TRANSIT
		:: state[0] == FREE && !in_transit -> o = 0
		:: state[1] == FREE && !in_transit -> o = 1
#else
		:: state[0] == FREE -> o = 0
		:: state[1] == FREE -> o = 1
#endif
		:: state[2] == FREE -> o = 2
		:: state[3] == FREE -> o = 3
		fi;
		state[o] = LIVE;
		filled[o] = false
	}
}

inline free(o)
{
	d_step {
		assert(state[o] != FREE);
		state[o] = FREE
	}
}

/* What the client does. Returns in @moved; else it was GONE. */
inline move(from, to, moved)
{
	assert(!stopped);
#ifndef MOVE_WITHOUT_LOCK
	LOCK();
#endif
	who = nr[from];
#ifndef MOVE_WITHOUT_LOOK
	moved = ref[who] == from;
#else
	moved = true;
#endif
	if
	:: moved ->
#ifndef NAME_BEFORE_COPY
		atomic { filled[to] = filled[from]; nr[to] = who };
		ref[who] = to
#else
		ref[who] = to;
		atomic { filled[to] = filled[from]; nr[to] = who }
#endif
	:: else
	fi;
#ifndef MOVE_WITHOUT_LOCK
	UNLOCK()
#endif
}

/* An object of the other slab, if there is one: the zone does not grow. */
inline alloc_to(to)
{
	atomic {
		if
		:: state[2] == FREE -> to = 2
		:: state[3] == FREE -> to = 3
		:: else
		fi;
		if
		:: to != NOBODY -> state[to] = LIVE; filled[to] = false
		:: else
		fi
	}
}

/* Ask for one object. In @gone: is it not live any more, or will not be? */
inline move_object(from)
{
	if
	:: to == NOBODY -> alloc_to(to)
	:: else
	fi;
	if
	:: to == NOBODY -> gone = false
	:: else ->
		move(from, to, moved);
		if
		:: moved -> was_moved[from] = true; to = NOBODY
		:: else -> gone = gone && state[from] != LIVE
		fi
	fi
}

inline settle()
{
#ifndef SETTLE_WITHOUT_GP
	grace_period(began);
#endif
	for (from : 0 .. 1) {
		if
		:: was_moved[from] -> free(from); was_moved[from] = false
		:: else
		fi
	}
	atomic {
		assert(!gone || (state[0] != LIVE && state[1] != LIVE));
		in_transit = false
	}
	if
	:: to != NOBODY -> free(to); to = NOBODY
	:: else
	fi
}

active proctype mover()
{
	byte from, to = NOBODY, who;
	bool moved, began, gone;
	bool was_moved[2];

	do
	:: atomic { !closed -> at_work = true; in_transit = true; gone = true };
		for (from : 0 .. 1) {
			if
			:: closed -> gone = false
			:: !closed && state[from] == LIVE -> move_object(from)
			:: !closed && state[from] != LIVE
			fi
		}
		settle();
		atomic { at_work = false; from = 0; who = 0; moved = false; began = false; gone = false }
	:: closed -> break
	od
}

active [TASKS] proctype task()
{
	byte o;
	bool began;
	byte me = _pid - 1;

	alloc(o);
	nr[o] = me;
	filled[o] = true;
	LOCK(); ref[me] = o; UNLOCK();
	LOCK(); o = ref[me]; ref[me] = NOBODY; UNLOCK();
	state[o] = WAITS;
	grace_period(began);
	free(o);
	tasks_done++
}

active proctype reader()
{
	byte o, me;

	do
	:: atomic { reading = true; reader_began = !reader_began };
		if
		:: me = 0
		:: me = 1
		fi;
		o = ref[me];
		if
		:: o != NOBODY -> assert(filled[o]); assert(filled[o])
		:: else
		fi;
		atomic { reading = false; o = 0; me = 0 }
	:: tasks_done == TASKS -> break
	od
}

/* kmobj_zone_destroy() */
active proctype destroy()
{
	byte o;

	tasks_done == TASKS;
	closed = true;				/* mover_shut() */
#ifndef STOP_WITHOUT_WAIT
	!at_work;
#endif
	stopped = true;				/* mover_stop() returns */
	for (o : 0 .. OBJS - 1) {
		assert(state[o] == FREE)
	}
}
