#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# shell.sh LAB: an interactive shell in that lab with kmobj loaded; `exit` ends it.

. "$(dirname "$0")/lab/lib.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
folder=$("$lab/build.sh" "$1")
mkdir "$work/payload"
find "$folder" -name '*.ko' -exec cp -t "$work/payload" {} +
cat >"$work/guest" <<'END'
insmod ./kmobj.ko && insmod ./kmobj_kmem_cache.ko
echo "kmobj is loaded; its modules are in /lab, its statistics in /sys/kernel/debug/kmobj"
exec sh
END
"$lab/boot.sh" -i "$1" "$work/payload" "$work/guest"
