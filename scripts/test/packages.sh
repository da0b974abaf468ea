#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# packages.sh: kmobj is installed, used by another module, and taken away again, without a trace.
# The last line is `N passed, N failed`.

. "$(dirname "$0")/../lab/lib.sh"
# shellcheck source=scripts/lab/labs.sh
. "$lab/labs.sh"
. "$top/scripts/test/count.sh"

work=$(mktemp -d)
trap 'end_jobs; rm -rf "$work"' EXIT

# As from a fresh clone.
copy_sources()
{
	mkdir "$1"
	cp -r "$top"/{Makefile,Kbuild,dkms.conf,README.md,INSTALL.md,CHANGES.md,module,scripts} "$1/"
	make -s -C "$1" clean-objects
}

# kmobj_make LAB ARGUMENT...: in a copy of the sources, for the lab's kernel.
kmobj_make()
{
	kernel=$("$lab/kernel.sh" "$1")
	lab_define "$1"
	: "${lab_arch?}"
	[[ -e $work/source ]] || copy_sources "$work/source"
	make -C "$work/source" "-j$(nproc)" "KDIR=$kernel/build" "ARCH=$lab_arch" "${@:2}" >"$work/log" 2>&1 ||
		{ cat "$work/log"; return 1; }
}

release_of() { sed -n 's/^#define UTS_RELEASE "\(.*\)"$/\1/p' "$("$lab/kernel.sh" "$1")/build/include/generated/utsrelease.h"; }

# files_of ROOT RELEASE: what is there for a kernel.
files_of() { (cd "$1/lib/modules/$2" && find . -type f | sort); }

tools_of() { (cd "$1/usr/local" && find . -type f | sort); }

