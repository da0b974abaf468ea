// SPDX-License-Identifier: GPL-2.0
/*
 * The shapes of churn: which object is freed next, and what is allocated for it.
 * A place of held[] is empty while an allocation has failed.
 */
#include <linux/kernel.h>

#include "liveness.h"
#include "torture.h"

static void drop(struct churner *c, unsigned int i)
{
	if (!c->held[i])
		return;
	kmobj_free(c->zone, c->held[i]);
	c->held[i] = NULL;
	c->ops++;
}

static void get(struct churner *c, unsigned int i)
{
	if (c->held[i])
		return;
	c->held[i] = kmobj_alloc(c->zone, GFP_KERNEL | __GFP_NOWARN);
	c->ops += !!c->held[i];
}

/* The oldest goes, one comes: no step begins with an allocation that finds nothing. */
static void step_fifo(struct churner *c)
{
	drop(c, c->at);
	get(c, c->at);
	c->at = (c->at + 1) % CHURN_HELD;
}

static void step_lifo(struct churner *c)
{
	drop(c, CHURN_HELD - 1);
	get(c, CHURN_HELD - 1);
}

static void step_random(struct churner *c)
{
	unsigned int i = torture_random(&c->random) % CHURN_HELD;

	drop(c, i);
	get(c, i);
}

/* Half of all it has goes, the oldest first; then as many come. */
static void step_bursts(struct churner *c)
{
	unsigned int i = c->at % (CHURN_HELD / 2);

	/* the other half is older after each two bursts */
	if (c->at / (2 * CHURN_HELD) % 2)
		i += CHURN_HELD / 2;
	if (c->at / (CHURN_HELD / 2) % 2)
		get(c, i);
	else
		drop(c, i);
	c->at++;
}

/* It frees what it has, and what another CPU makes; it allocates nothing. */
static void step_frees(struct churner *c)
{
	mail_free(c);
	drop(c, c->at);
	c->at = (c->at + 1) % CHURN_HELD;
}

/* It allocates, and another CPU frees that. */
static void step_allocs(struct churner *c)
{
	mail_make(c);
}

const struct shape shapes[] = {
	{ "fifo", step_fifo },
	{ "lifo", step_lifo },
	{ "random", step_random },
	{ "bursts", step_bursts },
	{ "frees", step_frees, .is_fed = true },
	{ "allocs", step_allocs, .passes_on = true },
};

const unsigned int nr_shapes = ARRAY_SIZE(shapes);
