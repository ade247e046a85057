#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Formats the files named, or all C files changed since the last commit.
set -eu
cd "$(dirname "$0")/.."
command -v clang-format >/dev/null || { echo 'fmt: clang-format is not installed (make doctor)' >&2; exit 1; }
# shellcheck disable=SC2046
[ $# -gt 0 ] || set -- $(git diff --name-only --diff-filter=d HEAD -- '*.[ch]')
[ $# -gt 0 ] || { echo 'fmt: nothing changed'; exit 0; }
clang-format -i "$@"
