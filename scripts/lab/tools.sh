#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools.sh [PACKAGE...]: install the ordinary packages of the machine's own
# release that building and booting kernels needs, and PACKAGE, those that are
# missing.

. "$(dirname "$0")/lib.sh"

packages=(
	build-essential bc bison flex cpio kmod xz-utils python3 perl
	libelf-dev libdw-dev libssl-dev
	busybox-static qemu-system-x86
	sparse shellcheck
	"$@"
)

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
	local log=$cache/tools.log names
	mapfile -t names < <(missing)
	((${#names[@]})) || return 0
	say "installing ${names[*]}"
	: >"$log"
	run_logged "$log" as_root apt-get -o DPkg::Lock::Timeout=120 update
	run_logged "$log" as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${names[@]}"
}

with_lock tools install_missing
