#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# documents.sh names [ROOT]: what the documents tell a reader to type exists:
#   targets of make, scripts, and variables that are set for one of them.
#   Prints each that does not; fails if there is one.
# documents.sh labs [ROOT]: the tables in scripts/test/README.md have one row for each lab, and
#   no other row. Prints each that is not so.
# documents.sh run [ROOT]: each block of INSTALL.md has a mark, `run: NAME` or `check: NAME`, that a test
#   or script asks for, or `by hand: WHY`. Prints each that has not.
# documents.sh break: what CONTRIBUTING.md changes fails the case that it names.
# documents.sh suite: its commands that run one suite, as they stand there.

. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"

# shown NAME: what CONTRIBUTING.md shows under that mark.
shown() { block "$top/CONTRIBUTING.md" "check: $1"; }

# In code, or indented: `make test`, `scripts/x.sh`, NAME=value before one of them or after make.
names()
{
	local root=$1 kind name bad=0
	cd "$root"
	while read -r kind name; do
		case $kind in
		target) grep -qE "^([a-z-]+ )*$name( [a-z-]+)*:" Makefile ;;
		script) compgen -G "$name" ;;
		variable) grep -rqE "\\b$name\\b" Makefile scripts ;;
		esac >/dev/null || { echo "$kind $name: in a document, but not in the tree"; bad=1; }
	done < <(commands | sort -u)
	return $bad
}

commands()
{
	# shellcheck disable=SC2016	# the backquotes are the documents'
	find . -name '*.md' -not -path './build/*' -exec sed -nE '/^    /p; s/[^`]*`([^`]*)`[^`]*/    \1\n/gp' {} + |
		grep -E '^ *([A-Z_]+=[^ ]* )*(make|scripts/[a-z])' | sed 's/#.*//' |
		while read -ra words; do
			for word in "${words[@]}"; do
				case $word in
				scripts/*) echo "script ${word%[,:)]}" ;;
				[A-Z]*=*) echo "variable ${word%%=*}" ;;
				-* | make | *[!a-z-]*) ;;
				*) [[ ${words[*]} != *scripts/* && " ${words[*]} " != *" -C "* ]] && echo "target $word" ;;
				esac
			done
		done
}

labs()
{
	local name bad=0
	while read -r name; do
		echo "$name: no row in the tables of scripts/test/README.md, or a row and no lab"
		bad=1
	done < <({ sed -nE 's/^\| ([a-z0-9-]+) \| [0-9].*/\1/p' "$1/scripts/test/README.md"
		   tr ' ' '\n' <<<"${lab_names:?}"; } | sort | uniq -c | awk '$1 != 2 { print $2 }')
	return $bad
}

# blocks FILE: the line of each block, and the mark before it
blocks()
{
	awk '/^    / && !inside { print NR, mark; inside = 1 }
		/^[^ ]/ { inside = 0; mark = "" }
		/^<!-- (run|check|by hand): .* -->$/ { mark = $0; gsub(/^<!-- | -->$/, "", mark) }' "$1"
}

run()
{
	local line kind name bad=0
	cd "$1"
	while read -r line kind name; do
		case $kind in
		run:) grep -rqE "(documented |run: )$name\b" scripts/test.sh scripts/test ;;
		check:) grep -rqE "shown INSTALL.md $name\b" scripts/package ;;
		by) ;;
		*) false ;;
		esac || { echo "INSTALL.md:$line: a block that no test runs"; bad=1; }
	done < <(blocks INSTALL.md)
	return $bad
}

suite()
{
	(cd "$top" && bash -e <(shown suite)) | tee "$work/said" >&2
	grep -q 'ok 1 kmobj_zone_arguments' "$work/said" && ! grep -q 'not ok' "$work/said"
}

# In a copy of the tree: the change is made, and the case fails.
break_it()
{
	local before after file=$work/tree/module/zone/create.c
	before=$(shown before) after=$(shown after)
	mkdir "$work/tree"
	cp -a "$top"/{Kbuild,Makefile,CONTRIBUTING.md,dkms.conf,module,kunit,scripts} "$work/tree/"
	BEFORE=$before AFTER=$after perl -pi -e 's/^(\s*)\Q$ENV{BEFORE}\E$/$1$ENV{AFTER}/' "$file"
	! cmp -s "$file" "$top/module/zone/create.c" || die "CONTRIBUTING.md changes what is not there: $before"
	! "$work/tree/scripts/test/documents.sh" suite 2>"$work/said" || return
	BROKEN=$(shown broken) perl -ne '$seen = 1 if /not ok \d+ (- )?(\S+)/ && $ENV{BROKEN} =~ /\.\Q$2\E$/;
		END { exit !$seen }' "$work/said" || { cat "$work/said"; return 1; }
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case ${1:-} in
names) names "${2:-$top}" ;;
labs) labs "${2:-$top}" ;;
run) run "${2:-$top}" ;;
suite) suite ;;
break) break_it ;;
*) die "usage: documents.sh names [ROOT] | labs [ROOT] | run [ROOT] | suite | break" ;;
esac
