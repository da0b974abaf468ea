#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# port.sh MODULE [LAB]: compile a module of the kernel, such as fs/minix, against
# kmobj with not a line of it changed, and the untouched one beside it, and print
# the folder: in it kmobj/MODULE and slub/MODULE.  The source is that of the lab's
# kernel (debian), taken out of Debian's package into build/.

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"

(($# == 1 || $# == 2)) || die "usage: port.sh MODULE [LAB], such as: port.sh fs/minix"
module=${1%/} name=${2:-debian}
lab_define "$name"
source=$("$lab/kernel.sh" source "$name")
kernel=$("$lab/kernel.sh" "$name")
config=$kernel/build/.config
folder=$top/build/port/$name

test -d "$source/$module" || die "no $module in ${source##*/}"
kmobj=$("$lab/build.sh" "$name")

# What the module's own files ask about.
options()
{
	cd "$source/$module" || return
	{
		sed -nE 's/^(menu)?config +/CONFIG_/p' Kconfig*
		cat Makefile Kbuild 2>/dev/null | grep -oE '\bCONFIG_[A-Z0-9_]+'
	} | sort -u
}

# An option that this kernel leaves out is as in Debian's kernel for every machine.
value_of()
{
	local value
	value=$(sed -n "s/^$1=//p" "$config")
	[[ $value || ! -e $source/debian-config ]] || value=$(sed -n "s/^$1=//p" "$source/debian-config")
	echo "$value"
}

# The option that makes it a module, and all others, for make and for the compiler.
options_as_kbuild()
{
	local main option value
	main=$({ cat "$source/$module"/{Kbuild,Makefile} 2>/dev/null || true; } |
		sed -nE 's/^obj-\$\((CONFIG_[A-Z0-9_]+)\).*/\1/p' | head -n 1)
	[[ $main ]] || die "$module: no obj-\$(CONFIG_...) in its makefile"
	! grep -qx "$main=y" "$config" || die "$module is built into the kernel of lab $name"
	while read -r option; do
		value=$(value_of "$option")
		[[ $option != "$main" ]] || value=m
		[[ $value ]] || continue
		echo "$option := $value"
		grep -q "^$option=" "$config" || case $value in
		m) echo "ccflags-y += -D${option}_MODULE=1" ;;
		y) echo "ccflags-y += -D$option=1" ;;
		*) echo "ccflags-y += '-D$option=$value'" ;;
		esac
	done < <(options)
}

# prepare FOLDER [LINE]: the source as it is, and a Kbuild of ours that includes its makefile.
prepare()
{
	# Objects of another kernel would be taken for up to date.
	if [[ $(cat "$1/.kernel" 2>/dev/null) != "$kernel" ]]; then
		rm -rf "$1"
		mkdir -p "$1"
		echo "$kernel" >"$1/.kernel"
	fi
	cp -rp "$source/$module/." "$1/"
	[[ ! -e $source/$module/Kbuild ]] || mv "$1/Kbuild" "$1/Makefile"
	{ options_as_kbuild; echo "${2:-}"; echo "include \$(src)/Makefile"; } >"$1/Kbuild"
}

# Every file of the kernel's is there as it was.
unchanged()
{
	local file
	(cd "$source/$module" && find . -type f ! -name Kbuild) | while read -r file; do
		cmp "$source/$module/$file" "$1/$file" || die "changed: $file"
	done
}

port()
{
	prepare "$folder/slub/$module"
	lab_make "$kernel" "$folder/slub/$module" >&2
	unchanged "$folder/slub/$module"
	prepare "$folder/kmobj/$module" "NOSTDINC_FLAGS := -I$top/module/include/kmem_cache \$(NOSTDINC_FLAGS)"
	lab_make "$kernel" "$folder/kmobj/$module" "KBUILD_EXTRA_SYMBOLS=$kmobj/Module.symvers" >&2
	unchanged "$folder/kmobj/$module"
}

with_lock "port-${folder//\//-}-${module//\//-}" port
echo "$folder"
