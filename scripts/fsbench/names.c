// SPDX-License-Identifier: GPL-2.0
/*
 * names: what the operations on names and inodes take, each done once to each of
 * FILES files of the working directory; in ns an operation, as OPERATION,NS lines.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define FILES	1000
#define LISTS	20

static char name[FILES][32], other[FILES][32];

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void must(long result, const char *what, int i)
{
	if (result >= 0)
		return;
	fprintf(stderr, "names: %s of %s: %s\n", what, name[i], strerror(errno));
	exit(1);
}

static int create(int i)
{
	int fd = open(name[i], O_CREAT | O_EXCL | O_WRONLY, 0644);

	return fd < 0 ? fd : close(fd);
}

static int open_old(int i)
{
	int fd = open(name[i], O_RDONLY);

	return fd < 0 ? fd : close(fd);
}

static int create_unlink(int i)
{
	return create(i) ?: unlink(name[i]);
}

static int stat_old(int i)
{
	struct stat st;

	return stat(name[i], &st);
}

static int stat_none(int i)
{
	struct stat st;

	return stat(other[i], &st) && errno == ENOENT ? 0 : -1;
}

static int read_link(int i)
{
	char target[64];

	return readlink(name[i], target, sizeof(target));
}

static int change_mode(int i)	{ return chmod(name[i], 0600); }
static int change_time(int i)	{ return utimensat(AT_FDCWD, name[i], NULL, 0); }
static int may_read(int i)	{ return access(name[i], R_OK); }
static int move(int i)		{ return rename(name[i], other[i]); }
static int link_again(int i)	{ return link(other[i], name[i]); }
static int unlink_one(int i)	{ return unlink(name[i]); }
static int unlink_last(int i)	{ return unlink(other[i]); }
static int make_symlink(int i)	{ return symlink("somewhere else", name[i]); }
static int make_dir(int i)	{ return mkdir(name[i], 0755); }
static int remove_dir(int i)	{ return rmdir(name[i]); }

static void each(const char *what, int (*operation)(int i))
{
	long start = now();
	int i;

	for (i = 0; i < FILES; i++)
		must(operation(i), what, i);
	printf("%s,%ld\n", what, (now() - start) / FILES);
}

/* For each entry. */
static void list(void)
{
	static char entries[32768];
	int fd = open(".", O_RDONLY | O_DIRECTORY), i;
	long start = now(), got;

	must(fd, "open", 0);
	for (i = 0; i < LISTS; i++) {
		must(lseek(fd, 0, SEEK_SET), "lseek", 0);
		do {
			got = syscall(SYS_getdents64, fd, entries, sizeof(entries));
			must(got, "getdents", 0);
		} while (got);
	}
	printf("getdents,%ld\n", (now() - start) / LISTS / FILES);
	close(fd);
}

int main(void)
{
	int i;

	for (i = 0; i < FILES; i++) {
		sprintf(name[i], "file number %05d", i * 7919 % FILES);
		sprintf(other[i], "another name %05d", i * 7919 % FILES);
	}
	each("create", create);
	each("stat", stat_old);
	each("stat of nothing", stat_none);
	each("open", open_old);
	each("chmod", change_mode);
	each("utime", change_time);
	each("access", may_read);
	list();
	each("rename", move);
	each("link", link_again);
	each("unlink of two", unlink_one);
	each("unlink", unlink_last);
	each("symlink", make_symlink);
	each("readlink", read_link);
	each("unlink of symlink", unlink_one);
	each("mkdir", make_dir);
	each("rmdir", remove_dir);
	each("create and unlink", create_unlink);
	return 0;
}
