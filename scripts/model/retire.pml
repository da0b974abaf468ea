/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poller sorts, retires and releases a slab of the depot, while CPU A takes
 * it, allocates and frees, and CPU B frees into it.  Rule 6 of design.md, 5.
 */
#define NC	3
#define NS	1
#define MAY_RETIRE
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte who = me, n = 2;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: HAS_OBJECT -> choose_object(); free_from_afar(s, obj)
		:: depot_alloc()
		fi
	:: break
	od;
	atomic { running-- }
}

proctype cpu_b(byte me)
{
	byte who = me;
	LOCALS;

	do
	:: HAS_OBJECT -> choose_object(); free_from_afar(s, obj)
	:: break
	od;
	atomic { running-- }
}

proctype poller(byte me)
{
	byte n = 3;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: depot_sort()
		:: true
		fi;
		depot_retire();
		depot_advance()
	:: break
	od;
	atomic { running-- }
}

init
{
	atomic {
		owner[0] = DEPOT;
		running = 3;
		if
		:: live[0] = 3; mine[0] = 1; mine[1] = 2
		:: live[0] = 1; mine[1] = 1; on[0] = BINS; listed[0] = PARTIAL
		fi;
		free_bits[0] = ALL ^ live[0];
		run buffer(0);
		run buffer(1);
		run buffer(2);
		run cpu_a(0);
		run cpu_b(1);
		run poller(2);
		run at_the_end()
	}
}
