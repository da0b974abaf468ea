#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# deb.sh: make Debian packages of kmobj in build/deb.  Their maintainer is, as for Debian's own tools,
# DEBFULLNAME and DEBEMAIL.

set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf)
folder=build/deb/kmobj-$version

die() { echo "$*" >&2; exit 1; }

# changelog MAINTAINER: what CHANGES.md has of this version, at the time of its last change.
changelog()
{
	printf 'kmobj (%s) unstable; urgency=medium\n\n' "$version"
	printf '  * See /usr/share/doc/kmobj-dev/CHANGES.md.gz.\n'
	printf '\n -- %s  %s\n' "$1" "$(date -R -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y CHANGES.md)}")"
}

command -v dpkg-checkbuilddeps >/dev/null || die "no dpkg-buildpackage: apt install dpkg-dev debhelper dh-dkms"
# Nothing is compiled: build-essential is not needed.
dpkg-checkbuilddeps -I scripts/package/debian/control 2>/dev/null ||
	die "packages are made with debhelper and dh-dkms: apt install debhelper dh-dkms"

rm -rf build/deb
mkdir -p "$folder"
cp -r Kbuild Makefile dkms.conf ./*.md module scripts "$folder/"
cp -r scripts/package/debian "$folder/"
scripts/package/hello.sh "$folder/hello"
maintainer=$(sed -n 's/^Maintainer: //p' scripts/package/debian/control)
[[ -z ${DEBEMAIL:-} ]] || maintainer="${DEBFULLNAME:-$DEBEMAIL} <$DEBEMAIL>"
sed -i "s/^Maintainer: .*/Maintainer: $maintainer/" "$folder/debian/control"
changelog "$maintainer" >"$folder/debian/changelog"
(cd "$folder" && dpkg-buildpackage -b -us -uc --ignore-builtin-builddeps) >build/deb/log 2>&1 ||
	{ tail -n 20 build/deb/log >&2; die "dpkg-buildpackage failed; all of it: build/deb/log"; }
ls build/deb/*.deb
