#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# KVM as processors with virtualisation have it, where there is none: boots Debian's amd64 cloud kernel in qemu-system-x86_64, which
# emulates AMD's SVM with nested paging, and there runs the accelerators' tests and a Malta boot under -accel kvm.  Semantics are those
# of kvm_amd; times are not.
. "$(dirname "$0")/lib.sh"
OUT=build/nested
SECONDS_MAX=${NESTED_SECONDS:-1400}
CACHE=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/athanor/nested

give_up() { skip 'kvm nested' "$1"; summary; }

[ "$(uname -m)" = x86_64 ] || give_up "needs an x86-64 host, this is $(uname -m)"
command -v qemu-system-x86_64 >/dev/null || give_up 'no qemu-system-x86_64 (package qemu-system-x86)'
[ -x "$BUILD/tests/accel" ] && [ -x "$BIN/dbt" ] || give_up 'the tests are not built'
[ -s "$BUILD/engine.elf" ] || give_up 'this build has no engine image'
guest_or_skip 'kvm nested'

# fetch - the kernel and a static busybox, as packages, through apt with signatures verified
fetch() {
	local kernel
	ls "$CACHE"/linux-image-*-cloud-amd64_*.deb "$CACHE"/busybox-static_*_amd64.deb >/dev/null 2>&1 && return
	command -v apt-get >/dev/null || give_up "no apt-get; put linux-image-*-cloud-amd64 and busybox-static for amd64 into $CACHE"
	mkdir -p "$CACHE"
	kernel=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -n 1)
	[ -n "$kernel" ] || give_up 'apt knows no linux-image-cloud-amd64'
	(cd "$CACHE" && apt-get -q download "$kernel:amd64" busybox-static:amd64 >apt.log 2>&1) || give_up "packages cannot be fetched (log: $CACHE/apt.log)"
}

# with_libraries PROGRAM... - programs for the initramfs, with what they are linked with
with_libraries() {
	local f
	for f in "$@"; do
		cp "$f" "$root/bin/"
		ldd "$f" 2>/dev/null | grep -oE '/[^ ]+' | while read -r lib; do
			mkdir -p "$root/$(dirname "$lib")"
			cp -n -L "$lib" "$root/$lib"
		done
	done
}

initramfs() {
	local m
	root=$OUT/root
	rm -rf "$OUT"
	mkdir -p "$root"/{bin,dev,proc,sys,tmp,modules,guest}
	dpkg-deb -x "$CACHE"/linux-image-*-cloud-amd64_*.deb "$OUT/kernel" && dpkg-deb -x "$CACHE"/busybox-static_*_amd64.deb "$OUT/busybox" ||
		give_up "packages in $CACHE cannot be unpacked"
	cp "$OUT"/kernel/boot/vmlinuz-* "$OUT/vmlinuz"
	cp "$OUT/busybox/bin/busybox" "$root/bin/busybox"
	for m in virt/lib/irqbypass arch/x86/kvm/kvm drivers/crypto/ccp/ccp arch/x86/kvm/kvm-amd; do
		cp "$OUT"/kernel/lib/modules/*/kernel/$m.ko "$root/modules/" 2>/dev/null
	done
	with_libraries "$BUILD/tests/accel" "$BIN/dbt" "$CONSOLE"
	cp "$GUEST/vmlinuz" "$GUEST/initrd.gz" "$root/guest/"
	cp tests/e2e/nested-init "$root/init"
	chmod 755 "$root/init"
	(cd "$root" && find . | cpio --quiet -o -H newc -R 0:0) | gzip -n -1 >"$OUT/initramfs.gz"
	rm -rf "$root" "$OUT/kernel" "$OUT/busybox"
}

CONSOLE=$BIN/console
fetch
initramfs
timeout "$SECONDS_MAX" qemu-system-x86_64 -accel tcg -cpu max,+svm,+npt -smp 1 -m 3072 -nographic -no-reboot -nic none -kernel "$OUT/vmlinuz" \
	-initrd "$OUT/initramfs.gz" -append 'console=ttyS0 panic=-1 quiet' </dev/null >"$OUT/console.log" 2>&1
status=$?
[ "$status" != 124 ] || fail 'kvm nested: ends in time' "after $SECONDS_MAX s (log: $OUT/console.log)"
tr -d '\r' <"$OUT/console.log" >"$OUT/log"

# outcome NAME - what nested-init said of it
outcome() {
	if grep -qx "nested: $1: ok" "$OUT/log"; then
		pass "kvm nested: $1"
	else
		fail "kvm nested: $1" "$(grep "^nested: $1:" "$OUT/log" | head -n 1) (log: $OUT/log)"
	fi
}
outcome 'a KVM of hardware'
outcome 'the contract of accelerators'
outcome 'auto says what an exit costs'
outcome 'boots Malta to the prompt'
if grep -q '^contract/.* on kvm' "$OUT/log"; then
	fail 'kvm nested: nothing was skipped' "$(grep -m 1 ' on kvm' "$OUT/log")"
fi
sed -n 's/^nested: note: //p' "$OUT/log"
summary
