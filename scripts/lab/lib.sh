# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every lab script shares: where things are, how to speak, how to wait
# for each other.  To be sourced.

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
lab=$top/scripts/lab
# Downloads and kernels; never inside the tree.
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmobj
# The distribution's tools before any that somebody put beside them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH LC_ALL=C

mkdir -p "$cache"/{lock,src,kernel}

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

as_root()
{
	if ((EUID == 0)); then
		"$@"
	else
		sudo "$@"
	fi
}

# with_lock NAME COMMAND...: one at a time on this machine, whatever the checkout.
with_lock()
{
	local name=$1 fd rc=0
	shift
	exec {fd}>"$cache/lock/$name"
	flock "$fd"
	# A daemon started by COMMAND must not keep the lock.
	( "$@" {fd}>&- ) || rc=$?
	exec {fd}>&-
	return $rc
}

# run_logged LOG COMMAND...: quiet unless it fails.
run_logged()
{
	local log=$1
	shift
	if ! "$@" >>"$log" 2>&1 </dev/null; then
		tail -n 30 "$log" >&2
		die "failed: $* (all of it: $log)"
	fi
}

# guest_tool PAYLOAD PROGRAM: a program and the libraries it is linked with, as tools in PAYLOAD.
guest_tool()
{
	local folder=$1/tools file library
	file=$(command -v "$2")
	mkdir -p "$folder"/{lib,lib64}
	cp "$file" "$folder/"
	while read -r library; do
		case $library in
		*/ld-linux*) cp -L "$library" "$folder/lib64/" ;;
		*) cp -L "$library" "$folder/lib/" ;;
		esac
	done < <(ldd "$file" | grep -oE '/[^ ]+')
}
