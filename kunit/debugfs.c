// SPDX-License-Identifier: GPL-2.0
/*
 * The files of debugfs that have a row for each zone, read as a program reads them.
 */
#include <kunit/test-bug.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/ktime.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>

#include "kmobj_kunit.h"

#define FOLDER		"kmobj/"
#define TEXT_MAX	SZ_1M

/* Of debugfs; where it is mounted, kernel threads need not see. */
static struct path root;

struct reader {
	struct file *file;
	char __user *buffer;
	loff_t pos;
	size_t len;
};

static void file_put(void *file)
{
	filp_close(file, NULL);
}

static void reader_open(struct kunit *test, struct reader *reader,
			const char *path)
{
	unsigned long addr = kunit_vm_mmap(test, NULL, 0, TEXT_MAX,
					   PROT_READ | PROT_WRITE,
					   MAP_ANONYMOUS | MAP_PRIVATE, 0);

	KUNIT_ASSERT_FALSE(test, addr >= TASK_SIZE || !addr);
	*reader = (struct reader) {
		.file = file_open_root(&root, path, O_RDONLY, 0),
		.buffer = (char __user *)addr,
	};
	KUNIT_ASSERT_NOT_ERR_OR_NULL_MSG(test, reader->file, "cannot open %s", path);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, file_put, reader->file), 0);
}

/* Up to @nr bytes more; false at the end. */
static bool reader_read(struct kunit *test, struct reader *reader, size_t nr)
{
	struct file *file = reader->file;
	ssize_t got;

	KUNIT_ASSERT_LT(test, reader->len + nr, TEXT_MAX);
	got = file->f_op->read(file, reader->buffer + reader->len, nr, &reader->pos);
	KUNIT_ASSERT_GE(test, got, 0);
	reader->len += got;
	return got;
}

/* The rest of the file, and what was read before. It stays until the case ends. */
static char *reader_text(struct kunit *test, struct reader *reader)
{
	char *text;

	while (reader_read(test, reader, SZ_128K))
		;
	text = kunit_kzalloc(test, reader->len + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, copy_from_user(text, reader->buffer, reader->len), 0);
	kunit_release_action(test, file_put, reader->file);
	return text;
}

static char *read_file(struct kunit *test, const char *path)
{
	struct reader reader;

	reader_open(test, &reader, path);
	return reader_text(test, &reader);
}

/* The length of the field that begins at @at. */
static size_t field_len(const char *at)
{
	return strcspn(at, "\n ");
}

static bool field_is(const char *at, const char *text)
{
	return field_len(at) == strlen(text) && strstarts(at, text);
}

/* Where the next field of the line begins; NULL if there is none. */
static const char *field_next(const char *at)
{
	at += field_len(at);
	at += strspn(at, " ");
	return *at && *at != '\n' ? at : NULL;
}

static u64 field_number(struct kunit *test, const char *at)
{
	char text[24];
	u64 value = 0;

	snprintf(text, sizeof(text), "%.*s", (int)field_len(at), at);
	KUNIT_EXPECT_EQ_MSG(test, kstrtou64(text, 10, &value), 0, "%s", text);
	return value;
}

static unsigned int fields_count(const char *line)
{
	unsigned int nr = 1;

	while ((line = field_next(line)))
		nr++;
	return nr;
}

static const char *line_next(const char *line)
{
	line = strchr(line, '\n');
	return line && line[1] ? line + 1 : NULL;
}

/* The line whose first field is @name; NULL if there is none. */
static const char *line_of(const char *text, const char *name)
{
	while (text && !field_is(text, name))
		text = line_next(text);
	return text;
}

/* What is in column @column of the row of @zone. */
static u64 value_of(struct kunit *test, const char *text, const char *zone,
		    const char *column)
{
	const char *head = text, *row = line_of(text, zone);

	KUNIT_ASSERT_NOT_NULL_MSG(test, row, "no row %s", zone);
	while (head && row && !field_is(head, column)) {
		head = field_next(head);
		row = field_next(row);
	}
	KUNIT_ASSERT_NOT_NULL_MSG(test, head, "no column %s", column);
	KUNIT_ASSERT_NOT_NULL_MSG(test, row, "nothing in column %s", column);
	return field_number(test, row);
}

