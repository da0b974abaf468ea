/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The poller takes what CPU A owns, which allocates and frees, while CPU B
 * frees.  The opening comment of reserve.c, "Idle CPUs".
 */
#define NC	3
#define MAY_FREEZE
#include "kmobj.pml"

proctype cpu_a(byte me)
{
	byte n = 2;
	LOCALS;

	do
	:: n > 0 -> n--;
		if
		:: pool -> kmobj_free()
		:: kmobj_free_another()
		:: kmobj_alloc()
		:: holder == me -> kmobj_drain()
		fi
	:: break
	od;
	atomic { n = 0; running-- }
}

proctype cpu_b(byte me)
{
	LOCALS;

	if
	:: pool -> free_from_afar()
	:: true
	fi;
	running--
}

proctype poller(byte me)
{
	byte n = 3;
	LOCALS;

	do
	:: n > 0 -> n--; reserve_age(); atomic { FORGET }
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
		:: live = 1; on = RESERVE(0)
		:: live = 3; holder = 0
		:: live = 3; owner = FULL_OWNED
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
