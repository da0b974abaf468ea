#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# test.sh [LAB]: what port.sh makes of modules of each kind, planted as the source of a kernel
# would have them, and what it says of those that it cannot port. The last line is
# `N passed, N failed`.

. "$(dirname "$0")/../lab/lib.sh"
. "$top/scripts/test/count.sh"

tested=${1:-debian}
work=$top/build/port-test
rm -rf "$work"
mkdir -p "$work"/source/{include/trace/events,fs/xfs,fs/beside,net/bridge}
cd "$work/source"

# The options are such as the lab's kernel has: NET is built in, others are modules.
cat >fs/xfs/Makefile <<'END'
obj-$(CONFIG_NET) += planted_core.o
ccflags-y += -I $(srctree)/$(src)/sub
ccflags-y := $(ccflags-y) -I $(srctree)/net
obj-$(CONFIG_XFS_FS) += \
	planted_paths.o
obj-$(CONFIG_BRIDGE) += planted_giver.o
obj-$(CONFIG_BTRFS_FS) += planted_taker.o
obj-$(CONFIG_NFSD) += planted-lru.o
obj-$(CONFIG_CIFS) += planted_wrong.o
planted_paths-y := one.o ../beside/other.o
END
mkdir fs/xfs/sub
echo 'int other(void);' >fs/beside/beside.h
echo '#define FROM_SUB 8' >fs/xfs/sub/from_sub.h
echo '#define FROM_NET 8' >net/from_net.h
printf '%s\n' '#include <linux/netdevice.h>' '#define BESIDE_A_TRACEPOINT' \
	'struct net_bridge; struct net_bridge_fdb_entry; struct net_bridge_port;' >net/bridge/br_private.h

# module NAME LINE...: a source that creates a cache, and does what the lines say.
module()
{
	printf '%s\n' '#include <linux/module.h>' '#include <linux/slab.h>' "${@:2}" \
		'static struct kmem_cache *cache;' \
		'static int __init start(void) { cache = kmem_cache_create("planted", SIZE, 0, 0, NULL); return USE; }' \
		'static void __exit stop(void) { kmem_cache_destroy(cache); }' \
		'module_init(start); module_exit(stop); MODULE_LICENSE("GPL");' >"fs/xfs/$1.c"
}

module one '#include <from_sub.h>' '#include <from_net.h>' '#include "../beside/beside.h"' \
	'#include <trace/events/bridge.h>' \
	'#ifndef BESIDE_A_TRACEPOINT' '#error' '#endif' '#define SIZE (FROM_SUB + FROM_NET)' '#define USE other()'
echo 'int other(void); int other(void) { return 0; }' >fs/beside/other.c
module planted_giver '#define SIZE 8' '#define USE 0' 'int planted_gives(void);' \
	'int planted_gives(void) { return 0; } EXPORT_SYMBOL_GPL(planted_gives);'
module planted_taker '#define SIZE 8' 'int planted_gives(void);' '#define USE planted_gives()'
module planted-lru '#include <linux/lru_cache.h>' '#define SIZE 8' \
	'#define USE lc_create("planted", cache, 1, 2, 8, 0) == NULL'
module planted_wrong '#define SIZE planted' '#define USE 0'
cd "$top"

port() { PORT_SOURCE=$work/source PORT_IN=$work/built "$top/scripts/port/port.sh" -l "$tested" "$@"; }

# ported NAME ARGUMENT...: untouched, and against kmobj: only the latter calls it.
ported()
{
	local file=fs/xfs/$1.ko kind
	port "${@:2}" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
	for kind in slub kmobj; do nm -u "$work/built/$kind/$file" >"$work/$kind"; done
	grep -q kmobj_kmem_cache_create "$work/kmobj" && grep -qw kmem_cache_create "$work/slub"
}

# refused WORDS ARGUMENT...: the last line says so.
refused()
{
	local words=$1
	if port "${@:2}" >"$work/said" 2>&1 || ! tail -n 1 "$work/said" | grep -e "$words" >"$work/line"; then
		cat "$work/said"
		return 1
	fi
}

# Of the lab's own source.
depends()
{
	port() { "$top/scripts/port/port.sh" -l "$tested" "$@"; }
	refused 'CONFIG_MD_CLUSTER needs what .* does not have: .*depends on DLM' md_cluster
}

check "port: paths of the source's: \$(srctree), \$(src), beside the folder, a tracepoint's" ported planted_paths -o XFS_FS fs/xfs
check "port: a symbol of a module that was not ported" \
	refused "planted_taker .* of lab $tested: .*kmobj is not to blame: .*planted_gives.* undefined" planted_taker
check "port: a symbol of one ported before in the same call" ported planted_taker planted_giver planted_taker
check "port: an error in the untouched source is shown" \
	refused 'kmobj is not to blame: .*planted_wrong.c:.*error: .*planted.* undeclared' planted_wrong
check "port: a cache handed to the kernel" refused 'planted-lru hands a cache to lc_create()' planted_lru
check "port: the first option is built in" \
	refused 'CONFIG_NET is built into .* by MODULE=: planted-lru planted_giver planted_paths planted_taker' fs/xfs
check "port: an option that the folder has not" refused 'no module of CONFIG_MINIX_FS; it has: planted-lru' -o MINIX_FS fs/xfs
check "port: no such folder" refused 'no fs/planted in source' fs/planted
check "port: no such module" refused 'no module planted in source' planted
check "port: an option that depends on what is off" depends
total
