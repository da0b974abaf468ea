// SPDX-License-Identifier: GPL-2.0
/*
 * Zones for tests, and what must hold for any zone that is quiet.
 */
#include <kunit/test-bug.h>
#include <linux/module.h>

#include "../../module/zone/verify.h"
#include "internal_kunit.h"

/* Nothing is left to do in a zone that passes of the poller leave out. */
static void expect_it_may_sleep(struct kunit *test, struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	int nid;

	mutex_lock(&zone->maintenance);
	if (!READ_ONCE(zone->awake)) {
		KUNIT_EXPECT_TRUE(test, zone_may_sleep(zone));
		for_each_node(nid) {
			for_each_slab(slab, nid, zone) {
				if (slab_is_corrupt(zone, slab) || !peek_listed(slab))
					continue;
				KUNIT_EXPECT_EQ(test, remote_free(zone, slab), 0);
				KUNIT_EXPECT_EQ(test, known_free(zone, slab) == zone->nr_objs,
						peek_listed(slab) > KMOBJ_BIN_FREE);
			}
		}
	}
	mutex_unlock(&zone->maintenance);
}

/* Nobody uses @zone: expect of it all that holds for every quiet zone. */
void zone_expect_sound(struct kunit *test, struct kmobj_zone *zone)
{
	struct kmobj_verify v;
	int err = zone_verify(zone, &v);

	KUNIT_EXPECT_EQ_MSG(test, err, 0, "%s: does not hold: %s: %lu, not %lu",
			    kmobj_zone_name(zone), v.fault, v.found, v.expected);
	KUNIT_EXPECT_EQ(test, v.to_charge, v.charged);
	KUNIT_EXPECT_EQ(test, v.making, 0);
	KUNIT_EXPECT_EQ(test, owner_faults(), 0);
	expect_it_may_sleep(test, zone);
}

/* Objects that nobody freed, by looking at each slab. */
unsigned long zone_count_live(struct kmobj_zone *zone)
{
	struct kmobj_verify v;

	zone_verify(zone, &v);
	return v.live;
}

struct kmobj_zone_stats zone_stats(struct kmobj_zone *zone)
{
	struct kmobj_zone_stats stats;

	kmobj_zone_stats(zone, &stats);
	return stats;
}

unsigned long frees_of(struct kmobj_zone *zone)
{
	return zone_stats(zone).frees;
}

unsigned long bad_frees_of(struct kmobj_zone *zone)
{
	return zone_stats(zone).bad_frees;
}

unsigned int objs_per_slab(const struct kmobj_zone *zone)
{
	return zone->nr_objs;
}

unsigned long bytes_per_slab(const struct kmobj_zone *zone)
{
	return PAGE_SIZE << zone->order;
}

unsigned int object_size(const struct kmobj_zone *zone)
{
	return zone->size;
}

bool zone_is_accounted(const struct kmobj_zone *zone)
{
	return zone->gfp & __GFP_ACCOUNT;
}

void *header_at(const struct kmobj_zone *zone, const void *obj)
{
	return slab_at(zone, obj);
}

void *pages_at(const struct kmobj_zone *zone, const void *obj)
{
	return (void *)slab_pages(zone, obj);
}

/* A pass of the poller over @zone, which is locked; true if there is more to do. */
bool zone_pass(struct kmobj_zone *zone)
{
	lockdep_assert_held(&zone->maintenance);
	return zone_maintain(zone, 1024);
}

bool poll_zones(void)
{
	return poller_pass();
}

/* As when memory has run out. */
void tell_of_zones(void)
{
	oom_report();
}

/* As destroy counts. */
unsigned long zone_live_now(struct kmobj_zone *zone)
{
	unsigned long live;

	mutex_lock(&zone->maintenance);
	mutex_lock(&zone->rcu_lock);
	live = zone_live(zone);
	mutex_unlock(&zone->rcu_lock);
	mutex_unlock(&zone->maintenance);
	return live;
}

