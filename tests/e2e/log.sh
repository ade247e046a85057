#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quick: needs no guest
# The log: what the guest does is told in the same words by every accelerator; and there is no category that nothing writes to.
. "$(dirname "$0")/lib.sh"
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
[ -x "$BIN/dbt" ] || { fail log 'dbt is not built'; summary; }
tools/bare-tests.sh "$GUEST" || { skip log 'no MIPS compiler'; summary; }

# run NAME CATEGORIES OPTION... - a part of the bare-metal tests, logged to OUT/NAME.log
run() {
	local name=$1 categories=$2
	shift 2
	timeout 300 "$BIN/dbt" -M malta -cpu 24Kc -m 256 -kernel "$GUEST/bare-tests.elf" -nographic -no-reboot -d "$categories" -D "$OUT/$name.log" \
		"$@" </dev/null >"$OUT/$name.out" 2>&1 && grep -q '^[1-9][0-9]* passed, 0 failed' "$OUT/$name.out" && return
	fail "$name: the guest's tests pass" "$(tail -n 1 "$OUT/$name.out")"
}

# What the architecture does; windows and code are the engine's business.
guest_lines() { grep -E '^(int|tlb: (written|dropped)):' "$OUT/$1.log"; }

# Address errors, traps, system calls in both modes, TLB exceptions and what a refill handler writes, until nothing needs an interpreter.
for a in ref inproc kvm; do
	[ "$a" != kvm ] || kvm_or_skip 'kvm: exceptions and TLB entries are told as interpreted' || continue
	run "$a" exec,smc,tlb,int -accel "$a" -append 'rounds=6 only=user'
	guest_lines "$a" >"$OUT/$a.guest"
	for kind in RESET SYS TLBL ERET; do
		grep -q "^int: $kind " "$OUT/$a.guest" || fail "$a: -d int" "no $kind"
	done
	[ "$a" = ref ] && continue
	same "$a: exceptions and TLB entries are told as interpreted" "$OUT/ref.guest" "$OUT/$a.guest"
	for c in exec smc; do
		if grep -q "^$c: " "$OUT/$a.log"; then pass "$a: -d $c"; else fail "$a: -d $c" 'no line'; fi
	done
done

# All of the tests, timers too, with time counted; and with an engine that forgets, doubts and changes places all the while.
run counted int,tlb -accel ref -icount 0,sleep=off -append rounds=1
run chaos int,tlb -accel inproc -icount 0,sleep=off -append rounds=1 -chaos seed=1
guest_lines counted >"$OUT/counted.guest"
guest_lines chaos >"$OUT/chaos.guest"
same 'chaos: exceptions and TLB entries are told as interpreted' "$OUT/counted.guest" "$OUT/chaos.guest"

# --- every category there is ---

# The Pb1500: a word that is no command to its flash, a load from nothing, and the board is switched off.
le() { # WORD... - little-endian, as printf takes it
	local w
	for w in "$@"; do printf '\\x%s\\x%s\\x%s\\x%s' "${w:6:2}" "${w:4:2}" "${w:2:2}" "${w:0:2}"; done
}
program=(3c08bc00 24091234 ad090000 3c08b500 8d090000 3c08ae00 2409c000 ad09001c 1000ffff 00000000)
{
	printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0'
	# shellcheck disable=SC2059
	printf "$(le 00080002 00000001 80100000 00000034 00000000 00001000 00200034 00280001 00000000 \
		00000001 00000054 80100000 80100000 00000028 00000028 00000007 00000004 "${program[@]}")"
} >"$OUT/board.elf"
timeout 60 "$BIN/dbt" -M pb1500 -accel ref -kernel "$OUT/board.elf" -nographic -no-reboot -d all -D "$OUT/board.log" </dev/null >"$OUT/board.out" 2>&1 ||
	fail 'the board is switched off' "$(tail -n 1 "$OUT/board.out")"
run profile exec -accel inproc -append 'rounds=6 only=user' -profile "$OUT/profile"
logs=("$OUT/board.log" "$OUT/profile.log")
if [ -x "$BIN/sbt" ] && "$BIN/sbt" --profile "$OUT/profile" -opt none -o "$OUT/user.xo" >"$OUT/sbt.out" 2>&1; then
	run all all -accel auto -append 'rounds=6 only=user' -xo "$OUT/user.xo"
	logs+=("$OUT/all.log")
	if grep -qE '^exec: .*: record [0-9]+ of .xo 0: units enabled: [1-9]' "$OUT/all.log"; then
		pass 'exec: page records of .xo files'
	else
		fail 'exec: page records of .xo files' 'none was enabled'
	fi
fi
for c in $("$BIN/dbt" -d help | awk '{ print $1 }'); do
	if grep -q "^$c: " "${logs[@]}"; then
		pass "category $c is written to"
	elif [ "$c" = cache ] && [ ! -x "$BIN/sbt" ]; then
		skip "category $c is written to" 'sbt is not built'
	else
		fail "category $c is written to" 'no line'
	fi
done
summary
