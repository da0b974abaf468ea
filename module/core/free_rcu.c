// SPDX-License-Identifier: GPL-2.0
/*
 * Free objects after a grace period of RCU. This needs no rcu_head in the object
 * and no memory, and cannot fail.
 *
 * A free sets the object's bit in next[] of its slab, and puts the slab on this
 * CPU's list if it is on none. A pass, which runs at least every few milliseconds
 * while a batch waits, takes the slabs off all those lists into a batch: it moves
 * their next[] to the batch's waiting[], and then starts a grace period. When that
 * is over, a pass moves waiting[] to remote[], as in a remote free. RCU has at most
 * one grace period in progress and one to follow, so there are two batches. Objects
 * that are freed while both wait join the newer one.
 *
 *	freer					pass
 *	-----					----
 *	test_and_set_bit() in next[]		set the batch's bit in rcu_batches
 *	(a full barrier)			rcu_queued = 0 by xchg()
 *	rcu_queued == 0? xchg(rcu_queued, 1)	(a full barrier)
 *	and if it was 0, put it on the list	move next[] to waiting[]
 *
 * Either the freer finds rcu_queued clear, or the pass finds the bit. While
 * rcu_queued or rcu_batches is set the slab does not leave its zone: a bad free
 * that raced with the slab's retirement may have queued it. A freer has
 * preemption off from before it checks whether the slab retires until it has
 * queued the slab, and a slab leaves only after a grace period.
 *
 * The lists as a whole follow the same pattern, with llist_add() and rcu_state:
 *
 *	IDLE	all lists are empty, or a freer or the pass is about to queue a pass
 *	LAZY	a slab that is alone on its CPU's list waits for more objects for
 *		rcu_ms, unless the zone has a limit. A second slab there, lack of
 *		memory, and a barrier end that.
 *	BUSY	a pass is queued; a superfluous pass does no harm
 *
 * A waiting object is not live, so kmemleak ignores it at once. For KASAN,
 * init_on_free, debug zones and watched slabs it is freed after its grace period.
 */
#include <linux/bitmap.h>

#include "kernel/tunable.h"
#include "slab/lookup.h"
#include "debug/debug.h"
#include "debug/kasan_report.h"
#include "core/free.h"
#include "core/free_rcu.h"
#include "core/reserve.h"

#define RCU_MS_MAX	(60 * 60 * 1000)

static void rcu_ms_written(void);

unsigned int kmobj_rcu_ms = 20;
KMOBJ_TUNABLE_NAMED(rcu_ms, kmobj_rcu_ms, 0, RCU_MS_MAX, rcu_ms_written,
		    "milliseconds that a slab's objects wait for others before a grace period is asked for (default 20)");
EXPORT_SYMBOL_FOR_TESTS(kmobj_rcu_ms);

/*
 * The time between passes while a batch waits: about 4 ms, at least a jiffy; 1/4 ms
 * when a CPU has put 4 more slabs on a list that was not empty. An object freed after
 * the last pass before a grace period starts waits for the next one as well: short
 * intervals keep such objects few when frees are fast.
 */
#define PASS_EACH	max(HZ / 250, 1)
#define PASS_SLABS	4
#define PASS_NS		(NSEC_PER_MSEC / 4)

/* Passes free memory, so they must not wait for memory: WQ_MEM_RECLAIM. */
static struct workqueue_struct *rcu_wq;

/*
 * Run a pass sooner than PASS_EACH. Work that is pending without a timer waits for its
 * worker, or its timer is about to be armed: for PASS_EACH at most, as it is BUSY.
 */
static void pass_now(struct kmobj_zone *zone)
{
	struct delayed_work *work = &zone->rcu_work;

	if (!work_pending(&work->work) || timer_pending(&work->timer))
		mod_delayed_work(rcu_wq, work, 0);
}

static void pass_queue(struct kmobj_zone *zone)
{
	/* pairs with xchg() in rcu_rest(), and with the work in pass_queue_lazily() */
	if (READ_ONCE(zone->rcu_state) != RCU_BUSY &&
	    xchg(&zone->rcu_state, RCU_BUSY) != RCU_BUSY)
		mod_delayed_work(rcu_wq, &zone->rcu_work, 0);
}

