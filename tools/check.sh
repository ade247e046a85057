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
mkdir -p build
log=$(mktemp build/check.XXXXXX)
failures=$log.failures
trap 'rm -f "$log" "$failures"' EXIT
: >"$failures"

# one NAME COMMAND... - the command's last line but for blank ones is its count
one() {
	local name=$1 status tally seconds=$SECONDS
	shift
	"$@" 2>&1 | tee "$log"
	status=${PIPESTATUS[0]}
	tally=$(grep -aE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$log" | tail -n 1)
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
	grep -a '^FAIL' "$log" >>"$failures"
	# shellcheck disable=SC2086
	set -- $tally
	passed=$((passed + $1)) failed=$((failed + $3)) skipped=$((skipped + $5)) ran=$((ran + 1))
	echo "== $name: $1 passed, $3 failed, $5 skipped ($((SECONDS - seconds)) s)"
}

for t in "$build"/tests/*; do
	[ -x "$t" ] || continue
	# A program of a folder that is gone stays behind; only those with sources count.
	ls "tests/${t##*/}"/test_*.c >/dev/null 2>&1 || continue
	one "tests/${t##*/}" timeout 900 "$t" $pick
done
[ -n "$pick" ] && [ "$pick" != lint ] || one lint make --no-print-directory -s lint
for t in tests/e2e/*.sh; do
	name=$(basename "$t" .sh)
	case $name in lib) continue ;; esac
	[ "$how" = full ] || [ "$pick" = "$name" ] || grep -q '^# quick' "$t" || continue
	[ -z "$pick" ] || [ "$pick" = "$name" ] || continue
	one "e2e/$name" timeout 1500 "$t"
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
