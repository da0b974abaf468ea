// SPDX-License-Identifier: GPL-2.0
/* Create a zone. */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/random.h>

#include "include/kmobj_dropin.h"
#include "slab/lookup.h"
#include "slab/offslab.h"
#include "debug/debug.h"
#include "debug/track.h"
#include "core/birth.h"
#include "core/section.h"
#include "core/free_rcu.h"
#include "core/reserve.h"
#include "zone/debugfs.h"
#include "zone/mover.h"
#include "zone/registry.h"
#include "zone/uncharged.h"

#define FLAGS_KNOWN	(KMOBJ_TYPESAFE_BY_RCU | KMOBJ_HWCACHE_ALIGN | \
			 KMOBJ_RECLAIMABLE | KMOBJ_PANIC | KMOBJ_ACCOUNT | \
			 KMOBJ_PRIVATE_PAGES | \
			 KMOBJ_DEBUG_FLAGS)

static int refuse(const char *name, int err, const char *why)
{
	pr_err("cannot create zone \"%s\": %s\n", name, why);
	return err;
}

/* @given is the name without that of the module. */
static int check_name(const char *name, const char *given)
{
	size_t len, i;

	if (!given || !*given)
		return refuse(name, -EINVAL, "give it a name");
	len = strnlen(given, KMOBJ_NAME_MAX + 1);
	if (len > KMOBJ_NAME_MAX)
		return refuse(name, -ENAMETOOLONG, "a name has at most 63 characters");
	for (i = 0; i < len; i++) {
		if (given[i] == '/' || !isprint(given[i]))
			return refuse(name, -EINVAL,
				      "its name becomes a directory: no '/' and nothing unprintable");
	}
	if (!strcmp(given, ".") || !strcmp(given, ".."))
		return refuse(name, -EINVAL, "its name becomes a directory");
	if (strstarts(given, KMOBJ_OWN_NAMES))
		return refuse(name, -EINVAL, "names that begin with kmobj: are reserved");
	return 0;
}

/* Bytes that the name of a module takes in those of its zones, with the colon. */
static size_t prefix_len(const struct module *module)
{
	return module ? strlen(module->name) + 1 : 0;
}

/*
 * The name of a zone that @module calls @given: all that is shown of a zone begins with
 * its module, so that modules need not know of each other's. @name has room for
 * ZONE_NAME_SIZE bytes, and is filled in even if @given is refused.
 */
static int make_name(const struct module *module, const char *given, char *name)
{
	size_t len = prefix_len(module);

	if (module)
		snprintf(name, ZONE_NAME_SIZE, "%s:", module->name);
	if (given && !strncmp(given, name, len))
		given += len;	/* it begins with the module's already */
	snprintf(name + len, ZONE_NAME_SIZE - len, "%.*s", KMOBJ_NAME_MAX, given ?: "(null)");
	return check_name(name, given);
}

static int check_args(const char *name, size_t size, const struct kmobj_zone_args *args)
{
	if (!size || size > KMOBJ_MAX_SIZE)
		return refuse(name, -EINVAL, "an object has 1 to 16384 bytes");
	if (args->align & (args->align - 1))
		return refuse(name, -EINVAL, "the alignment is not a power of two");
	if (args->flags & ~FLAGS_KNOWN)
		return refuse(name, -EINVAL, "unknown flags");
	if ((args->flags & KMOBJ_POISON) &&
	    (args->ctor || args->move || (args->flags & KMOBJ_TYPESAFE_BY_RCU)))
		return refuse(name, -EINVAL,
			      "KMOBJ_POISON writes into free objects, and a ctor, move or KMOBJ_TYPESAFE_BY_RCU says that they are to stay as they are");
	if (args->useroffset > size || args->usersize > size - args->useroffset)
		return refuse(name, -EINVAL,
			      "useroffset and usersize are a region of the object");
	if ((args->flags & KMOBJ_PRIVATE_PAGES) && args->keep_free_slabs)
		return refuse(name, -EINVAL,
			      "a zone of KMOBJ_PRIVATE_PAGES keeps all free slabs, whatever keep_free_slabs says");
	if (args->order > KMOBJ_ORDER_MAX)
		return refuse(name, -EINVAL, "a slab has at most 512 KiB");
	return 0;
}

