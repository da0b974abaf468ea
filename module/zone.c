// SPDX-License-Identifier: GPL-2.0
/*
 * Zones: creation, destruction, limits, and what can be asked about them.
 *
 * A zone is listed (registry.c) from creation until destroy succeeds. zone->care
 * keeps its slabs from leaving: the poller, shrink, drain, destroy and the
 * readers of statistics take it.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/cpu.h>
#include <linux/ctype.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "internal.h"

/* In every cookie: so that none can be forged or guessed. */
static unsigned long boot_secret;

#define FLAGS_KNOWN	(KMOBJ_TYPESAFE_BY_RCU | KMOBJ_HWCACHE_ALIGN | \
			 KMOBJ_RECLAIMABLE | KMOBJ_PANIC | KMOBJ_ACCOUNT | \
			 KMOBJ_DEBUG_FLAGS)

static int refuse(const char *name, int err, const char *why)
{
	pr_err("cannot create zone \"%.64s\": %s\n", name ?: "(null)", why);
	return err;
}

static int check_name(const char *name)
{
	size_t len, i;

	if (!name || !*name)
		return refuse(name, -EINVAL, "give it a name");
	len = strnlen(name, KMOBJ_NAME_MAX + 1);
	if (len > KMOBJ_NAME_MAX)
		return refuse(name, -ENAMETOOLONG,
			      "a name has at most 63 characters");
	for (i = 0; i < len; i++) {
		if (name[i] == '/' || !isprint(name[i]))
			return refuse(name, -EINVAL,
				      "its name becomes a directory: no '/' and nothing unprintable");
	}
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return refuse(name, -EINVAL, "its name becomes a directory");
	if (strstarts(name, KMOBJ_OWN_NAMES))
		return refuse(name, -EINVAL,
			      "names that begin with kmobj: are kmobj's own");
	return 0;
}

static int check_args(const char *name, size_t size,
		      const struct kmobj_zone_args *args)
{
	if (!size || size > KMOBJ_MAX_SIZE)
		return refuse(name, -EINVAL,
			      "an object has 1 to 16384 bytes");
	if (args->align & (args->align - 1))
		return refuse(name, -EINVAL,
			      "the alignment is not a power of two");
	if (args->flags & ~FLAGS_KNOWN)
		return refuse(name, -EINVAL, "unknown flags");
	if ((args->flags & KMOBJ_POISON) &&
	    (args->ctor || (args->flags & KMOBJ_TYPESAFE_BY_RCU)))
		return refuse(name, -EINVAL,
			      "KMOBJ_POISON writes into free objects, and a ctor or KMOBJ_TYPESAFE_BY_RCU says that they are to stay as they are");
	if (args->order > KMOBJ_ORDER_MAX)
		return refuse(name, -EINVAL, "a slab has at most 512 KiB");
	return 0;
}

/* As SLUB does it: small objects share a line as long as none straddles two. */
static unsigned int choose_align(size_t size,
				 const struct kmobj_zone_args *args)
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

/* Bytes into slabs, rounding down: a limit is never exceeded. */
static unsigned long limit_slabs(const struct kmobj_zone *zone,
				 unsigned long bytes)
{
	if (bytes == KMOBJ_UNLIMITED)
		return ULONG_MAX;
	return bytes >> (PAGE_SHIFT + zone->order);
}

static void zone_free(struct kmobj_zone *zone)
{
	depot_destroy(zone);
	free_percpu(zone->pairs);
	offslab_close(zone);
	kfree(zone);
}

/*
 * After a grace period: a free that is being refused, or just told the depot,
 * may still be looking. kmobj_exit() waits for these with rcu_barrier().
 */
static void zone_free_cb(struct rcu_head *rcu)
{
	struct kmobj_zone *zone = container_of(rcu, struct kmobj_zone, rcu);

	depot_destroy(zone);
	free_percpu(zone->old_pairs);
	registry_bury(zone);
}

