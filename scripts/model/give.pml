/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU A gives up its slab while CPU B frees into it and allocates from the
 * depot.  Rules 3 to 5 of design.md, 5.
 */
#define NC	2
#define NS	1
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte who = me, n = 3;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: HAS_OBJECT -> choose_object(); kmobj_free(s, obj)
		:: pair[me] != NO_SLAB -> kmobj_alloc()
		:: section_enter(); pair_drain(); section_leave()
		fi
	:: break
	od;
	atomic { running-- }
}

proctype cpu_b(byte me)
{
	byte who = me, n = 3;
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

init
{
	atomic {
		pair[0] = 0;
		owner[0] = 0;
		running = 2;
		/* which objects are out, and whose they are */
		if
		:: live[0] = 1; mine[1] = 1
		:: live[0] = 3; mine[1] = 3
		:: live[0] = 3; mine[0] = 1; mine[1] = 2
		fi;
		free_bits[0] = ALL ^ live[0];
		run buffer(0);
		run buffer(1);
		run cpu_a(0);
		run cpu_b(1);
		run at_the_end()
	}
}
