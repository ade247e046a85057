#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check.sh BUILD quick|full - runs the tests of BUILD (build/release, ...) and adds up what each of them counts.
#   quick: unit tests, lint, command lines; full: also boots (tests/e2e/*.sh)
#   T=name   only the suite, test folder or e2e script of that name
# Ends with "N passed, N failed, N skipped".  Status 0 if nothing failed.
set -u
cd "$(dirname "$0")/.." || exit
build=$1
how=$2
pick=${T-}
export ATHANOR_BIN=$PWD/$build/bin ATHANOR_BUILD=$build
# Check ends a test after 4 seconds by default: too short where others use the machine too.
export CK_DEFAULT_TIMEOUT="${CK_DEFAULT_TIMEOUT-60}"
passed=0 failed=0 skipped=0 ran=0
jobs=$(nproc) # scripts and programs that run at once; a boot keeps one processor busy
mkdir -p build
dir=$(mktemp -d build/check.XXXXXX)
failures=$dir/failures
# What runs beside is not told of Ctrl-C by the terminal.
stop() {
	local child
	for child in $(cat "/proc/$1/task/$1/children" 2>/dev/null); do stop "$child"; done
	[ "$1" = $$ ] || kill "$1" 2>/dev/null
}
trap 'stop $$; exit 130' INT TERM
trap 'rm -rf "$dir"' EXIT
: >"$failures"

# one NAME COMMAND... - the command's last line but for blank ones is its count; it goes to $dir as "passed failed skipped"
one() {
	local name=$1 log=$dir/${1//\//-} status tally seconds=$SECONDS
	shift
	"$@" 2>&1 | tee "$log.log"
	status=${PIPESTATUS[0]}
	tally=$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log.log" | tail -n 1)
	if [ -z "$tally" ]; then
		[ -n "$pick" ] && [ "$status" = 0 ] && return # this program has no suite of that name
		echo "FAIL $name: ended with status $status before it counted"
		tally='0 passed, 1 failed, 0 skipped'
		echo "FAIL $name" >>"$failures"
	elif [ "$status" != 0 ] && [ "$(echo "$tally" | cut -d ' ' -f 3)" = 0 ]; then
		echo "FAIL $name: counted no failure, but ended with status $status"
		tally='0 passed, 1 failed, 0 skipped'
		echo "FAIL $name" >>"$failures"
	fi
	grep -a '^FAIL' "$log.log" >>"$failures"
	# shellcheck disable=SC2086
	set -- $tally
	echo "$1 $3 $5" >"$log.count"
	echo "== $name: $1 passed, $3 failed, $5 skipped ($((SECONDS - seconds)) s)"
}

# later NAME COMMAND... - as soon as a processor is free
later() {
	while [ "$(jobs -pr | wc -l)" -ge "$jobs" ]; do wait -n; done
	one "$@" &
}

for t in "$build"/tests/*; do
	[ -x "$t" ] || continue
	# A program of a folder that is gone stays behind; only those with sources count.
	ls "tests/${t##*/}"/test_*.c >/dev/null 2>&1 || continue
	# shellcheck disable=SC2086 # no word if there is nothing to pick
	later "tests/${t##*/}" timeout 900 "$t" $pick
done
[ -n "$pick" ] && [ "$pick" != lint ] || later lint make --no-print-directory -s lint
for t in tests/e2e/*.sh; do
	name=$(basename "$t" .sh)
	case $name in lib) continue ;; esac
	[ "$how" = full ] || [ "$pick" = "$name" ] || grep -q '^# quick' "$t" || continue
	[ -z "$pick" ] || [ "$pick" = "$name" ] || continue
	later "e2e/$name" timeout 1500 "$t"
done
wait
for t in "$dir"/*.count; do
	[ -e "$t" ] || continue
	read -r p f s <"$t"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s)) ran=$((ran + 1))
done

echo
if [ "$ran" = 0 ]; then
	echo "no test, test folder or script is called '$pick'"
	exit 1
fi
if [ -s "$failures" ]; then
	echo 'failures:'
	sort -u "$failures" | sed 's/^/  /'
	echo
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