/* A full barrier, if it queues: pairs with xchg() in pass_queue(). */
void pass_queue_in_rcu_ms(struct kmobj_zone *zone)
{
	KUNIT_STATIC_STUB_REDIRECT(pass_queue_in_rcu_ms, zone);
	queue_delayed_work(rcu_wq, &zone->rcu_work,
			   msecs_to_jiffies(READ_ONCE(kmobj_rcu_ms)));
}
EXPORT_SYMBOL_FOR_TESTS(pass_queue_in_rcu_ms);

/*
 * Start a pass in rcu_ms. If pass_queue() ran before the work was queued, the pass that
 * it started may be over, and this one must not delay the next for so long.
 */
static void pass_queue_lazily(struct kmobj_zone *zone)
{
	/* pairs with xchg() in rcu_rest(), and with smp_mb() in rcu_ms_written() */
	if (READ_ONCE(zone->rcu_state) != RCU_IDLE ||
	    cmpxchg(&zone->rcu_state, RCU_IDLE, RCU_LAZY) != RCU_IDLE)
		return;
	pass_queue_in_rcu_ms(zone);
	if (unlikely(READ_ONCE(zone->rcu_state) != RCU_LAZY))
		mod_delayed_work(rcu_wq, &zone->rcu_work, 0);
}

/* End the waits that began with the old rcu_ms. */
static void rcu_ms_written(void)
{
	struct kmobj_zone *zone;

	smp_mb();	/* pairs with cmpxchg() in pass_queue_lazily() */
	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		rcu_expedite(zone);
	mutex_unlock(&kmobj_zones_lock);
}

/* End LAZY, and start a pass; true if any object waits. In any context but NMI. */
bool rcu_expedite(struct kmobj_zone *zone)
{
	if (READ_ONCE(zone->rcu_state) == RCU_IDLE)
		return false;
	pass_queue(zone);
	return true;
}
EXPORT_SYMBOL_FOR_TESTS(rcu_expedite);

static bool batch_is_over(const struct kmobj_rcu_batch *batch)
{
	return READ_ONCE(batch->slabs) && poll_state_synchronize_rcu(READ_ONCE(batch->gp));
}

/*
 * Before a slab is made: if a grace period is over, start a pass, to free objects. If
 * a pass changes the batches at the same time, the answer may be wrong, but the pass
 * that is wanted is running.
 */
void rcu_poll(struct kmobj_zone *zone)
{
	if (batch_is_over(&zone->rcu_batch[0]) || batch_is_over(&zone->rcu_batch[1]))
		pass_now(zone);
}

static noinline void queue_slab(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	struct kmobj_cpu *c = this_cpu_ptr(zone->cpus);
	u8 nr = READ_ONCE(c->rcu_slabs);

	if (!llist_add(&slab->rcu, &c->rcu)) {
		WRITE_ONCE(c->rcu_slabs, ++nr);
		pass_queue(zone);
		if (nr % PASS_SLABS == 0 &&
		    ktime_get_mono_fast_ns() - READ_ONCE(zone->rcu_passed) > PASS_NS)
			pass_now(zone);
	} else if (READ_ONCE(zone->limit) == ULONG_MAX) {
		pass_queue_lazily(zone);
	} else {
		pass_queue(zone);
	}
	rcu_poll(zone);
}

/*
 * Mark object @idx in next[]; false if it waits already. A double free may go unnoticed
 * while a pass moves the bit: that in waiting[] may then be the one set here.
 */
static __always_inline bool mark_next(struct kmobj_zone *zone,
				      struct kmobj_slab *slab, u32 idx)
{
	unsigned long waiting = slab_waiting_word(zone, slab, idx / BITS_PER_LONG);

	if (unlikely(waiting & (1UL << (idx % BITS_PER_LONG))))
		return false;
	/* a full barrier: pairs with xchg() in slab_wait() */
	return !test_and_set_bit(idx, slab_next(zone, slab));
}

