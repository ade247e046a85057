#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quick
# The boot monitor (firmware/) on the Pb1500: every command with good and bad arguments against a transcript, the same for each
# accelerator; the keys of the command line; Ctrl-C.
#   monitor.sh -u   writes the transcript anew from what -accel ref says: read the difference before you commit it
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-monitor
GOLDEN=tests/golden/monitor.txt
monitor_or_skip monitor "$OUT"
comparable() { monitor_comparable "$1"; }

if [ "${1-}" = -u ]; then
	monitor_machine ref
	transcript update "$GOLDEN" 600 && cp "$OUT/update.txt" "$GOLDEN"
	exit
fi

for accel in ref inproc; do
	case $accel-$BUILD in ref-*/asan)
		skip "every command, $accel" 'takes too long with sanitizers'
		continue
		;;
	esac
	monitor_machine "$accel"
	transcript "$accel" "$GOLDEN" 300 && same "every command, $accel" "$GOLDEN" "$OUT/$accel.txt"
done
if kvm_is_cheap && kvm_or_skip 'every command, kvm'; then
	monitor_machine kvm
	transcript kvm "$GOLDEN" 300 && same 'every command, kvm' "$GOLDEN" "$OUT/kvm.txt"
fi

# Translated beforehand.
if [ ! -x "$BIN/sbt" ]; then
	skip 'every command, translated' 'sbt is not built'
elif "$BIN/sbt" "$FIRMWARE" -cpu au1500 -q -o "$OUT/monitor.xo" 2>"$OUT/sbt.err"; then
	monitor_machine inproc -xo "$OUT/monitor.xo" -stats "$OUT/warm.json"
	transcript warm "$GOLDEN" 300 && same 'every command, translated' "$GOLDEN" "$OUT/warm.txt"
	# Of commands that cause no exceptions: what has once been left by one is translated anew.
	steps 'commands that are translated' send='test 80100000 100000' expect="$P" send='cksum 80100000 100000' expect="$P" type=$'\x01x' eof
	percent=$(sed -n 's/.*"tiers": {"xo": \([0-9]*\), "template": \([0-9]*\), "interp": \([0-9]*\).*/\1 \2 \3/p' "$OUT/warm.json" |
		awk '{ print int(100 * $1 / ($1 + $2 + $3)) }')
	if [ "${percent:-0}" -ge 95 ]; then
		pass "translated code was used: $percent % of the instructions"
	else
		fail 'translated code was used' "${percent:-0} % of the instructions"
	fi
else
	fail 'sbt translates the monitor' "$(tail -n 1 "$OUT/sbt.err")"
fi

