/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A slab that a CPU has no use for leaves its reserve; and the two slabs, if the CPU is
 * not used at all.
 */
bool uses_differ;		/* allocs + frees != uses_seen */
#define CAME	skip
#define BEGIN	skip
#define USE	uses_differ = true
#define LEFT	skip

#define RUN	1

#include "churn.pml"

/* idle_ms is over. */
inline drain_idle()
{
	if
	:: uses_differ -> uses_differ = false
#ifndef IDLE_WITHOUT_ASK
	:: !uses_differ -> ASK				/* ask.idle */
#else
	:: else
#endif
	fi
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
		run freer()
	}
	do
	:: atomic { drain_idle(); reserve_age() }
	od
}

#define UNUSED	(place == IN_RESERVE || \
		 (place == IN_USE && !uses_differ && !isolated))

ltl unused { []<>!UNUSED }
