#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Boots Debian's kernel on every accelerator, cold and warm, with and without address randomisation, runs the commands of
# tests/guest/commands.sh and compares their output with QEMU's, piece by piece.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e
mkdir -p "$OUT"
guest_or_skip boot
[ -x "$BIN/dbt" ] || { fail boot 'dbt is not built'; summary; }

FULL='sh /tests/commands.sh 32 200000'
SMALL='sh /tests/commands.sh 1 2000 unaligned atomic fpu'
FIXED='console=ttyS0 nokaslr'
RANDOM_BASE='console=ttyS0'

# commands NAME SECONDS COMMANDS... -- MACHINE...  boots, runs, powers off
commands() {
	local name=$1 seconds=$2 line=$3 status
	shift 4
	console "$OUT/$name.log" "$seconds" "expect=$PROMPT" mark=prompt "send=$line" 'expect=### begin end' "expect=$PROMPT" mark=commands \
		'send=poweroff -f' eof -- "$@"
	status=$?
	if [ "$status" = 0 ]; then
		pass "$name: boots, runs the commands, powers off ($(tr '\n' ' ' <"$OUT/$name.log.marks"))"
	else
		fail "$name" "status $status (log: $OUT/$name.log)"
	fi
	return "$status"
}

# compare NAME REFERENCE - every piece
compare() {
	local p
	[ -e "$OUT/$2.log.ok" ] || { skip "$1: compared with QEMU" 'no QEMU run to compare with'; return; }
	for p in $PIECES; do
		piece "$OUT/$1.log" "$p" >"$OUT/$1.$p"
		if [ ! -s "$OUT/$2.$p" ]; then
			skip "$1: $p" "QEMU's run has no output for it"
		else
			same "$1: $p as under QEMU" "$OUT/$2.$p" "$OUT/$1.$p"
		fi
	done
}

reference() { # NAME COMMANDS
	local p
	rm -f "$OUT/$1.log.ok"
	command -v qemu-system-mipsel >/dev/null || return 0
	qemu_command "$FIXED"
	commands "$1" 300 "$2" -- "${QEMU[@]}" || return 0
	for p in $PIECES; do piece "$OUT/$1.log" "$p" >"$OUT/$1.$p"; done
	touch "$OUT/$1.log.ok"
}

# kvm_runs NAME APPEND COMMANDS REFERENCE DBT-OPTION... - the same under -accel kvm, where that works
kvm_runs() {
	local name=$1 append=$2 line=$3 reference=$4
	shift 4
	kvm_or_skip "$name" || return 0
	dbt_command kvm "$append" -stats "$OUT/$name.json" -stats-marker "$PROMPT" "$@"
	commands "$name" 600 "$line" -- "${DBT[@]}" && compare "$name" "$reference"
}

# kvm_also - likewise, where it does not take minutes
kvm_also() {
	kvm_or_skip "$1" || return 0
	if kvm_is_cheap; then kvm_runs "$@"; else skip "$1" 'exits are dear here (ATHANOR_SLOW_KVM=1 runs it, in a minute)'; fi
}

# Exits until the prompt that are neither device accesses nor signals: what a VM of its own costs.
kvm_exits() {
	local n
	[ -e "$OUT/$1.json" ] || return 0
	n=$(sed -n '/"vm_at"/s/.*\("time": [^}]*\), "signal".*/\1/p' "$OUT/$1.json" | sed -e 's/"[a-z]*": //g' -e 's/,/ +/g')
	if [ -n "$n" ] && [ "$((n))" -lt 5000 ]; then
		pass "$1: $((n)) exits until the prompt that are no device accesses"
	else
		fail "$1: fewer than 5000 exits until the prompt that are no device accesses" "${n:-none counted} (statistics: $OUT/$1.json)"
	fi
}

# One run at a time: all write the same logs.
exec 8>"$OUT.lock"
flock 8
rm -f "$OUT"/*
reference qemu-full "$FULL"
reference qemu-small "$SMALL"

# The interpreter with sanitizers needs many minutes to the prompt: unit tests run it there.
slow=
case $BUILD in */asan) slow='takes too long with sanitizers' ;; esac

if [ -z "$slow" ]; then
	dbt_command ref "$FIXED" -stats "$OUT/ref-cold-fixed.json"
	commands ref-cold-fixed 600 "$SMALL" -- "${DBT[@]}" && compare ref-cold-fixed qemu-small
else
	skip ref-cold-fixed "$slow"
fi

dbt_command inproc "$FIXED" -profile "$OUT/profile" -stats "$OUT/inproc-cold-fixed.json"
commands inproc-cold-fixed 400 "$FULL" -- "${DBT[@]}" && compare inproc-cold-fixed qemu-full

