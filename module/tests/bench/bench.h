/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of kmobj_bench.ko share.
 *
 * A row is one thing that is measured, in a file of its own. It works on a
 * pool, the same objects from each side: kmobj, its peer kmem_cache, and two
 * that do less. A loop is written once, as NAME_inline() with the side as its
 * first argument, and BENCH_LOOP(NAME) makes a function of it for each side,
 * so that no measured loop holds a test or an indirect call that a user's
 * would not.
 *
 * Repetitions are interleaved: first kmobj, then the peer, then the others,
 * then kmobj again. What a loop returns is filed in a series, which prints the
 * minimum, the median and the spread of each side.
 */
#ifndef KMOBJ_BENCH_H
#define KMOBJ_BENCH_H

#include <linux/bitops.h>
#include <linux/ktime.h>
#include <linux/types.h>

#include "compat.h"
#include "kmobj.h"

struct ring;

/* Walk a set of sides with for_each_set_bit(). */
enum side {
	SIDE_KMOBJ,
	SIDE_PEER,		/* kmem_cache */
	SIDE_FLOOR,		/* a bare array per CPU, floor.c */
	SIDE_OBJPOOL,		/* lib/objpool.c */
	NR_SIDES,
};

#define SIDES_BOTH	(BIT(SIDE_KMOBJ) | BIT(SIDE_PEER))
#define SIDES_FLOOR	(SIDES_BOTH | BIT(SIDE_FLOOR))

/* pool.c: objects of one size, from each side */
struct pool {
	struct kmobj_zone *zone;
	struct kmem_cache *cache;
	struct objpool_head *objpool;
	unsigned int size;
	unsigned long sides;
};

int pool_open(struct pool *pool, unsigned long sides, unsigned int size,
	      unsigned int floor_nr);
void pool_close(struct pool *pool);

/* floor.c: the least that an allocator per CPU has to do */
int floor_open(unsigned int nr, unsigned int size);
void floor_close(void);
void *floor_pop(void);
void floor_push(void *obj);

static __always_inline void *pool_alloc(const enum side side,
					const struct pool *pool, gfp_t gfp)
{
	switch (side) {
	case SIDE_KMOBJ:
		return kmobj_alloc(pool->zone, gfp);
	case SIDE_PEER:
		return kmem_cache_alloc(pool->cache, gfp);
	case SIDE_FLOOR:
		return floor_pop();
	default:
		return objpool_pop(pool->objpool);
	}
}

static __always_inline void pool_free(const enum side side,
				      const struct pool *pool, void *obj)
{
	switch (side) {
	case SIDE_KMOBJ:
		kmobj_free(pool->zone, obj);
		break;
	case SIDE_PEER:
		kmem_cache_free(pool->cache, obj);
		break;
	case SIDE_FLOOR:
		floor_push(obj);
		break;
	default:
		objpool_push(obj, pool->objpool);
	}
}

/* As a user would: the first thing done with an object is to write to it. */
static __always_inline void touch(void *obj, unsigned long value)
{
	WRITE_ONCE(*(unsigned long *)obj, value);
}

/* What one thread works with; each loop says what it uses. */
struct job {
	const struct pool *pool;
	void **objs;
	unsigned int nr;	/* room in objs */
	unsigned int steps;	/* how often to do it */
	const u32 *order;	/* of the indices below nr */
	struct ring *ring;
	u64 random;
};

int job_open(struct job *job, const struct pool *pool, unsigned int nr);
void job_close(struct job *job);
void job_free_all(const struct job *job, enum side side);

/* The time a loop took in ns, or this if an allocation failed. */
#define LOOP_FAILED	U64_MAX

typedef u64 loop_t(struct job *job);

#define BENCH_LOOP(loop)						\
static noinline u64 loop##_kmobj(struct job *job)			\
{									\
	return loop##_inline(SIDE_KMOBJ, job);				\
}									\
static noinline u64 loop##_peer(struct job *job)			\
{									\
	return loop##_inline(SIDE_PEER, job);				\
}									\
static noinline u64 loop##_floor(struct job *job)			\
{									\
	return loop##_inline(SIDE_FLOOR, job);				\
}									\
static noinline u64 loop##_objpool(struct job *job)			\
{									\
	return loop##_inline(SIDE_OBJPOOL, job);			\
}

