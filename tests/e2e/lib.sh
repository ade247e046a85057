# shellcheck shell=bash disable=SC2034
# SPDX-License-Identifier: GPL-3.0-or-later
# For the scripts beside it: counting, and machines on a console.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
BUILD=${ATHANOR_BUILD:-build/release}
BIN=${ATHANOR_BIN:-$PWD/$BUILD/bin}
GUEST=build/guest
PROMPT='athanor# '
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); echo "ok   $1"; }
fail() { failed=$((failed + 1)); echo "FAIL $1${2:+: $2}"; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }
summary() { echo "$passed passed, $failed failed, $skipped skipped"; [ "$failed" = 0 ]; exit; }

# same NAME FILE FILE - equal contents
same() {
	if cmp -s "$2" "$3"; then
		pass "$1"
	else
		fail "$1" "$2 and $3 differ:"
		diff "$2" "$3" | head -n 8 | cut -c 1-200
	fi
}

# guest_or_skip WHAT... - fetches the guest; where that cannot be, the tests named are skipped
guest_or_skip() {
	local t
	tools/fetch-guest.sh && return
	for t in "$@"; do skip "$t" 'no guest (see above)'; done
	summary
}

# pb1500_or_skip NAME OUT - monitor_or_skip, and builds the Pb1500's kernel, or takes it from where it is kept
pb1500_or_skip() {
	monitor_or_skip "$@"
	tools/guest-pb1500.sh && return
	skip "$1" 'no kernel for the Pb1500 (see above)'
	summary
}

# kvm_or_skip WHAT - can dbt make VMs here?  If not, the test named is skipped with its reason
kvm_or_skip() {
	local why
	why=$("$BIN/dbt" -accel kvm -kernel /dev/null 2>&1 </dev/null | sed -n 's/^dbt: kvm: //p')
	[ -z "$why" ] && return
	skip "$1" "$why"
	return 1
}

# kvm_is_cheap - would -accel auto take it?
kvm_is_cheap() { [ -n "${ATHANOR_SLOW_KVM-}" ] || "$BIN/dbt" -accel auto -d accel -kernel /dev/null 2>&1 </dev/null | grep -q 'auto: kvm:'; }

# console LOG SECONDS STEP... -- COMMAND...
console() {
	local log=$1 seconds=$2
	shift 2
	"$BIN/console" -q -l "$log" -m "$log.marks" -t "$seconds" "timeout=$seconds" "$@"
}

qemu_command() { # APPEND
	QEMU=(qemu-system-mipsel -M malta -cpu 24Kc -m 256 -vga none -nic none -kernel "$GUEST/vmlinuz" -initrd "$GUEST/initrd.gz"
		-append "$1" -nographic -no-reboot)
}

dbt_command() { # ACCEL APPEND OPTION...
	DBT=("$BIN/dbt" -M malta -cpu 24Kc -m 256 -accel "$1" -kernel "$GUEST/vmlinuz" -initrd "$GUEST/initrd.gz" -append "$2" -nographic)
	shift 2
	DBT+=("$@")
}

