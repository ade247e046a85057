# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by fetch-guest.sh and guest-pb1500.sh: messages, packages through a private apt directory, RAM disks.
# Packages come through apt with signatures verified, from the mirrors this system is configured for; the system's own package
# lists and architectures are left alone.  What is kept is in $cache: where there is no home to write to, in this tree.

umask 022
export LC_ALL=C # what tools say is read here
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/athanor/guest
mkdir -p "$cache" 2>/dev/null && [ -w "$cache" ] || cache=$PWD/build/cache/guest
. tools/lock.sh
. tools/progress.sh

say() { echo "guest: $*"; }
die() { echo "guest: $*" >&2; exit 1; }

# What make and configure cannot build in
plain_path() { case $1 in *[[:space:]:]*) die "cannot build in '$1': a blank or colon in its name (set XDG_CACHE_HOME to a directory without)" ;; esac; }

newest() { ls "$1"/$2 2>/dev/null | sort -V | tail -n 1; }

# apt_private ARCH TOOL ARGUMENT...
apt_private() {
	local arch=$1 tool=$2
	shift 2
	"$tool" -q -o Dir::State="$cache/apt/state" -o Dir::State::status="$cache/apt/status" -o Dir::Cache="$cache/apt/cache" \
		-o Dir::Log="$cache/apt" -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o APT::Sandbox::User="$(id -un)" \
		-o Acquire::Languages=none -o Acquire::Retries=3 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Get::List-Cleanup=0 -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false "$@"
}

apt_logged() { # ARCH ARGUMENT...
	local arch=$1
	shift
	apt_private "$arch" apt-get "$@" >>"$cache/apt/log" 2>&1
}
apt_progress() { say "$1 s, $(du -sm "$cache/apt" | cut -f 1) MiB"; }

# apt_lists ARCH REMEDY [OPTION...] - reads the package lists; REMEDY is what helps where apt-get cannot be used
apt_lists() {
	local arch=$1 remedy=$2
	shift 2
	command -v apt-get >/dev/null || die "no apt-get here; $remedy"
	mkdir -p "$cache/apt/state/lists/partial" "$cache/apt/cache/archives/partial" || die "$cache: cannot be written (set XDG_CACHE_HOME)"
	: >"$cache/apt/status"
	say "reading package lists for $arch"
	: >"$cache/apt/log"
	with_progress apt_progress apt_logged "$arch" "$@" update || { tail -n 5 "$cache/apt/log" >&2; die "apt-get update failed (network? log: $cache/apt/log)"; }
}

# apt_download ARCH PACKAGE... - into $cache; to be called once, after apt_lists
apt_download() {
	local arch=$1
	shift
	say "downloading $*"
	(cd "$cache" && with_progress apt_progress apt_logged "$arch" download "$@") ||
		{ tail -n 5 "$cache/apt/log" >&2; die "download failed (log: $cache/apt/log)"; }
	rm -rf "$cache/apt/state" "$cache/apt/cache"
}

# apt_source DIR PACKAGE... - the archives of source packages into DIR.  The system's sources are asked for source packages, too.
apt_source() {
	local dir=$1 lists=$cache/apt/sources f
	shift
	rm -rf "$lists"
	mkdir -p "$lists"
	for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
		[ ! -e "$f" ] || sed -n 's/^deb /deb-src /p' "$f" >>"$lists/system.list"
	done
	for f in /etc/apt/sources.list.d/*.sources; do
		[ ! -e "$f" ] || sed 's/^Types:.*/Types: deb-src/' "$f" >"$lists/${f##*/}"
	done
	apt_lists "$(dpkg --print-architecture)" "put source packages of $* into $dir" -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$lists"
	say "downloading the sources of $*"
	(cd "$dir" && with_progress apt_progress apt_logged "$(dpkg --print-architecture)" -o Dir::Etc::SourceList=/dev/null \
		-o Dir::Etc::SourceParts="$lists" source --download-only "$@") ||
		{ tail -n 5 "$cache/apt/log" >&2; die "download failed (log: $cache/apt/log)"; }
	rm -rf "$cache/apt/state" "$cache/apt/cache" "$lists"
}

# deb_unpack DEB DIR - of a full disk one line, not one for each file
deb_unpack() {
	local why
	why=$(dpkg-deb -x "$1" "$2" 2>&1) || die "$1: cannot be unpacked: $(head -n 1 <<<"$why")"
}

# pack_initrd ROOT FILE - the same bytes for the same files
pack_initrd() {
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet -o -H newc --reproducible -R 0:0) | gzip -n -9 >"$2.new"
	mv "$2.new" "$2"
}
