/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A zone is at its limit: whoever asks is served while anything is free. CPU 0,
 * if it is to be given no work, has to leave its fast path for that. Who is
 * refused asks again before the poller comes twice.
 */
bool left;			/* CPU 0 has just left its fast path */
#define CAME	skip
#define BEGIN	left = false
#define USE	skip
#define LEFT	left = true

#define RUN	2

#include "churn.pml"

bool fed;
bool tried = true;

proctype allocator()
{
	do
	:: atomic { place == IN_DEPOT && known -> depot_alloc(); fed = true; tried = true }
	:: atomic { !(place == IN_DEPOT && known) ->
		fed = false;
		tried = true;
		if
		:: limit_felt < 2 ->
			limit_felt = 2;
#ifdef LIMIT_WITHOUT_WORK
			drain = true
#else
			ASK				/* ask.limit */
#endif
		:: else
		fi }
	od
}

init
{
	atomic {
		if
		:: isolated = true
		:: true
		fi;
		run cpu_0();
		run worker();
		run freer();
		run allocator()
	}
	do
	:: atomic { tried ->
		tried = false;
		limit_felt = (limit_felt -> limit_felt - 1 : 0);
		reserve_age() }
	od
}

ltl limit {
	[]<>(!isolated || left) -> []<>(fed || !(known || remote))
}
