#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# install.sh install|uninstall KDIR: the modules that were compiled last, and what other modules need
# to be compiled against them, go to where the kernel of KDIR has its modules, or are taken away.
# With the first go tools and man pages, to /usr/local, and with the last they are taken away.
# install.sh check KDIR: could they? If not, one line says why.
# Environment: DESTDIR, INSTALL_MOD_PATH: a folder in place of /.
# Only the last step, place or take_away, is root's; where the folder is the caller's, nothing is.

set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
umask 022

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
stage=$top/build/install

die() { echo "$*" >&2; exit 1; }

# release_of KDIR: as modules say it that are compiled there; or, if that is gone, as its folder does.
release_of()
{
	local header=$1/include/generated/utsrelease.h
	if [[ -r $header ]]; then
		sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$header"
	elif [[ $1 =~ ^/lib/modules/([^/]+)/build$ ]]; then
		echo "${BASH_REMATCH[1]}"
	else
		die "no kernel headers in $1: make KDIR=... says which kernel it was installed for"
	fi
}

stage_modules()
{
	rm -rf "$stage"
	mkdir -p "$stage/modules"
	# A kernel whose key is not here complains of that and goes on. depmod comes later, for where the modules will be.
	# Not compressed, whatever the kernel's own are: who has a key of his own signs them where they are.
	make -C "$1" "M=$top" "INSTALL_MOD_PATH=$stage/root" DEPMOD=true CONFIG_MODULE_COMPRESS= CONFIG_MODULE_COMPRESS_ALL= \
		CONFIG_MODULE_COMPRESS_GZIP= CONFIG_MODULE_COMPRESS_XZ= CONFIG_MODULE_COMPRESS_ZSTD= \
		modules_install >"$stage/log" 2>&1 ||
		{ cat "$stage/log" >&2; die "modules_install failed for the kernel of $1"; }
	find "$stage/root" -name '*.ko' -exec mv -t "$stage/modules" {} +
	"$top/scripts/package/clients.sh" install "$stage/clients" "$top/Module.symvers"
	[[ $(modinfo -F sig_id "$stage/modules/kmobj.ko") ]] ||
		! grep -qs '^CONFIG_MODULE_SIG=y' "$1/include/config/auto.conf" ||
		echo "the modules are not signed, and with Secure Boot this kernel refuses such: INSTALL.md"
}

# The pages of section 9 too, if they were made: that takes the sources of a kernel.
stage_tools()
{
	local tools=$top/scripts/tools page
	mkdir -p "$stage/local"/{sbin,share/kmobj/bpftrace}
	cp "$tools"/kmobj{stat,top,dump} "$stage/local/sbin/"
	cp "$tools"/bpftrace/*.bt "$stage/local/share/kmobj/bpftrace/"
	cp "$tools/grafana.json" "$stage/local/share/kmobj/"
	for page in "$tools"/*.[0-9] "$top"/build/man/*.[0-9]; do
		[[ ! -e $page ]] || install -D -m 644 -t "$stage/local/share/man/man${page##*.}" "$page"
	done
}

# Where there is a kernel; a folder that a package is made of has none.
run_depmod()
{
	[[ ! -e $modules/modules.dep && ! -e $modules/modules.builtin ]] ||
		depmod ${root:+-b "$root"} "$release"
}

place()
{
	mkdir -p "$modules/updates"
	rm -rf "$modules/updates/kmobj" "$modules/kmobj"
	cp -r "$stage/modules" "$modules/updates/kmobj"
	cp -r "$stage/clients" "$modules/kmobj"
	mkdir -p "$local"
	cp -r "$stage/local/." "$local/"
	run_depmod
}

# Unless another kernel has kmobj. Empty folders go, but not those that each machine has.
take_tools_away()
{
	local folder
	! compgen -G "$root/lib/modules/*/updates/kmobj" >/dev/null || return 0
	rm -f "$local"/sbin/kmobj{stat,top,dump} "$local"/share/man/man[0-9]/{kmobj,KMOBJ_,enum_kmobj_,struct_kmobj_}*.[0-9]
	rm -rf "$local/share/kmobj"
	for folder in "$local"/share/man/man[0-9]; do
		[[ ! -d $folder ]] || rmdir --ignore-fail-on-non-empty "$folder"
	done
	[[ $root ]] || return 0
	cd "$root"
	for folder in usr/local/sbin usr/local/share/man; do
		[[ ! -d $folder ]] || rmdir -p --ignore-fail-on-non-empty "$folder"
	done
}

take_modules_away()
{
	[[ -e $modules ]] || return 0
	rm -rf "$modules/updates/kmobj" "$modules/kmobj"
	run_depmod
	cd "${root:-/}"
	[[ ! -e lib/modules/$release/updates ]] || rmdir --ignore-fail-on-non-empty "lib/modules/$release/updates"
	rmdir -p --ignore-fail-on-non-empty "lib/modules/$release"
}

take_away()
{
	take_modules_away
	take_tools_away
}

# as_owner: nothing, or sudo, before what writes there.
find_owner()
{
	local there
	as_owner=()
	for there in "$modules" "$local"; do
		while [[ ! -e $there ]]; do there=${there%/*}; done
		[[ ! -w ${there:=/} ]] || continue
		((EUID != 0)) ||
			die "nothing can be written in $there: make that possible, or name another folder with INSTALL_MOD_PATH="
		command -v sudo >/dev/null ||
			die "you may not write in $there: do this as root, or name another folder with INSTALL_MOD_PATH="
		as_owner=(sudo)
	done
}

not_beside_dkms()
{
	! compgen -G "$modules/updates/dkms/kmobj.ko*" >/dev/null ||
		die "dkms has installed kmobj for $release: 'dkms status kmobj' says which version, 'dkms remove' takes it away"
}

set_folders()
{
	root=$1 release=$2
	modules=$root/lib/modules/$release
	local=$root/usr/local
}

case "$1" in
place|take_away)
	set_folders "$2" "$3"
	"$1"
	exit
	;;
esac

root=${DESTDIR:-}${INSTALL_MOD_PATH:-}
[[ -z $root ]] || root=$(realpath -ms "$root")
release=$(release_of "$2")
set_folders "${root%/}" "$release"
not_beside_dkms
find_owner
case "$1" in
install)
	stage_modules "$2"
	stage_tools
	"${as_owner[@]}" "$0" place "$root" "$release"
	rm -rf "$stage"
	echo "installed for $release: $modules/updates/kmobj; for modules that use it: $modules/kmobj; tools: $local/sbin"
	;;
uninstall) "${as_owner[@]}" "$0" take_away "$root" "$release" ;;
esac