/* What the module parameter debug= wants of a zone of that name. */
static void zone_debug_from_outside(struct kmobj_zone *zone)
{
	unsigned int more = debug_param_flags(zone->name);

	if ((more & KMOBJ_POISON) && !zone_may_wipe(zone) &&
	    !(zone->flags & KMOBJ_POISON)) {
		pr_info("%s: no poison, its free objects are to stay as they are\n",
			zone->name);
		more &= ~KMOBJ_POISON;
	}
	zone->flags |= more;
}

/* Why KMOBJ_ACCOUNT or __GFP_ACCOUNT would have no effect, if it would not. */
const char *zone_why_not_charged(unsigned int flags)
{
	KUNIT_STATIC_STUB_REDIRECT(zone_why_not_charged, flags);
	if (!IS_ENABLED(CONFIG_MEMCG))
		return "without CONFIG_MEMCG";
	if (!KMOBJ_CAN_CHARGE)
		return "before Linux 6.13";
	if (flags & KMOBJ_RECLAIMABLE)
		return "with KMOBJ_RECLAIMABLE";
	return NULL;
}

KMOBJ_EXPORT_FOR_TESTS(zone_why_not_charged);

/* What every page of a zone is asked for with. */
static gfp_t choose_gfp(const char *name, unsigned int flags)
{
	gfp_t gfp = flags & KMOBJ_RECLAIMABLE ? __GFP_RECLAIMABLE : 0;
	const char *why = zone_why_not_charged(flags);

	if (!(flags & KMOBJ_ACCOUNT))
		return gfp;
	if (!why)
		return gfp | __GFP_ACCOUNT;
	pr_info("%s: KMOBJ_ACCOUNT has no effect %s: its slabs are charged to nobody\n",
		name, why);
	return gfp;
}

static struct kmobj_zone *zone_new(const char *name, size_t size,
				   const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone;
	int err = -ENOMEM;

	zone = kzalloc(struct_size(zone, depot, nr_node_ids), GFP_KERNEL);
	if (!zone)
		return ERR_PTR(-ENOMEM);
	strscpy(zone->name, name, sizeof(zone->name));
	mutex_init(&zone->care);
	rcu_zone_start(zone);
	INIT_LIST_HEAD(&zone->link);
	zone->size = size;
	zone->align = choose_align(size, args);
	zone->flags = args->flags;
	zone->ctor = args->ctor;
	zone_debug_from_outside(zone);
	zone->keep = args->keep;
	zone->gfp = choose_gfp(name, args->flags);
	if (zone_why_not_charged(args->flags))
		zone->charging = CHARGE_NEVER;
	zone->cookie = (unsigned long)zone ^ boot_secret;

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
		err = refuse(name, -EINVAL,
			     "its limit is less than one slab");
		goto fail;
	}
	reserve_set_max(zone);
	INIT_LIST_HEAD(&zone->disowned);
	zone->pairs = __alloc_percpu(KMOBJ_PAIRS * sizeof(*zone->pairs),
				     __alignof__(*zone->pairs));
	if (!zone->pairs)
		goto fail;
	pair_init(zone);
	if (zone->offslab && offslab_open(zone))
		goto fail;
	err = track_start(zone) ?: depot_create(zone);
	if (err)
		goto fail;
	return zone;
fail:
	offslab_close(zone);
	free_percpu(zone->pairs);
	kfree(zone);
	return ERR_PTR(err);
}

struct kmobj_zone *kmobj_zone_create_quietly(const char *name, size_t size,
					     const struct kmobj_zone_args *args)
{
	struct kmobj_zone *zone;
	int err;

	might_sleep();
	err = check_name(name) ?: check_args(name, size, args);
	if (err)
		return ERR_PTR(err);
	zone = zone_new(name, size, args);
	if (IS_ERR(zone))
		return zone;
	err = registry_add(zone);
	if (err) {
		zone_free(zone);
		return ERR_PTR(err);
	}
	debugfs_zone_add(zone);
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_create_quietly);

