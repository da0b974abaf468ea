#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# bench.sh [LAB]: run the benchmark there (uml; debian and x86 count
# instructions; host is this machine, with kmobj.ko loaded), print the table
# and leave LAB.csv (LAB-part.csv of some rows only), plots and logs in
# build/bench.
# Environment: BENCH_ROWS (a,b: these rows only), BENCH_REPS (repetitions, 15),
#   BENCH_SIZE (one size only), and boot.sh's.

. "$(dirname "$0")/../lab/lib.sh"

name=${1:-uml}
# The users are in the other file.
# shellcheck disable=SC2034
rows=${BENCH_ROWS:-} reps=${BENCH_REPS:-15} size=${BENCH_SIZE:-} peers=1 kmobj=''
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=scripts/bench/run.sh
. "$top/scripts/bench/run.sh"

# load_bench MODULE [PARAMETER...]
load_bench()
{
	(($# > 1)) || return 0
	insmod "$@" && rmmod kmobj_bench || status=1
}

on_host()
{
	local module=$top/module/tests/bench/kmobj_bench.ko poll=/sys/module/kmobj/parameters/poll_ms
	local timed memory poll_ms poll_was marker="kmobj bench $$ begins"
	[[ -e $poll ]] || die "kmobj is not loaded: make load"
	((EUID == 0)) || die "loading modules is root's"
	settings 0 >"$work/settings"
	# shellcheck source=/dev/null
	. "$work/settings"
	poll_was=$(cat "$poll")
	echo "$marker" >/dev/kmsg
	# shellcheck disable=SC2086
	load_bench "$module" $timed
	echo "$poll_ms" >"$poll"
	sleep 2
	# shellcheck disable=SC2086
	load_bench "$module" $memory
	echo "$poll_was" >"$poll"
	dmesg | sed "1,/$marker/d" >"$out/host.log"
}

# A row that fails is reported, and so are the others.
status=0
logs=("$name=$out/$name.log")
case $name in
uml)
	build
	settings 0 >"$work/payload/settings"
	LAB_MEM=${LAB_MEM:-4G} attempt boot uml 900
	status=$attempted
	;;
host)
	on_host
	;;
*)
	build
	attempt count_instructions "$name" 0
	status=$attempted
	attempt count_instructions "$name+init" 1
	((status |= attempted)) || true
	logs+=("$name+init=$out/$name+init.log")
	;;
esac
# A part does not replace the whole.
base=$out/$name whole=--whole
[[ -z $rows$size ]] || base+=-part whole=''
"$here/report.py" --must "$here/must" --out "$base" $whole "${logs[@]}"
"$here/plot.sh" "$base"
exit $status
