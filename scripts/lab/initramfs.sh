#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# initramfs.sh PAYLOAD SCRIPT OUT BUSYBOX: busybox, init, and as /lab the files
# of the folder PAYLOAD and SCRIPT as `run`.

. "$(dirname "$0")/lib.sh"

payload=$1 script=$2 out=$3 busybox=$4
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

mkdir -p "$root"/{bin,lab}
cp -L "$busybox" "$root/bin/busybox"
ln -s busybox "$root/bin/sh"
install -m 755 "$lab/init" "$root/init"
cp -rL "$payload/." "$root/lab/"
cp "$script" "$root/lab/run"
(cd "$root" && find . | cpio -o -H newc --quiet -R 0:0) >"$out"
