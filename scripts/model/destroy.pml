/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The zone is destroyed while CPU A, which may own the slab, and CPU B free into
 * it.  Nobody allocates any more.  reserve_take_from_all() in idle.c.
 */
#define NC	3
#define MAY_FREEZE
#include "kmobj.pml"

proctype cpu(byte me; byte n)
{
	LOCALS;

	do
	:: n > 0 && pool -> n--; kmobj_free()
	:: n > 0 && holder == me -> n--; kmobj_free_another()
	:: break
	od;
	atomic { n = 0; running-- }
}

/* The poller may have begun to take from CPU A. */
proctype destroyer(byte me)
{
	byte n = 2;
	LOCALS;

	do
	:: n > 0 -> n--; reserve_age()
	:: break
	od;
	atomic { n = 0; FORGET }
	destroy_slabs();
	atomic { FORGET; running-- }
}

init
{
	atomic {
		running = 3;
		if
		:: live = 1; holder = 0
		:: live = 1; on = RESERVE(0)
		:: live = 3; holder = 0
		:: live = 3; owner = FULL_OWNED
		:: live = 3; owner = DEPOT
		fi;
		pool = live;
		free_bits = ALL ^ live;
		run buffer(0);
		run buffer(1);
		run buffer(2);
		run cpu(0, 2);
		run cpu(1, 2);
		run destroyer(2);
		run at_the_end()
	}
}