static void each_record_has_the_fields_of_the_header(struct kunit *test)
{
	const char *zone = kmobj_zone_name(zone_make(test, SMALL, NULL));
	const char *text = read_file(test, FOLDER "stats"), *line;

	KUNIT_EXPECT_TRUE(test, field_is(text, "name"));
	KUNIT_EXPECT_NOT_NULL(test, line_of(text, zone));
	for (line = text; line; line = line_next(line))
		KUNIT_EXPECT_EQ_MSG(test, fields_count(line), fields_count(text),
				    "%.100s", line);
}

/* A zone with something in each of the counters that a client can move. */
static struct kmobj_zone *zone_used(struct kunit *test, void **objs)
{
	struct kmobj_zone *zone = zone_make(test, 100, NULL);
	unsigned int i;

	pin_here(test);
	log_ignore(test);
	for (i = 0; i < 4; i++)
		objs[i] = obj_make(test, zone);
	KUNIT_ASSERT_NULL(test, kmobj_alloc(zone, GFP_KERNEL | __GFP_DMA));
	nested_free(zone, objs + 2, 1);
	kmobj_free(zone, (void *)1);
	be_lazy(test);		/* it waits for longer than the case takes */
	kmobj_free_rcu(zone, objs[3]);
	/* after that, as in a zone with a limit it would wait for one grace period only */
	KUNIT_ASSERT_EQ(test, kmobj_zone_set_limit(zone, SZ_1M), 0);
	return zone;
}

#define HAS(field)	{ #field, stats.field }

static void a_record_has_the_zones_statistics(struct kunit *test)
{
	void *objs[4];
	struct kmobj_zone *zone = zone_used(test, objs);
	const char *text = read_file(test, FOLDER "stats");
	struct kmobj_zone_stats stats = zone_stats(zone);
	const struct {
		const char *column;
		u64 value;
	} expected[] = {
		HAS(size), HAS(stride), HAS(objs_per_slab), HAS(slab_bytes),
		{ "live", 2 }, HAS(allocs), HAS(frees), HAS(allocs_depot),
		HAS(frees_remote), HAS(frees_rcu), HAS(rcu_waiting), HAS(slabs),
		HAS(slabs_made), HAS(slabs_retired), HAS(limit), HAS(limit_hits),
		HAS(alloc_fails), HAS(bad_frees), HAS(bad_copies), HAS(corrupted),
		HAS(slabs_corrupt), HAS(order_fails), { "dying", 0 },
		{ "mem_use", 200 }, { "slab_use", stats.slabs * stats.slab_bytes },
		HAS(moved), HAS(move_busy), HAS(move_pinned),
		HAS(order_fallbacks),
		HAS(pages_left),
		HAS(slabs_watched),
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, stats.frees_remote, 1);
	KUNIT_EXPECT_EQ(test, stats.rcu_waiting, 1);
	KUNIT_EXPECT_EQ(test, fields_count(text), ARRAY_SIZE(expected) + 1);
	for (i = 0; i < ARRAY_SIZE(expected); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    value_of(test, text, kmobj_zone_name(zone),
					     expected[i].column),
				    expected[i].value, "%s", expected[i].column);
	objs_free(zone, objs, 2);
}

/* In the same order, so that who knows one file knows the other. */
static void a_zones_own_file_has_the_same_fields(struct kunit *test)
{
	void *objs[4];
	struct kmobj_zone *zone = zone_used(test, objs);
	const char *name = kmobj_zone_name(zone), *column, *line;
	const char *all = read_file(test, FOLDER "stats");
	char path[sizeof(FOLDER) + 64];

	snprintf(path, sizeof(path), FOLDER "zones/%s/stats", name);
	line = read_file(test, path);
	for (column = field_next(all); column; column = field_next(column)) {
		char text[32];

		KUNIT_ASSERT_NOT_NULL_MSG(test, line, "no line %.20s", column);
		snprintf(text, sizeof(text), "%.*s", (int)field_len(column), column);
		KUNIT_EXPECT_TRUE_MSG(test, field_is(line, text), "%s", text);
		KUNIT_EXPECT_EQ_MSG(test, value_of(test, all, name, text),
				    field_number(test, field_next(line)), "%s", text);
		line = line_next(line);
	}
	KUNIT_EXPECT_NULL(test, line);
	objs_free(zone, objs, 2);
}

static void destroy_zone(void *zone)
{
	KUNIT_EXPECT_EQ(kunit_get_current_test(), kmobj_zone_destroy(zone), 0);
}

static struct kmobj_zone *zone_named(struct kunit *test, const char *name)
{
	struct kmobj_zone *zone = kmobj_zone_create(name, SMALL, NULL);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, zone);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, destroy_zone, zone), 0);
	return zone;
}

