#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# kernel.sh LAB: make that lab's kernel ready and print its folder, in which
#   build    is what `make -C` needs to compile modules,
#   image    is what boots,
#   busybox  is what runs there.
# kernel.sh source [LAB]: unpack the newest linux-source, or that of the lab's
#   kernel, and print its folder.

. "$(dirname "$0")/lib.sh"
. "$lab/apt.sh"
. "$lab/labs.sh"

# What nobody used for ten days goes; the date is that of the mark.
forget_old()
{
	local mark
	find "$cache/src" "$cache/kernel" -mindepth 2 -maxdepth 2 -name .ready -mtime +10 |
		while read -r mark; do rm -rf "${mark%/*}"; done
}

newest_source()
{
	apt-cache "${apt_options[@]}" pkgnames linux-source- |
		grep -E '^linux-source-[0-9.]+$' | sort -V | tail -n 1
}

# unpack_source FOLDER PACKAGE [VERSION]
unpack_source()
{
	local folder=$1 package=$2
	[[ ! -e $folder/.ready ]] || return 0
	need_room 3000
	apt_unpack "$folder.deb" "$package${3:+=$3}"
	say "unpacking $package"
	rm -rf "$folder"
	mkdir -p "$folder"
	tar -xf "$folder.deb/usr/src/$package.tar.xz" -C "$folder" --strip-components=1
	rm -rf "$folder.deb"
	touch "$folder/.ready"
}

source_ready()
{
	local package
	package=$(newest_source)
	[[ $package ]] || die "no linux-source package to be had"
	source=$cache/src/$package-$(apt_version "$package")
	with_lock source unpack_source "$source" "$package"
	touch -c "$source/.ready"
}

# The source that Debian built the lab's kernel from, and how its kernel for
# every machine is configured, in the file debian-config.
unpack_debian_source()
{
	local folder=$1 linux=$2 version=$3
	[[ ! -e $folder/debian-config ]] || return 0
	unpack_source "$folder" "linux-source-$linux" "$version"
	apt_unpack "$folder.deb" "linux-config-$linux=$version"
	xz -dc "$folder.deb/usr/src/linux-config-$linux/config.amd64_none_amd64.xz" >"$folder/debian-config.new"
	mv "$folder/debian-config.new" "$folder/debian-config"
	rm -rf "$folder.deb"
}

debian_source_ready()
{
	local version linux
	version=$(apt_version "linux-image-$lab_flavour" "$lab_suite")
	[[ $version ]] || die "no linux-image-$lab_flavour to be had"
	linux=$(cut -d . -f 1-2 <<<"$version")
	source=$cache/src/linux-source-$linux-$version
	with_lock source unpack_debian_source "$source" "$linux" "$version"
	touch -c "$source/.ready"
}

# Every option of a fragment must have survived olddefconfig.
options_held()
{
	local config=$1 line name bad=0
	shift
	while read -r line; do
		case $line in
		'# CONFIG_'*' is not set') name=${line#\# } name=${name%% *} ;;
		CONFIG_*=n) name=${line%=n} ;;
		CONFIG_*)
			grep -qxF "$line" "$config" || { say "kernel: not set: $line"; bad=1; }
			continue ;;
		*) continue ;;
		esac
		if grep -q "^$name=" "$config"; then
			say "kernel: still set: $name"
			bad=1
		fi
	done < <(cat "$@")
	return $bad
}

build_from_source()
{
	local name=$1 folder=$2 build=$2/build log=$2/log
	shift 2
	[[ ! -e $folder/.ready ]] || return 0
	need_room 1500
	rm -rf "$folder"
	mkdir -p "$build"
	local make=(make -C "$source" "O=$build" "ARCH=$lab_arch" "CROSS_COMPILE=$lab_cross" "LLVM=$lab_llvm")

	say "building kernel $name (${source##*/}), minutes; log: $log"
	run_logged "$log" "${make[@]}" tinyconfig
	run_logged "$log" "$source/scripts/kconfig/merge_config.sh" -m -O "$build" "$build/.config" "$@"
	run_logged "$log" "${make[@]}" olddefconfig
	options_held "$build/.config" "$@" || die "kernel $name is not what its fragment asks for"
	run_logged "$log" "${make[@]}" "-j$(nproc)"
	ln -s "build/$lab_image" "$folder/image"
	touch "$folder/.ready"
}

