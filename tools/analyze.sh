#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# analyze.sh - gcc -fanalyzer, clang-tidy (.clang-tidy) and cppcheck over our sources, two files at a time.  One line a finding, then
# "N passed, N failed, N skipped", a check being one analyser on one file.  About ten minutes of processor time.
# A false positive is restructured away, or is a row of `accepted` below with its reason.
set -u
cd "$(dirname "$0")/.." || exit
export LLVM_CFLAGS=${LLVM_CFLAGS-}
JOBS=${JOBS:-2}

# file | tool | what silences it | reason
accepted() { # FILE TOOL
	awk -F'|' -v f="$1" -v t="$2" '$1 == f && $2 == t { print $3 }' <<'TABLE'
emit/x64.c|tidy|--checks=-readability-non-const-parameter|the buffer is kept and written to later
pcmap/profile.c|tidy|--checks=-clang-analyzer-optin.core.EnumCastOutOfRange|0 is "no release yet" of a profile nobody has filled
pcmap/xo_write.c|tidy|--checks=-clang-analyzer-unix.Malloc|grow() stores the array through a pointer of any type
sbt/image.c|tidy|--checks=-clang-analyzer-core.NonNullParamChecker|the array of pages has just been grown
pcmap/xo_check.c|tidy|--checks=-clang-analyzer-core.UndefinedBinaryOperatorResult|the section headers are there: memcpy filled them from the file
isa/interp.c|gcc|-Wno-analyzer-use-of-uninitialized-value|ram() leaves *pa alone only where it returns memory: host pointers of the page cache are never NULL
isa/interp.c|tidy|--checks=-clang-analyzer-core.*|the same, and fields of struct sem that fetch() fills in
sbt/image.c|gcc|-Wno-analyzer-null-dereference|page_new() has set the page where it returns ST_OK
sbt/lift_sem.c|tidy|--checks=-bugprone-unused-return-value|access() is its own, not the one of unistd.h
sbt/main.c|tidy|--checks=-clang-analyzer-core.uninitialized.Assign|the lists of choose() are as long as the tables they index
sbt/plan.c|gcc|-Wno-analyzer-malloc-leak|the array that is grown belongs to the translation, which the caller frees
TABLE
}
export -f accepted

files() { git ls-files -co --exclude-standard -- '*.c' | grep -E '^(base|isa|emit|pcmap|sbt|dbt-runtime|tools)/'; }

FLAGS='-I. -Ibuild/gen -std=gnu11'
# What one file cannot show; it includes base/err.h, which base/err.c defines.
ahead() { [ "$1" = base/err.c ] || echo '-include tools/analysis.h'; }
export FLAGS
export -f ahead

with_gcc() {
	local found
	# shellcheck disable=SC2046,SC2086
	found=$(gcc $FLAGS $LLVM_CFLAGS $(ahead "$1") -O1 -fno-strict-aliasing -Wall -Wextra -fanalyzer \
		$(accepted "$1" gcc) -c -o /dev/null "$1" 2>&1) &&
		! grep -q 'warning:' <<<"$found" && { echo "ok gcc $1"; return; }
	grep -E '(warning|error):' <<<"$found"
	echo "FAIL gcc $1"
}

with_tidy() {
	local found
	# shellcheck disable=SC2046,SC2086
	found=$(clang-tidy-19 -quiet $(accepted "$1" tidy) "$1" -- $FLAGS $LLVM_CFLAGS $(ahead "$1") 2>/dev/null) && { echo "ok tidy $1"; return; }
	grep -E '(warning|error):' <<<"$found"
	echo "FAIL tidy $1"
}
export -f with_gcc with_tidy

# Suppressed: what cppcheck does not see through.
#   ctuuninitvar: calls with a pointer to a structure whose fields are being filled in turn (isa/interp.c)
#   memleak: a pointer stored by a compound literal (sbt/image.c), through a pointer of any type (pcmap/xo_write.c)
with_cppcheck() {
	local found
	found=$(cppcheck -q --std=c11 --enable=warning,performance,portability -j"$JOBS" -I. -Ibuild/gen --suppress=ctuuninitvar:isa/interp.c \
		--suppress=memleak:sbt/image.c --suppress=memleak:pcmap/xo_write.c base isa emit pcmap sbt dbt-runtime 2>&1)
	if [ -z "$found" ]; then echo 'ok cppcheck'; else echo "$found"; echo 'FAIL cppcheck'; fi
}

log=$(mktemp build/analyze.XXXXXX)
trap 'rm -f "$log"' EXIT
skipped=0
files | xargs -P "$JOBS" -I{} bash -c 'with_gcc {}' | tee -a "$log" | grep -v '^ok'
if command -v clang-tidy-19 >/dev/null; then
	files | xargs -P "$JOBS" -I{} bash -c 'with_tidy {}' | tee -a "$log" | grep -v '^ok'
else
	echo 'SKIP clang-tidy is not installed'
	skipped=$((skipped + 1))
fi
if command -v cppcheck >/dev/null; then
	with_cppcheck | tee -a "$log" | grep -v '^ok'
else
	echo 'SKIP cppcheck is not installed'
	skipped=$((skipped + 1))
fi
failed=$(grep -c '^FAIL' "$log")
echo "$(grep -c '^ok' "$log") passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
