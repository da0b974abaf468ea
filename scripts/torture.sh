#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# torture.sh [LAB] [MINUTES] [SEED]: torture kmobj in that lab (uml) for that long
# (1). What was done in which context is printed; the log is build/LAB.torture.log.
# The last line is `N passed, N failed`.
# Environment: TORTURE_SECONDS (instead of minutes), and boot.sh's.

. "$(dirname "$0")/lab/lib.sh"
. "$top/scripts/test/count.sh"

machine=${1:-uml}
seconds=${TORTURE_SECONDS:-$((${2:-1} * 60))}
seed=${3:-$((RANDOM << 15 | RANDOM | 1))}
log=$top/build/$machine.torture.log
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Beside each other on two nodes where the kernel knows of nodes.
two_nodes="-object memory-backend-ram,id=m0,size=256M -numa node,nodeid=0,cpus=0-1,memdev=m0
	   -object memory-backend-ram,id=m1,size=256M -numa node,nodeid=1,cpus=2-3,memdev=m1"

build()
{
	local folder
	folder=$("$lab/build.sh" "$machine" 2>"$work/log") || { tail -n 40 "$work/log" >&2; return 1; }
	mkdir "$work/payload"
	find "$folder" -name '*.ko' -exec cp -t "$work/payload" {} +
	printf 'seconds=%d\nseed=%d\n' "$seconds" "$seed" >"$work/payload/settings"
}

# A machine with little memory, so that it runs out of it.
machine_define()
{
	export LAB_MEM=${LAB_MEM:-512M}
	[[ $machine != x86-debug ]] || export LAB_CPUS=${LAB_CPUS:-4} LAB_QEMU=${LAB_QEMU:-$two_nodes}
}

# Debug kernels take their time to come up and to end; all of it is waiting for.
boot()
{
	"$lab/boot.sh" -l "$log" -t $((seconds * 2 + 600)) "$machine" "$work/payload" \
		"$top/scripts/test/torture.guest"
}

# What the guest says of itself, without the kernel's clock.
told() { sed -n 's/.*<0>//; s/^\[[^]]*\] *\(\[[ TC0-9]*\] *\)\?\(kmobj_torture: \)\?\(torture: .*\)/\3/p' "$log"; }

machine_define
"$lab/kernel.sh" "$machine" >/dev/null
check "$machine: modules" build
if ((failed == 0)); then
	check "$machine: tortured for $seconds s from seed $seed, the kernel did not complain" boot
	told
fi
total
