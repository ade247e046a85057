#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Pb1500's kernel, started without a monitor (-kernel), with Debian's programs (-cpu 24Kc), on every accelerator: to the prompt,
# date, interrupts, a wait by the guest's clock against the host's, reboot, power off; instruction by instruction the same with -icount;
# and with translations made ahead.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-pb1500
IMAGES=build/guest-pb1500
mkdir -p "$OUT"
exec 8>"$OUT.lock" # one run at a time: all write the same logs
flock 8
rm -f "$OUT"/*
[ -x "$BIN/dbt" ] || { fail pb1500 'dbt is not built'; summary; }
tools/guest-pb1500.sh || { skip pb1500 'no kernel for the Pb1500 (see above)'; summary; }

machine() { # ACCEL OPTION...
	MACHINE=("$BIN/dbt" -M pb1500 -cpu 24Kc -accel "$1" -kernel "$IMAGES/vmlinux" -initrd "$IMAGES/initrd-24Kc.gz" -append "console=ttyS0,115200"
		-nographic -rtc base=2011-12-13T14:15:16)
	shift
	MACHINE+=("$@")
}

# text NAME - what the guest said
text() { tr -d '\r' <"$OUT/$1.log"; }

# has NAME TEXT REGEXP
has() {
	if text "$1" | grep -qE "$3"; then
		pass "$1: $2"
	else
		fail "$1: $2" "log: $OUT/$1.log"
	fi
}

# The guest's clock against the host's, which may be busy: 1 % and a tenth of a second.
same_time() { # NAME
	if { sed 's/^/host /' "$OUT/$1.log.marks"; text "$1" | sed -n 's/^\(before\|after\) \([0-9.]*\) .*/guest \1 \2/p'; } | awk '
		{ t[$1, $2] = $3 }
		END {
			host = t["host", "after"] - t["host", "before"]
			guest = t["guest", "after"] - t["guest", "before"]
			off = host > guest ? host - guest : guest - host
			printf "%.2f s of the guest are %.2f s of the host\n", guest, host
			exit !(guest >= 20 && off <= 0.1 + host / 100)
		}' >"$OUT/time"; then
		pass "$1: $(cat "$OUT/time")"
	else
		fail "$1: time" "$(cat "$OUT/time")"
	fi
}

boots() { # NAME SECONDS
	local status
	console "$OUT/$1.log" "$2" "expect=$PROMPT" 'send=date' "expect=$PROMPT" \
		'send=echo before $(cat /proc/uptime)' 'expect=before ' expect=. mark=before "expect=$PROMPT" \
		'send=read -t 20 x' "expect=$PROMPT" 'send=echo after $(cat /proc/uptime)' 'expect=after ' expect=. mark=after "expect=$PROMPT" \
		'send=cat /proc/interrupts' "expect=$PROMPT" 'send=reboot -f' 'expect=Linux version' "expect=$PROMPT" 'send=poweroff -f' eof \
		-- "${MACHINE[@]}"
	status=$?
	if [ "$status" != 0 ]; then
		fail "$1" "status $status (log: $OUT/$1.log)"
		return
	fi
	pass "$1: boots, waits, reboots, powers off"
	has "$1" 'the kernel knows its board' 'machine is PB1500'
	if text "$1" | grep -q 'setting system clock'; then
		has "$1" 'date from the board' '^Tue Dec 13 14:1[0-9]:[0-9]* UTC 2011'
	else
		skip "$1: date from the board" 'the kernel does not ask for it (RTC_HCTOSYS)'
	fi
	has "$1" 'the tick is RTC match 2' '^ 29: +[1-9][0-9]+ +Alchemy-IC0 .*timer'
	has "$1" 'no spurious interrupts' '^ERR: +0$'
	same_time "$1"
}

slow=
case $BUILD in */asan) slow='takes too long with sanitizers' ;; esac

machine inproc -profile "$OUT/profile"
boots inproc 300
if kvm_or_skip kvm; then
	machine kvm
	boots kvm 300
fi
if [ -z "$slow" ]; then
	machine ref
	boots ref 600
else
	skip ref "$slow"
fi

# instructions NAME ACCEL - until the prompt, in counted time, in which nothing is typed
instructions() {
	machine "$2" -icount 3 -stats "$OUT/$1.json" -stats-marker "$PROMPT"
	console "$OUT/$1.log" 300 "expect=$PROMPT" type=$'\001x' eof -- "${MACHINE[@]}"
	sed -n 's/.*"instructions_at": {.*: \([0-9]*\)}.*/\1/p' "$OUT/$1.json" 2>/dev/null
}
count=$(instructions icount-inproc inproc)
if [ "${count:-0}" -gt 1000000 ]; then
	pass "$count instructions to the prompt in counted time"
else
	fail 'to the prompt in counted time' "log: $OUT/icount-inproc.log"
fi
for accel in ref kvm; do
	[ "$accel" != ref ] || [ -z "$slow" ] || { skip "icount-$accel" "$slow"; continue; }
	[ "$accel" != kvm ] || kvm_or_skip icount-kvm || continue
	other=$(instructions "icount-$accel" "$accel")
	if [ "$other" = "$count" ]; then
		pass "as many with $accel"
	else
		fail "as many with $accel" "$other (log: $OUT/icount-$accel.log)"
	fi
done

if [ ! -x "$BIN/sbt" ]; then
	skip warm 'sbt is not built'
elif "$BIN/sbt" --profile "$OUT/profile" -o "$OUT/warm.xo" >"$OUT/sbt.log" 2>&1; then
	machine inproc -xo "$OUT/warm.xo" -stats "$OUT/warm.json"
	boots warm 300
	share=$(sed -n 's/.*"tiers": {"xo": \([0-9]*\), "template": \([0-9]*\), "interp": \([0-9]*\)}.*/\1 \2 \3/p' "$OUT/warm.json" |
		awk '{ print int(100 * $1 / ($1 + $2 + $3)) }')
	if [ "${share:-0}" -ge 80 ]; then
		pass "warm: $share % of the guest's instructions come from the .xo"
	else
		fail 'warm: 80 % of the guest instructions come from the .xo' "${share:-no} % (statistics: $OUT/warm.json)"
	fi
else
	fail 'sbt translates the profile' "$(tail -n 1 "$OUT/sbt.log")"
fi
summary
