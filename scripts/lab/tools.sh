#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools.sh [PACKAGE...]: install the ordinary packages of the machine's own
# release that building and booting kernels needs, and PACKAGE, those that are
# missing.
# tools.sh -o PACKAGE...: only those.

. "$(dirname "$0")/lib.sh"

packages=(
	build-essential bc bison flex cpio kmod xz-utils python3 perl
	libelf-dev libdw-dev libssl-dev
	busybox-static qemu-system-x86
	sparse shellcheck
	"$@"
)
[[ ${1:-} != -o ]] || packages=("${@:2}")

missing()
{
	local p
	for p in "${packages[@]}"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$p" 2>/dev/null |
			grep -qx installed || echo "$p"
	done
}

install_missing()
{
	local log=$cache/tools.log names apt
	mapfile -t names < <(missing)
	((${#names[@]})) || return 0
	need_root "apt install ${names[*]}"
	say "installing ${names[*]}"
	apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120)
	{ "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${names[@]}"; } >"$log" 2>&1 </dev/null ||
		apt_failed "$log"
}

with_lock tools install_missing
