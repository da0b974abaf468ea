/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the suites that look inside. Those that a client could have written include
 * kmobj_kunit.h alone.
 */
#ifndef KMOBJ_INTERNAL_KUNIT_H
#define KMOBJ_INTERNAL_KUNIT_H

#include "../../module/internal.h"
#include "../kmobj_kunit.h"
#include "peek.h"

#endif /* KMOBJ_INTERNAL_KUNIT_H */
