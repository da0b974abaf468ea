# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Counting what passed and what failed.  To be sourced.

passed=0 failed=0 skipped=0

# check NAME COMMAND...: one test, passed when COMMAND succeeds.
check()
{
	local name=$1 started=$SECONDS
	shift
	if "$@"; then
		passed=$((passed + 1))
		echo "ok: $name ($((SECONDS - started)) s)"
	else
		failed=$((failed + 1))
		echo "FAILED: $name ($((SECONDS - started)) s)"
	fi
}

# tally LINE: add 'N passed, N failed[, N skipped]'; anything else is a failure.
tally()
{
	if [[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
	else
		failed=$((failed + 1))
	fi
}

# The last word: nothing run is a failure too.
total()
{
	((passed + failed)) || failed=1
	echo "$passed passed, $failed failed$( ((skipped == 0)) || echo ", $skipped skipped")"
	((failed == 0))
}