/* As in SLUB: small objects share a cache line if none crosses its end. */
static unsigned int choose_align(size_t size, const struct kmobj_zone_args *args)
{
	unsigned int align = max_t(unsigned int, args->align, KMOBJ_MIN_ALIGN);
	unsigned int line = cache_line_size();

	if (args->flags & KMOBJ_HWCACHE_ALIGN) {
		while (size <= line / 2)
			line /= 2;
		align = max(align, line);
	}
	return align;
}

static void zone_free(struct kmobj_zone *zone)
{
	depot_destroy(zone);
	free_percpu(zone->cpus);
	offslab_close(zone);
	mover_close(zone);
	zone->cookie = 0;	/* as in registry_bury() */
	kfree(zone);
}

/* What the module parameter sample= says of it: debug zones are looked at already. */
static void zone_sample(struct kmobj_zone *zone)
{
	u32 sample = sample_param_of(zone->name, zone->name + prefix_len(zone->module));

	if (!sample || zone_is_debug(zone))
		return;
	if (!zone_may_wipe(zone)) {
		pr_info("%s: no slab of it is watched, its free objects are to stay as they are\n",
			zone->name);
		return;
	}
	if (zone_is_private(zone)) {	/* watched slabs leave once they are free */
		pr_info("%s: no slab of it is watched, its pages are to stay its own\n",
			zone->name);
		return;
	}
	zone->flags |= KMOBJ_SAMPLED;
	zone->sample = sample;
	atomic_set(&zone->sample_turn, get_random_u32() % sample);
}

/* What the module parameters debug=, private= and sample= say of it. */
static void zone_flags_from_outside(struct kmobj_zone *zone)
{
	unsigned int more = debug_param_flags(zone->name,
					      zone->name + prefix_len(zone->module));

	if ((more & KMOBJ_POISON) && !zone_may_wipe(zone) &&
	    !(zone->flags & KMOBJ_POISON)) {
		pr_info("%s: no poison, its free objects are to stay as they are\n",
			zone->name);
		more &= ~KMOBJ_POISON;
	}
	zone->flags |= more;
	if (private_param_names(zone->name, zone->name + prefix_len(zone->module)))
		zone->flags |= KMOBJ_PRIVATE_PAGES;
	zone_sample(zone);
}

static gfp_t choose_gfp(unsigned int flags)
{
	gfp_t gfp = flags & KMOBJ_RECLAIMABLE ? __GFP_RECLAIMABLE : 0;

	if ((flags & KMOBJ_ACCOUNT) && !zone_why_not_charged(flags))
		gfp |= __GFP_ACCOUNT;
	return gfp;
}

/* A zone with no module stands for a kmem_cache, of which there may be many. */
static void say_if_uncharged(struct kmobj_zone *zone)
{
	const char *why = zone_why_not_charged(zone->flags);

	if (!(zone->flags & KMOBJ_ACCOUNT) || !why)
		return;
	if (zone->module)
		pr_info("%s: KMOBJ_ACCOUNT has no effect %s: its slabs are charged to nobody\n",
			zone->name, why);
	else
		uncharged_note(zone, why);
}

