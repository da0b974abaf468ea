/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For the suites that look inside. Those that a client could have written include
 * kmobj_kunit.h alone.
 */
#ifndef KMOBJ_INTERNAL_KUNIT_H
#define KMOBJ_INTERNAL_KUNIT_H

#include "../../module/include/kmobj_dropin.h"
#include "../../module/kernel/compat.h"
#include "../../module/kernel/kasan.h"
#include "../../module/kernel/trace.h"
#include "../../module/slab/state.h"
#include "../../module/zone/verify.h"
#include "../../module/slab/depot.h"
#include "../../module/slab/layout.h"
#include "../../module/slab/lookup.h"
#include "../../module/slab/offslab.h"
#include "../../module/slab/pages.h"
#include "../../module/slab/slab.h"
#include "../../module/slab/zone.h"
#include "../../module/debug/debug.h"
#include "../../module/debug/kasan_report.h"
#include "../../module/debug/report.h"
#include "../../module/debug/track.h"
#include "../../module/core/alloc.h"
#include "../../module/core/birth.h"
#include "../../module/core/drain.h"
#include "../../module/core/free.h"
#include "../../module/core/free_rcu.h"
#include "../../module/core/poll_timer.h"
#include "../../module/core/reserve.h"
#include "../../module/core/retire.h"
#include "../../module/core/section.h"
#include "../../module/zone/debugfs.h"
#include "../../module/zone/destroy.h"
#include "../../module/zone/left.h"
#include "../../module/zone/maintain.h"
#include "../../module/zone/registry.h"
#include "../../module/zone/shrinker.h"
#include "../kmobj_kunit.h"
#include "peek.h"

/* poller.c */
int poller_off(struct kunit *test);

#endif /* KMOBJ_INTERNAL_KUNIT_H */
