#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Counted time (-icount): a run depends on nothing but its inputs.  Debian's kernel boots and runs some commands without anybody typing;
# every run must show the same bytes on the console and execute the same number of instructions: in the interpreter,
# as template code, from a .xo with LLVM units, and while translations, windows, tiers and accelerators are lost or exchanged
# at random moments (-chaos).
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-icount
mkdir -p "$OUT"
guest_or_skip icount
[ -x "$BIN/dbt" ] || { fail icount 'dbt is not built'; summary; }
exec 8>"$OUT.lock"
flock 8
rm -f "$OUT"/*
MARK='### the end'
COMMANDS="console=ttyS0 nokaslr run=\"uname -a; date; cat /proc/interrupts; sha256sum /bin/busybox; ps; guest-tests unaligned atomic fpu smc memory; \
sleep 2; date; echo '###' 'the end'\""

# counted NAME ACCEL OPTION...
counted() {
	local name=$1 accel=$2 status
	shift 2
	dbt_command "$accel" "$COMMANDS" -icount shift=5,sleep=off -no-reboot -stats "$OUT/$name.json" -stats-marker "$MARK" "$@"
	timeout 900 "${DBT[@]}" </dev/null >"$OUT/$name.log" 2>"$OUT/$name.err"
	status=$?
	grep -o '"guest_instructions": [0-9]*\|"instructions_at": {[^}]*}' "$OUT/$name.json" >"$OUT/$name.count" 2>/dev/null
	if [ "$status" = 0 ] && grep -qa "^$MARK" "$OUT/$name.log"; then
		pass "$name: boots, runs the commands, powers off"
	else
		fail "$name" "status $status (log: $OUT/$name.log, $OUT/$name.err)"
	fi
}

# equals NAME - as the first run
equals() {
	same "$1: the same instruction count" "$OUT/cold.count" "$OUT/$1.count"
	same "$1: the same console" "$OUT/cold.log" "$OUT/$1.log"
}

chaos_happened() {
	local n
	n=$(sed -n 's/.*"chaos": {"disturbed": \([0-9]*\), "migrated": \([0-9]*\)}.*/\1 \2/p' "$OUT/$1.json")
	set -- "$1" "$2" "$3" ${n:-0 0}
	if [ "$4" -ge "$2" ] && [ "$5" -ge "$3" ]; then
		pass "$1: disturbed $4 times, of which migrated $5"
	else
		fail "$1" "disturbed $4 times, migrated $5: not what was asked for"
	fi
}

counted cold inproc -profile "$OUT/profile"
grep -q "\"instructions_at\": {\"$MARK\": [1-9]" "$OUT/cold.count" || fail 'cold' "no count at the end of the commands"
counted again inproc
equals again
counted ref ref
equals ref
XO=()
if [ ! -x "$BIN/sbt" ]; then
	skip warm 'sbt is not built'
elif "$BIN/sbt" --profile "$OUT/profile" -o "$OUT/warm.xo" >"$OUT/sbt.log" 2>&1; then
	XO=(-xo "$OUT/warm.xo")
	counted warm inproc "${XO[@]}"
	equals warm
else
	fail 'sbt translates the profile' "$(tail -n 1 "$OUT/sbt.log")"
fi
for seed in ${CHAOS_SEEDS:-1 2}; do
	counted "chaos-$seed" inproc "${XO[@]}" -chaos "$seed,period=200000,migrate=off"
	chaos_happened "chaos-$seed" 5000 0
	equals "chaos-$seed"
done
counted migrate inproc "${XO[@]}" -chaos 3,period=2000000
chaos_happened migrate 500 20
equals migrate
# With counted time every look at the clock is an exit, and a guest that waits for a clock looks often: six million exits.
if ! kvm_or_skip 'counted time with kvm'; then
	:
elif ! kvm_is_cheap; then
	skip 'counted time with kvm' "exits are dear here (ATHANOR_SLOW_KVM=1 runs it, in minutes)"
else
	counted kvm kvm
	equals kvm
	counted kvm-chaos kvm "${XO[@]}" -chaos 4,period=2000000
	chaos_happened kvm-chaos 500 20
	equals kvm-chaos
fi
# Another seed of the guest's random numbers is another run: what is compared above can differ.
counted other inproc -seed 1
if cmp -s "$OUT/cold.count" "$OUT/other.count"; then
	fail 'another seed gives another count' 'it does not: the comparison sees nothing'
else
	pass 'another seed gives another count'
fi
summary
