/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone sleeps, so that passes of the poller leave it out, while CPU A takes, uses and
 * gives up a slab and looks at those it was notified of, and CPU B frees: into a slab of
 * the depot, or one of CPU A's. The opening comment of zone_maintain().
 *
 * When all is quiet, a zone that sleeps has no work for a pass. Stores may be delayed and
 * pass each other, as in memory.pml, but for those to bool variables, which atomics
 * change. Loads are in order.
 *
 *	step		in C					pairs with
 *	sleep.mb	smp_mb() in zone_maintain()		wake.mb
 *	wake.mb		smp_mb() in zone_wake(), or an atomic	sleep.mb
 *	wake.look	zone_wake_after_mb()			sleep.mb
 */
#define NC	3
#define EMPTY	255
#define LOCATION(x)	byte x; byte buf_##x[NC] = EMPTY

LOCATION(awake);
LOCATION(first);	/* CPU A owns a slab that is its active one */
LOCATION(second);	/* or its alternate one; one of the two at most */
LOCATION(backlog);	/* slabs that CPU A has taken off the list */
LOCATION(listed);	/* a free slab lies in the depot */
bool notified;		/* the list of CPU A */
bool remote;		/* a bit that others set in a slab of the depot */
byte running;

#define LD(x)	(buf_##x[me] != EMPTY -> buf_##x[me] : x)
#define OWNED	(LD(first) || LD(second))
#define ST(x, v)	buf_##x[me] = v
#define MB	NO_STORE(me)
#define QUIET	(running == 0 && NO_STORE(0) && NO_STORE(1) && NO_STORE(2))
#define NO_STORE(c) \
	(buf_awake[c] == EMPTY && buf_first[c] == EMPTY && buf_second[c] == EMPTY && \
	 buf_backlog[c] == EMPTY && buf_listed[c] == EMPTY)

#define OUT(x) \
	:: atomic { buf_##x[c] != EMPTY -> x = buf_##x[c]; buf_##x[c] = EMPTY }

proctype buffer(byte c)
{
end:
	do
	OUT(awake)
	OUT(first)
	OUT(second)
	OUT(backlog)
	OUT(listed)
	od
}

inline zone_wake_after_mb()
{
	if
	:: !LD(awake) -> ST(awake, 1)		/* wake.look */
	:: else
	fi
}

inline zone_wake()
{
#ifndef WAKE_WITHOUT_MB
	MB;					/* wake.mb */
#endif
	zone_wake_after_mb()
}

/* cpu_push(), reserve_reuse(): the first slab that the CPU owns. */
inline own()
{
	if
	:: ST(first, 1)
	:: ST(second, 1)
	fi;
#ifndef OWN_WITHOUT_WAKE
	zone_wake()
#endif
}

/* cpu_swap(), with a slab and none */
inline swap()
{
	if
	:: LD(first) -> ST(second, 1); ST(first, 0)
	:: else -> ST(second, 0); ST(first, 1)
	fi;
#ifndef SWAP_WITHOUT_WAKE
	zone_wake()
#endif
}

proctype cpu_a(byte me)
{
	byte n = 3;

	do
	:: n > 0 -> n--;
		if
		:: !OWNED -> own()
		:: OWNED -> swap()
		:: OWNED ->
			ST(first, 0);
			ST(second, 0);
			if
			:: true ->
				ST(listed, 1);
#ifndef LIST_WITHOUT_WAKE
				zone_wake()
#endif
			:: true			/* it is in use */
			fi
		:: notified ->
			atomic { MB -> notified = false };
			ST(backlog, 1);
			if
			:: true ->		/* it looks at them all: one is of use */
				if
				:: !OWNED -> own()
				:: else
				fi;
				ST(backlog, 0)
			:: true			/* others come later, and none was */
#ifndef BEHIND_WITHOUT_WAKE
				-> zone_wake()
#endif
			fi
		fi
	:: break
	od;
	running--
}

proctype cpu_b(byte me)
{
	byte n = 2;

	do
	:: n > 0 -> n--;
		if
		:: atomic { MB -> remote = true }
		:: atomic { MB && !notified -> notified = true }
		fi;
#ifndef FREE_WITHOUT_WAKE
		zone_wake_after_mb()
#endif
	:: break
	od;
	running--
}

proctype poller(byte me)
{
	byte n = 3;
	bool more;

	do
	:: n > 0 -> n--;
		if
		:: LD(awake) ->
#ifndef SLEEP_AFTERWARDS
			ST(awake, 0);
#ifndef SLEEP_WITHOUT_MB
			MB;			/* sleep.mb */
#endif
#endif
			remote = false;		/* depot_sort() */
			more = LD(listed);	/* depot_retire() */
			if
			:: more -> atomic { MB -> listed = 0 }
			:: else
			fi;
			more = more || LD(first);
			more = more || LD(second);
			more = more || LD(backlog);
			more = more || notified;
#ifndef SLEEP_AFTERWARDS
			if
			:: more -> ST(awake, 1)
			:: else
			fi
#else
			ST(awake, more)
#endif
		:: else
		fi
	:: break
	od;
	running--
}

proctype at_the_end()
{
	QUIET;
	assert(awake || !(first || second || backlog || listed || notified || remote))
}

init
{
	atomic {
		running = 3;
		if
		:: awake = 1
		:: true
		fi;
		run buffer(0);
		run buffer(1);
		run buffer(2);
		run cpu_a(0);
		run cpu_b(1);
		run poller(2);
		run at_the_end()
	}
}
