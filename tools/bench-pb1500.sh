#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench-pb1500.sh BUILD - `make bench BOARD=pb1500`: seconds from the reset vector to the monitor's prompt, to Linux and to its shell (kernel
# and RAM disk by TFTP), and of network and disk in the guest: with nothing translated ahead (cold), with .xo files made of the two ELF
# files alone (ahead), and with those and a profile (warm); Malta to its shell beside them.  Turn about, ROUNDS times (default 3);
# medians, and every figure in build/bench-pb1500/results.csv.
set -u
cd "$(dirname "$0")/.." || exit
bin=$PWD/$1/bin
rounds=${ROUNDS:-3}
out=build/bench-pb1500
prompt='athanor# '
die() { echo "bench: $*" >&2; exit 1; }
. tools/pb1500.sh

for p in dbt sbt; do [ -x "$bin/$p" ] || die "$p is not built (make doctor)"; done
[ -e "$PB1500_MONITOR" ] || die 'no boot monitor (make firmware)'
command -v python3 >/dev/null || die 'no python3 for the HTTP server'
tools/guest-pb1500.sh || die 'no guest; see above'
rm -rf "$out/now"
mkdir -p "$out/now/http"
this=$out/now/this.csv
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
host=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
when=$(date -u +%Y-%m-%dT%H:%M:%SZ)

head -c 52428800 /dev/urandom >"$out/now/http/file"
python3 -u -m http.server 0 --bind 127.0.0.1 --directory "$out/now/http" >"$out/now/http.log" 2>&1 &
trap 'kill $!' EXIT
for _ in $(seq 50); do
	port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$out/now/http.log")
	[ -z "$port" ] || break
	sleep 0.1
done
truncate -s 256M "$out/now/disk.img"

# timed NAME COMMAND - adds to STEPS; the quotes keep the marks out of the echo of the typed line
timed() {
	STEPS+=("send=echo @sta''rt $1; $2; echo @e''nd $1" "expect=@start $1" "mark=$1.start" "expect=@end $1" "mark=$1.end" "expect=$prompt")
}
pb1500_from_tftp vmlinux virtio_mmio.device=0x200@0x16000000:61
STEPS+=("expect=$prompt" mark=shell 'send=udhcpc -i eth0 -n -q; mke2fs /dev/vda >/dev/null; mkdir -p /disk && mount -t ext4 /dev/vda /disk' 'expect=eth0: ' "expect=$prompt")
timed wget-50M "wget -q -O /dev/null http://10.0.2.2:$port/file"
timed disk-write-100M 'dd if=/dev/zero of=/disk/f bs=1M count=100 conv=fsync 2>/dev/null'
timed disk-read-100M 'echo 3 >/proc/sys/vm/drop_caches; dd if=/disk/f of=/dev/null bs=1M 2>/dev/null'
STEPS+=('send=poweroff -f' eof)
pb1500=("$bin/dbt" -M pb1500 -accel "${ACCEL:-auto}" -bios "$PB1500_MONITOR" -nic "user,tftp=$PB1500_GUEST"
	-drive "file=$out/now/disk.img,format=raw,if=virtio" -nographic)
malta_steps=("expect=$prompt" mark=shell 'send=poweroff -f' eof)
malta=("$bin/dbt" -M malta -cpu 24Kc -m 256 -accel "${ACCEL:-auto}" -kernel build/guest/vmlinuz -initrd build/guest/initrd.gz
	-append 'console=ttyS0 nokaslr' -nographic)

# run MACHINE ROUND STEP... -- COMMAND...; round 0 is not counted
run() {
	local machine=$1 round=$2
	shift 2
	echo "bench: round $round of $rounds: $machine" >&2
	"$bin/console" -q -l "$out/now/$machine.log" -m "$out/now/marks" -t 600 timeout=200 "$@" || die "$machine failed; log: $out/now/$machine.log"
	[ "$round" = 0 ] || awk -v m="$machine" -v r="$round" '
		sub(/\.start$/, "", $1) { t[$1] = $2; next }
		sub(/\.end$/, "", $1) { $2 -= t[$1] }
		{ printf "%s,%s,%s,%.3f\n", r, m, $1, $2 }' "$out/now/marks" >>"$this"
}

run pb1500-learning 0 "${STEPS[@]}" -- "${pb1500[@]}" -profile "$out/now/profile"
run malta-learning 0 "${malta_steps[@]}" -- "${malta[@]}" -profile "$out/now/malta.profile"
"$bin/sbt" -q --profile "$out/now/profile" -o "$out/now/warm.xo" && "$bin/sbt" -q --profile "$out/now/malta.profile" -o "$out/now/malta.xo" &&
	"$bin/sbt" -q -cpu au1500 "$PB1500_MONITOR" -o "$out/now/monitor.xo" &&
	"$bin/sbt" -q -cpu au1500 "$PB1500_GUEST/vmlinux" -o "$out/now/vmlinux.xo" || die 'sbt failed'
ahead=(-xo "$out/now/monitor.xo" -xo "$out/now/vmlinux.xo")
for round in $(seq "$rounds"); do
	run cold "$round" "${STEPS[@]}" -- "${pb1500[@]}"
	run ahead "$round" "${STEPS[@]}" -- "${pb1500[@]}" "${ahead[@]}"
	run warm "$round" "${STEPS[@]}" -- "${pb1500[@]}" -xo "$out/now/warm.xo" "${ahead[@]}"
	run malta-cold "$round" "${malta_steps[@]}" -- "${malta[@]}"
	run malta-warm "$round" "${malta_steps[@]}" -- "${malta[@]}" -xo "$out/now/malta.xo"
done
[ -e "$out/results.csv" ] || echo 'when,commit,host,round,machine,item,seconds' >"$out/results.csv"
sed "s|^|$when,$commit,\"$host\",|" "$this" >>"$out/results.csv"

median() { # MACHINE ITEM
	awk -F, -v m="$1" -v i="$2" '$2 == m && $3 == i { print $4 }' "$this" | sort -n |
		awk '{ v[NR] = $1 } END { if (!NR) print "-"; else printf "%.2f", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}
echo
echo "host: $host, $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg); commit $commit; $rounds rounds, medians"
printf '%-18s %9s %9s %9s %12s %12s\n' seconds cold ahead warm 'Malta cold' 'Malta warm'
for item in monitor loaded linux shell wget-50M disk-write-100M disk-read-100M; do
	printf '%-18s %9s %9s %9s %12s %12s\n' "$item" "$(median cold $item)" "$(median ahead $item)" "$(median warm $item)" \
		"$(median malta-cold $item)" "$(median malta-warm $item)"
done
echo "(from reset: the monitor's prompt, kernel loaded, its first line, its shell; ahead: .xo of the two ELF files only; every figure: $out/results.csv)"
