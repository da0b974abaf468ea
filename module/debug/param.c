// SPDX-License-Identifier: GPL-2.0
/*
 * The module parameters debug=, private= and sample=: debugging, KMOBJ_PRIVATE_PAGES, and
 * watched slabs (watch.c), for zones that did not ask for it.
 *
 *	debug=FLAGS[,PATTERN...][;FLAGS[,PATTERN...]...]
 *
 * FLAGS are letters: Z KMOBJ_RED_ZONE, P KMOBJ_POISON, U KMOBJ_TRACK_USER,
 * F KMOBJ_FAIL_ALLOC. They apply to zones of which one of the patterns, with * and ?
 * as in a shell, matches the whole name or what follows the module's; without a
 * pattern, to all zones. They are applied when a zone is created, so a later write
 * affects only zones created after it. Empty: no debugging.
 *
 *	private=PATTERN[,PATTERN...]
 *	sample=N[,PATTERN...]
 *
 * likewise; N is 0, for no slab, or 2 or more, for one new slab in N.
 */
#define pr_fmt(fmt) "kmobj: " fmt

#include <linux/glob.h>
#include <linux/module.h>
#include <linux/string.h>

#include "include/kmobj.h"
#include "kernel/compat.h"
#include "debug/debug.h"

#define VALUE_MAX	256

/* Under the lock of the module's parameters. */
static char debug[VALUE_MAX], debug_new[VALUE_MAX];

/* The flags of the letters that begin @block; 0 if there is any other letter. */
static unsigned int letters(const char *block)
{
	static const unsigned int flag_of['Z' + 1] = {
		['Z'] = KMOBJ_RED_ZONE,
		['P'] = KMOBJ_POISON,
		['U'] = KMOBJ_TRACK_USER,
		['F'] = KMOBJ_FAIL_ALLOC,
	};
	unsigned int flags = 0;

	for (; *block && *block != ','; block++) {
		if ((u8)*block > 'Z' || !flag_of[(u8)*block])
			return 0;
		flags |= flag_of[(u8)*block];
	}
	return flags;
}

/* Does @name or @part match one of @patterns, which is modified? NULL matches all. */
static bool matches(char *patterns, const char *name, const char *part)
{
	bool any = !patterns;
	char *pattern;

	while ((pattern = strsep(&patterns, ",")))
		any |= glob_match(pattern, name) || glob_match(pattern, part);
	return any;
}

/* The flags for a zone named @name; @value is modified. */
static unsigned int flags_for(char *value, const char *name, const char *part)
{
	unsigned int flags = 0;
	char *block;

	while ((block = strsep(&value, ";"))) {
		char *patterns = block;

		strsep(&patterns, ",");
		if (matches(patterns, name, part))
			flags |= letters(block);
	}
	return flags;
}

/* The value of a parameter, which others may write meanwhile. */
static void value_read(char *copy, const char *value)
{
	kernel_param_lock(THIS_MODULE);
	memcpy(copy, value, VALUE_MAX);
	kernel_param_unlock(THIS_MODULE);
}

/* What is written to parameter @name, without blanks at its ends; NULL if it is too long. */
static char *value_written(char *copy, const char *value, const char *name)
{
	if (strscpy(copy, value, VALUE_MAX) >= 0)
		return strim(copy);
	pr_err("%s= refused: it is longer than %d characters\n", name, VALUE_MAX - 1);
	return NULL;
}

/*
 * The flags that the parameter adds to a zone named @name, @part being what follows the
 * module's name. Task context.
 */
unsigned int debug_param_flags(const char *name, const char *part)
{
	char copy[VALUE_MAX];

	value_read(copy, debug);
	return copy[0] ? flags_for(copy, name, part) : 0;
}

/* @value is modified. */
static bool is_sound(char *value)
{
	char *block;

	while ((block = strsep(&value, ";"))) {
		if (!letters(block))
			return false;
	}
	return true;
}

/* Under the lock of the module's parameters. */
int debug_param_set(const char *value, const struct kernel_param *unused)
{
	char copy[VALUE_MAX], *trimmed = value_written(copy, value, "debug");

	if (!trimmed)
		return -EINVAL;
	strscpy(debug_new, trimmed, sizeof(debug_new));
	if (*trimmed && !is_sound(trimmed)) {
		pr_err("debug=%s refused: letters of Z, P, U and F, then patterns of zone names, as in debug=ZP,foo*;U\n",
		       debug_new);
		return -EINVAL;
	}
	strscpy(debug, debug_new, sizeof(debug));
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(debug_param_set);

static int debug_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", debug);
}

static const struct kernel_param_ops debug_ops = {
	.set = debug_param_set,
	.get = debug_get,
};

module_param_cb(debug, &debug_ops, NULL, 0644);
MODULE_PARM_DESC(debug,
		 "debugging by zone name: letters Z P U F, then patterns, as in ZP,foo*;U");

static char private[VALUE_MAX];

/* Under the lock of the module's parameters. */
int private_param_set(const char *value, const struct kernel_param *unused)
{
	char copy[VALUE_MAX], *trimmed = value_written(copy, value, "private");

	if (!trimmed)
		return -EINVAL;
	strscpy(private, trimmed, sizeof(private));
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(private_param_set);

static int private_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", private);
}

static const struct kernel_param_ops private_ops = {
	.set = private_param_set,
	.get = private_get,
};

module_param_cb(private, &private_ops, NULL, 0644);
MODULE_PARM_DESC(private,
		 "zones that keep their free slabs for themselves, by name: patterns, as in foo:*,conn");

/* Does the parameter name the zone @name, @part being what follows the module's name? */
bool private_param_names(const char *name, const char *part)
{
	char copy[VALUE_MAX];

	value_read(copy, private);
	return copy[0] && matches(copy, name, part);
}

static char sample[VALUE_MAX];

/* The number before the first comma of @value, which is modified; U32_MAX: there is none. */
static u32 sample_number(char **value)
{
	unsigned int nr;

	if (kstrtouint(strsep(value, ","), 10, &nr) || nr == 1 || nr > INT_MAX)
		return U32_MAX;
	return nr;
}

/* Under the lock of the module's parameters. */
int sample_param_set(const char *value, const struct kernel_param *unused)
{
	char copy[VALUE_MAX], *trimmed = value_written(copy, value, "sample");
	char number[VALUE_MAX], *rest = number;

	if (!trimmed)
		return -EINVAL;
	strscpy(number, trimmed, sizeof(number));
	if (*trimmed && sample_number(&rest) == U32_MAX) {
		pr_err("sample=%s refused: 0, or 2 to %d, then patterns of zone names, as in sample=1024,foo*; for all slabs debug=PU\n",
		       trimmed, INT_MAX);
		return -EINVAL;
	}
	strscpy(sample, trimmed, sizeof(sample));
	return 0;
}
EXPORT_SYMBOL_FOR_TESTS(sample_param_set);

static int sample_get(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%s\n", sample);
}

static const struct kernel_param_ops sample_ops = {
	.set = sample_param_set,
	.get = sample_get,
};

module_param_cb(sample, &sample_ops, NULL, 0644);
MODULE_PARM_DESC(sample,
		 "one new slab in N is watched for writes after free: N, then patterns of zone names, as in 1024,foo:*");

/* N for the zone @name, @part being what follows the module's name; 0: no slab. */
u32 sample_param_of(const char *name, const char *part)
{
	char copy[VALUE_MAX], *rest = copy;
	u32 nr;

	value_read(copy, sample);
	if (!copy[0])
		return 0;
	nr = sample_number(&rest);
	return matches(rest, name, part) ? nr : 0;
}
