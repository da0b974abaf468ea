/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine: shared memory behind a store buffer for each CPU, and RCU.
 *
 * Spin by itself lets every store be seen at once by all.  Here a store goes
 * into the buffer of its CPU, which alone sees it from then on, and comes out
 * when the process buffer() chooses.  Stores to different locations come out in
 * any order (as on SPARC's PSO, and arm64 in this respect: weaker than x86,
 * whose every execution is one of these).  A second store to a location that
 * has one waiting takes its place.
 *
 *	LD(x, s)	READ_ONCE(), and plain loads
 *	ST(x, s, v)	WRITE_ONCE(), and plain stores: nothing waits for them
 *	MB		smp_mb(): wait until the own buffer is empty; so does the
 *			start of every atomic that returns a value (xchg, cmpxchg,
 *			test_and_set_bit), which then acts on memory itself
 *	RELEASE		what was stored before is out: smp_store_release()
 *	acquire(k)	taking a lock waits for the lock, and for the own last one
 *			to be let go
 *	release(k)	the lock is let go once all is out that was stored before;
 *			later stores may come out before that
 *
 * Loads are done in program order, but where the C code has two that nothing
 * orders, the model tries both orders.
 *
 * A grace period waits for every CPU that is in a region (preemption off) when
 * it starts, until that CPU is in none and its stores are out.
 *
 * NC and NS, the numbers of CPUs and slabs, come from who includes this.
 */
#define EMPTY 255

#define LOCATION(x)	byte x[NS]; byte buf_##x[NC * NS] = EMPTY

byte pend[NC];			/* stores waiting in each buffer */
byte region[NC];		/* preempt_disable() depth */
byte gp[2];			/* CPUs that a grace period still waits for */

#define NOBODY	255
#define NR_LOCKS 2
byte lock[NR_LOCKS] = NOBODY;	/* CPU that holds it */
byte letting_go[NC] = NOBODY;	/* lock to be let go */
byte before[NC];		/* once these slots of the buffer are empty */

#define SLOT_owner(s)		(1 << (s))
#define SLOT_listed(s)		(4 << (s))
#define SLOT_free_bits(s)	(16 << (s))
#define WAITS(x, s)	((buf_##x[me * NS + s] != EMPTY) * SLOT_##x(s))
#if NS > 1
#define WAITING_SLOTS	(WAITS(owner, 0) | WAITS(listed, 0) | WAITS(free_bits, 0) | \
			 WAITS(owner, 1) | WAITS(listed, 1) | WAITS(free_bits, 1))
#else
#define WAITING_SLOTS	(WAITS(owner, 0) | WAITS(listed, 0) | WAITS(free_bits, 0))
#endif

#define LD(x, s) (buf_##x[me * NS + (s)] != EMPTY -> \
		  buf_##x[me * NS + (s)] : x[s])
#define ST(x, s, v) \
	!(before[me] & SLOT_##x(s)); \
	pend[me] = pend[me] + (buf_##x[me * NS + (s)] == EMPTY); \
	buf_##x[me * NS + (s)] = v
#define MB	(pend[me] == 0)
#define RELEASE	MB

inline acquire(k)
{
	atomic { lock[k] == NOBODY && letting_go[me] == NOBODY -> lock[k] = me }
}

inline release(k)
{
	atomic {
		letting_go[me] == NOBODY ->
		assert(lock[k] == me);
		before[me] = WAITING_SLOTS;
		letting_go[me] = (before[me] -> k : NOBODY);
		lock[k] = (before[me] -> me : NOBODY)
	}
}

/* CPU c may have come to rest: no grace period waits for it any more. */
#define QUIESCE(c) \
	gp[0] = (region[c] == 0 && pend[c] == 0 -> gp[0] & (7 ^ (1 << c)) : gp[0]); \
	gp[1] = (region[c] == 0 && pend[c] == 0 -> gp[1] & (7 ^ (1 << c)) : gp[1])

#define BUSY_CPU(c)	((region[c] || pend[c]) << c)
#if NC > 2
#define BUSY_CPUS	(BUSY_CPU(0) | BUSY_CPU(1) | BUSY_CPU(2))
#else
#define BUSY_CPUS	(BUSY_CPU(0) | BUSY_CPU(1))
#endif

#define DRAIN(x, s) \
	:: atomic { buf_##x[c * NS + s] != EMPTY -> \
		x[s] = buf_##x[c * NS + s]; \
		buf_##x[c * NS + s] = EMPTY; \
		pend[c]--; \
		before[c] = before[c] & (255 ^ SLOT_##x(s)); \
		if \
		:: letting_go[c] != NOBODY && !before[c] -> \
			lock[letting_go[c]] = NOBODY; \
			letting_go[c] = NOBODY \
		:: else \
		fi; \
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
