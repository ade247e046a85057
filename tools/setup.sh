#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# setup.sh all            install everything the project can use
# setup.sh --if-needed X  X = build | run | pb1500 | check | fuzz | analyze | valgrind: install only if something that X needs is
#                         missing; never fails: the build goes on without it and says what is left out
# Installs Debian packages with apt-get, as root or through sudo -n; otherwise it names the command.
set -u
. "$(dirname "$0")/packages.sh"

if_needed=
if [ "${1-}" = --if-needed ]; then
	if_needed=yes
	shift
fi
goal=${1:-all}

missing=$(packages_missing "$goal")
[ -n "$missing" ] || { [ -n "$if_needed" ] || echo 'setup: everything is there'; exit 0; }

if ! command -v apt-get >/dev/null; then
	echo "setup: missing, and there is no apt-get here; as Debian packages they are called:" $missing >&2
	[ -n "$if_needed" ]
	exit
fi
if [ "$(id -u)" = 0 ]; then
	as_root=
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
	as_root='sudo -n'
else
	echo "setup: missing packages; to install them type:  sudo apt-get install" $missing >&2
	[ -n "$if_needed" ]
	exit
fi

export DEBIAN_FRONTEND=noninteractive
log=build/setup.log
mkdir -p build
echo "setup: installing" $missing "(log: $log)"
if ! { $as_root apt-get -q update && $as_root apt-get -qy --no-install-recommends install $missing; } >"$log" 2>&1; then
	tail -n 5 "$log" >&2
	echo "setup: apt-get failed; going on with what is there" >&2
	[ -n "$if_needed" ]
	exit
fi
still=$(packages_missing "$goal")
[ -z "$still" ] || echo "setup: still missing:" $still >&2
[ -z "$still" ] || [ -n "$if_needed" ]
