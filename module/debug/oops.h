/* SPDX-License-Identifier: GPL-2.0 */
/* Objects that the registers of an oops point to: see oops.c. */
#ifndef KMOBJ_DEBUG_OOPS_H
#define KMOBJ_DEBUG_OOPS_H

#include "kernel/compat.h"

#ifdef KMOBJ_REGISTERS
void oops_start(void);
void oops_stop(void);
#else
static inline void oops_start(void) { }
static inline void oops_stop(void) { }
#endif

#endif /* KMOBJ_DEBUG_OOPS_H */
