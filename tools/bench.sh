#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh BUILD - `make bench`: the kernels of tests/bench in the guest, under dbt cold, dbt warm (-xo), dbt warm in a VM (-accel kvm, where
# that can be used) and QEMU, turn about in one sitting, ROUNDS times (default 3; KERNELS="sort sh-exec" picks).  Prints medians and ratios with host and commit; appends every
# single figure to build/bench/results.csv.
# A kernel is timed from outside between its two marks on the console; its checksum must be the one this machine computes.
set -u
cd "$(dirname "$0")/.." || exit
bin=$PWD/$1/bin
rounds=${ROUNDS:-3}
guest=build/guest
out=build/bench
prompt='athanor# '
die() { echo "bench: $*" >&2; exit 1; }

[ -x "$bin/dbt" ] || die 'dbt is not built (make doctor)'
tools/fetch-guest.sh || die 'no guest; see above'
[ -x "$guest/mipsel/bench" ] || die 'the benchmarks are not built: no MIPS compiler (make doctor)'
mkdir -p "$out"
kernels=$("$guest/bench" | cut -f 1)
shell_items='sh-loop sh-exec sh-sha256 sh-copy'
if [ -n "${KERNELS-}" ]; then
	kernels=$(tr ' ' '\n' <<<"$KERNELS" | grep -v '^sh-')
	shell_items=$(tr ' ' '\n' <<<"$KERNELS" | grep '^sh-')
fi
commit=$(git describe --always --dirty 2>/dev/null || echo unknown)
host=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
when=$(date -u +%Y-%m-%dT%H:%M:%SZ)
append='console=ttyS0 nokaslr'
board=(-M malta -cpu 24Kc -m 256 -kernel "$guest/vmlinuz" -initrd "$guest/initrd.gz" -append "$append" -nographic -no-reboot)
dbt=("$bin/dbt" -accel "${ACCEL:-auto}" "${board[@]}")
qemu=(qemu-system-mipsel "${board[@]}" -vga none -nic none)
results=$out/results.csv
this=$out/this.csv
[ -e "$results" ] || echo 'when,commit,host,round,machine,item,seconds' >"$results"
: >"$this"

# Steps for the console: each kernel, with a mark at its start and at its end.
steps=()
for k in $kernels; do
	sum=$("$guest/bench" "$k" | sed -n "s/^@end $k //p")
	[ -n "$sum" ] || die "no kernel is called '$k'"
	steps+=("send=bench $k" "expect=@start $k" "mark=$k.start" "expect=@end $k $sum" "mark=$k.end" "expect=$prompt")
done

# What users do in a shell, as items of their own: NAME COMMAND.  They count for themselves, not for the mean of the kernels.
# shellcheck disable=SC2016 # the guest expands it
shell_command() {
	case $1 in
	sh-loop) echo 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done' ;;
	sh-exec) echo 'i=0; while [ $i -lt 300 ]; do /bin/busybox true; i=$((i+1)); done' ;;
	sh-sha256) echo 'dd if=/dev/zero bs=1M count=32 2>/dev/null | sha256sum >/dev/null' ;;
	sh-copy) echo 'dd if=/dev/zero of=/tmp/z bs=1M count=40 2>/dev/null; cp /tmp/z /tmp/y; cmp /tmp/z /tmp/y; rm /tmp/z /tmp/y' ;;
	esac
}
for k in $shell_items; do
	# The quotes keep the marks out of the echo of the typed line.
	steps+=("send=echo @sta''rt $k; $(shell_command "$k"); echo @e''nd $k" "expect=@start $k" "mark=$k.start" "expect=@end $k" "mark=$k.end"
		"expect=$prompt")
done

# measure MACHINE ROUND COMMAND...
measure() {
	local machine=$1 round=$2
	shift 2
	echo "bench: round $round of $rounds: $machine" >&2
	"$bin/console" -q -l "$out/$machine.log" -m "$out/marks" -t 900 timeout=300 "expect=$prompt" mark=prompt "${steps[@]}" \
		'send=poweroff -f' eof -- "$@" || { echo "bench: $machine failed; log: $out/$machine.log" >&2; return 1; }
	awk -v m="$machine" -v r="$round" '
		$1 == "prompt" { print r "," m ",prompt," $2 }
		sub(/\.start$/, "", $1) { t[$1] = $2; next }
		sub(/\.end$/, "", $1) { printf "%s,%s,%s,%.3f\n", r, m, $1, $2 - t[$1] }' "$out/marks" >>"$this"
}

