#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quick: needs no guest
# What tools/setup.sh and its neighbours do on a machine that lacks something.
. "$(dirname "$0")/lib.sh"
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT

# says NAME STATUS PATTERN COMMAND... - within ten seconds
says() {
	local name=$1 status=$2 pattern=$3 got
	shift 3
	timeout 10 "$@" </dev/null >"$OUT/said" 2>&1
	got=$?
	if [ "$got" != "$status" ]; then
		fail "$name" "status $got instead of $status: $(head -n 2 "$OUT/said")"
	elif ! grep -qE -- "$pattern" "$OUT/said"; then
		fail "$name" "does not say '$pattern': $(head -n 2 "$OUT/said")"
	else
		pass "$name"
	fi
}

# A machine with these programs, and no other
mkdir "$OUT/bin"
for p in bash sh sed awk cat sort paste dirname id env mkdir grep head tail; do ln -s "$(command -v "$p")" "$OUT/bin/"; done
bare=(env -u CC PATH="$OUT/bin")

if awk '/^TABLE$/ { on = 0 } on && split($0, f, "|") != 7 { bad = 1; print } /<<.TABLE.$/ { on = 1 } END { exit bad }' tools/packages.sh >"$OUT/rows"; then
	pass 'each row of the table of packages is complete'
else
	fail 'each row of the table of packages is complete' "$(head -n 3 "$OUT/rows")"
fi
says 'no compiler: names the packages' 1 '^setup: missing, .* gcc ' "${bare[@]}" tools/setup.sh --if-needed build
says 'no compiler: ends there' 1 '^setup: impossible without: .*gcc' "${bare[@]}" tools/setup.sh --if-needed build
ln -s "$(command -v gcc)" "$(command -v as)" "$(command -v ld)" "$(command -v make)" "$OUT/bin/"
says 'no git: goes on' 0 '^setup: missing, .* git ' "${bare[@]}" tools/setup.sh --if-needed build
says 'no git: not everything' 1 '^setup: missing, .* git ' "${bare[@]}" tools/setup.sh all
says 'no cpio: no guest to run' 1 '^setup: impossible without: .*cpio' "${bare[@]}" tools/setup.sh --if-needed run

says 'no such board' 2 'BOARD=pb9999: there are malta' make run BOARD=pb9999
says 'no such way to boot' 2 'BOOT=rom: there are tftp' make run BOARD=pb1500 BOOT=rom

exec 9>"$OUT/lock"
flock 9
says 'a second build waits, and says so' 124 '^true: another .*waiting' timeout 1 tools/lock.sh "$OUT/lock" true
flock -u 9
says 'a build goes on when it may' 3 '^here$' tools/lock.sh "$OUT/lock" bash -c 'echo here; exit 3'

says 'nowhere to keep things: in the tree' 0 "^$PWD/build/cache/guest\$" env XDG_CACHE_HOME=/proc/nowhere bash -c '. tools/guest.sh; echo "$cache"'
says 'a blank in a name' 1 "cannot build in '/a b'" bash -c '. tools/guest.sh; plain_path "/a b"'

# The command is in the foreground: what Ctrl-C ends.
says 'progress: the status of the command' 5 '^done$' bash -c '. tools/progress.sh; with_progress echo bash -c "echo done; exit 5"'
says 'progress: Ctrl-C ends the command' 0 '^ended$' bash -c '
	env --default-signal=INT setsid bash -c ". tools/progress.sh; with_progress echo bash -c \"sleep 2; touch $1\"" &
	sleep 1
	kill -INT -$!
	wait $!
	sleep 2
	[ -e "$1" ] || echo ended' - "$OUT/went-on"
summary
