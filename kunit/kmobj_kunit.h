/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: zones that are checked and destroyed when a case
 * ends, full slabs in a known order, other CPUs, and what holds for every
 * quiet zone.
 *
 * The poller runs beside the tests, once a second. A case either looks only at
 * what no pass of it changes, or keeps it away with zone_lock().
 */
#ifndef KMOBJ_KUNIT_H
#define KMOBJ_KUNIT_H

#include <kunit/test.h>
#include <linux/mm.h>

#include "../module/include/kmobj.h"
#include "let_run.h"

/*
 * Sizes of objects: of an ordinary one, of one that fills many words, and of one
 * whose slabs have their header elsewhere (on pages of 4 KiB, with KASAN too).
 */
#define SMALL		64
#define TINY		8
#define LARGE		4064

/*
 * Kernels at native speed, where kmemleak does not look at each object: there
 * the tests that need chance do more, and interrupt more often.
 */
#define AT_FULL_SPEED	(IS_ENABLED(CONFIG_UML) && \
			 !IS_ENABLED(CONFIG_DEBUG_KMEMLEAK))

/* How the zone @name of this module is shown. */
#define SHOWN(name)	KBUILD_MODNAME ":" name

/* The seed of all that is random; the parameter seed= repeats a run. */
u32 tests_seed(void);
u32 xorshift(u32 *state);

/* internal/zones.c */
struct module *module_named(struct kunit *test, const char *name);
struct kmobj_zone *zone_make(struct kunit *test, size_t size,
			     const struct kmobj_zone_args *args);
void zone_unmake(struct kunit *test, struct kmobj_zone *zone);
void zone_forget(struct kunit *test, struct kmobj_zone *zone);
void zone_lock(struct kunit *test, struct kmobj_zone *zone);
void zone_unlock(struct kunit *test, struct kmobj_zone *zone);
void zone_drain(struct kmobj_zone *zone);
void zone_expect_sound(struct kunit *test, struct kmobj_zone *zone);
unsigned long zone_count_live(struct kmobj_zone *zone);
struct kmobj_zone_stats zone_stats(struct kmobj_zone *zone);
/* One of them, for cases that ask often: each struct takes its room of the stack. */
unsigned long frees_of(struct kmobj_zone *zone);
unsigned long bad_frees_of(struct kmobj_zone *zone);
/* How a zone was made. */
unsigned int objs_per_slab(const struct kmobj_zone *zone);
unsigned long bytes_per_slab(const struct kmobj_zone *zone);
unsigned int object_size(const struct kmobj_zone *zone);
bool zone_is_accounted(const struct kmobj_zone *zone);

/* The header of the slab that @obj lies in; where the pages of that slab begin. */
void *header_at(const struct kmobj_zone *zone, const void *obj);
void *pages_at(const struct kmobj_zone *zone, const void *obj);

/* What kmobj does by itself, now. */
bool zone_pass(struct kmobj_zone *zone);
bool poll_zones(void);
void tell_of_zones(void);
unsigned long zone_live_now(struct kmobj_zone *zone);

/* Free slabs of @order that @cpu keeps for all zones. */
unsigned long cached_slabs(int cpu, unsigned int order);
void free_slab_caches_empty(void);

/* Pages of slabs come from @get until the case ends, or it is NULL. */
void pages_come_from(struct kunit *test,
		     struct page *(*get)(unsigned int order, gfp_t gfp, int nid));

/* Frees of second sections, see below_section(). */
unsigned long frees_below_section(struct kmobj_zone *zone, int cpu);

/* Does each object pass a sanitizer? And how many bytes it wants between two. */
bool objects_are_watched(void);
unsigned int gap_between_objects(void);

void *obj_make(struct kunit *test, struct kmobj_zone *zone);
void **slabs_fill(struct kunit *test, struct kmobj_zone *zone,
		  unsigned int nr);
void **depot_fill(struct kunit *test, struct kmobj_zone *zone, unsigned int nr);
void slabs_in_order(struct kunit *test);
void objs_free(struct kmobj_zone *zone, void **objs, size_t nr);
void *nested_alloc(struct kmobj_zone *zone);
void nested_free(struct kmobj_zone *zone, void **objs, size_t nr);

/* internal/free_rcu.c: a slab's objects wait for others for a minute, if nobody hurries. */
void be_lazy(struct kunit *test);

/*
 * Open and close a CPU's sections, the first @nr of them: in one of them a task or
 * an interrupt allocates or frees.
 */
#define SECTIONS	2
struct kmobj_cpu;
struct kmobj_cpu *sections_open(struct kmobj_zone *zone, unsigned int nr);
void sections_close(struct kmobj_cpu *c, unsigned int nr);

/*
 * Run @stmt as an interrupt would that finds a section of this CPU's first
 * state open, or of both its states; the case is pinned to the CPU.
 */
#define below_section(zone, stmt)					\
	do {								\
		struct kmobj_cpu *__c = sections_open(zone, 1);	\
									\
		stmt;							\
		sections_close(__c, 1);				\
	} while (0)

#define below_sections(zone, stmt)					\
	do {								\
		struct kmobj_cpu *__c = sections_open(zone, SECTIONS); \
									\
		stmt;							\
		sections_close(__c, SECTIONS);			\
	} while (0)

/* Write all of an object, so that every byte tells whose it is. */
void obj_stamp(void *obj, size_t size, u64 stamp);
bool obj_has_stamp(const void *obj, size_t size, u64 stamp);

/* internal/log.c */
void log_listen(struct kunit *test);
unsigned int log_heard(const char *who, const char *what);
void log_ignore(struct kunit *test);

/* nmi.c */
void nmi_prepare(struct kunit *test);
bool in_an_nmi(void (*fn)(void *arg), void *arg);

/*
 * CPUs that are at work at once in a case that is about many. Those of UML are
 * threads of a machine that has fewer: then who waits for a spinlock, first come
 * first served, has a processor while who is next in line has none.
 */
#define CPUS_AT_WORK	(IS_ENABLED(CONFIG_UML) ? 2 : 16)

/* cpus.c */
struct worker;
const struct cpumask *cpus_at_work(void);
int pin_to(struct kunit *test, int cpu);
int pin_here(struct kunit *test);
int other_cpu(struct kunit *test);
void leave_cpus_alone(struct kunit *test);
void on_cpu(struct kunit *test, int cpu, void (*fn)(void *arg), void *arg);
struct worker *worker_start(struct kunit *test, int cpu, void (*fn)(void *arg),
			    void *arg);
void worker_join(struct kunit *test, struct worker *worker);
void alloc_on_cpu(struct kunit *test, int cpu, struct kmobj_zone *zone,
		  void **objs, size_t nr);
void free_on_cpu(struct kunit *test, int cpu, struct kmobj_zone *zone,
		 void **objs, size_t nr);
struct worker *reader_make(struct kunit *test, int cpu);
void reader_enter(void);
struct worker *reader_start(struct kunit *test, int cpu);
void reader_stop(struct kunit *test, struct worker *worker);
void grace_period_wait(void);

#endif /* KMOBJ_KUNIT_H */
