// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_kunit.ko: what kmobj promises, case by case.
 *
 * Loading it runs every suite. A case that fails leaves its zones destroyed
 * all the same, with what it had not freed.
 */
#include <linux/module.h>
#include <linux/random.h>

#include "internal_kunit.h"

static uint seed;
module_param(seed, uint, 0444);
MODULE_PARM_DESC(seed, "what random tests start from (default: random)");

u32 tests_seed(void)
{
	while (!seed)
		seed = get_random_u32();
	return seed;
}

/* Marsaglia's; @state is never 0. */
u32 xorshift(u32 *state)
{
	u32 x = *state;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

/* Cases free twice on purpose, and count; KASAN's word on it is in misuse.c. */
static int __init tests_init(void)
{
	shadow_quiet(true);
	return 0;
}

static void __exit tests_exit(void)
{
	shadow_quiet(false);
}

module_init(tests_init);
module_exit(tests_exit);

MODULE_DESCRIPTION("KUnit tests of kmobj");
MODULE_AUTHOR("the kmobj authors");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS(KMOBJ_NS(KMOBJ_TESTS));
