#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The boot monitor's loading commands on the Pb1500: load from TFTP, flash, disk and the serial line, what is refused and why, ping, disk;
# the same for each accelerator; loads that are broken off.
#   monitor-load.sh -u   writes the transcript anew from what -accel ref says: read the difference before you commit it
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-monitor-load
GOLDEN=tests/golden/monitor-load.txt
monitor_or_skip monitor-load "$OUT"
FILES=$OUT/tftp
mkdir -p "$FILES"

# --- what is loaded: a program that says hello through the monitor and returns 42 ---
cat >"$OUT/hello.S" <<'END'
	.set	noreorder
	.globl	__start
__start:
	addiu	$29, $29, -24
	sw	$31, 20($29)
	lui	$8, 0x9fc0
	lw	$8, 0x534($8)
	lui	$5, %hi(text)
	jalr	$8
	addiu	$5, $5, %lo(text)
	lw	$31, 20($29)
	li	$2, 42
	jr	$31
	addiu	$29, $29, 24
	.data
text:	.asciz	"hello from what was loaded\n"
END
# Each service in turn; what of the registers that must survive has not is the result.
cat >"$OUT/calls.S" <<'END'
	.set	noreorder
	.set	noat
	.macro	survivors do
	.irp	r, 1, 3, 7, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25, 28, 30
	\do	\r, 0x5a00 + \r
	.endr
	\do	4, 20
	\do	6, 4
	.endm
	.macro	preset r, value
	li	$\r, \value
	.endm
	.macro	check r, value
	xori	$8, $\r, \value
	or	$2, $2, $8
	.endm
	.macro	call offset
	survivors preset
	lui	$8, %hi(text)
	addiu	$5, $8, %lo(text)
	move	$8, $5
	mtlo	$8
	mthi	$31
	lui	$9, 0x9fc0
	lw	$9, \offset($9)
	jalr	$9
	nop
	move	$2, $0
	survivors check
	lui	$8, %hi(text)
	addiu	$8, $8, %lo(text)
	xor	$9, $8, $5
	or	$2, $2, $9
	mflo	$9
	xor	$9, $9, $8
	or	$2, $2, $9
	or	$16, $16, $2
	.endm
	.globl	__start
__start:
	lui	$8, %hi(back)
	sw	$31, %lo(back)($8)
	mfc0	$8, $12
	ori	$8, $8, 1
	mtc0	$8, $12
	move	$16, $0
	.irp	offset, 0x504, 0x52c, 0x534, 0x538, 0x53c, 0x540, 0x544, 0x548, 0x54c, 0x550, 0x554
	call	\offset
	.endr
	mfc0	$8, $12
	andi	$8, $8, 1
	xori	$8, $8, 1
	or	$2, $16, $8
	lui	$8, %hi(back)
	lw	$31, %lo(back)($8)
	jr	$31
	nop
	.data
	.align	2
