#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# try.sh [-s SECONDS] [LAB [FILESYSTEM...]]: filesystems of the kernel (minix f2fs)
# compiled against kmobj, in a virtual machine of lab debian, on a disk: mkfs, mount,
# a source tree unpacked and verified, unmount, fsck, and the same on the untouched
# modules, timed beside them.  The times go to build/port/LAB/times.
#   -s  fio as well, and each of stress-ng's filesystem stressors for SECONDS

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"

stress=0
while getopts 's:' option; do
	case $option in
	s) stress=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
name=${1:-debian}
shift $(($# > 0))
filesystems=${*:-minix f2fs}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
payload=$work/payload
kernel=$("$lab/kernel.sh" "$name")
source=$("$lab/kernel.sh" source "$name")
release=$(ls "$kernel/root/lib/modules")
tools=(f2fs-tools)
((stress == 0)) || tools+=(fio stress-ng)
"$lab/tools.sh" "${tools[@]}"

# What a module of ours needs of the kernel's own, each after those that it needs itself.
needed()
{
	local root=$kernel/root
	[[ -e $root/lib/modules/$release/modules.dep ]] || depmod -b "$root" "$release"
	modinfo -F depends "$1" | tr , '\n'
	modinfo -F softdep "$1" | sed 's/pre://' | tr ' ' '\n'
}

dependencies()
{
	local file=$1 module path
	mkdir -p "$payload/deps"
	touch "$payload/deps/order"
	for module in $(needed "$file"); do
		modprobe -d "$kernel/root" -S "$release" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | while read -r path; do
		! grep -qx "${path##*/}" "$payload/deps/order" || continue
		cp "$path" "$payload/deps/"
		echo "${path##*/}" >>"$payload/deps/order"
	done
}

add_filesystem()
{
	local fs=$1 folder kind
	folder=$("$top/scripts/port/port.sh" -l "$name" "fs/$fs" 2>"$work/log") || { tail -n 30 "$work/log" >&2; return 1; }
	for kind in slub kmobj; do
		mkdir -p "$payload/$kind"
		cp "$folder/$kind/fs/$fs/$fs.ko" "$payload/$kind/"
	done
	dependencies "$folder/slub/fs/$fs/$fs.ko"
	guest_tool "$payload" "mkfs.$fs"
	guest_tool "$payload" "fsck.$fs"
}

pack()
{
	local tree=fs/nfs
	((stress == 0)) || tree=fs
	cd "$source/$tree" || return
	find . -type f -printf '%P\n' | sort >"$work/names"
	tar -cf "$payload/tree.tar" -T "$work/names"
	xargs sha256sum <"$work/names" >"$payload/tree.sums"
	cd "$top" || return
	say "$(wc -l <"$work/names") files of ${source##*/}/$tree, $(du -k "$payload/tree.tar" | cut -f 1) kB"
}

# The two modules side by side, seconds.
table()
{
	awk -F , -v OFS='\t' '
		NF == 4 { key = $1 OFS $3; if (!(key in slub)) { order[++n] = key; slub[key] = kmobj[key] = "-" }
			  if ($2 == "slub") slub[key] = $4; else kmobj[key] = $4 }
		END { print "filesystem", "step", "untouched", "kmobj"
		      for (i = 1; i <= n; i++) print order[i], slub[order[i]], kmobj[order[i]] }' "$1"
}

mkdir -p "$payload"
for fs in $filesystems; do
	add_filesystem "$fs"
done
cp "$top/build/$name/module/kmobj.ko" "$top/build/$name/module/kmem_cache/kmobj_kmem_cache.ko" "$payload/"
((stress == 0)) || { guest_tool "$payload" fio; guest_tool "$payload" stress-ng; }
pack
printf 'filesystems="%s" stress=%d\n' "$filesystems" "$stress" >"$payload/settings"

truncate -s 512M "$work/disk"
log=$top/build/port/$name/log
LAB_QEMU="-drive file=$work/disk,if=none,id=disk,format=raw,cache=unsafe -device nvme,drive=disk,serial=lab" \
	"$lab/boot.sh" -v -l "$log" -t "${PORT_LIMIT:-$((300 + stress * 300))}" "$name" "$payload" "$top/scripts/port/guest" |
	tee "$work/times"
table "$work/times" >"$top/build/port/$name/times"
cat "$top/build/port/$name/times"
