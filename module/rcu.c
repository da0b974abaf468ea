// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are freed by RCU: back in their slab after a grace period. It
 * takes no rcu_head in the object and no memory, and cannot fail.
 *
 * A free sets the object's bit in next[] of its slab and, where the slab is on
 * no list of this file, puts it on one of this CPU's. A pass, every few
 * milliseconds while anything waits, takes all those lists into a batch: it
 * moves next[] of their slabs to waiting[], a word at a time, and then asks for
 * a grace period. What a CPU freed while its slab was in a batch stays in next[]
 * until that batch ends. When its grace period is over a pass moves waiting[]
 * to remote[], as any free from another CPU is marked, tells the slab's owner
 * once for all of them, and takes into the next batch the slabs that have more.
 *
 * A slab is on one list at most, a CPU's or a batch's, and rcu_queued says so.
 * While it is set the slab does not leave its zone.
 *
 *	who frees				the pass
 *	---------				--------
 *	test_and_set_bit() in next[]		rcu_queued = 0 by xchg(), a full
 *	(a full barrier)			barrier
 *	rcu_queued == 0? xchg(rcu_queued, 1)	next[] not empty? the same:
 *	and if it was 0, put it on a list	xchg(rcu_queued, 1), and if it
 *						was 0, it is in the batch
 *
 * Either the one finds rcu_queued clear, or the other finds the bit. It is the
 * same for the lists as a whole, with llist_add() and rcu_state:
 *
 *	IDLE	all lists are empty, or somebody is about to find that they are not
 *	LAZY	the objects of one slab wait for others for rcu_ms. A second slab
 *		on a CPU, want of memory, and a barrier end that; zones with a limit
 *		do not wait.
 *	BUSY	a pass is queued
 *
 * A pass more than is needed does no harm.
 *
 * What waits is not live, so kmemleak is told at once; it may be read, so
 * KASAN, init_on_free and a debug zone see it freed when its grace period is
 * over.
 *
 *	function		context
 *	kmobj_free_rcu		any but NMI
 *	rcu_hurry		any but NMI
 *	rcu_pass		preemptible task, under zone->rcu_lock
 */
#include <linux/bitmap.h>
#include <linux/moduleparam.h>

#include "internal.h"
#include "pair.h"

unsigned int kmobj_rcu_ms = 20;
module_param_named(rcu_ms, kmobj_rcu_ms, uint, 0644);
MODULE_PARM_DESC(rcu_ms,
		 "milliseconds that a slab's objects wait for others before a grace period is asked for (default 20)");
KMOBJ_EXPORT_FOR_TESTS(kmobj_rcu_ms);

/*
 * From pass to pass, while anything waits: 4 ms, or the jiffy that is next to
 * it; a quarter of that where a CPU frees so fast that it has put 4 more slabs
 * on its list, so that what waits does not grow with the pace.
 */
#define PASS_EACH	max(HZ / 250, 1)
#define PASS_SLABS	4
#define PASS_NS		NSEC_PER_MSEC

/* Passes are how memory comes back: they are not to wait for memory. */
static struct workqueue_struct *rcu_wq;

/* Have a pass now. */
static void kick(struct kmobj_zone *zone)
{
	/* pairs with xchg() in rcu_rest() */
	if (READ_ONCE(zone->rcu_state) != RCU_BUSY &&
	    xchg(&zone->rcu_state, RCU_BUSY) != RCU_BUSY)
		mod_delayed_work(rcu_wq, &zone->rcu_work, 0);
}

/* Have one in a while. */
static void kick_lazily(struct kmobj_zone *zone)
{
	/* pairs with xchg() in rcu_rest() */
	if (READ_ONCE(zone->rcu_state) == RCU_IDLE &&
	    cmpxchg(&zone->rcu_state, RCU_IDLE, RCU_LAZY) == RCU_IDLE)
		queue_delayed_work(rcu_wq, &zone->rcu_work,
				   msecs_to_jiffies(READ_ONCE(kmobj_rcu_ms)));
}

/*
 * Memory is wanted: let no object wait for others. True if any waits at all.
 * Any context but NMI.
 */
bool rcu_hurry(struct kmobj_zone *zone)
{
	if (READ_ONCE(zone->rcu_state) == RCU_IDLE)
		return false;
	kick(zone);
	return true;
}

KMOBJ_EXPORT_FOR_TESTS(rcu_hurry);

/*
 * Is the grace period of a batch over? If a pass is at the batches just now, it
 * is it that is wanted, and the answer does not matter.
 */
static bool pass_is_due(struct kmobj_zone *zone)
{
	unsigned int nr = data_race(zone->rcu_nr);		/* as said above */
	unsigned long gp = data_race(zone->rcu_batch[0].gp);	/* here too */

	return nr && poll_state_synchronize_rcu(gp);
}