native() {
	local k t0 t1
	for k in $kernels; do
		t0=$(date +%s%N)
		"$guest/bench" "$k" >/dev/null
		t1=$(date +%s%N)
		awk -v r="$1" -v k="$k" -v ns=$((t1 - t0)) 'BEGIN { printf "%s,native,%s,%.3f\n", r, k, ns / 1e9 }' >>"$this"
	done
}

# What is warm is learnt in a run that is not timed.
have_xo=
if [ -x "$bin/sbt" ]; then
	echo 'bench: learning run' >&2
	rm -f "$out/profile" "$out/warm.xo"
	"$bin/console" -q -l "$out/learn.log" -t 900 timeout=300 "expect=$prompt" "${steps[@]}" 'send=poweroff -f' eof -- \
		"${dbt[@]}" -profile "$out/profile" || die "the learning run failed; log: $out/learn.log"
	"$bin/sbt" --profile "$out/profile" -o "$out/warm.xo" && have_xo=yes
fi
for round in $(seq "$rounds"); do
	measure dbt-cold "$round" "${dbt[@]}" || exit 1
	[ -z "$have_xo" ] || measure dbt-warm "$round" "${dbt[@]}" -xo "$out/warm.xo" || exit 1
	if [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
		measure dbt-kvm "$round" "$bin/dbt" -accel kvm "${board[@]}" ${have_xo:+-xo "$out/warm.xo"} || exit 1
	fi
	if command -v qemu-system-mipsel >/dev/null; then
		measure qemu "$round" "${qemu[@]}" || exit 1
	fi
	native "$round"
done
sed "s|^|$when,$commit,\"$host\",|" "$this" >>"$results"

echo
echo "host: $host, $(nproc) processors, load $(cut -d ' ' -f 1 /proc/loadavg); commit $commit; $rounds rounds, medians"
echo "guest: Linux $(cat "$guest/release"); $(qemu-system-mipsel --version 2>/dev/null | head -n 1)"
awk -F, -v order="prompt $(echo $kernels $shell_items)" '
	{ n[$2, $3]++; v[$2, $3, n[$2, $3]] = $4 }
	function median(m, k,    i, j, t, c) {
		c = n[m, k]
		if (!c)
			return -1
		for (i = 2; i <= c; i++)
			for (j = i; j > 1 && v[m, k, j] < v[m, k, j - 1]; j--) {
				t = v[m, k, j]; v[m, k, j] = v[m, k, j - 1]; v[m, k, j - 1] = t
			}
		return c % 2 ? v[m, k, (c + 1) / 2] : (v[m, k, c / 2] + v[m, k, c / 2 + 1]) / 2
	}
	function show(x) { return x < 0 ? "-" : sprintf("%.2f", x) }
	function ratio(m, k, q, d) { return q > 0 && d > 0 ? sprintf("%.2f", q / d) : "-" }
	END {
		printf "%-10s %8s %9s %9s %9s %9s %10s %10s %9s\n", "seconds", "native", "dbt cold", "dbt warm", "kvm warm", "qemu", "qemu/cold", "qemu/warm", "kvm/warm"
		count = split(order, items, " ")
		for (i = 1; i <= count; i++) {
			k = items[i]
			c = median("dbt-cold", k); w = median("dbt-warm", k); q = median("qemu", k); p = median("native", k); vm = median("dbt-kvm", k)
			printf "%-10s %8s %9s %9s %9s %9s %10s %10s %9s\n", k, show(p), show(c), show(w), show(vm), show(q), ratio("c", k, q, c), ratio("w", k, q, w), ratio("v", k, vm, w)
			if (k !~ /^(prompt|sh-)/ && q > 0 && c > 0) { lc += log(q / c); nc++ }
			if (k !~ /^(prompt|sh-)/ && q > 0 && w > 0) { lw += log(q / w); nw++ }
			if (k !~ /^(prompt|sh-)/ && vm > 0 && w > 0) { lv += log(vm / w); nv++ }
		}
		if (nc)
			printf "%-10s %8s %9s %9s %9s %9s %10.2f %10s %9s\n", "geo. mean", "", "", "", "", "", exp(lc / nc), nw ? sprintf("%.2f", exp(lw / nw)) : "-", nv ? sprintf("%.2f", exp(lv / nv)) : "-"
	}' "$this"
echo "(prompt: seconds from start to the shell; sh-: shell commands, not in the mean; qemu/ above 1: dbt is faster; kvm/warm: what the VM costs; every figure: $results)"