monitor_machine inproc
ctrl() { printf "\\$(printf %03o $(($(printf %d "'$1") & 31)))"; }
UP=$'\e[A' DOWN=$'\e[B' LEFT=$'\e[D' RIGHT=$'\e[C'

steps 'left, right, insert' type="echo abXd$LEFT$LEFT" type="$RIGHT$(ctrl H)" send='c' expect=$'\nabcd\r'
steps 'Ctrl-B, Ctrl-F, Ctrl-D' type="echo axbc$(ctrl B)$(ctrl B)$(ctrl B)$(ctrl D)$(ctrl F)$(ctrl F)" send=d expect=$'\nabcd\r'
# dbt takes the first Ctrl-A for itself.
steps 'Ctrl-A, Ctrl-E' type="cho ab$(ctrl A)$(ctrl A)e$(ctrl E)" send=c expect=$'\nabc\r'
steps 'Home, End, Delete' type=$'xecho ab\e[1~\e[3~\e[4~' send=c expect=$'\nabc\r'
steps 'Ctrl-K' type="echo abc$LEFT$LEFT$(ctrl K)" send=d expect=$'\nad\r'
steps 'Ctrl-U' type="nonsense$(ctrl U)" send='echo abc' expect=$'\nabc\r'
steps 'rubbing out at the start' type=$'\x7f\x7f'"$(ctrl H)$(ctrl D)$LEFT" send='echo abc' expect=$'\nabc\r'
steps 'history' send='echo one' expect=$'\none\r' expect="$P" send='echo two' expect=$'\ntwo\r' expect="$P" \
	type="$UP$UP" send=x expect=$'\nonex\r' expect="$P" type="$(ctrl P)$(ctrl P)$(ctrl P)$(ctrl N)" send=y expect=$'\ntwoy\r' expect="$P" \
	type="echo typed$UP$UP$DOWN$DOWN$DOWN" send=z expect=$'\ntypedz\r'
steps 'a line of full length' type="echo $(printf '%01100d' 0)" send= expect=$'\n0000' expect=$'0\r'
steps 'TAB' type=$'ec\t' send='abc' expect=$'\nabc\r' expect="$P" type=$'co\t' expect='compare  copy' type=$'m\t' expect='compare' \
	send='' expect='Error : Syntax error' expect="$P" type=$'zz\t' send='' expect='Error : Unknown command: zz' expect="$P" \
	type=$'echo 1;ech\t' send=2 expect=$'\n1\r' expect=$'\n2\r'
steps 'a line that is continued' send='echo abc \' expect='? ' send='def\' expect='? ' send='ghi' expect=$'\nabc defghi\r'
steps 'a line in which Ctrl-C is typed' type="nonsense$(ctrl C)" expect=$'^C\r' expect="$P" send='echo abc' expect=$'\nabc\r'
steps 'Ctrl-C in a long command' send='sleep 10/1000000' expect=$'\n' type="$(ctrl C)" expect='Error : User break (Ctrl-C)' expect="$P"
steps 'Ctrl-C in endless repetition' send='+ ; echo abc' expect=$'\nabc\r' expect=$'\nabc\r' expect=$'\nabc\r' type="$(ctrl C)" expect='Error : User break (Ctrl-C)' expect="$P"
steps 'Ctrl-C in a memory test' send='test' expect=$'Testing' type="$(ctrl C)" expect='Error : User break (Ctrl-C)' expect="$P"
steps 'edit' send='fill 80100000 10 0' expect="$P" send='edit -16 80100000' expect='80100000: 0000 ' send='1234' expect='80100002: 0000 ' \
	send='12345' expect='Illegal number: 12345' expect='80100002: 0000 ' send='' expect='80100004: 0000 ' send='-' expect='80100002: 0000 ' \
	send='8/17' expect='80100004: 0000 ' send='.' expect="$P" send='dump -16 80100000 6' expect='80100000: 1234 000F 0000 '
steps 'edit where nothing may be written' send='edit 80001000' expect='80001000: ' send='0' expect='Error : Range is used by the monitor' expect="$P" \
	send='edit 0' expect='Error : TLB (load or instruction fetch): address 0x00000000' expect="$P" send='edit bc000000' expect='BC000000: ' \
	send='0' expect='Error : Flash is written by copy' expect="$P"
steps 'dump by pages' send='dump -m 80100000 400' expect='80100150:' expect='Press any key' type=' ' expect='801002B0:' expect='Press any key' \
	type=q expect="$P" send='echo abc' expect=$'\nabc\r'
PORTS='port 80100000 03e08025;port 80100004 3c118020;port 80100008 02202825;port 8010000c 3c089fc0;port 80100010 8d080550;port 80100014 0100f809'
steps 'the service getchar, asked until there is one' send="$PORTS" expect="$P" \
	send='port 80100018 0;port 8010001c 1040fffa;port 80100020 0;port 80100024 92220000;port 80100028 02000008;port 8010002c 0' expect="$P" \
	send='go 80100000' type=k expect='code = 0x0000006b' expect="$P"
steps 'a question that is denied' send='erase bc000000 40000' expect='Confirm ? (y/n) ' type='xn' expect="$P"

# The flash: what is in it outlives a reset, and the machine if there is a file.
LONG=$(printf '%0480d' 7)
head -c 67108864 /dev/zero | tr '\0' '\377' >"$OUT/flash.img"
monitor_machine inproc -drive "file=$OUT/flash.img,if=pflash"
END=(type="$(ctrl A)x" eof)
steps 'variables and programs are written to flash' send='setenv user $prompt is kept' expect="$P" send='setenv gone 1;unsetenv gone' expect="$P" \
	send='setenv ipaddr 10.0.2.77' expect="$P" send='fill 80100000 10000 5a;copy 80100000 bc03fffe 10001' expect="$P" \
	send='compare 80100000 bc03fffe 10000' expect='Compare OK' expect="$P" send='copy 80100000 bc040000 10' expect='Error : Flash is not erased' \
	expect="$P" send='copy bc03fffe bd000001 8000;compare 80100000 bd000001 8000' expect='Compare OK' expect="$P" "${END[@]}"
steps 'and are there the next time' send='echo =$user=$gone=$ipaddr=' expect=$'\n=YAMON is kept==10.0.2.77=\r' expect="$P" \
	send='fill 80100000 10000 5a;compare 80100000 bc03fffe 10000' expect='Compare OK' expect="$P" send='port bd000000' expect='5A5A5AFF' expect="$P" \
	send='fl' expect='60.00 MByte  user                   in use' expect="$P" "${END[@]}"
steps 'an environment that fills its block and is written anew' send="+ 10/1100; setenv long $LONG" expect="$P" timeout=60 send='setenv long short' \
	expect="$P" send='echo =$user=$long=' expect=$'\n=YAMON is kept=short=\r' expect="$P" send=reset expect="$P" send='echo =$user=$long=' \
	expect=$'\n=YAMON is kept=short=\r' expect="$P" "${END[@]}"
steps 'erasing blocks leaves the others' send='erase bc000000 40000' expect='Size          = 0x00040000' expect='Confirm ? (y/n) ' type=y expect=Done \
	expect="$P" send='dump bc03fffe 1;dump bc040000 1' expect='BC03FFFE: FF' expect='BC040000: 5A' expect="$P" "${END[@]}"
steps 'start, after its delay' send='setenv start "echo by itself;echo twice"' expect="$P" send='setenv startdelay 1' expect="$P" send=reset \
	expect="Environment variable 'start' exists. After 1 seconds" expect='Press Ctrl-C to bypass this.' expect=$'\nby itself\r' expect=$'\ntwice\r' \
	expect="$P" "${END[@]}"
steps 'bootcmd, where there is no start; Ctrl-C' send='unsetenv start;setenv bootcmd echo by itself' expect="$P" send='setenv startdelay 1000' expect="$P" \
	send='reset' expect="Environment variable 'bootcmd' exists." expect='Press Ctrl-C' type="$(ctrl C)" expect="$P" send='echo $user' expect=$'\nYAMON is kept\r' "${END[@]}"
monitor_machine inproc
steps 'reset' send='reset' expect='Athanor boot monitor' expect="$P" send='echo abc' expect=$'\nabc\r'
summary
