#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD - `make run`: boots the guest cold and learns, translates what was learnt, boots warm to a prompt.
# With a terminal the warm guest is handed over; without one it is asked for `uname -a` and powered off.  Ends with a table.
set -u
cd "$(dirname "$0")/.." || exit
bin=$PWD/$1/bin
guest=build/guest
out=build/run
prompt='athanor# '
die() { echo "run: $*" >&2; exit 1; }

for p in dbt sbt; do [ -x "$bin/$p" ] || die "$p is not built (make doctor)"; done
tools/fetch-guest.sh || die "no guest to run; see above"
mkdir -p "$out"
rm -f "$out"/*

dbt=("$bin/dbt" -M malta -cpu 24Kc -m 256 -accel "${ACCEL:-auto}" -kernel "$guest/vmlinuz" -initrd "$guest/initrd.gz"
	-append "${APPEND:-console=ttyS0 nokaslr}" -nographic -no-reboot -stats-marker "$prompt")

# boot NAME STEP... -- OPTION...
boot() {
	local name=$1 steps=()
	shift
	while [ "$1" != -- ]; do steps+=("$1"); shift; done
	shift
	"$bin/console" "${quiet[@]}" -l "$out/$name.log" -m "$out/$name.marks" -t "${limit:-300}" timeout="${limit:-300}" "expect=$prompt" mark=prompt \
		"${steps[@]}" -- "${dbt[@]}" -stats "$out/$name.json" "$@"
}

# Figures out of the statistics: share NAME TIER - per cent of guest instructions up to the prompt
share() {
	awk -v tier="$2" '
		{ all = all $0 }
		END {
			if (!match(all, /"tiers_at" *: *\{/))
				{ print "-"; exit }
			t = substr(all, RSTART + RLENGTH)
			sum = 0
			split("xo template interp", names, " ")
			for (i = 1; i <= 3; i++)
				if (match(t, "\"" names[i] "\" *: *[0-9]+")) {
					v = substr(t, RSTART, RLENGTH)
					sub(/.*: */, "", v)
					n[names[i]] = v
					sum += v
				}
			printf sum ? "%.1f %%" : "-", 100 * n[tier] / (sum ? sum : 1)
		}' "$out/$1.json"
}
seconds() { sed -n 's/^prompt //p' "$out/$1.marks"; }

echo 'run: 1/3 cold boot, learning (kernel messages go to build/run/cold.log)'
quiet=(-q)
boot cold 'send=uname -a' "expect=$prompt" 'send=poweroff -f' eof -- -profile "$out/profile" ||
	die "the cold boot failed; log: $out/cold.log"
echo "run: 2/3 translating what was learnt"
"$bin/sbt" --profile "$out/profile" -o "$out/warm.xo" || die 'sbt failed'
echo 'run: 3/3 warm boot'
quiet=()
if [ -t 0 ] && [ -t 1 ]; then
	echo 'run: the guest is yours in a moment; `poweroff -f` or Ctrl-A x ends it'
	limit=86400 boot warm interactive -- -xo "$out/warm.xo"
else
	boot warm 'send=uname -a' "expect=$prompt" 'send=poweroff -f' eof -- -xo "$out/warm.xo"
fi || die "the warm boot failed; log: $out/warm.log"

echo
printf '%-26s %10s %10s\n' '' cold warm
printf '%-26s %10s %10s\n' 'seconds to the prompt' "$(seconds cold)" "$(seconds warm)"
for tier in xo template interp; do
	printf '%-26s %10s %10s\n' "guest instructions, $tier" "$(share cold $tier)" "$(share warm $tier)"
done
echo "(shares up to the prompt; statistics in $out/cold.json and $out/warm.json)"
