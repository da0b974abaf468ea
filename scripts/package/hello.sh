#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# hello.sh FOLDER: the module that README.md and INSTALL.md show, just as it stands there, as files.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# shown FILE BLOCK: what the document shows after that mark.
shown()
{
	sed -n "1,/^<!-- check: $2 -->/d;/^[^ ]/q;s/^    //p" "$1" | grep . ||
		{ echo "$1 shows no $2" >&2; exit 1; }
}

mkdir -p "$1"
shown README.md hello.c >"$1/hello.c"
{ echo 'obj-m := hello.o'; shown INSTALL.md Kbuild; } >"$1/Kbuild"
shown INSTALL.md dkms.conf >"$1/dkms.conf"
