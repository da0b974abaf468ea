/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Liveness: CPU 0 uses its zone in any way it likes, another CPU frees into CPU
 * 0's slabs, the poller comes by. reach.pml, limit.pml and unused.pml say what
 * must hold.
 *
 *	step		C					pairs with
 *	----		-				----------
 *	moves		reserve_open(): moves			age
 *	age		cpu_age(): trim, or FROZEN		moves
 *	trim.again	reserve_look(): trim > 1		age
 *	answer		free_own(): cpu_answer()		age, ask.limit
 *	answer.swap	alloc_alternate(): drain		ask.limit
 *	answer.refill	cpu_refill(): drain			ask.limit
 *	drain.notified	cpu_drain(): reserve_drain(), then the two slabs
 *	ask.limit	drain_at_limit(): drain, and work	answer, work
 *	ask.idle	cpu_look_idle(): drain, and work	work
 *	work		drain_all_zones(): cpu_step()		ask.limit, ask.idle
 *	felt		cpu_refill(): no depot_take()		ask.limit
 *
 * The search assumes weak fairness: a process that can always go on does so now
 * and then. CPU 0's steps are free choices: it may for ever take the fast path,
 * wake full slabs, run out of objects, or do nothing.
 *
 * A wrong turn is taken where one of the macros that run.sh lists is defined.
 *
 * Simpler than the C code: a section is one step, a pass of the poller another,
 * so that grace periods take no time and the poller never meets a section at the
 * CPU's lists (idle.pml looks at that). A CPU has one such slab, objects are not
 * counted, what is done to other slabs is a free choice. RUN is 1, with another
 * slab ahead on the list; in limit.pml 2, as what is further behind is not all
 * that there is. Work is not queued on CPUs that come by: it only is sooner.
 */

bool isolated;			/* CPU 0 is not to be given work */

/* The slab. In the depot it is listed exactly if known. */
mtype = { IN_USE, FULL_OWNED, IN_RESERVE, DISOWNED, IN_DEPOT };
mtype place = IN_USE;
bool known;			/* has a bit in free[] */
bool remote;			/* has a bit in remote[] */

/* Where notified put it. */
mtype = { NOWHERE, NOTIFIED, TODO };
mtype on_notified = NOWHERE;
bool ahead;			/* of it: another slab */

/* CPU 0's active or alternate slab */
bool frozen;			/* reserve_state; TAKEN is over before CPU 0 sees it */
bool drain;
byte trim;
bool low;			/* the slab was in the reserve since the last trim */
bool moves_differ;		/* moves != moves_seen */
bool backlog_is_held;
bool work;			/* drain_work is pending on CPU 0 */
byte limit_felt;

inline collect()
{
	known = known || remote;
	remote = false
}

inline depot_give()
{
	collect();
	place = IN_DEPOT
}

/* One object: the last that is free, or not. */
inline depot_alloc()
{
	if
	:: known = remote
	:: true
	fi;
	remote = false
}

/* The slab, dormant until now, has free objects. */
inline reserve_reuse()
{
	if
	:: place = IN_RESERVE
	:: place = IN_USE
	fi
}

/* Another slab becomes active, and out goes a full one. */
inline cpu_push_another()
{
	if
	:: place == IN_USE && !known -> place = FULL_OWNED
	:: true
	fi
}

inline reserve_open()
{
	CAME;
#ifndef OPEN_WITHOUT_MOVES
	moves_differ = true;				/* moves */
#endif
	frozen = false;
	backlog_is_held = false
}

inline notified_look()
{
	on_notified = NOWHERE;
	if
	:: place == FULL_OWNED && remote -> collect(); reserve_reuse()
	:: place == DISOWNED
	:: else -> collect()		/* in the depot: depot_on_remote_free() */
	fi
}

inline notified_drain()
{
	on_notified = (on_notified == NOTIFIED -> TODO : on_notified);
#if RUN > 1
	ahead = false;
	cpu_push_another();
#endif
	if
	:: on_notified == TODO && ahead -> ahead = false; cpu_push_another()
	:: on_notified == TODO && !ahead -> notified_look()
	:: on_notified == NOWHERE
	fi
}

inline reserve_trim()
{
	if
	:: low && place == IN_RESERVE -> depot_give()
	:: else
	fi;
	trim = 0;
	low = (place == IN_RESERVE)
}

inline reserve_look()
{
	reserve_open();
	notified_drain();
	if
	:: trim && on_notified != TODO -> reserve_trim()
#ifndef TRIM_WITHOUT_AGAIN
	:: trim == 1					/* another slab is on todo */
	:: trim > 1 -> reserve_trim()			/* trim.again */
#else
	:: trim
#endif
	:: !trim
	fi
}

inline cpu_give()
{
	if
	:: place == IN_USE -> depot_give()
	:: else
	fi
}

inline cpu_drain()
{
#ifdef DRAIN_TWO_FIRST
	cpu_give();
#endif
	reserve_open();
	notified_drain();
	if
	:: place == IN_RESERVE -> depot_give(); low = false
	:: else
	fi;
#ifndef DRAIN_TWO_FIRST
	cpu_give();					/* drain.notified */
#endif
	drain = (on_notified == TODO)
}

