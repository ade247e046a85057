#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The compute kernels of tests/bench in the guest: their checksums must be those this machine computes.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-kernels
mkdir -p "$OUT"
guest_or_skip kernels
[ -x "$BIN/dbt" ] || { fail kernels 'dbt is not built'; summary; }
[ -x "$GUEST/mipsel/bench" ] || { skip kernels 'no benchmarks without the MIPS compiler'; summary; }

steps=()
for k in $("$GUEST/bench" | cut -f 1); do steps+=("send=bench $k" "expect=@end $k " "expect=$PROMPT"); done
dbt_command inproc 'console=ttyS0 nokaslr'
console "$OUT/log" 300 "expect=$PROMPT" "${steps[@]}" 'send=poweroff -f' eof -- "${DBT[@]}" || fail kernels "status $? (log: $OUT/log)"
for k in $("$GUEST/bench" | cut -f 1); do
	here=$("$GUEST/bench" "$k" | tail -n 1)
	there=$(tr -d '\r' <"$OUT/log" | grep "^@end $k " | tail -n 1)
	if [ "$here" = "$there" ]; then pass "kernel $k"; else fail "kernel $k" "'$there' instead of '$here'"; fi
done
summary
