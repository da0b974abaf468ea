/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Copies to and from user space.
 */
#ifndef KMOBJ_DEBUG_USERCOPY_H
#define KMOBJ_DEBUG_USERCOPY_H

#include <linux/ratelimit_types.h>

#include "debug/report.h"

extern struct ratelimit_state bad_copy_limit;

#endif /* KMOBJ_DEBUG_USERCOPY_H */