/* Mark and queue @obj, with preemption off. False: a bad free. */
static __always_inline bool free_rcu(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_remote *remote;
	struct kmobj_slab *slab;
	u32 idx;

	if (unlikely(!slab_lookup(zone, obj, &slab, &idx)))
		return false;
	if (unlikely(idx >= zone->nr_objs))
		return false;
	shadow_is_live(obj);	/* if not, KASAN reports it, and it is found next */
	if (unlikely(READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING) ||
	    unlikely(slab_is_free(zone, slab, idx)))
		return false;
	if (unlikely(!mark_next(zone, slab, idx)))
		return false;
	remote = slab_remote(zone, slab);
	if (!READ_ONCE(remote->rcu_queued) && !xchg(&remote->rcu_queued, 1))
		queue_slab(zone, slab);
	kmemleak_ignore(obj);
	if (slab_is_debug(zone, slab))
		debug_free_rcu(zone, obj);
	trace_free_rcu(zone->name, obj);
	return true;
}

/* With preemption off; by an atomic if both states are busy. */
static __always_inline void count_free(struct kmobj_zone *zone)
{
	struct kmobj_cpu *c = this_cpu_ptr(zone->cpus);

	if (likely(cpu_section_try_enter(c)) || cpu_section_try_enter(++c)) {
		count(&c->frees_rcu, 1);
		cpu_section_exit(c);
	} else {
		atomic_long_inc(&zone->frees_rcu_nested);
	}
}

void kmobj_free_rcu(struct kmobj_zone *zone, void *obj)
{
	bool good;

	preempt_disable();
	good = free_rcu(zone, obj);
	if (likely(good))
		count_free(zone);
	else
		free_refused(zone, obj);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kmobj_free_rcu);

/*
 * Move next[] of @slab, which comes off a CPU's list, to waiting[] of batch @nr.
 * False if next[] is empty: a freer may queue the slab after a pass has found its
 * bit. If the slab is in no batch then, it may be gone when this returns.
 */
static bool slab_wait(struct kmobj_zone *zone, struct kmobj_slab *slab, unsigned int nr)
{
	struct kmobj_rcu_batch *batch = &zone->rcu_batch[nr];
	unsigned long *next = slab_next(zone, slab);
	unsigned long *waiting = slab_waiting(zone, slab, nr);
	u8 was = slab->rcu_batches;
	unsigned long word;
	bool any = false;
	unsigned int w;

	WRITE_ONCE(slab->rcu_batches, was | BIT(nr));
	/* a full barrier: pairs with test_and_set_bit() in mark_next() */
	xchg(&slab_remote(zone, slab)->rcu_queued, 0);
	for (w = 0; w < zone->bitmap_words; w++) {
		word = READ_ONCE(next[w]);
		if (!word)
			continue;
		WRITE_ONCE(waiting[w], waiting[w] | word);
		/* a full barrier: the object is in one of them all the time */
		atomic_long_fetch_andnot(word, (atomic_long_t *)&next[w]);
		any = true;
	}
	if (any && !(was & BIT(nr))) {
		slab_remote(zone, slab)->rcu_next[nr] = batch->slabs;
		WRITE_ONCE(batch->slabs, slab);
	}
	if (!any)	/* the last look at it: pairs with slab_is_referenced() */
		smp_store_release(&slab->rcu_batches, was);
	return any;
}

/* The objects in waiting[] are no longer read: run the hooks of a free. */
static void slab_free_hooks(struct kmobj_zone *zone, struct kmobj_slab *slab,
			    const unsigned long *waiting)
{
	unsigned int i;
	void *obj;

	if (!free_wants_more())
		return;
	for_each_set_bit(i, waiting, zone->nr_objs) {
		obj = slab_object(zone, slab, i);
		obj_free_hooks(zone, obj);
		trace_free(zone->name, obj);
	}
}

/*
 * In a debug zone, or a watched slab. The bits go first, as who allocates an object may
 * free it at once.
 */
static unsigned int batch_return_debug(struct kmobj_zone *zone, struct kmobj_slab *slab,
				       unsigned long *waiting)
{
	unsigned long word;
	unsigned int i, w, nr = 0;

	for (w = 0; w < zone->bitmap_words; w++) {
		word = waiting[w];
		WRITE_ONCE(waiting[w], 0);
		nr += hweight_long(word);
		for_each_set_bit(i, &word, BITS_PER_LONG) {
			if (unlikely(!debug_free_waited(zone, slab, w * BITS_PER_LONG + i)))
				note_double_frees(zone, slab, w, BIT(i));
		}
	}
	return nr;
}