unsigned long cached_slabs(int cpu, unsigned int order)
{
	return free_slab_cache_count(cpu, order);
}

/* What comes next is from the page allocator. */
void free_slab_caches_empty(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		free_slab_cache_empty(cpu);
}

void pages_come_from(struct kunit *test,
		     struct page *(*get)(unsigned int order, gfp_t gfp, int nid))
{
	if (get)
		kunit_activate_static_stub(test, slab_pages_alloc, *get);
	else
		kunit_deactivate_static_stub(test, slab_pages_alloc);
}

unsigned long frees_below_section(struct kmobj_zone *zone, int cpu)
{
	return peek_frees(cpu_at(zone, cpu, 1));
}

bool objects_are_watched(void)
{
	return KMOBJ_SANITIZED;
}

unsigned int gap_between_objects(void)
{
	return KMOBJ_KASAN_GAP;
}

static bool nobody_may_be_asked(int cpu)
{
	return false;
}

/* Until the case ends all CPUs are as if isolated: nobody gives them work. */
void leave_cpus_alone(struct kunit *test)
{
	kunit_activate_static_stub(test, cpu_may_be_asked, nobody_may_be_asked);
}

static void slab_free_strays(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int i;

	for (i = 0; i < zone->nr_objs; i++) {
		if (!test_bit(i, slab->free) && !test_bit(i, remote))
			kmobj_free(zone, slab_object(zone, slab, i));
	}
}

/* What a case that was broken off had not freed. */
static void zone_free_strays(struct kmobj_zone *zone)
{
	struct kmobj_slab *slab;
	int nid;

	mutex_lock(&zone->maintenance);
	for_each_node(nid) {
		list_for_each_entry(slab, &zone->depot[nid]->all, all)
			slab_free_strays(zone, slab);
	}
	mutex_unlock(&zone->maintenance);
}

static void zone_end(void *zone)
{
	struct kunit *test = kunit_get_current_test();

	zone_expect_sound(test, zone);
	kmobj_rcu_barrier(zone);
	zone_expect_sound(test, zone);
	KUNIT_EXPECT_EQ_MSG(test, zone_count_live(zone), 0,
			    "the case left objects behind");
	zone_free_strays(zone);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), 0);
}

/* What zones can belong to: a module of that name, which has neither code nor data. */
struct module *module_named(struct kunit *test, const char *name)
{
	struct module *module = kunit_kzalloc(test, sizeof(*module), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, module);
	strscpy(module->name, name, sizeof(module->name));
	return module;
}

/* A zone for this case: checked and destroyed when it ends. */
struct kmobj_zone *zone_make(struct kunit *test, size_t size,
			     const struct kmobj_zone_args *args)
{
	static atomic_t serial;
	struct kmobj_zone *zone;
	char name[32];

	snprintf(name, sizeof(name), "kunit-%d", atomic_inc_return(&serial));
	zone = kmobj_zone_create(name, size, args);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, zone_end, zone), 0);
	return zone;
}

/* Check and destroy a zone before its case ends. */
void zone_unmake(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_release_action(test, zone_end, zone);
}

/* The case has destroyed the zone itself. */
void zone_forget(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_remove_action(test, zone_end, zone);
}

static void care_unlock(void *zone)
{
	mutex_unlock(&((struct kmobj_zone *)zone)->maintenance);
}

/* Keep the poller away until zone_unlock(), or until the case fails. */
void zone_lock(struct kunit *test, struct kmobj_zone *zone)
{
	mutex_lock(&zone->maintenance);
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, care_unlock, zone), 0);
}

void zone_unlock(struct kunit *test, struct kmobj_zone *zone)
{
	kunit_release_action(test, care_unlock, zone);
}

void *obj_make(struct kunit *test, struct kmobj_zone *zone)
{
	void *obj = kmobj_alloc(zone, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, obj);
	return obj;
}

