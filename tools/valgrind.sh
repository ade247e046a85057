#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tools under Valgrind's memcheck, leaks included, on good and on bad inputs: `make check-valgrind`.  dbt interprets (-accel ref):
# translated code uses host addresses and page faults in ways Valgrind does not emulate; the sanitizers see that part (check-asan).
. "$(dirname "$0")/../tests/e2e/lib.sh"
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT
command -v valgrind >/dev/null || { skip valgrind 'is not installed'; summary; }
BAD=99 # no tool ends with this status

# memcheck NAME STATUS COMMAND... - ends with STATUS (any, if that is -), and memcheck finds nothing
memcheck() {
	local name=$1 want=$2 got
	shift 2
	timeout 900 valgrind -q --error-exitcode=$BAD --leak-check=full --show-leak-kinds=definite,indirect,possible \
		--errors-for-leak-kinds=definite,indirect,possible "$@" >"$OUT/out" 2>"$OUT/err" </dev/null
	got=$?
	if grep -q '^==[0-9]*==' "$OUT/err" || [ "$got" = $BAD ]; then
		fail "$name" "$(grep '^==' "$OUT/err" | head -n 12)"
	elif [ "$want" != - ] && [ "$got" != "$want" ]; then
		fail "$name" "status $got instead of $want: $(tail -n 1 "$OUT/err")"
	else
		pass "$name"
	fi
}

# A kernel of one segment at 0x80100000, of little-endian words: an ELF header, a program header, the words.
words() { for w in "$@"; do printf "\\x${w:6:2}\\x${w:4:2}\\x${w:2:2}\\x${w:0:2}"; done; }
program=(
	3c08b800 # lui   t0, 0xb800          I/O ports
	3c098010 # lui   t1, 0x8010
	240a4000 # li    t2, 0x4000
	8d2b0000 # lw    t3, 0(t1)           loop: memory, multiplication, a call
	ad2b0100 # sw    t3, 0x100(t1)
	016a0018 # mult  t3, t2
	0c04000e # jal   0x80100038
	00005812 # mflo  t3
	1540fffa # bnez  t2, loop
	254affff # addiu t2, t2, -1
	3c08bf00 # lui   t0, 0xbf00
	34090042 # li    t1, 0x42
	ad090500 # sw    t1, 0x500(t0)       the board's reset register
	1000ffff # b     .
	03e00008 # jr    ra
	00000000 # nop
)
size=$(printf '%08x' $((4 * ${#program[@]})))
{
	printf '\177ELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\10\0\1\0\0\0\0\0\020\200\064\0\0\0\0\0\0\0\1\020\0\160\064\0\040\0\1\0\050\0\0\0\0\0'
	words 00000001 00000054 80100000 80100000 "$size" "$size" 00000007 00000004 "${program[@]}"
} >"$OUT/kernel.elf"
tail -c +85 "$OUT/kernel.elf" >"$OUT/kernel.bin"
head -c 100 "$OUT/kernel.elf" >"$OUT/short.elf"
printf 'S0030000FC\nS30D80100000000000000000000062\nS705801000006A\n' >"$OUT/kernel.srec"
machine=("$BIN/dbt" -M malta -m 16 -nographic -no-reboot -d all -D "$OUT/log")

"${machine[@]}" -kernel "$OUT/kernel.elf" -profile "$OUT/profile" </dev/null || fail 'a profile to work with' "status $?"
memcheck 'sbt: ELF, LLVM' 0 "$BIN/sbt" --opt all --report "$OUT/kernel.elf" -o "$OUT/llvm.xo"
memcheck 'sbt: ELF and profile' 0 "$BIN/sbt" --profile "$OUT/profile" "$OUT/kernel.elf" -o "$OUT/both.xo"
memcheck 'sbt: profile' 0 "$BIN/sbt" --profile "$OUT/profile" -o "$OUT/warm.xo"
memcheck 'sbt: raw' 0 "$BIN/sbt" --format raw --base 0x80100000 --EB --opt none "$OUT/kernel.bin" -o "$OUT/raw.xo"
memcheck 'sbt: S-records' 0 "$BIN/sbt" --opt none "$OUT/kernel.srec" -o "$OUT/srec.xo"
memcheck 'sbt: cut short' 1 "$BIN/sbt" "$OUT/short.elf" -o "$OUT/x"
memcheck 'sbt: damaged profile' 1 "$BIN/sbt" --profile "$OUT/kernel.bin" -o "$OUT/x"
memcheck 'sbt: wrong option' 1 "$BIN/sbt" --cpu 486 "$OUT/kernel.elf"
for xo in llvm warm; do
	memcheck "pcmap stat $xo" 0 "$BIN/pcmap" stat "$OUT/$xo.xo"
	memcheck "pcmap dump $xo" 0 "$BIN/pcmap" dump "$OUT/$xo.xo"
	memcheck "pcmap dump $xo, a page" 0 "$BIN/pcmap" dump "$OUT/$xo.xo" 0x80100000
	memcheck "pcmap lookup $xo" 0 "$BIN/pcmap" lookup "$OUT/$xo.xo" 0x80100000
	memcheck "pcmap verify $xo" 0 "$BIN/pcmap" verify "$OUT/$xo.xo"
done
head -c 3000 "$OUT/llvm.xo" >"$OUT/short.xo"
{ head -c 400 "$OUT/llvm.xo"; printf x; tail -c +402 "$OUT/llvm.xo"; } >"$OUT/damaged.xo"
for bad in short.xo damaged.xo kernel.elf log; do memcheck "pcmap: $bad" 1 "$BIN/pcmap" verify "$OUT/$bad"; done
memcheck 'dbt: a program' 0 "${machine[@]}" -accel ref -kernel "$OUT/kernel.elf" -xo "$OUT/warm.xo" -xo "$OUT/damaged.xo" \
	-profile "$OUT/profile" -stats "$OUT/stats" -stats-marker x -serial stdio -serial "file:$OUT/serial"
memcheck 'dbt: RAM disk and device tree' 1 "${machine[@]}" -accel ref -kernel "$OUT/kernel.elf" -initrd "$OUT/kernel.bin" -dtb "$OUT/kernel.bin"
memcheck 'dbt: cut short' 1 "${machine[@]}" -accel ref -kernel "$OUT/short.elf"
memcheck 'dbt: wrong option' 1 "$BIN/dbt" -accel warp -kernel "$OUT/kernel.elf"
if [ -e "$GUEST/vmlinuz" ]; then # ten seconds of it: devices, exceptions, the TLB; then the way out by a signal
	memcheck 'dbt: a kernel' - timeout -s INT 20 "$BIN/dbt" -M malta -accel ref -kernel "$GUEST/vmlinuz" -append 'console=ttyS0 earlycon' -nographic
else
	skip 'dbt: a kernel' 'no guest (make guest)'
fi
summary
