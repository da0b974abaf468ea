#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# memory.sh [LAB]: what comes back when one of several filesystems goes. In a
# virtual machine of lab debian, four mounts are filled and churned together and
# unmounted one by one: kmobjfs on kmobj, a zone each; the same source on SLUB,
# a cache each, merged as the kernel does by default; and tmpfs, one cache for
# all mounts. Then they are filled anew, half of each is deleted at random, and nobody
# unmounts. Last a cache of names is shrunk. Leaves build/memory/LAB/{csv,table,svg}.
# Environment: MEMORY_ACTS ("unmount half hint"), MEMORY_MOUNTS (4), MEMORY_FILES (4000
#   in each), MEMORY_ROUNDS (5), MEMORY_SEED (1), and boot.sh's. MEMORY_FILL_ON, MEMORY_CREATE_ON and
#   MEMORY_REMOVE_ON are masks of the CPUs where the mounts are filled, where files
#   are made again, and where they are removed (ff: any).

# shellcheck source=scripts/lab/lib.sh
. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"

name=${1:-debian}
acts=${MEMORY_ACTS:-unmount half hint}
folder=$top/build/memory/$name
payload=$folder/payload
lab_define "$name"
kernel=$("$lab/kernel.sh" "$name")

# kmobjfs, not a line of it changed, with another kmobj.h.
on_slub()
{
	local module=$folder/slub/module
	local sample=$module/samples/kmobjfs
	rm -rf "$module"
	mkdir -p "$sample" "$module/include"
	cp "$top"/module/samples/kmobjfs/{*.[ch],Kbuild} "$sample/"
	cp "$top/scripts/bench/kmobj_on_slub.h" "$module/include/kmobj.h"
	make -C "$kernel/build" "M=$sample" "ARCH=$lab_arch" "-j$(nproc)" --no-print-directory modules >&2
	cp "$sample/kmobjfs.ko" "$payload/slub/"
}

# KiB held for the files, what is left of that after each unmount, and what the first gave back.
table()
{
	awk -F, '
		$1 == "base" { base[$2] = $4; kinds[++n] = $2 }
		$1 == "left" { left[$2, $3] = $4 - base[$2]; if ($3 > mounts) mounts = $3 }
		END {
			text["kmobj"] = "kmobjfs on kmobj"
			text["slub"] = "kmobjfs on SLUB"
			text["tmpfs"] = "tmpfs"
			printf "%-17s %9s", "KiB", "all"
			for (m = 1; m <= mounts; m++)
				printf " %9s", m " gone"
			print "  given back by the first"
			for (i = 1; i <= n; i++) {
				kind = kinds[i]
				printf "%-17s", text[kind]
				for (m = 0; m <= mounts; m++)
					printf " %9d", left[kind, m]
				gone = left[kind, 0] - left[kind, 1]
				printf "  %d, %.0f%% of its share\n", gone, 100 * gone * mounts / left[kind, 0]
			}
		}' "$folder/csv"
}

# KiB held for the files, with all of them and with half; zones whose objects move must
# give back 80% of what the deleted had.
half()
{
	awk -F, '
		function row(text, full, half,   had) {
			had = full * deleted[kind]
			printf "%-17s %9d %9d  %d, %.0f%% of what the deleted files had", text, full, half, full - half, 100 * (full - half) / had
			return (full - half) / had
		}
		$1 == "full" { full[$2, $3] = $4 }
		$1 == "half" { half[$2, $3] = $4 }
		$1 == "deleted" { deleted[$2] = $3 / $4; kinds[++n] = $2 }
		END {
			text["kmobj"] = "kmobjfs on kmobj"
			text["slub"] = "kmobjfs on SLUB"
			text["tmpfs"] = "tmpfs"
			printf "%-17s %9s %9s  given back, nothing unmounted\n", "KiB", "all", "half"
			for (i = 1; i <= n; i++) {
				kind = kinds[i]
				row(text[kind], full[kind, "all"], half[kind, "all"])
				print ""
				if (kind != "kmobj")
					continue
				won = row("  names, nodes", full[kind, "dirent"] + full[kind, "node"], half[kind, "dirent"] + half[kind, "node"]) >= 0.8
				print ", which move: " (won ? "won" : "LOSS (must: 80%)")
				row("  inodes", full[kind, "inode"], half[kind, "inode"])
				print ", which stay"
			}
		}' "$folder/csv"
}

# What the shrinker of a cache gives back for each name that it forgets.
hint()
{
	awk -F, '$1 == "forgot" {
		printf "%s: %d names forgotten, %d KiB given back, %.3f pages a name\n",
			$2 == "Y" ? "those first whose slab has the fewest" : "the least recently used first", $3, $4, $4 / 4 / $3
	}' "$folder/csv"
}

tables()
{
	[[ $acts != *unmount* ]] || table
	[[ $acts != *half* ]] || half
	[[ $acts != *hint* ]] || hint
}

plot()
{
	local kind
	command -v gnuplot >/dev/null || "$lab/tools.sh" gnuplot-nox
	for kind in kmobj slub tmpfs; do
		awk -F, -v kind=$kind '$2 == kind && $1 == "base" { base = $4; print 0, 0 }
			$2 == kind && $1 == "kept" { print $3 / 1000, ($4 - base) / 1024 }' "$folder/csv" >"$folder/$kind.data"
	done
	gnuplot <<-END
		set terminal svg size 1000,560 background 'white' font 'sans,13' noenhanced
		set output '$folder/svg'; set grid; set key outside right top
		set title '${MEMORY_MOUNTS:-4} mounts filled, churned together, unmounted one by one'
		set xlabel 'thousands of files created and deleted'; set ylabel 'MiB'; set yrange [0:*]
		plot '$folder/slub.data' with lines lc 4 title 'kmobjfs on SLUB', \
			'$folder/tmpfs.data' with lines lc 'gray' title 'tmpfs', \
			'$folder/kmobj.data' with lines lc 2 title 'kmobjfs on kmobj'
	END
}

rm -rf "$payload"
mkdir -p "$payload/slub"
log=$folder/log
modules=$("$lab/build.sh" "$name" 2>"$log") || { tail -n 30 "$log" >&2; exit 1; }
attempt on_slub >"$log" 2>&1
((attempted == 0)) || { tail -n 30 "$log" >&2; exit 1; }
cp "$modules"/module/kmobj.ko "$modules"/module/samples/kmobjfs/kmobjfs.ko \
	"$modules"/module/samples/namecache/kmobj_namecache.ko "$payload/"
printf 'acts="%s" mounts=%d files=%d rounds=%d seed=%d fill_on=%s create_on=%s remove_on=%s\n' "$acts" "${MEMORY_MOUNTS:-4}" \
	"${MEMORY_FILES:-4000}" "${MEMORY_ROUNDS:-5}" "${MEMORY_SEED:-1}" "${MEMORY_FILL_ON:-ff}" \
	"${MEMORY_CREATE_ON:-ff}" "${MEMORY_REMOVE_ON:-ff}" >"$payload/settings"
"$lab/boot.sh" -v -l "$log" -t 900 "$name" "$payload" "$top/scripts/bench/memory.guest" >"$folder/csv"
tables | tee "$folder/table"
[[ $acts = *unmount* ]] || exit 0
plot
say "$folder/svg"