#define BENCH_SIDES(loop)						\
	{ loop##_kmobj, loop##_peer, loop##_floor, loop##_objpool }

extern loop_t *const pair_loop_on[NR_SIDES];
extern loop_t *const batch_alloc_on[NR_SIDES];
extern loop_t *const batch_free_on[NR_SIDES];
extern loop_t *const churn_loop_on[NR_SIDES];

/* A number below @below. */
static __always_inline u32 random_below(u64 *state, u32 below)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return ((*state >> 32) * below) >> 32;
}

/* pool.c: permutations of the numbers below @nr, in memory of vfree() */
enum order { ORDER_SAME, ORDER_REVERSE, ORDER_RANDOM, NR_ORDERS };

u32 *order_make(enum order order, unsigned int nr);

/* series.c: what was measured, for one line of the result */
#define SAMPLES_MAX	512

struct series {
	unsigned int nr[NR_SIDES];
	u64 sample[NR_SIDES][SAMPLES_MAX];	/* thousandths of the unit */
};

struct series *series_open(void);
void series_close(struct series *series);
void series_add(struct series *series, enum side side, u64 amount, u64 ops);
void series_print(struct series *series, const char *row, unsigned int size,
		  unsigned int cpus, const char *unit);
void series_none(const char *row, unsigned int size, const char *why);

/* movable.c: objects that kmobj may move */
struct movable {
	struct kmobj_zone *zone;
	void **objs;
	unsigned int nr;
	unsigned int size;
};

int movable_open(struct movable *set, const char *name, unsigned int size,
		 unsigned int max, bool moves);
void movable_close(struct movable *set);
void movable_add(struct movable *set, void *obj);
void *movable_take(struct movable *set, unsigned int i);
void movable_thin(struct movable *set, unsigned int nr, u64 *random);
unsigned int movable_calls(void);
void movable_file(struct series *series);

/* gang.c: threads on CPUs of their own that work in step */
struct gang {
	unsigned int nr;
	unsigned int phase;
	atomic_t arrived;
	bool stop;
	u64 start;
	u64 *ns;		/* of each thread, to be added up */
	void *arg;
};

typedef void gang_fn(struct gang *gang, unsigned int me);

int gang_run(unsigned int nr, gang_fn *fn, void *arg);
void gang_wait(struct gang *gang);
bool gang_more(struct gang *gang, unsigned int me, unsigned int rep);
void gang_add(const struct gang *gang, struct series *series, enum side side,
	      u64 ops);

/* pinger.c: for how long a CPU is kept from others; in ns */
struct pinger;

struct pinger *pingers_start(void);
void pingers_stop(struct pinger *pingers);
u64 pingers_longest(struct pinger *pingers);

/* kept.c: memory that a side holds; in pages */
struct kept {
	long free;
	long cached;
};

void kept_begin(struct kept *kept);
long kept_bytes(const struct kept *kept);

/* main.c */
extern unsigned int bench_reps;
extern bool bench_icount;
extern bool bench_peers;

/* The unit of time: with qemu's -icount, a nanosecond is an instruction. */
static inline const char *time_unit(void)
{
	return bench_icount ? "instr" : "ns";
}

/* The rows: each prints its lines for objects of @size, on the calling CPU. */
int row_pair(unsigned int size);
int row_batch(unsigned int size);
int row_churn(unsigned int size);
int row_churn_sets(unsigned int size);
int row_bulk(unsigned int size);
int row_kfree(unsigned int size);
int row_handover(unsigned int size);
int row_all(unsigned int size);
int row_exchange(unsigned int size);
int row_irq(unsigned int size);
int row_life(unsigned int size);
int row_free_rcu(unsigned int size);
int row_moving(unsigned int size);
int row_polling(unsigned int size);
int row_memory(unsigned int size);
int row_uptime(unsigned int size);

#endif /* KMOBJ_BENCH_H */
