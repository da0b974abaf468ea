#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# build.sh LAB [MAKE-ARGUMENT...]: compile all modules for that lab, with W=1, under
# build/LAB and print that folder.  The sources are linked there, so that the
# objects of different kernels never mix and the tree stays clean.
#   BUILD_IN=FOLDER  compile there instead

. "$(dirname "$0")/lib.sh"
. "$lab/labs.sh"

(($#)) || die "usage: build.sh LAB [MAKE-ARGUMENT...]"
name=$1
shift
lab_define "$name"
folder=${BUILD_IN:-$top/build/$name}
kernel=$("$lab/kernel.sh" "$name")

# A link for every source, none for those that are gone; nor a module whose folder is.
link_sources()
{
	local path
	find "$folder" -type l -delete
	cd "$top" || return
	cp -p Kbuild dkms.conf "$folder/"
	find module kunit \( -name '*.[chS]' -o -name Kbuild \) ! -name '*.mod.c' |
		while read -r path; do
			mkdir -p "$(dirname "$folder/$path")"
			ln -s "$top/$path" "$folder/$path"
		done
	find "$folder" -name '*.ko' | while read -r path; do
		[[ -e ${path%/*}/Kbuild ]] || rm "$path"
	done
}

# KASAN's red zones around the globals of a module are made by its constructors, and taken away with its
# memory, but not without KASAN_VMALLOC: then the modules have no constructors.
remove_constructors()
{
	local config=$kernel/build/.config
	grep -qs '^CONFIG_KASAN=y' "$config" && ! grep -q '^CONFIG_KASAN_VMALLOC=y' "$config" || return 0
	find "$folder" -name '*.ko' -exec objcopy -R .init_array -R .rela.init_array {} \;
}

compile()
{
	need_room 200 "$top"
	mkdir -p "$folder"
	# Objects of another kernel would be taken for up to date.
	if [[ $(cat "$folder/.kernel" 2>/dev/null) != "$kernel" ]]; then
		rm -rf "$folder"
		mkdir -p "$folder"
		echo "$kernel" >"$folder/.kernel"
	fi
	(link_sources)
	lab_make "$kernel" "$folder" W=1 "$@" >&2
	(remove_constructors)
}

with_lock "build-${folder//\//-}" compile "$@"
echo "$folder"
