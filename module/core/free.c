// SPDX-License-Identifier: GPL-2.0
/*
 * Free one object: the fast path, then what it falls back to, in that order.
 *
 * Fast means: the object goes to a slab that this CPU owns in the zone, one bit
 * in free[]. That takes no lock, does no atomic operation, does not divide or
 * touch the interrupt flag, and updates one counter. It is free_fast() in free.h.
 *
 *	kmobj_free	into a slab of this CPU
 *	free_far	the same where the header is not in the slab
 *	free_slow	according to who owns the slab. If this CPU, free_own(): the slab
 *			may be full or have a hidden half. Else free_remote(): sets
 *			one bit in remote[] and notifies the owner or the depot; in a
 *			debug zone, or a watched slab, debug_free()
 *	free_refused	no live object was found: NULL, an object of a corrupt slab,
 *			or a bad free, which is reported
 *
 * For interrupts in a section see section.h. In a debug zone no CPU owns a slab, so
 * free_slow() does all frees.
 */
#include "slab/lookup.h"
#include "debug/debug.h"
#include "debug/kasan_report.h"
#include "debug/report.h"
#include "core/free.h"
#include "core/reserve.h"

static void free_nested(struct kmobj_zone *zone, struct kmobj_cpu *c, void *obj);
static void free_far(struct kmobj_zone *zone, struct kmobj_cpu *c, void *obj);
static void free_rest(struct kmobj_zone *zone, struct kmobj_cpu *c,
		      void *obj, struct kmobj_slab *slab, u32 idx);

enum free_result { FREE_DONE, FREE_REMOTE, FREE_BAD };

static enum free_result free_own(struct kmobj_zone *zone, struct kmobj_cpu *c,
				 struct kmobj_slab *slab, u32 idx, int owner);
static bool free_remote(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx);

void kmobj_free(struct kmobj_zone *zone, void *obj)
{
	struct kmobj_slab *slab;
	struct kmobj_cpu *c;
	u32 idx = 0;

	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	if (unlikely(!cpu_section_try_enter(c)))
		return free_nested(zone, c + 1, obj);
	if (slab_is_offslab_addr(zone, obj))
		return free_far(zone, c, obj);
	if (unlikely(!free_fast(zone, c, obj, &slab, &idx)))
		return free_rest(zone, c, obj, slab, idx);
	cpu_section_leave(c);
}
EXPORT_SYMBOL_GPL(kmobj_free);

/* kmobj_free() with the first state busy and @c the second. Preemption is off. */
static noinline void free_nested(struct kmobj_zone *zone, struct kmobj_cpu *c, void *obj)
{
	struct kmobj_slab *slab;
	u32 idx = 0;

	if (unlikely(!cpu_section_try_enter(c)))
		return free_rest(zone, NULL, obj, NULL, 0);
	if (slab_is_offslab_addr(zone, obj))
		return free_far(zone, c, obj);
	if (unlikely(!free_fast(zone, c, obj, &slab, &idx)))
		return free_rest(zone, c, obj, slab, idx);
	cpu_section_leave(c);
}

/* kmobj_free() in a section, for an object whose slab has its header elsewhere. */
static noinline void free_far(struct kmobj_zone *zone, struct kmobj_cpu *c, void *obj)
{
	struct kmobj_slab *slab = cpu_offslab_lookup(zone, c, obj);
	u32 idx;

	if (unlikely(!slab))
		return free_rest(zone, c, obj, NULL, 0);
	idx = offslab_index(zone, obj);
	if (unlikely(!free_into(zone, c, slab, idx)))
		return free_rest(zone, c, obj, slab, idx);
	cpu_section_leave(c);
}

/*
 * kmobj_free() where the fast path failed: in a section of @c, or with both
 * states busy if @c is NULL. @slab and @idx as for free_slow(). A report may take
 * long, so the section ends before it.
 */
static noinline void free_rest(struct kmobj_zone *zone, struct kmobj_cpu *c,
			       void *obj, struct kmobj_slab *slab, u32 idx)
{
	bool good = free_slow(zone, c, obj, slab, idx);

	if (likely(c))
		cpu_section_exit(c);
	if (unlikely(!good))
		free_refused(zone, obj);
	preempt_enable();
}

