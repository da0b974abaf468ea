#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# build.sh FOLDER: compile the helper of the script `guest` into FOLDER.

: "${1:?}"
exec "${CC:-cc}" -std=gnu11 -O2 -Wall -Wextra -Werror -D_FILE_OFFSET_BITS=64 -static \
	-o "$1/kmobjfs-test" "$(dirname "$0")/kmobjfs-test.c"