/**
 * kmobj_zone_create() - create a zone
 * @name: 1 to KMOBJ_NAME_MAX printable characters without '/', unique among
 *	the zones there are, and not beginning with "kmobj:"; copied
 * @size: bytes of an object, 1 to KMOBJ_MAX_SIZE
 * @args: see &struct kmobj_zone_args; NULL: all zero
 *
 * Context: a task that may sleep.
 * Return: the zone, or ERR_PTR: -EINVAL for a bad argument, -ENAMETOOLONG,
 * -EEXIST if a zone of that name exists (and is not dying), -ENOMEM. The log
 * says what was wrong with which zone.
 */
struct kmobj_zone *kmobj_zone_create(const char *name, size_t size,
				     const struct kmobj_zone_args *args)
{
	static const struct kmobj_zone_args defaults;
	struct kmobj_zone *zone;

	if (!args)
		args = &defaults;
	zone = kmobj_zone_create_quietly(name, size, args);
	if (zone == ERR_PTR(-EEXIST))
		refuse(name, -EEXIST, "there is a zone of that name");
	if (IS_ERR(zone) && (args->flags & KMOBJ_PANIC))
		panic("kmobj: zone \"%.64s\": error %ld\n", name ?: "(null)",
		      PTR_ERR(zone));
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_create);

/* What comes behind the word struct, union or enum, if @type begins so. */
static const char *type_tag(const char *type)
{
	static const char * const words[] = { "struct ", "union ", "enum " };
	unsigned int i;
	size_t len;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		len = str_has_prefix(type, words[i]);
		if (len)
			return type + len;
	}
	return type;
}

/**
 * kmobj_zone_create_typed() - what KMOBJ_ZONE() calls
 * @module: the name of the caller's module
 * @type: the type of the objects
 * @size: as for kmobj_zone_create()
 * @args: as for kmobj_zone_create()
 *
 * The zone's name is @module, a colon, and @type without the word struct, with '_'
 * for blanks; its first 63 characters.
 *
 * Context: as kmobj_zone_create().
 * Return: as kmobj_zone_create().
 */
struct kmobj_zone *kmobj_zone_create_typed(const char *module, const char *type,
					   size_t size,
					   const struct kmobj_zone_args *args)
{
	char name[KMOBJ_NAME_MAX + 1];

	snprintf(name, sizeof(name), "%s:%s", module, type_tag(type));
	strreplace(name, ' ', '_');
	return kmobj_zone_create(name, size, args);
}
EXPORT_SYMBOL_GPL(kmobj_zone_create_typed);

/*
 * Objects of @slab that nobody freed. What was freed both ways, and has not been
 * found out, is in both numbers.
 */
static unsigned int slab_live(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int back = slab_count_home(zone, slab) +
			    slab_count_rcu(zone, slab);

	return zone->nr_objs - min(back, zone->nr_objs);
}

/* Objects that nobody freed. Exact if no object is on its way. */
unsigned long zone_live(struct kmobj_zone *zone)
{
	struct kmobj_depot *depot;
	struct kmobj_slab *slab;
	unsigned long live = 0;
	int nid;

	lockdep_assert_held(&zone->care);
	lockdep_assert_held(&zone->rcu_lock);
	for_each_node(nid) {
		depot = zone->depot[nid];
		list_for_each_entry_rcu(slab, &depot->all, all,
					lockdep_is_held(&zone->care)) {
			live += slab_live(zone, slab);
			cond_resched();
		}
	}
	return live;
}

KMOBJ_EXPORT_FOR_TESTS(zone_live);

/* There is no zone at @zone: is there one that is gone? */
static void report_no_zone(const void *zone)
{
	struct kmobj_zone *gone;

	rcu_read_lock();
	gone = registry_zone(zone);
	if (gone)
		pr_err("%s: destroy refused: the zone was destroyed before\n",
		       gone->name);
	else
		pr_err("destroy of %p refused: not a zone\n", zone);
	rcu_read_unlock();
	dump_stack();
}

