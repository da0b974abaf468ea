/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU A fills its slab, takes the next one, parks the first and frees into it,
 * while CPU B frees into it too.  The opening comment of reserve.c.
 */
#define NC	2
#define NS	2
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte who = me, n = 4;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: HAS_OBJECT -> choose_object(); kmobj_free(s, obj)
		:: kmobj_alloc()
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

init
{
	atomic {
		pair[0] = 0;
		owner[0] = 0;
		if			/* where the next slab is */
		:: owner[1] = DEPOT; on[1] = BINS; listed[1] = PARTIAL
		:: owner[1] = 0; on[1] = RESERVE(0)
		fi;
		live[1] = 1;		/* nobody comes to free that one */
		free_bits[1] = 2;
		running = 2;
		if
		:: live[0] = 1; mine[2] = 1
		:: live[0] = 3; mine[2] = 3
		:: live[0] = 3; mine[2] = 1; mine[0] = 2
		fi;
		free_bits[0] = ALL ^ live[0];
		run buffer(0);
		run buffer(1);
		run cpu_a(0);
		run cpu_b(1);
		run at_the_end()
	}
}
