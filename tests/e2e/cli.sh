#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quick: needs no guest
# What the three commands say to bad input: one line that names the matter, the right status, nothing left behind.
. "$(dirname "$0")/lib.sh"
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT

# refuses NAME STATUS PATTERN COMMAND... - ends with STATUS, writes a line that matches PATTERN to standard error, none to
# standard output, and leaves no file
refuses() {
	local name=$1 status=$2 pattern=$3 got lines
	shift 3
	mkdir -p "$OUT/here"
	(cd "$OUT/here" && timeout 60 "$@" </dev/null >"$OUT/out" 2>"$OUT/err")
	got=$?
	lines=$(wc -l <"$OUT/err")
	if [ "$got" != "$status" ]; then
		fail "$name" "status $got instead of $status: $(head -n 1 "$OUT/err")"
	elif ! grep -qiE -- "$pattern" "$OUT/err"; then
		fail "$name" "does not say '$pattern': $(head -n 1 "$OUT/err")"
	elif [ "$lines" -gt 2 ]; then
		fail "$name" "$lines lines on standard error"
	elif [ -s "$OUT/out" ]; then
		fail "$name" "writes to standard output: $(head -n 1 "$OUT/out")"
	elif [ -n "$(ls -A "$OUT/here")" ]; then
		fail "$name" "leaves $(ls -A "$OUT/here")"
	else
		pass "$name"
	fi
	rm -rf "$OUT/here"
}

answers() { # NAME PATTERN COMMAND... - status 0 and a line on standard output that matches
	local name=$1 pattern=$2
	shift 2
	if timeout 60 "$@" </dev/null >"$OUT/out" 2>"$OUT/err" && grep -qiE -- "$pattern" "$OUT/out"; then
		pass "$name"
	else
		fail "$name" "status $? or no '$pattern' on standard output: $(head -n 1 "$OUT/err")"
	fi
}

elf="$OUT/tiny.elf"
# A 32-bit little-endian MIPS ELF header with one segment that its file does not hold.
printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0\1\0\0\0\0\0\020\200\064\0\0\0\0\0\0\0\1\020\0\160\064\0\040\0\1\0\050\0\0\0\0\0' >"$elf"
printf '\1\0\0\0\0\020\0\0\0\0\020\200\0\0\020\200\0\0\0\020\0\0\0\020\7\0\0\0\0\020\0\0' >>"$elf"
# One that is complete: a branch to itself.
loop="$OUT/loop.elf"
{
	head -c 52 "$elf"
	printf '\1\0\0\0\124\0\0\0\0\0\020\200\0\0\020\200\010\0\0\0\010\0\0\0\7\0\0\0\4\0\0\0'
	printf '\377\377\0\020\0\0\0\0'
} >"$loop"
printf 'not an image' >"$OUT/text"
head -c 20 "$elf" >"$OUT/short.elf"
cp /bin/true "$OUT/host.elf"
mkdir -p "$OUT/dir"

for tool in dbt sbt pcmap; do
	if [ ! -x "$BIN/$tool" ]; then
		fail "$tool" 'is not built'
		continue
	fi
	answers "$tool -version" '[0-9]' "$BIN/$tool" -version
	answers "$tool -help" "^(usage: )?$tool" "$BIN/$tool" -help
	# The manual names no option the tool does not have, and leaves none out.
	"$BIN/$tool" -help >"$OUT/help" 2>&1
	sed 's/\\-/-/g' "docs/man/$tool.1" >"$OUT/man"
	unknown=
	for o in $(grep -oE '(^|[ "(])--?[A-Za-z][a-z-]*' "$OUT/man" | grep -oE '[A-Za-z].*' | sort -u); do
		grep -qE -- "-$o([^a-z-]|\$)" "$OUT/help" || unknown="$unknown $o"
	done
	if [ -z "$unknown" ]; then pass "$tool: options of the manual exist"; else fail "$tool: options of the manual" "not in -help:$unknown"; fi
	missing=
	for o in $(sed -n 's/^  -\([A-Za-z-]*\).*/\1/p' "$OUT/help"); do
		[ "$o" = h ] || grep -qE -- "(^|[^a-z-])--?$o([^a-z-]|\$)" "$OUT/man" || missing="$missing $o"
	done
	if [ -z "$missing" ]; then pass "$tool: the manual has all options"; else fail "$tool: the manual has all options" "but$missing"; fi
	refuses "$tool: unknown option" 1 'hlep' "$BIN/$tool" -hlep
