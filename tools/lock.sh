#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced, and run: what two commands must not do at once in one tree.
# lock.sh FILE COMMAND...   runs the command once FILE's lock is free, saying so if it has to wait

# lock FILE WHO - until the caller ends
lock() {
	exec 9>"$1" || exit
	flock -n 9 && return
	echo "$2: another one is at work here ($1); waiting for its end"
	flock 9
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
	lock "$1" "${2##*/}"
	shift
	"$@" 9>&-
fi
