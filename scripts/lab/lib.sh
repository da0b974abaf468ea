# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# What every lab script shares: where things are, how to speak, how to wait
# for each other.  To be sourced.

set -euo pipefail

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034
lab=$top/scripts/lab
# Downloads and kernels; never inside the tree.
[[ ${XDG_CACHE_HOME:-${HOME:-}} ]] || die "HOME is not set: set it, or XDG_CACHE_HOME, to where kernels may be kept"
cache=${XDG_CACHE_HOME:-$HOME/.cache}/kmobj
[[ $top$cache != *[[:space:]]* ]] ||
	die "the kernel's makefiles take no blanks: move '$top', or set XDG_CACHE_HOME to another folder than '$cache'"
# The distribution's tools before any that somebody put beside them.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH LC_ALL=C
# Called by make -j: its job server is not for the makes that are started here, each with a -j of its own.
unset MAKEFLAGS MFLAGS MAKELEVEL
# The machine's Debian, for those who source this.
# shellcheck disable=SC2034
host_release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

[[ -w $top ]] || die "nothing can be written in $top: copy the sources to a folder of your own"
mkdir -p "$cache"/{lock,src,kernel} 2>/dev/null ||
	die "cannot write in $cache: set XDG_CACHE_HOME to a folder in which kernels may be kept"

# block FILE MARK: the indented lines of a document that follow <!-- MARK -->.
block()
{
	local text
	text=$(sed -n "1,/^<!-- $2 -->/d;/^[^ ]/q;s/^    //p" "$1")
	[[ $text ]] || die "$1 shows no $2"
	printf '%s\n' "$text"
}

# need_root WHAT: root does it, or sudo; who has neither is told.
need_root() { ((EUID == 0)) || command -v sudo >/dev/null || die "there is no sudo; do this as root: $*"; }

as_root()
{
	need_root "$*"
	if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# need_room MB [FOLDER]: as long as nothing is half written.
need_room()
{
	local folder=${2:-$cache} hint=', or set XDG_CACHE_HOME to a folder elsewhere'
	[[ ! ${2:-} ]] || hint=''
	(($(df -m --output=avail "$folder" | tail -n 1) >= $1)) ||
		die "less than $1 MB are free in $folder: make room there$hint"
}

# apt_failed LOG: ends with the first reason that apt gave there.
apt_failed()
{
	local why
	why=$(grep -m 1 'Failed to fetch' "$1" || grep -m 1 '^E: ' "$1" || echo 'E: apt failed')
	[[ $why != *'Failed to fetch'* ]] || why+=': is there a network?'
	die "${why#?: } (all that apt said: $1)"
}

# with_lock NAME COMMAND...: one at a time on this machine, whatever the checkout.
# A failure ends the script.  Not after if or !, nor before && or ||: bash ignores
# `set -e` in all that is called there, and COMMAND would go on after a failure.
with_lock()
{
	local name=$1 fd
	shift
	exec {fd}>"$cache/lock/$name"
	flock "$fd"
	# A daemon started by COMMAND must not keep the lock.
	( "$@" {fd}>&- )
	exec {fd}>&-
}

# attempt COMMAND...: leave its status in `attempted`.  COMMAND is a function that
# ends at its first failure; for the reason above this must stand by itself, too.
attempt()
{
	set +e
	( set -e; "$@" )
	# shellcheck disable=SC2034
	attempted=$?
	set -e
}

# end_jobs: what runs in the background does not hear of Ctrl-C; for a trap on EXIT.
# Of a pipeline the first is ended, and the others see it.
end_jobs()
{
	local job
	for job in $(jobs -p); do
		kill "$job" 2>/dev/null || true
	done
	wait
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
