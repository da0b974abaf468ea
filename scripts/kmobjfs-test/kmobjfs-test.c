// SPDX-License-Identifier: GPL-2.0
/*
 * kmobjfs-test CASE: one behaviour of the filesystem that the current folder is
 * on, which must be empty. Succeeds quietly, or says where it failed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define must(condition)							\
	do {								\
		if (!(condition))					\
			give_up(__LINE__, #condition);			\
	} while (0)

/* The call fails, and with this errno. */
#define must_fail(call, error)						\
	do {								\
		errno = 0;						\
		if ((call) != -1 || errno != (error))			\
			give_up(__LINE__, #call " fails with " #error);	\
	} while (0)

#define array_size(a)	(sizeof(a) / sizeof(*(a)))

static long page;

static void give_up(int line, const char *condition)
{
	printf("# line %d: not so: %s (errno: %s)\n", line, condition,
	       strerror(errno));
	exit(1);
}

static int open_new(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0644);

	must(fd >= 0);
	return fd;
}

static void make_file(const char *path, const char *text)
{
	int fd = open_new(path);

	must(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static bool holds(const char *path, const char *text)
{
	char buffer[256];
	int fd = open(path, O_RDONLY);
	ssize_t len;

	if (fd < 0)
		return false;
	len = read(fd, buffer, sizeof(buffer));
	close(fd);
	return len == (ssize_t)strlen(text) && !memcmp(buffer, text, len);
}

static bool is_all(const char *bytes, size_t len, char byte)
{
	while (len--) {
		if (*bytes++ != byte)
			return false;
	}
	return true;
}

static struct stat stat_of(const char *path)
{
	struct stat st;

	must(!lstat(path, &st));
	return st;
}

static bool exists(const char *path)
{
	return !access(path, F_OK);
}

static unsigned long pages_used(void)
{
	struct statfs st;

	must(!statfs(".", &st));
	return st.f_blocks - st.f_bfree;
}

static unsigned long files_used(void)
{
	struct statfs st;

	must(!statfs(".", &st));
	return st.f_files - st.f_ffree;
}

/* Deleted files go after a grace period. */
static bool files_become(unsigned long want)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		if (files_used() == want)
			return true;
		usleep(10000);
	}
	return false;
}

/* From here on names are looked up in the directories, not in a cache. */
static void forget_names(void)
{
	int fd = open("/proc/sys/vm/drop_caches", O_WRONLY);

	must(write(fd, "2", 1) == 1);
	close(fd);
}

static int rename2(const char *from, const char *to, unsigned int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, flags);
}

/* What a function touches must raise SIGBUS. */
static sigjmp_buf on_bus;

static void caught_bus(int signal)
{
	(void)signal;
	siglongjmp(on_bus, 1);
}

static bool raises_bus(volatile char *byte, bool writing)
{
	bool raised = true;

	signal(SIGBUS, caught_bus);
	if (!sigsetjmp(on_bus, 1)) {
		if (writing)
			*byte = 1;
		else
			(void)*byte;
		raised = false;
	}
	signal(SIGBUS, SIG_DFL);
	return raised;
}

static char *map(int fd, size_t len, int how)
{
	char *memory = mmap(NULL, len, PROT_READ | PROT_WRITE, how, fd, 0);

	must(memory != MAP_FAILED);
	return memory;
}

