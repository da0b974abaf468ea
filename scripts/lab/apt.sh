# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Debian's kernel packages without touching the machine's apt: a sources list
# and state of our own in the cache, made from the mirrors that the machine is
# set up with and checked with its keyrings.  Packages are unpacked, never
# installed.  To be sourced.

apt_dir=${cache:?}/packages
: "${host_release?}"
apt_options=(
	-q=2
	-o "Dir::State=$apt_dir" -o "Dir::State::status=$apt_dir/status"
	-o "Dir::Cache=$apt_dir" -o Dir::Cache::pkgcache=pkgcache.bin -o Dir::Cache::srcpkgcache=srcpkgcache.bin
	-o "Dir::Etc::sourcelist=$apt_dir/sources.list" -o Dir::Etc::sourceparts=/dev/null
	-o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts=/dev/null
	-o APT::Sandbox::User=root -o APT::Update::Error-Mode=any
)

# prefer RELEASE: what is not asked for by suite or version is that of RELEASE, with its updates.
prefer() { apt_options+=(-o "APT::Default-Release=/^$1(-updates|-security)?\$/"); }
prefer "$host_release"

# apt_of ARCHITECTURE: from here on it is that one's packages; the machine's are those of apt_native.
apt_of()
{
	# shellcheck disable=SC2034	# for kernel.sh
	apt_native=("${apt_options[@]}")
	apt_dir=$cache/packages/$1
	apt_options+=(
		-o "APT::Architectures=$1" -o "APT::Architecture=$1"
		-o "Dir::State=$apt_dir" -o "Dir::State::status=$apt_dir/status"
		-o "Dir::Cache=$apt_dir" -o "Dir::Etc::sourcelist=$apt_dir/sources.list"
	)
}

# mirror_of RELEASE: the URI that the machine's apt has for it, by that name or as `stable`.
mirror_of()
{
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME)' 'Created-By: Packages' |
		awk -v r="$1" '($2 == r || $3 == r) && !found { print $1; found = 1 }'
}

# Both releases, whichever the machine is of: for their kernels; the newest source is in trixie-backports.
write_sources()
{
	local main security release suite keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	[[ $host_release = bookworm || $host_release = trixie ]] ||
		die "this is neither Debian 12 (bookworm) nor 13 (trixie) but '$host_release'"
	main=$(mirror_of "$host_release")
	security=$(mirror_of "$host_release-security")
	[[ $main ]] || die "the machine's apt has no source for $host_release"
	for release in bookworm trixie; do
		for suite in "$release"{,-updates,-backports}; do
			echo "deb [signed-by=$keyring] $main $suite main"
		done
		[[ -z $security ]] || echo "deb [signed-by=$keyring] $security $release-security main"
	done
}

# Package lists are good for a day, and for the sources that they are of; stale ones are better than none.
apt_update()
{
	mkdir -p "$apt_dir"/{lists/partial,archives/partial}
	: >"$apt_dir/status"
	write_sources >"$apt_dir/sources.new"
	if ! cmp -s "$apt_dir/sources.new" "$apt_dir/sources.list"; then
		rm -f "$apt_dir/updated"
		mv "$apt_dir/sources.new" "$apt_dir/sources.list"
	fi
	[[ ! $(find "$apt_dir/updated" -mtime -1 2>/dev/null) ]] || return 0
	need_room 500
	if apt-get "${apt_options[@]}" update >"$apt_dir/log" 2>&1; then
		touch "$apt_dir/updated"
	elif [[ -e $apt_dir/updated ]]; then
		say "apt: no new package lists; going on with the old ones"
	else
		apt_failed "$apt_dir/log"
	fi
}

# apt_version PACKAGE [SUITE]
apt_version()
{
	apt-cache "${apt_options[@]}" --no-all-versions show "$1${2:+/$2}" |
		awk '$1 == "Version:" { print $2 }'
}

# apt_unpack FOLDER PACKAGE...
apt_unpack()
{
	local folder=$1 debs=$1.debs deb
	shift
	rm -rf "$folder" "$debs"
	mkdir -p "$folder" "$debs"
	say "downloading $*"
	(cd "$debs" && apt-get "${apt_options[@]}" download "$@" >log 2>&1) || apt_failed "$debs/log"
	for deb in "$debs"/*.deb; do
		dpkg-deb -x "$deb" "$folder"
	done
	rm -rf "$debs"
}