/* For readers of slabinfo, some of which end a field at a colon or a comma, too. */
static void a_name_is_one_field(struct kunit *test)
{
	static const char *const tables[][2] = {
		{ "vmstat", SHOWN("_kunit:of,_blanks_") },
		{ "stats", SHOWN("_kunit:of,_blanks_") },
		{ "slabinfo", "kmobj_kunit__kunit_of__blanks_" },
	};
	char path[sizeof(FOLDER) + 16];
	unsigned int i;

	zone_named(test, " kunit:of, blanks ");
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		snprintf(path, sizeof(path), FOLDER "%s", tables[i][0]);
		KUNIT_EXPECT_NOT_NULL_MSG(test,
					  line_of(read_file(test, path), tables[i][1]),
					  "%s", path);
	}
}

static void a_dying_zone_has_a_record_that_says_so(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, SMALL, NULL);
	void *obj = obj_make(test, zone);
	const char *text, *line;

	log_ignore(test);
	KUNIT_EXPECT_EQ(test, kmobj_zone_destroy(zone), -EBUSY);
	text = read_file(test, FOLDER "stats");
	KUNIT_EXPECT_NULL(test, line_of(text, kmobj_zone_name(zone)));
	for (line = text; line; line = line_next(line)) {
		char name[128];
		const char *end;

		snprintf(name, sizeof(name), "%.*s", (int)field_len(line), line);
		end = strstr(name, kmobj_zone_name(zone));
		if (!end || strcmp(end, kmobj_zone_name(zone)))
			continue;
		KUNIT_EXPECT_TRUE(test, strstarts(name, "kmobj:dying:"));
		KUNIT_EXPECT_EQ(test, value_of(test, text, name, "dying"), 1);
		KUNIT_EXPECT_EQ(test, value_of(test, text, name, "live"), 1);
		break;
	}
	KUNIT_EXPECT_NOT_NULL(test, line);
	kmobj_free(zone, obj);
}

/* More than a page of zones, read in pieces, while zones come before them and go. */
static void a_file_read_in_pieces_is_of_one_moment(struct kunit *test)
{
	static const char *const tables[] = { "vmstat", "stats", "slabinfo" };
	char name[sizeof("kunit-many-99")], path[sizeof(FOLDER) + 16];
	unsigned int i, nr, seen;
	struct kmobj_zone *first;
	struct reader reader;
	const char *line;

	for (nr = 0; nr < 100; nr++) {
		snprintf(name, sizeof(name), "kunit-many-%02u", nr);
		zone_named(test, name);
	}
	for (i = 0; i < ARRAY_SIZE(tables); i++) {
		snprintf(path, sizeof(path), FOLDER "%s", tables[i]);
		first = zone_named(test, "kunit-first");
		reader_open(test, &reader, path);
		reader_read(test, &reader, 1000);
		kunit_release_action(test, destroy_zone, first);
		line = reader_text(test, &reader);
		for (seen = 0; line; line = line_next(line))
			seen += strstarts(line, KBUILD_MODNAME) &&
				strstarts(line + sizeof(KBUILD_MODNAME), "kunit-many-");
		KUNIT_EXPECT_EQ_MSG(test, seen, nr, "%s", path);
	}
}

/* The least of several times: the machine may have others to serve. */
static u64 reading_takes(struct kunit *test, const char *path)
{
	u64 began, took, least = U64_MAX;
	struct reader reader;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		began = ktime_get_ns();
		reader_open(test, &reader, path);
		while (reader_read(test, &reader, SZ_128K))
			;
		kunit_release_action(test, file_put, reader.file);
		took = ktime_get_ns() - began;
		least = min(least, took);
	}
	return least;
}

/* In 10 us for each of @nr zones. */
static void expect_read_in_time(struct kunit *test, const char *path, unsigned int nr)
{
	char name[KMOBJ_NAME_MAX];
	unsigned int i;
	u64 took;

	for (i = 0; i < nr; i++) {
		snprintf(name, sizeof(name), "kunit-thousand-%u", i);
		zone_named(test, name);
	}
	took = reading_takes(test, path);
	kunit_info(test, "%s: %u zones are read in %llu ns\n", path, nr, took);
	if (AT_FULL_SPEED)
		KUNIT_EXPECT_LT(test, took, nr * 10ULL * NSEC_PER_USEC);
}