static void test_tmpfile(void)
{
	unsigned long before = files_used();
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	char path[64];
	struct stat st;

	must(fd >= 0);
	must(write(fd, "hidden", 6) == 6);
	must(!fstat(fd, &st) && st.st_nlink == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must(!linkat(AT_FDCWD, path, AT_FDCWD, "shown", AT_SYMLINK_FOLLOW));
	must(!fstat(fd, &st) && st.st_nlink == 1);
	close(fd);
	must(holds("shown", "hidden"));
	must(!unlink("shown"));

	fd = open(".", O_TMPFILE | O_RDWR | O_EXCL, 0600);
	must(fd >= 0);
	must(write(fd, "x", 1) == 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	must_fail(linkat(AT_FDCWD, path, AT_FDCWD, "shown", AT_SYMLINK_FOLLOW),
		  ENOENT);
	close(fd);
	must(pages_used() == 0);
	must(files_become(before));
}

static void test_exchange(void)
{
	ino_t file, dir;

	must(!mkdir("a", 0755) && !mkdir("b", 0755) && !mkdir("b/dir", 0755));
	make_file("a/file", "of a");
	make_file("b/dir/inner", "of b");
	file = stat_of("a/file").st_ino;
	dir = stat_of("b/dir").st_ino;
	must(stat_of("a").st_nlink == 2 && stat_of("b").st_nlink == 3);

	must(!rename2("a/file", "b/dir", RENAME_EXCHANGE));
	forget_names();
	must(stat_of("a/file").st_ino == dir);
	must(stat_of("b/dir").st_ino == file);
	must(holds("b/dir", "of a") && holds("a/file/inner", "of b"));
	must(stat_of("a").st_nlink == 3 && stat_of("b").st_nlink == 2);
	must_fail(rename2("a/file", "b/none", RENAME_EXCHANGE), ENOENT);

	make_file("b/other", "other");
	must(!rename2("b/dir", "b/other", RENAME_EXCHANGE));
	forget_names();
	must(holds("b/other", "of a") && holds("b/dir", "other"));
}

static void test_noreplace(void)
{
	make_file("a", "a");
	make_file("b", "b");
	must_fail(rename2("a", "b", RENAME_NOREPLACE), EEXIST);
	must(holds("a", "a") && holds("b", "b"));
	must(!rename2("a", "c", RENAME_NOREPLACE));
	forget_names();
	must(!exists("a") && holds("c", "a"));
	must_fail(rename2("b", "d", RENAME_WHITEOUT), EINVAL);
	must(holds("b", "b") && !exists("d"));
}

static void test_rename(void)
{
	unsigned long before = files_used();

	make_file("a", "a");
	make_file("b", "b");
	must(!rename("a", "b"));
	forget_names();
	must(!exists("a") && holds("b", "a"));

	must(!mkdir("d", 0755) && !mkdir("e", 0755) && !mkdir("d/sub", 0755));
	must(!rename("b", "d/b"));
	must_fail(rename("e", "d"), ENOTEMPTY);
	must_fail(rename("e", "d/b"), ENOTDIR);
	must_fail(rename("d/b", "e"), EISDIR);
	must_fail(rename("d", "d/sub/d"), EINVAL);
	must(holds("d/b", "a"));

	must(stat_of(".").st_nlink == 4 && stat_of("d").st_nlink == 3);
	must(!rename("d", "e"));
	forget_names();
	must(!exists("d") && holds("e/b", "a"));
	must(stat_of(".").st_nlink == 3 && stat_of("e").st_nlink == 3);
	must(!rename("e/sub", "sub"));
	must(stat_of(".").st_nlink == 4 && stat_of("e").st_nlink == 2);
	must(!rename("sub", "e/sub") && stat_of("e").st_nlink == 3);
	forget_names();
	must(exists("e/sub") && !exists("sub"));

	/* two names of one file: nothing happens */
	must(!link("e/b", "c") && !rename("e/b", "c"));
	must(holds("e/b", "a") && holds("c", "a"));
	must(stat_of("c").st_nlink == 2);
	must(!unlink("c") && !unlink("e/b"));
	must(!rmdir("e/sub") && !rmdir("e"));
	must(files_become(before));
}

static void test_names(void)
{
	char longest[257], path[300];
	unsigned int len;
	int fd;

	for (len = 1; len <= 255; len++) {
		memset(longest, 'n', len);
		longest[len] = '\0';
		must(!close(open_new(longest)));
	}
	forget_names();
	for (len = 1; len <= 255; len++) {
		memset(longest, 'n', len);
		longest[len] = '\0';
		must(exists(longest));
	}
	/* between long and short names, each way and in place */
	must(!rename(longest, "short") && !exists(longest));
	must(!rename("short", longest) && exists(longest));
	must(!mkdir("dir", 0755));
	snprintf(path, sizeof(path), "dir/%s", longest);
	must(!rename(longest, path) && exists(path) && !exists(longest));
	memset(longest, 'm', 255);
	must(!rename(path, longest));
	forget_names();
	must(exists(longest) && !exists(path));

	memset(longest, 'n', 256);
	longest[256] = '\0';
	must_fail(open(longest, O_CREAT | O_RDWR, 0644), ENAMETOOLONG);
	must_fail(fd = open("nope", O_RDONLY), ENOENT);
}

static void test_symlinks(void)
{
	static const size_t lengths[] = { 1, 23, 24, 62, 63, 64, 65, 255, 4095 };
	char target[4096], read_back[4097], path[16];
	size_t i;

	for (i = 0; i < array_size(lengths); i++) {
		memset(target, 't', lengths[i]);
		target[lengths[i]] = '\0';
		snprintf(path, sizeof(path), "l%zu", i);
		must(!symlink(target, path));
		must(readlink(path, read_back, sizeof(read_back)) ==
		     (ssize_t)lengths[i]);
		must(!memcmp(read_back, target, lengths[i]));
		must(stat_of(path).st_size == (off_t)lengths[i]);
	}
	/* the long ones are paid for */
	must(pages_used() == 4);
	for (i = 0; i < array_size(lengths); i++) {
		snprintf(path, sizeof(path), "l%zu", i);
		must(!unlink(path));
	}
	must(pages_used() == 0);

	make_file("file", "there");
	must(!symlink("file", "way") && holds("way", "there"));
	must(!symlink("loop", "loop"));
	must_fail(open("loop", O_RDONLY), ELOOP);
}

static void test_links(void)
{
	make_file("a", "text");
	must(!link("a", "b") && !mkdir("d", 0755) && !link("a", "d/c"));
	must(stat_of("a").st_nlink == 3);
	must(stat_of("a").st_ino == stat_of("d/c").st_ino);
	must(!unlink("a") && stat_of("b").st_nlink == 2);
	forget_names();
	must(!exists("a"));
	must(holds("b", "text") && holds("d/c", "text"));
	must_fail(link("b", "d/c"), EEXIST);
	must_fail(link("d", "e"), EPERM);
	must_fail(rmdir("d"), ENOTEMPTY);
	must(!unlink("d/c") && !rmdir("d"));
	must(!unlink("b") && pages_used() == 0);
}

static void test_unlinked(void)
{
	unsigned long before = files_used();
	int fd = open_new("gone");
	char text[4];

	must(write(fd, "text", 4) == 4);
	must(!unlink("gone") && !exists("gone"));
	must(pread(fd, text, 4, 0) == 4 && !memcmp(text, "text", 4));
	must(pwrite(fd, "more", 4, 3 * page) == 4);
	must(pages_used() == 2);
	close(fd);
	must(pages_used() == 0);
	must(files_become(before));
}

static void test_deleted_cwd(void)
{
	must(!mkdir("d", 0755) && !chdir("d") && !rmdir("../d"));
	must_fail(open("f", O_CREAT | O_RDWR, 0644), ENOENT);
	must_fail(mkdir("e", 0755), ENOENT);
	must(!chdir("/"));
}

static void test_mmap(void)
{
	int fd = open_new("file");
	char *shared, *private, byte;

	must(!ftruncate(fd, 3 * page));
	must(pages_used() == 0);
	shared = map(fd, 4 * page, MAP_SHARED);
	private = map(fd, 4 * page, MAP_PRIVATE);

	shared[page] = 'S';
	must(pread(fd, &byte, 1, page) == 1 && byte == 'S');
	must(private[page] == 'S');
	private[page] = 'P';
	must(shared[page] == 'S');
	must(pread(fd, &byte, 1, page) == 1 && byte == 'S');
	must(pwrite(fd, "W", 1, 2 * page) == 1 && shared[2 * page] == 'W');
	must(shared[0] == 0 && pages_used() == 3);
	must(!msync(shared, 3 * page, MS_SYNC));

	must(raises_bus(shared + 3 * page, false));
	must(!ftruncate(fd, page));
	must(raises_bus(shared + page, true) && raises_bus(private + page, true));
	must(pages_used() == 1);
	shared[page - 1] = 'E';
	must(!munmap(shared, 4 * page) && !munmap(private, 4 * page));
	must(pread(fd, &byte, 1, page - 1) == 1 && byte == 'E');
	close(fd);
}

/* What a mapping writes behind the end of a file never is in the file. */
static void test_tail(void)
{
	int fd = open_new("file");
	char *shared, *bytes = malloc(2 * page);

	must(write(fd, "end", 3) == 3);
	shared = map(fd, page, MAP_SHARED);
	memset(shared + 3, 'x', page - 3);
	must(!ftruncate(fd, 2 * page));
	must(pread(fd, bytes, 2 * page, 0) == 2 * page);
	must(!memcmp(bytes, "end", 3) && is_all(bytes + 3, 2 * page - 3, 0));

	memset(shared, 'y', page);
	must(!ftruncate(fd, 10) && !ftruncate(fd, page));
	must(is_all(shared, 10, 'y') && is_all(shared + 10, page - 10, 0));

	must(!ftruncate(fd, 10));
	memset(shared, 'z', page);
	must(pwrite(fd, "!", 1, 20) == 1);
	must(pread(fd, bytes, page, 0) == 21);
	must(is_all(bytes, 10, 'z') && is_all(bytes + 10, 10, 0));
	must(bytes[20] == '!');
	close(fd);
}

static void test_holes(void)
{
	int fd = open_new("file"), error;
	off_t far = (off_t)1 << 40;
	char *bytes = malloc(64 * page);
	struct stat st;

	must(pwrite(fd, "far", 3, far) == 3);
	must(!fstat(fd, &st) && st.st_size == far + 3);
	must(st.st_blocks == page / 512 && pages_used() == 1);
	memset(bytes, 'x', 64 * page);
	must(pread(fd, bytes, 64 * page, far / 2) == 64 * page);
	must(is_all(bytes, 64 * page, 0));
	must(pread(fd, bytes, 64 * page, far - 5) == 8);
	must(is_all(bytes, 5, 0) && !memcmp(bytes + 5, "far", 3));
	must(pread(fd, bytes, 1, far + 3) == 0);
	/* a kernel without these system calls is no worse; EINVAL: of 32 bits, on tmpfs too */
	error = posix_fadvise(fd, 0, 64 * page, POSIX_FADV_WILLNEED);
	must(!error || error == ENOSYS || error == EINVAL);
	must(!readahead(fd, 0, 64 * page) || errno == ENOSYS || errno == EINVAL);
	must(pages_used() == 1);
	close(fd);
}

/* Memory ends in the middle of what is to be written; what was in it before is not to be seen. */
static void test_cut_short(void)
{
	char *bytes = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *used = malloc(64 * page), *view;
	int fd = open_new("used"), i;

	memset(used, 'x', 64 * page);
	must(write(fd, used, 64 * page) == 64 * page);
	close(fd);
	must(!unlink("used"));

	memset(bytes, 'b', page);
	must(!munmap(bytes + page, page));
	fd = open_new("file");
	for (i = 31; i >= 0; i--)
		must(pwrite(fd, bytes + page / 2, page, i * page) == page / 2);
	view = map(fd, 32 * page, MAP_SHARED);
	for (i = 0; i < 32; i++) {
		must(is_all(view + i * page, page / 2, 'b'));
		must(is_all(view + i * page + page / 2, page / 2, 0));
	}
	munmap(view, 32 * page);
	close(fd);
}

/* The mount holds 1 MiB. */
static void test_full_write(void)
{
	size_t total = 1 << 20;
	char *bytes = malloc(2 * total), *read_back = malloc(2 * total);
	int fd = open_new("file"), round;

	memset(bytes, 'f', 2 * total);
	for (round = 0; round < 3; round++) {
		must(pwrite(fd, bytes, 2 * total, 0) == (ssize_t)total);
		must_fail(pwrite(fd, bytes, 1, total), ENOSPC);
		must(pwrite(fd, bytes, 1, 0) == 1);
		must(pages_used() == total / page);
		must(pread(fd, read_back, 2 * total, 0) == (ssize_t)total);
		must(!memcmp(bytes, read_back, total));
		must(!ftruncate(fd, total / 2 + 1));
		must(pages_used() == total / 2 / page + 1);
		must(!ftruncate(fd, 0) && pages_used() == 0);
	}
	close(fd);
}

/* The mount holds 1 MiB. */
static void test_full_mmap(void)
{
	size_t total = 1 << 20, i;
	int fd = open_new("file");
	char *shared;

	must(!ftruncate(fd, 2 * total));
	shared = map(fd, 2 * total, MAP_SHARED);
	for (i = 0; i < total; i += page)
		must(!raises_bus(shared + i, true));
	must(raises_bus(shared + total, true));
	must(raises_bus(shared + total, false));
	must(pages_used() == total / page);
	must(!ftruncate(fd, page) && !ftruncate(fd, 2 * total));
	must(!raises_bus(shared + total, true));
	must(pages_used() == 2);
	close(fd);
}

/* The mount is small: files come to an end, and come back when deleted. */
static void test_full_files(void)
{
	int made[2], round, i, error;
	unsigned long before = files_used();
	char path[16];

	for (round = 0; round < 2; round++) {
		for (i = 0; i < 1000000; i++) {
			snprintf(path, sizeof(path), "%d", i);
			if (mknod(path, S_IFREG | 0644, 0))
				break;
		}
		error = errno;
		made[round] = i;
		must(error == ENOSPC);
		must_fail(mkdir("d", 0755), ENOSPC);
		/* a name needs a dirent only if it is one more */
		must(!rename("0", "renamed") && !rename("renamed", "0"));
		while (i--) {
			snprintf(path, sizeof(path), "%d", i);
			must(!unlink(path));
		}
	}
	must(made[0] >= 1024 && made[1] >= made[0] / 2);
	must(files_become(before));
}

/* The mount is tiny; no names are needed to fill it. */
static void test_full_tmpfiles(void)
{
	unsigned long before = files_used();
	int fds[1000], i, made = 0;

	while (made < 1000) {
		fds[made] = open(".", O_TMPFILE | O_RDWR, 0644);
		if (fds[made] < 0)
			break;
		made++;
	}
	must(made >= 64 && made < 1000 && errno == ENOSPC);
	must_fail(mkdir("d", 0755), ENOSPC);
	for (i = 0; i < made; i++)
		close(fds[i]);
	must(!mkdir("d", 0755) && !rmdir("d"));
	must(files_become(before));
}

struct entries {
	char *buffer;
	long bytes;
	long at;
	int fd;
};

struct linux_dirent64 {
	unsigned long long d_ino;
	long long d_off;
	unsigned short d_reclen;
	unsigned char d_type;
	char d_name[];
};

static void entries_open(struct entries *e)
{
	e->fd = open(".", O_RDONLY | O_DIRECTORY);
	must(e->fd >= 0);
	e->buffer = malloc(200);
	e->bytes = 0;
	e->at = 0;
}

/* A few entries a call, so that others can step in between. */
static struct linux_dirent64 *entries_next(struct entries *e)
{
	struct linux_dirent64 *entry;

	if (e->at == e->bytes) {
		e->bytes = syscall(SYS_getdents64, e->fd, e->buffer, 200);
		e->at = 0;
		must(e->bytes >= 0);
		if (!e->bytes)
			return NULL;
	}
	entry = (void *)(e->buffer + e->at);
	e->at += entry->d_reclen;
	return entry;
}

static void entries_seek(struct entries *e, off_t where)
{
	must(lseek(e->fd, where, SEEK_SET) == where);
	e->bytes = 0;
	e->at = 0;
}

#define NAMES	1000

static void make_names(void)
{
	char path[16];
	int i;

	for (i = 0; i < NAMES; i++) {
		snprintf(path, sizeof(path), "f%d", i);
		make_file(path, "");
	}
}

/* Which of the names f0... was read; -1 for another one. */
static int number_of(const struct linux_dirent64 *entry)
{
	return entry->d_name[0] == 'f' ? atoi(entry->d_name + 1) : -1;
}

static void test_readdir_unlink(void)
{
	bool seen[NAMES] = { false }, deleted[NAMES] = { false };
	struct linux_dirent64 *entry;
	struct entries e;
	char path[16];
	int i, n, younger = 0;

	make_names();
	entries_open(&e);
	while ((entry = entries_next(&e))) {
		n = number_of(entry);
		if (n < 0)
			continue;
		must(!seen[n]);
		seen[n] = true;
		/* this one, one far away, and a new one */
		for (i = n; i < NAMES; i += 2 * NAMES / 3 + 1) {
			snprintf(path, sizeof(path), "f%d", i);
			deleted[i] |= !unlink(path);
		}
		snprintf(path, sizeof(path), "new%d", younger++);
		make_file(path, "");
		must(younger <= NAMES);
	}
	for (i = 0; i < NAMES; i++)
		must(seen[i] || deleted[i]);
	close(e.fd);
}

/* Each file is seen once, whatever it is called then. */
static void test_readdir_rename(void)
{
	struct linux_dirent64 *entry;
	bool seen[NAMES] = { false };
	int n, ahead, count = 0;
	struct entries e;
	char path[16], moved[16];

	make_names();
	make_file("over", "");
	entries_open(&e);
	while ((entry = entries_next(&e))) {
		if (!strcmp(entry->d_name, "over") || entry->d_name[0] == '.')
			continue;
		n = atoi(entry->d_name + 1);
		must(!seen[n]);
		seen[n] = true;
		count++;

		/* this one, and one that is still to come */
		snprintf(moved, sizeof(moved), "s%d", n);
		must(!rename(entry->d_name, moved));
		if (count % 3 == 0)
			must(!rename(moved, "over"));
		ahead = n + NAMES / 2;
		snprintf(path, sizeof(path), "f%d", ahead);
		snprintf(moved, sizeof(moved), "m%d", ahead);
		must(ahead >= NAMES || !rename(path, moved));
	}
	must(count == NAMES);
	close(e.fd);
}

static void test_seekdir(void)
{
	long long after[NAMES + 2];
	char names[NAMES + 2][16], path[16];
	struct linux_dirent64 *entry;
	struct entries e;
	int i, n = 0;

	make_names();
	entries_open(&e);
	while ((entry = entries_next(&e))) {
		must(n < NAMES + 2);
		after[n] = entry->d_off;
		strcpy(names[n++], entry->d_name);
	}
	must(n == NAMES + 2);
	for (i = n - 2; i >= 0; i--) {
		entries_seek(&e, after[i]);
		entry = entries_next(&e);
		must(entry && !strcmp(entry->d_name, names[i + 1]));
	}
	/* positions stay what they are when entries go */
	for (i = 2; i < n - 1; i += 2)
		must(!unlink(names[i]));
	for (i = 2; i < n - 2; i += 2) {
		entries_seek(&e, after[i - 1]);
		entry = entries_next(&e);
		must(entry && !strcmp(entry->d_name, names[i + 1]));
	}
	/* from the start, what is new is there as well */
	make_file("new", "");
	entries_seek(&e, 0);
	for (n = 0; (entry = entries_next(&e)); n++)
		snprintf(path, sizeof(path), "%s", entry->d_name);
	must(!strcmp(path, "new") && n == 2 + NAMES / 2 + 1);
	must_fail(lseek(e.fd, -1, SEEK_SET), EINVAL);
	close(e.fd);
}

static void test_splice(void)
{
	size_t len = 40 * page;
	char *bytes = malloc(len), *read_back = malloc(len);
	int from = open_new("from"), to = open_new("to"), ends[2];
	loff_t in = 0, out = 0;
	ssize_t moved, done;
	size_t i;

	for (i = 0; i < len; i++)
		bytes[i] = i / 7;
	memset(bytes + 8 * page, 0, 8 * page);
	must(pwrite(from, bytes, 8 * page, 0) == 8 * page);
	must(pwrite(from, bytes + 16 * page, len - 16 * page, 16 * page) ==
	     (ssize_t)len - 16 * page);
	must(!pipe(ends));

	while ((moved = splice(from, &in, ends[1], NULL, 5 * page + 3, 0))) {
		must(moved > 0);
		for (; moved; moved -= done) {
			done = splice(ends[0], NULL, to, &out, moved,
				      SPLICE_F_MOVE);
			must(done > 0);
		}
	}
	must(pread(to, read_back, len, 0) == (ssize_t)len);
	must(!memcmp(bytes, read_back, len));

	must(!ftruncate(to, 0) && !lseek(to, 0, SEEK_SET));
	for (in = 0; (moved = sendfile(to, from, &in, len)); )
		must(moved > 0);
	must(pread(to, read_back, len, 0) == (ssize_t)len);
	must(!memcmp(bytes, read_back, len));
	must(pread(from, read_back, len, 0) == (ssize_t)len);
	must(!memcmp(bytes, read_back, len));
}

static struct timespec now(void)
{
	struct timespec ts;

	/* no two ticks of the kernel's coarse clock are alike */
	usleep(30000);
	clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	return ts;
}

static bool is_since(struct timespec time, struct timespec start)
{
	return time.tv_sec > start.tv_sec ||
	       (time.tv_sec == start.tv_sec && time.tv_nsec >= start.tv_nsec);
}

#define fresh(path, what, start)	is_since(stat_of(path).what, start)

static void test_times(void)
{
	struct timespec start = now();
	char byte, *shared;
	int fd;

	must(!mkdir("d", 0755));
	must(fresh(".", st_mtim, start) && fresh(".", st_ctim, start));
	fd = open_new("d/f");
	must(fresh("d", st_mtim, start) && fresh("d/f", st_ctim, start));

	start = now();
	must(write(fd, "x", 1) == 1);
	must(fresh("d/f", st_mtim, start) && fresh("d/f", st_ctim, start));
	must(!fresh("d", st_mtim, start));
	start = now();
	must(!truncate("d/f", 1) && !fresh("d/f", st_mtim, start));
	must(!truncate("d/f", 7));
	must(fresh("d/f", st_mtim, start) && fresh("d/f", st_ctim, start));
	start = now();
	must(!chmod("d/f", 0600));
	must(!fresh("d/f", st_mtim, start) && fresh("d/f", st_ctim, start));
	start = now();
	must(!link("d/f", "g"));
	must(fresh("g", st_ctim, start) && fresh(".", st_mtim, start));
	start = now();
	must(!unlink("g"));
	must(fresh("d/f", st_ctim, start) && fresh(".", st_mtim, start));
	start = now();
	must(!rename("d/f", "f") && fresh("f", st_ctim, start));
	must(fresh("d", st_mtim, start) && fresh(".", st_mtim, start));
	make_file("d/h", "replaced");
	start = now();
	must(!link("f", "g") && !rename("g", "d/h") && fresh("f", st_ctim, start));
	must(fresh("d", st_ctim, start) && fresh(".", st_mtim, start));
	start = now();
	must(!unlink("d/h") && fresh("d", st_mtim, start) && !fresh(".", st_mtim, start));
	must(!mkdir("d/e", 0755));
	start = now();
	must(!rename2("f", "d/e", RENAME_EXCHANGE) && !rename2("f", "d/e", RENAME_EXCHANGE));
	must(fresh("f", st_ctim, start) && fresh("d/e", st_ctim, start));
	must(fresh("d", st_ctim, start) && fresh(".", st_ctim, start));
	start = now();
	must(!rmdir("d/e") && fresh("d", st_mtim, start) && fresh("d", st_ctim, start));
	start = now();
	must(pread(fd, &byte, 1, 0) == 1 && fresh("f", st_atim, start));
	start = now();
	shared = map(fd, 7, MAP_SHARED);
	shared[0] = 'm';
	must(fresh("f", st_mtim, start));
	close(fd);
}

static void test_attributes(void)
{
	struct timespec times[2] = { { 1000, 123456789 }, { 2000, 987654321 } };
	struct stat st;

	must(!chmod(".", 02775) && !chown(".", 0, 77));
	must(!mkdir("d", 0700) && (stat_of("d").st_mode & 07777) == 02700);
	must(stat_of("d").st_gid == 77);
	make_file("f", "");
	must(stat_of("f").st_gid == 77);
	must(!(stat_of("f").st_mode & S_ISGID));

	must(!utimensat(AT_FDCWD, "f", times, 0));
	st = stat_of("f");
	must(st.st_atim.tv_sec == 1000 && st.st_atim.tv_nsec == 123456789);
	must(st.st_mtim.tv_sec == 2000 && st.st_mtim.tv_nsec == 987654321);

	must(!chmod("f", 06777) && !chown("f", 5, 6));
	st = stat_of("f");
	must(st.st_uid == 5 && st.st_gid == 6);
	must((st.st_mode & 07777) == 0777);

	must(!mkfifo("p", 0600) && S_ISFIFO(stat_of("p").st_mode));
	must(!mknod("c", S_IFCHR | 0600, makedev(1, 5)));
	must(S_ISCHR(stat_of("c").st_mode));
	must(stat_of("c").st_rdev == makedev(1, 5));
}

static void test_sync(void)
{
	int fd = open_new("f"), dir = open(".", O_RDONLY);

	must(write(fd, "x", 1) == 1);
	must(!fsync(fd) && !fdatasync(fd) && !fsync(dir) && !syncfs(dir));
	close(fd);
	close(dir);
}

static void test_deep(void)
{
	int i;

	for (i = 0; i < 4000; i++)
		must(!mkdir("d", 0755) && !chdir("d"));
	make_file("bottom", "bottom");
	must(!chdir("/"));
}

/*
 * Random reads, writes, truncations and mappings of a file, beside a plain
 * array that does the same.
 */
#define MODEL_SIZE	(64 * 1024)

static char model[MODEL_SIZE], scratch[MODEL_SIZE];
static size_t model_end;

static void model_write(int fd, size_t at, size_t len, bool mapped)
{
	size_t end = at + len > model_end ? at + len : model_end;
	char *shared;
	size_t i;

	for (i = 0; i < len; i++)
		scratch[i] = rand();
	if (mapped) {
		must(!ftruncate(fd, end));
		shared = map(fd, MODEL_SIZE, MAP_SHARED);
		memcpy(shared + at, scratch, len);
		must(!munmap(shared, MODEL_SIZE));
	} else {
		must(pwrite(fd, scratch, len, at) == (ssize_t)len);
	}
	memcpy(model + at, scratch, len);
	model_end = end;
}

static void model_truncate(int fd, size_t end)
{
	must(!ftruncate(fd, end));
	if (end < model_end)
		memset(model + end, 0, model_end - end);
	model_end = end;
}

static void model_read(int fd, size_t at, size_t len, bool mapped)
{
	char *shared;

	if (at >= model_end)
		len = 0;
	else if (at + len > model_end)
		len = model_end - at;
	if (mapped) {
		shared = map(fd, MODEL_SIZE, MAP_SHARED);
		must(!memcmp(shared + at, model + at, len));
		must(!munmap(shared, MODEL_SIZE));
	} else {
		must(pread(fd, scratch, len, at) == (ssize_t)len);
		must(!memcmp(scratch, model + at, len));
	}
}

/* As many as a fast machine does in some seconds; a slow one has 10. */
static void test_model(void)
{
	unsigned int seed = time(NULL), ops;
	int fd = open_new("file");
	size_t at, len;

	printf("# seed %u\n", seed);
	srand(seed);
	for (ops = 0; ops < 20000 && time(NULL) < (time_t)seed + 10; ops++) {
		at = rand() % MODEL_SIZE;
		len = 1 + rand() % (MODEL_SIZE - at);
		if (rand() % 4)
			len = 1 + len % 5000;
		if (at + len > MODEL_SIZE)
			len = MODEL_SIZE - at;
		switch (rand() % 8) {
		case 0 ... 1:
			model_write(fd, at, len, false);
			break;
		case 2:
			model_write(fd, at, len, true);
			break;
		case 3:
			model_truncate(fd, at);
			break;
		case 4 ... 6:
			model_read(fd, at, len, false);
			break;
		default:
			model_read(fd, at, len, true);
		}
	}
	printf("# %u operations\n", ops);
	model_read(fd, 0, MODEL_SIZE, false);
	close(fd);
}

/* Several at once in a few directories; then what is there must add up. */
#define WORKERS		4
#define WORK_DIRS	4

static void random_path(char *path, size_t size)
{
	snprintf(path, size, "d%d/n%d", rand() % WORK_DIRS, rand() % 20);
}

static void work(unsigned int seed)
{
	char a[32], b[32], byte;
	int i, fd;

	srand(seed);
	for (i = 0; i < 5000; i++) {
		random_path(a, sizeof(a));
		random_path(b, sizeof(b));
		switch (rand() % 10) {
		case 0 ... 1:
			fd = open(a, O_CREAT | O_RDWR, 0644);
			if (fd < 0)
				break;
			byte = i;
			must(pwrite(fd, &byte, 1, rand() % 20000) == 1);
			close(fd);
			break;
		case 2:
			mkdir(a, 0755);
			break;
		case 3:
			unlink(a);
			break;
		case 4:
			rmdir(a);
			break;
		case 5:
			link(a, b);
			break;
		case 6:
			symlink(b, a);
			break;
		case 7:
			rename(a, b);
			break;
		case 8:
			rename2(a, b, RENAME_EXCHANGE);
			break;
		default:
			truncate(a, rand() % 20000);
		}
	}
	exit(0);
}

static unsigned long count_dir(const char *path)
{
	unsigned long below = 0, dirs = 0, links = stat_of(path).st_nlink;
	DIR *stream = opendir(path);
	struct dirent *entry;
	char child[512];

	must(stream);
	while ((entry = readdir(stream))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		must(stat_of(child).st_ino == entry->d_ino);
		if (entry->d_type == DT_DIR) {
			dirs++;
			below += count_dir(child);
		}
	}
	closedir(stream);
	must(links == dirs + 2);
	return below + dirs;
}

static void delete_dir(const char *path)
{
	DIR *stream = opendir(path);
	struct dirent *entry;
	char child[512];

	must(stream);
	while ((entry = readdir(stream))) {
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		snprintf(child, sizeof(child), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR)
			delete_dir(child);
		else
			must(!unlink(child));
	}
	closedir(stream);
	must(!rmdir(path));
}

static void test_workers(void)
{
	unsigned int seed = time(NULL);
	unsigned long before = files_used();
	int i, status;
	char path[16];

	printf("# seed %u, %d workers\n", seed, WORKERS);
	for (i = 0; i < WORK_DIRS; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		must(!mkdir(path, 0755));
	}
	fflush(stdout);
	for (i = 0; i < WORKERS; i++) {
		if (!fork())
			work(seed + i);
	}
	for (i = 0; i < WORKERS; i++)
		must(wait(&status) > 0 && status == 0);

	forget_names();
	must(count_dir(".") >= WORK_DIRS);
	for (i = 0; i < WORK_DIRS; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		delete_dir(path);
	}
	must(pages_used() == 0);
	must(files_become(before));
}

/*
 * Faults, writes and truncations of one file at once: the charges add up.
 * A slow machine does as many as it can until @end.
 */
static void fault_around(int fd, unsigned int seed, time_t end)
{
	char *shared = map(fd, 64 * page, MAP_SHARED);
	int i;

	srand(seed);
	for (i = 0; i < 20000 && time(NULL) < end; i++)
		raises_bus(shared + rand() % (64 * page), rand() % 2);
	exit(0);
}

static void cut_around(int fd, unsigned int seed, time_t end)
{
	char byte = 'c';
	int i;

	srand(seed);
	for (i = 0; i < 5000 && time(NULL) < end; i++) {
		must(!ftruncate(fd, rand() % (64 * page)));
		must(pwrite(fd, &byte, 1, rand() % (64 * page)) == 1);
	}
	exit(0);
}

static void test_race(void)
{
	unsigned int seed = time(NULL);
	int fd = open_new("file"), i, status;
	struct stat st;

	for (i = 0; i < 2; i++) {
		if (!fork())
			fault_around(fd, seed + i, (time_t)seed + 10);
		if (!fork())
			cut_around(fd, seed + i, (time_t)seed + 10);
	}
	for (i = 0; i < 4; i++)
		must(wait(&status) > 0 && status == 0);

	must(!fstat(fd, &st));
	must(st.st_blocks * 512 == (blkcnt_t)pages_used() * page);
	must(st.st_blocks * 512 <= (st.st_size + page - 1) / page * page);
	must(!ftruncate(fd, 0) && pages_used() == 0);
	close(fd);
}

/* Open all the time: opening it could be what fails. */
static int nth = -1;

static bool fail_nth(int n)
{
	char text[16];

	if (nth < 0)
		nth = open("/proc/self/fail-nth", O_RDWR);
	snprintf(text, sizeof(text), "%d", n);
	return pwrite(nth, text, strlen(text), 0) > 0;
}

/* Whether the failure asked for is still to come; or hits the asking. */
static bool failure_left(void)
{
	char text[16] = "";

	return pread(nth, text, sizeof(text) - 1, 0) <= 0 || atoi(text) > 0;
}

static int make_long_symlink(void)
{
	char target[1000];

	memset(target, 't', sizeof(target) - 1);
	target[sizeof(target) - 1] = '\0';
	return symlink(target, "new");
}

static char long_name[201];

static int make_long_name(void)
{
	return rename("file", long_name);
}

static int make_data(void)
{
	int fd = open("new", O_CREAT | O_RDWR, 0644), ret;

	if (fd < 0)
		return -1;
	ret = pwrite(fd, "x", 1, page) == 1 ? 0 : -1;
	close(fd);
	return ret;
}

static int make_tmpfile(void)
{
	int fd = open(".", O_TMPFILE | O_RDWR, 0644);

	return fd < 0 ? -1 : close(fd);
}

static int make_dir(void)	{ return mkdir("new", 0755); }
static int make_link(void)	{ return link("file", "new"); }
static int make_fifo(void)	{ return mkfifo("new", 0644); }

/* Every operation fails at each allocation in turn, and all adds up. */
static void fails_cleanly(int (*operation)(void))
{
	bool left = false;
	int n;

	for (n = 1; !left; n++) {
		must(n < 1000 && fail_nth(n));
		left = !operation() && failure_left();
		fail_nth(0);
		if (unlink("new") && rmdir("new"))
			rename(long_name, "file");
		must(!exists("new") && holds("file", "f"));
		must(stat_of("file").st_nlink == 1);
		must(stat_of(".").st_nlink == 2 && pages_used() == 1);
	}
	must(n > 2);
}

static void test_operations_fail(void)
{
	static int (*const operations[])(void) = {
		make_long_symlink, make_long_name, make_data, make_tmpfile,
		make_dir, make_link, make_fifo,
	};
	unsigned long before;
	size_t i;

	memset(long_name, 'n', sizeof(long_name) - 1);
	make_file("file", "f");
	before = files_used();
	for (i = 0; i < array_size(operations); i++)
		fails_cleanly(operations[i]);
	must(files_become(before));
}

/* Mounting fails at each allocation in turn, and leaves nothing. */
static void test_mount_fails(void)
{
	int n, failures = 0;
	bool left = false;

	must(!mkdir("at", 0755));
	for (n = 1; !left; n++) {
		must(n < 10000 && fail_nth(n));
		if (!mount("none", "at", "kmobjfs", 0, "size=1m")) {
			left = failure_left();
			fail_nth(0);
			must(!umount("at"));
		} else {
			must(errno == ENOMEM || errno == EFAULT);
			fail_nth(0);
			failures++;
		}
	}
	printf("# %d of %d failures failed the mount\n", failures, n - 1);
	must(failures > 5);
}

/*
 * Most of many files are deleted, and kmobj moves what is left of them, while others
 * look at these, give them other names, and make and delete more.
 */
#define MOVE_FILES	4000
#define MOVE_FILES_64K	16000	/* pages of 64 KiB, and so large are the slabs */
#define MOVE_DIRS	8
#define MOVE_KEEP	10	/* one in so many stays */

/* In the first half of the directories names change, in the other they are counted. */
#define MOVE_RENAMED	(MOVE_DIRS / 2)

static bool move_keeps[MOVE_FILES_64K];
static int move_files;

static const char *move_path(int i)
{
	static char path[32];

	snprintf(path, sizeof(path), "d%d/%c%d", i % MOVE_DIRS, move_keeps[i] ? 'k' : 'o', i);
	return path;
}

/* Some are symlinks, with the target in the node or beside it. */
static const char *move_target(int i)
{
	static char target[64];

	snprintf(target, sizeof(target), "%d%s", i, i % 2 ? "" : "/a target that is not short");
	return target;
}

static bool is_symlink(int i)
{
	return i % 500 < 2;
}

static void move_make(int i)
{
	char other[64];

	if (is_symlink(i)) {
		must(!symlink(move_target(i), move_path(i)));
		return;
	}
	make_file(move_path(i), move_keeps[i] ? move_path(i) : "");
	if (i % 50 != 2)
		return;
	snprintf(other, sizeof(other), "d%d/other name of %d, which is long", i % MOVE_DIRS, i);
	must(!link(move_path(i), other));
}

static void move_check(int i)
{
	char target[64] = "";

	if (!is_symlink(i)) {
		must(holds(move_path(i), move_path(i)));
		return;
	}
	must(readlink(move_path(i), target, sizeof(target) - 1) > 0);
	must(!strcmp(target, move_target(i)));
}

static int move_some(int half)
{
	int i;

	do {
		i = rand() % move_files;
	} while (!move_keeps[i] || i % MOVE_DIRS / MOVE_RENAMED != half);
	return i;
}

/* To another directory, there to another name, and back; others come and go. */
static void move_rename(void)
{
	char away[32], other[32];
	int i = move_some(0);

	snprintf(away, sizeof(away), "d%d/away", rand() % MOVE_RENAMED);
	snprintf(other, sizeof(other), "d%d/other", rand() % MOVE_RENAMED);
	must(!rename(move_path(i), away));
	make_file(other, "new");
	must(!rename2(away, other, RENAME_EXCHANGE));
	must(holds(away, "new") && !unlink(away));
	must(!rename(other, move_path(i)));
	move_check(i);
}

static void move_count(void)
{
	int i = move_some(1), want = 0, got = 0, n;
	struct dirent *entry;
	char path[16];
	DIR *stream;

	for (n = i % MOVE_DIRS; n < move_files; n += MOVE_DIRS)
		want += move_keeps[n];
	snprintf(path, sizeof(path), "d%d", i % MOVE_DIRS);
	stream = opendir(path);
	must(stream);
	while ((entry = readdir(stream)))
		got += entry->d_name[0] == 'k';
	closedir(stream);
	must(got == want);
	move_check(i);
}

static pid_t move_start(void (*step)(void), unsigned int seed, volatile bool *end)
{
	pid_t child;

	fflush(stdout);
	child = fork();
	must(child >= 0);
	if (child)
		return child;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srand(seed);
	while (!*end)
		step();
	exit(0);
}

/* A file of the directory that kmobj has for a zone of this mount. */
static FILE *zone_file(const char *zone, const char *file)
{
	struct stat st = stat_of(".");
	char path[128];
	FILE *stream;

	snprintf(path, sizeof(path), "/sys/kernel/debug/kmobj/zones/kmobjfs:%u:%u:%s/%s",
		 major(st.st_dev), minor(st.st_dev), zone, file);
	stream = fopen(path, "r");
	must(stream);
	return stream;
}

static unsigned long zone_stat(const char *zone, const char *name)
{
	FILE *stats = zone_file(zone, "stats");
	unsigned long value;
	char key[64];

	while (fscanf(stats, "%63s %lu%*[^\n]", key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(stats);
			return value;
		}
	}
	must(!"the zone has this statistic");
	return 0;
}

static bool zone_is_sound(const char *zone)
{
	FILE *verify = zone_file(zone, "verify");
	char verdict[3] = "";

	must(fgets(verdict, sizeof(verdict), verify));
	fclose(verify);
	return !strcmp(verdict, "ok");
}

/* Until an eighth of those that stay was moved. */
static void await_moves(const char *zone)
{
	unsigned long want = move_files / MOVE_KEEP / 8;
	int tries;

	for (tries = 0; zone_stat(zone, "moved") < want; tries++) {
		must(tries < 6000);
		usleep(10000);
	}
}

/* Those that do not stay are deleted, and the rest is moved. */
static void move_delete(void)
{
	int i;

	for (i = 0; i < move_files; i++)
		must(move_keeps[i] || !unlink(move_path(i)));
	await_moves("dirent");
	await_moves("node");
}

static void move_check_all(void)
{
	int i;

	must(zone_is_sound("dirent") && zone_is_sound("node") && zone_is_sound("inode"));
	forget_names();
	for (i = 0; i < move_files; i++) {
		if (move_keeps[i])
			move_check(i);
		else
			must(!exists(move_path(i)));
	}
	must(count_dir(".") == MOVE_DIRS);
}

static void test_move(void)
{
	volatile bool *end = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int seed = time(NULL);
	unsigned long before = files_used();
	char path[16];
	int i, status;

	must(end != MAP_FAILED);
	printf("# seed %u\n", seed);
	srand(seed);
	move_files = page < 65536 ? MOVE_FILES : MOVE_FILES_64K;
	for (i = 0; i < MOVE_DIRS; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		must(!mkdir(path, 0755));
	}
	for (i = 0; i < move_files; i++) {
		move_keeps[i] = i < MOVE_DIRS || rand() % MOVE_KEEP == 0;
		move_make(i);
	}
	move_start(move_rename, seed + 1, end);
	move_start(move_count, seed + 2, end);
	move_delete();
	*end = true;
	for (i = 0; i < 2; i++)
		must(wait(&status) > 0 && status == 0);
	printf("# moved: %lu dirents, %lu nodes\n", zone_stat("dirent", "moved"),
	       zone_stat("node", "moved"));
	move_check_all();
	for (i = 0; i < MOVE_DIRS; i++) {
		snprintf(path, sizeof(path), "d%d", i);
		delete_dir(path);
	}
	must(pages_used() == 0);
	must(files_become(before));
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = {
	{ "tmpfile", test_tmpfile },
	{ "exchange", test_exchange },
	{ "noreplace", test_noreplace },
	{ "rename", test_rename },
	{ "names", test_names },
	{ "symlinks", test_symlinks },
	{ "links", test_links },
	{ "unlinked", test_unlinked },
	{ "deleted_cwd", test_deleted_cwd },
	{ "mmap", test_mmap },
	{ "tail", test_tail },
	{ "holes", test_holes },
	{ "cut_short", test_cut_short },
	{ "full_write", test_full_write },
	{ "full_mmap", test_full_mmap },
	{ "full_files", test_full_files },
	{ "full_tmpfiles", test_full_tmpfiles },
	{ "readdir_unlink", test_readdir_unlink },
	{ "readdir_rename", test_readdir_rename },
	{ "seekdir", test_seekdir },
	{ "splice", test_splice },
	{ "times", test_times },
	{ "attributes", test_attributes },
	{ "sync", test_sync },
	{ "deep", test_deep },
	{ "model", test_model },
	{ "workers", test_workers },
	{ "race", test_race },
	{ "move", test_move },
	{ "operations_fail", test_operations_fail },
	{ "mount_fails", test_mount_fails },
};

int main(int argc, char **argv)
{
	size_t i;

	page = sysconf(_SC_PAGESIZE);
	umask(0);
	for (i = 0; argc == 2 && i < array_size(cases); i++) {
		if (!strcmp(cases[i].name, argv[1])) {
			cases[i].run();
			return 0;
		}
	}
	fprintf(stderr, "usage: %s CASE\n", argv[0]);
	return 2;
}
