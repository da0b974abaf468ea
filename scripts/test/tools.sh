#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tools.sh LOG: kmobjstat and kmobjtop on the files that tools.guest wrote to LOG, on
# others, and where they find none.  The last line is `N passed, N failed`.

. "$(dirname "$0")/../lab/lib.sh"
. "$top/scripts/test/count.sh"

(($# == 1)) || die "usage: tools.sh LOG"
log=$1
stat=$top/scripts/tools/kmobjstat
topper=$top/scripts/tools/kmobjtop
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

"$lab/tools.sh" procps util-linux
promtool=$("$lab/unpacked.sh" prometheus)/usr/bin/promtool

for name in before stats slabinfo vmstat; do
	sed -n "/^TOOLS-BEGIN $name\$/,/^TOOLS-END $name\$/{/^TOOLS/d;p}" "$log" >"$work/$name"
	[[ -s $work/$name ]] || die "$log has no file $name"
done

# What no guest has just now: a limit, failures, a name that is not easy, twice; and no UTF-8.
# Counters that came later are 0.
fields=$(head -n 1 "$work/stats")
numbers=$(($(wc -w <<<"$fields") - 1))
{
	echo "$fields"
	echo 'a"b\c 64 64 62 4096 3 10 7 0 2 0 0 1 1 0 8192 5 6 0 0 0 0 0 0 192 4096'
	echo 'foo_bar 100 104 38 4096 20000 100000 80000 0 200 0 0 3000 3000 0 0 0 4 1 2 3 4 0 0 2000000 12288000'
	echo 'foo_bar 8 8 500 4096 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 0 0'
	printf 'gr\xf6\xdfe 16 16 248 4096 9 9 0 0 0 0 0 1 1 0 0 0 0 0 0 0 0 0 0 144 4096\n'
} | LC_ALL=C awk -v numbers="$numbers" '{ while (NF <= numbers) $(NF + 1) = 0; print }' >"$work/odd"

# told STATUS TEXT COMMAND...: it ends with that status, and the text is all it says.
told()
{
	local want=$1 text=$2 got=0
	shift 2
	"$@" >"$work/said" 2>&1 || got=$?
	[[ $got = "$want" && $(<"$work/said") = "$text" ]] || { echo "status $got:" && cat "$work/said" && return 1; }
}

table()
{
	"$stat" -f "$work/odd" | diff - <(cat <<-'END'
		Name        InUse MemUse SlabUse Used% Limit Slabs Allocs Frees Remote% Fails Errors
		a"b\c           3   192B   4096B     5 8192B     1     10     7      29     6      0
		foo_bar     20000  1953K     12M    16     -  3000 100000 80000       0     4     10
		foo_bar#2       0     0B      0B     -     -     0      0     0       -     0      0
		gr\xf6\xdfe     9   144B   4096B     4     -     1      9     0       -     0      0
	END
	)
}

exact()
{
	"$stat" -b -f "$work/odd" | awk '{ print $3, $4, $6 }' | diff - <(cat <<-'END'
		MemUse SlabUse Limit
		192 4096 8192
		2000000 12288000 -
		0 0 -
		144 4096 -
	END
	)
}

# As vmstat has it, which the kernel prints.
same_as_vmstat()
{
	"$stat" -f "$work/stats" | awk 'NR > 1 { print $1, $2, $3, $8 }' |
		diff - <(awk '$1 == "Totals" { exit } NR > 1 { print $1, $2, $3, $6 }' "$work/vmstat")
	grep -q '^kmobjfs:' "$work/vmstat"
}

# By each field, most first, and by the titles; ties by name.
sorts()
{
	local field n=1
	for field in ${fields#name }; do
		n=$((n + 1))
		"$stat" -f "$work/stats" -s "$field" | awk 'NR > 1 { print $1 }' |
			diff - <(sed 1d "$work/stats" | sort -k "$n,${n}nr" -k 1,1 | cut -d ' ' -f 1) || return
	done
	[[ $("$stat" -f "$work/odd" -s 'remote%' | awk 'NR == 2 { print $1 }') = 'a"b\c' ]] || return
	[[ $("$stat" -f "$work/odd" -r | awk 'NR == 2 { print $1 }') = 'gr\xf6\xdfe' ]]
}

filters()
{
	[[ $("$stat" -f "$work/odd" -p 'foo*' | wc -l) = 3 ]] || return
	[[ $("$stat" -f "$work/odd" -p 'foo' | wc -l) = 1 ]] || return
	[[ $("$stat" -f "$work/stats" -p 'kmobjfs:*' | wc -l) = 4 ]] || return
	[[ $("$stat" -f "$work/stats" -p '[0-9]*:inode' | wc -l) = 2 ]] || return
	[[ $("$stat" -f "$work/stats" -p 'inode' | wc -l) = 1 ]]
}

# json CODE FILE [OPTION...]: what is printed is `said`; the file's numbers are `file`.
json()
{
	local code=$1 file=$2
	shift 2
	"$stat" --json -f "$file" "$@" >"$work/json"
	python3 - "$file" "$work/json" "$code" <<-'END'
		import inspect, json, sys
		lines = [l.split() for l in open(sys.argv[1], errors="backslashreplace")]
		file = {l[0]: dict(zip(lines[0][1:], map(int, l[1:]))) for l in lines[1:]}
		said = {z["name"]: z for z in json.load(open(sys.argv[2]))["zones"]}
		exec(inspect.cleandoc(sys.argv[3]))
	END
}

json_has_all()
{
	json 'assert said.keys() == file.keys()
		assert all(said[z][f] == n for z in file for f, n in file[z].items())' "$work/stats"
}

# Of a newer kmobj.ko, that counts more.
json_has_what_is_new()
{
	sed '1s/$/ news/; 2,$s/$/ 7/' "$work/stats" >"$work/newer"
	json 'assert said["kmobj_exercise:exercise"]["news"] == 7' "$work/newer"
}

# What promtool thinks of the format and of the names; then the numbers.
metrics()
{
	local file
	for file in stats odd; do
		"$stat" --prometheus -f "$work/$file" >"$work/prom"
		"$promtool" check metrics <"$work/prom" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
		[[ ! -s $work/said ]] || { cat "$work/said"; return 1; }
	done
	grep -qxF 'kmobj_zone_live_objects{zone="a\"b\\c"} 3' "$work/prom" || return
	grep -qxF 'kmobj_zone_allocs_total{zone="foo_bar"} 100000' "$work/prom" || return
	[[ $(grep -c '^kmobj_zone_slab_bytes{' "$work/prom") = 4 ]]
}

# expressions DASHBOARD: each as a rule, with what Grafana puts in place of its variables.
expressions()
{
	python3 - "$1" <<-'END'
		import json, sys
		exprs = [t["expr"] for p in json.load(open(sys.argv[1]))["panels"] for t in p["targets"]]
		rules = [{"record": f"rule:{n}", "expr": e.replace("$__rate_interval", "5m")} for n, e in enumerate(exprs)]
		print(json.dumps({"groups": [{"name": "kmobj", "rules": rules}]}))
	END
}

# Each is of Prometheus's language, and each metric is one that kmobjstat prints: promtool does not know them.
dashboard()
{
	expressions "$1" >"$work/rules.yml" || return
	"$promtool" check rules "$work/rules.yml" >"$work/said" 2>&1 || { cat "$work/said"; return 1; }
	grep -oE 'kmobj_zone_\w+' "$1" | sort -u >"$work/named"
	[[ -s $work/named ]] || return
	"$stat" --prometheus -f "$work/stats" | sed -n 's/^# TYPE \(\w*\) .*/\1/p' | sort | comm -23 "$work/named" - | diff /dev/null -
}

grafana() { dashboard "$top/scripts/tools/grafana.json"; }

grafana_objects()
{
	local from=$top/scripts/tools/grafana.json
	sed 's/kmobj_zone_slab_bytes/kmobj_zone_slab_byte/' "$from" >"$work/planted.json"
	! dashboard "$work/planted.json" >/dev/null || return
	sed 's/rate(kmobj/rat(kmobj/' "$from" >"$work/planted.json"
	! dashboard "$work/planted.json" >/dev/null || return
	sed '$d' "$from" >"$work/planted.json"
	! dashboard "$work/planted.json" >/dev/null 2>&1
}

promtool_objects()
{
	"$stat" --prometheus -f "$work/odd" | sed 's/_total/_sum/' >"$work/prom"
	! "$promtool" check metrics <"$work/prom" >/dev/null 2>&1
}

# rates FIRST SECOND CODE: the one file takes the other's place between two looks.
rates()
{
	cp "$1" "$work/now"
	cp "$2" "$work/next"
	{ sleep 0.5; mv "$work/next" "$work/now"; } &
	json "s = json.load(open(sys.argv[2]))['seconds']
		grew = lambda zone, field: round(said[zone][field + '_per_s'] * s, 6)
		$3" "$work/now" 1 1
}

rates_of_live_files()
{
	rates "$work/before" "$work/stats" '
		assert 0.9 < s < 5, s
		assert grew("kmobj_exercise:exercise", "allocs") == 1000 and grew("kmobj_exercise:exercise", "frees") == 400
		assert grew("kmobj_exercise:exercise", "slabs_made") == file["kmobj_exercise:exercise"]["slabs_made"] > 0
		assert all(grew(z, "allocs") == 0 for z in said if z != "kmobj_exercise:exercise")'
}

# A zone that is new, one whose name is that of an earlier one; and what was remote since then.
rates_of_new_zones()
{
	sed -e '/^gr/d' -e 's/^a.* 10 7 0 2 /a"b\\c 64 64 62 4096 0 900 900 0 900 /' "$work/odd" >"$work/earlier"
	rates "$work/earlier" "$work/odd" '
		assert grew("gr\\xf6\\xdfe", "allocs") == 9
		assert grew("a\"b\\c", "allocs") == 10 and grew("a\"b\\c", "frees") == 7
		assert grew("foo_bar", "allocs") == 0 and said["foo_bar"]["remote_percent"] is None'
}

interval_shows_tables()
{
	"$stat" -f "$work/odd" 0.01 2 | diff - <(cat <<-'END'
		Name        InUse MemUse SlabUse Used% Limit Slabs Allocs/s Frees/s Remote% Made/s Gone/s Fails/s
		a"b\c           3   192B   4096B     5 8192B     1        0       0       -      0      0       0
		foo_bar     20000  1953K     12M    16     -  3000        0       0       -      0      0       0
		foo_bar#2       0     0B      0B     -     -     0        0       0       -      0      0       0
		gr\xf6\xdfe     9   144B   4096B     4     -     1        0       0       -      0      0       0

		Name        InUse MemUse SlabUse Used% Limit Slabs Allocs/s Frees/s Remote% Made/s Gone/s Fails/s
		a"b\c           3   192B   4096B     5 8192B     1        0       0       -      0      0       0
		foo_bar     20000  1953K     12M    16     -  3000        0       0       -      0      0       0
		foo_bar#2       0     0B      0B     -     -     0        0       0       -      0      0       0
		gr\xf6\xdfe     9   144B   4096B     4     -     1        0       0       -      0      0       0
	END
	)
}

bad_files()
{
	echo nonsense >"$work/bad"
	told 1 "kmobjstat: $work/bad: no file of kmobj's statistics: its first line lacks name" "$stat" -f "$work/bad" || return
	: >"$work/bad"
	told 1 "kmobjstat: $work/bad: no file of kmobj's statistics: its first line lacks name" "$stat" -f "$work/bad" || return
	sed '3s/ [0-9]*$//' "$work/odd" >"$work/bad"
	told 1 "kmobjstat: $work/bad: line 3 is not a name and $numbers numbers" "$stat" -f "$work/bad" || return
	sed '3s/[0-9]*$/x/' "$work/odd" >"$work/bad"
	told 1 "kmobjstat: $work/bad: line 3 is not a name and $numbers numbers" "$stat" -f "$work/bad" || return
	told 1 "kmobjstat: $work/none: No such file or directory" "$stat" -f "$work/none" || return
	told 1 "kmobjstat: $work: Is a directory" "$stat" -f "$work"
}

bad_arguments()
{
	told 2 "kmobjstat: argument interval: invalid number of seconds value: '0'; see kmobjstat --help" "$stat" 0 || return
	told 2 "kmobjstat: argument count: invalid number of times value: 'x'; see kmobjstat --help" "$stat" 1 x || return
	told 2 "kmobjstat: --prometheus shows counters, and takes no interval; see kmobjstat --help" "$stat" --prometheus 1 || return
	"$stat" -f "$work/odd" -s nonsense >"$work/said" 2>&1 && return 1
	grep -q '^kmobjstat: no column nonsense: there are name, alloc_fails, allocs, .*, used_percent$' "$work/said" || return
	[[ $(wc -l <"$work/said") = 1 ]]
}

cannot_write()
{
	told 1 'kmobjstat: cannot write: No space left on device' sh -c "'$stat' -f '$work/odd' >/dev/full" || return
	told 0 Name sh -c "'$stat' -f '$work/odd' 0.01 | head -c 4"
}

# private COMMAND...: in a mount namespace of its own, with caps only over what is in it.
private()
{
	local user=()
	((EUID == 0)) || user=(--map-root-user)
	unshare --mount "${user[@]}" "$@"
}

# On a machine whose /sys is empty, and is filled step by step.
where_there_is_none()
{
	cat >"$work/none.sh" <<-'END'
		tool=$1 file=$2
		shift 2
		try() { "$@" "$tool" 2>&1; }
		mount -t tmpfs none /sys
		try
		mkdir -p /sys/module/kmobj
		try
		mkdir -p /sys/kernel/debug
		try
		mount -t tmpfs none /sys/kernel/debug
		try
		chmod 0 /sys/kernel/debug
		try setpriv --bounding-set=-all --inh-caps=-all
		true
	END
	private bash "$work/none.sh" "$stat" | diff - <(cat <<-'END'
		kmobjstat: kmobj is not loaded: modprobe kmobj
		kmobjstat: this kernel has no debugfs: it needs CONFIG_DEBUG_FS
		kmobjstat: debugfs is not mounted: mount -t debugfs none /sys/kernel/debug
		kmobjstat: no /sys/kernel/debug/kmobj/stats: kmobj.ko is older than kmobjstat
		kmobjstat: /sys/kernel/debug/kmobj/stats: permission denied: run it as root, or see debugfs_gid in kmobj(4)
	END
	) || return
	private bash "$work/none.sh" "$topper" | diff - <(cat <<-'END'
		kmobjtop: kmobj is not loaded: modprobe kmobj
		kmobjtop: this kernel has no debugfs: it needs CONFIG_DEBUG_FS
		kmobjtop: debugfs is not mounted: mount -t debugfs none /sys/kernel/debug
		kmobjtop: no /sys/kernel/debug/kmobj/slabinfo: kmobj.ko is older than kmobjtop
		kmobjtop: cannot read /sys/kernel/debug/kmobj/slabinfo: run it as root, or see debugfs_gid in kmobj(4)
	END
	)
}

# The file that is there without being named.
where_it_is()
{
	cat >"$work/there.sh" <<-'END'
		mount -t tmpfs none /sys
		mkdir -p /sys/module/kmobj /sys/kernel/debug
		mount -t tmpfs none /sys/kernel/debug
		mkdir /sys/kernel/debug/kmobj
		cp "$3"/{stats,slabinfo} /sys/kernel/debug/kmobj/
		"$1" -s name | head -n 2
		"$2" -o | tail -n 1
	END
	private bash "$work/there.sh" "$stat" "$topper" "$work" >"$work/said" 2>&1
	grep -q '^kmobj_exercise:exercise ' "$work/said" || { cat "$work/said"; return 1; }
	grep -q '^ .* kmobjfs_' "$work/said" || { cat "$work/said"; return 1; }
}

# Of slabtop: each zone, with the objects that it has, and how many are live.
slabtop_reads_it()
{
	"$topper" -f "$work/slabinfo" -o -s n | awk '/^ *[0-9]+ +[0-9]+ +[0-9]+%/ { print $8, $1, $2, $5 }' | sort |
		diff - <(awk 'NR > 2 { print $1, $3, $2, $15 }' "$work/slabinfo" | sort)
}

# No privilege but that to read the file.
slabtop_as_a_user()
{
	local user=()
	if ((EUID == 0)); then
		chmod 755 "$work"
		user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	fi
	"${user[@]}" "$topper" -f "$work/slabinfo" -o | grep -q ' kmobj_exercise_exercise *$'
}

no_slabtop()
{
	local program
	mkdir "$work/bin"
	for program in sh id mountpoint unshare mount; do ln -s "$(command -v "$program")" "$work/bin/"; done
	told 1 'kmobjtop: no slabtop: apt install procps' env PATH="$work/bin" "$topper" -f "$work/slabinfo" || return
	told 1 "kmobjtop: cannot read $work/none" "$topper" -f "$work/none" || return
	told 1 'kmobjtop: usage: kmobjtop [-f FILE] [OPTION-OF-SLABTOP...]' "$topper" -f
}

check "kmobjstat: the table, of names that are not easy, too" table
check "kmobjstat: in bytes" exact
check "kmobjstat: of a machine that runs, as vmstat" same_as_vmstat
check "kmobjstat: sorted by each column" sorts
check "kmobjstat: by pattern" filters
check "kmobjstat --json: all that the file has" json_has_all
check "kmobjstat --json: what a newer kmobj.ko counts" json_has_what_is_new
check "kmobjstat --prometheus: promtool has nothing to say" metrics
check "kmobjstat --prometheus: promtool sees a counter without _total" promtool_objects
check "grafana.json: expressions that promtool knows, metrics that kmobjstat has" grafana
check "grafana.json: planted mistakes are seen" grafana_objects
check "kmobjstat: rates of a machine that runs" rates_of_live_files
check "kmobjstat: rates of zones that are new" rates_of_new_zones
check "kmobjstat: a table each interval" interval_shows_tables
check "kmobjstat: a file that is none" bad_files
check "kmobjstat: bad arguments" bad_arguments
check "kmobjstat: what cannot be written" cannot_write
check "kmobjstat, kmobjtop: no module, no debugfs, no privilege" where_there_is_none
check "kmobjstat, kmobjtop: the file of this machine" where_it_is
check "kmobjtop: slabtop shows all zones" slabtop_reads_it
check "kmobjtop: who may read the file need not be root" slabtop_as_a_user
check "kmobjtop: no slabtop, bad arguments" no_slabtop
total
