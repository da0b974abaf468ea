#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# ready.sh KDIR: can modules be compiled here for the kernel of KDIR? If not, one line says why.
# Objects of another kernel would be taken for up to date: they go.

die() { echo "$*" >&2; exit 1; }

kdir=$1
# What the kernel's makefiles cannot cope with.
for path in "$PWD" "$kdir" "${DESTDIR:-}" "${INSTALL_MOD_PATH:-}"; do
	[[ $path != *[[:space:]:%]* ]] || die "a path with a blank, ':' or '%' in it: '$path': use another one"
done
[[ -e $kdir/Makefile ]] || die "no kernel headers in $kdir: apt install linux-headers-$(uname -r), or make KDIR=..."
[[ -w . ]] || die "nothing can be written in $PWD: copy the sources to a folder of your own"
(($(df -m --output=avail . | tail -n 1) >= 100)) || die "less than 100 MB are free in $PWD: make room there"

kernel=$(realpath "$kdir")
[[ $(cat .kernel 2>/dev/null) != "$kernel" ]] || exit 0
# Its own make, not one of those that `make -j` counts.
env -u MAKEFLAGS -u MAKELEVEL make -s clean-objects
echo "$kernel" >.kernel
