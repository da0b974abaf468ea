#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# splats.sh LOG: print what a kernel complained of in a console log; success
# when it complained of nothing.

patterns=(
	'WARNING: ' 'BUG: ' 'kernel BUG at' 'Oops' 'general protection fault' 'Kernel panic'
	'KASAN: ' 'KCSAN: ' 'UBSAN: ' 'KFENCE: ' 'ODEBUG: '
	'INFO: possible ' 'inconsistent lock state' 'suspicious RCU usage'
	'scheduling while atomic' 'sleeping function called' 'unreferenced object'
	'rcu.*(self-)?detected (stall|expedited stall)' 'soft lockup' 'hard LOCKUP'
	'blocked for more than [0-9]+ seconds' 'list_(add|del) corruption' 'LAB-TAINTED'
)

expression=$(IFS='|'; echo "${patterns[*]}")
if grep -nE "$expression" "$1"; then
	exit 1
fi
