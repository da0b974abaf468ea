#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# boot.sh [-v] [-i] [-e] [-l LOG] [-t SECONDS] LAB PAYLOAD SCRIPT
#
# Boot the lab's kernel with the files of the folder PAYLOAD in /lab, run
# SCRIPT there, and exit with its status; 99 when the kernel complained of
# anything (splats.sh) or the machine never came to the end.
#   -v  show what SCRIPT prints as it comes    -i  interactive, no time limit
#   -e  SCRIPT says which complaints it expects, and where: see splats.sh
#   -l  keep the console's log there           -t  the limit, 120 s
# Environment: LAB_CPUS (2), LAB_MEM (2G), LAB_APPEND (kernel command line),
#   LAB_QEMU (more arguments), LAB_IMAGE (in place of the lab's kernel), LAB_ACCEL (tcg,thread=multi).

. "$(dirname "$0")/lib.sh"
. "$lab/labs.sh"

verbose='' interactive='' log='' limit=120 expect=()
while getopts 'viel:t:' option; do
	case $option in
	v) verbose=1 ;;
	i) interactive=1 ;;
	e) expect=(-e) ;;
	l) log=$OPTARG ;;
	t) limit=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
(($# == 3)) || die "usage: boot.sh [-v] [-i] [-e] [-l LOG] [-t SECONDS] LAB PAYLOAD SCRIPT"
name=$1 payload=$2 script=$3

lab_define "$name"
kernel=$("$lab/kernel.sh" "$name")
work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT
log=${log:-$work/log}
"$lab/initramfs.sh" "$payload" "$script" "$work/initramfs" "$kernel/busybox"

cpus=${LAB_CPUS:-2} memory=${LAB_MEM:-2G}
append="rdinit=/init printk.time=1 printk.devkmsg=on loglevel=8 panic=-1 log_buf_len=1M ${LAB_APPEND:-}"
((${#expect[@]} == 0)) || append+=" lab.expect"
[[ -z $interactive ]] || append+=" lab.interactive loglevel=4"
if [[ $lab_machine = uml ]]; then
	# shellcheck disable=SC2206
	machine=("$kernel/image" "mem=$memory" "ncpus=$cpus" seccomp=on "initrd=$work/initramfs"
		 "con0=fd:0,fd:1" con=null lab.halt $append)
else
	accel=${LAB_ACCEL:-tcg,thread=multi} host=''
	[[ $accel != kvm* ]] || host='-cpu host'
	# A PC that is kept waiting at boot takes its timer for broken.
	[[ $lab_console != ttyS0 ]] || append+=' no_timer_check'
	# shellcheck disable=SC2206
	machine=($lab_qemu $host -accel "$accel" -smp "$cpus,sockets=$cpus" -m "$memory"
		 -nodefaults -no-user-config -display none -serial stdio -no-reboot
		 ${LAB_QEMU:-} -kernel "${LAB_IMAGE:-$kernel/image}" -initrd "$work/initramfs"
		 -append "console=$lab_console $append")
fi

if [[ $interactive ]]; then
	"${machine[@]}"
	exit
fi

# What SCRIPT prints, as it comes.
show()
{
	tail -n +1 -s 0.2 -f --pid="$1" "$log" | sed -un 's/\r$//; 1,/^LAB-BEGIN/d; /^\[ *[0-9]*\.[0-9]*\]/!p'
}

# To a file: uml loses what a pipe does not take at once. In the background, for bash is deaf to signals
# while it waits for a program in the foreground.
: >"$log"
timeout -k 1 "$limit" "${machine[@]}" </dev/null >>"$log" 2>&1 &
[[ ! $verbose ]] || show $! &
{ wait; } 2>/dev/null	# bash would say what was killed
sed -i 's/\r$//' "$log"

status=$(sed -n 's/.*LAB-STATUS: \([0-9]*\)$/\1/p' "$log")
if ! splats=$("$lab/splats.sh" "${expect[@]}" "$log"); then
	say "$name: the kernel complained:"
	say "$splats"
	if [[ $splats =~ ^[0-9]+ ]]; then
		say "$name: the log from the first of these on:"
		sed -n "${BASH_REMATCH[0]},+60p" "$log" >&2
	fi
	status=99
elif [[ -z $status ]]; then
	say "$name: the machine did not come to the end in $limit s; its last words:"
	tail -n 20 "$log" >&2
	status=99
fi
exit "$status"
