/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU A owns the slab, gives it up and takes it back, while CPU B frees into it
 * and allocates from the depot below a section.  The opening comment of depot.c.
 */
#define NC	2
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte n = 3;
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
	running--
}

proctype cpu_b(byte me)
{
	byte n = 3;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: pool -> free_from_afar()
		:: kmobj_alloc_below()
		fi
	:: break
	od;
	running--
}

init
{
	atomic {
		holder = 0;
		owner = 0;
		running = 2;
		if
		:: live = 1
		:: live = 3
		fi;
		pool = live;
		free_bits = ALL ^ live;
		run buffer(0);
		run buffer(1);
		run cpu_a(0);
		run cpu_b(1);
		run at_the_end()
	}
}
