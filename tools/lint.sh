#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a machine can check about the sources.  Prints one line per finding and ends with "N passed, N failed, N skipped",
# a check being one rule.
set -u
cd "$(dirname "$0")/.." || exit
passed=0 failed=0 skipped=0

sources() {
	{ git ls-files -co --exclude-standard -- '*.[ch]' '*.inc' '*.def' 2>/dev/null ||
		find base isa emit pcmap sbt dbt-runtime firmware tools tests -name '*.[ch]' -o -name '*.inc' -o -name '*.def'; } | sort
}
scripts() { git ls-files -co --exclude-standard -- '*.sh' .ci/run | sort; }
ours() { sources | grep -E '^(base|isa|emit|pcmap|sbt|dbt-runtime|firmware)/'; }

# rule NAME <FINDINGS
rule() {
	local found
	found=$(cat)
	if [ -n "$found" ]; then
		printf '%s\n' "$found"
		echo "FAIL lint: $1"
		failed=$((failed + 1))
	else
		passed=$((passed + 1))
	fi
}

skip() {
	echo "SKIP lint: $1"
	skipped=$((skipped + 1))
}

layers() { tools/check-layers.sh; }
unused() { tools/check-unused.sh; }
documents() { tools/check-docs.sh; }

# ops.h lists what the includer must define; fragments end in .inc.
headers() {
	ours | grep '\.h$' | grep -v '^isa/ops\.h$' | while read -r h; do
		case $h in sbt/lift* | sbt/opt.h) [ -n "${LLVM_CFLAGS-}" ] || continue ;; esac
		# shellcheck disable=SC2086
		printf '#include "%s"\n' "$h" | ${CC:-gcc} -std=gnu11 -I. -Ibuild/gen -Wall -Wextra ${LLVM_CFLAGS-} -fsyntax-only -x c - 2>&1 |
			grep -m 1 -E 'error|warning' | sed "s|^|$h: does not compile alone: |"
	done
}

licences() {
	{ sources; scripts; echo Makefile; } | while read -r f; do
		[ -f "$f" ] && ! head -n 3 "$f" | grep -q 'SPDX-License-Identifier: GPL-3.0-or-later' && echo "$f: no SPDX line"
	done
}

file_length() {
	sources | while read -r f; do
		[ -f "$f" ] && n=$(wc -l <"$f") && [ "$n" -gt 800 ] && echo "$f: $n lines (limit 800)"
	done
}

line_length() {
	sources | while read -r f; do
		[ -f "$f" ] && awk -v f="$f" 'length($0) > 140 { print f ":" NR ": " length($0) " characters (limit 140)" }' "$f"
	done
}

trailing_space() { sources | xargs grep -nE '[[:space:]]+$' /dev/null | cut -d : -f 1,2 | sed 's/$/: trailing space/'; }

# Output belongs to the guest or to results: main.c and tool.c print, base/log.c and base/opts.c print for them.
printing() {
	ours | grep '\.c$' | grep -vE '(^|/)(main|tool|report)\.c$|^base/(log|opts)\.c$' |
		xargs grep -nE '(^|[^_[:alnum:]])(printf|puts|putchar|perror|exit|abort)[[:space:]]*\(' /dev/null |
		grep -vE ':[[:space:]]*(/?\*|//)'
}

conditionals() {
	ours | grep '\.c$' | grep -v '^base/' | xargs grep -nE '^[[:space:]]*#[[:space:]]*(if|ifdef|ifndef)' /dev/null
}

# Absolute paths below somebody's home.
machine_paths() { git ls-files -co --exclude-standard | grep -vx tools/lint.sh | xargs grep -nIE '(^|[^[:alnum:]])/(home|root|srv|mnt)/[a-z]' /dev/null; }

conflicts() { git ls-files -co --exclude-standard | xargs grep -nIE '^(<<<<<<<|>>>>>>>) ' /dev/null; }

# A TODO cites an entry of docs/limits.md: TODO(L7).
todos() {
	sources | xargs grep -noE '\<TODO\>[^ ]*' /dev/null | while IFS=: read -r f n t; do
		id=$(printf '%s' "$t" | sed -n 's/^TODO(\(L[0-9]*\)).*/\1/p')
		[ -n "$id" ] && grep -q "^## $id" docs/limits.md || echo "$f:$n: $t does not name an entry of docs/limits.md"
	done
}

# Every row of the instruction table names manual and section.
references() { grep -nE '^INSN(_REFINES)?\(' /dev/null isa/*.def | grep -vE '"[A-Z]+[0-9]+ [^"]+"'; }

scripts_checked() {
	scripts | xargs shellcheck -S warning -f gcc
}

rule 'layers' < <(layers)
rule 'headers declare what somebody uses' < <(unused)
rule 'documents name what there is' < <(documents)
rule 'each header compiles alone' < <(headers)
rule 'licence lines' < <(licences)
rule 'file length' < <(file_length)
rule 'line length' < <(line_length)
rule 'trailing space' < <(trailing_space)
rule 'printing and exiting only in main.c' < <(printing)
rule 'no conditional compilation outside base' < <(conditionals)
rule 'no machine paths' < <(machine_paths)
rule 'no conflict markers' < <(conflicts)
rule 'TODO entries' < <(todos)
rule 'a reference on each row' < <(references)

if command -v shellcheck >/dev/null; then
	rule 'shellcheck' < <(scripts_checked)
else
	skip 'shellcheck is not installed'
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
