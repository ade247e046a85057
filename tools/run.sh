#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD - `make run`: boots the guest cold and learns, translates what was learnt, boots warm to a prompt.
# With a terminal the warm guest is handed over; without one it is asked for `uname -a` and powered off.  Ends with a table.
#   BOARD=malta    Debian's kernel, loaded by dbt (the standard)
#   BOARD=pb1500   from the reset vector: the boot monitor gets kernel and RAM disk by TFTP, or with BOOT=flash copies them out of flash
set -u
cd "$(dirname "$0")/.." || exit
bin=$PWD/$1/bin
board=${BOARD:-malta}
out=build/run
prompt='athanor# '
die() { echo "run: $*" >&2; exit 1; }
. tools/pb1500.sh
export LC_ALL=C # a point in numbers

for p in dbt sbt; do [ -x "$bin/$p" ] || die "$p is not built (make doctor)"; done
[ "$board" = malta ] || out=build/run-$board
mkdir -p "$out" || exit
exec 9>"$out.lock"
flock -n 9 || die "another make run is at work in $out: end it first"
rm -f "$out"/*
common=(-accel "${ACCEL:-auto}" -nographic -stats-marker "$prompt")
to_linux=() known=()

# An image whose symbols are known is translated as a whole, whatever a run has taught.
translate() { # NAME IMAGE
	"$bin/sbt" -q -cpu au1500 "$2" -o "$out/$1.xo" || die 'sbt failed'
	known+=(-xo "$out/$1.xo")
}

case $board in
malta)
	guest=build/guest
	tools/fetch-guest.sh || die "no guest to run; see above"
	dbt=("$bin/dbt" -M malta -cpu 24Kc -m 256 "${common[@]}" -kernel "$guest/vmlinuz" -initrd "$guest/initrd.gz"
		-append "${APPEND:-console=ttyS0 nokaslr}")
	;;
pb1500)
	[ -e "$PB1500_MONITOR" ] || die "no boot monitor (make firmware)"
	tools/guest-pb1500.sh || die "no guest to run; see above"
	dbt=("$bin/dbt" -M pb1500 "${common[@]}" -bios "$PB1500_MONITOR" -nic "user,tftp=$PB1500_GUEST")
	case ${BOOT:-tftp} in
	tftp)
		# shellcheck disable=SC2086
		pb1500_from_tftp vmlinux ${APPEND-}
		to_linux=("${STEPS[@]}")
		;;
	flash)
		echo 'run: writing the flash (the monitor is given the variable start; messages go to build/run-pb1500/flash.log)'
		pb1500_flash "$out/flash.img" || die "$out/flash.img cannot be written"
		dbt+=(-pflash "$out/flash.img")
		# shellcheck disable=SC2086
		pb1500_set_start ${APPEND-}
		"$bin/console" -q -l "$out/flash.log" -t 60 "${STEPS[@]}" -- "${dbt[@]}" || die "the monitor did not take it; log: $out/flash.log"
		to_linux=("${PB1500_STARTS[@]}")
		;;
	*) die "BOOT=$BOOT: there are tftp and flash" ;;
	esac
	translate monitor "$PB1500_MONITOR"
	translate vmlinux "$PB1500_GUEST/vmlinux"
	;;
*) die "BOARD=$board: there are malta and pb1500" ;;
esac

# boot NAME STEP... -- OPTION...
boot() {
	local name=$1 steps=()
	shift
	while [ "$1" != -- ]; do steps+=("$1"); shift; done
	shift
	"$bin/console" "${quiet[@]}" -l "$out/$name.log" -m "$out/$name.marks" -t "${limit:-300}" timeout="${limit:-300}" "${to_linux[@]}" \
		"expect=$prompt" mark=prompt "${steps[@]}" -- "${dbt[@]}" -stats "$out/$name.json" "$@"
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
seconds() { sed -n "s/^$2 //p" "$out/$1.marks"; } # NAME MARK

echo 'run: 1/3 cold boot, learning (kernel messages go to '"$out/cold.log)"
quiet=(-q)
boot cold 'send=uname -a' "expect=$prompt" 'send=poweroff -f' eof -- -no-reboot -profile "$out/profile" ||
	{ tail -n 2 "$out/cold.log" >&2; die "the cold boot failed; log: $out/cold.log"; }
echo "run: 2/3 translating what was learnt"
"$bin/sbt" --profile "$out/profile" -o "$out/warm.xo" || die 'sbt failed'
# Of two translations of one page the first file's is used: what is learnt goes before what is known of a whole image.
known=(-xo "$out/warm.xo" "${known[@]}")
echo 'run: 3/3 warm boot'
quiet=()
if [ -t 0 ] && [ -t 1 ]; then
	echo 'run: the guest is yours in a moment; `poweroff -f` or Ctrl-A x ends it'
	limit=86400 boot warm interactive -- "${known[@]}"
else
	boot warm 'send=uname -a' "expect=$prompt" 'send=poweroff -f' eof -- -no-reboot "${known[@]}"
fi || die "the warm boot failed; log: $out/warm.log"

echo
printf '%-26s %10s %10s\n' '' cold warm
if [ "$board" = pb1500 ]; then
	printf '%-26s %10s %10s\n' 'seconds to the monitor' "$(seconds cold monitor)" "$(seconds warm monitor)"
	printf '%-26s %10s %10s\n' 'seconds to Linux' "$(seconds cold linux)" "$(seconds warm linux)"
fi
printf '%-26s %10s %10s\n' 'seconds to the prompt' "$(seconds cold prompt)" "$(seconds warm prompt)"
for tier in xo template interp; do
	printf '%-26s %10s %10s\n' "guest instructions, $tier" "$(share cold $tier)" "$(share warm $tier)"
done
echo "(shares up to the prompt; statistics in $out/cold.json and $out/warm.json)"