/* In any other. Preemption is off until the owner is notified, as in free_remote(). */
static unsigned int batch_return_slab(struct kmobj_zone *zone, struct kmobj_slab *slab,
				      unsigned long *waiting)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned long word, twice;
	unsigned int w, nr = 0;

	preempt_disable();
	for (w = 0; w < zone->bitmap_words; w++) {
		word = waiting[w];
		if (!word)
			continue;
		WRITE_ONCE(waiting[w], 0);
		/* a full barrier: pairs as test_and_set_bit() in free_remote() */
		twice = atomic_long_fetch_or(word, (atomic_long_t *)&remote[w]);
		twice &= word;
		if (unlikely(twice))
			note_double_frees(zone, slab, w, twice);
		nr += hweight_long(word);
	}
	/* a corrupt slab is not collected, and its header is not trusted */
	if (nr && likely(!slab_is_corrupt(zone, slab)))
		slab_notify(zone, slab);
	preempt_enable();
	return nr;
}

static void slab_return(struct kmobj_zone *zone, struct kmobj_slab *slab,
			unsigned long *waiting)
{
	unsigned int nr;

	slab_free_hooks(zone, slab, waiting);
	if (slab_is_debug(zone, slab) && !slab_is_corrupt(zone, slab))
		nr = batch_return_debug(zone, slab, waiting);
	else
		nr = batch_return_slab(zone, slab, waiting);
	atomic_long_add(nr, &zone->rcu_back);
}

static void batch_end(struct kmobj_zone *zone, unsigned int nr)
{
	struct kmobj_slab *slab = zone->rcu_batch[nr].slabs, *next;

	WRITE_ONCE(zone->rcu_batch[nr].slabs, NULL);
	zone->rcu_batch[nr].ended++;
	for (; slab; slab = next) {
		next = slab_remote(zone, slab)->rcu_next[nr];
		slab_return(zone, slab, slab_waiting(zone, slab, nr));
		/* the last look at it: pairs with slab_is_referenced() */
		smp_store_release(&slab->rcu_batches, slab->rcu_batches & ~BIT(nr));
		cond_resched();
	}
}

static void batches_poll(struct kmobj_zone *zone)
{
	unsigned int nr;

	for (nr = 0; nr < KMOBJ_RCU_BATCHES; nr++) {
		if (batch_is_over(&zone->rcu_batch[nr]))
			batch_end(zone, nr);
	}
}

/*
 * The batch for objects that begin to wait now: the newest, if it is empty or waits for
 * the same grace period; else the other, unless its grace period ended just now.
 */
static unsigned int batch_choose(const struct kmobj_zone *zone)
{
	unsigned int nr = zone->rcu_newest;

	if (!zone->rcu_batch[nr].slabs ||
	    zone->rcu_batch[nr].gp == get_state_synchronize_rcu())
		return nr;
	return zone->rcu_batch[!nr].slabs ? nr : !nr;
}

static void batch_fill(struct kmobj_zone *zone)
{
	unsigned int nr = batch_choose(zone);
	struct kmobj_slab *slab, *next;
	struct llist_node *list;
	bool any = false;
	int cpu;

	/* an empty one must not look as if it were over meanwhile */
	if (!zone->rcu_batch[nr].slabs)
		WRITE_ONCE(zone->rcu_batch[nr].gp, get_state_synchronize_rcu());
	for_each_possible_cpu(cpu) {
		/* a slab missed here is found by the next pass or rcu_rest() */
		if (llist_empty(&per_cpu_ptr(zone->cpus, cpu)->rcu))
			continue;
		list = llist_del_all(&per_cpu_ptr(zone->cpus, cpu)->rcu);
		llist_for_each_entry_safe(slab, next, list, rcu) {
			any |= slab_wait(zone, slab, nr);
			cond_resched();
		}
	}
	if (!any)
		return;
	zone->rcu_newest = nr;
	WRITE_ONCE(zone->rcu_batch[nr].gp, start_poll_synchronize_rcu());
}

/* Both batches are empty: go IDLE, unless a slab was queued meanwhile. */
static void rcu_rest(struct kmobj_zone *zone)
{
	int cpu;

	/* a full barrier: pairs with llist_add() in queue_slab() */
	xchg(&zone->rcu_state, RCU_IDLE);
	for_each_possible_cpu(cpu) {
		if (!llist_empty(&per_cpu_ptr(zone->cpus, cpu)->rcu)) {
			pass_queue(zone);
			return;
		}
	}
}

