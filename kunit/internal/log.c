// SPDX-License-Identifier: GPL-2.0
/*
 * What kmobj says in the kernel's log: a case listens, does wrong, and counts
 * the lines that tell of it.
 */
#include <linux/kmsg_dump.h>
#include <linux/ratelimit.h>

#include "internal_kunit.h"

/* The end of the log when the case began to listen. Cases run one by one. */
static struct kmsg_dump_iter heard_before;

static bool next_line(struct kmsg_dump_iter *at, char *line, size_t size)
{
	size_t len = 0;

	if (!kmsg_dump_get_line(at, false, line, size - 1, &len))
		return false;
	line[len] = '\0';
	return true;
}

static void limit_again(void *unused)
{
	bad_free_limit.interval = KMOBJ_REPORT_INTERVAL;
	bad_copy_limit.interval = KMOBJ_REPORT_INTERVAL;
}

/* From here on every report is made, however many there were of late. */
void log_listen(struct kunit *test)
{
	static char line[1024];

	kmsg_dump_rewind(&heard_before);
	while (next_line(&heard_before, line, sizeof(line)))
		;
	bad_free_limit.interval = 0;
	bad_copy_limit.interval = 0;
	KUNIT_ASSERT_EQ(test, kunit_add_action(test, limit_again, NULL), 0);
}

/* Lines since then that have both @who and @what in them. */
unsigned int log_heard(const char *who, const char *what)
{
	struct kmsg_dump_iter at = heard_before;
	static char line[1024];
	unsigned int nr = 0;

	while (next_line(&at, line, sizeof(line)))
		nr += strstr(line, "kmobj: ") && strstr(line, who) &&
		      strstr(line, what);
	return nr;
}

/* Enough: the limit on the rate of reports holds again. */
void log_ignore(struct kunit *test)
{
	kunit_release_action(test, limit_again, NULL);
}