# Two modules, what clients need, tools with their man pages, and nothing else; nothing exported for suites.
installs()
{
	local header
	kmobj_make "$1" install "DESTDIR=$work/dest" || return
	! grep -E 'kmobj_test_|KMOBJ_TESTS' "$work/dest/lib/modules/$(release_of "$1")/kmobj/Module.symvers" || return
	diff <(files_of "$work/dest" "$(release_of "$1")") <({
		printf './updates/kmobj/%s.ko\n' kmobj kmobj_kmem_cache
		echo ./kmobj/Module.symvers
		for header in "$top"/module/include/{*.h,kmem_cache/linux/*.h}; do
			echo "./kmobj/${header#"$top"/module/}"
		done
	} | sort) || return
	diff <(tools_of "$work/dest") <({
		printf './sbin/%s\n' kmobjdump kmobjstat kmobjtop
		printf './share/man/%s\n' man4/kmobj.4 man8/kmobj{stat,top,dump}.8 man9/kmobj.9
		(cd "$top/scripts/tools" && printf './share/kmobj/%s\n' bpftrace/*.bt grafana.json)
	} | sort)
}

# Another module, elsewhere: all its symbols are resolved.
client_builds()
{
	local kernel
	kernel=$("$lab/kernel.sh" "$1")
	lab_define "$1"
	"$top/scripts/package/hello.sh" "$work/client-$1"
	sed -i "s,/lib/modules,$work/dest&," "$work/client-$1/Kbuild"
	if ! make -C "$kernel/build" "M=$work/client-$1" "ARCH=$lab_arch" modules >"$work/log" 2>&1 ||
	   ! without_pahole "$work/log" || grep -E 'undefined!|[Ww]arning' "$work/log"; then
		cat "$work/log"
		return 1
	fi
	[[ $(modinfo -F depends "$work/client-$1/hello.ko") = kmobj ]]
}

# What depmod wrote is of the kernel that is installed for, and as it was when all is gone.
depmod_runs()
{
	local release kernel
	release=$(release_of debian)
	kernel=$("$lab/kernel.sh" debian)
	mkdir -p "$work/root/lib/modules/$release"
	cp "$kernel/root/lib/modules/$release"/modules.* "$work/root/lib/modules/$release/"
	depmod -b "$work/root" "$release" || return
	cp -a "$work/root" "$work/root-before"
	kmobj_make debian install "INSTALL_MOD_PATH=$work/root" || return
	modprobe -d "$work/root" -S "$release" --show-depends kmobj_kmem_cache >"$work/modprobe" || return
	diff <(printf "insmod $work/root/lib/modules/$release/updates/kmobj/%s.ko\n" kmobj kmobj_kmem_cache) \
		<(sed 's/ *$//' "$work/modprobe") || return
	kmobj_make debian uninstall "INSTALL_MOD_PATH=$work/root" || return
	diff -r "$work/root-before" "$work/root"
}

samples_come_and_go()
{
	local there
	there=$work/dest/lib/modules/$(release_of debian)/updates/kmobj
	kmobj_make debian install-samples "DESTDIR=$work/dest" || return
	diff <(cd "$there" && ls) <(printf '%s.ko\n' kmobj kmobj_kmem_cache kmobj_namecache kmobjfs) || return
	kmobj_make debian install "DESTDIR=$work/dest" || return
	diff <(cd "$there" && ls) <(printf '%s.ko\n' kmobj kmobj_kmem_cache)
}

uninstalls()
{
	"$top/scripts/tools/man.sh" "$work/source/build/man" >"$work/log" 2>&1 || { cat "$work/log"; return 1; }
	kmobj_make uml install "DESTDIR=$work/dest" || return
	[[ -e $work/dest/usr/local/share/man/man9/KMOBJ_ZONE.9 ]] || return
	kmobj_make debian uninstall "DESTDIR=$work/dest" || return
	[[ -e $work/dest/lib/modules/$(release_of uml)/updates/kmobj/kmobj.ko &&
	   -x $work/dest/usr/local/sbin/kmobjstat ]] || return
	kmobj_make uml uninstall "DESTDIR=$work/dest" || return
	! find "$work/dest" -mindepth 1 | grep .
}

# says_one_line WORDS COMMAND...: it fails, and says that in one line (make adds its own, with ***).
says_one_line()
{
	local words=$1
	shift
	if "$@" >"$work/log" 2>&1 ||
	   ! grep -v '\*\*\*' "$work/log" >"$work/said" ||
	   ! grep -q "$words" "$work/said" || (($(wc -l <"$work/said") != 1)); then
		echo "not one line with '$words':"
		cat "$work/log"
		return 1
	fi
}

# read_only FOLDER COMMAND...: where nobody can write there, not even root.
read_only()
{
	# shellcheck disable=SC2016
	as_root unshare -m bash -c 'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && shift && "$@"' \
		bash "$@"
}

# no_root COMMAND...: by somebody who has no sudo.
no_root()
{
	[[ -e $work/bin ]] || { cp -rs /usr/bin "$work/bin" && rm -f "$work/bin/sudo"; }
	as_root setpriv --reuid 65534 --regid 65534 --clear-groups env "PATH=$work/bin" "$@"
}

bad_input()
{
	local kdir source=$work/source
	kdir=$("$lab/kernel.sh" debian)/build
	chmod 755 "$work"
	mkdir -p "$work/a blank" "$work/closed"
	cp -r "$source"/{Makefile,Kbuild,dkms.conf,scripts} "$work/a blank/"
	says_one_line 'no kernel headers in /nowhere' make --no-print-directory -C "$source" install KDIR=/nowhere || return
	says_one_line "a blank, ':' or '%'" make --no-print-directory -C "$work/a blank" install "KDIR=$kdir" || return
	says_one_line "a blank, ':' or '%'" make --no-print-directory -C "$source" install "KDIR=$kdir" "DESTDIR=$work/a blank" || return
	says_one_line "nothing can be written in $source" read_only "$source" make --no-print-directory -C "$source" "KDIR=$kdir" || return
	says_one_line "nothing can be written in $work/closed" read_only "$work/closed" \
		make --no-print-directory -C "$source" install "KDIR=$kdir" "DESTDIR=$work/closed" || return
	says_one_line "you may not write in $work/closed" no_root \
		env "DESTDIR=$work/closed" "$source/scripts/package/install.sh" check /lib/modules/0/build
}

# Objects stay for the kernel that they were compiled for, and only for that.
objects_go()
{
	local kernel
	cd "$work/source"
	for kernel in one other; do
		mkdir "$work/$kernel"
		touch "$work/$kernel/Makefile"
		touch module/planted.o
		scripts/package/ready.sh "$work/$kernel" || return
		[[ ! -e module/planted.o ]] || return
		touch module/planted.o
		scripts/package/ready.sh "$work/$kernel" || return
		[[ -e module/planted.o ]] || return
	done
}

# in_chroot RELEASE SCRIPT: scripts/test/SCRIPT, which counts for itself.
in_chroot()
{
	[[ -e $work/fresh ]] || copy_sources "$work/fresh"
	"$lab/chroot.sh" "$1" "$work/fresh" bash "scripts/test/$2" >"$work/chroot" || true
	sed '$d' "$work/chroot"
	tally "$work/chroot"
}

check "make install, Linux 6.1: two modules, and what others need" installs debian
check "another module is compiled against that with two lines" client_builds debian
check "depmod is run for the kernel that is installed for, and make uninstall leaves no trace" depmod_runs
check "make install-samples: four modules; make install: two" samples_come_and_go
check "make install, the newest kernel, beside the other" installs uml
check "another module is compiled against that, too, with two lines" client_builds uml
check "make uninstall leaves not one file" uninstalls
check "what does not work is said in one line" bad_input
check "objects of another kernel are not taken for this one's" objects_go
for release in bookworm trixie; do
	in_chroot "$release" dkms.chroot
	in_chroot "$release" deb.chroot
done
total
