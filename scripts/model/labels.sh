#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# labels.sh [ROOT]: compare the labels of the steps in scripts/model/*.pml with
# those in the comments of the C code, and what the models cite with the tree.
# Prints each difference; fails if there is one.
#
# In C a label is named as `Model: give.mb, unlist.mb`.  In a model a table in the
# opening comment, which begins with `step`, has a line for each label: what it is
# in C, then the labels it pairs with.  A comment after the step itself names it.

set -euo pipefail
root=${1:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$root"
models=(scripts/model/*.pml)
mapfile -t sources < <(find module -name '*.[ch]' ! -name '*.mod.c' | sort)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# FILE...: the text without line ends and without the stars of comments.
text()
{
	sed -E 's|^[[:space:]]*/?\*+/?[[:space:]]?| |' "$@" | tr '\n\t' '  ' | tr -s ' '
}

# The lines of the tables, fields by single tabs.
tables()
{
	awk '
		FNR == 1 { in_table = 0 }
		/^ \*\tstep\t/ { in_table = 1; next }
		/^ \*$/ { in_table = 0 }
		in_table && /^ \*\t[a-z]/
	' "${models[@]}" | sed -E 's/^ \*\t//; s/\t+/\t/g'
}

labels()
{
	grep -oE '[a-z]+(\.[a-z]+)?' | sort -u
}

# differ WHAT FILE FILE: what is in the first and not in the second.
differ()
{
	local label
	while read -r label; do
		echo "$label: $1"
		bad=1
	done < <(comm -23 "$2" "$3")
}

tables >"$work/tables"
cut -f 1 "$work/tables" | labels >"$work/described"
cut -f 3 "$work/tables" | labels >"$work/pairs"
text "${sources[@]}" | grep -oE '[Mm]odel: [a-z]+(\.[a-z]+)?(, [a-z]+(\.[a-z]+)?)*' |
	sed 's/.*: //' | labels >"$work/c"
sed -nE 's|^.*[^[:space:]].*/\* ([a-z.]+(, [a-z.]+)*) \*/.*$|\1|p' "${models[@]}" | labels >"$work/marked"

differ "in the comments of the C code, in no table of a model" "$work/c" "$work/described"
differ "in the table of a model, in no comment of the C code" "$work/described" "$work/c"
differ "in the table of a model, marks no step of one" "$work/described" "$work/marked"
differ "marks a step of a model, in no table" "$work/marked" "$work/described"
differ "a pair in the table of a model, not described there" "$work/pairs" "$work/described"

# What is said to be in the C code: functions, and files of this tree.
cut -f 2 "$work/tables" | grep -oE '[a-z_]+\(' | sort -u >"$work/functions"
grep -ohE '\b[a-z_]+\(' "${sources[@]}" | sort -u >"$work/calls"
differ "in the table of a model, no function in module/" "$work/functions" "$work/calls"
grep -ohE '\b[a-z_]+\.(c|h|md|pml|sh)\b' "${models[@]}" | sort -u >"$work/cited"
find module scripts -type f -printf '%f\n' | sort -u >"$work/files"
differ "cited by a model, not in the tree" "$work/cited" "$work/files"
exit $bad
