// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_exercise.ko: a zone that scripts drive, for tests of a whole machine.
 *
 * /sys/module/kmobj_exercise/parameters/
 *	size, order, keep, flags	of the zone, when it is loaded
 *	alloc, alloc_atomic, alloc_account
 *				write N: that many objects more, by the writer,
 *				in its context and cgroup; an error if there
 *				are not so many
 *	free			write N: so many less; they are verified
 *	held			how many there are
 *	leak			write N: that many more, to which only they themselves point
 *	churn			write 1: threads allocate, free each other's
 *				objects and verify them, until 0 is written;
 *				reads how often they have
 *	compare			write N: that many objects of this size are asked
 *				for in memory of single pages, of the zone and of a
 *				kmem_cache, for each of some gfp flags, then all
 *				there is; reads how often each had one
 *	lru			write 1: an object goes on a memcg-aware list
 *				and comes back, by the writer
 *	oops			write "live" or "free": an oops, with the address of
 *				byte 24 of such an object in a register; "cache": one
 *				in the kernel, which is told to allocate from the zone
 *	stale			write N: that many objects are allocated and replaced,
 *				and one in 100 is written to after it was freed, until
 *				kmobj has found that, for a minute at most; reads after
 *				how many ms it had, and how many such writes
 *
 * Unloading frees all; what goes wrong is a WARNING.
 */
#include <linux/module.h>
#include <linux/slab.h>

#include "exercise.h"

static uint size = 256;
module_param(size, uint, 0444);
MODULE_PARM_DESC(size, "bytes of an object (default 256)");

static uint order;
module_param(order, uint, 0444);
MODULE_PARM_DESC(order, "of a slab (default 0: chosen)");

static uint keep;
module_param(keep, uint, 0444);
MODULE_PARM_DESC(keep, "free slabs that the zone keeps (default 0)");

static uint flags;
module_param(flags, uint, 0444);
MODULE_PARM_DESC(flags, "enum kmobj_flags (default 0)");

static struct kmobj_zone *zone;
static struct thing *things;	/* under the lock of the module's parameters */
static ulong held;
module_param(held, ulong, 0444);
MODULE_PARM_DESC(held, "objects that are allocated");

static int take(const char *val, gfp_t gfp)
{
	struct thing *thing;
	unsigned long nr;
	int err;

	err = kstrtoul(val, 0, &nr);
	if (err)
		return err;
	for (; nr; nr--) {
		thing = kmobj_alloc(zone, gfp);
		if (!thing)
			return -ENOMEM;
		thing_stamp(thing);
		thing->next = things;
		things = thing;
		held++;
		cond_resched();
	}
	return 0;
}

static void give(unsigned long nr)
{
	struct thing *thing;

	for (; nr && things; nr--) {
		thing = things;
		things = thing->next;
		WARN_ON_ONCE(!thing_is_sound(thing));
		kmobj_free(zone, thing);
		held--;
		cond_resched();
	}
}

static int alloc_set(const char *val, const struct kernel_param *kp)
{
	return zone ? take(val, GFP_KERNEL) : -EINVAL;
}

static int alloc_atomic_set(const char *val, const struct kernel_param *kp)
{
	return zone ? take(val, GFP_ATOMIC) : -EINVAL;
}

static int alloc_account_set(const char *val, const struct kernel_param *kp)
{
	return zone ? take(val, GFP_KERNEL_ACCOUNT) : -EINVAL;
}

static int free_set(const char *val, const struct kernel_param *kp)
{
	unsigned long nr;
	int err = kstrtoul(val, 0, &nr);

	if (!err)
		give(nr);
	return err;
}

static int leak_set(const char *val, const struct kernel_param *kp)
{
	struct thing *thing;
	unsigned long nr;
	int err = kstrtoul(val, 0, &nr);

	if (err || !zone)
		return err ?: -EINVAL;
	while (nr--) {
		thing = kmobj_alloc(zone, GFP_KERNEL);
		if (!thing)
			return -ENOMEM;
		thing->next = thing;
	}
	return 0;
}