back:	.word	0
text:	.asciz	"calls keep registers\n"
END
cat >"$OUT/hello.ld" <<'END'
SECTIONS {
	.text : { *(.text) *(.data) }
	.bss : { . += 0x200; }
	/DISCARD/ : { *(.reginfo .MIPS.abiflags .pdr .gnu.attributes) }
}
END
program() { # FILE ADDRESS SOURCE
	"$MIPS_CC" -march=mips32 -mno-abicalls -fno-pic -nostdlib -static -no-pie -s "-Wl,-Ttext=$2,-T,$OUT/hello.ld" \
		-Wl,--build-id=none,-z,max-page-size=0x100 -o "$1" "$3"
}
hello() { program "$@" "$OUT/hello.S"; } # FILE ADDRESS
srec() { "${MIPS_CC%gcc}objcopy" -O srec --srec-forceS3 "$1" "$2"; }
# record TYPE ADDRESS DATA - one S-record of type 3 or 7, in hexadecimal digits
record() {
	local bytes=$2${3-} sum i
	sum=$((${#bytes} / 2 + 1))
	for ((i = 0; i < ${#bytes}; i += 2)); do sum=$((sum + 0x${bytes:i:2})); done
	printf 'S%s%02X%s%02X\n' "$1" $((${#bytes} / 2 + 1)) "$bytes" $((~sum & 0xff))
}
made() {
	hello "$FILES/hello.elf" 0x80200000 && srec "$FILES/hello.elf" "$FILES/hello.srec" && hello "$FILES/user.elf" 0x00400000 &&
		hello "$FILES/low.elf" 0x80002000 && program "$FILES/calls.elf" 0x80200000 "$OUT/calls.S" || return
	seq 1 200000 >"$FILES/big"
	: >"$FILES/empty"
	yes "$(record 3 80300000 00112233445566778899AABBCCDDEEFF)" | head -n 1000000 >"$FILES/huge.srec"
	sed 's/^\(S3..80200010..\)./\1G/' "$FILES/hello.srec" >"$FILES/digit.srec"
	sed '3s/^\(S3..........\)./\1F/' "$FILES/hello.srec" >"$FILES/sum.srec"
	head -c 200 "$FILES/hello.srec" >"$FILES/cut.srec"
	grep -v ^S7 "$FILES/hello.srec" >"$FILES/endless.srec"
	{ record 3 80300000 00112233; record 3 84000000 44; } >"$FILES/hole.srec"
	{ record 3 80001000 00; } >"$FILES/monitor.srec"
	{ record 3 BFC00000 00; } >"$FILES/flash-monitor.srec"
	{ record 3 BFFC0000 00; } >"$FILES/env.srec"
	{ record 3 FFFFFFFE 001122; } >"$FILES/wrap.srec"
	{ record 3 BE040001 112233; record 3 BE040010 445566778899; record 7 BE040010; } >"$FILES/flash.srec"
	head -c 40 "$FILES/hello.elf" >"$FILES/head.elf"
	head -c 300 "$FILES/hello.elf" >"$FILES/cut.elf"
	truncate -s 1M "$OUT/disk.new"
	dd if="$FILES/hello.elf" of="$OUT/disk.new" conv=notrunc status=none
	dd if="$FILES/hello.srec" of="$OUT/disk.new" bs=512 seek=256 conv=notrunc status=none
}
made || { fail monitor-load 'its files cannot be made'; summary; }

# machine ACCEL - with a disk that is as new, one that is read-only, and erased flash
machine() {
	cp "$OUT/disk.new" "$OUT/disk.img"
	monitor_machine "$1" -nic "user,tftp=$FILES" -drive "file=$OUT/disk.img" -drive "file=$OUT/disk.new,readonly=on"
}
comparable() { monitor_comparable "$1" | sed 's/: [0-9]* ms$/: N ms/'; }

if [ "${1-}" = -u ]; then
	machine ref
	transcript update "$GOLDEN" 600 && cp "$OUT/update.txt" "$GOLDEN"
	exit
fi

for accel in ref inproc; do
	machine "$accel"
	transcript "$accel" "$GOLDEN" 300 && same "every command, $accel" "$GOLDEN" "$OUT/$accel.txt"
	[ "$(dd if="$OUT/disk.img" bs=512 skip=512 count=8 status=none | cksum)" = "$(head -c 4096 "$FILES/big" | cksum)" ] &&
		pass "disk write, $accel" || fail "disk write, $accel"
done

machine inproc
BREAK=$'\x03'
NET=(send='setenv ipaddr 10.0.2.15' expect="$P" send='setenv bootserver 10.0.2.2' expect="$P")
NOTHING=(expect='Error : User break (Ctrl-C)' expect="$P" send='go' expect='There is no default start address' expect="$P")

steps 'a load that is broken off' "${NET[@]}" send='load /hello.elf' expect='Start = ' expect="$P" send='load /huge.srec' expect='..' \
	type="$BREAK" "${NOTHING[@]}"
steps 'a server that does not answer' "${NET[@]}" send='load //10.0.2.3/hello.elf' expect='break' type="$BREAK" "${NOTHING[@]}"
steps 'load -r tries until it is broken off' "${NET[@]}" send='load -r //10.0.2.77/hello.elf' expect='trying again' type="$BREAK" "${NOTHING[@]}"
steps 'ping that is broken off' "${NET[@]}" send='ping 10.0.2.77' type="$BREAK" expect='Error : User break (Ctrl-C)' expect="$P"

mapfile -t LINES <"$FILES/hello.srec"
mapfile -t WRONG <"$FILES/sum.srec"
HINT='Start the transmission'
steps 'S-records over the serial line' send='load asc:' expect="$HINT" "${LINES[@]/#/send=}" expect='Start = 0x80200000' expect="$P" \
	send='go' expect='hello from what was loaded' expect='code = 0x0000002a'
steps 'typing goes on behind them' send='load asc://tty0' expect="$HINT" "${LINES[@]/#/send=}" send='echo typed ahead' expect='Start = ' \
	expect="$P" expect=$'\ntyped ahead\r'
steps 'a bad record there, and those behind it' send='load asc:' expect="$HINT" "${WRONG[@]/#/send=}" \
	expect=$'Error : S-record 3: its checksum is wrong\r\r\n\r\r\n'"$P" send='echo abc' expect=$'\nabc\r'
steps 'Ctrl-C there' send='load asc:' expect="$HINT" send="${LINES[0]}" type="$BREAK" "${NOTHING[@]}"
steps 'Ctrl-C, loading from the other line' send='load asc://tty1' expect="$HINT" type="$BREAK" "${NOTHING[@]}"

monitor_machine inproc -nic none
steps 'no cable, no address' send='setenv ipaddr 0.0.0.0' expect="$P" send='ping 10.0.2.2' \
	expect='Error : No network: the variable ipaddr is not set' expect="$P" send='setenv ipaddr 10.0.2.15' expect="$P" send='ping 10.0.2.2' expect='Error : No network: no link' expect="$P" \
	send='load //10.0.2.2/x' expect='Error : No network: no link' expect="$P" send='disk' expect='Error : There is no disk' expect="$P"
monitor_machine inproc -nic none -nic "user,tftp=$FILES"
steps 'the second interface' send='load /hello.elf' expect='Error : No network: no link' expect="$P" send='setenv MAC 1' expect="$P" \
	send='load /hello.elf' expect='Start = 0x80200000' expect="$P" send='setenv MAC 0' expect="$P" send='ping 10.0.2.2' expect='no link'
summary
