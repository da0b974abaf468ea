#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# splats.sh [-e] LOG: print what a kernel complained of in a console log;
# success when it complained of nothing.
#   -e  between lines 'LAB-EXPECT N REGEX' and 'LAB-EXPECT-END' there must be
#       exactly N complaints, all of them like REGEX

patterns=(
	'WARNING: ' 'BUG: ' 'kernel BUG at' 'Oops' 'general protection fault' 'Kernel panic'
	'KASAN: ' 'KCSAN: ' 'UBSAN: ' 'KFENCE: ' 'ODEBUG: '
	'INFO: possible ' 'inconsistent lock state' 'suspicious RCU usage'
	'scheduling while atomic' 'sleeping function called' 'unreferenced object'
	'kmemleak: Cannot insert' '\[ *[.0]*[1-9][.0-9]*\].*leak detector disabled'
	'rcu.*(self-)?detected (stall|expedited stall)' 'soft lockup' 'hard LOCKUP'
	'blocked for more than [0-9]+ seconds' 'list_(add|del) corruption' 'LAB-TAINTED'
)

expression=$(IFS='|'; echo "${patterns[*]}")
if [[ $1 = -e ]]; then
	expression=${expression//\\/\\\\} awk '
	/LAB-EXPECT [0-9]+ ./ {
		blocks++
		inside = 1
		seen = 0
		sub(/.*LAB-EXPECT /, "")
		want = $1 + 0
		like = substr($0, length($1) + 2)
		next
	}
	/LAB-EXPECT-END/ {
		if (!inside || seen != want) {
			print NR ": " seen + 0 " complaints like \"" like "\", not " want
			bad = 1
		}
		inside = 0
		next
	}
	$0 ~ ENVIRON["expression"] {
		if (inside && $0 ~ like) {
			seen++
		} else {
			print NR ": " $0
			bad = 1
		}
	}
	END {
		if (!blocks || inside) {
			print "a complaint was to be expected, and it does not say where"
			bad = 1
		}
		exit bad
	}' "$2"
	exit
fi
if grep -nE "$expression" "$1"; then
	exit 1
fi