# piece LOG NAME - what tests/guest/commands.sh wrote for NAME, made comparable:
#   cpuinfo      BogoMIPS is a measurement; MIPS16e is QEMU's only
#   interrupts   counts tell the time
#   ls           sizes, dates and link counts go; so do processes in /proc; the keyboard's number counts probes, of which one may time out
#   ps           process numbers, user and time go; kernel workers come and go
#   insmod       a dummy interface has a random address; modules are loaded at addresses of chance
piece() {
	tr -d '\r' <"$1" | awk -v name="$2" '
		$0 == "### begin " name { on = 1; next }
		on && /^### end/ { exit }
		on' |
	case $2 in
	cpuinfo) grep -v '^BogoMIPS' | sed 's/^\(ASEs implemented[^:]*:\) *mips16$/\1/' ;;
	interrupts) sed -e '/^ERR/d' -e 's/^\( *[0-9A-Z]*: \) *[0-9]* */\1/' ;;
	ls) awk '
		{ gsub(/input[0-9]+/, "inputN") }
		/^\/.*:$/ { skip = $0 ~ /^\/proc\/([0-9]+|self|thread-self)[:\/]/; if (!skip) print; next }
		skip || /^total / || /^$/ { next }
		{
			where = match($0, /[A-Z][a-z][a-z] +[0-9]+ +[0-9:]+ /)
			rest = where ? substr($0, RSTART + RLENGTH) : $NF
			if (rest ~ /^[0-9]+$/ || rest ~ /^(thread-)?self ->/)
				next
			print $1, rest
		}' ;;
	ps) awk 'NR > 1 && !/kworker|irq\/|ksoftirqd/ { $1 = $2 = ""; sub(/^ *[0-9]+:[0-9][0-9] /, "  "); print }' | grep -vx "  *ps" | sort -u ;;
	insmod) sed -e 's/link\/ether [0-9a-f:]*/link\/ether X/' -e 's/ 0x[0-9a-f]*//' ;;
	*) cat ;;
	esac
}
PIECES='uname cpuinfo interrupts file sha256sum loop float gzip ls ps insmod guest-tests'

# --- the boot monitor on the Pb1500 ---
FIRMWARE=build/firmware/monitor.elf
MIPS_CC=${MIPS_CC:-mipsel-linux-gnu-gcc}
P='YAMON> '

# monitor_or_skip NAME OUT - builds the monitor, and makes OUT
monitor_or_skip() {
	exec 8>"$2.lock" # one run at a time: all write the same logs
	flock 8
	rm -rf "$2"
	mkdir -p "$2"
	[ -x "$BIN/dbt" ] || { fail "$1" 'dbt is not built'; summary; }
	command -v "$MIPS_CC" >/dev/null || { skip "$1" 'no MIPS compiler'; summary; }
	make --no-print-directory -s firmware || { fail "$1" 'the monitor does not build'; summary; }
}

monitor_machine() { # ACCEL OPTION...
	MACHINE=("$BIN/dbt" -M pb1500 -accel "$1" -bios "$FIRMWARE" -nographic)
	shift
	MACHINE+=("$@")
}

# monitor_comparable LOG - registers, and addresses in the monitor, differ with each build of it
monitor_comparable() { tr -d '\r' <"$1" | sed -e 's/^ \$.*/ $ .../' -e 's/^EPC      = 0x800[01][0-9a-f]*/EPC      = (monitor)/' -e '/^dbt: /d'; }

# transcript NAME TRANSCRIPT SECONDS - types the command lines in TRANSCRIPT on MACHINE; OUT/NAME.txt is what comparable leaves of it
transcript() {
	local name=$1 steps=(expect="$P") line
	while IFS= read -r line; do
		steps+=(send="$line" expect="$P")
	done < <(sed -n "s/^$P\(..*\)/\1/p" "$2")
	# Ctrl-A x: dbt ends, and writes what -stats asks for.
	if ! console "$OUT/$name.log" "$3" timeout=60 "${steps[@]}" type=$'\001x' eof -- "${MACHINE[@]}" 2>"$OUT/$name.err"; then
		fail "$name: each command comes back" "$(tail -n 3 "$OUT/$name.err")"
		return 1
	fi
	comparable "$OUT/$name.log" >"$OUT/$name.txt"
}

# steps NAME STEP... - a dialogue on MACHINE that must go as the steps say
steps() {
	local name=$1
	shift
	if console "$OUT/steps.log" 60 timeout=20 expect="$P" "$@" -- "${MACHINE[@]}" 2>"$OUT/steps.err" || ! grep -q '^console: ' "$OUT/steps.err"; then
		pass "$name"
	else
		fail "$name" "$(grep -a '^console: ' "$OUT/steps.err")"
	fi
}
