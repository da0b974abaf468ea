#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# dump.sh LOG CORE KMOBJ.KO: kmobjdump on the memory of a machine that dump.guest ran on.
# The last line is `N passed, N failed`.

. "$(dirname "$0")/../lab/lib.sh"
. "$top/scripts/test/count.sh"

(($# == 3)) || die "usage: dump.sh LOG CORE KMOBJ.KO"
log=$1 core=$2 module=$3
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

dump() { "$top/scripts/tools/kmobjdump" -c "$core" -m "$module" "$@"; }
pid_of() { sed -n "s/^by \([0-9]*\) $1\$/\1/p" "$log"; }
addresses() { cut -d ' ' -f 1 | sort; }

# told TEXT COMMAND...: it fails, and the text is all it says.
told()
{
	local text=$1
	shift
	if "$@" >"$work/said" 2>&1 || [[ $(<"$work/said") != "$text" ]]; then
		cat "$work/said"
		return 1
	fi
}

# The guest's own table, up to the totals.
as_vmstat() { dump zones | diff <(sed -n '/^DUMP-BEGIN/,/^DUMP-END/{/^DUMP/d;/^$/q;p}' "$log") -; }

# Each with the task that allocated it.
all_live()
{
	dump live exercise >"$work/live" || return
	[[ $(wc -l <"$work/live") = 1870 ]] || { wc -l "$work/live"; return 1; }
	grep -q " kmobj_exercise:exercise, allocated by pid $(pid_of holder) on CPU [01]\$" "$work/live" || return
	[[ $(grep -c " pid $(pid_of leaker) " "$work/live") = 1000 ]]
}

# A few pointers may still lie on stacks; but what is listed was leaked, and nothing of zones in use.
leaked()
{
	dump leaks >"$work/leaks" || return
	grep " pid $(pid_of leaker) " "$work/live" | addresses >"$work/leaked"
	addresses <"$work/leaks" | comm -23 - "$work/leaked" >"$work/not"
	[[ ! -s $work/not && $(grep -c ' kmobj_exercise:exercise$' "$work/leaks") -ge 990 ]] || { cat "$work/leaks"; return 1; }
}

live_are_live()
{
	local at
	mapfile -t at < <(addresses <"$work/live")
	dump whatis "${at[@]}" >"$work/what"
	[[ $(grep -cE '^[0-9a-f]{16}: kmobj_exercise:exercise: object [0-9]+ at [0-9a-f]+, byte 0: live, allocated by pid [0-9]+ on CPU [01]; slab [0-9a-f]+, no CPU.s$' \
		"$work/what") = 1870 ]] || { head "$work/what"; return 1; }
}

# The neighbours of live objects, if they are not live, too.
freed_are_free()
{
	local at
	mapfile -t at < <(addresses <"$work/live" | while read -r at; do printf '%x\n' $((0x$at - stride)) $((0x$at + stride)); done)
	dump whatis "${at[@]}" >"$work/next"
	[[ $(grep ": free, freed by pid $(pid_of freer) on CPU" "$work/next" | addresses | uniq | wc -l) -ge 2 ]] || return
	grep ', byte 0: live' "$work/next" | cut -d : -f 1 | sort -u | comm -23 - <(addresses <"$work/live") | diff /dev/null -
}

around_an_object()
{
	local slab byte
	slab=$(sed -n '1s/.*; slab \([0-9a-f]*\),.*/\1/p' "$work/what")
	byte=$(printf '%x %x %x %x' $((0x$first + 199)) $((0x$first + 200)) $((0x$slab + 8)) 4096)
	# shellcheck disable=SC2086
	dump whatis $byte | sed 's/^[0-9a-f]*: //; s/live.*/live/' | diff - <(cat <<-END
		kmobj_exercise:exercise: object $index at $first, byte 199: live
		kmobj_exercise:exercise: object $index at $first, 0 bytes behind its end: live
		kmobj_exercise:exercise: header of slab $slab, no CPU's, byte 8
		in no slab of kmobj
	END
	)
}

# Of a zone whose slabs CPUs have.
owned_by_cpus()
{
	local at
	mapfile -t at < <(dump live "kmobjfs:*:inode" | addresses)
	dump whatis "${at[@]}" >"$work/inodes"
	grep -qE ": live; slab [0-9a-f]+, CPU [01]'s\$" "$work/inodes" || { head "$work/inodes"; return 1; }
}

bad_files()
{
	told "kmobjdump: $log: no ELF file of a 64-bit machine; makedumpfile -E makes one" \
		"$top/scripts/tools/kmobjdump" -c "$log" zones || return
	told "kmobjdump: $work/none: No such file or directory" "$top/scripts/tools/kmobjdump" -c "$work/none" zones || return
	told "kmobjdump: $module: has no VMCOREINFO, which qemu has of -device vmcoreinfo and the guest's qemu_fw_cfg" \
		"$top/scripts/tools/kmobjdump" -c "$module" zones || return
	"$top/scripts/tools/kmobjdump" -c "$core" -m "$log" zones >"$work/said" 2>&1 && return 1
	grep -q "^kmobjdump: $log: no debug information of kmobj: " "$work/said" || { cat "$work/said"; return 1; }
	sed 's/\(\x00srcversion=\)./\1X/' "$module" >"$work/kmobj.ko"
	told "kmobjdump: $work/kmobj.ko is not the kmobj.ko that was loaded: another source" \
		"$top/scripts/tools/kmobjdump" -c "$core" -m "$work/kmobj.ko" zones
}

bad_arguments()
{
	told "kmobjdump: argument ADDRESS: invalid address value: 'x'; see kmobjdump --help" dump whatis x || return
	told 'kmobjdump: the following arguments are required: ZONE; see kmobjdump --help' dump live || return
	dump live nonsense >"$work/said" 2>&1 && return 1
	grep -q '^kmobjdump: no zone nonsense: .*exercise' "$work/said"
}

check "kmobjdump: zones, as vmstat has them" as_vmstat
check "kmobjdump: each live object, and who allocated it" all_live
check "kmobjdump: what nothing points to was leaked" leaked
check "kmobjdump: what lies at a live object's address" live_are_live
# Two live objects of a slab say how far apart they are.
read -r index first <<<"$(sed -n '1s/.* object \([0-9]*\) at \([0-9a-f]*\),.*/\1 \2/p' "$work/what")"
read -r other second <<<"$(sed -n '2s/.* object \([0-9]*\) at \([0-9a-f]*\),.*/\1 \2/p' "$work/what")"
stride=$(((0x$second - 0x$first) / (other - index)))
check "kmobjdump: what lies at a free object's address, and who freed it" freed_are_free
check "kmobjdump: what lies within an object, behind it, in a header, elsewhere" around_an_object
check "kmobjdump: slabs that CPUs own" owned_by_cpus
check "kmobjdump: files that are none" bad_files
check "kmobjdump: bad arguments" bad_arguments
total
