// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters that are numbers with a range. A value outside it is refused,
 * and the log names the range; a new value takes effect when it is written.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/kernel.h>
#include <linux/string.h>

#include "kernel/tunable.h"

static int tunable_set(const char *text, const struct kernel_param *param)
{
	const struct tunable *tunable = param->arg;
	unsigned int value;

	if (kstrtouint(text, 0, &value) || value < tunable->min || value > tunable->max) {
		pr_err("parameter %s=%.*s refused: it is a number from %u to %u\n",
		       param->name, (int)strcspn(text, "\n"), text,
		       tunable->min, tunable->max);
		return -EINVAL;
	}
	WRITE_ONCE(*tunable->value, value);
	if (tunable->written)
		tunable->written();
	return 0;
}

static int tunable_get(char *text, const struct kernel_param *param)
{
	const struct tunable *tunable = param->arg;

	return sprintf(text, "%u\n", READ_ONCE(*tunable->value));
}

const struct kernel_param_ops tunable_ops = {
	.set = tunable_set,
	.get = tunable_get,
};
