// SPDX-License-Identifier: GPL-2.0
/* The live objects of a zone, one by one. */
#include "slab/depot.h"
#include "slab/isolate.h"
#include "slab/lookup.h"

static int each_live_in(struct kmobj_zone *zone, struct kmobj_slab *slab,
			kmobj_live_fn *fn, void *arg)
{
	unsigned int i;
	int err = 0;

	/* one that retires has another cookie, and is free; its CPU may write hint and free[] */
	if (!data_race(slab_is_sound(zone, slab, READ_ONCE(slab->cookie))))
		return 0;
	for (i = 0; i < slab_nr_objs(zone, slab) && !err; i++) {
		if (!slab_is_free(zone, slab, i) && !slab_waits(zone, slab, i))
			err = fn(zone, slab_object(zone, slab, i), arg);
	}
	cond_resched();
	return err;
}

int kmobj_for_each_live(struct kmobj_zone *zone, kmobj_live_fn *fn, void *arg)
{
	struct kmobj_slab *slab;
	int nid, err = 0;

	might_sleep();
	mutex_lock(&zone->maintenance);	/* keeps the slabs */
	for_each_node(nid) {
		for_each_slab(slab, nid, zone) {
			err = each_live_in(zone, slab, fn, arg);
			if (err)
				goto out;
		}
	}
out:
	mutex_unlock(&zone->maintenance);
	return err;
}
EXPORT_SYMBOL_GPL(kmobj_for_each_live);