/* Make @zone the caller's to destroy: 0, or why it is not. */
static int destroy_begin(struct kmobj_zone *zone)
{
	struct kmobj_zone *listed;
	int err = 0;

	mutex_lock(&kmobj_zones_lock);
	listed = registry_zone(zone);
	if (!listed || listed->gone) {
		report_no_zone(zone);
		err = -EINVAL;
	} else if (zone->destroying) {
		pr_err("%s: destroy refused: somebody else is at it\n",
		       zone->name);
		err = -EBUSY;
	} else {
		zone->destroying = true;
		WRITE_ONCE(zone->dying, true);
	}
	mutex_unlock(&kmobj_zones_lock);
	return err;
}

/*
 * Give back all slabs whose objects are home or wait for RCU; how many objects
 * are neither. The last may be freed between the two looks: then look again.
 */
static unsigned long destroy_slabs(struct kmobj_zone *zone)
{
	unsigned long live = 0;

	mutex_lock(&zone->care);
	do {
		cond_resched();
		kmobj_rcu_barrier(zone);
		reserve_take_from_all(zone);
		zone_care_now(zone);
		quarantine_release(zone);
		if (!atomic_long_read(&zone->nr_slabs))
			break;
		mutex_lock(&zone->rcu_lock);
		live = zone_live(zone);
		mutex_unlock(&zone->rcu_lock);
	} while (!live);
	mutex_unlock(&zone->care);
	return live;
}

/* What is to be if objects are live: */
enum destroy_how {
	DESTROY_NOW,		/* the caller may try again */
	DESTROY_LATER,		/* the zone goes by itself when they are free */
	DESTROY_EMPTY,		/* that is done now: they seem to be */
};

/* So many objects are live: the zone stays, but not its name. */
static void destroy_refuse(struct kmobj_zone *zone, unsigned long live,
			   enum destroy_how how)
{
	if (!zone->dying_nr) {
		debugfs_zone_del(zone);	/* before its name can be taken */
		registry_free_name(zone);
		debugfs_zone_add(zone);
	}
	if (how == DESTROY_NOW)
		pr_err("%s: destroy refused: %lu objects are live, free them and destroy again\n",
		       zone->name, live);
	else if (how == DESTROY_LATER)
		pr_err("%s: destroyed with %lu objects live: the zone goes when the last of them is freed\n",
		       zone->name, live);
	if (how != DESTROY_EMPTY) {
		track_print_live(zone);
		report_given_away(zone);
	}
	mutex_lock(&kmobj_zones_lock);
	zone->leaves |= how == DESTROY_LATER;
	zone->destroying = false;
	mutex_unlock(&kmobj_zones_lock);
}

/* Destroy @zone, which is the caller's to destroy: see destroy_begin(). */
static int destroy_rest(struct kmobj_zone *zone, enum destroy_how how)
{
	unsigned long live = destroy_slabs(zone);

	if (live) {
		destroy_refuse(zone, live, how);
		return -EBUSY;
	}
	if (how == DESTROY_EMPTY)
		pr_info("%s: its last object was freed, the zone is gone\n",
			zone->name);
	debugfs_zone_del(zone);	/* before its name can be taken */
	registry_del(zone);
	offslab_close(zone);
	rcu_zone_stop(zone);
	call_rcu(&zone->rcu, zone_free_cb);
	return 0;
}

static int destroy(struct kmobj_zone *zone, enum destroy_how how)
{
	might_sleep();
	if (!zone)
		return 0;
	return destroy_begin(zone) ?: destroy_rest(zone, how);
}

/**
 * kmobj_zone_destroy() - give a zone's memory back
 * @zone: the zone; NULL is ignored
 *
 * The caller has stopped allocating. Frees may go on: by RCU callbacks too,
 * but wait for those (rcu_barrier()) if the zone is to be gone. Objects of
 * kmobj_free_rcu() are waited for.
 *
 * With objects live, all that is free is given back, the number is reported,
 * and the zone stays: allocations are refused, frees go on, and destroy may be
 * called again. The last free frees nothing by itself. The zone's name can be
 * another's from then on; debugfs has it as kmobj:dying:NUMBER:NAME.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 * Return: 0 and no page of the zone is left in it, or -EBUSY with objects
 * live, or -EINVAL if it is not a zone, or one destroyed before: that is certain
 * for the 256 zones that were destroyed last, whose addresses no other zone has.
 */
