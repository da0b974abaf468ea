# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Counting what passed and what failed.  To be sourced after lab/lib.sh.

passed=0 failed=0 skipped=0
failures=()	# to be said again at the end

# check NAME COMMAND...: one test, passed when COMMAND succeeds; a function ends at its first failure.
check()
{
	local name=$1 started=$SECONDS
	shift
	attempt "$@"
	if ((${attempted:?} == 0)); then
		passed=$((passed + 1))
		echo "ok: $name ($((SECONDS - started)) s)"
	else
		failed=$((failed + 1))
		failures+=("$name ($((SECONDS - started)) s)")
		echo "FAILED: ${failures[-1]}"
	fi
}

# tally LOG: add what its last line says, 'N passed, N failed[, N skipped]'; another one is a failure.
tally()
{
	local line
	mapfile -t -O "${#failures[@]}" failures < <(sed -nE 's/^(FAILED:|not ok) //p' "$1")
	line=$(tail -n 1 "$1")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
	else
		failed=$((failed + 1))
		failures+=("what ends with: $line")
	fi
}

# The last word: nothing run is a failure too.
total()
{
	((passed + failed)) || failed=1
	((failed == 0)) || printf '%s\n' 'what failed:' "${failures[@]/#/  }"
	echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
	((failed == 0))
}
