#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# suites.sh FOLDER test_NAME.c... - prints the table of suites that tests/harness/main.c runs.
folder=$1
shift
echo '#include "tests/harness/suites.h"'
for f in "$@"; do
	n=$(basename "$f" .c)
	echo "Suite *${n#test_}_suite(void);"
done
echo "const char suites_folder[] = \"$folder\";"
echo 'const struct suite_row suites[] = {'
for f in "$@"; do
	n=$(basename "$f" .c)
	echo "	{ \"${n#test_}\", ${n#test_}_suite },"
done
echo '	{ 0, 0 },'
echo '};'
