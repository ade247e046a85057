#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bare-tests.sh OUT - compiles tests/guest/bare, programs for a machine without an operating system, into OUT/bare-tests.elf and,
# big-endian, OUT/bare-tests-eb.elf.  Status 1 without the cross compiler.
set -eu
cd "$(dirname "$0")/.."
out=$1
cross=${MIPS_CC:-mipsel-linux-gnu-gcc}
warn='-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror'
flags="-std=gnu11 -O2 -I. -ffreestanding -fno-stack-protector -fno-pie -no-pie -static -nostdlib -march=mips32r2 -mno-abicalls
	-fno-pic -msoft-float -G0 -Wl,-T,linker-scripts/bare.ld -Wl,--build-id=none $warn"

if ! command -v "$cross" >/dev/null; then
	echo "no $cross: no bare-metal tests" >&2
	exit 1
fi
mkdir -p "$out"

build() { # TARGET OPTION
	[ ! -e "$1" ] || [ -n "$(find tests/guest/bare tests/engine/asm.h linker-scripts/bare.ld "$0" -newer "$1" -print -quit)" ] || return 0
	# shellcheck disable=SC2086
	"$cross" $flags "$2" -o "$1" tests/guest/bare/start.S tests/guest/bare/*.c
}

build "$out/bare-tests.elf" -EL
build "$out/bare-tests-eb.elf" -EB
