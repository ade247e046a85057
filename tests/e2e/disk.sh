#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Linux on the Pb1500 with two disks: 100 MB are copied from one, shared and read-only, to an ext4 file system on the other, and are the
# same after a reset, to the guest and to e2fsck; no second machine gets the image meanwhile; programs run from the disk.
. "$(dirname "$0")/lib.sh"
OUT=build/e2e-disk
PATH=$PATH:/usr/sbin:/sbin
MB=100
mkdir -p "$OUT"
exec 8>"$OUT.lock"
flock 8
rm -f "$OUT"/*
command -v mkfs.ext4 >/dev/null || { skip disk 'no mkfs.ext4 (e2fsprogs)'; summary; }
tools/guest-pb1500.sh || { skip disk 'no kernel for the Pb1500 (see above)'; summary; }
trap 'rm -f "$OUT"/*.img' EXIT # large
head -c "${MB}M" /dev/urandom >"$OUT/source.img"
SUM=$(md5sum <"$OUT/source.img")
SUM=${SUM%% *}

machine() { # ACCEL
	DBT=("$BIN/dbt" -M pb1500 -m 64 -accel "$1" -kernel build/guest-pb1500/vmlinux -initrd build/guest-pb1500/initrd.gz -nographic
		-drive "file=$OUT/$1.img,format=raw" -drive "file=$OUT/source.img,readonly=on"
		-append 'console=ttyS0,115200 virtio_mmio.device=0x200@0x16000000:61 virtio_mmio.device=0x200@0x16001000:62')
}

# second_machine ACCEL - is refused while the first one runs, and given what can be shared
second_machine() {
	machine "$1"
	if "${DBT[@]}" </dev/null 2>&1 | grep -q "^dbt: -drive: $OUT/$1.img: is in use by another machine"; then
		pass "$1: no second machine writes to the image"
	else
		fail "$1: a second machine with the same image"
	fi
}

# disk ACCEL SECONDS
disk() {
	local log=$OUT/$1.log in_use
	rm -f "$OUT/$1.img"
	truncate -s $((3 * MB))M "$OUT/$1.img"
	mkfs.ext4 -q -F "$OUT/$1.img"
	machine "$1"
	(for _ in $(seq 600); do grep -q "$PROMPT" "$log" 2>/dev/null && break; sleep 0.2; done; second_machine "$1" >"$OUT/$1.second") &
	in_use=$!
	console "$log" "$2" "expect=$PROMPT" send='cat /sys/block/vd?/ro | tr -d "\n"; echo' expect=01 "expect=$PROMPT" \
		send='mkdir -p /disk && mount /dev/vda /disk && mkdir /disk/bin && cp /bin/busybox /disk/bin && time dd if=/dev/vdb of=/disk/f bs=1M' "expect=$MB+0 records out" \
		"expect=$PROMPT" send='time sync' expect=real "expect=$PROMPT" send='reboot -f' \
		"expect=$PROMPT" send='mkdir -p /disk && mount /dev/vda /disk && time chroot /disk /bin/busybox md5sum /f' "expect=$SUM  /f" "expect=$PROMPT" \
		send='echo 3 >/proc/sys/vm/drop_caches; rm /disk/f; umount /disk' "expect=$PROMPT" \
		send='poweroff -f' eof -- "${DBT[@]}"
	if [ $? = 0 ]; then
		pass "$1: $MB MB through ext4, the same after a reset ($(tr -d '\r' <"$log" | grep -o 'real.*' | tr -s '\t ' ' ' | tr '\n' ';') to write, sync, sum)"
	else
		fail "$1: $MB MB through ext4" "log: $log"
	fi
	wait "$in_use"
	cat "$OUT/$1.second"
	if grep -q '^ok' "$OUT/$1.second"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
	if e2fsck -fn "$OUT/$1.img" >"$OUT/$1.fsck" 2>&1; then
		pass "$1: the file system is clean"
	else
		fail "$1: e2fsck" "$(tail -n 1 "$OUT/$1.fsck")"
	fi
}

disk inproc 300
if kvm_is_cheap && kvm_or_skip 'disk, kvm'; then
	disk kvm 300
fi
summary
