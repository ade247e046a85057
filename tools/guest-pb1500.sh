#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Builds Linux 6.1 for the Alchemy Pb1500 from Debian's linux-source-6.1, unchanged, with tests/guest/pb1500.config, and an
# initial RAM disk for it, into build/guest-pb1500:
#   vmlinux        ELF with symbols       vmlinux.srec   the same as S-records, without
#   vmlinuz.bin    unpacks itself; raw, fits the flash partition "raw kernel"; vmlinuz.addr says where it is loaded and started
#   initrd.gz      busybox, tests and benchmarks of MIPS32 release 1, tests/guest/init, network set-up
#   initrd-24Kc.gz the same with Debian's static busybox, which is of release 2: for -cpu 24Kc
# The source is /usr/src/linux-source-6.1.tar.xz if that package is installed, or else fetched by apt as fetch-guest.sh does.  The
# kernel is built and kept in ${XDG_CACHE_HOME:-~/.cache}/athanor/guest-pb1500, by configuration, source and compiler.
# ATHANOR_GUEST=DIR   take vmlinux, vmlinux.srec, vmlinuz.bin and vmlinuz.addr from DIR/pb1500 if there is one; busybox comes from DIR if
#                     there is what fetch-guest.sh takes from it, or else as without ATHANOR_GUEST
set -eu
cd "$(dirname "$0")/.."
out=build/guest-pb1500
config=tests/guest/pb1500.config
cross=mipsel-linux-gnu-
products=(vmlinux vmlinux.srec vmlinuz.bin vmlinuz.addr)
raw_kernel_size=$((0x2c0000))
. tools/guest.sh

# have_all DIR - if not, $lacking says what
have_all() {
	for lacking in "${products[@]}"; do [ -s "$1/$lacking" ] || return 1; done
}

have_tools() {
	local tool
	for tool in make flex bison bc xz; do
		command -v "$tool" >/dev/null || die "no $tool: the Pb1500's kernel cannot be built (make doctor)"
	done
}

# The tarball, as a path.
find_source() {
	local tar=usr/src/linux-source-6.1.tar.xz deb
	if [ -e "/$tar" ]; then
		source=/$tar
		return
	fi
	source=$cache/source/$tar
	[ ! -e "$source" ] || return 0
	deb=$(newest "$cache" 'linux-source-6.1_*.deb')
	if [ -z "$deb" ]; then
		have_tools
		apt_lists "$(dpkg --print-architecture)" 'install linux-source-6.1, or set ATHANOR_GUEST to a directory with pb1500/vmlinux and so on'
		apt_download "$(dpkg --print-architecture)" linux-source-6.1
		deb=$(newest "$cache" 'linux-source-6.1_*.deb')
	fi
	rm -rf "$cache/source" "$cache/source.new"
	mkdir -p "$cache/source.new"
	deb_unpack "$deb" "$cache/source.new"
	mv "$cache/source.new" "$cache/source"
	rm -f "$deb"
}

# Runs the kernel's make on what follows, knowing nothing of our variables.  The build's path would be in the vDSO's build id.
kernel_make() {
	env -i PATH="$PATH" HOME="${HOME:-/}" LC_ALL=C make -C "$work/linux" O="$work/obj" ARCH=mips CROSS_COMPILE="$cross" \
		KCPPFLAGS="-ffile-prefix-map=$work=." KBUILD_BUILD_TIMESTAMP='Thu Jan  1 00:00:00 UTC 1970' \
		KBUILD_BUILD_USER=athanor KBUILD_BUILD_HOST=athanor KBUILD_BUILD_VERSION=1 "$@" >"$work/log" 2>&1
}

kernel_progress() {
	say "building: $1 s, $(grep -c '^  [A-Z]' "$work/log") steps of about 1350, now $(sed -n 's/^  [A-Z][A-Z]*  *//p' "$work/log" | tail -n 1)"
}

# Some of the biggest parts that this kernel has nothing of stay packed; their Kconfig files are read.
unpack_source() {
	mkdir -p "$work/linux"
	tar -xJf "$source" -C "$work/linux" --strip-components=1 --anchored --wildcards --exclude='*.dts*' --exclude='linux-source-6.1/sound/*.[ch]' \
		--exclude='linux-source-6.1/drivers/gpu/*.[ch]' --exclude='linux-source-6.1/drivers/media/*.[ch]' \
		--exclude='linux-source-6.1/drivers/staging/*.[ch]' --exclude='linux-source-6.1/Documentation/*.rst' || die "$source: cannot be unpacked"
}