done
if [ -x "$BIN/dbt" ]; then
	refuses 'dbt: nearest option' 1 'kernel' "$BIN/dbt" -kernal x
	refuses 'dbt: no kernel' 1 'kernel' "$BIN/dbt" -M malta -nographic
	refuses 'dbt: missing value' 1 'kernel' "$BIN/dbt" -kernel
	refuses 'dbt: unknown machine' 1 'moltu' "$BIN/dbt" -M moltu -kernel "$loop"
	refuses 'dbt: unknown processor' 1 '99Kx' "$BIN/dbt" -cpu 99Kx -kernel "$loop"
	refuses 'dbt: unknown accelerator' 1 'warp' "$BIN/dbt" -accel warp -kernel "$loop"
	# Reason and remedy, in a name space where /dev is empty, and for a user who may not open the device.
	case $BUILD in */asan) no_engine='this build has nothing to put into a VM' ;; *) no_engine= ;; esac
	if [ -n "$no_engine" ]; then
		skip 'dbt: no /dev/kvm' "$no_engine"
	elif unshare -m mount -t tmpfs none /dev 2>/dev/null; then
		refuses 'dbt: no /dev/kvm' 1 'is not there: load .* or use -accel inproc' unshare -m sh -c 'mount -t tmpfs none /dev && exec "$@"' sh \
			"$BIN/dbt" -accel kvm -kernel "$loop"
	else
		skip 'dbt: no /dev/kvm' 'name spaces cannot be made here'
	fi
	if [ -n "$no_engine" ]; then
		skip 'dbt: no permission for /dev/kvm' "$no_engine"
	elif [ "$(id -u)" = 0 ] && [ -c /dev/kvm ] && [ "$(stat -c %a /dev/kvm)" != 666 ]; then
		refuses 'dbt: no permission for /dev/kvm' 1 'no permission .*group' setpriv --reuid=65534 --regid=65534 --clear-groups \
			"$BIN/dbt" -accel kvm -kernel "$loop"
	else
		skip 'dbt: no permission for /dev/kvm' 'not root, or anybody may use it, or it is not there'
	fi
	answers 'dbt: lists machines' 'malta' "$BIN/dbt" -M help
	answers 'dbt: lists processors' '24Kc' "$BIN/dbt" -cpu help
	for m in 0 nonsense 64G -5 99999999999999999999; do
		refuses "dbt: -m $m" 1 '-m|memory|RAM' "$BIN/dbt" -m "$m" -kernel "$loop"
	done
	for f in missing dir text short.elf host.elf tiny.elf; do
		refuses "dbt: -kernel $f" 1 "$f" "$BIN/dbt" -kernel "$OUT/$f" -nographic
	done
	refuses 'dbt: missing -initrd' 1 'nothing.gz' "$BIN/dbt" -kernel "$loop" -initrd "$OUT/nothing.gz"
	refuses 'dbt: unknown log category' 1 'everything' "$BIN/dbt" -d everything -kernel "$loop"
	refuses 'dbt: log into a directory' 1 'dir' "$BIN/dbt" -D "$OUT/dir" -d exec -kernel "$loop"
fi
# Started without standard descriptors: their numbers go to nothing else, least of all to guest memory.
if [ -x "$BIN/dbt" ]; then
	"$BIN/dbt" -M malta -m 16 -kernel "$loop" -nographic 0<&- 1>&- 2>&- &
	pid=$!
	for _ in $(seq 100); do
		[ -n "$(find "/proc/$pid/fd" -lname '*guest-ram*' 2>/dev/null)" ] && break
		sleep 0.1
	done
	ls -l "/proc/$pid/fd" >"$OUT/fds" 2>&1
	kill "$pid"
	wait "$pid" 2>/dev/null
	if [ "$(grep -cE ' [012] -> /dev/null$' "$OUT/fds")" = 3 ] && grep -q guest-ram "$OUT/fds"; then
		pass 'dbt: without standard descriptors'
	else
		fail 'dbt: without standard descriptors' "$(tr '\n' ' ' <"$OUT/fds")"
	fi
fi
if [ -x "$BIN/sbt" ]; then
	for f in missing dir short.elf host.elf tiny.elf; do
		refuses "sbt $f" 1 "$f" "$BIN/sbt" "$OUT/$f" -o out.xo
	done
	refuses 'sbt: nothing to do' 1 'image|profile|usage' "$BIN/sbt" -o out.xo
	refuses 'sbt: nearest option' 1 'profile' "$BIN/sbt" --profil x -o out.xo
	refuses 'sbt: profile that is none' 1 'text' "$BIN/sbt" --profile "$OUT/text" -o out.xo
	refuses 'sbt: output into nowhere' 1 'nowhere' "$BIN/sbt" --format raw --base 0x80100000 --entry 0x80100000 "$OUT/text" -o "$OUT/nowhere/out.xo"
fi
if [ -x "$BIN/pcmap" ]; then
	for f in missing dir text short.elf host.elf; do
		refuses "pcmap stat $f" 1 "$f" "$BIN/pcmap" stat "$OUT/$f"
	done
	refuses 'pcmap: unknown verb' 1 'frobnicate' "$BIN/pcmap" frobnicate "$OUT/text"
fi

# Each option that a program lists is in its manual page, and the other way round, and a test uses it.
for tool in dbt sbt pcmap; do
	[ -x "$BIN/$tool" ] || continue
	"$BIN/$tool" -help | sed -nE 's/^  -([A-Za-z-]+) .*/\1/p' | sort -u >"$OUT/listed"
	sed 's/\\-/-/g' "docs/man/$tool.1" | grep -E '^\.(B|BI|BR|RB) ' |
		grep -oE '(^|[^A-Za-z0-9])--?[A-Za-z][A-Za-z-]*' | sed -E 's/^[^-]*-+//' | sort -u >"$OUT/explained"
	grep -hoE "(^|[ \"'(])--?[A-Za-z][A-Za-z-]*" tests/*/*.c tests/*/*.h tests/e2e/*.sh |
		sed -E 's/^[^-]*-+//' | sort -u >"$OUT/used"
	same "$tool: -help and the manual page" "$OUT/listed" "$OUT/explained"
	unused=$(comm -23 "$OUT/listed" "$OUT/used" | tr '\n' ' ')
	if [ -s "$OUT/listed" ] && [ -z "$unused" ]; then pass "$tool: each option has a test"; else fail "$tool: options without a test" "$unused"; fi
done
summary
