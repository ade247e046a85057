#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Prints each tool and library with its version, whether it suffices, and the command that installs what is missing.
. "$(dirname "$0")/packages.sh"

printf '%-16s %-8s %-8s %s\n' what for state 'version, or what is lost without it'
packages_table | while IFS='|' read -r what goal _ probe version package lost; do
	if eval "$probe" >/dev/null 2>&1; then
		v=$(eval "$version" 2>/dev/null | head -n 1)
		printf '%-16s %-8s %-8s %s\n' "$what" "$goal" ok "${v:-present}"
	else
		printf '%-16s %-8s %-8s %s\n' "$what" "$goal" missing "$lost (package $package)"
	fi
done
cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
printf '%-16s %-8s %-8s %s\n' processor run "$(uname -m | sed 's/x86_64/ok/')" "$cpu"
missing=$(packages_table | packages_missing)
echo
if [ -n "$missing" ]; then
	echo "to install what is missing:  apt-get install $missing"
	echo "or:                          make setup"
	[ -z "$(packages_essential build | packages_missing)" ]
else
	echo 'everything is there'
fi
