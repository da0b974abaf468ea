/* SPDX-License-Identifier: GPL-2.0 */
/* The module parameter debug=. */
#ifndef KMOBJ_DEBUG_PARAM_H
#define KMOBJ_DEBUG_PARAM_H

struct kernel_param;

unsigned int debug_param_flags(const char *name);
int debug_param_set(const char *value, const struct kernel_param *unused);

#endif /* KMOBJ_DEBUG_PARAM_H */
