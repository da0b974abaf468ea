/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Module parameters that are numbers with a range; most may be written at any time.
 */
#ifndef KMOBJ_TUNABLE_H
#define KMOBJ_TUNABLE_H

#include <linux/moduleparam.h>

struct tunable {
	unsigned int *value;
	unsigned int min, max;
	void (*written)(void);		/* called after a new value; or NULL */
};

extern const struct kernel_param_ops tunable_ops;

/* The static variable @var as a parameter of the same name. */
#define KMOBJ_TUNABLE(var, least, most, after, text)			\
	KMOBJ_TUNABLE_NAMED(var, var, least, most, after, text)

#define KMOBJ_TUNABLE_NAMED(name, var, least, most, after, text)	\
	KMOBJ_NUMBER(name, var, least, most, after, 0644, text)

/* Read when kmobj.ko is loaded, and not written after. */
#define KMOBJ_NUMBER_AT_LOAD(var, least, most, text)			\
	KMOBJ_NUMBER(var, var, least, most, NULL, 0444, text)

#define KMOBJ_NUMBER(name, var, least, most, after, mode, text)		\
	static const struct tunable tunable_##name = {			\
		.value = &(var),					\
		.min = (least),						\
		.max = (most),						\
		.written = (after),					\
	};								\
	module_param_cb(name, &tunable_ops, (void *)&tunable_##name, mode); \
	__MODULE_PARM_TYPE(name, "uint");				\
	MODULE_PARM_DESC(name, text)

#endif /* KMOBJ_TUNABLE_H */
