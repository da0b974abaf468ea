// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmaps of one slab: collect remote frees, and count. The callers keep the slab
 * from leaving.
 */
#include "slab/lookup.h"
#include "slab/state.h"

/* active and alternate of a CPU without slabs: always full, owned by no CPU. */
struct kmobj_slab kmobj_no_slab = {
	.owner = KMOBJ_OWNER_NONE,
	.free = { 0 },
};
EXPORT_SYMBOL_FOR_TESTS(kmobj_no_slab);

/*
 * Objects of word @word, those in @twice, were freed both by the owner and by
 * another CPU. The poller reports it, as the depot's lock may be held here.
 */
void note_double_frees(struct kmobj_zone *zone, struct kmobj_slab *slab,
		       unsigned int word, unsigned long twice)
{
	unsigned int nr = hweight_long(twice);

	atomic_long_add(nr, &zone->bad_frees);
	atomic_long_add(nr, &zone->late_bad_frees);
	WRITE_ONCE(zone->late_bad_free,
		   slab_object(zone, slab, word * BITS_PER_LONG + __ffs(twice)));
	zone_wake(zone);
}

/*
 * For the owner, or the task that makes or releases the slab: move remote frees into
 * free[]; true if there were any. An object that is already in free[] was freed twice,
 * once each way: it is noted, and stays free. Model: collect.xchg.
 */
bool slab_collect(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned long word, twice;
	bool any = false;
	unsigned int w;

	if (unlikely(slab_is_corrupt(zone, slab)))
		return false;
	for (w = 0; w < zone->bitmap_words; w++) {
		if (!READ_ONCE(remote[w]))
			continue;
		word = xchg(&remote[w], 0);
		twice = word & slab->free[w];
		if (unlikely(twice))
			note_double_frees(zone, slab, w, twice);
		slab->free[w] |= word;
		slab->hint = w;
		any = true;
	}
	return any;
}

unsigned int slab_count_known_free(const struct kmobj_zone *zone,
				   const struct kmobj_slab *slab)
{
	unsigned int w, nr = 0;

	for (w = 0; w < zone->bitmap_words; w++)
		nr += hweight_long(slab->free[w]);
	return nr;
}

/* Free objects, remote frees included: exact while the zone is quiet, else a snapshot. */
unsigned int slab_count_all_free(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	const unsigned long *remote = slab_remote(zone, slab)->bits;
	unsigned int w, nr = 0;

	for (w = 0; w < zone->bitmap_words; w++)
		/* the owner may change free[] meanwhile: this is a snapshot */
		nr += hweight_long(data_race(slab->free[w]) | READ_ONCE(remote[w]));
	return nr;
}

/* The same for objects that wait for RCU. */
unsigned int slab_count_rcu(const struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	const unsigned long *next = slab_next(zone, slab);
	unsigned int w, nr = 0;

	for (w = 0; w < zone->bitmap_words; w++)
		nr += hweight_long(READ_ONCE(next[w]) | slab_waiting_word(zone, slab, w));
	return nr;
}

/*
 * Objects of @slab that were not freed. An undetected double free, by kmobj_free()
 * and by kmobj_free_rcu(), counts twice: hence min().
 */
unsigned int slab_count_live(struct kmobj_zone *zone, struct kmobj_slab *slab)
{
	unsigned int back = slab_count_all_free(zone, slab) +
			    slab_count_rcu(zone, slab);

	return slab_nr_objs(zone, slab) - min(back, slab_nr_objs(zone, slab));
}