void objs_free(struct kmobj_zone *zone, void **objs, size_t nr)
{
	size_t i;

	for (i = 0; i < nr; i++)
		kmobj_free(zone, objs[i]);
}

/*
 * All CPUs give up what they own to the depot, save full slabs that lie
 * dormant. The zone is quiet, and zone_lock()ed.
 */
void zone_drain(struct kmobj_zone *zone)
{
	int cpu, round;

	/* what one passes on to another who is done needs a second round */
	for (round = 0; round < 2; round++) {
		for_each_possible_cpu(cpu)
			drain_dead(zone, cpu);
	}
}

static_assert(SECTIONS == KMOBJ_CPU_STATES);

struct kmobj_cpu *sections_open(struct kmobj_zone *zone, unsigned int nr)
{
	struct kmobj_cpu *c;
	unsigned int i;

	preempt_disable();
	c = this_cpu_ptr(zone->cpus);
	for (i = 0; i < nr; i++)
		WRITE_ONCE(c[i].busy, true);
	return c;
}

void sections_close(struct kmobj_cpu *c, unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		WRITE_ONCE(c[i].busy, false);
	preempt_enable();
}

/* As an interrupt does that finds sections of both states of its CPU open. */
void *nested_alloc(struct kmobj_zone *zone)
{
	void *obj;

	below_sections(zone, obj = kmobj_alloc(zone, GFP_ATOMIC));
	return obj;
}

/* The same: remote, whatever this CPU owns. */
void nested_free(struct kmobj_zone *zone, void **objs, size_t nr)
{
	below_sections(zone, objs_free(zone, objs, nr));
}

static void restore_shuffle(void *was)
{
	kmobj_shuffle = (unsigned long)was;
}

/* Until the case ends, new slabs hand out their objects in order. */
void slabs_in_order(struct kunit *test)
{
	void *was = (void *)(unsigned long)kmobj_shuffle;

	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, restore_shuffle, was), 0);
	kmobj_shuffle = false;
}

/*
 * All objects of @nr new slabs, slab by slab, by a CPU that owns nothing of
 * the zone yet. The last two slabs are active and alternate then, the others full and owned.
 * The task has been bound to that CPU: what it has taken elsewhere is in other slabs.
 */
void **slabs_fill(struct kunit *test, struct kmobj_zone *zone, unsigned int nr)
{
	unsigned int i, n = zone->nr_objs;
	void **objs;

	KUNIT_ASSERT_EQ(test, current->nr_cpus_allowed, 1);
	objs = kunit_kmalloc_array(test, nr * n, sizeof(*objs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, objs);
	for (i = 0; i < nr * n; i++) {
		objs[i] = obj_make(test, zone);
		KUNIT_ASSERT_PTR_EQ(test, slab_at(zone, objs[i]),
				    slab_at(zone, objs[i - i % n]));
		if (i && !(i % n))
			KUNIT_ASSERT_PTR_NE(test, slab_at(zone, objs[i]),
					    slab_at(zone, objs[i - 1]));
	}
	return objs;
}

/* The same, where no CPU owns a slab of the zone; which is locked from here on. */
void **depot_fill(struct kunit *test, struct kmobj_zone *zone, unsigned int nr)
{
	void **objs = slabs_fill(test, zone, nr);

	zone_lock(test, zone);
	zone_drain(zone);
	return objs;
}

static u8 stamp_byte(u64 stamp, size_t i)
{
	return (stamp >> (i % 8 * 8)) + i / 8;
}

void obj_stamp(void *obj, size_t size, u64 stamp)
{
	u8 *byte = obj;
	size_t i;

	for (i = 0; i < size; i++)
		byte[i] = stamp_byte(stamp, i);
}

bool obj_has_stamp(const void *obj, size_t size, u64 stamp)
{
	const u8 *byte = obj;
	size_t i;

	for (i = 0; i < size; i++) {
		if (byte[i] != stamp_byte(stamp, i))
			return false;
	}
	return true;
}