/* A slab is to be made: if objects can come back that would do, let them. */
void rcu_look(struct kmobj_zone *zone)
{
	if (pass_is_due(zone))
		mod_delayed_work(rcu_wq, &zone->rcu_work, 0);
}

static noinline void queue_slab(struct kmobj_zone *zone,
				struct kmobj_slab *slab)
{
	struct kmobj_pair *pair = this_cpu_ptr(zone->pairs);
	u8 nr = READ_ONCE(pair->rcu_slabs) + 1;

	WRITE_ONCE(pair->rcu_slabs, nr);
	if (llist_add(&slab->rcu, &pair->rcu) &&
	    READ_ONCE(zone->limit) == ULONG_MAX)
		kick_lazily(zone);
	else
		kick(zone);
	if (pass_is_due(zone) ||
	    (nr % PASS_SLABS == 0 &&
	     ktime_get_mono_fast_ns() - READ_ONCE(zone->rcu_passed) > PASS_NS))
		mod_delayed_work(rcu_wq, &zone->rcu_work, 0);
}

/* Is object @idx free, as far as who does not own the slab can tell? */
static __always_inline bool is_free(const struct kmobj_zone *zone,
				    struct kmobj_slab *slab, u32 idx)
{
	unsigned int w = idx / BITS_PER_LONG;
	unsigned long word;

	/*
	 * The owner may be at it, but not at this bit: whose object is live
	 * sees it clear.
	 */
	word = data_race(slab->free[w]);
	word |= READ_ONCE(slab_remote(zone, slab)->bits[w]);
	word |= READ_ONCE(slab_waiting(zone, slab)[w]);
	return word & (1UL << (idx % BITS_PER_LONG));
}

/* Have @obj wait, with preemption off. False: a bad free. */
static __always_inline bool free_rcu(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_slab *slab;
	u32 idx;

	if (unlikely(!slab_of(zone, obj, &slab)))
		return false;
	idx = slab_index(zone, obj);
	if (unlikely(idx >= zone->nr_objs))
		return false;
	shadow_is_live(obj);	/* if not, KASAN says so, and it is found next */
	if (unlikely(READ_ONCE(slab->owner) == KMOBJ_OWNER_RETIRING) ||
	    unlikely(is_free(zone, slab, idx)))
		return false;
	/* a full barrier: pairs with xchg() in batch_keep() */
	if (unlikely(test_and_set_bit(idx, slab_next(zone, slab))))
		return false;
	if (!READ_ONCE(slab->rcu_queued) && !xchg(&slab->rcu_queued, 1))
		queue_slab(zone, slab);
	kmemleak_ignore(obj);
	if (unlikely(zone_is_debug(zone)))
		debug_free_rcu(zone, obj);
	trace_free_rcu(zone->name, obj);
	return true;
}

/* With preemption off; below two sections by an atomic. */
static __always_inline void count_free(struct kmobj_zone *zone)
{
	struct kmobj_pair *pair = this_cpu_ptr(zone->pairs);

	if (likely(pair_try_enter(pair)) || pair_try_enter(++pair)) {
		count(&pair->frees_rcu, 1);
		pair_exit(pair);
	} else {
		atomic_long_inc(&zone->frees_rcu_nested);
	}
}

/**
 * kmobj_free_rcu() - free one object after a grace period of RCU
 * @zone: the zone it was allocated from
 * @obj: the object; NULL is ignored
 *
 * Whoever found @obj inside rcu_read_lock() may go on to look at it until
 * rcu_read_unlock(). The object needs no rcu_head, and no memory is allocated:
 * this cannot fail. The object counts as freed from now on; its memory can be
 * allocated again a grace period later, or two, if one was under way.
 *
 * Bad frees are refused as by kmobj_free(). To free by kmobj_free() what this
 * was given is found out when its grace period ends, unless it was handed out
 * anew in between; at once in debug zones and in kernels with KASAN or kmemleak.
 *
 * Context: any but NMI, and not under locks of the scheduler, of timers or of
 * workqueues; never sleeps, never allocates.
 */
