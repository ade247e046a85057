#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a header declares and nobody uses: macros, and functions that are only declared and defined.  One line each.
set -eu
cd "$(dirname "$0")/.."

git ls-files -co --exclude-standard -- '*.[chS]' '*.inc' '*.def' '*.ld' | sort | xargs awk '
FILENAME ~ /\.h$/ && /^#define [A-Za-z_]/ {
	split($2, part, "(")
	if (part[1] !~ /_H$/)
		header[part[1]] = FILENAME
}
FILENAME ~ /\.h$/ && /^[a-z].*[ *][a-z_0-9]+\(/ && !/^(typedef|static) / {
	match($0, /[a-z_0-9]+\(/)
	name = substr($0, RSTART, RLENGTH - 1)
	header[name] = FILENAME
	function_[name] = 1
}
{
	for (line = $0; match(line, /[A-Za-z_][A-Za-z_0-9]*/); line = substr(line, RSTART + RLENGTH))
		count[substr(line, RSTART, RLENGTH)]++
}
END {
	for (name in header)
		if (count[name] <= 1 + (name in function_))
			print header[name] ": nobody uses " name
}' | sort
