/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What suites look at in a zone, its slabs, and what CPUs own of them. Fields are
 * for this file to know, and for cases about a field itself: how a slab is laid out,
 * or damage that is planted in one.
 */
#ifndef KMOBJ_KUNIT_PEEK_H
#define KMOBJ_KUNIT_PEEK_H

#include <linux/bitmap.h>
#include <linux/mm.h>

#include "../../module/include/kmobj_dropin.h"
#include "../../module/kernel/compat.h"
#include "../../module/kernel/kasan.h"
#include "../../module/kernel/trace.h"
#include "../../module/slab/state.h"
#include "../../module/zone/verify.h"
#include "../../module/slab/depot.h"
#include "../../module/slab/layout.h"
#include "../../module/slab/lookup.h"
#include "../../module/slab/offslab.h"
#include "../../module/slab/pages.h"
#include "../../module/slab/slab.h"
#include "../../module/slab/zone.h"
#include "../../module/debug/debug.h"
#include "../../module/debug/kasan_report.h"
#include "../../module/debug/report.h"
#include "../../module/debug/track.h"
#include "../../module/core/alloc.h"
#include "../../module/core/birth.h"
#include "../../module/core/drain.h"
#include "../../module/core/free.h"
#include "../../module/core/free_rcu.h"
#include "../../module/core/poll_timer.h"
#include "../../module/core/reserve.h"
#include "../../module/core/retire.h"
#include "../../module/core/section.h"
#include "../../module/zone/debugfs.h"
#include "../../module/zone/destroy.h"
#include "../../module/zone/left.h"
#include "../../module/zone/maintain.h"
#include "../../module/zone/registry.h"
#include "../../module/zone/shrinker.h"

/* A zone. */

static inline unsigned int peek_order(const struct kmobj_zone *zone)
{
	return zone->order;
}

static inline bool peek_offslab(const struct kmobj_zone *zone)
{
	return zone->offslab;
}

/* Will the next slab be charged to a memory cgroup, whatever its gfp? */
static inline bool zone_is_charged(const struct kmobj_zone *zone)
{
	int charging = READ_ONCE(zone->charging);

	return charging == CHARGE_SLABS ||
	       (charging == CHARGE_UNDECIDED && (zone->gfp & __GFP_ACCOUNT));
}

/* RCU_IDLE, RCU_LAZY or RCU_BUSY. */
static inline int peek_rcu_state(const struct kmobj_zone *zone)
{
	return READ_ONCE(zone->rcu_state);
}

static inline bool peek_gone(const struct kmobj_zone *zone)
{
	return READ_ONCE(zone->gone);
}

static inline bool peek_destroying(const struct kmobj_zone *zone)
{
	return READ_ONCE(zone->destroying);
}

static inline unsigned long peek_nr_slabs(const struct kmobj_zone *zone)
{
	return atomic_long_read(&zone->nr_slabs);
}

/* The slabs of a zone that are a node's, and no CPU's. */

static inline struct kmobj_depot *peek_depot(const struct kmobj_zone *zone,
					     int nid)
{
	return zone->depot[nid];
}

static inline unsigned long peek_bin(const struct kmobj_depot *depot,
				     unsigned int bin)
{
	return READ_ONCE(depot->nr[bin]);
}

static inline unsigned long peek_leaving(const struct kmobj_depot *depot)
{
	return READ_ONCE(depot->nr_leaving);
}

/* A slab. */

static inline struct kmobj_slab *slab_at(const struct kmobj_zone *zone,
					 const void *obj)
{
	if (zone->offslab)
		return slab_from_page(virt_to_head_page(obj));
	return slab_header_addr(zone, kasan_reset_tag(obj));
}

static inline int peek_owner(const struct kmobj_slab *slab)
{
	return READ_ONCE(slab->owner);
}

/* The same, whether the slab is new or not: the CPU's number. */
static inline int owner_of(const struct kmobj_slab *slab)
{
	int owner = peek_owner(slab);

	return owner < 0 ? owner : owner & ~KMOBJ_HIDDEN_HALF;
}

/* Changes of an owner that are not in its table, since this was asked last. */
static inline int owner_faults(void)
{
	return KMOBJ_OWNER_CHECKED ? atomic_xchg(&kmobj_owner_faults, 0) : 0;
}

/* KMOBJ_UNLISTED, or one more than the number of its bin. */
static inline unsigned int peek_listed(const struct kmobj_slab *slab)
{
	return READ_ONCE(slab->listed);
}

static inline int peek_node(const struct kmobj_slab *slab)
{
	return slab->node;
}

static inline int peek_home(const struct kmobj_slab *slab)
{
	return slab->home;
}

/* Is it on the told list of its owner? */
static inline unsigned int peek_told(const struct kmobj_zone *zone,
				     struct kmobj_slab *slab)
{
	return READ_ONCE(slab_remote(zone, slab)->notified);
}

/* Free objects that the owner of @slab knows of. */
static inline unsigned int known_free(const struct kmobj_zone *zone,
				      const struct kmobj_slab *slab)
{
	return bitmap_weight(slab->free, zone->nr_objs);
}

/* Objects of @slab that others freed and nobody collected. */
static inline unsigned int remote_free(const struct kmobj_zone *zone,
				       struct kmobj_slab *slab)
{
	return bitmap_weight(slab_remote(zone, slab)->bits, zone->nr_objs);
}

/* What a CPU owns. */

static inline struct kmobj_cpu *cpu_state_on(const struct kmobj_zone *zone, int cpu)
{
	return per_cpu_ptr(zone->cpus, cpu);
}

/* What the owner of its slabs is. */
static inline int peek_self(const struct kmobj_cpu *c)
{
	return c->owner;
}

static inline struct kmobj_slab *peek_active(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->active);
}

static inline struct kmobj_slab *peek_alternate(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->alternate);
}

static inline unsigned int peek_nr_reserve(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->nr_reserve);
}

/* RESERVE_OPEN, RESERVE_FROZEN or RESERVE_TAKEN. */
static inline int peek_reserve_state(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->reserve_state);
}

/* Is it asked to give all up? */
static inline bool peek_drain(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->drain);
}

static inline void ask_to_drain(struct kmobj_cpu *c)
{
	WRITE_ONCE(c->drain, true);
}

static inline unsigned long peek_allocs(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->allocs);
}

static inline unsigned long peek_frees(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->frees);
}

static inline unsigned long peek_frees_remote(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->frees_remote);
}

static inline unsigned long peek_allocs_nested(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->allocs_nested);
}

static inline unsigned long peek_frees_nested(const struct kmobj_cpu *c)
{
	return READ_ONCE(c->frees_nested);
}

#endif /* KMOBJ_KUNIT_PEEK_H */
