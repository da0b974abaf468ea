#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# run.sh: verify the models with spin: of the ownership of slabs, kmobj.pml, and of
# how free memory comes within reach again, churn.pml.  And show that each ordering,
# second look and answer in them is needed: without it spin finds a violation, or an
# execution that goes on for ever without what must come.  The last line is
# `N passed, N failed`.
#
# run.sh MODEL [MISTAKE]: only that; with a mistake, print what spin did to get there.

. "$(dirname "$0")/../lab/lib.sh"
. "$top/scripts/test/count.sh"

cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

# What each is for stands at its beginning.
models=(depot notified idle retire destroy reach limit unused mover sleep)

# MODEL MISTAKE: what that model must not survive.
mistakes=(
	"depot GIVE_WITHOUT_MB"
	"depot GIVE_WITHOUT_LOOK"
	"depot TAKE_WITHOUT_MB"
	"depot TAKE_WITHOUT_LOOK"
	"depot UNLIST_WITHOUT_MB"
	"depot UNLIST_WITHOUT_LOOK"
	"depot FREE_WITHOUT_MB"
	"depot FREED_WITHOUT_LOOK"
	"depot COLLECT_WITHOUT_XCHG"
	"notified NOTIFIED_WITHOUT_MB"
	"notified PASS_ON_WITHOUT_NOTIFY"
	"idle FREEZE_WITHOUT_GP"
	"idle OPEN_WITHOUT_CMPXCHG"
	"idle TAKE_WITHOUT_CMPXCHG"
	"idle CAME_WITHOUT_WORD"
	"idle OPEN_WITHOUT_WORD"
	"idle DISOWN_WITHOUT_GP"
	"idle REOPEN_WITHOUT_RELEASE"
	"idle WAKE_WITHOUT_LOOK"
	"retire NOTIFY_WITHOUT_XCHG"
	"retire RELEASE_WITHOUT_GP"
	"retire RELEASE_WITHOUT_LOOK"
	"retire RETIRE_INTO_WAITING"
	"retire FREE_IN_TWO_REGIONS"
	"retire PASS_ON_WITHOUT_LAST"
	"retire LAST_WITHOUT_LOCK"
	"destroy MARK_WITHOUT_CLOSE"
	"destroy MARK_WITHOUT_CMPXCHG"
	"destroy MARK_WITHOUT_RETRY"
	"destroy MARK_WITHOUT_GP"
	"destroy MARK_WITHOUT_WAIT"
	"destroy MARK_ONCE"
	"destroy GIVE_TAKEN_WITHOUT_MB"
	"reach WAKE_WITHOUT_ANSWER"
	"reach ASKED_WITHOUT_NOTIFIED"
	"reach ASKED_WITHOUT_TODO"
	"reach AGE_WITHOUT_FREEZE"
	"limit WAKE_WITHOUT_ANSWER"
	"limit ANSWER_WITHOUT_DRAIN"
	"limit REFILL_WITHOUT_DRAIN"
	"limit SWAP_WITHOUT_DRAIN"
	"limit DRAIN_TWO_FIRST"
	"limit TAKE_WITHOUT_FELT"
	"limit LIMIT_WITHOUT_WORK"
	"unused WAKE_WITHOUT_ANSWER"
	"unused ASKED_WITHOUT_TRIM"
	"unused AGE_WITHOUT_TRIM"
	"unused TRIM_WITHOUT_AGAIN"
	"unused OPEN_WITHOUT_MOVES"
	"unused IDLE_WITHOUT_ASK"
	"mover SETTLE_WITHOUT_GP"
	"mover ALLOC_IN_TRANSIT"
	"mover MOVE_WITHOUT_LOCK"
	"mover MOVE_WITHOUT_LOOK"
	"mover NAME_BEFORE_COPY"
	"mover STOP_WITHOUT_WAIT"
	"sleep SLEEP_WITHOUT_MB"
	"sleep SLEEP_AFTERWARDS"
	"sleep WAKE_WITHOUT_MB"
	"sleep OWN_WITHOUT_WAKE"
	"sleep SWAP_WITHOUT_WAKE"
	"sleep BEHIND_WITHOUT_WAKE"
	"sleep FREE_WITHOUT_WAKE"
	"sleep LIST_WITHOUT_WAKE"
)

# search MODEL [MISTAKE]: everything that can happen, into FOLDER/out.  A mistake
# is found before an optimised search would be compiled.  A model with a formula is
# searched for cycles, with weak fairness.  In a shell of its own.
search()
{
	local folder=$work/$1.${2-} optimise=-O2 what=-DSAFETY how=()
	[[ -z ${2-} ]] || optimise=-O0
	if grep -q '^ltl' "$1.pml"; then
		what=-DNFAIR=2
		how=(-a -f)
	fi
	mkdir "$folder"
	cp -- *.pml "$folder"
	cd "$folder"
	exec >"$folder/out" 2>&1
	spin -o3 -a ${2:+"-D$2"} "$1.pml"
	gcc -w $optimise $what -DCOLLAPSE -o pan pan.c
	exec ./pan "${how[@]}" -m100000 -w24
}

# As many at once as there are CPUs; what came of it is in the files.
search_all()
{
	local what
	for what in "$@"; do
		while (($(jobs -rp | wc -l) >= $(nproc))); do
			wait -n || true
		done
		# shellcheck disable=SC2086
		search $what &
	done
	wait
}

verified()
{
	local out=$work/$1./out
	if ! grep -q 'errors: 0$' "$out" || grep -qE 'max search depth|out of memory|not completed' "$out"; then
		cat "$out"
		return 1
	fi
	awk -v model="$1" '
		/states, stored/ { states = $1 }
		/depth reached/ { depth = $6 }
		/total actual memory/ { mib = $1 }
		/elapsed time/ { seconds = $4 }
		END { printf "    %s: %d states, %d steps deep, complete, %d MiB, %.1f s\n", model, states, depth, mib, seconds }
	' "$out"
}

found()
{
	local out=$work/$1.$2/out
	if ! grep -q 'errors: 1$' "$out"; then
		echo "$1 does not need what $2 takes out, or is too weak to show it:"
		sed '/^unreached/,$d' "$out"
		return 1
	fi
	sed -n "s/^pan:1: \(.*\)/    $2: \1/p" "$out"
}

"$lab/tools.sh" -o spin gcc libc6-dev
if (($#)); then
	search_all "$*"
	if [[ -z ${2-} ]]; then
		check "$1: verified" verified "$1"
	else
		check "$1 $2: found" found "$1" "$2"
		cd "$work/$1.$2"
		spin -t -p -g -l "$1.pml"
	fi
	total
	exit
fi
search_all "${models[@]}" "${mistakes[@]}"
for model in "${models[@]}"; do
	check "$model: verified" verified "$model"
done
for mistake in "${mistakes[@]}"; do
	# shellcheck disable=SC2086
	check "$mistake: found" found $mistake
done
total
