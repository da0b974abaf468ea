// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says of any pointer: zone, object, whether that is free, and its tracks.
 * On request, and for each register in the kernel's report of an oops; there also of a
 * zone in the place of a kmem_cache.
 *
 * The address of a page fault is not looked at. The pages of slabs are mapped, so it lies
 * in one only if the CPU was about to execute it, and then it is in the program counter.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/kdebug.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/ptrace.h>

#include "kernel/compat.h"
#include "include/kmobj_dropin.h"
#include "slab/lookup.h"
#include "debug/oops.h"
#include "debug/track.h"
#include "debug/where.h"

bool kmobj_dump_obj(const void *ptr)
{
	char what[2 * sizeof(ptr) + 3];
	struct kmobj_where where;
	bool ours;

	snprintf(what, sizeof(what), "%p", ptr);
	preempt_disable();	/* keeps the zone and the slab, see zone_lookup() */
	ours = where_print(what, (unsigned long)ptr, &where);
	if (ours && where.obj)
		track_print(where.zone, where.obj);
	preempt_enable();
	return ours;
}
EXPORT_SYMBOL_GPL(kmobj_dump_obj);

#ifdef KMOBJ_REGISTERS

static const struct {
	const char *name;
	unsigned int offset;		/* in struct pt_regs */
} registers[] = KMOBJ_REGISTERS;

/* Print the tracks of an object once, however many registers point to it. */
static void tracks_print(const struct kmobj_where *where, unsigned int nr)
{
	unsigned int i, j;

	for (i = 0; i < nr; i++) {
		for (j = 0; j < i && where[j].obj != where[i].obj; j++)
			;
		if (j == i && where[i].obj)
			track_print(where[i].zone, where[i].obj);
	}
}

/*
 * A zone that a module took for a kmem_cache and gave to the kernel, which faults at the
 * first access.
 */
static void cache_print(const char *name, unsigned long value)
{
	const struct kmobj_zone *zone = zone_from_word(value ^ KMOBJ_DISGUISE);

	if (zone)
		pr_err("%s: the kmem_cache %.*s is a zone of kmobj, which the kernel cannot use: only modules compiled with kmobj's headers for kmem_cache can\n",
		       name, (int)sizeof(zone->name) - 1, zone->name);
}

static void registers_print(const struct pt_regs *regs)
{
	struct kmobj_where where[ARRAY_SIZE(registers)];
	unsigned int i, nr = 0;
	unsigned long value;

	preempt_disable();	/* keeps zones and slabs, see zone_lookup() */
	for (i = 0; i < ARRAY_SIZE(registers); i++) {
		value = *(unsigned long *)((void *)regs + registers[i].offset);
		nr += where_print(registers[i].name, value, &where[nr]);
		cache_print(registers[i].name, value);
	}
	tracks_print(where, nr);
	preempt_enable();
}

/* One at a time, so that an oops in here is not described: that would not end. */
static int die_is_notified(struct notifier_block *nb, unsigned long event, void *data)
{
	static unsigned long busy;
	const struct die_args *args = data;

	if (event != DIE_OOPS || !args->regs || test_and_set_bit(0, &busy))
		return NOTIFY_DONE;
	registers_print(args->regs);
	clear_bit(0, &busy);
	return NOTIFY_DONE;
}

NOKPROBE_SYMBOL(die_is_notified);	/* as a probe of it would call it */

static struct notifier_block die_notifier = { .notifier_call = die_is_notified };

void oops_start(void)
{
	register_die_notifier(&die_notifier);
}

void oops_stop(void)
{
	unregister_die_notifier(&die_notifier);
}

#endif /* KMOBJ_REGISTERS */
