# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced: a sign of life from what takes minutes and writes to a log.

# with_progress REPORT COMMAND... - runs the command; every ten seconds REPORT SECONDS says how far it is.  The command is what stays in the
# foreground: Ctrl-C ends it, too.
with_progress() {
	local report=$1 status=0 reporter
	shift
	progress "$report" 9>&- &
	reporter=$!
	"$@" || status=$?
	kill "$reporter" 2>/dev/null
	wait "$reporter" 2>/dev/null
	return "$status"
}

# Ends with the script, too.  Its sleep keeps nobody's pipe open.
progress() {
	local start=$SECONDS
	while sleep 10 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do "$1" $((SECONDS - start)); done
}
