#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# plot.sh FOLDER/LAB: from LAB.csv and LAB.uptime there, LAB-speedup.svg (how
# many times better than kmem_cache, by row), LAB-scaling.svg (objects a second
# by CPUs) and LAB-memory.svg (bytes kept over time), those that have data.

. "$(dirname "$0")/../lab/lib.sh"

base=${1:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

command -v gnuplot >/dev/null || "$lab/tools.sh" gnuplot-nox
command -v gnuplot >/dev/null || { say "no gnuplot: no plots"; exit 0; }
sizes='32 64 128 256 512 1024 4096'

# plot NAME: gnuplot commands from stdin into the file of that name.
plot()
{
	{
		echo "set terminal svg size 1000,${height:-560} background 'white' font 'sans,13' noenhanced"
		echo "set output '$base-$1.svg'; set grid; set key outside right top"
		cat
	} | gnuplot
	say "$base-$1.svg"
}

# A line for each row, its ratios at all sizes; those without a size under 256.
awk -F, -v sizes="$sizes" '
	BEGIN { n = split(sizes, size, " ") }
	NR > 1 && $10 != "" && $1 !~ /\+/ {
		row = $3 ($5 > 1 ? " x" $5 : "")
		if (!(row in seen)) { seen[row] = 1; order[++rows] = row }
		ratio[row, $4 == "" ? 256 : $4] = $10
	}
	END {
		for (r = 1; r <= rows; r++) {
			printf "\"%s\"", order[r]
			for (s = 1; s <= n; s++)
				printf " %s", (order[r], size[s]) in ratio ? ratio[order[r], size[s]] : "NaN"
			print ""
		}
	}' "$base.csv" >"$work/speedup"

if [[ -s $work/speedup ]]; then
	height=$((160 + 24 * $(wc -l <"$work/speedup"))) plot speedup <<-END
		set title 'how many times better than kmem_cache (above 1: a win)'
		set logscale x; set xlabel 'times'; set yrange [-1:$(wc -l <"$work/speedup")] reverse
		set arrow from 1, graph 0 to 1, graph 1 nohead lw 2 lc 'gray40'
		plot for [s=1:$(wc -w <<<"$sizes")] '$work/speedup' using (column(s+1)):0:ytic(1) with points pt 7 ps 0.7 \
			title word('$sizes', s).' bytes'
	END
fi

# Millions of operations a second of all CPUs together, for 256 bytes.
for row in pair batch churn; do
	awk -F, -v row="all-$row" '
		$3 == row && $4 == 256 && $7 != "" { print $5, 1e3 * $5 / $7, 1e3 * $5 / $8, 1e3 * $5 / $9 }' \
		"$base.csv" >"$work/$row"
done
if [[ -s $work/pair ]]; then
	height=420 plot scaling <<-END
		set multiplot layout 1,3 title 'operations a second by CPUs, 256 bytes'
		set logscale x 2; set logscale y; set xlabel 'CPUs'; set ylabel 'millions a second'
		set key inside right bottom samplen 1
		do for [row in 'pair batch churn'] {
			set title row
			plot '$work/'.row using 1:4 with linespoints lc 'gray' title 'floor', \
				'' using 1:2 with linespoints lc 2 title 'kmobj', \
				'' using 1:3 with linespoints lc 4 title 'kmem_cache'
		}
	END
fi

if [[ -s $base.uptime ]]; then
	plot memory <<-END
		set title 'eight types that come and go: memory kept over time'
		set xlabel 'millions of operations'; set ylabel 'MiB'; set yrange [0:*]
		plot '$base.uptime' using (\$1/1e6):4 with lines lc 4 title 'kept by kmem_cache', \
			'' using (\$1/1e6):3 with lines lc 2 title 'kept by kmobj', \
			'' using (\$1/1e6):5 with lines lc 3 title 'if objects can be moved', \
			'' using (\$1/1e6):2 with lines lc 'gray' title 'live'
	END
fi
