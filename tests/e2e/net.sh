#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A Linux guest on the Pb1500's network interface and the user network: DHCP, ping, a file by TFTP, streams in both directions through a
# forwarded port, with equal checksums; in the process, and in a VM behind the system call filter.  Nothing leaves the host.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-net
IMAGES=build/guest-pb1500
MIB=8
mkdir -p "$OUT"
exec 8>"$OUT.lock" # one run at a time: all write the same logs
flock 8
rm -rf "${OUT:?}"/*
[ -x "$BIN/dbt" ] || { fail net 'dbt is not built'; summary; }
if "$BIN/dbt" -M pb1500 -nic user -kernel /dev/null 2>&1 </dev/null | grep -q 'no user network'; then
	skip net 'built without libslirp'
	summary
fi
tools/guest-pb1500.sh || { skip net 'no kernel for the Pb1500 (see above)'; summary; }
mkdir "$OUT/files"
head -c $((MIB << 20)) /dev/urandom >"$OUT/files/file"
SUM=$(md5sum <"$OUT/files/file" | cut -d ' ' -f 1)

# wait_for LOG TEXT - until the guest has said it
wait_for() {
	local left=600
	until grep -qa "$2" "$1" 2>/dev/null; do
		[ $((left--)) -gt 0 ] || return
		sleep 0.2
	done
}

# What the host does while the guest runs: a stream in, a stream out.
other_end() { # NAME PORT
	wait_for "$OUT/$1.log" '^ready-to-take' || return
	sleep 1
	cat "$OUT/files/file" >"/dev/tcp/127.0.0.1/$2"
	wait_for "$OUT/$1.log" '^ready-to-give' || return
	sleep 1
	md5sum <"/dev/tcp/127.0.0.1/$2" | cut -d ' ' -f 1 >"$OUT/$1.given"
}

# check NAME TEXT REGEXP
check() {
	if tr -d '\r' <"$OUT/$1.log" | grep -qaE "$3"; then
		pass "$1: $2"
	else
		fail "$1: $2" "log: $OUT/$1.log"
	fi
}

network() { # ACCEL
	local port=$((20000 + RANDOM % 20000)) status helper
	: >"$OUT/$1.log"
	other_end "$1" "$port" &
	helper=$!
	console "$OUT/$1.log" 300 "expect=$PROMPT" 'send=ifconfig eth0 up; udhcpc -q -n -i eth0 -s /bin/true; ifconfig eth0 10.0.2.15' "expect=$PROMPT" \
		'send=ip link show eth0; ping -c 2 10.0.2.2' 'expect=packet loss' "expect=$PROMPT" \
		'send=tftp -g -r file -l /tmp/file 10.0.2.2; echo by-tftp $(md5sum </tmp/file)' "expect=by-tftp $SUM" "expect=$PROMPT" \
		'send=echo ready-to-take; nc -l -p 9000 >/tmp/taken; echo taken $(md5sum </tmp/taken)' "expect=taken $SUM" "expect=$PROMPT" \
		'send=echo ready-to-give; nc -l -p 9000 </tmp/taken; echo gi''ven' 'expect=given' "expect=$PROMPT" 'send=poweroff -f' eof \
		-- "$BIN/dbt" -M pb1500 -m 128 -accel "$1" -kernel "$IMAGES/vmlinux" -initrd "$IMAGES/initrd.gz" \
		-append 'console=ttyS0,115200' -nographic -no-reboot \
		-nic "user,mac=52:54:00:0a:0b:0c,tftp=$OUT/files,hostfwd=tcp:127.0.0.1:$port-:9000"
	status=$?
	wait "$helper"
	if [ "$status" = 0 ]; then
		pass "$1: a file by TFTP and a stream come in as they were"
	else
		fail "$1" "status $status (log: $OUT/$1.log)"
	fi
	check "$1" 'the address is the one asked for' 'link/ether 52:54:00:0a:0b:0c'
	check "$1" 'DHCP' 'lease of 10\.0\.2\.15 obtained'
	check "$1" 'the router answers' '2 packets received'
	if [ "$(cat "$OUT/$1.given" 2>/dev/null)" = "$SUM" ]; then
		pass "$1: a stream goes out as it was"
	else
		fail "$1: a stream goes out" "$(cat "$OUT/$1.given" 2>/dev/null)"
	fi
}

network inproc
kvm_or_skip kvm && network kvm
summary
