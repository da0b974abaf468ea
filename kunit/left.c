// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_left.ko: a client that forgets its zones.
 *
 * Loaded, it fills an object and tells where in the parameter `at`; and it makes two
 * zones whose objects the mover asks for, one of them in nobody's name, as a drop-in
 * does, and one that stays empty. Unloaded, it leaves all behind. Loaded with at=ADDRESS
 * it looks whether the object there is as it was, and its page in use; and with take=1
 * frees it: scripts/test/left.guest.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../module/include/kmobj.h"

#define SIZE	200
#define STAMP	0x5a

static ulong at;
module_param(at, ulong, 0400);
MODULE_PARM_DESC(at, "where the object of the zone left behind is");

static bool take;
module_param(take, bool, 0400);
MODULE_PARM_DESC(take, "free it");

static bool __init left_alone(const void *obj)
{
	return page_count(virt_to_head_page(obj)) &&
	       !memchr_inv(obj, STAMP, SIZE);
}

/* Sparse as its zone is, it is called again and again. */
static enum kmobj_move stay(struct kmobj_zone *zone, void *from, void *to)
{
	return KMOBJ_BUSY;
}

/* One object in twenty stays. */
static int __init sparse_init(struct module *module, const char *name)
{
	const struct kmobj_zone_args args = { .move = stay };
	struct kmobj_zone *zone = kmobj_zone_create_for(module, name, SIZE, &args);
	static void *objs[2000] __initdata;
	unsigned int i;

	if (IS_ERR(zone))
		return PTR_ERR(zone);
	for (i = 0; i < ARRAY_SIZE(objs); i++)
		objs[i] = kmobj_alloc(zone, GFP_KERNEL);
	for (i = 0; i < ARRAY_SIZE(objs); i++) {
		if (i % 20)
			kmobj_free(zone, objs[i]);
	}
	return 0;
}

/* The object at @obj is as it was; nobody else frees it. */
static int __init left_again(void *obj)
{
	if (!left_alone(obj))
		return -EIO;
	if (take)
		kmobj_free(kmobj_zone_of(obj), obj);
	return 0;
}

static int __init left_init(void)
{
	struct kmobj_zone *zone;
	void *obj;
	int error;

	if (at)
		return left_again((void *)at);
	zone = kmobj_zone_create("empty", SIZE, NULL);
	if (IS_ERR(zone))
		return PTR_ERR(zone);
	zone = kmobj_zone_create("left behind", SIZE, NULL);
	if (IS_ERR(zone))
		return PTR_ERR(zone);
	obj = kmobj_alloc(zone, GFP_KERNEL);
	if (!obj) {
		kmobj_zone_destroy(zone);
		return -ENOMEM;
	}
	memset(obj, STAMP, SIZE);
	at = (ulong)obj;
	error = sparse_init(THIS_MODULE, "sparse");
	return error ?: sparse_init(NULL, "sparse of nobody");
}

static void __exit left_exit(void)
{
}

module_init(left_init);
module_exit(left_exit);

MODULE_DESCRIPTION("A client of kmobj that leaves its zone behind, for a test");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