void kmobj_free_rcu(struct kmobj_zone *zone, void *obj)
{
	bool good;

	preempt_disable();
	good = free_rcu(zone, obj);
	if (likely(good))
		count_free(zone);
	else
		report_bad_free(zone, obj);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(kmobj_free_rcu);

/* Move next[] to waiting[]; false if there is nothing. */
static bool slab_wait(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *next = slab_next(zone, slab);
	unsigned long *waiting = slab_waiting(zone, slab);
	bool any = false;
	unsigned int w;

	for (w = 0; w < zone->words; w++) {
		if (!READ_ONCE(next[w]))
			continue;
		WRITE_ONCE(waiting[w], xchg(&next[w], 0));
		any = true;
	}
	return any;
}

/* Nobody looks at objects in waiting[] any more: tell who watches. */
static void slab_hand_in(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *waiting = slab_waiting(zone, slab);
	unsigned int i;
	void *obj;

	if (!free_wants_more())
		return;
	for_each_set_bit(i, waiting, zone->nr_objs) {
		obj = slab_object(zone, slab, i);
		free_hand_in(zone, obj);
		trace_free(zone->name, obj);
	}
}

/*
 * Free the objects of waiting[] in a debug zone: each as any other. They leave
 * waiting[] first: who is handed one may free it at once.
 */
static unsigned int come_back_debug(struct kmobj_zone *zone,
				    struct kmobj_slab *slab)
{
	unsigned long *waiting = slab_waiting(zone, slab);
	unsigned long word;
	unsigned int i, w, nr = 0;

	for (w = 0; w < zone->words; w++) {
		word = waiting[w];
		WRITE_ONCE(waiting[w], 0);
		for_each_set_bit(i, &word, BITS_PER_LONG) {
			if (unlikely(!debug_free_waited(zone, slab,
							w * BITS_PER_LONG + i)))
				note_double_frees(zone, slab, w, 1UL << i);
			nr++;
		}
	}
	return nr;
}

/*
 * The same in any other zone, all in one go. Preemption is off from before the
 * owner is looked at until it has been told, as in free_remote().
 */
static unsigned int come_back(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *waiting = slab_waiting(zone, slab);
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned long word, twice;
	unsigned int w, nr = 0;

	preempt_disable();
	for (w = 0; w < zone->words; w++) {
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
	/* in quarantine nobody collects, and the header is not believed */
	if (nr && likely(!slab_is_sick(zone, slab)))
		slab_tell(zone, slab);
	preempt_enable();
	return nr;
}

/* The grace period of waiting[] is over: its objects are free. */
static void slab_come_back(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int nr;

	slab_hand_in(zone, slab);
	if (unlikely(zone_is_debug(zone)) && !slab_is_sick(zone, slab))
		nr = come_back_debug(zone, slab);
	else
		nr = come_back(zone, slab);
	atomic_long_add(nr, &zone->rcu_back);
}

static bool slab_has_next(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	const unsigned long *next = slab_next(zone, slab);
	unsigned int w;

	for (w = 0; w < zone->words; w++) {
		if (READ_ONCE(next[w]))
			return true;
	}
	return false;
}

/*
 * Is there more in @slab for the next batch? If not it is on no list any more.
 *
 * One that retires was put on a list by a bad free that raced with it. Nothing
 * keeps it but rcu_queued, so that stays set until the depot, which finds it
 * set, has taken the slab back. Any other keeps until preemption is on again,
 * whatever happens to it now.
 */
static bool batch_keep(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	bool mine = true;

	preempt_disable();
	while (mine && !slab_wait(zone, slab) &&
	       READ_ONCE(slab->owner) != KMOBJ_OWNER_RETIRING) {
		/* a full barrier: pairs with test_and_set_bit() in free_rcu() */
		xchg(&slab->rcu_queued, 0);
		mine = slab_has_next(zone, slab) && !xchg(&slab->rcu_queued, 1);
	}
	preempt_enable();
	return mine;
}

/* Those of a list of slabs that have something for it, to a batch. */
static void batch_add(struct kmobj_zone *zone, struct llist_node *list,
		      struct kmobj_rcu_batch *batch)
{
	struct kmobj_slab *slab, *next;

	llist_for_each_entry_safe(slab, next, list, rcu) {
		if (batch_keep(zone, slab)) {
			slab->rcu.next = batch->first;
			batch->first = &slab->rcu;
			batch->last = batch->last ?: batch->first;
		}
		cond_resched();
	}
}

/* The grace period of a list of slabs is over; they may have more to @batch. */
static void batch_end(struct kmobj_zone *zone, struct llist_node *list,
		      struct kmobj_rcu_batch *batch)
{
	struct kmobj_slab *slab;

	llist_for_each_entry(slab, list, rcu) {
		slab_come_back(zone, slab);
		cond_resched();
	}
	batch_add(zone, list, batch);
}

/*
 * @batch waits from now on: for the same grace period as the last one, or for
 * another. There is never one too many, see KMOBJ_RCU_BATCHES.
 */
static void batch_start(struct kmobj_zone *zone, struct kmobj_rcu_batch *batch)
{
	unsigned int nr = zone->rcu_nr;
	struct kmobj_rcu_batch *newest = zone->rcu_batch + nr - 1;

	batch->gp = start_poll_synchronize_rcu();
	if (nr && (newest->gp == batch->gp ||
		   WARN_ON_ONCE(nr == KMOBJ_RCU_BATCHES))) {
		batch->last->next = newest->first;
		newest->first = batch->first;
		newest->gp = batch->gp;
		return;
	}
	zone->rcu_batch[nr] = *batch;
	zone->rcu_nr++;
}

/* The slabs of the oldest batch, if its grace period is over; or NULL. */
static struct llist_node *batch_over(struct kmobj_zone *zone)
{
	struct kmobj_rcu_batch *oldest = zone->rcu_batch;
	struct llist_node *list = oldest->first;

	if (!zone->rcu_nr || !poll_state_synchronize_rcu(oldest->gp))
		return NULL;
	zone->rcu_nr--;
	memmove(oldest, oldest + 1, zone->rcu_nr * sizeof(*oldest));
	return list;
}

/* Nothing waits, as it seems. */
static void rcu_rest(struct kmobj_zone *zone)
{
	int cpu;

	/* a full barrier: pairs with llist_add() in queue_slab() */
	xchg(&zone->rcu_state, RCU_IDLE);
	for_each_possible_cpu(cpu) {
		if (!llist_empty(&per_cpu_ptr(zone->pairs, cpu)->rcu)) {
			kick_lazily(zone);
			return;
		}
	}
}

/* Objects come back, others begin to wait; true if any do. */
static bool rcu_pass(struct kmobj_zone *zone)
{
	struct kmobj_rcu_batch batch = {};
	struct llist_node *list;
	int cpu;

	lockdep_assert_held(&zone->rcu_lock);
	WRITE_ONCE(zone->rcu_passed, ktime_get_mono_fast_ns());
	while ((list = batch_over(zone)))
		batch_end(zone, list, &batch);
	for_each_possible_cpu(cpu) {
		list = llist_del_all(&per_cpu_ptr(zone->pairs, cpu)->rcu);
		batch_add(zone, list, &batch);
	}
	if (batch.first)
		batch_start(zone, &batch);
	if (!zone->rcu_nr) {
		rcu_rest(zone);
		return false;
	}
	WRITE_ONCE(zone->rcu_state, RCU_BUSY);
	queue_delayed_work(rcu_wq, &zone->rcu_work, PASS_EACH);
	return true;
}

static void pass_work(struct work_struct *work)
{
	struct kmobj_zone *zone = container_of(to_delayed_work(work),
					       struct kmobj_zone, rcu_work);

	mutex_lock(&zone->rcu_lock);
	rcu_pass(zone);
	mutex_unlock(&zone->rcu_lock);
}

/* A pass, and then until all that waited in it are over; false if none did. */
static bool rcu_wait(struct kmobj_zone *zone)
{
	unsigned long gp;
	bool waits;

	mutex_lock(&zone->rcu_lock);
	waits = rcu_pass(zone);
	gp = waits ? zone->rcu_batch[zone->rcu_nr - 1].gp : 0;
	mutex_unlock(&zone->rcu_lock);
	while (waits && !poll_state_synchronize_rcu(gp))
		schedule_timeout_uninterruptible(1);
	return waits;
}

/**
 * kmobj_rcu_barrier() - wait for objects that wait for RCU
 * @zone: the zone
 *
 * When it returns, every object given to kmobj_free_rcu() before it was called
 * can be allocated again. kmobj_zone_destroy() does this by itself.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 */
void kmobj_rcu_barrier(struct kmobj_zone *zone)
{
	might_sleep();
	/*
	 * What is in next[] of a slab that is in a batch begins to wait when
	 * that has ended: so once more, and a pass to bring that back.
	 */
	if (rcu_wait(zone) && rcu_wait(zone)) {
		mutex_lock(&zone->rcu_lock);
		rcu_pass(zone);
		mutex_unlock(&zone->rcu_lock);
	}
}
EXPORT_SYMBOL_GPL(kmobj_rcu_barrier);

/* Objects of @slab that wait: exact when the zone is quiet, else a snapshot. */
unsigned int slab_count_rcu(const struct kmobj_zone *zone,
			    struct kmobj_slab *slab)
{
	const unsigned long *next = slab_next(zone, slab);
	const unsigned long *waiting = slab_waiting(zone, slab);
	unsigned int w, nr = 0;

	for (w = 0; w < zone->words; w++)
		nr += hweight_long(READ_ONCE(next[w]) | READ_ONCE(waiting[w]));
	return nr;
}

KMOBJ_EXPORT_FOR_TESTS(slab_count_rcu);

void rcu_zone_start(struct kmobj_zone *zone)
{
	mutex_init(&zone->rcu_lock);
	INIT_DELAYED_WORK(&zone->rcu_work, pass_work);
}

/*
 * The zone is about to be freed, and nothing waits. Nobody can be about to
 * queue a pass either: who does has preemption off since before the slab was
 * on a list, and so the grace period of that slab has waited for it.
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
