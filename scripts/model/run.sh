#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh: verify the models of the ownership of slabs with spin, and show that
# each ordering and second look in them is needed: without it spin finds a
# violation.  The last line is `N passed, N failed`.
#
# run.sh MODEL [MISTAKE]: only that; with a mistake, print spin's trail.

. "$(dirname "$0")/../lab/lib.sh"
. "$top/scripts/test/count.sh"

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# What every model is verified for; see the files.
models=(give park disown retire)

# MODEL MISTAKE: what that model must not survive.
mistakes=(
	"give GIVE_WITHOUT_MB"
	"give GIVE_WITHOUT_LOOK"
	"give UNLIST_WITHOUT_MB"
	"give UNLIST_WITHOUT_LOOK"
	"give FREE_WITHOUT_MB"
	"give FREED_WITHOUT_LOOK"
	"give COLLECT_WITHOUT_XCHG"
	"park PARK_WITHOUT_RELEASE"
	"park PARK_WITHOUT_MB"
	"park PARK_WITHOUT_LOOK"
	"park PARK_WITHOUT_CMPXCHG"
	"park UNPARK_WITHOUT_CMPXCHG"
	"park FREED_WITHOUT_CMPXCHG"
	"park FREE_WITHOUT_MB"
	"disown DISOWN_WITHOUT_GP"
	"retire RELEASE_WITHOUT_GP"
	"retire RETIRE_INTO_WAITING"
	"retire FREE_IN_TWO_REGIONS"
)

install_missing()
{
	local log=$cache/model.log
	if command -v spin && command -v gcc; then
		return
	fi >"$log"
	say "installing spin and gcc"
	run_logged "$log" as_root apt-get -o DPkg::Lock::Timeout=120 update
	run_logged "$log" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends spin gcc libc6-dev
}

# search MODEL [MISTAKE]: everything that can happen, into FOLDER/out
search()
{
	local model=$1 folder=$work/$1.${2-}
	mkdir -p "$folder"
	cp -- *.pml "$folder"
	(
		cd "$folder"
		spin -o3 -a ${2:+"-D$2"} "$model.pml" >spin.out &&
			gcc -w -O2 -DSAFETY -DCOLLAPSE -o pan pan.c &&
			./pan -m100000 >out
	)
}

verified()
{
	local out=$work/$1./out
	search "$1" || return
	if ! grep -q 'errors: 0$' "$out" || grep -qE 'max search depth|out of memory|not completed' "$out"; then
		cat "$out"
		return 1
	fi
	awk -v model="$1" '
		/states, stored/ { states = $1 }
		/depth reached/ { depth = $5 }
		END { printf "    %s: %d states, %d steps deep, complete\n", model, states, depth }
	' "$out"
}

found()
{
	local out=$work/$1.$2/out
	search "$1" "$2" || return
	if ! grep -q 'errors: 1$' "$out"; then
		echo "$1 does not need what $2 takes out, or is too weak to show it:"
		sed '/^unreached/,$d' "$out"
		return 1
	fi
	sed -n "s/^pan:1: \(.*\)/    $2: \1/p" "$out"
}

with_lock tools install_missing
for model in "${models[@]}"; do
	check "$model: verified" verified "$model"
done
for pair in "${mistakes[@]}"; do
	# shellcheck disable=SC2086
	check "$pair: found" found $pair
done
total
