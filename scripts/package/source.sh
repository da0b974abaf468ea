#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# source.sh FOLDER: what dkms needs to compile kmobj, and no more, in FOLDER: /usr/src/kmobj-VERSION.

set -euo pipefail

(($# == 1)) || { echo "usage: source.sh FOLDER" >&2; exit 1; }
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
[[ ! -e $1 ]] || { echo "$1 is there already: remove it first" >&2; exit 1; }
umask 022
mkdir -p "$1" 2>/dev/null || { echo "you may not write in ${1%/*}: do this as root" >&2; exit 1; }
{
	find Kbuild Makefile dkms.conf module/main.c module/Kbuild scripts/package/{clients,ready}.sh
	find module/{include,kernel,slab,debug,core,zone,kmem_cache} -name '*.[ch]' ! -name '*.mod.c'
	find module/kmem_cache -name Kbuild
} | tar -cf - -T - | tar -xf - -C "$1" --no-same-owner
