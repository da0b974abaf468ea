/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poller retires the slab, releases it and frees an object, while CPU A
 * gives it up and looks at what it was notified of, and CPU B frees into it and takes
 * it.  depot_retire() and depot_release() in retire.c.
 */
#define NC	3
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte n = 2;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: kmobj_alloc()
		:: kmobj_drain()
		fi
	:: break
	od;
	atomic { n = 0; running-- }
}

proctype cpu_b(byte me)
{
	byte n = 2;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: pool -> kmobj_free()
		:: kmobj_alloc()
		fi
	:: break
	od;
	atomic { n = 0; running-- }
}

proctype poller(byte me)
{
	byte n = 2;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: depot_retire(); depot_advance(); atomic { FORGET }
		:: pool -> free_from_afar()
		fi
	:: break
	od;
	atomic { n = 0; running-- }
}

init
{
	atomic {
		running = 3;
		if
		:: live = 1; holder = 0
		:: live = 3; owner = FULL_OWNED
		:: live = 1; owner = DEPOT; on = BINS; listed = PARTIAL
		fi;
		pool = live;
		free_bits = ALL ^ live;
		run buffer(0);
		run buffer(1);
		run buffer(2);
		run cpu_a(0);
		run cpu_b(1);
		run poller(2);
		run at_the_end()
	}
}
