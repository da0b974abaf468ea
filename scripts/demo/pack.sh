#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# pack.sh TREE FOLDER: what the guest is to unpack and compare it with: tree.tar,
# tree.sums and tree.links.  What names or types a busybox tar cannot carry has no
# place in the comparison.

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"

folder=$2
cd "$1"
find . \( -type d -o -type f -o -type l \) -readable -print0 | sort -z |
	tar --null --no-recursion -cf "$folder/tree.tar" -T -
find . -type f -readable -print0 | sort -z | xargs -0 sha256sum >"$folder/tree.sums"
find . -type l -printf '%p %l\n' | sort >"$folder/tree.links"
say "    $(wc -l <"$folder/tree.sums") files of $1"
