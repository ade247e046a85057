# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by run.sh, bench.sh and tests/e2e: how the Pb1500's boot monitor is made to start Linux, as steps for console.

PB1500_GUEST=build/guest-pb1500
PB1500_MONITOR=build/firmware/monitor.elf
PB1500_PROMPT='YAMON> '
PB1500_FLASH_SIZE=$((64 << 20)) PB1500_RAW_KERNEL=$((0x3d00000)) # the partition's place in the flash
PB1500_RAM_DISK=81800000                                          # where it goes in RAM

# pb1500_arguments [ARGUMENT...] - what the kernel is told, its RAM disk first
pb1500_arguments() {
	echo "rd_start=0x$PB1500_RAM_DISK rd_size=$(stat -c %s "$PB1500_GUEST/initrd.gz") console=ttyS0,115200 $*"
}

# pb1500_from_tftp KERNEL [ARGUMENT...] - sets STEPS: from the monitor's prompt to the kernel's first instruction.  dbt needs
# -nic user,tftp=DIR of a directory with KERNEL and initrd.gz
pb1500_from_tftp() {
	local kernel=$1
	shift
	STEPS=("expect=$PB1500_PROMPT" mark=monitor "send=load -b /initrd.gz $PB1500_RAM_DISK" 'expect=format = BIN' "expect=$PB1500_PROMPT"
		"send=load /$kernel" 'expect=format = ' mark=loaded "expect=$PB1500_PROMPT" "send=go . $(pb1500_arguments "$@")" 'expect=Linux version' mark=linux)
}

# pb1500_flash FILE - an image of the flash: kernel and RAM disk in their partitions, the rest erased
pb1500_flash() {
	{ head -c "$PB1500_FLASH_SIZE" /dev/zero | tr '\0' '\377'; } >"$1" &&
		dd if="$PB1500_GUEST/initrd.gz" of="$1" conv=notrunc status=none &&
		dd if="$PB1500_GUEST/vmlinuz.bin" of="$1" bs=4096 seek=$((PB1500_RAW_KERNEL / 4096)) conv=notrunc status=none
}

# pb1500_set_start [ARGUMENT...] - sets STEPS: a run in which the monitor is given the variable by which each start boots what is in flash
pb1500_set_start() {
	local kernel_size disk_size kernel_at
	kernel_size=$(printf %x $((($(stat -c %s "$PB1500_GUEST/vmlinuz.bin") + 3) & ~3)))
	disk_size=$(printf %x $((($(stat -c %s "$PB1500_GUEST/initrd.gz") + 3) & ~3)))
	kernel_at=$(sed -n 's/^load 0x//p' "$PB1500_GUEST/vmlinuz.addr")
	STEPS=("expect=$PB1500_PROMPT" "send=setenv start \"copy bc000000 $PB1500_RAM_DISK $disk_size;copy bfd00000 $kernel_at $kernel_size;go $kernel_at $(pb1500_arguments "$@")\""
		"expect=$PB1500_PROMPT" 'send=setenv startdelay 0' "expect=$PB1500_PROMPT" type=$'\1x' eof)
}
PB1500_STARTS=("expect=Environment variable 'start' exists" mark=monitor 'expect=Linux version' mark=linux)
