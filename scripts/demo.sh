#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# demo.sh: fill kmobjfs with a real tree in a virtual machine that runs Debian's
# own kernel, and see every file verified, its names cached, and every page come back.
# Environment: DEMO_TREE (/usr/include), DEMO_SEED, DEMO_LAB (debian), and boot.sh's.

. "$(dirname "$0")/lab/lib.sh"

name=${DEMO_LAB:-debian}
tree=${DEMO_TREE:-/usr/include}
seed=${DEMO_SEED:-$RANDOM}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# step TEXT COMMAND...
step()
{
	local started=$EPOCHREALTIME
	say "==> $1"
	shift
	"$@"
	say "$(printf '    %.1f s' "$(bc <<<"$EPOCHREALTIME - $started")")"
}

kernel() { "$lab/kernel.sh" "$name" >/dev/null; }
build() { modules=$("$lab/build.sh" "$name" 2>"$work/log") || { tail -n 30 "$work/log" >&2; return 1; }; }

started=$SECONDS
mkdir "$work/payload"
step "installing what is missing" "$lab/tools.sh"
step "getting Debian's kernel and its headers" kernel
step "compiling the modules for it" build
cp "$modules"/module/kmobj.ko "$modules"/module/samples/*/*.ko "$work/payload/"
step "packing a real tree" "$top/scripts/demo/pack.sh" "$tree" "$work/payload"
printf 'fstype=kmobjfs modules="kmobj kmobjfs" seed=%d\n' "$seed" >"$work/payload/settings"
step "booting a machine" "$lab/boot.sh" -v -t 400 "$name" "$work/payload" "$top/scripts/demo/guest" ||
	die "the demo FAILED"
say "the demo passed, $((SECONDS - started)) s in all"
