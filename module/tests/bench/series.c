// SPDX-License-Identifier: GPL-2.0
/*
 * The samples of one line of the result, and how a line is printed:
 *
 *	bench: ROW SIZE CPUS UNIT, then for kmobj, the peer, the floor and
 *	objpool: MINIMUM MEDIAN SPREAD
 *
 * The spread is that of the middle half of the samples, in percent of the
 * median. A side that was not measured is three times "-".
 */
#include <linux/math64.h>
#include <linux/printk.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "bench.h"

#define LINE_MAX	256

struct series *series_open(void)
{
	return vzalloc(sizeof(struct series));
}

void series_close(struct series *series)
{
	vfree(series);
}

/* File @amount (ns, bytes) for @ops operations. */
void series_add(struct series *series, enum side side, u64 amount, u64 ops)
{
	unsigned int nr = series->nr[side];

	if (amount == LOOP_FAILED || nr == SAMPLES_MAX)
		return;
	series->sample[side][nr] = div64_u64(amount * 1000, ops);
	series->nr[side]++;
}

static int compare(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

static int print_number(char *at, int room, u64 thousandths)
{
	u32 rest;
	u64 whole = div_u64_rem(thousandths, 1000, &rest);

	return scnprintf(at, room, " %llu.%03u", whole, rest);
}

static int print_side(char *at, int room, u64 *sample, unsigned int nr)
{
	u64 median, spread;
	int n = 0;

	if (!nr)
		return scnprintf(at, room, " - - -");
	sort(sample, nr, sizeof(*sample), compare, NULL);
	median = sample[nr / 2];
	spread = (sample[nr * 3 / 4] - sample[nr / 4]) * 100;
	n += print_number(at + n, room - n, sample[0]);
	n += print_number(at + n, room - n, median);
	n += scnprintf(at + n, room - n, " %llu",
		       median ? div64_u64(spread, median) : 0);
	return n;
}

/* Print the line, and begin anew. */
void series_print(struct series *series, const char *row, unsigned int size,
		  unsigned int cpus, const char *unit)
{
	char line[LINE_MAX];
	enum side side;
	int n = 0;

	for (side = 0; side < NR_SIDES; side++) {
		n += print_side(line + n, LINE_MAX - n, series->sample[side],
				series->nr[side]);
		series->nr[side] = 0;
	}
	pr_info("bench: %s %u %u %s%s\n", row, size, cpus, unit, line);
}

/* A row that cannot be measured here. */
void series_none(const char *row, unsigned int size, const char *why)
{
	pr_info("bench: %s %u 0 n/a - - - - - - - - - - - -\n", row, size);
	pr_info("bench-note: %s: %s\n", row, why);
}
