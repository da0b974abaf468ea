// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_left.ko: a client that forgets its zone.
 *
 * Loaded, it fills an object and tells where in the parameter `at`; unloaded,
 * it leaves the zone behind. Loaded with at=ADDRESS it looks whether the object
 * there is as it was, and its page in use: scripts/test/left.guest.
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

static bool __init left_alone(const void *obj)
{
	return page_count(virt_to_head_page(obj)) &&
	       !memchr_inv(obj, STAMP, SIZE);
}

static int __init left_init(void)
{
	struct kmobj_zone *zone;
	void *obj;

	if (at)
		return left_alone((void *)at) ? 0 : -EIO;
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
	return 0;
}

static void __exit left_exit(void)
{
}

module_init(left_init);
module_exit(left_exit);

MODULE_DESCRIPTION("A client of kmobj that leaves its zone behind, for a test");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
