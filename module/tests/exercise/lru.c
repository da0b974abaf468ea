// SPDX-License-Identifier: GPL-2.0
/*
 * An object on a memcg-aware list: the kernel asks its page whose bill it is
 * on, and looks for that cgroup's list.
 */
#include <linux/list_lru.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "compat.h"
#include "exercise.h"

int lru_exercise(struct kmobj_zone *zone)
{
	struct list_head *item;
	struct list_lru lru;
	int err;

	err = exercise_lru_init(&lru);
	if (err)
		return err;
	err = -ENOMEM;
	item = kmobj_alloc(zone, GFP_KERNEL);
	if (item) {
		INIT_LIST_HEAD(item);
		err = exercise_lru_add(&lru, item) &&
		      exercise_lru_del(&lru, item) ? 0 : -EIO;
		kmobj_free(zone, item);
	}
	list_lru_destroy(&lru);
	return err;
}
