// SPDX-License-Identifier: GPL-2.0
/*
 * Generic KASAN: the shadow of slabs and objects (see kasan.h), and an addition to
 * its reports, which know pages, not zones. A probe of the tracepoint that follows
 * each report prints the zone, the object, and its tracks.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/tracepoint.h>

#include "slab/lookup.h"
#include "debug/kasan_report.h"

#ifdef CONFIG_KASAN_GENERIC

/* Values of a shadow byte, as KASAN defines them. */
#define SHADOW_LIVE	0x00
#define SHADOW_FREE	0xfb
#define SHADOW_GAP	0xfc

#define GRANULE		BIT(KASAN_SHADOW_SCALE_SHIFT)

/* Tests free twice on purpose and check counters instead. */
static bool quiet;

/* Whole granules, then the remaining bytes of the last one. */
void shadow_alloc(struct kmobj_zone *zone, void *obj)
{
	size_t whole = round_down(zone->size, GRANULE);

	kasan_poison(obj, whole, SHADOW_LIVE, false);
	if (zone->size > whole)
		kasan_poison(obj + whole, GRANULE, zone->size - whole, false);
}

void shadow_free(struct kmobj_zone *zone, void *obj)
{
	if (!(zone->flags & KMOBJ_TYPESAFE_BY_RCU))	/* those stay accessible */
		kasan_poison(obj, round_up(zone->size, GRANULE), SHADOW_FREE, false);
}

void shadow_slab_new(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	void *pages = (void *)slab_base(zone, slab);
	void *end = pages + slab_bytes(slab_order(zone, slab));
	void *from = zone->offslab || slab->small ? pages : slab->objs - KMOBJ_KASAN_GAP;
	unsigned int i;
	void *obj;

	kasan_poison(from, end - from, SHADOW_GAP, false);
	for (i = 0; i < slab_nr_objs(zone, slab); i++) {
		obj = slab_object(zone, slab, i);
		shadow_alloc(zone, obj);
		shadow_free(zone, obj);
	}
}

void shadow_slab_leaves(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	kasan_poison((void *)slab_base(zone, slab), slab_bytes(slab_order(zone, slab)),
		     SHADOW_LIVE, false);
}

/* If not, KASAN reports it, with the stack of the free, as for kfree(). */
bool shadow_is_live(void *obj)
{
	return quiet || __kasan_check_write(obj, 1);
}

void shadow_quiet(bool yes)
{
	WRITE_ONCE(quiet, yes);
}
EXPORT_SYMBOL_FOR_TESTS(shadow_quiet);

#ifdef CONFIG_TRACEPOINTS
#include <trace/events/error_report.h>

static void after_report(void *unused, enum error_detector detector, unsigned long addr)
{
	if (detector == ERROR_DETECTOR_KASAN)
		kmobj_dump_obj((void *)addr);
}

int shadow_start(void)
{
	return register_trace_error_report_end(after_report, NULL);
}

void shadow_stop(void)
{
	unregister_trace_error_report_end(after_report, NULL);
	tracepoint_synchronize_unregister();
}
#endif /* CONFIG_TRACEPOINTS */

#endif /* CONFIG_KASAN_GENERIC */
