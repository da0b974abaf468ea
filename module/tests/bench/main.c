// SPDX-License-Identifier: GPL-2.0
/*
 * kmobj_bench.ko: kmobj beside kmem_cache, in the same kernel and the same
 * run. Loading it runs the rows named by the parameter rows, or all of them,
 * and prints a line for each to the kernel's log (series.c says what is in
 * it); scripts/bench turns those into a table.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpumask.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/utsname.h>

#include "bench.h"

static char *rows = "";
module_param(rows, charp, 0444);
MODULE_PARM_DESC(rows, "names of rows to run, with commas between (default: all)");

unsigned int bench_reps = 15;
module_param_named(reps, bench_reps, uint, 0444);
MODULE_PARM_DESC(reps, "repetitions of a row; short ones do more (default 15)");

bool bench_icount;
module_param_named(icount, bench_icount, bool, 0444);
MODULE_PARM_DESC(icount, "the clock counts instructions");

bool bench_peers = true;
module_param_named(peers, bench_peers, bool, 0444);
MODULE_PARM_DESC(peers, "measure kmem_cache and the floor too (default yes)");

static unsigned int only_size;
module_param_named(size, only_size, uint, 0444);
MODULE_PARM_DESC(size, "objects of this size only (default: all sizes)");

#define NO_SIZE	1

/* Where size matters, where one will do, and where the row has its own. */
static const unsigned int all_sizes[] = { 32, 64, 128, 256, 512, 1024, 4096, 0 };
static const unsigned int one_size[] = { 256, 0 };
static const unsigned int no_size[] = { NO_SIZE, 0 };

struct row {
	const char *name;
	int (*run)(unsigned int size);
	const unsigned int *sizes;
	bool alone;		/* runs in a thread on one CPU */
};

static const struct row table[] = {
	{ "pair",	row_pair,	all_sizes,	true },
	{ "batch",	row_batch,	all_sizes,	true },
	{ "churn",	row_churn,	all_sizes,	true },
	{ "churn-sets",	row_churn_sets,	one_size,	true },
	{ "bulk",	row_bulk,	all_sizes,	true },
	{ "kfree",	row_kfree,	all_sizes,	true },
	{ "handover",	row_handover,	all_sizes,	false },
	{ "all",	row_all,	all_sizes,	false },
	{ "exchange",	row_exchange,	all_sizes,	false },
	{ "irq",	row_irq,	all_sizes,	true },
	{ "life",	row_life,	one_size,	true },
	{ "free-rcu",	row_free_rcu,	all_sizes,	false },
	{ "moving",	row_moving,	one_size,	true },
	{ "polling",	row_polling,	one_size,	true },
	{ "memory",	row_memory,	all_sizes,	true },
	{ "uptime",	row_uptime,	no_size,	true },
};

struct call {
	const struct row *row;
	unsigned int size;
	int err;
};

static void call_row(struct gang *gang, unsigned int me)
{
	struct call *call = gang->arg;

	call->err = call->row->run(call->size);
}

static int run_row(const struct row *row, unsigned int size)
{
	struct call call = { .row = row, .size = size };

	if (!row->alone)
		return row->run(size);
	return gang_run(1, call_row, &call) ?: call.err;
}

static int run_sizes(const struct row *row)
{
	const unsigned int *size;
	int err = 0;

	for (size = row->sizes; !err && *size; size++) {
		if (!only_size || *size == NO_SIZE || only_size == *size)
			err = run_row(row, *size);
	}
	if (err)
		pr_err("bench-error: %s: %d\n", row->name, err);
	return err;
}

/* Is @name one of the names in rows? */
static bool wanted(const char *name)
{
	size_t len = strlen(name);
	const char *at = rows;

	if (!*at)
		return true;
	for (; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (!at[len] || at[len] == ','))
			return true;
	}
	return false;
}

static int __init bench_init(void)
{
	unsigned int i;
	int err = 0, failed;

	bench_reps = clamp(bench_reps, 1U, SAMPLES_MAX / 8U);
	pr_info("bench-kernel: %s %u\n", init_utsname()->release,
		num_online_cpus());
	for (i = 0; i < ARRAY_SIZE(table); i++) {
		failed = wanted(table[i].name) ? run_sizes(&table[i]) : 0;
		err = err ?: failed;
	}
	return err;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
}
module_exit(bench_exit);

MODULE_DESCRIPTION("Benchmark of kmobj beside kmem_cache");
MODULE_LICENSE("GPL");
