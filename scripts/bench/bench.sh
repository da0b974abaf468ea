#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [LAB]: run the benchmark there (uml; debian and x86 count
# instructions; host is this machine, with kmobj.ko loaded), print the table
# and leave LAB.csv, plots and logs in build/bench.
# Environment: BENCH_ROWS (a,b: these rows only), BENCH_REPS (repetitions, 15),
#   BENCH_SIZE (one size only).

. "$(dirname "$0")/../lab/lib.sh"

name=${1:-uml}
here=$top/scripts/bench
out=$top/build/bench
rows=${BENCH_ROWS:-} reps=${BENCH_REPS:-15}
memory_rows=memory,uptime
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$out"

# Of the rows wanted those in the comma-separated list $1, or with `not` the others.
among()
{
	local row chosen=()
	for row in ${rows//,/ }; do
		if [[ ,$1, = *,$row,* ]]; then
			[[ ${2:-} ]] || chosen+=("$row")
		else
			[[ -z ${2:-} ]] || chosen+=("$row")
		fi
	done
	(IFS=,; echo "${chosen[*]}")
}

# settings CLOCK: the two runs of the guest, as parameters of the module.
settings()
{
	local clock=$1 timed memory
	timed=pair,batch,churn,churn-sets,bulk,handover,all,scaling,exchange,irq,life
	memory=$memory_rows
	if [[ $rows ]]; then
		timed=$(among "$memory_rows" not)
		memory=$(among "$memory_rows")
	fi
	local common="reps=$reps icount=$clock ${BENCH_SIZE:+size=$BENCH_SIZE}"
	echo "timed='${timed:+rows=$timed $common}'"
	echo "memory='${memory:+rows=$memory $common}'"
	echo "poll_ms=10"
}

# The suites of kunit are not needed: built without, beside what others build.
build()
{
	local folder
	folder=$(BUILD_IN=$out/module-$name "$lab/build.sh" "$name" CONFIG_KUNIT= 2>"$work/log") ||
		{ tail -n 40 "$work/log" >&2; return 1; }
	mkdir -p "$work/payload"
	cp "$folder/module/kmobj.ko" "$folder/module/bench/kmobj_bench.ko" "$work/payload/"
}

# boot NAME SECONDS: the guest in that machine, its log as build/bench/NAME.log.
boot()
{
	"$lab/boot.sh" -l "$out/$1.log" -t "$2" "$name" "$work/payload" "$here/guest"
}

# One instruction is a nanosecond of the guest's clock.
count_instructions()
{
	settings 1 >"$work/payload/settings"
	export LAB_CPUS=1 LAB_MEM=4G LAB_ACCEL=tcg LAB_QEMU='-icount shift=0,sleep=off'
	LAB_APPEND=init_on_alloc=0 boot "$name" 900
	LAB_APPEND=init_on_alloc=1 boot "$name+init" 900
}

on_host()
{
	[[ -e /sys/module/kmobj ]] || die "kmobj is not loaded: make load"
	settings 0 >"$work/settings"
	local timed memory poll_ms poll_was
	# shellcheck source=/dev/null
	. "$work/settings"
	poll_was=$(cat /sys/module/kmobj/parameters/poll_ms)
	dmesg --clear
	# shellcheck disable=SC2086
	[[ -z $timed ]] || { insmod "$1" $timed && rmmod kmobj_bench; }
	echo "$poll_ms" >/sys/module/kmobj/parameters/poll_ms
	sleep 2
	# shellcheck disable=SC2086
	[[ -z $memory ]] || { insmod "$1" $memory && rmmod kmobj_bench; }
	echo "$poll_was" >/sys/module/kmobj/parameters/poll_ms
	dmesg >"$out/host.log"
}

"$lab/tools.sh"
case $name in
uml)
	build
	settings 0 >"$work/payload/settings"
	LAB_MEM=${LAB_MEM:-4G} boot uml 600
	logs=("uml=$out/uml.log")
	;;
host)
	on_host "$top/module/bench/kmobj_bench.ko"
	logs=("host=$out/host.log")
	;;
*)
	build
	count_instructions
	logs=("$name=$out/$name.log" "$name+init=$out/$name+init.log")
	;;
esac
"$here/report.py" --must "$here/must" --out "$out/$name" "${logs[@]}"
