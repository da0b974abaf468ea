/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of system kmobj. While they are off, alloc and free cost one static
 * branch each, shared with init_on_alloc and init_on_free; the others are on slow
 * paths.
 *
 *	alloc		an object was allocated; gfp as the caller gave it
 *	free		an object was freed, also after kmobj_free_rcu()
 *	free_rcu	an object was passed to kmobj_free_rcu()
 *	slab_new	a slab was made
 *	slab_retire	a slab left the zone
 *	limit_hit	a slab was refused because of the zone's limit
 *	bad_free	a free was refused
 *	move		a client was asked to move an object, and what it answered
 *	reclaim		slabs were released under memory pressure, or at once, as the
 *			zone was shrunk or destroyed
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kmobj

#if !defined(KMOBJ_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define KMOBJ_TRACE_H

#include <linux/jump_label.h>
#include <linux/tracepoint.h>
#include <trace/events/mmflags.h>

#include "include/kmobj.h"

/* On while each object is traced or zeroed as it is allocated, or freed. */
DECLARE_STATIC_KEY_FALSE(kmobj_watch_alloc);
DECLARE_STATIC_KEY_FALSE(kmobj_watch_free);
void watch_start(void);
int trace_alloc_on(void);
void trace_alloc_off(void);
int trace_free_on(void);
void trace_free_off(void);

TRACE_EVENT_FN(alloc,
	TP_PROTO(const char *zone, const void *obj, unsigned int size, gfp_t gfp),
	TP_ARGS(zone, obj, size, gfp),
	TP_STRUCT__entry(
		__string(zone, zone)
		__field(const void *, obj)
		__field(unsigned int, size)
		__field(unsigned long, gfp)
	),
	TP_fast_assign(
		kmobj_assign_str(zone, zone);
		__entry->obj = obj;
		__entry->size = size;
		__entry->gfp = (__force unsigned long)gfp;
	),
	TP_printk("zone=%s obj=%p size=%u gfp=%s", __get_str(zone),
		  __entry->obj, __entry->size, show_gfp_flags(__entry->gfp)),
	trace_alloc_on, trace_alloc_off
);

DECLARE_EVENT_CLASS(kmobj_obj,
	TP_PROTO(const char *zone, const void *obj),
	TP_ARGS(zone, obj),
	TP_STRUCT__entry(
		__string(zone, zone)
		__field(const void *, obj)
	),
	TP_fast_assign(
		kmobj_assign_str(zone, zone);
		__entry->obj = obj;
	),
	TP_printk("zone=%s obj=%p", __get_str(zone), __entry->obj)
);

DEFINE_EVENT_FN(kmobj_obj, free,
	TP_PROTO(const char *zone, const void *obj),
	TP_ARGS(zone, obj),
	trace_free_on, trace_free_off
);

DEFINE_EVENT(kmobj_obj, free_rcu,
	TP_PROTO(const char *zone, const void *obj),
	TP_ARGS(zone, obj)
);

DEFINE_EVENT(kmobj_obj, bad_free,
	TP_PROTO(const char *zone, const void *obj),
	TP_ARGS(zone, obj)
);

TRACE_EVENT(move,
	TP_PROTO(const char *zone, const void *from, const void *to, int answer),
	TP_ARGS(zone, from, to, answer),
	TP_STRUCT__entry(
		__string(zone, zone)
		__field(const void *, from)
		__field(const void *, to)
		__field(int, answer)
	),
	TP_fast_assign(
		kmobj_assign_str(zone, zone);
		__entry->from = from;
		__entry->to = to;
		__entry->answer = answer;
	),
	TP_printk("zone=%s from=%p to=%p answer=%s", __get_str(zone),
		  __entry->from, __entry->to,
		  __print_symbolic(__entry->answer,
				   { KMOBJ_MOVED, "moved" }, { KMOBJ_GONE, "gone" },
				   { KMOBJ_BUSY, "busy" }, { KMOBJ_PINNED, "pinned" }))
);

DECLARE_EVENT_CLASS(kmobj_slab,
	TP_PROTO(const char *zone, const void *slab, unsigned long bytes, int nid),
	TP_ARGS(zone, slab, bytes, nid),
	TP_STRUCT__entry(
		__string(zone, zone)
		__field(const void *, slab)
		__field(unsigned long, bytes)
		__field(int, nid)
	),
	TP_fast_assign(
		kmobj_assign_str(zone, zone);
		__entry->slab = slab;
		__entry->bytes = bytes;
		__entry->nid = nid;
	),
	TP_printk("zone=%s slab=%p bytes=%lu node=%d", __get_str(zone),
		  __entry->slab, __entry->bytes, __entry->nid)
);

DEFINE_EVENT(kmobj_slab, slab_new,
	TP_PROTO(const char *zone, const void *slab, unsigned long bytes, int nid),
	TP_ARGS(zone, slab, bytes, nid)
);

DEFINE_EVENT(kmobj_slab, slab_retire,
	TP_PROTO(const char *zone, const void *slab, unsigned long bytes, int nid),
	TP_ARGS(zone, slab, bytes, nid)
);

DECLARE_EVENT_CLASS(kmobj_bytes,
	TP_PROTO(const char *zone, unsigned long bytes),
	TP_ARGS(zone, bytes),
	TP_STRUCT__entry(
		__string(zone, zone)
		__field(unsigned long, bytes)
	),
	TP_fast_assign(
		kmobj_assign_str(zone, zone);
		__entry->bytes = bytes;
	),
	TP_printk("zone=%s bytes=%lu", __get_str(zone), __entry->bytes)
);

DEFINE_EVENT(kmobj_bytes, limit_hit,
	TP_PROTO(const char *zone, unsigned long bytes),
	TP_ARGS(zone, bytes)
);

DEFINE_EVENT(kmobj_bytes, reclaim,
	TP_PROTO(const char *zone, unsigned long bytes),
	TP_ARGS(zone, bytes)
);

#endif /* KMOBJ_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