inline cpu_answer()
{
	if
#ifndef ANSWER_WITHOUT_DRAIN
	:: drain -> cpu_drain()
	:: !drain -> reserve_look()
#else
	:: reserve_look()
#endif
	fi
}

#if defined(ASKED_WITHOUT_NOTIFIED)
#define CPU_IS_ASKED	(drain || trim)
#elif defined(ASKED_WITHOUT_TODO)
#define CPU_IS_ASKED	(drain || trim || on_notified == NOTIFIED)
#elif defined(ASKED_WITHOUT_TRIM)
#define CPU_IS_ASKED	(drain || on_notified != NOWHERE)
#else
#define CPU_IS_ASKED	(drain || trim || on_notified != NOWHERE)
#endif

/* A free into a dormant slab of CPU 0's: this one, if it is one, or another. */
inline reserve_free_into_full()
{
	reserve_open();
	if
	:: place == FULL_OWNED -> known = true; reserve_reuse()
	:: cpu_push_another()
	fi;
#ifndef WAKE_WITHOUT_ANSWER
	if
	:: CPU_IS_ASKED -> cpu_answer()		/* answer */
	:: else
	fi
#endif
}

#ifdef TAKE_WITHOUT_FELT
#define MAY_TAKE	true
#else
#define MAY_TAKE	(!limit_felt)				/* felt */
#endif

/* Neither of the two is known to have a free object. */
inline cpu_refill_reserve()
{
	reserve_look();
	if
	:: place == IN_USE && known
	:: place == IN_RESERVE -> place = IN_USE; low = false
	:: place == IN_DEPOT && known && MAY_TAKE -> collect(); place = IN_USE
	:: place == IN_DEPOT && known && !MAY_TAKE -> depot_alloc()
	:: !(place == IN_USE && known) -> cpu_push_another()
	fi
}

inline cpu_refill()
{
#ifndef REFILL_WITHOUT_DRAIN
	if
	:: drain -> cpu_drain()			/* answer.refill */
	:: else
	fi;
#endif
	if
	:: true						/* the two have */
	:: !(place == IN_USE && known) -> cpu_refill_reserve()
	fi
}

/* The active slab is empty. */
inline alloc_alternate()
{
	if
#ifndef SWAP_WITHOUT_DRAIN
	:: !drain					/* the alternate has */
#else
	:: true
#endif
	:: cpu_refill()				/* answer.swap */
	fi
}

proctype cpu_0()
{
	do
	:: atomic { skip; BEGIN }			/* something else */
	:: atomic { BEGIN; USE;				/* pop and push */
		if
		:: place == IN_USE && known -> known = false
		:: place == IN_USE && !known -> known = true
		:: true
		fi }
	:: atomic { BEGIN; USE; LEFT; reserve_free_into_full() }
	:: atomic { BEGIN; USE; LEFT; alloc_alternate() }
	od
}

/* drain_work, on CPU 0 */
proctype worker()
{
	do
	:: atomic { work ->
		work = false;
		do
		:: drain -> cpu_drain()		/* work */
		:: else -> break
		od }
	od
}

#define ASK	drain = true; work = !isolated

/* Another CPU frees into the slab, which has live objects, or another. */
proctype freer()
{
	do
	:: atomic { !remote ->
		remote = true;
		if
		:: place == IN_DEPOT && !known -> collect()
		:: (place == IN_USE || place == FULL_OWNED || place == IN_RESERVE) &&
		   on_notified == NOWHERE -> on_notified = NOTIFIED; ahead = false
		:: else
		fi }
	:: atomic { on_notified == NOTIFIED && !ahead -> ahead = true }
	:: break
	od
}

inline take_all()
{
	if
	:: place == IN_RESERVE -> place = DISOWNED; low = false
	:: else
	fi;
	if
	:: on_notified != NOWHERE && place == IN_USE -> on_notified = TODO
	:: on_notified != NOWHERE && place != IN_USE ->
		on_notified = NOWHERE;
		if
		:: place == FULL_OWNED -> place = DISOWNED
		:: place == IN_DEPOT -> collect()
		:: else
		fi
	:: else
	fi;
	ahead = false;
	backlog_is_held = true;
	frozen = false
}

#define CPU_HOLDS_MORE	(place == IN_RESERVE || on_notified == NOTIFIED || \
			 (on_notified == TODO && !backlog_is_held))

inline cpu_age()
{
	if
	:: frozen -> take_all()
	:: !frozen && moves_differ ->			/* age */
		moves_differ = false;
#ifndef AGE_WITHOUT_TRIM
		trim = (trim -> 2 : 1)
#endif
	:: !frozen && !moves_differ ->
#ifndef AGE_WITHOUT_FREEZE
		frozen = true
#else
		skip
#endif
	:: !frozen && !CPU_HOLDS_MORE			/* nor of other slabs */
	fi
}

inline reserve_age()
{
	if
	:: place == DISOWNED -> depot_give()
	:: else
	fi;
	cpu_age()
}
