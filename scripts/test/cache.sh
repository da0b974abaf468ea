#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# cache.sh: whichever step of getting a kernel of Debian's fails, kernel.sh fails,
# and the next time begins anew.  Every program that it gets and unpacks it with is
# one of ours here, and can be told to fail; nothing is downloaded.

. "$(dirname "$0")/../lab/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CACHE_HOME=$work/cache

# Functions go before what is in PATH, in the scripts that are started, too.
broken() { [[ ,$BROKEN, = *,$1,* ]]; }

apt-get()
{
	case $* in
	*indextargets*) command apt-get "$@" ;;
	*' update'*) ! broken update ;;
	*' download '*)
		for package in "${@#*=}"; do
			[[ $package != linux-* ]] || : >"$package.deb"
		done
		! broken download
		;;
	esac
}

apt-cache()
{
	! broken lists || return
	case $* in
	*' show '*) echo 'Version: 1.0' ;;
	*' depends '*) printf '%s\n' linux-image-1.0 linux-headers-1.0 linux-kbuild-1.0 ;;
	esac
}

dpkg-deb()
{
	mkdir -p "$3/boot" "$3/lib/modules/1.0" "$3/usr/src/linux-headers-1.0"
	echo 'include /usr/src/linux-headers-1.0-common/Makefile' >"$3/usr/src/linux-headers-1.0/Makefile"
	! broken unpack || [[ $2 != *linux-image* ]] || { echo 'no space left on device' >&2; return 2; }
	: >"$3/boot/vmlinuz-1.0"
}

ln() { ! broken link && command ln "$@"; }

export -f broken apt-get apt-cache dpkg-deb ln

# get STEP: with that one broken
get() { BROKEN=$1 "$lab/kernel.sh" debian 2>"$work/said"; }

for step in update lists download unpack link; do
	if get "$step" >"$work/folder"; then
		echo "with '$step' broken the kernel is said to be ready"
		exit 1
	fi
	if find "$XDG_CACHE_HOME" -name .ready | grep .; then
		echo "with '$step' broken it is left as ready"
		exit 1
	fi
done
get '' >"$work/folder" || { cat "$work/said"; exit 1; }
test -e "$(cat "$work/folder")/.ready"
test -e "$(cat "$work/folder")/image"