int kmobj_zone_destroy(struct kmobj_zone *zone)
{
	return destroy(zone, DESTROY_NOW);
}
EXPORT_SYMBOL_GPL(kmobj_zone_destroy);

/**
 * kmobj_zone_destroy_later() - destroy a zone now, or when its objects are free
 * @zone: the zone; NULL is ignored
 *
 * As kmobj_zone_destroy(), for who cannot try again: a zone with objects live goes
 * by itself after the last of them was freed, at the next pass of the poller, or
 * when kmobj.ko is unloaded. The log says that it has objects, and later that it is
 * gone. The caller uses the zone no more, but to free its objects.
 *
 * Context: a task that may sleep (for grace periods of RCU).
 * Return: 0 if it is gone, or -EBUSY if it will be, or -EINVAL as
 * kmobj_zone_destroy().
 */
int kmobj_zone_destroy_later(struct kmobj_zone *zone)
{
	return destroy(zone, DESTROY_LATER);
}
EXPORT_SYMBOL_GPL(kmobj_zone_destroy_later);

/* A zone that is due, now the caller's to destroy; or NULL. */
static struct kmobj_zone *zone_take_due(void)
{
	struct kmobj_zone *zone, *due = NULL;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		if (!zone->due)
			continue;
		zone->due = false;
		if (zone->destroying)
			continue;	/* by somebody who tries the same */
		zone->destroying = true;
		due = zone;
		break;
	}
	mutex_unlock(&kmobj_zones_lock);
	return due;
}

static void zones_leave(struct work_struct *unused)
{
	struct kmobj_zone *zone;

	while ((zone = zone_take_due()))
		destroy_rest(zone, DESTROY_EMPTY);
}

static DECLARE_WORK(leave_work, zones_leave);

/* A zone that leaves by itself does so now if its objects are home, or on their way. */
void zone_leave_if_empty(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	lockdep_assert_held(&kmobj_zones_lock);
	if (likely(!zone->leaves))
		return;
	kmobj_zone_stats(zone, &stats);
	if (stats.allocs != stats.frees)
		return;
	zone->due = true;
	queue_work(system_power_efficient_wq, &leave_work);
}

KMOBJ_EXPORT_FOR_TESTS(zone_leave_if_empty);

/* Those that are due have left, or were found not to be empty. */
void zones_leave_wait(void)
{
	flush_work(&leave_work);
}

KMOBJ_EXPORT_FOR_TESTS(zones_leave_wait);

/* At unload, when no module uses a zone: those leave that can. */
void zones_stop(void)
{
	struct kmobj_zone *zone;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link)
		zone_leave_if_empty(zone);
	mutex_unlock(&kmobj_zones_lock);
	zones_leave_wait();
}

/**
 * kmobj_zone_set_limit() - bound a zone's memory
 * @zone: the zone
 * @bytes: the most bytes of slabs it may hold, rounded down to whole slabs;
 *	KMOBJ_UNLIMITED: any
 *
 * Below what the zone holds now, nothing is lost and no slab is added until it
 * fits. Free objects that other CPUs own (in two slabs each, four where
 * interrupts allocate too, and in reserves of an eighth of the limit in all) or
 * that are on other nodes count as held: so a limit may be felt before it is
 * reached. The first failure asks those CPUs for what they own, and so does one in
 * each pass of the poller that follows.
 *
 * Context: any.
 * Return: 0, or -EINVAL if not even one slab would fit.
 */
