#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# guest-programs.sh OUT - compiles tests/guest and tests/bench for the guest into OUT/mipsel, and tests/bench for this machine
# into OUT/bench.  Without the cross compiler the guest goes without them.
set -eu
cd "$(dirname "$0")/.."
out=$1
cross=${MIPS_CC:-mipsel-linux-gnu-gcc}
warn='-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror'
flags="-std=gnu11 -O2 -I. -fno-stack-protector -fno-pie -no-pie -static $warn"

newer() { # newer TARGET SOURCE...
	local t=$1
	shift
	[ ! -e "$t" ] || [ -n "$(find "$@" -newer "$t" -print -quit)" ]
}

command -v gcc >/dev/null || { echo "guest: no gcc: tests/bench cannot be built (make doctor)" >&2; exit 1; }
mkdir -p "$out/mipsel"
bench=$(find tests/bench -name '*.c' ! -name start_mips.c | sort)
if newer "$out/bench" tests/bench/* "$0"; then
	# shellcheck disable=SC2086
	gcc $flags -o "$out/bench" $bench
fi
if ! command -v "$cross" >/dev/null; then
	echo "guest: no $cross: the guest has no test programs and no benchmarks" >&2
	exit 0
fi
if newer "$out/mipsel/bench" tests/bench/* "$0"; then
	# shellcheck disable=SC2086
	"$cross" $flags -march=mips32r2 -mno-abicalls -G0 -nostdlib -ffreestanding -Wl,-e,__start -s -o "$out/mipsel/bench" $bench tests/bench/start_mips.c
fi
if newer "$out/mipsel/guest-tests" tests/guest/*.[ch] "$0"; then
	# shellcheck disable=SC2086
	"$cross" $flags -march=mips32r2 -mfp32 -s -o "$out/mipsel/guest-tests" tests/guest/*.c
fi
