#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Fetches Debian's stock Malta kernel and a static busybox, and builds the guest's initial RAM disk:
#   build/guest/vmlinuz     linux-image-*-4kc-malta, as packaged
#   build/guest/initrd.gz   busybox, tests/guest/init, a few kernel modules, guest tests and benchmarks
#   build/guest/bench       the benchmarks for this machine
#   build/guest/{release,busybox}  kernel release; the user-mode busybox
# The packages are kept in ${XDG_CACHE_HOME:-~/.cache}/athanor/guest; with them there, no network is needed.
# ATHANOR_GUEST=DIR   take the two .deb files from DIR, or vmlinuz, busybox and modules/ if it holds those instead
set -eu
cd "$(dirname "$0")/.."
out=build/guest
. tools/guest.sh

fetch() {
	local kernel
	apt_lists mipsel 'set ATHANOR_GUEST to a directory with the Debian packages linux-image-*-4kc-malta and busybox-static (mipsel)'
	kernel=$(apt_private mipsel apt-cache pkgnames linux-image-6.1 | grep -- '-4kc-malta$' | sort -V | tail -n 1)
	[ -n "$kernel" ] || die "the configured mirrors have no linux-image-6.1*-4kc-malta for mipsel (Debian 12 has it; later releases do not)"
	apt_download mipsel "$kernel:mipsel" busybox-static:mipsel
}

unpack() {
	local linux_deb=$1 busybox_deb=$2
	rm -rf "$out/unpacked"
	mkdir -p "$out/unpacked"
	deb_unpack "$linux_deb" "$out/unpacked"
	deb_unpack "$busybox_deb" "$out/unpacked"
	cp "$out"/unpacked/boot/vmlinuz-* "$out/vmlinuz"
	cp "$out/unpacked/bin/busybox" "$out/busybox"
	rm -rf "$out/modules"
	mkdir -p "$out/modules"
	local m
	while read -r m; do
		case $m in '' | \#*) continue ;; esac
		cp "$out"/unpacked/lib/modules/*/kernel/"$m" "$out/modules/" || die "$linux_deb: no module $m"
	done <tests/guest/modules.txt
	ls "$out/unpacked/lib/modules" >"$out/release"
	rm -rf "$out/unpacked"
}

initrd() {
	local root=$out/root f
	rm -rf "$root"
	mkdir -p "$root/bin" "$root/tests" "$root/modules" "$root/dev" "$root/proc" "$root/sys" "$root/tmp"
	cp "$out/busybox" "$root/bin/busybox"
	cp tests/guest/init "$root/init"
	cp tests/guest/commands.sh "$root/tests/commands.sh"
	cp "$out"/modules/*.ko "$root/modules/" 2>/dev/null || say "no kernel modules: insmod is not tested"
	for f in bench guest-tests; do
		[ ! -e "$out/mipsel/$f" ] || cp "$out/mipsel/$f" "$root/bin/$f"
	done
	chmod 755 "$root/bin/"* "$root/init"
	pack_initrd "$root" "$out/initrd.gz"
	rm -rf "$root"
}

mkdir -p "$out"
lock "$out/lock" guest

if [ -n "${ATHANOR_GUEST-}" ] && [ -e "$ATHANOR_GUEST/vmlinuz" ]; then
	source_id="dir $(cd "$ATHANOR_GUEST" && find vmlinuz busybox modules -type f -exec sha256sum {} + | sort | sha256sum)"
else
	debs=${ATHANOR_GUEST:-$cache}
	source_id=
	[ -z "${ATHANOR_GUEST-}" ] || [ -d "$debs" ] || die "ATHANOR_GUEST=$debs: no such directory"
	if [ -z "$(newest "$debs" 'linux-image-*-4kc-malta_*_mipsel.deb')" ] || [ -z "$(newest "$debs" 'busybox-static_*_mipsel.deb')" ]; then
		[ -z "${ATHANOR_GUEST-}" ] || die "ATHANOR_GUEST=$debs: holds neither vmlinuz nor linux-image-*-4kc-malta_*_mipsel.deb and busybox-static_*_mipsel.deb"
		case $(cat "$out/source" 2>/dev/null) in
		deb*) source_id=$(cat "$out/source") ;; # unpacked before, and the packages are gone: as good
		*)
			fetch
			;;
		esac
	fi
	linux_deb=$(newest "$debs" 'linux-image-*-4kc-malta_*_mipsel.deb')
	busybox_deb=$(newest "$debs" 'busybox-static_*_mipsel.deb')
	[ -n "$source_id" ] || source_id="deb $(cat "$linux_deb" "$busybox_deb" tests/guest/modules.txt | sha256sum)"
fi

if [ "$(cat "$out/source" 2>/dev/null)" != "$source_id" ]; then
	rm -f "$out/source" "$out/initrd.gz"
	case $source_id in
	dir*)
		cp "$ATHANOR_GUEST/vmlinuz" "$ATHANOR_GUEST/busybox" "$out/"
		rm -rf "$out/modules"
		if [ -d "$ATHANOR_GUEST/modules" ]; then cp -r "$ATHANOR_GUEST/modules" "$out/modules"; else mkdir "$out/modules"; fi
		cp "$ATHANOR_GUEST/release" "$out/release" 2>/dev/null || echo unknown >"$out/release"
		;;
	*) unpack "$linux_deb" "$busybox_deb" ;;
	esac
	echo "$source_id" >"$out/source"
fi

tools/guest-programs.sh "$out"
parts=$(cat "$out/source" tests/guest/init tests/guest/commands.sh "$out"/mipsel/* 2>/dev/null | sha256sum)
if [ ! -e "$out/initrd.gz" ] || [ "$(cat "$out/parts" 2>/dev/null)" != "$parts" ]; then
	initrd
	echo "$parts" >"$out/parts"
fi
say "Linux $(cat "$out/release"): $out/vmlinuz, $out/initrd.gz ($(($(stat -c %s "$out/initrd.gz") / 1024)) KiB)"
