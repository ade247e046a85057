#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What sbt makes of images whose symbols are known: the boot monitor and the Pb1500's kernel.  Every function is found and has an
# entry, what pcmap finds there is the instruction that the image has there, nothing is refused, and pcmap verifies it all.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-static
CROSS=${MIPS_CC%gcc}
pb1500_or_skip static "$OUT"

# functions ELF - "address mnemonic name" of the first instruction of each function symbol that has a size, by address, named as
# pcmap names it: a shift of nothing is nop, a negation a subtraction, and there is no name for what a coprocessor that is not there
# would do.
functions() {
	"${CROSS}readelf" -sW "$1" | awk '$4 == "FUNC" && $3 != "0" && $7 != "UND" { print $2, $8 }' | sort -u >"$OUT/symbols"
	"${CROSS}objdump" -d -z -M no-aliases "$1" | awk '
		NR == FNR { name[$1] = $2; next }
		$1 ~ /^[0-9a-f]+:$/ {
			at = sprintf("%8s", substr($1, 1, length($1) - 1))
			gsub(/ /, "0", at)
			if (!(at in name))
				next
			insn = $2 == "00000000" ? "nop" : $2 ~ /^4[4-7]/ ? "cop1" : $3 == "negu" ? "subu" : $3
			print at, insn, name[at]
		}' \
		"$OUT/symbols" - | sort
}

# image NAME ELF
image() {
	local name=$1 elf=$2 xo=$OUT/$1.xo count addresses missing refused
	if ! "$BIN/sbt" -cpu au1500 -report "$elf" -o "$xo" >"$OUT/$name.report" 2>&1; then
		fail "$name: sbt" "$(tail -n 1 "$OUT/$name.report")"
		return
	fi
	pass "$name: sbt ($(grep -o 'found to be code: .*' "$OUT/$name.report"))"
	functions "$elf" >"$OUT/$name.functions"
	count=$(wc -l <"$OUT/$name.functions")
	if [ "$count" = "$(cut -d ' ' -f 1 "$OUT/symbols" | uniq | wc -l)" ] && [ "$count" -gt 50 ]; then
		pass "$name: $count functions"
	else
		fail "$name: functions" "$count disassembled, $(wc -l <"$OUT/symbols") symbols"
	fi
	addresses=$(sed 's/ .*//; s/^/0x/' "$OUT/$name.functions")
	# shellcheck disable=SC2086
	"$BIN/pcmap" lookup "$xo" $addresses >"$OUT/$name.lookup" 2>"$OUT/$name.lookup.err"
	# 0xADDRESS  unit (mode, kind)  .text+OFFSET, linked .text+OFFSET  MNEMONIC ...
	awk 'NR == FNR { if (/linked/) found[substr($1, 3)] = found[substr($1, 3)] " " $8; next }
		{
			n = split(found[$1], word, " ")
			right = n > 0
			for (i = 1; i <= n; i++)
				right = right && word[i] == $2
			if (!right)
				print $0, "|", found[$1]
		}' \
		"$OUT/$name.lookup" "$OUT/$name.functions" >"$OUT/$name.missing"
	missing=$(wc -l <"$OUT/$name.missing")
	if [ "$missing" = 0 ]; then
		pass "$name: pcmap lookup is right for all $count functions"
	else
		fail "$name: pcmap lookup of $missing of $count functions" "$(head -n 3 "$OUT/$name.missing" | tr '\n' ';')"
	fi
	refused=$(grep -c '^refused' "$OUT/$name.report")
	if [ "$refused" = 0 ]; then pass "$name: nothing is refused"; else fail "$name: refused" "$(grep '^refused' "$OUT/$name.report" | tr -s ' ' | tr '\n' ';')"; fi
	if "$BIN/pcmap" verify "$xo" >"$OUT/$name.verify" 2>&1; then
		pass "$name: pcmap verify"
	else
		fail "$name: pcmap verify" "$(tail -n 1 "$OUT/$name.verify")"
	fi
}

[ -x "$BIN/sbt" ] || { skip static 'sbt is not built'; summary; }
image monitor "$FIRMWARE"
image vmlinux build/guest-pb1500/vmlinux
summary
