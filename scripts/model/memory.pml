/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine: shared memory behind a store buffer for each CPU, one lock, and
 * RCU.
 *
 * Spin by itself lets every store be seen at once by all.  Here a store goes
 * into the buffer of its CPU, which alone sees it from then on, and comes out
 * when the process buffer() chooses.  Stores to different locations come out in
 * any order (as on SPARC's PSO, and arm64 in this respect: weaker than x86,
 * whose every execution is one of these).  A second store to a location that
 * has one waiting takes its place.
 *
 *	LD(x)		READ_ONCE(), and plain loads
 *	ST(x, v)	WRITE_ONCE(), and plain stores: nothing waits for them
 *	MB		smp_mb(): wait until the own buffer is empty; so does the
 *			start of every atomic that returns a value (xchg, cmpxchg,
 *			test_and_set_bit), which then acts on memory itself
 *	acquire		taking the lock waits for the lock, and for the own last
 *			hold to be over
 *	release		the lock is let go once all is out that was stored before;
 *			later stores may come out before that
 *
 * Loads are done in program order: an acquire has nothing to add to that.
 *
 * A store into the own buffer is seen by nobody: so it makes one step with the
 * load before it, and no step is lost by that.
 *
 * A grace period waits for every CPU that is in a region (preemption off) when
 * it starts, until that CPU is in none and its stores are out.
 *
 * NC, the number of CPUs, comes from who includes this.
 */
#define EMPTY	255
#define NOBODY	255

#define LOCATION(x)	byte x; byte buf_##x[NC] = EMPTY

#define SLOT_owner	1
#define SLOT_listed	2
#define SLOT_free_bits	4

byte region[NC];		/* preempt_disable() depth */
byte gp[2];			/* CPUs that a grace period still waits for */
byte lock = NOBODY;		/* the CPU that holds it */
byte before[NC];		/* it lets go once these slots are empty */

#define WAITS(x, c)	(buf_##x[c] != EMPTY)
#define NONE_WAITS(c)	(!WAITS(owner, c) && !WAITS(listed, c) && \
			 !WAITS(free_bits, c))
#define WAITING_SLOTS	(WAITS(owner, me) * SLOT_owner + \
			 WAITS(listed, me) * SLOT_listed + \
			 WAITS(free_bits, me) * SLOT_free_bits)

#define LD(x)	(buf_##x[me] != EMPTY -> buf_##x[me] : x)
#define ST(x, v) \
	!(before[me] & SLOT_##x); \
	buf_##x[me] = v
#define MB	NONE_WAITS(me)

/* To begin an atomic with. */
#define ACQUIRE	lock == NOBODY && !before[me] -> lock = me

inline release()
{
	atomic {
		!before[me] ->
		assert(lock == me);
		before[me] = WAITING_SLOTS;
		lock = (before[me] -> me : NOBODY)
	}
}

/* CPU c may have come to rest: no grace period waits for it any more. */
#define QUIESCE(c) \
	gp[0] = (region[c] == 0 && NONE_WAITS(c) -> gp[0] & (7 ^ (1 << c)) : gp[0]); \
	gp[1] = (region[c] == 0 && NONE_WAITS(c) -> gp[1] & (7 ^ (1 << c)) : gp[1])

#define BUSY_CPU(c)	((region[c] || !NONE_WAITS(c)) << c)
#if NC > 2
#define BUSY_CPUS	(BUSY_CPU(0) | BUSY_CPU(1) | BUSY_CPU(2))
#define NO_STORE_WAITS	(NONE_WAITS(0) && NONE_WAITS(1) && NONE_WAITS(2))
#else
#define BUSY_CPUS	(BUSY_CPU(0) | BUSY_CPU(1))
#define NO_STORE_WAITS	(NONE_WAITS(0) && NONE_WAITS(1))
#endif

#define DRAIN(x) \
	:: atomic { WAITS(x, c) -> \
		x = buf_##x[c]; \
		buf_##x[c] = EMPTY; \
		lock = (before[c] == SLOT_##x -> NOBODY : lock); \
		before[c] = before[c] & (7 ^ SLOT_##x); \
		QUIESCE(c) }

inline preempt_disable()
{
	region[me]++
}

inline preempt_enable()
{
	atomic { region[me]--; QUIESCE(me) }
}

/* start_poll_synchronize_rcu(); it is over once gp[n] == 0 */
inline start_grace_period(n)
{
	atomic { MB -> gp[n] = BUSY_CPUS }
}