int kmobj_zone_set_limit(struct kmobj_zone *zone, unsigned long bytes)
{
	unsigned long limit = limit_slabs(zone, bytes);

	if (!limit) {
		pr_err("%s: limit of %lu bytes refused: a slab has %lu\n",
		       zone->name, bytes, PAGE_SIZE << zone->order);
		return -EINVAL;
	}
	WRITE_ONCE(zone->limit, limit);
	reserve_set_max(zone);
	return 0;
}
EXPORT_SYMBOL_GPL(kmobj_zone_set_limit);

/**
 * kmobj_zone_shrink() - give back at once all that is free
 * @zone: the zone
 *
 * What the poller does over time, without waiting for it: CPUs give up the
 * slabs they own (isolated ones when they next leave the fast path), and every
 * free slab leaves the zone.
 *
 * Context: a task that may sleep (for a grace period of RCU); not in CPU
 * hotplug callbacks, nor in memory reclaim.
 * Return: bytes that left the zone.
 */
unsigned long kmobj_zone_shrink(struct kmobj_zone *zone)
{
	unsigned long nr;

	might_sleep();
	if (READ_ONCE(zone->gone)) {
		pr_err("%s: shrink refused: the zone was destroyed\n", zone->name);
		return 0;
	}
	cpus_read_lock();
	mutex_lock(&zone->care);
	drain_now(zone);
	reserve_flush(zone);
	nr = zone_care_now(zone);
	if (zone->offslab)
		offslab_fit(zone);
	mutex_unlock(&zone->care);
	cpus_read_unlock();
	return nr * (PAGE_SIZE << zone->order);
}
EXPORT_SYMBOL_GPL(kmobj_zone_shrink);

static void sum_pairs(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
{
	const struct kmobj_pair *pair;
	unsigned long late;
	unsigned int nr;
	int cpu;

	/* in this order, so that no difference is less than nothing */
	late = atomic_long_read(&zone->late_bad_frees);
	stats->rcu_waiting = rcu_count(zone, &stats->frees_rcu);
	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			pair = pair_at(zone, cpu, nr);
			stats->frees_remote += READ_ONCE(pair->frees_remote) +
					       READ_ONCE(pair->frees_nested);
			stats->frees += READ_ONCE(pair->frees);
		}
	}
	stats->frees += stats->frees_remote + stats->frees_rcu;
	stats->frees -= min(late, stats->frees);
	smp_rmb();	/* best effort: the counting CPUs have no barrier */
	for_each_possible_cpu(cpu) {
		for (nr = 0; nr < KMOBJ_PAIRS; nr++) {
			pair = pair_at(zone, cpu, nr);
			stats->allocs_depot += READ_ONCE(pair->allocs_nested);
			stats->allocs += READ_ONCE(pair->allocs);
		}
	}
	stats->allocs += stats->allocs_depot;
	/* an object that was freed on two CPUs counts twice until that is found */
	stats->frees = min(stats->frees, stats->allocs);
}

/**
 * kmobj_zone_stats() - what a zone has done and holds
 * @zone: the zone
 * @stats: filled in
 *
 * Sums over CPUs while they run: exact when the zone is quiet.
 *
 * Context: any.
 */
void kmobj_zone_stats(struct kmobj_zone *zone, struct kmobj_zone_stats *stats)
{
	unsigned long limit = READ_ONCE(zone->limit);

	*stats = (struct kmobj_zone_stats) {
		.size = zone->size,
		.stride = zone->stride,
		.objs_per_slab = zone->nr_objs,
		.slab_bytes = PAGE_SIZE << zone->order,
		.slabs = atomic_long_read(&zone->nr_slabs),
		.slabs_made = atomic_long_read(&zone->slabs_made),
		.slabs_retired = atomic_long_read(&zone->slabs_retired),
		.alloc_fails = atomic_long_read(&zone->alloc_fails),
		.limit_hits = atomic_long_read(&zone->limit_hits),
		.bad_frees = atomic_long_read(&zone->bad_frees),
		.bad_copies = atomic_long_read(&zone->bad_copies),
		.slabs_sick = atomic_long_read(&zone->slabs_sick),
		.corrupted = atomic_long_read(&zone->corrupted),
		.order_fails = atomic_long_read(&zone->order_fails),
	};
	stats->limit = limit == ULONG_MAX ? KMOBJ_UNLIMITED :
					    limit * stats->slab_bytes;
	sum_pairs(zone, stats);
}
EXPORT_SYMBOL_GPL(kmobj_zone_stats);

