#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name must exist: links, files of this tree, names with underscores (functions, tests, rows), make targets.
# One line per finding.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

git ls-files -co --exclude-standard | while read -r f; do [ ! -e "$f" ] || echo "$f"; done >"$scratch/files"
grep '\.md$' "$scratch/files" >"$scratch/docs"
{
	sed 's/^/F /' "$scratch/files"
	sed -nE 's/^([a-z0-9 -]+):([^=].*)?$/\1/p' Makefile | tr -s ' ' '\n' | sed 's/^/T /'
	grep -v '\.md$' "$scratch/files" | { xargs grep -haoE '[A-Za-z0-9]+(_[A-Za-z0-9]+)+'; sed 's|.*/||; s|\.[a-z]*$||' "$scratch/files"; } |
		sort -u | sed 's/^/N /'
} >"$scratch/known"

xargs awk '
# A file of this tree by its path or the end of it; * stands for anything, and so does a word in capitals (NAME.c).
function in_tree(name,    f) {
	sub(/\/$/, "", name)
	gsub(/[.]/, "[.]", name)
	gsub(/[A-Z][A-Z][A-Z]+/, "*", name)
	gsub(/[*]/, "[^/]*", name)
	if (name ~ /[{]/)
		gsub(/,/, "|", name)
	gsub(/[{]/, "(", name)
	gsub(/[}]/, ")", name)
	for (f in file)
		if (f ~ "(^|/)" name "($|/)")
			return 1
	return 0
}
function finding(text) { print FILENAME ":" FNR ": " text }
function quoted(text,    part, n, i) {
	n = split(text, part, /[ ;]+/)
	for (i = 1; i <= n; i++) {
		sub(/,$/, "", part[i])
		if (part[i] ~ /^[A-Za-z0-9_.*\/-]*[A-Za-z0-9_*]\.(c|h|S|def|inc|sh|ld|md)$/ || part[i] ~ OURS)
			if (part[i] !~ THEIRS && !in_tree(part[i]))
				finding(part[i] " is not there")
		if (part[i] ~ /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/ && !(part[i] in name))
			finding("nothing is called " part[i])
	}
	if (match(text, /^make [a-z][a-z0-9-]*/) && !(substr(text, 6, RLENGTH - 5) in target))
		finding("make has no target " substr(text, 6, RLENGTH - 5))
}
BEGIN {
	OURS = "^(base|isa|emit|pcmap|sbt|dbt-runtime|firmware|tests|tools|docs|linker-scripts)/"
	THEIRS = "^(arch|asm|drivers|sound|sys|devboards|alchemy)/" # files of Linux and NetBSD
	split("module_verb_object copy_from_user max_map_count", given, " ") # an example; of Linux
	for (i in given)
		name[given[i]]
}
FILENAME ~ /known$/ {
	if ($1 == "F") file[$2]
	else if ($1 == "T") target[$2]
	else name[$2]
	next
}
/^ *```/ { fenced = !fenced } # a session or a picture
fenced { next }
{
	for (line = $0; match(line, /\]\([^)#:]+/); line = rest) {
		link = substr(line, RSTART + 2, RLENGTH - 2)
		rest = substr(line, RSTART + RLENGTH)
		folder = FILENAME
		sub(/[^\/]*$/, "", folder)
		if (!(folder link in file))
			finding("link to " link ", which is not there")
	}
	for (line = $0; match(line, /`[^`]+`/); line = rest) {
		text = substr(line, RSTART + 1, RLENGTH - 2)
		rest = substr(line, RSTART + RLENGTH)
		quoted(text)
	}
}' "$scratch/known" <"$scratch/docs"