void rcu_pass(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->rcu_lock);
	batches_poll(zone);
	batch_fill(zone);
	WRITE_ONCE(zone->rcu_passed, ktime_get_mono_fast_ns());
	if (!zone->rcu_batch[0].slabs && !zone->rcu_batch[1].slabs) {
		rcu_rest(zone);
		return;
	}
	/* if it was not BUSY, the work may be queued for later than that */
	if (xchg(&zone->rcu_state, RCU_BUSY) == RCU_BUSY)
		queue_delayed_work(rcu_wq, &zone->rcu_work, PASS_EACH);
	else
		mod_delayed_work(rcu_wq, &zone->rcu_work, PASS_EACH);
}
EXPORT_SYMBOL_FOR_TESTS(rcu_pass);

static void pass_work(struct work_struct *work)
{
	struct kmobj_zone *zone = container_of(to_delayed_work(work),
					       struct kmobj_zone, rcu_work);

	mutex_lock(&zone->rcu_lock);
	rcu_pass(zone);
	mutex_unlock(&zone->rcu_lock);
}

/*
 * The number of objects that wait; and in @frees, of all that were freed by RCU so far.
 * rcu_back is read first, so that the difference is not negative: an object is counted
 * with preemption off, for which its grace period waits.
 */
unsigned long rcu_count(struct kmobj_zone *zone, unsigned long *frees)
{
	unsigned long back = atomic_long_read_acquire(&zone->rcu_back);
	struct kmobj_cpu *c;
	int cpu;

	*frees = atomic_long_read(&zone->frees_rcu_nested);
	for_each_kmobj_cpu(cpu, c, zone) {
		*frees += READ_ONCE(c->frees_rcu);
	}
	return *frees - back;
}

/* What a batch's ended will be when all that waits in it now is free. */
static unsigned long batch_until(const struct kmobj_rcu_batch *batch)
{
	return batch->ended + !!batch->slabs;
}

void kmobj_rcu_barrier(struct kmobj_zone *zone)
{
	struct kmobj_rcu_batch *batch = zone->rcu_batch;
	unsigned long until[KMOBJ_RCU_BATCHES], frees;

	might_sleep();
	if (!rcu_count(zone, &frees))
		return;
	mutex_lock(&zone->rcu_lock);
	rcu_pass(zone);
	mutex_unlock(&zone->rcu_lock);
	/*
	 * The pass may have missed a slab with objects freed before this call, if
	 * queue_slab() was interrupted before it put the slab on its list. It is
	 * on it after a grace period, which mostly ends the pass's batch as well.
	 */
	synchronize_rcu();
	mutex_lock(&zone->rcu_lock);
	rcu_pass(zone);
	until[0] = batch_until(&batch[0]);
	until[1] = batch_until(&batch[1]);
	while ((long)(batch[0].ended - until[0]) < 0 || (long)(batch[1].ended - until[1]) < 0) {
		mutex_unlock(&zone->rcu_lock);
		schedule_timeout_uninterruptible(1);
		mutex_lock(&zone->rcu_lock);
		batches_poll(zone);
	}
	rcu_pass(zone);
	mutex_unlock(&zone->rcu_lock);
}
EXPORT_SYMBOL_GPL(kmobj_rcu_barrier);

void rcu_zone_start(struct kmobj_zone *zone)
{
	mutex_init(&zone->rcu_lock);
	INIT_DELAYED_WORK(&zone->rcu_work, pass_work);
}

/*
 * The zone is on no list any more where the shrinker could find it, and no object
 * waits. No freer can be about to queue a pass: it has preemption off since
 * before the slab was on a list, and so the grace period has waited for it.
 */
void rcu_zone_stop(struct kmobj_zone *zone)
{
	cancel_delayed_work_sync(&zone->rcu_work);
}

int rcu_start(void)
{
	rcu_wq = alloc_workqueue("kmobj_rcu", WQ_UNBOUND | WQ_MEM_RECLAIM | WQ_HIGHPRI, 0);
	return rcu_wq ? 0 : -ENOMEM;
}

/* At unload, with zones left that their creators forgot. */
void rcu_stop(void)
{
	struct kmobj_zone *zone;

	list_for_each_entry(zone, &kmobj_zones, link) {
		kmobj_rcu_barrier(zone);
		rcu_zone_stop(zone);
	}
	destroy_workqueue(rcu_wq);
}
