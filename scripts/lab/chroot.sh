#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# chroot.sh RELEASE FILES COMMAND...: run COMMAND in a Debian of that release, in the folder /kmobj, a
# copy of FILES.  It has dkms, what makes and checks packages, and the headers of the release's own
# kernel (bookworm), or of the newest of its backports.  What is changed there is forgotten; there is no
# network.
# chroot.sh -b FOLDER [-b FOLDER]... RELEASE COMMAND...: as the caller, with these folders of the machine
# at their own paths, and what is written in them stays.

. "$(dirname "$0")/lib.sh"
. "$lab/apt.sh"

packages=(dkms debhelper dh-dkms lintian procps python3)

# sources_of RELEASE: from the mirrors that the machine is set up with.
sources_of()
{
	local main security
	main=$(mirror_of "${host_release?}")
	security=$(mirror_of "$host_release-security")
	printf "deb $main %s main\n" "$1" "$1-updates" "$1-backports"
	[[ -z $security ]] || echo "deb $security $1-security main"
}

make_ready()
{
	local release=$1 folder=$2 headers=linux-headers-cloud-amd64 wanted
	# Headers of bookworm-backports need pahole; those of trixie depend on it.
	if [[ $release = bookworm ]]; then headers+=,pahole; else headers+=/$release-backports; fi
	wanted=$(IFS=,; echo "${packages[*]},$headers")
	# After ten days it is made anew, of newer packages.
	if [[ $(find "$folder/.ready" -mtime -10 2>/dev/null) && $(cat "$folder/.ready") = "$wanted" ]]; then
		return
	fi
	need_room 2000
	say "installing Debian's $release in $folder, minutes"
	as_root rm -rf "$folder"
	mkdir -p "$folder"
	sources_of "$release" >"$folder/sources"
	run_logged "$folder/log" as_root mmdebstrap --mode=root --variant=minbase \
		--include="$wanted" "$release" "$folder/root" "$folder/sources"
	echo "$wanted" >"$folder/.ready"
}

# In namespaces of its own: what is mounted and what is started goes with them.
# shellcheck disable=SC2016
inside='
	set -e
	base=$1 files=$2 here=$3 user=$4
	shift 4
	mount -t tmpfs tmpfs "$here"
	mkdir "$here/upper" "$here/work" "$here/root"
	mount -t overlay overlay -o "lowerdir=$base,upperdir=$here/upper,workdir=$here/work" "$here/root"
	mount -t proc proc "$here/root/proc"
	mount --bind /dev "$here/root/dev"
	if [[ $files ]]; then cp -r "$files" "$here/root/kmobj"; else mkdir "$here/root/kmobj"; fi
	while [[ $1 != -- ]]; do
		mkdir -p "$here/root/$1"
		mount --bind "$1" "$here/root/$1"
		shift
	done
	shift
	exec chroot --userspec="$user" "$here/root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
		bash -c "cd /kmobj && exec \"\$@\"" bash "$@"'

usage='usage: chroot.sh RELEASE FILES COMMAND... | -b FOLDER [-b FOLDER]... RELEASE COMMAND...'
folders=() files='' user=0:0
while getopts 'b:' option; do
	case $option in
	b) folders+=("$OPTARG") user=$(id -u):$(id -g) ;;
	*) die "$usage" ;;
	esac
done
shift $((OPTIND - 1))
(($# >= 2)) || die "$usage"
release=$1
shift
((${#folders[@]})) || { files=$1; shift; }
(($#)) || die "$usage"
need_root "the same again, for it enters a chroot"
"$lab/tools.sh" mmdebstrap
folder=$cache/chroot/$release
with_lock "chroot-$release" make_ready "$release" "$folder"
here=$(mktemp -d)
trap 'rmdir "$here"' EXIT
as_root unshare --mount --pid --net --fork --kill-child bash -c "$inside" bash "$folder/root" "$files" "$here" \
	"$user" "${folders[@]}" -- "$@"
