#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# man.sh [FOLDER]: all man pages, in FOLDER (build/man): those that stand here, and a page
# of section 9 for each function of kmobj.h, made from its comment by the kernel's kernel-doc.

. "$(dirname "$0")/../lab/lib.sh"

out=$(realpath -m "${1:-$top/build/man}")
source=$("$lab/kernel.sh" source)
pages=$(mktemp -d)
trap 'rm -rf "$pages"' EXIT

# split FOLDER: a file for each page on standard input.  A name has no blanks; and there may be
# a function of a struct's name.  The date would be today's.
split()
{
	sed -E 's/^\.TH "([^"]+)" 9 .*/.TH "\1" 9 "" kmobj "Kernel Interfaces"/
		s/^(\.TH "|\\fB)?(struct|enum) (\w+ \\- |\w+" |\w+\\f)/\1\2_\3/
		s/^Kernel file \\fBmodule.include.kmobj\.h\\fR$/\\fBkmobj\\fR(9),/' |
		awk -v folder="$1" '
			$1 == ".TH" { page = folder "/" substr($2, 2, length($2) - 2) ".9" }
			page { print >page }'
}

cp "$top"/scripts/tools/*.[0-9] "$pages/"
cd "$top"
"$source/scripts/kernel-doc" -man module/include/kmobj.h >"$pages/all"
split "$pages" <"$pages/all"
rm "$pages/all"
rm -rf "$out"
mkdir -p "$out"
mv "$pages"/* "$out/"
echo "$out"
