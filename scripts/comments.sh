#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# comments.sh SOURCE [ROOT]: what comments of module/ name must exist: a function
# or macro, written as name(), in the code of module/ or kunit/ or in the headers
# of the kernel in SOURCE; a file in this tree or in that one.  Prints each that
# does not; fails if there is one.
#
# Names in capitals and "name_" stand for another's and are not looked up.

set -euo pipefail
export LC_ALL=C
source=${1:?}
root=${2:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$root"
mapfile -t commented < <(find module -name '*.[ch]' ! -name '*.mod.c')
mapfile -t sources < <(find module kunit -name '*.[ch]' ! -name '*.mod.c')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# split comments|code FILE...: that part of the files, with nothing of the other.
split()
{
	local want=$1
	shift
	awk -v want="$want" '
		FNR == 1 { inside = 0 }
		!inside && /^\/\/ / { if (want == "comments") print; next }
		{
			text = $0
			while (at = index(text, inside ? "*/" : "/*")) {
				if (inside == (want == "comments"))
					printf "%s ", substr(text, 1, at - 1)
				text = substr(text, at + 2)
				inside = !inside
			}
			if (inside == (want == "comments"))
				print text
		}
	' "$@"
}

# missing WHAT FILE: where each of its names stands.
missing()
{
	local name
	while read -r name; do
		echo "$name: $1: $(grep -lwF -- "$name" "${commented[@]}" | sort | paste -sd ' ')"
		bad=1
	done <"$2"
}

split comments "${commented[@]}" >"$work/comments"
split code "${sources[@]}" | grep -oE '\w+' | sort -u >"$work/code"
grep -oE '\b[A-Za-z_]\w*\(\)' "$work/comments" | tr -d '()' | grep -vE '^(NAME|name)_' |
	sort -u | comm -23 - "$work/code" >"$work/names"
if [[ -s $work/names ]]; then
	grep -rohE "\b($(paste -sd '|' "$work/names"))\(" --include='*.h' "$source/include" "$source"/arch/*/include |
		tr -d '(' | sort -u >"$work/kernel" || :
	comm -23 "$work/names" "$work/kernel" >"$work/unknown"
	missing "in a comment, no function of module/, kunit/ or the kernel's headers" "$work/unknown"
fi

# A file is named by the end of its path: as depot.c or bench/README.md.
grep -oE '\b[A-Za-z0-9_./-]+\.(c|h|md|pml|sh|py|guest)\b' "$work/comments" | sort -u >"$work/cited"
find module kunit scripts ./*.md -type f | sed 's|^|/|' >"$work/files"
while read -r file; do
	grep -qE "/${file//./\\.}\$" "$work/files" || [[ -e $source/$file || -e $source/include/$file ]] || echo "$file"
done <"$work/cited" >"$work/gone"
missing "in a comment, no file of the tree or the kernel's" "$work/gone"
exit $bad
