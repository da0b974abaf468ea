#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What other modules need to be compiled against kmobj, for one kernel, in FOLDER:
# /lib/modules/RELEASE/kmobj, by `make install` as by dkms.
#   clients.sh install FOLDER SYMVERS
#   clients.sh remove FOLDER     only if it is of this version: dkms does so with an old version that
#                                it removes, too, when a new one is installed already
#   clients.sh keep FOLDER       dkms 3.0 forgets Module.symvers with the folder it builds in

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$top/dkms.conf")

case "$1" in
install)
	rm -rf "$2"
	mkdir -p "$2/include/kmem_cache/linux"
	cp "$top"/module/include/*.h "$2/include/"
	cp "$top"/module/include/kmem_cache/linux/*.h "$2/include/kmem_cache/linux/"
	cp "$3" "$2/Module.symvers"
	echo "$version" >"$2/version"
	;;
remove)
	[[ ! -e $2/version || $(cat "$2/version") != "$version" ]] || rm -rf "$2"
	;;
keep)
	cp "$top/Module.symvers" "$2/"
	;;
esac