build_kernel() { # INTO
	local size
	have_tools
	plain_path "$work"
	rm -rf "$work"
	trap 'rm -rf "$work/linux" "$work/obj"' EXIT
	say "unpacking $source"
	unpack_source
	mkdir -p "$work/obj" "$1.new"
	kernel_make -s KCONFIG_ALLCONFIG="$PWD/$config" allnoconfig || { tail -n 5 "$work/log" >&2; die 'the kernel does not take the configuration'; }
	grep '^CONFIG_' "$config" | grep -vxFf "$work/obj/.config" >"$work/refused" && die "$config: not in force: $(tr '\n' ' ' <"$work/refused")"
	with_progress kernel_progress kernel_make "-j$(nproc)" vmlinux vmlinux.srec vmlinuz.bin ||
		{ tail -n 20 "$work/log" >&2; die "the kernel was not built (log: $work/log)"; }
	cp "$work/obj/vmlinux" "$work/obj/arch/mips/boot/vmlinux.srec" "$work/obj/arch/mips/boot/vmlinuz.bin" "$1.new/"
	readelf -lW "$work/obj/vmlinuz" | awk '$1 == "LOAD" { print "load", $3; exit }' >"$1.new/vmlinuz.addr"
	readelf -hW "$work/obj/vmlinuz" | awk '/Entry point/ { print "entry", $NF }' >>"$1.new/vmlinuz.addr"
	size=$(stat -c %s "$1.new/vmlinuz.bin")
	[ "$size" -le "$raw_kernel_size" ] || die "vmlinuz.bin has $size bytes: more than the flash partition's $raw_kernel_size"
	rm -rf "$1"
	mv "$1.new" "$1"
}

# initrd FILE PROGRAM... - if it is not there with the same parts
initrd() {
	local file=$out/$1 root=$out/root parts
	shift
	parts=$({ cat tests/guest/init tests/guest/commands.sh tests/guest/udhcpc.script "$@"; declare -f initrd; } | sha256sum)
	[ ! -e "$file" ] || [ "$(cat "$file.parts" 2>/dev/null)" != "$parts" ] || return 0
	rm -rf "$root"
	mkdir -p "$root/bin" "$root/tests" "$root/dev" "$root/proc" "$root/sys" "$root/tmp" "$root/mnt" "$root/etc/udhcpc"
	cp "$@" "$root/bin/"
	cp tests/guest/init "$root/init"
	cp tests/guest/commands.sh "$root/tests/"
	cp tests/guest/udhcpc.script "$root/etc/udhcpc/default.script"
	chmod 755 "$root/bin/"* "$root/init" "$root/etc/udhcpc/default.script"
	pack_initrd "$root" "$file"
	echo "$parts" >"$file.parts"
	rm -rf "$root"
}

mkdir -p "$out"
lock "$out/lock" guest
kernels=${cache%/*}/guest-pb1500
work=$kernels/work
[ -z "${ATHANOR_GUEST-}" ] || [ -d "$ATHANOR_GUEST" ] || die "ATHANOR_GUEST=$ATHANOR_GUEST: no such directory"
if [ -n "${ATHANOR_GUEST-}" ] && [ -e "$ATHANOR_GUEST/pb1500" ]; then
	from=$ATHANOR_GUEST/pb1500
	have_all "$from" || die "ATHANOR_GUEST: no $from/$lacking"
	[ -e "$ATHANOR_GUEST/vmlinuz" ] || [ -n "$(newest "$ATHANOR_GUEST" '*.deb')" ] || unset ATHANOR_GUEST
	id=$(cd "$from" && cat "${products[@]}" | sha256sum)
else
	command -v "${cross}gcc" >/dev/null || die "no ${cross}gcc: the Pb1500's kernel cannot be built (make doctor)"
	find_source
	id=$({ cat "$config"; stat -c '%s %Y' "$source"; "${cross}gcc" --version; declare -f kernel_make build_kernel; } | sha256sum | cut -c 1-16)
	from=$kernels/$id
	have_all "$from" || (
		mkdir -p "$kernels"
		lock "$kernels/lock" guest
		have_all "$from" || build_kernel "$from"
	)
fi
if [ "$(cat "$out/source" 2>/dev/null)" != "$id" ] || ! have_all "$out"; then
	rm -f "$out/source"
	for p in "${products[@]}"; do cp -p "$from/$p" "$out/new" && mv "$out/new" "$out/$p"; done # who has one open keeps it
	echo "$id" >"$out/source"
fi

tools/fetch-guest.sh
tools/guest-release1.sh "$out/release1"
initrd initrd.gz "$out"/release1/{busybox,guest-tests,bench}
initrd initrd-24Kc.gz build/guest/busybox build/guest/mipsel/{guest-tests,bench}
say "Linux for the Pb1500: $out/vmlinux, vmlinux.srec, vmlinuz.bin ($(($(stat -c %s "$out/vmlinuz.bin") / 1024)) KiB), initrd.gz ($(($(stat -c %s "$out/initrd.gz") / 1024)) KiB)"
