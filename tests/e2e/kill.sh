#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Kills a machine in a VM (SIGKILL) at random moments of Debian's boot and of its end, when profile and statistics are written, KILLS
# times (10).  Nothing may be left: no process, no file but whole profiles and statistics, no lock, and the next machine runs.
# Not looked for: the settings of a terminal, which nobody can restore for a process that was killed.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-kill
KILLS=${KILLS:-10}
mkdir -p "$OUT"
guest_or_skip kill
[ -x "$BIN/dbt" ] || { fail kill 'dbt is not built'; summary; }
kvm_or_skip 'killed machines' || summary
exec 8>"$OUT.lock"
flock 8
rm -rf "${OUT:?}"/*
MARK=athanor-kill-$$
machine=
trap '[ -z "$machine" ] || kill -KILL "$machine" 2>/dev/null' EXIT
trap 'exit 1' INT TERM
COMMANDS='console=ttyS0 nokaslr run="uname -a; sha256sum /bin/busybox"'

# Processes that were started with our mark, whoever their parent is now.
alive() { grep -lzsx "ATHANOR_KILL=$MARK" /proc/[0-9]*/environ 2>/dev/null | cut -d / -f 3 | tr '\n' ' '; }

# start DIR
start() {
	dbt_command kvm "$COMMANDS" -no-reboot -profile "$1/profile" -stats "$1/stats.json"
	ATHANOR_KILL=$MARK setsid "${DBT[@]}" </dev/null >"$OUT/console.log" 2>"$OUT/errors" &
	machine=$!
}

# What the process held of ours: "inode" for each lock
locks_of() { awk -v pid="$1" '$5 == pid { print $6 }' /proc/locks; }

# check WHAT DIR
check() {
	local left f
	left=$(alive)
	[ -z "$left" ] || { fail "$1" "process $left is left"; return; }
	left=$(locks_of "$machine")
	[ -z "$left" ] || { fail "$1" "locks on $left are left"; return; }
	for f in "$2"/* "$2"/.[!.]*; do
		case $f in
		*/'*' | */'.[!.]*') continue ;;
		*/profile) "$BIN/sbt" --profile "$f" --opt none -q -o "$OUT/check.xo" 2>"$OUT/sbt.log" && continue ;;
		*/stats.json) tail -n 1 "$f" | grep -q '}$' && continue ;;
		esac
		fail "$1" "$f is left: $(wc -c <"$f") bytes"
		return
	done
	pass "$1"
}

# One run to its end tells how long there is something to kill.
mkdir "$OUT/whole"
began=$(date +%s%N)
start "$OUT/whole"
sleep 0.2
if [ "$(alive)" = "$machine " ]; then pass 'a machine that is left would be seen'; else fail 'a machine that is left would be seen' "$(alive)"; fi
wait "$machine"
status=$?
whole=$((($(date +%s%N) - began) / 1000000))
if [ "$status" = 0 ]; then pass "a run that nobody kills ($whole ms)"; else fail 'a run that nobody kills' "status $status"; fi

RANDOM=${SEED:-1}
died=0
for ((i = 1; i <= KILLS; i++)); do
	# Most of them anywhere, each third in the last tenth.
	at=$((RANDOM * 32768 + RANDOM))
	if [ $((i % 3)) = 0 ]; then at=$((whole * 9 / 10 + at % (whole / 8 + 1))); else at=$((at % whole)); fi
	mkdir "$OUT/$i"
	start "$OUT/$i"
	sleep "$((at / 1000)).$(printf %03d $((at % 1000)))"
	kill -KILL "$machine" 2>/dev/null
	wait "$machine" 2>/dev/null
	status=$?
	[ "$status" = 137 ] && died=$((died + 1))
	check "killed after $at ms ($(wc -c <"$OUT/console.log") bytes of console; status $status)" "$OUT/$i"
done
if [ "$died" -ge $((KILLS / 2)) ]; then pass "$died of $KILLS were killed"; else fail 'kills' "$died of $KILLS only"; fi

mkdir "$OUT/last"
start "$OUT/last"
wait "$machine"
status=$?
if [ "$status" = 0 ] && grep -qa 'busybox' "$OUT/console.log"; then
	pass 'the next machine runs'
else
	fail 'the next machine runs' "status $status (see $OUT/console.log)"
fi
summary
