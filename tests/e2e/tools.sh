#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# quick: needs no guest
# The build's own checks must find what they are there for, and the console driver must tell how its program ended.
. "$(dirname "$0")/lib.sh"
OUT=$(mktemp -d)
trap 'rm -rf "$OUT"' EXIT

# --- layers: a tree of two files, one of which includes what it must not ---
tree() {
	rm -rf "$OUT/tree"
	mkdir -p "$OUT"/tree/{base,isa,emit,pcmap,sbt,tools,dbt-runtime/{engine,dev,board,vm}}
	cp tools/layers.txt "$OUT/tree/tools/"
	printf '#include <stdint.h>\n#include "base/types.h"\n' >"$OUT/tree/isa/good.c"
}
layers() { # NAME FILE INCLUDE EXPECTED-TEXT, empty: allowed
	tree
	printf '#include %s\n' "$3" >"$OUT/tree/$2"
	if tools/check-layers.sh "$OUT/tree" >"$OUT/out" 2>&1; then
		[ -z "$4" ] && pass "layers: $1" || fail "layers: $1" 'was not noticed'
	elif [ -n "$4" ] && grep -q "^$2:1: .*$4" "$OUT/out"; then
		pass "layers: $1"
	else
		fail "layers: $1" "$(head -n 1 "$OUT/out")"
	fi
}
layers 'sbt may include emit' sbt/a.c '"emit/template.h"' ''
layers 'sbt may not include the runtime' sbt/a.c '"dbt-runtime/vm/vm.h"' 'may not include'
layers 'the engine may not include sbt' dbt-runtime/engine/a.c '"sbt/lift.h"' 'may not include'
layers 'a device may not include a board' dbt-runtime/dev/a.c '"dbt-runtime/board/board.h"' 'may not include'
layers 'isa may not include emit' isa/a.c '"emit/x64.h"' 'may not include'
layers 'isa has no stdio' isa/a.h '<stdio.h>' 'no libc'
layers 'the emitter has no stdlib' emit/a.c '<stdlib.h>' 'no libc'
layers 'the view of a .xo has no libc' pcmap/xo_view.c '<stdio.h>' 'no libc'
layers 'LLVM is for sbt' pcmap/a.c '<llvm-c/Core.h>' 'only sbt'
layers 'LLVM is for sbt, which has it' sbt/lift_x.c '<llvm-c/Core.h>' ''
layers 'an unknown folder' dbt-runtime/dev/a.c '"elsewhere/a.h"' 'may not include'

# --- freestanding link ---
printf 'int printf(const char *, ...);\nint f(void);\nint f(void) { return printf("x"); }\n' | gcc -x c -c -o "$OUT/bad.o" -
printf 'int g(void);\nint g(void) { return 1; }\n' | gcc -x c -c -o "$OUT/good.o" -
if tools/check-freestanding.sh release "$OUT/all.o" "$OUT/bad.o" "$OUT/good.o" >"$OUT/out" 2>&1; then
	fail 'freestanding: a call of libc' 'was not noticed'
elif grep -qE "'(printf|puts|putchar)'" "$OUT/out"; then
	pass 'freestanding: a call of libc'
else
	fail 'freestanding: a call of libc' "$(head -n 1 "$OUT/out")"
fi
if tools/check-freestanding.sh release "$OUT/all.o" "$OUT/good.o" && [ -s "$OUT/all.o" ]; then
	pass 'freestanding: nothing to complain about'
else
	fail 'freestanding: nothing to complain about'
fi

# --- console ---
ends() { # NAME STATUS ARGUMENTS...
	local name=$1 status=$2 got
	shift 2
	timeout 60 "$BIN/console" -q -t 20 "$@" >"$OUT/out" 2>&1
	got=$?
	if [ "$got" = "$status" ]; then pass "console: $name"; else fail "console: $name" "status $got instead of $status"; fi
}
ends 'status of the program' 7 expect=hello eof -- sh -c 'echo hello; exit 7'
ends 'a text in pieces' 0 expect=abcdef eof -- sh -c 'printf abc; sleep 0.2; printf def'
ends 'lines typed' 3 expect=ready send=three eof -- sh -c 'echo ready; read x; [ "$x" = three ] && exit 3'
ends 'the program ends too early' 125 expect=never -- sh -c 'echo hello'
ends 'a text that does not come' 124 timeout=1 expect=never -- sh -c 'echo hello; sleep 30'
ends 'a program that does not end' 124 timeout=1 eof -- sh -c 'sleep 30'
ends 'texts are found in order' 125 expect=two expect=one -- sh -c 'echo one; echo two'
ends 'a program that is not there' 127 eof -- "$OUT/missing"
summary
