/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What other CPUs freed becomes known to who can hand it out: by the poller,
 * and without it, too, if CPU 0 comes by its lists. But a CPU that never leaves
 * its fast path does not look into its active and alternate slab.
 */
bool came;			/* CPU 0 has just been at its lists */
#define CAME	came = true
#define BEGIN	came = false
#define USE	skip
#define LEFT	skip

#define RUN	1

#include "churn.pml"

bool polled;

init
{
	atomic {
		if
		:: polled = true
		:: true
		fi;
		run cpu_0();
		run freer()
	}
	do
	:: atomic { polled -> reserve_age() }
	od
}

#define UNSEEN	(remote && place != IN_USE && place != IN_DEPOT)

ltl reach { []<>(polled || came) -> []<>!UNSEEN }
