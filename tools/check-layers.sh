#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Compares every #include with tools/layers.txt.  Prints one line per violation; status 1 if there is any.
# check-layers.sh [ROOT]
set -eu
cd "${1:-$(dirname "$0")/..}"

find base isa emit pcmap sbt dbt-runtime firmware tools -name '*.[ch]' -o -name '*.inc' | sort | xargs grep -HnE '^[[:space:]]*#[[:space:]]*include' |
awk -F: '
function module(path,    p) {
	if (path ~ /^dbt-runtime\/[^\/]+$/)
		return "vm"
	n = split(path, p, "/")
	if (n == 1)
		return "gen"
	return p[1] == "dbt-runtime" ? p[2] : p[1]
}
BEGIN {
	while ((getline line < "tools/layers.txt") > 0) {
		if (line ~ /^#/ || line !~ /:/)
			continue
		split(line, half, ":")
		split(half[1], left, " ")
		known[left[1]] = 1
		free[left[1]] = left[2] == "F"
		k = split(half[2], right, " ")
		for (i = 1; i <= k; i++)
			may[left[1], right[i]] = 1
	}
	# Headers the compiler itself brings (C11 section 4), and the one that declares what base/memfn.c defines; calls of
	# anything else are found by tools/check-freestanding.sh.
	k = split("stdbool.h stddef.h stdint.h stdarg.h stdalign.h limits.h stdnoreturn.h float.h string.h", names, " ")
	for (i = 1; i <= k; i++)
		compiler[names[i]] = 1
}
{
	text = $3
	for (i = 4; i <= NF; i++)
		text = text ":" $i
	from = module($1)
	# Parts of pcmap and base that run beside the guest.
	freestanding = free[from] || $1 ~ /^(pcmap\/(xo_view\.c|unit\.h|xabi\.h|xo\.h|profile_page\.h)|base\/(memfn|types|status)\.[ch])$/
	if (!(from in known)) {
		print $1 ":" $2 ": folder \"" from "\" is not in tools/layers.txt"
		bad++
	}
	if (match(text, /<[^>]+>/)) {
		header = substr(text, RSTART + 1, RLENGTH - 2)
		if (header ~ /^llvm/ && from != "sbt") {
			print $1 ":" $2 ": <" header ">: only sbt uses LLVM"
			bad++
		}
		if (freestanding && !(header in compiler)) {
			print $1 ":" $2 ": <" header ">: freestanding code has no libc"
			bad++
		}
	} else if (match(text, /"[^"]+"/)) {
		header = substr(text, RSTART + 1, RLENGTH - 2)
		to = module(header)
		if (to != from && !((from, to) in may)) {
			print $1 ":" $2 ": " from " may not include " to " (\"" header "\")"
			bad++
		}
	}
}
END { exit bad != 0 }
'
