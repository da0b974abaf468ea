// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints' code and data: see trace.h.
 */
#include "compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"