static void a_thousand_zones_are_read_in_ten_milliseconds(struct kunit *test)
{
	expect_read_in_time(test, FOLDER "stats", AT_FULL_SPEED ? 1000 : 10);
}

static void and_five_thousand_in_fifty(struct kunit *test)
{
	expect_read_in_time(test, FOLDER "vmstat", AT_FULL_SPEED ? 5000 : 20);
}

#define SLABINFO_HEAD							\
	"slabinfo - version: 2.1\n"					\
	"# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab>" \
	" : tunables <limit> <batchcount> <sharedfactor>"		\
	" : slabdata <active_slabs> <num_slabs> <sharedavail>\n"

static void slabinfo_is_in_the_format_of_the_kernels_file(struct kunit *test)
{
	struct kmobj_zone *zone = zone_make(test, 100, NULL);
	struct kmobj_zone_stats s;
	const char *text, *row;
	unsigned int has[11];
	char name[32];
	void **objs;
	int n = 0;

	pin_here(test);
	objs = slabs_fill(test, zone, 2);
	s = zone_stats(zone);
	kmobj_free(zone, objs[0]);
	text = read_file(test, FOLDER "slabinfo");
	KUNIT_EXPECT_TRUE(test, strstarts(text, SLABINFO_HEAD));
	strscpy(name, kmobj_zone_name(zone), sizeof(name));
	strreplace(name, ':', '_');
	row = line_of(text, name);
	KUNIT_ASSERT_NOT_NULL(test, row);
	KUNIT_EXPECT_EQ(test, 11,
			sscanf(row + field_len(row),
			       "%u %u %u %u %u : tunables %u %u %u : slabdata %u %u %u%n",
			       &has[0], &has[1], &has[2], &has[3], &has[4], &has[5],
			       &has[6], &has[7], &has[8], &has[9], &has[10], &n));
	KUNIT_EXPECT_EQ(test, row[field_len(row) + n], '\n');
	KUNIT_EXPECT_EQ(test, has[0], 2 * s.objs_per_slab - 1);
	KUNIT_EXPECT_EQ(test, has[1], 2 * s.objs_per_slab);
	KUNIT_EXPECT_EQ(test, has[2], s.stride);
	KUNIT_EXPECT_EQ(test, has[3], s.objs_per_slab);
	KUNIT_EXPECT_EQ(test, has[4], s.slab_bytes / PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, has[5] + has[6] + has[7] + has[10], 0);
	KUNIT_EXPECT_EQ(test, has[8], 2);
	KUNIT_EXPECT_EQ(test, has[9], 2);
	objs_free(zone, objs + 1, 2 * s.objs_per_slab - 1);
}

static struct kunit_case cases[] = {
	KUNIT_CASE(each_record_has_the_fields_of_the_header),
	KUNIT_CASE(a_record_has_the_zones_statistics),
	KUNIT_CASE(a_zones_own_file_has_the_same_fields),
	KUNIT_CASE(a_name_is_one_field),
	KUNIT_CASE(a_dying_zone_has_a_record_that_says_so),
	KUNIT_CASE(a_file_read_in_pieces_is_of_one_moment),
	KUNIT_CASE(a_thousand_zones_are_read_in_ten_milliseconds),
	KUNIT_CASE(and_five_thousand_in_fifty),
	KUNIT_CASE(slabinfo_is_in_the_format_of_the_kernels_file),
	{}
};

static int mount_debugfs(struct kunit_suite *suite)
{
	struct file_system_type *type = get_fs_type("debugfs");

	/* then each case is skipped */
	if (!IS_ENABLED(CONFIG_DEBUG_FS))
		return 0;
	if (!type)
		return -ENODEV;
	root.mnt = kern_mount(type);
	if (IS_ERR(root.mnt))
		return PTR_ERR(root.mnt);
	root.dentry = root.mnt->mnt_root;
	return 0;
}

static void unmount_debugfs(struct kunit_suite *suite)
{
	if (!IS_ERR_OR_NULL(root.mnt))
		kern_unmount(root.mnt);
}

static int skip_without_debugfs(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_DEBUG_FS))
		kunit_skip(test, "the kernel has no debugfs");
	return 0;
}

static struct kunit_suite suite = {
	.name = "kmobj_debugfs",
	.init = skip_without_debugfs,
	.suite_init = mount_debugfs,
	.suite_exit = unmount_debugfs,
	.test_cases = cases,
};

kunit_test_suite(suite);