/*
 * Free any @obj, which would be object @idx of @slab; if @slab is NULL it is
 * looked up. With many full slabs most frees come here, and another look-up would
 * cost a tenth of them. In a section of @c; or with preemption off and @c NULL,
 * then no slab counts as this CPU's. False, and nothing has changed, if @obj is no
 * live object of a slab in service.
 *
 * Objects that wait for RCU are refused where they would be poisoned or wiped, and in
 * debug_free(). Elsewhere that is found when the grace period is over.
 */
bool free_slow(struct kmobj_zone *zone, struct kmobj_cpu *c,
	       void *obj, struct kmobj_slab *slab, u32 idx)
{
	enum free_result result = FREE_REMOTE;
	int owner;

	if (unlikely(!slab)) {
		if (!slab_lookup(zone, obj, &slab, &idx))
			return false;
	}
	if (unlikely(idx >= zone->nr_objs))
		return false;
	if (free_wants_more()) {
		if ((KMOBJ_SANITIZED || want_init_on_free()) &&
		    unlikely(slab_waits(zone, slab, idx)))
			return false;
		obj_free_hooks(zone, obj);
	}
	owner = READ_ONCE(slab->owner);
	if (c && cpu_owns(c, owner))
		result = free_own(zone, c, slab, idx, owner);
	if (result == FREE_DONE)
		count(&c->frees, 1);
	else if (result == FREE_BAD || unlikely(!free_remote(zone, slab, idx)))
		return false;
	else if (likely(c))
		count(&c->frees_remote, 1);
	else
		this_cpu_inc(zone->cpus->frees_nested);
	trace_free(zone->name, obj);
	return true;
}

/* If the object is free already, KASAN reports it here, and the caller finds out next. */
void obj_free_hooks(struct kmobj_zone *zone, void *obj)
{
	if (!shadow_is_live(obj))
		return;
	/* of a watched slab it is poisoned, once it is known to be live */
	if (want_init_on_free() && zone_may_wipe(zone) && !watch_of(zone, obj))
		memset(obj, 0, zone->size);
	kmemleak_free(obj);
	shadow_free(zone, obj);
}

/*
 * Free into a slab that this CPU owns, in a section. FREE_REMOTE if the slab is
 * full and reserve_free_into_full() failed. Model: answer.
 */
static enum free_result free_own(struct kmobj_zone *zone, struct kmobj_cpu *c,
				 struct kmobj_slab *slab, u32 idx, int owner)
{
	if (owner & KMOBJ_FULL_OWNED)
		return reserve_free_into_full(zone, c, slab, idx) ? FREE_DONE : FREE_REMOTE;
	if (owner & KMOBJ_HIDDEN_HALF) {
		if (slab_is_free(zone, slab, idx))
			return FREE_BAD;
		if (++slab->hidden_half_frees == KMOBJ_HIDDEN_HALF_FREES)
			slab_reveal(zone, c, slab);
	}
	return slab_push(slab, idx) ? FREE_DONE : FREE_BAD;
}

/*
 * Free into a slab that this CPU does not own, or may not touch. Preemption has been off
 * since before the header was read, so the slab does not leave its zone before this is
 * done. False: a bad free. Model: free.region.
 */
static bool free_remote(struct kmobj_zone *zone, struct kmobj_slab *slab, u32 idx)
{
	int owner = READ_ONCE(slab->owner);

	if (unlikely(owner < 0)) {
		if (slab_is_debug(zone, slab))	/* no CPU owns it */
			return debug_free(zone, slab, idx);
		if (owner == KMOBJ_OWNER_RETIRING)
			return false;
	}
	/*
	 * A full barrier: pairs with smp_mb() in depot_list_after_barrier() and
	 * depot_take(), with xchg() in notified_look() and notified_pass_on(). Model:
	 * free.set.
	 */
	if (unlikely(test_and_set_bit(idx, slab_remote(zone, slab)->bits)))
		return false;
	slab_notify(zone, slab);
	return true;
}

/*
 * @obj is not a live object of a slab in service: NULL is not an error, an object
 * of a corrupt slab is freed, anything else is a bad free. With preemption off.
 */
void free_refused(struct kmobj_zone *zone, void *obj)
{
	if (!obj)
		return;
	if (unlikely(corrupt_free(zone, obj)))
		this_cpu_inc(zone->cpus->frees_nested);
	else
		report_bad_free(zone, obj);
}
