# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# How the benchmark is built and run in a lab.  To be sourced after lab/lib.sh;
# the caller sets name (the lab), work (a temporary folder), rows, reps and size
# as bench.sh says, peers (0 to measure kmobj alone, or 1), and kmobj (parameters of
# kmobj.ko).

: "${top:?}" "${lab:?}" "${cache:?}" "${name:?}" "${work:?}" "${reps:?}"
here=$top/scripts/bench
out=$top/build/bench
memory_rows=memory,uptime
timed_rows=pair,batch,churn,churn-sets,bulk,kfree,handover,all,exchange,irq,life,free-rcu,moving,polling
mkdir -p "$out" "$work/payload"

# Two at a time would measure each other, and write the same files.
exec {bench_lock}>"$cache/lock/bench"
flock --nonblock "$bench_lock" || { say "waiting for another run of the benchmark"; flock "$bench_lock"; }

# Of the rows wanted those in the comma-separated list $1.
among()
{
	local row chosen=()
	for row in ${rows//,/ }; do
		[[ ,$1, != *,$row,* ]] || chosen+=("$row")
	done
	(IFS=,; echo "${chosen[*]}")
}

# settings CLOCK: the two runs of the guest, as parameters of the module; 1 for
# a clock that counts instructions.
settings()
{
	local timed=$timed_rows memory=$memory_rows
	local common="reps=$reps icount=$1 peers=${peers:?} ${size:+size=$size}"
	if [[ $rows ]]; then
		timed=$(among "$timed_rows")
		memory=$(among "$memory_rows")
		[[ $timed$memory ]] || die "no such row: $rows (there are $timed_rows,$memory_rows)"
	fi
	echo "timed='${timed:+rows=$timed $common}'"
	echo "memory='${memory:+rows=$memory $common}'"
	echo "poll_ms=10 kmobj='${kmobj?}'"
}

# Without what is there for the suites of kunit: where the kernel has it, beside what others build.
build()
{
	local folder kernel
	kernel=$("$lab/kernel.sh" "$name")
	! grep -q '^CONFIG_KUNIT=' "$kernel/build/.config" || local -x BUILD_IN=$out/module-$name
	folder=$("$lab/build.sh" "$name" CONFIG_KUNIT= 2>"$work/log") ||
		{ tail -n 40 "$work/log" >&2; return 1; }
	cp "$folder"/module/{kmobj,kmem_cache/kmobj_kmem_cache,tests/bench/kmobj_bench}.ko "$work/payload/"
}

# boot NAME SECONDS: the guest in that machine, its log as build/bench/NAME.log.
boot()
{
	"$lab/boot.sh" -l "$out/$1.log" -t "$2" "$name" "$work/payload" "$here/guest"
}

# count_instructions NAME 0|1: one instruction is a nanosecond of the guest's
# clock; memory is wiped as it is allocated, or not.
count_instructions()
{
	settings 1 >"$work/payload/settings"
	LAB_CPUS=1 LAB_MEM=4G LAB_ACCEL=tcg LAB_QEMU='-icount shift=0,sleep=off' \
		LAB_APPEND=init_on_alloc=$2 boot "$1" 900
}
