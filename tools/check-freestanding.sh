#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# check-freestanding.sh MODE OUT OBJECT... - fails if the freestanding objects together refer to any other symbol, names who does, and
# links them into OUT by linker-scripts/engine.ld.
# Sanitized objects call the sanitizer's runtime, so there is nothing to learn from them.
set -e
mode=$1 out=$2
shift 2
case $mode in asan | fuzz)
	: >"$out"
	exit 0
	;;
esac
ld -r -o "$out.part" "$@"
undefined=$(nm -u "$out.part" | awk '$2 != "_GLOBAL_OFFSET_TABLE_" { print $2 }')
if [ -n "$undefined" ]; then
	for s in $undefined; do
		echo "error: freestanding code refers to '$s' in $(for o in "$@"; do nm -u "$o" | grep -qw "$s" && echo "$o"; done | tr '\n' ' ')" >&2
	done
	rm -f "$out.part"
	exit 1
fi
rm -f "$out.part"
# The same objects as the engine by itself, at its own address.
ld -static -nostdlib --no-undefined -T linker-scripts/engine.ld -o "$out" "$@"
