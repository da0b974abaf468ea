// SPDX-License-Identifier: GPL-2.0
/*
 * Loading and unloading; CPU hotplug.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/module.h>

#include "kernel/trace.h"
#include "slab/lookup.h"
#include "slab/offslab.h"
#include "slab/pages.h"
#include "debug/kasan_report.h"
#include "debug/oops.h"
#include "core/birth.h"
#include "core/drain.h"
#include "core/free_rcu.h"
#include "core/poll_timer.h"
#include "zone/debugfs.h"
#include "zone/destroy.h"
#include "zone/left.h"
#include "zone/maintain.h"
#include "zone/mover.h"
#include "zone/registry.h"
#include "zone/shrinker.h"
#include "zone/uncharged.h"

static enum cpuhp_state hotplug_state;

/*
 * Release what a dead CPU owned. A teardown callback on the online CPU would be
 * too early, as that CPU can still allocate.
 */
static int cpu_dead(unsigned int cpu)
{
	zones_drain_cpu(cpu);
	free_slab_cache_empty(cpu);
	return 0;
}

static int __init kmobj_init(void)
{
	int state, err;

	err = rcu_start();
	if (err)
		return err;
	err = drain_start();
	if (err)
		goto stop_rcu;
	err = movers_start();
	if (err)
		goto stop_drain;
	state = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "mm/kmobj:dead",
					  NULL, cpu_dead);
	if (state < 0) {
		err = state;
		goto stop_movers;
	}
	hotplug_state = state;
	err = reclaim_start();
	if (err)
		goto remove_state;
	shadow_start();
	watch_start();
	lookup_start();
	slab_shuffle_start();
	debugfs_start();
	left_start();
	oops_start();
	poller_start(poller_pass);
	return 0;
remove_state:
	cpuhp_remove_state_nocalls(hotplug_state);
stop_movers:
	movers_stop();
stop_drain:
	drain_stop();
stop_rcu:
	rcu_stop();
	return err;
}

static void __exit kmobj_exit(void)
{
	int cpu;

	oops_stop();
	left_stop();
	poller_stop();
	zones_stop();
	uncharged_stop();
	reclaim_stop();
	movers_stop();
	drain_stop();
	rcu_stop();
	zones_report_left();
	debugfs_stop();
	cpuhp_remove_state_nocalls(hotplug_state);
	for_each_possible_cpu(cpu)
		free_slab_cache_empty(cpu);
	offslab_stop();
	shadow_stop();
	rcu_barrier();	/* zone_free_cb() */
	registry_stop();
}

module_init(kmobj_init);
module_exit(kmobj_exit);

MODULE_DESCRIPTION("Object allocator for kernel modules");
MODULE_AUTHOR("the kmobj authors");
MODULE_VERSION(KMOBJ_VERSION);
MODULE_LICENSE("GPL");
