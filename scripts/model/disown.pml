/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poller takes a slab out of the reserve of CPU A, which frees into it and
 * allocates from it, while CPU B frees into it too.
 */
#define NC	3
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

/* reserve_age(): a pass; then the next, which finds the grace period over */
proctype poller(byte me)
{
	LOCALS;

	disown_one(0);
	if
	:: on[0] == DISOWNED -> disown_grace_period(); reserve_give_disowned()
	:: else
	fi;
	atomic { running-- }
}

init
{
	atomic {
		owner[0] = 0;
		on[0] = RESERVE(0);
		running = 3;
		if
		:: live[0] = 2; mine[0] = 2
		:: live[0] = 2; mine[1] = 2
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
