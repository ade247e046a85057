#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# commands.sh MEBIBYTES LOOPS [GUEST-TEST-GROUP...] - what tests/e2e runs in the guest, each command between two marks, so
# that outputs can be compared piece by piece.
mib=${1:-32}
loops=${2:-200000}
[ $# -lt 2 ] || shift 2

piece() {
	case " ${only-$1} end " in
	*" $1 "*) ;;
	*) return ;;
	esac
	echo "### begin $1"
	shift
	"$@" 2>&1
	echo "### status $?"
	echo "### end"
}

count() {
	i=0
	while [ $i -lt "$loops" ]; do i=$((i + 1)); done
	echo $i
}

make_file() {
	yes 'the quick brown fox 0123456789' | head -c $((mib * 1048576)) >/tmp/file
	ls -l /tmp/file | cut -c 1-10
	wc -c </tmp/file
}

floats() {
	seq 1 0.5 3
	awk 'BEGIN { printf "%.12g %.12g %.12g %d\n", 1 / 3, exp(1), sqrt(2), -123456789.7 }'
	sleep 0.2 && echo slept
}

round_trip() {
	head -c 2097152 /tmp/file | cat - /bin/busybox >/tmp/part
	gzip -c /tmp/part >/tmp/part.gz && gunzip -c /tmp/part.gz | cmp - /tmp/part && echo same
	sha256sum /tmp/part.gz
}

modules() {
	for m in crc-itu-t test_static_key_base test_static_keys michael_mic xxhash_generic dummy; do
		insmod /modules/$m.ko && echo "loaded $m"
	done
	cut -d ' ' -f 1-3 /proc/modules
	rmmod test_static_keys && rmmod test_static_key_base && echo removed
	ip link show dummy0
}

piece uname uname -a
piece cpuinfo cat /proc/cpuinfo
piece interrupts cat /proc/interrupts
piece file make_file
piece sha256sum sha256sum /tmp/file
piece loop count
piece float floats
piece gzip round_trip
piece ls ls -lR /
piece ps ps
[ ! -d /modules ] || piece insmod modules
[ ! -x /bin/guest-tests ] || piece guest-tests guest-tests "$@"
piece end true
