#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The Pb1500 from its reset vector: the boot monitor fetches kernel and RAM disk by TFTP, or copies them out of flash, and starts them;
# on every accelerator, cold and warm, with the same outputs (programs of release 1, as the processor).  In the guest: network, a disk, flash partitions, all of which must be
# there after a reset and after a restart of dbt; reboot into the monitor; power off.
. "$(dirname "$0")/lib.sh"
. tools/pb1500.sh
OUT=build/e2e-pb1500-boot
PATH=$PATH:/usr/sbin:/sbin
pb1500_or_skip pb1500-boot "$OUT"
FEW='uname cpuinfo interrupts float ps' # what the interpreter has time for
PIECES="$FEW ls file sha256sum loop gzip guest-tests"
OFF=('send=poweroff -f' eof)
DISK=virtio_mmio.device=0x200@0x16000000:61

machine() { # ACCEL OPTION...
	MACHINE=("$BIN/dbt" -M pb1500 -accel "$1" -bios "$FIRMWARE" -nic "user,tftp=$PB1500_GUEST" -nographic)
	shift
	MACHINE+=("$@")
}

# dialogue NAME SECONDS STEP... - on MACHINE; it must end with status 0
dialogue() {
	local name=$1 seconds=$2 status
	shift 2
	console "$OUT/$name.log" "$seconds" "$@" -- "${MACHINE[@]}" 2>"$OUT/$name.err"
	status=$?
	if [ "$status" = 0 ]; then
		pass "$name: from reset to power off ($(tr '\n' ' ' <"$OUT/$name.log.marks"))"
	else
		fail "$name" "status $status: $(grep -a '^console: ' "$OUT/$name.err" | head -n 1) (log: $OUT/$name.log)"
	fi
	return "$status"
}

# has NAME WHAT TEXT - is TEXT a line of what was said?
has() {
	if tr -d '\r' <"$OUT/$1.log" | grep -qxF -- "$3"; then pass "$1: $2"; else fail "$1: $2" "no line '$3' (log: $OUT/$1.log)"; fi
}

# commands NAME SECONDS [PIECE...] - boots by TFTP, runs the commands, powers off
commands() {
	local name=$1 seconds=$2
	shift 2
	pb1500_from_tftp vmlinux
	# Kernel messages would stand between lines.
	dialogue "$name" "$seconds" timeout="$seconds" "${STEPS[@]}" "expect=$PROMPT" mark=prompt 'send=dmesg -n 1' "expect=$PROMPT" \
		"send=only='${*:-$PIECES}' sh /tests/commands.sh 1 2000 unaligned atomic" 'expect=### begin end' "expect=$PROMPT" mark=commands "${OFF[@]}"
}

# compare NAME REFERENCE PIECE...
compare() {
	local name=$1 reference=$2 p
	shift 2
	for p in "$@"; do
		piece "$OUT/$name.log" "$p" >"$OUT/$name.$p"
		piece "$OUT/$reference.log" "$p" >"$OUT/$reference.$p"
		if [ -s "$OUT/$reference.$p" ]; then same "$name: $p as $reference" "$OUT/$reference.$p" "$OUT/$name.$p"; else fail "$name: $p" "no output in $OUT/$reference.log"; fi
	done
}

machine inproc -profile "$OUT/profile"
commands cold 200
case $BUILD in
*/asan) skip ref 'takes too long with sanitizers' ;;
*)
	machine ref
	# shellcheck disable=SC2086
	commands ref 300 $FEW && compare ref cold $FEW
	;;
esac
if kvm_is_cheap && kvm_or_skip kvm; then
	machine kvm
	# shellcheck disable=SC2086
	commands kvm 200 && compare kvm cold $PIECES
fi

# Warm: what a run has taught, and the monitor and the kernel as a whole.
if "$BIN/sbt" -q --profile "$OUT/profile" -o "$OUT/warm.xo" >"$OUT/sbt.log" 2>&1 && "$BIN/sbt" -q -cpu au1500 "$FIRMWARE" -o "$OUT/monitor.xo" >>"$OUT/sbt.log" 2>&1 &&
	"$BIN/sbt" -q -cpu au1500 "$PB1500_GUEST/vmlinux" -o "$OUT/vmlinux.xo" >>"$OUT/sbt.log" 2>&1; then
	pass 'sbt translates profile, monitor and kernel'
	machine inproc -xo "$OUT/warm.xo" -xo "$OUT/monitor.xo" -xo "$OUT/vmlinux.xo" -stats "$OUT/warm.json"
	# shellcheck disable=SC2086
	commands warm 200 && compare warm cold $PIECES
	share=$(awk '/"tiers":/ { gsub(/[^0-9,]/, ""); split($0, n, ","); print int(1000 * n[1] / (n[1] + n[2] + n[3])) }' "$OUT/warm.json")
	if [ "${share:-0}" -ge 990 ]; then
		pass "warm: $share of 1000 instructions come from .xo files"
	else
		fail 'warm: 990 of 1000 instructions come from .xo files' "$share (statistics: $OUT/warm.json)"
	fi
	# Damage where opening does not look: the middle of the code.  It is found when it is met, and done without.
	yes damage | dd of="$OUT/warm.xo" bs=1M count=4 seek=4 iflag=fullblock conv=notrunc status=none
	machine inproc -xo "$OUT/warm.xo" -stats "$OUT/damaged.json"
	# shellcheck disable=SC2086
	commands damaged 200 $FEW && compare damaged cold $FEW
	warnings=$(cat "$OUT"/damaged.{log,err} | grep -ac 'warning: .*warm.xo: .*the file is damaged; running without this page')
	if [ "$warnings" = 1 ]; then pass 'damaged: one warning'; else fail 'damaged: one warning' "$warnings of them (log: $OUT/damaged.log)"; fi
