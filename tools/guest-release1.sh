#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guest-release1.sh OUT - programs for processors of MIPS32 release 1, such as the Au1500 (Debian's own are release-2 code), into OUT:
#   busybox       static, with musl as its C library, both from Debian's source packages (the patches are left out)
#   guest-tests   tests/guest      bench   tests/bench
# Library and busybox are kept in ${XDG_CACHE_HOME:-~/.cache}/athanor/guest-release1, by versions, compiler and what is here.
set -eu
cd "$(dirname "$0")/.."
. tools/guest.sh
out=$1
cross=mipsel-linux-gnu-
flags='-march=mips32 -mfp32 -O2 -fno-pie -no-pie -fno-stack-protector'
base=${cache%/*}/guest-release1
sources=$base/sources

archive() { newest "$sources" "$1_*.${2-orig}.tar.*[z2]"; } # PACKAGE [debian]

find_sources() {
	[ -z "$(archive musl)" ] || [ -z "$(archive busybox)" ] || [ -z "$(archive busybox debian)" ] || return 0
	mkdir -p "$sources"
	apt_source "$sources" musl busybox
}

unpack() { # PACKAGE
	mkdir "$kept/$1" && tar -xf "$(archive "$1")" -C "$kept/$1" --strip-components=1 && cd "$kept/$1"
}

# The compiler's libgcc has functions made of release-2 instructions: release1.o, which is linked first, stands in for them.
build_musl() (
	unpack musl && ./configure --target=mipsel-linux-gnu --prefix="$kept/root" --disable-shared CC="${cross}gcc" CFLAGS="$flags" && make "-j$(nproc)" install &&
		sed -i "s|[^ ]*/crti\.o|& $kept/release1.o|" "$specs"
)

# As Debian configures its own, with programs for the flash besides; without tc, which does not know these headers of the kernel, and
# without what needs glibc's regular expressions.
build_busybox() (
	unpack busybox && tar -xf "$(archive busybox debian)" debian/config/pkg/static &&
		sed -E -e '/CONFIG_FLASH(CP|_ERASEALL)[ =]/d' -e 's/^CONFIG_(TC|FEATURE_VI_REGEX_SEARCH|EXTRA_COMPAT)=y/# CONFIG_\1 is not set/' \
			debian/config/pkg/static >.config &&
		printf '%s\n' CONFIG_FLASHCP=y CONFIG_FLASH_ERASEALL=y >>.config && { yes '' | make oldconfig; } &&
		make "-j$(nproc)" CROSS_COMPILE="$cross" CC="$cc" HOSTCC=gcc busybox
)

both() { { build_musl && build_busybox; } </dev/null >"$out/busybox.log" 2>&1; }
busybox_progress() { say "building: $1 s, $(tail -n 1 "$out/busybox.log" | cut -c 1-80)"; }

build() {
	plain_path "$kept"
	rm -rf "$kept"
	mkdir "$kept"
	printf '#!/bin/sh\nexec %sgcc -specs %s -idirafter /usr/mipsel-linux-gnu/include %s "$@"\n' "$cross" "$specs" "$flags" >"$cc"
	chmod 755 "$cc"
	# shellcheck disable=SC2086
	"${cross}gcc" $flags -ffreestanding -c -o "$kept/release1.o" tests/guest/release1/libgcc.c
	say 'building a busybox of release 1 (two minutes)'
	export SOURCE_DATE_EPOCH=0 # busybox shows it
	with_progress busybox_progress both || { tail -n 10 "$out/busybox.log" >&2; die "busybox was not built (log: $out/busybox.log)"; }
	check_release "$kept/busybox/busybox_unstripped"
	mv "$kept/busybox/busybox" "$kept/done"
	rm -rf "$kept/busybox" "$kept/musl"
}

# No instruction of release 2 but RDHWR, which every kernel emulates.
check_release() { # FILE
	local found
	found=$("${cross}objdump" -d "$1" | awk '$3 ~ /^(ext|ins|seb|seh|wsbh|rotrv?|mthc1|mfhc1|synci|ei|di|j(al)?r\.hb)$/ { print $3 }' | sort -u | tr '\n' ' ')
	[ -z "$found" ] || die "$1 has instructions of release 2: $found"
}

command -v "${cross}gcc" >/dev/null || die "no ${cross}gcc: no programs of release 1"
mkdir -p "$base" "$out"
lock "$base/lock" guest
find_sources
id=$({ echo "$base $flags"; ls "$sources"; "${cross}gcc" --version; cat tests/guest/release1/libgcc.c; declare -f unpack build_musl build_busybox build; } | sha256sum | cut -c 1-16)
kept=$base/$id
cc=$kept/cc
specs=$kept/root/lib/musl-gcc.specs
[ -s "$kept/done" ] || build
cp "$kept/done" "$out/busybox"
warn='-Wall -Wextra -Werror'
# shellcheck disable=SC2086
"$cc" -static -std=gnu11 -I. $warn -s -o "$out/guest-tests" tests/guest/*.c
# shellcheck disable=SC2086
"${cross}gcc" -std=gnu11 -I. $flags -static $warn -mno-abicalls -G0 -nostdlib -ffreestanding -Wl,-e,__start -s -o "$out/bench" tests/bench/*.c
check_release "$out/guest-tests"
check_release "$out/bench"