/**
 * kmobj_zone_name() - the name a zone was created with
 * @zone: the zone
 *
 * Context: any.
 * Return: the name; it lives as long as the zone.
 */
const char *kmobj_zone_name(const struct kmobj_zone *zone)
{
	return zone->name;
}
EXPORT_SYMBOL_GPL(kmobj_zone_name);

unsigned int kmobj_zone_size(const struct kmobj_zone *zone)
{
	return zone->size;
}
EXPORT_SYMBOL_GPL(kmobj_zone_size);

/*
 * The zone of what is the header of a slab if its cookie, made of @base, says so;
 * or NULL. And whether that slab is in service.
 */
static struct kmobj_zone *zone_of_header(const struct kmobj_slab *slab,
					 unsigned long base, bool *serves)
{
	unsigned long zone, cookie, good;

	kmobj_peek(&zone, (unsigned long *)&slab->zone, unmapped);
	kmobj_peek(&cookie, &slab->cookie, unmapped);
	good = base ^ zone ^ boot_secret;
	*serves = cookie == good;
	if (zone && (cookie == good || cookie == ~good ||
		     cookie == ((unsigned long)slab ^ zone ^ boot_secret ^ KMOBJ_SICK)))
		return (struct kmobj_zone *)zone;
unmapped:
	return NULL;
}

static struct kmobj_zone *zone_of_pages(unsigned long pages, unsigned long bytes,
					struct kmobj_slab **slab, bool *serves)
{
	struct kmobj_zone *zone;

	*slab = slab_header(slab_colors(bytes), pages);
	zone = zone_of_header(*slab, (unsigned long)*slab, serves);
	if (zone)
		return zone;
	/* objects that are aligned to more than a line have no color */
	*slab = slab_header(0, pages);
	zone = zone_of_header(*slab, (unsigned long)*slab, serves);
	if (zone)
		return zone;
	*slab = offslab_header(pages);
	return *slab ? zone_of_header(*slab, pages, serves) : NULL;
}

/*
 * The zone that @obj lies in a slab of, or NULL. Any pointer may be asked about.
 * And that slab if it is in service, else NULL.
 *
 * Preemption is off from before the call until the answer has been used. Sections
 * with preemption off are read-side critical sections of RCU, so that keeps
 *
 * - a slab in service: it retires first, and then a grace period has to pass that
 *   begins after its cookie has changed;
 * - the zone, in any case: the cookie was found, so slab_release() had not cleared
 *   it, and only after that is the zone passed to call_rcu().
 *
 * It does not keep a slab that is retiring or in quarantine. The grace period of
 * the one may be over, that of the other is before its release: so its pages may
 * go at any moment, and nothing may be read of it except by kmobj_peek().
 */
struct kmobj_zone *zone_around(const void *obj, struct kmobj_slab **slab)
{
	struct kmobj_zone *zone = NULL;
	bool serves = false;
	struct page *page;

	if (virt_addr_valid(obj)) {
		page = compound_head(virt_to_page(obj));
		if (!PageSlab(page))
			zone = zone_of_pages((unsigned long)kasan_reset_tag(page_address(page)),
					     page_size(page), slab, &serves);
	}
	if (!serves)
		*slab = NULL;
	return zone;
}

/**
 * kmobj_zone_of() - find the zone of an object
 * @obj: any pointer
 *
 * Context: any. The answer holds as long as the caller keeps the object.
 * Return: the zone that @obj is an object of, live or free; or NULL.
 */
struct kmobj_zone *kmobj_zone_of(const void *obj)
{
	struct kmobj_zone *zone;
	struct kmobj_slab *slab;

