/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ring from one thread to another, or to itself. What is put in is published
 * 64 pointers at a time, so that the lines of the ring are passed on seldom
 * and what is measured is the objects.
 */
#ifndef KMOBJ_BENCH_RING_H
#define KMOBJ_BENCH_RING_H

#include <linux/cache.h>
#include <asm/barrier.h>

#define RING_SLOTS	1024U
#define RING_BURST	64U

struct ring {
	/* the sender's */
	unsigned int put ____cacheline_aligned_in_smp;
	unsigned int taken_seen;
	/* written by the sender, read by the receiver */
	unsigned int published ____cacheline_aligned_in_smp;
	/* written by the receiver, read by the sender */
	unsigned int taken ____cacheline_aligned_in_smp;
	/* the receiver's */
	unsigned int got ____cacheline_aligned_in_smp;
	unsigned int published_seen;
	void *slot[RING_SLOTS] ____cacheline_aligned_in_smp;
};

static __always_inline void ring_publish(struct ring *ring)
{
	/* pairs with the acquire in ring_get() */
	smp_store_release(&ring->published, ring->put);
}

/* False if there is no room; what is in it is published then. */
static __always_inline bool ring_put(struct ring *ring, void *obj)
{
	if (unlikely(ring->put - ring->taken_seen == RING_SLOTS)) {
		/* pairs with the release in ring_get(): slots are read */
		ring->taken_seen = smp_load_acquire(&ring->taken);
		if (ring->put - ring->taken_seen == RING_SLOTS) {
			ring_publish(ring);
			return false;
		}
	}
	ring->slot[ring->put++ % RING_SLOTS] = obj;
	if (ring->put % RING_BURST == 0)
		ring_publish(ring);
	return true;
}

/* NULL if nothing is published. */
static __always_inline void *ring_get(struct ring *ring)
{
	if (unlikely(ring->got == ring->published_seen)) {
		/* pairs with the acquire in ring_put() */
		smp_store_release(&ring->taken, ring->got);
		/* pairs with the release in ring_publish() */
		ring->published_seen = smp_load_acquire(&ring->published);
		if (ring->got == ring->published_seen)
			return NULL;
	}
	return ring->slot[ring->got++ % RING_SLOTS];
}

#endif /* KMOBJ_BENCH_RING_H */
