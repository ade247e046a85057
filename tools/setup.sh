#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# setup.sh all            install everything the project can use
# setup.sh --if-needed X  X = build | run | guest | pb1500 | guest-pb1500 | check | fuzz | analyze | valgrind: install only if something
#                         that X needs is missing; fails only if X is out of reach without it: else the build says what is left out
# Installs Debian packages with apt-get, as root or through sudo -n; otherwise it names the command.
set -u
cd "$(dirname "$0")/.." || exit
. tools/packages.sh
. tools/lock.sh
. tools/progress.sh

if_needed=
if [ "${1-}" = --if-needed ]; then
	if_needed=yes
	shift
fi
goal=${1:-all}
log=build/setup.log

missing() { packages_for "$goal" | packages_missing; }

# What goes on, once something is missing for good.
finish() {
	local without
	[ -n "$if_needed" ] || exit 1
	without=$(packages_essential "$goal" | packages_missing)
	[ -z "$without" ] || { echo "setup: impossible without: $without (make doctor)" >&2; exit 1; }
	exit 0
}

apt_progress() { echo "setup: $1 s: $(tail -n 1 "$log" | cut -c 1-100)"; }

# An installation that was broken off is completed first.
install() {
	{
		$as_root dpkg --configure -a && $as_root apt-get -q update &&
			$as_root apt-get -qy -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@"
	} >"$log" 2>&1 </dev/null 9>&-
}

absent=$(missing)
[ -n "$absent" ] || { [ -n "$if_needed" ] || echo 'setup: everything is there'; exit 0; }

if ! command -v apt-get >/dev/null; then
	echo "setup: missing, and there is no apt-get here; as Debian packages they are called: $absent" >&2
	finish
fi
if [ "$(id -u)" = 0 ]; then
	as_root='env DEBIAN_FRONTEND=noninteractive'
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root='sudo -n env DEBIAN_FRONTEND=noninteractive'
else
	how='sudo apt-get install'
	command -v sudo >/dev/null || how='(as root) apt-get install'
	echo "setup: missing packages; to install them type:  $how $absent" >&2
	finish
fi

mkdir -p build
lock build/setup.lock setup
absent=$(missing)
[ -n "$absent" ] || exit 0
echo "setup: installing $absent (log: $log)"
# shellcheck disable=SC2086 # packages, one a word
if ! with_progress apt_progress install $absent; then
	tail -n 2 "$log" >&2
	echo "setup: apt-get failed; log: $log" >&2
	finish
fi
absent=$(missing)
[ -z "$absent" ] || { echo "setup: still missing: $absent" >&2; finish; }