	preempt_disable();
	zone = zone_around(obj, &slab);
	if (zone && slab_index(zone, obj) >= zone->nr_objs)
		zone = NULL;
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_of);

/* Is @obj an object of @slab, which is in service, and nobody's mark says that it is free? */
static bool is_live(const struct kmobj_zone *zone, struct kmobj_slab *slab,
		    const void *obj)
{
	u32 idx = slab_index(zone, obj);

	return idx < zone->nr_objs && !slab_is_home(zone, slab, idx) &&
	       !slab_waits(zone, slab, idx);
}

struct kmobj_zone *kmobj_zone_holding(const void *obj, bool *live)
{
	struct kmobj_zone *zone = NULL;
	struct kmobj_slab *slab = NULL;

	preempt_disable();	/* keeps a slab that is in service */
	if (!ZERO_OR_NULL_PTR(obj))
		zone = zone_around(obj, &slab);
	if (live)
		*live = zone && slab && is_live(zone, slab, obj);
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_zone_holding);

bool kmobj_refuse_kernels_cache(const void *obj, unsigned int size)
{
	struct kmobj_zone *zone = NULL;
	struct kmobj_slab *slab;

	preempt_disable();	/* keeps the zone */
	if (!ZERO_OR_NULL_PTR(obj))
		zone = zone_around(obj, &slab);
	if (unlikely(zone))
		report_kernels_cache(zone, obj, size);
	preempt_enable();
	return zone;
}
EXPORT_SYMBOL_GPL(kmobj_refuse_kernels_cache);

/* No page of @zone is ever to be charged. False: some are, or may be by now. */
static bool zone_never_charge(struct kmobj_zone *zone)
{
	int was = cmpxchg(&zone->charging, CHARGE_UNDECIDED, CHARGE_NEVER);

	if (was == CHARGE_SLABS)
		pr_err_ratelimited("%s: an object for a list_lru refused: use kmem_cache_alloc_lru() from the first on, or no SLAB_ACCOUNT and no __GFP_ACCOUNT\n",
				   zone->name);
	if (was == CHARGE_UNDECIDED && (zone->gfp & __GFP_ACCOUNT))
		pr_info("%s: SLAB_ACCOUNT has no effect on objects for a list_lru\n",
			zone->name);
	return was != CHARGE_SLABS;
}

void *kmobj_alloc_lru(struct kmobj_zone *zone, gfp_t gfp)
{
	if (unlikely(READ_ONCE(zone->charging) != CHARGE_NEVER) &&
	    !zone_never_charge(zone))
		return NULL;
	return kmobj_alloc(zone, gfp);
}
EXPORT_SYMBOL_GPL(kmobj_alloc_lru);

/* A CPU is dead: what it owned, to the depots and the page allocator. */
void zones_drain_cpu(int cpu)
{
	struct kmobj_zone *zone;

	mutex_lock(&kmobj_zones_lock);
	list_for_each_entry(zone, &kmobj_zones, link) {
		mutex_lock(&zone->care);
		drain_dead(zone, cpu);
		mutex_unlock(&zone->care);
	}
	mutex_unlock(&kmobj_zones_lock);
}

/*
 * At unload no module holds a reference, so nobody can use a zone that is
 * left: its creator forgot it. Its objects may still be read, so they stay.
 */
void zones_report_left(void)
{
	struct kmobj_zone_stats stats;
	struct kmobj_zone *zone;

	list_for_each_entry(zone, &kmobj_zones, link) {
		kmobj_zone_stats(zone, &stats);
		pr_err("zone \"%s\" was %s: %lu objects live, %lu bytes of slabs are lost\n",
		       zone->name,
		       zone->dying ? "destroyed before its objects were freed" :
				     "never destroyed",
		       stats.allocs - stats.frees,
		       stats.slabs * stats.slab_bytes);
	}
}

void zones_start(void)
{
	boot_secret = get_random_long();
}
