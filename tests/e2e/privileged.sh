#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs tests/guest/bare, tests of the privileged architecture on the bare machine, in both byte orders: interpreted, translated when
# met, translated beforehand by templates and by LLVM, and under QEMU, where tests that QEMU is known to fail are skipped by name.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-privileged
exec 8>"$OUT.lock" # one run at a time: all write the same logs
flock 8
rm -rf "$OUT"
mkdir -p "$OUT"
[ -x "$BIN/dbt" ] || { fail privileged 'dbt is not built'; summary; }
tools/bare-tests.sh "$GUEST" || { skip privileged 'no MIPS compiler'; summary; }

# count NAME STATUS - adds up what the guest of that run counted, and shows what went wrong
count() {
	local log=$OUT/$1.log tally
	tr -d '\r' <"$log" >"$log.text"
	grep -E '^(FAIL|QEMU|SKIP) ' "$log.text" | sed "s/ / $1: /"
	tally=$(grep -E '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log.text" | tail -n 1)
	if [ -z "$tally" ] || [ "$2" != 0 ]; then
		fail "$1" "status $2, ended with: $(tail -n 1 "$log.text")"
		return 1
	fi
	# shellcheck disable=SC2086
	set -- "$1" $tally
	passed=$((passed + $2)) failed=$((failed + $4)) skipped=$((skipped + $6))
	echo "$1: $2 passed, $4 failed, $6 skipped"
}

# run NAME ORDER ACCEL OPTION... - one run of dbt; each must pass the same tests
run() {
	local name=$1 elf=$GUEST/bare-tests$2.elf accel=$3
	shift 3
	timeout 300 "$BIN/dbt" -M malta -cpu 24Kc -m 256 -accel "$accel" -kernel "$elf" -nographic -no-reboot \
		-stats "$OUT/$name.json" "$@" </dev/null >"$OUT/$name.log" 2>&1
	count "$name" $? || return
	grep '^PASS' "$OUT/$name.log.text" >"$OUT/$name.pass"
	[ "$accel" = ref ] || same "$name: the same tests pass as interpreted" "$OUT/ref$elf_order.pass" "$OUT/$name.pass"
}

# share NAME TIER PERCENT - the rounds of each test must have run where the run is about
share() {
	local got
	got=$(awk -v tier="\"$2\": *" '
		match($0, /"guest_instructions": *[0-9]+/) { all = substr($0, RSTART + 21, RLENGTH - 21) }
		/"tiers":/ && match($0, tier "[0-9]+") { n = substr($0, RSTART, RLENGTH); sub(tier, "", n) }
		END { print (all + 0 > 0 ? int(100 * n / all) : -1) }' "$OUT/$1.json")
	if [ "$got" -ge "$3" ]; then
		pass "$1: $got % of the instructions are of tier $2"
	else
		fail "$1: $3 % of the instructions are of tier $2" "$got %"
	fi
}

reference() { # NAME ORDER PROGRAM
	local status
	if ! command -v "$3" >/dev/null; then
		skip "$1" "no $3"
		return
	fi
	# Its timer and its processor write Cause at once: now and then an interrupt is lost, and with it a WAIT that it should end.
	for _ in 1 2 3; do
		timeout 120 "$3" -M malta -cpu 24Kc -m 256 -vga none -nic none -kernel "$GUEST/bare-tests$2.elf" -append qemu -nographic \
			-no-reboot </dev/null >"$OUT/$1.log" 2>&1
		status=$?
		[ "$status" != 0 ] || grep -q '^FAIL' "$OUT/$1.log" || break
	done
	count "$1" "$status"
}

order() { # SUFFIX QEMU-PROGRAM
	elf_order=$1
	run "ref$1" "$1" ref
	run "cold$1" "$1" inproc -profile "$OUT/profile$1" && share "cold$1" template 75
	if [ ! -x "$BIN/sbt" ]; then
		skip "warm$1" 'sbt is not built'
	else
		for opt in none all; do
			if "$BIN/sbt" --profile "$OUT/profile$1" -opt "$opt" -o "$OUT/$opt$1.xo" >"$OUT/sbt-$opt$1.log" 2>&1; then
				pass "sbt -opt $opt translates the profile ($1)"
				run "warm-$opt$1" "$1" inproc -xo "$OUT/$opt$1.xo" && share "warm-$opt$1" xo 75
			else
				fail "sbt -opt $opt translates the profile ($1)" "$(tail -n 1 "$OUT/sbt-$opt$1.log")"
			fi
		done
	fi
	# With counted time all of a run can be repeated, interrupts included, whatever is lost on the way.
	run "counted$1" "$1" ref -icount 0
	run "chaos$1" "$1" inproc -icount 0 -chaos seed=1
	same "chaos$1: the console of counted$1" "$OUT/counted$1.log.text" "$OUT/chaos$1.log.text"
	reference "qemu$1" "$1" "$2"
}

order '' qemu-system-mipsel
order -eb qemu-system-mips
summary