static int churn_set(const char *val, const struct kernel_param *kp)
{
	bool on;
	int err = kstrtobool(val, &on);

	if (err || !zone)
		return err ?: -EINVAL;
	churn_stop();
	return on ? churn_start(zone) : 0;
}

static int churn_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%lu\n", churn_rounds());
}

static int compare_set(const char *val, const struct kernel_param *kp)
{
	unsigned long nr;
	int err = kstrtoul(val, 0, &nr);

	if (err || !zone)
		return err ?: -EINVAL;
	return compare(zone, nr);
}

static int compare_get(char *buffer, const struct kernel_param *kp)
{
	return compare_show(buffer);
}

static int lru_set(const char *val, const struct kernel_param *kp)
{
	return zone ? lru_exercise(zone) : -EINVAL;
}

static int oops_set(const char *val, const struct kernel_param *kp)
{
	void *obj;

	if (sysfs_streq(val, "cache"))
		return oops_in_kernel(zone);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	if (!obj)
		return -ENOMEM;
	if (sysfs_streq(val, "free"))
		kmobj_free(zone, obj);
	return oops_at(obj + 24);
}

static int stale_set(const char *val, const struct kernel_param *kp)
{
	unsigned long nr;
	int err = kstrtoul(val, 0, &nr);

	if (err || !zone)
		return err ?: -EINVAL;
	return stale(zone, nr);
}

static int stale_get(char *buffer, const struct kernel_param *kp)
{
	return stale_show(buffer);
}

static const struct kernel_param_ops alloc_ops = { .set = alloc_set };

static const struct kernel_param_ops alloc_atomic_ops = {
	.set = alloc_atomic_set,
};

static const struct kernel_param_ops alloc_account_ops = {
	.set = alloc_account_set,
};

static const struct kernel_param_ops free_ops = { .set = free_set };

static const struct kernel_param_ops leak_ops = { .set = leak_set };

static const struct kernel_param_ops churn_ops = {
	.set = churn_set,
	.get = churn_get,
};

static const struct kernel_param_ops compare_ops = {
	.set = compare_set,
	.get = compare_get,
};

static const struct kernel_param_ops lru_ops = { .set = lru_set };

static const struct kernel_param_ops oops_ops = { .set = oops_set };

static const struct kernel_param_ops stale_ops = {
	.set = stale_set,
	.get = stale_get,
};

module_param_cb(alloc, &alloc_ops, NULL, 0200);
module_param_cb(alloc_atomic, &alloc_atomic_ops, NULL, 0200);
module_param_cb(alloc_account, &alloc_account_ops, NULL, 0200);
module_param_cb(free, &free_ops, NULL, 0200);
module_param_cb(leak, &leak_ops, NULL, 0200);
module_param_cb(churn, &churn_ops, NULL, 0600);
module_param_cb(compare, &compare_ops, NULL, 0600);
module_param_cb(lru, &lru_ops, NULL, 0200);
module_param_cb(oops, &oops_ops, NULL, 0200);
module_param_cb(stale, &stale_ops, NULL, 0600);

static int __init exercise_init(void)
{
	const struct kmobj_zone_args args = {
		.flags = flags,
		.order = order,
		.keep_free_slabs = keep,
	};
	struct kmobj_zone *made;

	made = kmobj_zone_create("exercise",
				 max_t(size_t, size, sizeof(struct thing)),
				 &args);
	if (IS_ERR(made))
		return PTR_ERR(made);
	zone = made;
	return 0;
}

static void __exit exercise_exit(void)
{
	churn_stop();
	give(ULONG_MAX);
	WARN_ON(kmobj_zone_destroy(zone));
}

module_init(exercise_init);
module_exit(exercise_exit);

MODULE_DESCRIPTION("A zone of kmobj's that scripts drive");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
