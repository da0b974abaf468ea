/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPUs A and B each take the slab, hand out its objects and give it up, while
 * both free into it: who does not own it notifies who does.  The opening comment
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
		:: holder == me -> kmobj_drain()
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
		:: live = 1; holder = 0
		:: live = 3; holder = 0
		:: live = 3; owner = FULL_OWNED
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
