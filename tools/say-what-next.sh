#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Last lines of `make`: where the programs are and what to type next.
echo
for p in sbt dbt pcmap; do
	if [ -x "build/$1/bin/$p" ]; then echo "  build/bin/$p"; else echo "  build/bin/$p is not built (make doctor)"; fi
done
echo
echo 'Next:  make run      boot a Linux guest, cold then warm, to a prompt'
echo '       make check    run the tests'
echo '       make help     everything else'
