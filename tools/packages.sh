# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced by setup.sh and doctor.sh: what is needed, how to see it, and the Debian package that brings it.

# name | needed for | what is not to be had without it (-: something smaller) | shell test | prints a version | package | what is lost
packages_table() {
	cat <<'TABLE'
C compiler|build|build|command -v ${CC:-gcc}|${CC:-gcc} -dumpversion|gcc|nothing builds
libc headers|build|build|have_header stdio.h|echo present|libc6-dev|nothing builds
GNU make|build|build|command -v make|make --version|make|nothing builds
binutils|build|build|command -v ld|ld --version|binutils|nothing builds
pkg-config|build|-|command -v pkg-config|pkg-config --version|pkg-config|no system call filter on dbt
libelf|build|build|have_header libelf.h|pkg-config --modversion libelf|libelf-dev|no tool builds
libseccomp|build|-|have_header seccomp.h|pkg-config --modversion libseccomp|libseccomp-dev|no system call filter on dbt
libslirp|build|pb1500|have_header slirp/libslirp.h|echo present|libslirp-dev|no network for guests
libbfd|build|run|have_header_bfd|bfd_version|binutils-dev|sbt is not built
LLVM 19|build|run|find_llvm|"$(find_llvm)" --version|llvm-19-dev|sbt is not built
git|build|-|command -v git|git --version|git|no version in -version
apt-get|run|-|command -v apt-get|apt-get --version|apt|the guest cannot be fetched (ATHANOR_GUEST=dir)
dpkg-deb|run|guest|command -v dpkg-deb|dpkg-deb --version|dpkg|the guest cannot be unpacked
cpio|run|guest|command -v cpio|cpio --version|cpio|no initial RAM disk
gzip|run|guest|command -v gzip|gzip --version|gzip|no initial RAM disk
Debian keyring|run|-|test -e /usr/share/keyrings/debian-archive-keyring.gpg|echo present|debian-archive-keyring|the guest cannot be verified
certificates|run|-|test -e /etc/ssl/certs/ca-certificates.crt|echo present|ca-certificates|mirrors over TLS cannot be used
MIPS compiler|pb1500|pb1500|command -v mipsel-linux-gnu-gcc|mipsel-linux-gnu-gcc -dumpfullversion|gcc-mipsel-linux-gnu|no boot monitor, no kernel for the Pb1500, no guest tests, no bench
Linux 6.1 source|pb1500|-|test -e /usr/src/linux-source-6.1.tar.xz|echo present|linux-source-6.1|fetched for the Pb1500's kernel
flex|pb1500|-|command -v flex|flex --version|flex|no kernel for the Pb1500
bison|pb1500|-|command -v bison|bison --version|bison|no kernel for the Pb1500
bc|pb1500|-|command -v bc|bc --version|bc|no kernel for the Pb1500
xz|pb1500|-|command -v xz|xz --version|xz-utils|no kernel for the Pb1500
bzip2|pb1500|-|command -v bzip2|bzip2 --version 2>&1 </dev/null|bzip2|no busybox for the Pb1500
MIPS libc|pb1500|-|test -e /usr/mipsel-linux-gnu/include/stdio.h|echo present|libc6-dev-mipsel-cross|no busybox for the Pb1500, no guest tests, no bench
perl|pb1500|-|command -v perl|perl -e 'print $^V'|perl|no kernel for the Pb1500
Check|check|check|have_header check.h|pkg-config --modversion check|check|no unit tests
Python|check|-|command -v python3|python3 --version|python3|no HTTP server for a guest's download, no bench of the Pb1500
QEMU for MIPS|check|-|command -v qemu-system-mipsel|qemu-system-mipsel --version|qemu-system-mips|no comparison, no bench column
QEMU for x86|check|-|command -v qemu-system-x86_64|qemu-system-x86_64 --version|qemu-system-x86|KVM of hardware is not tested where there is none
QEMU user mode|check|-|command -v qemu-mipsel|qemu-mipsel --version|qemu-user|instructions are not compared with an oracle
e2fsprogs|check|-|PATH=$PATH:/sbin:/usr/sbin command -v mkfs.ext4|PATH=$PATH:/sbin:/usr/sbin mkfs.ext4 -V 2>&1|e2fsprogs|no disk test; the Pb1500's boot test has a disk without a journal
clang 19|fuzz|fuzz|command -v clang-19|clang-19 --version|clang-19|no make fuzz
libFuzzer|fuzz|fuzz|have_libfuzzer|echo present|libclang-rt-19-dev|no make fuzz
clang-tidy|analyze|-|command -v clang-tidy-19|clang-tidy-19 --version|clang-tidy-19|make analyze skips it
cppcheck|analyze|-|command -v cppcheck|cppcheck --version|cppcheck|make analyze skips it
Valgrind|valgrind|valgrind|command -v valgrind|valgrind --version|valgrind|no make check-valgrind
clang-format|all|-|command -v clang-format|clang-format --version|clang-format|no make fmt
shellcheck|all|-|command -v shellcheck|shellcheck_version|shellcheck|make lint skips scripts
TABLE
}

have_header() { printf '#include <%s>\n' "$1" | ${CC:-gcc} -E -x c - -o /dev/null 2>/dev/null; }
have_header_bfd() { printf '#define PACKAGE "x"\n#include <bfd.h>\n' | ${CC:-gcc} -E -x c - -o /dev/null 2>/dev/null; }
have_libfuzzer() { ls /usr/lib/llvm-19/lib/clang/*/lib/*/libclang_rt.fuzzer*.a >/dev/null 2>&1; }
bfd_version() { ld --version; }
shellcheck_version() { shellcheck --version | sed -n 's/^version: //p'; }

# The program llvm-config of version 19, or else the oldest newer one.
find_llvm() {
	for v in 19 20 21 22; do
		command -v llvm-config-$v && return 0
	done
	return 1
}

# Rows for a goal: check includes pb1500 includes run includes build; fuzz, analyze and valgrind include check.
packages_for() {
	local goals
	case $1 in
	build) goals=build ;;
	run | guest) goals='build run' ;;
	pb1500 | guest-pb1500) goals='build run pb1500' ;;
	check) goals='build run pb1500 check' ;;
	fuzz | analyze | valgrind) goals="build run pb1500 check $1" ;;
	*) packages_table; return ;;
	esac
	packages_table | awk -F'|' -v goals=" $goals " 'index(goals, " " $2 " ")'
}

# Rows without which a goal is out of reach.  Tests that lack something are skipped one by one.
packages_essential() {
	local goals
	case $1 in
	guest*) goals=guest ;;
	run) goals='build guest run' ;;
	pb1500) goals='build guest run pb1500' ;;
	*) goals="build $1" ;;
	esac
	packages_table | awk -F'|' -v goals=" $goals " 'index(goals, " " $3 " ")'
}

# packages_missing <ROWS - the packages of those whose test fails
packages_missing() {
	while IFS='|' read -r _ _ _ probe _ package _; do
		eval "$probe" >/dev/null 2>&1 </dev/null || echo "$package"
	done | sort -u | paste -s -d ' '
}