from_source()
{
	local name=$1 fragments=() f key
	source_ready
	for f in $lab_fragments; do fragments+=("$lab/configs/$f.config"); done
	key=$({ cat "${fragments[@]}"; gcc --version; echo "$source$lab_llvm"; } | sha256sum | cut -c 1-12)
	folder=$cache/kernel/$name-$key
	with_lock "kernel-$name" build_from_source "$name" "$folder" "${fragments[@]}"
}

# What runs in the machine's place of busybox: its own, or one of its architecture.
busybox_ready()
{
	local folder=$1 root=$1/userland
	[[ ! -e $folder/busybox ]] || return 0
	if [[ $lab_foreign ]]; then
		apt_of "$lab_foreign"
		with_lock "apt-$lab_foreign" apt_update
		apt_unpack "$root" busybox-static
		ln -s userland/bin/busybox "$folder/busybox"
	else
		ln -s /bin/busybox "$folder/busybox"
	fi
}

# The versioned packages behind the metapackages: the image, its headers and what those need.
debian_packages()
{
	apt-cache "${apt_options[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts \
		--no-breaks --no-replaces --no-enhances "$@" |
		grep -oE '^linux-(image|binary|modules|base|headers|kbuild)-[0-9].*' | grep -v -e dbg -e unsigned | sort -u
}

# tools_of_machine ROOT VERSION PACKAGE...: what of these are programs to compile modules with.
tools_of_machine()
{
	local root=$1 version=$2 package apt_options=("${apt_native[@]}")
	shift 2
	for package; do
		[[ $package = linux-kbuild-* ]] || continue
		apt_unpack "$root.tools" "$package=$version"
		cp -a "$root.tools/." "$root/"
		rm -rf "$root.tools"
	done
}

unpack_debian()
{
	local name=$1 folder=$2 root=$2/root version=$3 packages modules image
	[[ ! -e $folder/.ready ]] || return 0
	need_room 1000
	mapfile -t packages < <(debian_packages "linux-image-$lab_flavour=$version" \
						"linux-headers-$lab_flavour=$version")
	apt_unpack "$root" "${packages[@]}"
	[[ ! $lab_foreign ]] || tools_of_machine "$root" "$version" "${packages[@]}"
	# All of it is below usr since 7.x.
	[[ -e $root/lib ]] || ln -s usr/lib "$root/lib"
	modules=$(basename "$root"/lib/modules/*)
	# The makefiles say where the packages would have been installed.
	grep -rlZ --include=Makefile --include=.kernelvariables -e /usr/src/ -e /usr/lib/linux-kbuild \
		"$root/usr/src/linux-headers-$modules" |
		xargs -0 sed -i -E "s,(^|[ =])/usr/(src|lib/linux-kbuild),\1$root/usr/\2,"
	ln -s "root/usr/src/linux-headers-$modules" "$folder/build"
	image=boot/vmlinuz-$modules
	[[ -e $root/$image ]] || image=lib/modules/$modules/vmlinuz
	ln -s "root/$image" "$folder/image"
	touch "$folder/.ready"
}

from_debian()
{
	local name=$1 version
	if [[ $lab_foreign ]]; then
		apt_of "$lab_foreign"
		with_lock "apt-$lab_foreign" apt_update
	fi
	version=$(apt_version "linux-image-$lab_flavour" "$lab_suite")
	[[ $version ]] || die "no linux-image-$lab_flavour to be had"
	folder=$cache/kernel/$name-$version
	with_lock "kernel-$name" unpack_debian "$name" "$folder" "$version"
}

(($# == 1)) || [[ $# = 2 && $1 = source ]] || die "usage: kernel.sh LAB|source [LAB]"
lab_fragments=newest
if [[ ${*: -1} != source ]]; then
	lab_define "${*: -1}"
	prefer "$lab_release"
fi
# shellcheck disable=SC2086
"$lab/tools.sh" ${lab_tools:-}
with_lock apt apt_update
with_lock forget forget_old
if [[ $1 = source ]]; then
	if [[ $lab_fragments ]]; then source_ready; else debian_source_ready; fi
	echo "$source"
	exit
fi
if [[ $lab_fragments ]]; then
	from_source "$1"
else
	from_debian "$1"
fi
with_lock "kernel-$1" busybox_ready "$folder"
touch -c "$folder/.ready"
echo "$folder"
