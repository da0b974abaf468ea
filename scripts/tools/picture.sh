#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# picture.sh [OUT]: draw what the dashboard grafana.json shows of a run in lab uml, as OUT, by default
# grafana.svg beside it. Its expressions are evaluated by Prometheus on what `kmobjstat --prometheus`
# said each second; Debian has no Grafana, so gnuplot draws.

. "$(dirname "$0")/../lab/lib.sh"

here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath "${1:-$here/grafana.svg}")
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT
port=19090
# what kmobjstat says of second N is of this time
began=1700000000

"$lab/tools.sh" gnuplot-nox jq
prometheus=$("$lab/unpacked.sh" prometheus)/usr/bin

record()
{
	local folder
	folder=$("$lab/build.sh" uml)
	mkdir "$work/payload"
	find "$folder" -name '*.ko' -exec cp -t "$work/payload" {} +
	"$lab/boot.sh" -l "$work/log" -t 300 uml "$work/payload" "$here/picture.guest"
}

# The samples in the format OpenMetrics, each with its time and a name for the machine.
samples()
{
	local line at='' file=$work/stats
	tr -d '\r' <"$work/log" | sed -n '/^PICTURE-AT/,/^PICTURE-END/p' | while read -r line; do
		case $line in
		PICTURE-*)
			[[ ! $at ]] || "$here/kmobjstat" --prometheus -f "$file" |
				sed -n "/^[^#]/s/{\(.*\)} \(.*\)/{instance=\"lab\",\1} \2 $((began + at))/p"
			read -r _ at <<<"$line"
			: >"$file"
			;;
		*) echo "$line" >>"$file" ;;
		esac
	done | sort -s -t '{' -k 1,1
	echo '# EOF'
}

serve()
{
	printf 'global: {}\n' >"$work/prometheus.yml"
	"$prometheus/prometheus" --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/tsdb" \
		--storage.tsdb.retention.time=100y --web.listen-address="127.0.0.1:$port" >"$work/served" 2>&1 &
	for _ in {1..100}; do
		! "$prometheus/promtool" query instant "http://127.0.0.1:$port" 1 >/dev/null 2>&1 || return 0
		sleep 0.2
	done
	cat "$work/served"
	return 1
}

# query EXPR LEGEND: blocks for gnuplot, each headed by its legend.
query()
{
	local expr=${1//\$__rate_interval/10s} legend=$2
	expr=${expr//\"\$instance\"/\".*\"}
	"$prometheus/promtool" query range -o json --start $((began + 10)) --end $((began + 70)) --step 2s \
		"http://127.0.0.1:$port" "${expr//\"\$zone\"/\".*\"}" |
		jq -r --arg legend "$legend" --argjson began "$began" '.[] |
			(.metric.zone as $zone | $legend | gsub(" *{{instance}} *"; "") | gsub("{{zone}}"; " " + $zone)) as $name |
			"\"\($name | ltrimstr(" "))\"", (.values[] | "\(.[0] - $began) \(.[1])"), "", ""'
}

# The title of panel N: its unit, and what a second expression is, whose lines are dashed.
title()
{
	jq -r --argjson n "$1" '.panels[$n] | ([.fieldConfig.defaults.unit | select(. != "short")] +
		[.targets[1:][].legendFormat | gsub(" *{{[a-z]*}} *"; "") | "dashed: " + .]) as $more |
		.title + if $more == [] then "" else " (" + ($more | join("; ")) + ")" end' "$here/grafana.json"
}

panels()
{
	local n number expr legend zones=0 lines
	number=$(jq '.panels | length' "$here/grafana.json")
	for ((n = 0; n < number; n++)); do
		jq -r ".panels[$n].targets[] | .expr, .legendFormat" "$here/grafana.json" |
			while read -r expr && read -r legend; do
				query "$expr" "$legend"
			done >"$work/panel.$n"
		lines=$(grep -c '^"' "$work/panel.$n")
		((zones)) || zones=$lines
		echo "set title '$(title "$n")'"
		echo "plot for [i=0:$((lines - 1))] '$work/panel.$n' index i using 1:2 with lines \
			lc i % $zones + 1 dt i / $zones + 1 title columnheader(1)"
		echo 'set key off'
	done
}

record
samples >"$work/samples"
"$prometheus/promtool" tsdb create-blocks-from openmetrics "$work/samples" "$work/tsdb" >/dev/null
serve
panels >"$work/panels"
gnuplot <<-END
	set terminal svg size 1100,1300 background 'white' font 'sans,11' noenhanced
	set output '$out'
	set grid; set key top right samplen 1; set xrange [10:70]; set yrange [0:1<*]; set format y '%.1s%c'
	set multiplot layout 4,2
	$(<"$work/panels")
END
say "$out"
