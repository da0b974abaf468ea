#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# fsbench.sh [LAB]: kmobjfs beside tmpfs in a virtual machine, the same work on
# both by turns: each operation on names and inodes; a tree unpacked, every file
# looked at, half of them deleted at random; fio (not in uml: it wants SysV shared
# memory); stress-ng's stressors of names, inodes and data; and the memory that a
# file costs.  In uml at native speed; elsewhere an instruction is a nanosecond.
# Prints the median of each; leaves build/fsbench/LAB/{csv,table}.
# Environment: FSBENCH_TREE (/usr/include), FSBENCH_ROUNDS (5, or
#   1), FSBENCH_SECONDS (1: of each stressor and of fio), FSBENCH_FILES (50000: for
#   memory), and boot.sh's.

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"

name=${1:-uml}
lab_define "$name"
if [[ $lab_machine = uml ]]; then
	rounds=5
else
	rounds=1
	export LAB_CPUS=1 LAB_ACCEL=tcg LAB_QEMU='-icount shift=0,sleep=off'
fi
tree=${FSBENCH_TREE:-/usr/include}
rounds=${FSBENCH_ROUNDS:-$rounds}
seconds=${FSBENCH_SECONDS:-1}
folder=$top/build/fsbench/$name
payload=$folder/payload
stressors='access chmod dentry dir filename fstat getdent hdd link rename seek symlink touch utime'

pack()
{
	cd "$tree" || return
	find . \( -type d -o -type f -o -type l \) -readable -print0 | sort -z >"$folder/names"
	tar --null --no-recursion -cf "$payload/tree.tar" -T "$folder/names"
	find . -type f -readable | awk 'BEGIN { srand(1) } rand() < 0.5' >"$payload/half"
	cd "$top" || return
}

# Medians, side by side; what is a time or a size is better if it is less.
table()
{
	sort -t , -k 1,3 -k 5,5n "$folder/csv" | awk -F , '
		{ key = $1 FS $2; n[key FS $3]++; value[key, $3, n[key FS $3]] = $5; unit[$1 FS $2] = $4 }
		function median(key, fs, count) { count = n[key FS fs]; return value[key, fs, int((count + 1) / 2)] }
		END {
			printf "%-22s %-8s %12s %12s  %s\n", "", "", "kmobjfs", "tmpfs", "times better"
			for (key in unit) {
				ours = median(key, "kmobjfs")
				theirs = median(key, "tmpfs")
				better = unit[key] == "ops/s" || unit[key] == "MB/s" ? ours / theirs : theirs / ours
				split(key, part, FS)
				printf "%s %-22s %-8s %12.2f %12.2f  %.2f%s\n", part[1], part[2], unit[key], ours, theirs, better, better < 1 ? " LOSS" : "" | "sort -s -n -k 1,1 | cut -d \" \" -f 2-"
			}
		}'
}

rm -rf "$folder"
mkdir -p "$payload"
"$lab/tools.sh" fio stress-ng
modules=$(BUILD_IN=$folder/modules "$lab/build.sh" "$name" CONFIG_KUNIT= 2>"$folder/log") || { tail -n 30 "$folder/log" >&2; exit 1; }
cp "$modules"/module/kmobj.ko "$modules"/module/samples/kmobjfs/kmobjfs.ko "$payload/"
guest_tool "$payload" fio
guest_tool "$payload" stress-ng
"$lab_cc" -O2 -Wall -Wextra -Werror -static -o "$payload/names" "$top/scripts/fsbench/names.c"
pack
printf 'rounds=%d seconds=%d files=%d stressors="%s"\n' "$rounds" "$seconds" "${FSBENCH_FILES:-50000}" \
	"$stressors" >"$payload/settings"
limit=$((300 + rounds * (60 + seconds * 300)))
LAB_MEM=${LAB_MEM:-4G} "$lab/boot.sh" -v -l "$folder/console" -t "$limit" "$name" "$payload" "$top/scripts/fsbench/guest" |
	tee /dev/stderr | grep '^[0-9]*,' >"$folder/csv"
table | tee "$folder/table"
