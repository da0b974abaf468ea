/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs A and B each take the slab, hand out its objects and give it up, while
 * both free into it: who does not own it tells who does.  The opening comment
 * of reserve.c.
 */
#define NC	2
#include "kmobj.pml"

proctype cpu(byte me; byte n)
{
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: pool -> kmobj_free()
		:: kmobj_alloc()
		:: in_pair == me -> kmobj_drain()
		fi
	:: break
	od;
	atomic { n = 0; running-- }
}

init
{
	atomic {
		running = 2;
		if
		:: live = 1; in_pair = 0
		:: live = 3; in_pair = 0
		:: live = 3; owner = DORMANT
		fi;
		pool = live;
		free_bits = ALL ^ live;
		run buffer(0);
		run buffer(1);
		run cpu(0, 4);
		run cpu(1, 3);
		run at_the_end()
	}
}
