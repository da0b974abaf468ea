#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What other modules need to be compiled against kmobj, for one kernel, in FOLDER:
# /lib/modules/RELEASE/kmobj, by `make install` as by dkms.
#   clients.sh install FOLDER SYMVERS
#   clients.sh remove FOLDER
#   clients.sh keep FOLDER     Module.symvers, which dkms 3.0 forgets with the folder that it builds in

set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

case "$1" in
install)
	rm -rf "$2"
	mkdir -p "$2/include/kmem_cache/linux"
	cp "$top"/module/include/*.h "$2/include/"
	cp "$top"/module/include/kmem_cache/linux/*.h "$2/include/kmem_cache/linux/"
	cp "$3" "$2/Module.symvers"
	;;
remove) rm -rf "$2" ;;
keep) cp "$top/Module.symvers" "$2/" ;;
esac
