#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# load.sh load|unload: kmobj.ko, kmobj_kmem_cache.ko and the samples, as they were compiled last, into
# the running kernel, or out of it, by root or sudo.
# load.sh check: could they be loaded? If not, one line says why.

modules='kmobj kmem_cache/kmobj_kmem_cache samples/kmobjfs/kmobjfs samples/namecache/kmobj_namecache'
PATH=$PATH:/usr/sbin:/sbin
cd "$(dirname "$0")/../.." || exit

die() { echo "$*" >&2; exit 1; }
is_loaded() { grep -q "^$1 " /proc/modules; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

[ "$(id -u)" = 0 ] || command -v sudo >/dev/null || die "only root has modules loaded, and there is no sudo: do the same as root"
[ -e /proc/modules ] || die "this kernel has no modules"

case $1 in
check) ! is_loaded kmobj || die "kmobj is loaded: first make unload" ;;
load)
	for module in $modules; do
		as_root insmod "module/$module.ko" || exit
	done
	;;
unload)
	is_loaded kmobj || die "kmobj is not loaded"
	for module in kmobj_namecache kmobjfs kmobj_kmem_cache kmobj; do
		! is_loaded $module || as_root rmmod $module || exit
	done
	;;
esac
