#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# layers.sh ROOT [BUILD]: the order of the folders of module/.
#
#   include < kernel < slab < debug < core < zone < main.c
#
# A file includes headers of its own folder and of those to its left. The clients,
# samples/, tests/ and kmem_cache/, include those of include/ and their own. With
# BUILD, a folder where ROOT was compiled: no file of kmobj.ko calls, over however many
# others, one that calls it. Prints each mistake; fails if there is one.

set -euo pipefail
shopt -s nullglob
root=$1 build=${2:-}
order=(include kernel slab debug core zone)
bad=0

wrong() { echo "$*"; bad=1; }

# rank FOLDER: its place in the order; main.c, which is in none, is the last.
rank()
{
	local i
	for i in "${!order[@]}"; do
		[[ ${order[i]} != "$1" ]] || { echo "$i"; return; }
	done
	echo "${#order[@]}"
}

# included FILE: what it includes of this tree, as it says it.
included() { sed -nE 's/^#[[:space:]]*include "([^"]+)".*/\1/p' "$1"; }

layers()
{
	local file header from to
	for file in "$root"/module/*.c "$root"/module/{kernel,slab,debug,core,zone}/*.[ch]; do
		[[ $file != *.mod.c ]] || continue
		from=$(basename "$(dirname "$file")")
		while read -r header; do
			to=${header%/*}
			[[ $to != "$header" ]] || to=$from
			(($(rank "$to") <= $(rank "$from"))) ||
				wrong "${file#"$root"/}: includes $header, which stands to its right"
		done < <(included "$file")
	done
}

# A path is in the client's own folder, or in include/ by whatever way.
clients()
{
	local file header
	while read -r file; do
		while read -r header; do
			[[ -e $(dirname "$file")/${header##*/} && $header != */* ]] ||
				[[ $header =~ ^(\.\./)*include/[a-z_]+\.h$ || -e $root/module/include/$header ]] ||
				wrong "${file#"$root"/}: includes $header, which is no client's"
		done < <(included "$file")
	done < <(find "$root"/module/{samples,tests,kmem_cache} -name '*.[ch]' ! -name '*.mod.c' | sort)
}

# FILE SYMBOL for each that is defined, and each that is called.
symbols()
{
	local object name
	for object in "$build"/module/main.o "$build"/module/{kernel,slab,debug,core,zone}/*.o; do
		[[ -e $object && $object != *.mod.o ]] || continue
		name=${object#"$build"/module/}
		nm -P "$object" | awk -v name="${name%.o}" -v want="$1" '
			want == "defined" ? $2 ~ /^[A-TV-Z]$/ : $2 == "U" { print $1, name }'
	done | sort
}

# tsort says which files are in a circle.
circles()
{
	join -o 1.2,2.2 <(symbols called) <(symbols defined) | sort -u | awk '$1 != $2' |
		tsort 2>&1 >/dev/null | sed -n 's/^tsort: //p' | grep -v '^-: ' | sort -u
}

layers
clients
if [[ $build ]]; then
	while read -r file; do
		wrong "module/$file.c: in a circle of files that call each other"
	done < <(circles)
fi
exit $bad
