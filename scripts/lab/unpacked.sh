#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# unpacked.sh PACKAGE...: unpack packages of the machine's release in the cache and
# print the folder.  Nothing is installed: no daemon of theirs is started.

. "$(dirname "$0")/lib.sh"
. "$lab/apt.sh"

unpack()
{
	[[ ! -e $folder/.ready ]] || return 0
	apt_unpack "$folder" "$@"
	touch "$folder/.ready"
}

(($#)) || die "usage: unpacked.sh PACKAGE..."
with_lock apt apt_update
version=$(apt_version "$1")
[[ $version ]] || die "no package $1 to be had"
folder=$cache/src/$1-$version
with_lock "unpacked-$1" unpack "$@"
touch -c "$folder/.ready"
echo "$folder"
