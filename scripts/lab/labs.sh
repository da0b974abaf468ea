# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The labs: which kernel, how configured, on what machine.  To be sourced.
#
# lab_define LAB sets
#   lab_arch       ARCH for the kernel's makefiles
#   lab_machine    what boots it: uml or qemu
#   lab_fragments  built from the newest linux-source with these configs/*.config on tinyconfig, or
#   lab_flavour    Debian's own linux-image-FLAVOUR, unpacked, from
#   lab_suite      this suite ('' = the machine's release)
# A new lab is one line here and, if built from source, a fragment.

# The users are in other files.
# shellcheck disable=SC2034
lab_define()
{
	lab_arch=x86_64 lab_machine=qemu lab_fragments='' lab_flavour='' lab_suite=''
	case $1 in
	uml)			lab_arch=um lab_machine=uml lab_fragments='uml' ;;
	uml-kasan)		lab_arch=um lab_machine=uml lab_fragments='uml uml-kasan' ;;
	x86|x86-debug|x86-kcsan) lab_fragments=$1 ;;
	debian)			lab_flavour=cloud-amd64 ;;
	debian-rt)		lab_flavour=rt-amd64 ;;
	debian-backports)	lab_flavour=cloud-amd64 lab_suite=bookworm-backports ;;
	*) die "no lab '$1': uml uml-kasan x86 x86-debug x86-kcsan debian debian-rt debian-backports" ;;
	esac
}
