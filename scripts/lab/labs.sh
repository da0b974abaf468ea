# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The labs: which kernel, how configured, on what machine.  To be sourced.
#
# lab_define LAB sets
#   lab_arch       ARCH for the kernel's makefiles
#   lab_machine    what boots it: uml or qemu
#   lab_qemu       qemu's command and machine
#   lab_console    the device of the kernel's console
#   lab_image      what boots, in the build folder
#   lab_foreign    Debian's architecture of its busybox ('' = the machine's)
#   lab_tools      packages that building and booting it needs besides
#   lab_cross      the prefix of its kernel's compiler
#   lab_llvm       LLVM= for the kernel's makefiles: it and its modules are compiled with clang
#   lab_cc         the compiler of what runs in it
#   lab_fragments  built from the newest linux-source with these configs/*.config on tinyconfig, or
#   lab_flavour    Debian's own linux-image-FLAVOUR, unpacked, from
#   lab_suite      this suite ('' = lab_release with its updates)
#   lab_release    the Debian that its modules are compiled in
# A new lab is one line here and, if built from source, a fragment.

: "${host_release?}"

# Debian's kernels, for scripts/test/kernels.sh.
# shellcheck disable=SC2034
lab_kernels='debian-12-point debian-12 debian-12-rt debian-12-backports debian-13 debian-13-rt debian-13-backports'

# All there are.
# shellcheck disable=SC2034
lab_names="uml uml-small uml-kasan uml-preempt x86 x86-debug x86-kcsan x86-cfi x86-32 arm64-4k arm64-64k debian $lab_kernels"

# The users are in other files.
# shellcheck disable=SC2034
lab_define()
{
	lab_arch=x86_64 lab_machine=qemu lab_fragments='' lab_flavour='' lab_suite=''
	# The 128-bit compare-and-exchange of qemu 7.2 spoils the flags now and then; an interrupt while
	# identify_cpu() has LA57 cleared makes KASAN report a wild access.
	lab_qemu='qemu-system-x86_64 -cpu max,-cx16,-la57' lab_console=ttyS0
	lab_image=arch/x86/boot/bzImage lab_foreign='' lab_tools='' lab_cross='' lab_llvm='' lab_cc=cc
	case $1 in
	debian-12*) lab_release=bookworm ;;
	debian-13*) lab_release=trixie ;;
	*) lab_release=$host_release ;;
	esac
	case $1 in
	uml-small) lab_arch=um lab_machine=uml lab_image=linux lab_fragments=$1 ;;
	uml|uml-kasan|uml-preempt)
		lab_arch=um lab_machine=uml lab_image=linux lab_fragments=uml
		[[ $1 = uml ]] || lab_fragments+=" $1"
		;;
	x86|x86-debug|x86-kcsan) lab_fragments=$1 ;;
	x86-cfi) lab_fragments=$1 lab_llvm=-19 lab_tools='clang-19 lld-19 llvm-19' ;;
	x86-32)
		lab_arch=i386 lab_fragments=$1 lab_foreign=i386 lab_qemu='qemu-system-i386 -cpu max'
		lab_tools='gcc-i686-linux-gnu libc6-dev-i386-cross' lab_cc=i686-linux-gnu-gcc
		;;
	# qemu's CPUs are threads of the machine and order memory as it does: on x86 stores may wait behind
	# loads, and nothing else is seen of arm64's weaker order.
	arm64-4k|arm64-64k)
		lab_arch=arm64 lab_foreign=arm64 lab_console=ttyAMA0
		if [[ $1 = arm64-4k ]]; then lab_flavour=cloud-arm64; else lab_fragments=$1; fi
		lab_image=arch/arm64/boot/Image lab_cross=aarch64-linux-gnu- lab_cc=aarch64-linux-gnu-gcc
		lab_qemu='qemu-system-aarch64 -machine virt,gic-version=3 -cpu max,pauth-impdef=on'
		lab_tools='gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-system-arm'
		;;
	debian|debian-1[23])	lab_flavour=cloud-amd64 ;;
	debian-1[23]-rt)	lab_flavour=rt-amd64 ;;
	debian-1[23]-point)	lab_flavour=cloud-amd64 lab_suite=$lab_release ;;
	debian-1[23]-backports)	lab_flavour=cloud-amd64 lab_suite=$lab_release-backports ;;
	*) die "no lab '$1': $lab_names" ;;
	esac
	# Headers of Debian's kernels since 6.12 have types for BPF in them, and modules get theirs.
	[[ -z $lab_flavour ]] || lab_tools+=' pahole'
}

# without_pahole LOG: what the kernel's makefile says where pahole came, for Debian's kernels, after that one was built.
without_pahole() { sed -i '/^warning: pahole version differs/d' "$1"; }

# lab_make KERNEL FOLDER [MAKE-ARGUMENT...]: compile the modules in FOLDER for the lab that was defined last,
# in a chroot where the machine is of another release: tools and compiler of the headers are those of theirs.
lab_make()
{
	local make=(make -C "$1/build" "M=$2" "ARCH=$lab_arch" "CROSS_COMPILE=$lab_cross" "LLVM=$lab_llvm"
		    "-j$(nproc)" --no-print-directory "${@:3}" modules)
	if [[ $lab_release != "$host_release" ]]; then
		make=("$lab/chroot.sh" -b "$2" -b "$top" -b "$cache" "$lab_release" "${make[@]}")
	fi
	"${make[@]}"
}
