// SPDX-License-Identifier: GPL-2.0
/*
 * The table of state.h as code, for kernels with KUnit built in: transitions that
 * are not in it are counted, and the suites expect none.
 *
 * slab_set_owner() reads the state just before its store. A write by destroy or by
 * isolate.c in between is not seen: the check is of the transition that the caller
 * meant, and the next call sees the result.
 */
#include "slab/state.h"

#if KMOBJ_OWNER_CHECKED

enum state {
	NONE, NEW, OWNED, HIDDEN_HALF, FULL_OWNED, DEPOT, RETIRING, IN_TRANSIT, TAKEN, CORRUPT,
	NR_STATES
};

static const unsigned int may_become[NR_STATES] = {
	[NEW]		= BIT(OWNED) | BIT(HIDDEN_HALF) | BIT(DEPOT) | BIT(CORRUPT),
	[OWNED]		= BIT(FULL_OWNED) | BIT(DEPOT) | BIT(IN_TRANSIT) | BIT(TAKEN) |
			  BIT(CORRUPT),
	[HIDDEN_HALF]	= BIT(OWNED) | BIT(DEPOT) | BIT(TAKEN) | BIT(CORRUPT),
	[FULL_OWNED]	= BIT(OWNED) | BIT(IN_TRANSIT) | BIT(TAKEN) | BIT(CORRUPT),
	[DEPOT]		= BIT(OWNED) | BIT(IN_TRANSIT) | BIT(RETIRING) | BIT(CORRUPT),
	[RETIRING]	= BIT(DEPOT) | BIT(CORRUPT),
	[IN_TRANSIT]	= BIT(DEPOT) | BIT(CORRUPT),
	[TAKEN]		= BIT(OWNED) | BIT(FULL_OWNED) | BIT(DEPOT) | BIT(CORRUPT),
	[CORRUPT]	= BIT(OWNED) | BIT(HIDDEN_HALF) | BIT(FULL_OWNED) | BIT(DEPOT) |
			  BIT(IN_TRANSIT) | BIT(CORRUPT),
};

/* Transitions that are not in the table. */
atomic_t kmobj_owner_faults;
EXPORT_SYMBOL_FOR_TESTS(kmobj_owner_faults);

static int cpu_and_section(int owner)
{
	return owner & ~(KMOBJ_HIDDEN_HALF | KMOBJ_FULL_OWNED);
}

static enum state state_of_cpus(int owner)
{
	int how = owner & (KMOBJ_HIDDEN_HALF | KMOBJ_FULL_OWNED);

	if ((cpu_and_section(owner) & ~KMOBJ_SECOND) >= nr_cpu_ids)
		return NONE;
	return !how ? OWNED : how == KMOBJ_HIDDEN_HALF ? HIDDEN_HALF :
	       how == KMOBJ_FULL_OWNED ? FULL_OWNED : NONE;
}

static enum state state_of(int owner)
{
	static const enum state states[] = {
		[-KMOBJ_OWNER_DEPOT] = DEPOT,
		[-KMOBJ_OWNER_IN_TRANSIT] = IN_TRANSIT,
		[-KMOBJ_OWNER_RETIRING] = RETIRING,
		[-KMOBJ_OWNER_TAKEN] = TAKEN,
		[-KMOBJ_OWNER_NEW] = NEW,
		[-KMOBJ_OWNER_CORRUPT] = CORRUPT,
	};

	if (owner >= 0)
		return state_of_cpus(owner);
	return owner > -(int)ARRAY_SIZE(states) ? states[-owner] : NONE;
}

static bool may_change(int from, int to)
{
	enum state is = state_of(from), will_be = state_of(to);

	if (is == NONE)
		return true;
	if (from >= 0 && to >= 0 && cpu_and_section(from) != cpu_and_section(to))
		return false;
	return may_become[is] & BIT(will_be);
}

/* Check a transition of @slab; the first that is not in the table warns. */
void slab_check_owner(const struct kmobj_slab *slab, int from, int to)
{
	if (likely(may_change(from, to)))
		return;
	WARN(atomic_inc_return(&kmobj_owner_faults) == 1,
	     "slab %p: owner %x becomes %x\n", slab, from, to);
}
EXPORT_SYMBOL_FOR_TESTS(slab_check_owner);

#endif /* KMOBJ_OWNER_CHECKED */