static struct kmobj_zone *zone_new(struct module *module, const char *name, size_t size,
				   const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone;
	int err = -ENOMEM;

	zone = kzalloc(struct_size(zone, depot, nr_node_ids), GFP_KERNEL);
	if (!zone)
		return ERR_PTR(-ENOMEM);
	strscpy(zone->name, name, sizeof(zone->name));
	zone->module = module;
	zone->tag = kmobj_caller_tag();
	mutex_init(&zone->maintenance);
	rcu_zone_start(zone);
	INIT_LIST_HEAD(&zone->link);
	zone->size = size;
	zone->useroffset = args->useroffset;
	zone->usersize = args->useroffset || args->usersize ? args->usersize : size;
	zone->align = choose_align(size, args);
	zone->flags = args->flags | (args->move ? KMOBJ_TYPESAFE_BY_RCU : 0);
	zone->ctor = args->ctor;
	zone_flags_from_outside(zone);
	zone->keep_free_slabs = zone_is_private(zone) ? UINT_MAX : args->keep_free_slabs;
	zone->gfp = choose_gfp(zone->flags);
	if (zone_why_not_charged(zone->flags))
		zone->charging = CHARGE_NEVER;
	zone->cookie = (unsigned long)zone ^ kmobj_secret;

	if (slab_geometry(zone, args->order)) {
		err = refuse(name, -EINVAL,
			     "no slab holds such objects: use a smaller alignment or a larger order");
		goto fail;
	}
	zone->linear_base = KMOBJ_LINEAR_START;
	if (!zone->offslab)
		zone->linear_size = KMOBJ_LINEAR_END - KMOBJ_LINEAR_START;
	zone->limit = limit_slabs(zone, args->limit);
	if (!zone->limit) {
		err = refuse(name, -EINVAL, "its limit is less than one slab");
		goto fail;
	}
	reserve_set_max(zone);
	INIT_LIST_HEAD(&zone->disowned);
	zone->cpus = __alloc_percpu(KMOBJ_CPU_STATES * sizeof(*zone->cpus),
				    __alignof__(*zone->cpus));
	if (!zone->cpus)
		goto fail;
	cpus_init(zone);
	if (zone->offslab && offslab_open(zone))
		goto fail;
	err = track_start(zone) ?: mover_open(zone, args) ?: depot_create(zone);
	if (!err)
		return zone;
fail:
	zone_free(zone);
	return ERR_PTR(err);
}

static struct kmobj_zone *zone_create(struct module *module, const char *given, char *name,
				      size_t size, const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone;
	int err;

	might_sleep();
	err = make_name(module, given, name) ?: check_args(name, size, args);
	if (err)
		return ERR_PTR(err);
	zone = zone_new(module, name, size, args);
	if (IS_ERR(zone))
		return zone;
	err = registry_add(zone);
	if (err) {
		zone_free(zone);
		return ERR_PTR(err);
	}
	debugfs_zone_add(zone);
	say_if_uncharged(zone);
	return zone;
}

/* The names of the next three are in parentheses, as they may be macros, too. */
struct kmobj_zone *(kmobj_zone_create_quietly)(const char *given, size_t size,
					     const struct kmobj_zone_args *args)
{
	char name[ZONE_NAME_SIZE];

	return zone_create(NULL, given, name, size, args);
}
EXPORT_SYMBOL_GPL(kmobj_zone_create_quietly);

struct kmobj_zone *(kmobj_zone_create_for)(struct module *module, const char *given, size_t size,
					 const struct kmobj_zone_args *args)
{
	static const struct kmobj_zone_args defaults;
	char name[ZONE_NAME_SIZE];
	struct kmobj_zone *zone;

	if (!args)
		args = &defaults;
	zone = zone_create(module, given, name, size, args);
	if (zone == ERR_PTR(-EEXIST))
		refuse(name, -EEXIST, "there is a zone of that name");
	if (IS_ERR(zone) && (args->flags & KMOBJ_PANIC))
		panic("kmobj: zone \"%s\": error %ld\n", name, PTR_ERR(zone));
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_create_for);

/* @type without a leading struct, union or enum. */
static const char *type_tag(const char *type)
{
	return type + (str_has_prefix(type, "struct ") ?: str_has_prefix(type, "union ") ?:
		       str_has_prefix(type, "enum "));
}

struct kmobj_zone *(kmobj_zone_create_typed)(struct module *module, const char *type,
					   size_t size, const struct kmobj_zone_args *args)
{
	char name[KMOBJ_NAME_MAX + 1];

	strscpy(name, type_tag(type), sizeof(name));
	strreplace(name, ' ', '_');
	return (kmobj_zone_create_for)(module, name, size, args);
}
EXPORT_SYMBOL_GPL(kmobj_zone_create_typed);

const char *kmobj_zone_name(const struct kmobj_zone *zone)
{
	return zone->name;
}
EXPORT_SYMBOL_GPL(kmobj_zone_name);