else
	fail 'sbt translates profile, monitor and kernel' "$(tail -n 1 "$OUT/sbt.log")"
fi

# --- network, disk, flash ---
head -c 50000000 /dev/urandom >"$OUT/big"
big=$(md5sum <"$OUT/big" | cut -d ' ' -f 1)
server=
if command -v python3 >/dev/null; then
	python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$OUT" >"$OUT/http.log" 2>&1 &
	server=$!
	trap 'kill "$server" 2>/dev/null' EXIT
	for _ in $(seq 50); do
		port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$OUT/http.log")
		[ -z "$port" ] || break
		sleep 0.1
	done
fi
truncate -s 256M "$OUT/disk.img"
COPIES=$((100000000 / $(stat -c %s "$PB1500_GUEST/release1/busybox") + 1)) # that make 100 MB
mkfs=(mke2fs /dev/vda)
if command -v mkfs.ext4 >/dev/null; then mkfs=(true) && mkfs.ext4 -q "$OUT/disk.img"; fi
pb1500_flash "$OUT/flash.img"
erased=$(head -c 524288 /dev/zero | tr '\0' '\377' | md5sum | cut -d ' ' -f 1)
DEVICES=(-drive "file=$OUT/disk.img,format=raw,if=virtio" -drive "file=$OUT/flash.img,format=raw,if=pflash")
CHECK=('send=mkdir -p /disk && mount -t ext4 /dev/vda /disk && md5sum /disk/file | sed "s/^/di""sk /"' 'expect=disk ' "expect=$PROMPT"
	'send=head -c 524288 /dev/mtdblock1 | md5sum | sed "s/^/fla""sh /"' 'expect=flash ' "expect=$PROMPT" 'send=umount /disk' "expect=$PROMPT")
WRITE=("send=${mkfs[*]} && mkdir -p /disk && mount -t ext4 /dev/vda /disk && echo moun''ted" 'expect=mounted' "expect=$PROMPT"
	"send=i=0; while [ \$i -lt $COPIES ]; do cat /bin/busybox; i=\$((i + 1)); done >/disk/file; sync; echo wri''tten" 'expect=written' mark=disk "expect=$PROMPT"
	'send=umount /disk' "expect=$PROMPT"
	# The second copy sets bits that the first has cleared: the blocks are erased.
	'send=head -c 524288 /dev/mtdblock1 | md5sum | sed "s/^/era""sed /"' 'expect=erased ' "expect=$PROMPT"
	'send=flash_eraseall /dev/mtd1 && yes zzzzz | head -c 524288 >/tmp/z && flashcp -v /tmp/z /dev/mtd1 && yes flash | head -c 524288 >/tmp/f && flashcp /tmp/f /dev/mtd1; echo wri""tten'
	'expect=written' mark=flash "expect=$PROMPT")
NET=('send=udhcpc -i eth0 -n -q' 'expect=eth0: 10.0.2.15/24' "expect=$PROMPT" 'send=ping -c 3 10.0.2.2' 'expect=3 packets received' "expect=$PROMPT")
[ -z "$server" ] || NET+=("send=wget -q -O - http://10.0.2.2:$port/big | md5sum | sed 's/^/ne''t /'" mark=wget 'expect=net ' mark=net "expect=$PROMPT")
disk=$(for _ in $(seq "$COPIES"); do cat "$PB1500_GUEST/release1/busybox"; done | md5sum | cut -d ' ' -f 1)
flash=$(yes flash | head -c 524288 | md5sum | cut -d ' ' -f 1)

pb1500_from_tftp vmlinux "$DISK"
first=("${STEPS[@]}" "expect=$PROMPT")
pb1500_from_tftp vmlinux.srec "$DISK"
machine inproc "${DEVICES[@]}"
if dialogue devices 400 timeout=200 "${first[@]}" "${NET[@]}" "${WRITE[@]}" 'send=reboot -f' "${STEPS[@]}" "expect=$PROMPT" "${CHECK[@]}" "${OFF[@]}"; then
	pass 'reboot into the monitor, which loads S-records'
	pass 'ping of the gateway'
	if [ -n "$server" ]; then has devices '50 MB by HTTP' "net $big  -"; else skip 'devices: 50 MB by HTTP' 'no python3 for a server'; fi
	has devices '100 MB on disk after a reset' "disk $disk  /disk/file"
	has devices 'the flash was erased' "erased $erased  -"
	has devices 'what was written to flash after a reset' "flash $flash  -"
fi
pb1500_set_start "$DISK"
machine inproc "${DEVICES[@]}"
dialogue start 60 "${STEPS[@]}"
machine inproc "${DEVICES[@]}"
if dialogue flash 200 "${PB1500_STARTS[@]}" "expect=$PROMPT" mark=prompt "${CHECK[@]}" "${OFF[@]}"; then
	pass 'a start out of flash, by the variable start'
	has flash '100 MB on disk after a restart of dbt' "disk $disk  /disk/file"
	has flash 'what was written to flash after a restart of dbt' "flash $flash  -"
fi
rm -f "$OUT/big" "$OUT"/*.img
summary
