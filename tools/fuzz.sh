#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh run BUILD SECONDS TARGET...     run each fuzzer for so long; findings go to BUILD/TARGET/ with the command that repeats them
# fuzz.sh corpus BUILD TARGET...          make tests/fuzz/corpus/TARGET anew: the least that covers what the runs covered
# New inputs are gathered in BUILD/TARGET/corpus, so a later run goes on where an earlier one ended.
set -u
cd "$(dirname "$0")/.." || exit
LIMITS='-timeout=10 -rss_limit_mb=2048'
LENGTH_KEPT=1024 # bytes: what is kept in the tree stays small
verb=$1
build=$2
shift 2

run() {
	local seconds=$1 t dir log found failed=0
	shift
	for t in "$@"; do
		dir=$build/$t log=$build/$t/log
		mkdir -p "$dir/corpus"
		echo "fuzz: $t for $seconds s (log: $log)"
		# shellcheck disable=SC2086
		"$build/bin/fuzz-$t" $LIMITS -max_len=8192 -len_control=10 -max_total_time="$seconds" -print_final_stats=1 -reload=0 -artifact_prefix="$dir/" \
			"$dir/corpus" "tests/fuzz/corpus/$t" 2>&1 | tee "$log" |
			awk '/cov: / && /pulse|INITED|DONE/ { print "  " substr($0, 1, 100); fflush() }'
		echo "  $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs," \
			"$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1) edges, $(find "$dir/corpus" -type f | wc -l) inputs gathered"
		found=$(sed -n 's/.*Test unit written to //p' "$log")
		if [ -n "$found" ]; then
			failed=1
			grep -aE -m 3 'runtime error|ERROR: |: not so: ' "$log" | sed 's/^/  /'
			echo "FAIL fuzz $t: to repeat it:  $build/bin/fuzz-$t $found"
		elif ! grep -q '^stat::number_of_executed_units' "$log"; then
			failed=1
			echo "FAIL fuzz $t: $(tail -n 1 "$log")"
		fi
	done
	return $failed
}

# Inputs with a name of their own (not a digest) are regressions and stay.
corpus() {
	local t kept new
	for t in "$@"; do
		kept=tests/fuzz/corpus/$t
		new=$(mktemp -d "$build/$t.XXXXXX")
		mkdir -p "$kept"
		find "$kept" -type f | grep -vE '/[0-9a-f]{40}$' | xargs -r cp -t "$new"
		"$build/bin/fuzz-$t" -set_cover_merge=1 -use_counters=0 -max_len=$LENGTH_KEPT -rss_limit_mb=2048 "$new" "$kept" "$build/$t/corpus" >"$build/$t/merge.log" 2>&1 || {
			tail -n 3 "$build/$t/merge.log"
			return 1
		}
		rm -r "$kept"
		mv "$new" "$kept"
		chmod 755 "$kept"
		echo "$kept: $(find "$kept" -type f | wc -l) inputs, $(find "$kept" -type f -exec cat {} + | wc -c) bytes"
	done
}

"$verb" "$@"
