#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernels.sh [LAB...]: on each of Debian's kernels (labs.sh), but the one that lab debian runs: all
# modules compiled with W=1, and in one boot the demo's steps on a small tree, every call of a module
# written for kmem_cache, and torture, under each way in which a kernel preempts tasks.
# The last line is `N passed, N failed`.
# Environment: KERNEL_SECONDS (20) of torture.

. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"
. "$top/scripts/test/count.sh"

seconds=${KERNEL_SECONDS:-20}
results=$top/build/kernels
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

# quiet COMMAND...: it warns of nothing.
quiet()
{
	if ! "$@" >"$work/log" 2>&1 || grep -iE 'warning:|error:' "$work/log"; then
		tail -n 40 "$work/log"
		return 1
	fi
}

# What was compiled with a warning is compiled again next time.
modules()
{
	BUILD_IN=$results/$1 quiet "$lab/build.sh" "$1" && return
	rm -rf "${results:?}/$1"
	return 1
}

# scripts/port/calls.c as a module that moves over without an edit.
calls()
{
	local folder=$results/$1.calls kernel
	kernel=$("$lab/kernel.sh" "$1")
	lab_define "$1"
	rm -rf "$folder"
	mkdir -p "$folder"
	cp "$top/scripts/port/calls.c" "$folder/"
	printf '%s\n' "NOSTDINC_FLAGS := -I$top/module/include/kmem_cache \$(NOSTDINC_FLAGS)" 'obj-m := calls.o' >"$folder/Kbuild"
	quiet lab_make "$kernel" "$folder" "KBUILD_EXTRA_SYMBOLS=$results/$1/Module.symvers"
}

# preemption LAB: with PREEMPT_RT it is what it is, others are asked for it.
preemption()
{
	case $1 in
	*-rt) echo rt ;;
	debian-12-point) echo none ;;
	debian-13-backports) echo lazy ;;
	*-backports) echo full ;;
	*) echo voluntary ;;
	esac
}

payload()
{
	local folder=$work/$1
	mkdir "$folder"
	cp "$work"/tree.* "$folder/"
	cp "$results/$1"/module/{,kmem_cache/,samples/*/,tests/torture/}*.ko "$results/$1.calls/calls.ko" "$folder/"
	cp "$top/scripts/demo/guest" "$folder/demo.guest"
	cp "$top/scripts/test/torture.guest" "$folder/torture.guest"
	printf '%s\n' 'fstype=kmobjfs' 'modules="kmobj kmobjfs"' "seconds=$seconds" "seed=$((RANDOM + 1))" \
		"preemption=$(preemption "$1")" >"$folder/settings"
}

boot()
{
	local append
	append=preempt=$(preemption "$1")
	[[ $1 != *-rt ]] || append=''
	LAB_MEM=512M LAB_APPEND=$append "$lab/boot.sh" -l "$results/$1.log" -t $((seconds * 2 + 400)) \
		"$1" "$work/$1" "$top/scripts/test/kernel.guest"
}

# passes LAB PART: does the guest say so?
passes() { grep -qE "kernel: ok: $2\s*\$" "$results/$1.log"; }

# All labs but that of the kernel of lab debian.
others()
{
	local name
	for name in ${lab_kernels:?}; do
		lab_define "$name"
		[[ $lab_release$lab_flavour$lab_suite = "${host_release?}cloud-amd64" ]] || echo "$name"
	done
}

try_kernel()
{
	local name=$1 before=$failed
	check "$name: all modules with W=1, no warning" modules "$name"
	check "$name: a module written for kmem_cache, no warning" calls "$name"
	((failed == before)) || return 0
	payload "$name"
	check "$name: it ran to its end and did not complain" boot "$name"
	check "$name: the demo's steps on a small tree" passes "$name" demo
	check "$name: every call of a module written for kmem_cache" passes "$name" calls
	check "$name: tortured for $seconds s, preemption: $(preemption "$name")" passes "$name" torture
}

mkdir -p "$results"
# shellcheck disable=SC2046
(($#)) || set -- $(others)
"$top/scripts/demo/pack.sh" /usr/include/linux "$work"
for name; do
	try_kernel "$name"
done
total
