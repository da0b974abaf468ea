#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# refused.sh: without root and sudo, without network, room or HOME, in a folder that cannot be written or
# with a blank in its path, whatever a document tells to type ends in one line that says what to do.
# Runs as root, in a mount namespace of its own, where no package is installed, no mirror answers, and
# sudo is not to be found.

. "$(dirname "$0")/../lab/lib.sh"

if [[ ${1:-} != inside ]]; then
	as_root unshare -m "$0" inside
	exit
fi

work=$(mktemp -d)
mounts=()
trap '((${#mounts[@]} == 0)) || umount "${mounts[@]}"; rm -rf "$work"' EXIT

# put FILE: what comes from stdin runs in its place.
put()
{
	{ echo '#!/bin/sh'; cat; } >"$work/${1##*/}"
	chmod 755 "$work/${1##*/}"
	mount --bind "$work/${1##*/}" "$1"
	mounts+=("$1")
}

put /usr/bin/dpkg-query </dev/null
put /usr/bin/apt-get <<END
case \$* in
*indextargets*) echo 'http://a.mirror/debian $host_release $host_release'; exit ;;
esac
for i in 1 2 3; do echo "W: Failed to fetch http://a.mirror/\$i  No answer"; done
echo 'E: Another error'
exit 100
END
[[ ! -e /usr/bin/sudo ]] || { mount --bind /dev/null /usr/bin/sudo; mounts+=(/usr/bin/sudo); }

# A tree of somebody else's, one that cannot be written, what passes for a kernel's headers, and little room.
chmod 755 "$work"
mkdir -p "$work"/{tree,frozen,small,kernel/include/generated}
cp -r "$top"/{Kbuild,Makefile,dkms.conf,module,scripts} "$work/tree/"
ln -s tree "$work/a tree"
echo '#define UTS_RELEASE "0"' >"$work/kernel/include/generated/utsrelease.h"
touch "$work/kernel/Makefile"
mount -o bind,ro "$work/tree" "$work/frozen"
mount -t tmpfs -o size=9m small "$work/small"
mounts+=("$work/frozen" "$work/small")
cp -r "$work"/tree/{Makefile,scripts} "$work/small/"
chown -R 65534:65534 "$work/tree"

# `make test LAB=all` has it in the environment of all that it runs.
unset LAB

nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups env "HOME=$work/tree")
make=(make --no-print-directory -C "$work/tree" "KDIR=$work/kernel")

# refused WORDS COMMAND...: it fails, with one line, which has these; make adds its own, with ***, and
# some say before what they are at.
refused()
{
	local words=$1 status=0
	shift
	XDG_CACHE_HOME=$work/tree/cache timeout 100 "$@" >"$work/said" 2>&1 </dev/null || status=$?
	grep -vE '\*\*\*|^==> |^    [0-9.]+ s$|^installing ' "$work/said" >"$work/line" || true
	if ((status)) && [[ $(wc -l <"$work/line") = 1 ]] && grep -q "$words" "$work/line"; then
		return
	fi
	echo "not refused in one line with '$words': $*"
	cat "$work/said"
	bad=1
}

bad=0
for goal in demo test check torture bench shell port port-test memory fsbench model man; do
	refused 'there is no sudo; do this as root: apt install' "${nobody[@]}" "${make[@]}" $goal
done
for goal in load unload; do
	refused 'there is no sudo: do the same as root' "${nobody[@]}" "${make[@]}" $goal
done
for goal in install install-samples uninstall; do
	refused 'you may not write in /lib.*: do this as root' "${nobody[@]}" "${make[@]}" $goal
done
refused 'you may not write in /usr/src: do this as root' "${nobody[@]}" "$work/tree/scripts/package/source.sh" /usr/src/kmobj-0
refused 'is there a network' "$lab/tools.sh"
refused 'is there a network' "$lab/tools.sh" -o kmobj-nothing

# Where all packages are installed.
umount /usr/bin/dpkg-query
unset 'mounts[0]'
for goal in test torture demo; do
	refused 'is there a network' "${make[@]}" $goal
done
refused 'is there a network' "$lab/kernel.sh" debian
refused 'less than [0-9]* MB are free in .*: make room there, or set XDG_CACHE_HOME' env "XDG_CACHE_HOME=$work/small" "$lab/kernel.sh" debian
refused 'cannot write in' env XDG_CACHE_HOME=/proc/nothing "$lab/kernel.sh" debian
refused 'no blanks' env "XDG_CACHE_HOME=$work/a cache" "$lab/kernel.sh" debian
refused 'no blanks' "$work/a tree/scripts/lab/kernel.sh" debian
refused 'HOME is not set' env -u HOME -u XDG_CACHE_HOME "$lab/kernel.sh" debian
refused "nothing can be written in $work/frozen" "$work/frozen/scripts/lab/kernel.sh" debian
for goal in modules demo test check; do
	refused "nothing can be written in $work/frozen" make --no-print-directory -C "$work/frozen" "KDIR=$work/kernel" $goal
done
refused "less than [0-9]* MB are free in $work/small" make --no-print-directory -C "$work/small" "KDIR=$work/kernel"
exit $bad