dbt_command inproc "$RANDOM_BASE" -stats "$OUT/inproc-cold-random.json"
commands inproc-cold-random 300 "$SMALL" -- "${DBT[@]}" && compare inproc-cold-random qemu-small

kvm_runs kvm-cold-fixed "$FIXED" "$SMALL" qemu-small
kvm_also kvm-cold-random "$RANDOM_BASE" "$SMALL" qemu-small

# Two at a time under one user; one of them is killed in the middle.
if kvm_or_skip 'two machines side by side under kvm'; then
	dbt_command kvm "$FIXED"
	"${DBT[@]}" </dev/null >"$OUT/kvm-killed.log" 2>&1 &
	killed=$!
	(sleep 4; kill -KILL "$killed") &
	commands kvm-beside 300 'uname -a; echo "###" begin end' -- "${DBT[@]}"
	wait "$killed" 2>/dev/null
	ended=$?
	if [ "$ended" = 137 ]; then
		pass 'a machine beside it was killed'
	else
		fail 'a machine beside it was killed' "it had ended before, with status $ended"
	fi
fi

if [ ! -x "$BIN/sbt" ]; then
	skip warm 'sbt is not built'
elif "$BIN/sbt" --profile "$OUT/profile" -o "$OUT/warm.xo" >"$OUT/sbt.log" 2>&1; then
	pass 'sbt translates the profile'
	dbt_command inproc "$FIXED" -xo "$OUT/warm.xo" -stats "$OUT/inproc-warm-fixed.json"
	commands inproc-warm-fixed 400 "$FULL" -- "${DBT[@]}" && compare inproc-warm-fixed qemu-full
	dbt_command inproc "$RANDOM_BASE" -xo "$OUT/warm.xo" -stats "$OUT/inproc-warm-random.json"
	commands inproc-warm-random 300 "$SMALL" -- "${DBT[@]}" && compare inproc-warm-random qemu-small
	if [ -z "$slow" ]; then
		dbt_command ref "$RANDOM_BASE" -xo "$OUT/warm.xo" -stats "$OUT/ref-warm-random.json"
		commands ref-warm-random 600 'uname -a; echo "###" begin end' -- "${DBT[@]}"
	else
		skip ref-warm-random "$slow"
	fi
	kvm_runs kvm-warm-fixed "$FIXED" "$SMALL" qemu-small -xo "$OUT/warm.xo"
	kvm_also kvm-warm-random "$RANDOM_BASE" "$SMALL" qemu-small -xo "$OUT/warm.xo"
	kvm_exits kvm-warm-fixed
	share=$(awk '
		match($0, /"guest_instructions": *[0-9]+/) { all = substr($0, RSTART + 21, RLENGTH - 21) }
		/"tiers":/ && match($0, /"xo": *[0-9]+/) { xo = substr($0, RSTART + 5, RLENGTH - 5) }
		END { print (all + 0 > 0 ? int(100 * xo / all) : -1) }' "$OUT/inproc-warm-fixed.json")
	if [ "$share" -ge 80 ]; then
		pass "warm: $share % of the guest's instructions come from the .xo"
	else
		fail 'warm: 80 % of the guest instructions come from the .xo' "$share % (statistics: $OUT/inproc-warm-fixed.json)"
	fi
else
	fail 'sbt translates the profile' "$(tail -n 1 "$OUT/sbt.log")"
fi

# Stricter than QEMU: an instruction that the one before it has just written.
dbt_command inproc "$FIXED"
if console "$OUT/strict.log" 200 "expect=$PROMPT" 'send=guest-tests strict' 'expect=guest-tests: ' "expect=$PROMPT" 'send=poweroff -f' eof -- "${DBT[@]}" &&
	! grep -q '^FAIL' "$OUT/strict.log" && grep -q '^PASS strict/next_instruction' "$OUT/strict.log"; then
	pass 'a block that rewrites its next instruction'
elif [ -x "$GUEST/mipsel/guest-tests" ]; then
	fail 'a block that rewrites its next instruction' "log: $OUT/strict.log"
else
	skip 'a block that rewrites its next instruction' 'no guest tests without the MIPS compiler'
fi

# Reboot: once more to the prompt, or out with status 0.
if console "$OUT/reboot.log" 200 "expect=$PROMPT" 'send=reboot -f' "expect=Linux version" "expect=$PROMPT" 'send=poweroff -f' eof -- "${DBT[@]}"; then
	pass 'reboot -f comes back to the prompt'
else
	fail 'reboot -f comes back to the prompt' "status $? (log: $OUT/reboot.log)"
fi
if console "$OUT/noreboot.log" 200 "expect=$PROMPT" 'send=reboot -f' eof -- "${DBT[@]}" -no-reboot; then
	pass 'reboot -f ends a run with -no-reboot'
else
	fail 'reboot -f ends a run with -no-reboot' "status $? (log: $OUT/noreboot.log)"
fi
summary
