#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# gate.sh [-r]: count the instructions of the rows pair, batch and bulk in lab
# debian and compare them with the file instructions.txt: more than 2% over, in a
# second boot too, is a failure. Of three counts the least, which no interrupt fell
# into; new slabs in order, for chance has no place here; but pair as Debian's
# kernels have it, too.
# The last line is `N passed, N failed`. On Debian 13, with another kernel and another
# compiler, nothing is recorded to compare with: `, 1 skipped`.
#   -r  write the file anew instead

. "$(dirname "$0")/../lab/lib.sh"

# The users are in the other file.
# shellcheck disable=SC2034
name=debian rows=pair,batch,bulk reps=3 peers=0 kmobj='shuffle=0 poll_ms=3600000' size=''
if [[ ${host_release:?} != bookworm ]]; then
	echo "instructions are recorded for the kernel and the compiler of Debian 12"
	echo "0 passed, 0 failed, 1 skipped"
	exit
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# shellcheck source=scripts/bench/run.sh
. "$top/scripts/bench/run.sh"
kept=$here/instructions.txt

# counts LOG SUFFIX: row, size and kmobj's count, of each line.
counts()
{
	"$here/report.py" --must "$here/must" --out "$out/$1" "debian=$out/$1.log" >"$work/table"
	awk -F, -v suffix="$2" 'NR > 1 && $6 == "instr" { print $3 suffix, $4, $7 }' "$out/$1.csv"
}

compare()
{
	awk '
	/^#/ { next }
	NR == FNR { kept[$1, $2] = $3; left++; next }
	{
		good = ($1, $2) in kept && $3 <= kept[$1, $2] * 1.02
		passed += good
		failed += !good
		left -= ($1, $2) in kept
		printf "%sok %d %s, %d bytes: %s instructions, %s recorded\n", good ? "" : "not ",
			FNR, $1, $2, $3, ($1, $2) in kept ? kept[$1, $2] : "none"
	}
	END {
		if (left) {
			failed++
			print "not ok", FNR + 1, left, "rows of instructions.txt were not counted"
		}
		print passed + 0 " passed, " failed + 0 " failed"
		exit failed > 0
	}' "$kept" "$work/counts"
}

# count_all FILE: in a machine with new slabs in order, and pair in one with shuffled ones.
count_all()
{
	count_instructions gate 0
	counts gate '' >"$1"
	local rows=pair kmobj='shuffle=1 poll_ms=3600000'
	count_instructions gate-shuffled 0
	counts gate-shuffled -shuffled >>"$1"
}

build
count_all "$work/counts"
if [[ ${1:-} = -r ]]; then
	{
		echo "# Instructions of kmobj in lab debian, init_on_alloc=0: row, size, count."
		echo "# Written by scripts/bench/gate.sh -r; checked by scripts/bench/gate.sh."
		cat "$work/counts"
	} >"$kept"
	exit
fi
if ! compare >"$work/said"; then
	# Where the slabs lay, the entries of the header cache may have displaced each other: of
	# two boots the less.
	mv "$work/counts" "$work/first"
	count_all "$work/second"
	awk 'NR == FNR { first[$1, $2] = $3; next }
	     ($1, $2) in first && first[$1, $2] < $3 { $3 = first[$1, $2] } 1' \
		"$work/first" "$work/second" >"$work/counts"
	compare
	exit
fi
cat "$work/said"
