// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_misuse.ko: the mistakes that KASAN and kmemleak are to report, one a
 * load, named by the parameter what=. For boots of their own: see
 * scripts/test/reports.guest.
 */
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../module/include/kmobj.h"

static char *what = "";
module_param(what, charp, 0444);
MODULE_PARM_DESC(what, "the mistake to make");

static int size = 64;
module_param(size, int, 0444);
MODULE_PARM_DESC(size, "bytes of an object");

static struct kmobj_zone *zone;

static u8 *obj;
static u8 byte;

/* Not left out by the compiler, though nobody wants what it reads. */
static __always_inline void read_at(int at)
{
	WRITE_ONCE(byte, READ_ONCE(obj[at]));
}

static noinline void nothing(void)
{
	memset(obj, 1, size);
	read_at(size - 1);
	kmobj_free(zone, obj);
}

static noinline void read_after_free(void)
{
	kmobj_free(zone, obj);
	read_at(3);
}

static noinline void write_after_free(void)
{
	kmobj_free(zone, obj);
	WRITE_ONCE(obj[size - 1], 1);
}

static noinline void read_past_the_end(void)
{
	read_at(size);
	kmobj_free(zone, obj);
}

static noinline void write_before_the_beginning(void)
{
	WRITE_ONCE(obj[-1], 1);
	kmobj_free(zone, obj);
}

static noinline void read_while_it_waits(void)
{
	memset(obj, 1, size);
	rcu_read_lock();
	kmobj_free_rcu(zone, obj);
	read_at(size - 1);
	rcu_read_unlock();
}

static noinline void read_after_the_wait(void)
{
	kmobj_free_rcu(zone, obj);
	kmobj_rcu_barrier(zone);
	read_at(3);
}

/* kmobj says so; to KASAN what waits is as good as live. */
static noinline void free_while_it_waits(void)
{
	rcu_read_lock();
	kmobj_free_rcu(zone, obj);
	kmobj_free_rcu(zone, obj);
	kmobj_free(zone, obj);
	read_at(3);
	rcu_read_unlock();
}

static noinline void free_twice(void)
{
	kmobj_free(zone, obj);
	kmobj_free(zone, obj);
}

static long free_it(void *unused)
{
	kmobj_free(zone, obj);
	return 0;
}

static noinline void free_twice_on_two_cpus(void)
{
	work_on_cpu(0, free_it, NULL);
	work_on_cpu(1, free_it, NULL);
}

/*
 * One object that nothing points to, and one that only a free object points
 * to: leaked. One that a live object points to, and one that waits for RCU: not.
 */
static noinline void leak(void)
{
	void **live = (void **)obj, **dead = kmobj_alloc(zone, GFP_KERNEL);

	if (!dead || size < sizeof(*dead))
		return;
	*live = kmobj_alloc(zone, GFP_KERNEL);
	*dead = kmobj_alloc(zone, GFP_KERNEL);
	kmobj_free(zone, dead);
	kmobj_free_rcu(zone, kmobj_alloc(zone, GFP_KERNEL));
	pr_info("leaked: %p\n", kmobj_alloc(zone, GFP_KERNEL));
}

static const struct mistake {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{ "nothing", nothing },
	{ "read-after-free", read_after_free },
	{ "write-after-free", write_after_free },
	{ "read-past-the-end", read_past_the_end },
	{ "write-before-the-beginning", write_before_the_beginning },
	{ "read-while-it-waits", read_while_it_waits },
	{ "read-after-the-wait", read_after_the_wait },
	{ "free-while-it-waits", free_while_it_waits },
	{ "free-twice", free_twice },
	{ "free-twice-on-two-cpus", free_twice_on_two_cpus },
	{ "leak", leak },
};

static int __init misuse_init(void)
{
	struct kmobj_zone_args args = { .flags = KMOBJ_TRACK_USER };
	unsigned int i;

	/* what leaks stays: the zone cannot be destroyed, so it is plain */
	if (!strcmp(what, "leak"))
		args.flags = 0;
	zone = kmobj_zone_create("misuse", size, &args);
	if (IS_ERR(zone))
		return PTR_ERR(zone);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	if (!obj)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		if (!strcmp(what, mistakes[i].name)) {
			mistakes[i].make();
			return 0;
		}
	}
	return -EINVAL;
}

static void __exit misuse_exit(void)
{
	kmobj_zone_destroy(zone);
}

module_init(misuse_init);
module_exit(misuse_exit);

MODULE_DESCRIPTION("Mistakes in the use of kmobj");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
