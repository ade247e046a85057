# SPDX-License-Identifier: GPL-3.0-or-later
# The one build file.  Sources are found by wildcard; everything generated goes to build/.
#   MODE=release|debug|asan|fuzz   build/$(MODE)/{obj,lib,bin}         V=1  show commands         T=name  one test suite
# The network is used by `setup`, `guest` and `guest-pb1500` only (and by targets that call them when something is missing).

MODE ?= release
V ?= 0
T ?=
PREFIX ?= /usr/local
DESTDIR ?=
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
ifeq ($(filter -j%,$(MAKEFLAGS)),)
JOBS := -j$(shell nproc 2>/dev/null || echo 1)
endif

ifeq ($(V),0)
Q := @
say = @printf '  %-8s %s\n' '$(1)' '$(2)';
endif

B := build/$(MODE)
ifeq ($(origin CC),default)
CC := gcc
endif
AR := ar
OBJDUMP ?= objdump
PKG_CONFIG ?= pkg-config

# --- libraries: whatever is missing is reported, and what needs it is left out ---
LLVM_CONFIG ?= $(firstword $(foreach v,19 20 21 22,$(shell command -v llvm-config-$(v) 2>/dev/null)))
LLVM_CFLAGS := $(if $(LLVM_CONFIG),-isystem $(shell $(LLVM_CONFIG) --includedir))
LLVM_LIBS := $(if $(LLVM_CONFIG),-L$(shell $(LLVM_CONFIG) --libdir) $(shell $(LLVM_CONFIG) --link-shared --libs 2>/dev/null))
SECCOMP_LIBS := $(shell $(PKG_CONFIG) --libs libseccomp 2>/dev/null)
# Its pkg-config file asks for headers of GLib, which are not needed.
SLIRP_LIBS := $(shell printf '\043include <slirp/libslirp.h>' | $(CC) -E -x c -o /dev/null - 2>/dev/null && echo -lslirp)
RUNTIME_LIBS := $(SECCOMP_LIBS) $(SLIRP_LIBS)
HOST_LIBS := -lelf
SBT_LIBS := -lbfd $(LLVM_LIBS)
CHECK_LIBS := $(shell $(PKG_CONFIG) --libs check 2>/dev/null || echo -lcheck)

MIPS_CC ?= mipsel-linux-gnu-gcc
HAVE_MIPS_CC := $(shell command -v $(MIPS_CC) 2>/dev/null)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Werror
CFLAGS_release := -O2 -g
CFLAGS_debug := -O0 -g3
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# libFuzzer is clang's: make fuzz builds with it.
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# An operation of isa/ops.h that one of its includers has no use for; what libseccomp's macros leave out.
WARN_fuzz := -Wno-unused-function -Wno-missing-field-initializers
CFLAGS ?=
CPPFLAGS := -I. -Ibuild/gen
ALL_CFLAGS := -std=gnu11 $(CFLAGS_$(MODE)) -fno-stack-protector -fno-strict-aliasing $(WARN) $(WARN_$(MODE)) $(CFLAGS)
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_fuzz := -fsanitize=address,undefined
ALL_LDFLAGS := $(LDFLAGS_$(MODE)) $(LDFLAGS)

# --- sources ---
# F: freestanding, shared by all tools and by what runs beside the guest.  base/memfn.c stands in for libc only there.
F_SRC := $(wildcard isa/*.c emit/*.c dbt-runtime/engine/*.c) $(wildcard pcmap/xo_view.c)
# What only runs inside a VM, beside the engine.  Page tables are written on both sides.
INSIDE_SRC := $(wildcard dbt-runtime/inside/*.c)
INSIDE_ONLY := $(filter-out %/pages.c,$(INSIDE_SRC))
BASE_SRC := $(filter-out base/memfn.c,$(wildcard base/*.c))
PCMAP_SRC := $(filter-out pcmap/tool.c,$(wildcard pcmap/*.c))
SBT_SRC := $(filter-out sbt/main.c,$(wildcard sbt/*.c))
RUNTIME_SRC := $(filter-out dbt-runtime/main.c $(INSIDE_ONLY) dbt-runtime/vm/sandbox_$(if $(SECCOMP_LIBS),none,seccomp).c \
	dbt-runtime/vm/net_$(if $(SLIRP_LIBS),none,slirp).c,$(wildcard dbt-runtime/*.c dbt-runtime/*/*.c))

obj = $(patsubst %.c,$(B)/obj/%.o,$(1))
lib = $(B)/lib/lib$(1).a
CORE := $(foreach l,pcmap emit isa base,$(call lib,$(l)))
RUNTIME := $(call lib,runtime) $(CORE)
SBT := $(call lib,sbt) $(CORE)

HAVE_BFD := $(shell printf '\043define PACKAGE\n\043include <bfd.h>' | $(CC) -E -x c -o /dev/null - 2>/dev/null && echo yes)
HAVE_SBT := $(if $(LLVM_CONFIG),$(HAVE_BFD))
PROGRAMS := $(if $(wildcard pcmap/tool.c),pcmap) $(if $(wildcard dbt-runtime/main.c),dbt) \
	$(if $(and $(wildcard sbt/main.c),$(HAVE_SBT)),sbt)
BINS := $(PROGRAMS:%=$(B)/bin/%)

# Tests: one program per folder that holds test_*.c; test_NAME.c defines NAME_suite().  The other .c files there are helpers,
# also for folders that include a header of theirs.  Guest programs and benchmarks are built by tools/guest-programs.sh.
TEST_DIRS := $(sort $(patsubst tests/%/,%,$(dir $(wildcard tests/*/test_*.c))))
LLVM_TEST_DIRS := sbt lift fuzz
ifndef HAVE_SBT
TEST_DIRS := $(filter-out $(LLVM_TEST_DIRS),$(TEST_DIRS))
endif
HELPER_DIRS := $(filter-out guest bench e2e golden,$(patsubst tests/%/,%,$(wildcard tests/*/)))
helpers = $(filter-out tests/harness/main.c tests/harness/console.c $(wildcard tests/$(1)/test_*.c),$(wildcard tests/$(1)/*.c))
helper_dirs = $(filter $(HELPER_DIRS),$(sort $(1) $(shell grep -hoE '"tests/[a-z0-9_-]+/' tests/$(1)/*.[ch] 2>/dev/null | cut -d / -f 2)))
TEST_BINS := $(TEST_DIRS:%=$(B)/tests/%)
CONSOLE := $(B)/bin/console

GEN := $(if $(wildcard tools/gen_decode.c),build/gen/isa/decode.inc) build/gen/isa_hash.h build/gen/version.h

# Two that build in one tree take turns.
ALONE := @mkdir -p build && tools/lock.sh build/make.lock

# $(call one_of,VARIABLE,WORD...) - before anything is built for what there is not
one_of = $(if $(filter $(2),$($(1))),,$(error $(1)=$($(1)): there are $(2)))

# --- what people type ---
.PHONY: all
all: ## build the three tools; installs missing packages first where it may
	@tools/setup.sh --if-needed build
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) programs
	@tools/say-what-next.sh $(MODE)

.PHONY: programs tests
programs: $(BINS) links $(if $(F_SRC),$(B)/engine.elf)
	$(if $(HAVE_SBT),,@echo 'note: no LLVM 19 or newer, or no bfd.h: sbt is not built (make doctor)')
tests: programs $(TEST_BINS) $(CONSOLE) $(if $(HAVE_MIPS_CC),build/firmware/monitor.elf)

.PHONY: links
links: $(BINS)
	@mkdir -p build/bin
	@for p in $(PROGRAMS); do ln -sfn ../$(MODE)/bin/$$p build/bin/$$p; done

.PHONY: run
BOARD ?= malta
BOOT ?= tftp
run: ## boot Linux: cold with a profile, translate, warm to a prompt; BOARD=malta, or BOARD=pb1500 [BOOT=tftp|flash] by its monitor
	$(call one_of,BOARD,malta pb1500)$(call one_of,BOOT,tftp flash)
	@tools/setup.sh --if-needed $(if $(filter malta,$(BOARD)),run,pb1500)
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) programs $(CONSOLE) $(if $(filter pb1500,$(BOARD)),firmware)
	@BOARD='$(BOARD)' BOOT='$(BOOT)' tools/run.sh $(B)

.PHONY: check check-quick check-asan
check: ## all tests, boots included, against QEMU where it is installed; T=name picks one suite
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) tests
	@T='$(T)' tools/check.sh $(B) $(if $(T),quick,full)
check-quick: ## the tests that need no boot (under a minute)
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) tests
	@T='$(T)' tools/check.sh $(B) quick
check-asan: ## all tests with address and undefined-behaviour sanitizers, boots on inproc and sbt included (half an hour)
	@$(MAKE) --no-print-directory MODE=asan check T='$(T)'

.PHONY: check-valgrind
check-valgrind: ## the tools under Valgrind, on good and bad inputs (ten minutes)
	@tools/setup.sh --if-needed valgrind
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) programs
	@ATHANOR_BUILD=$(B) tools/valgrind.sh

.PHONY: fuzz fuzz-corpus
FUZZ_TARGETS := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_CC ?= $(firstword $(foreach v,-19 -20 -21 -22,$(shell command -v clang$(v) 2>/dev/null)) clang)
TARGET ?= $(FUZZ_TARGETS)
SECONDS ?= 60
fuzz: ## hostile inputs: every target of tests/fuzz for SECONDS (60), or TARGET=name; findings in build/fuzz/
	@tools/setup.sh --if-needed fuzz
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) MODE=fuzz CC='$(FUZZ_CC)' fuzzers
	@tools/fuzz.sh run build/fuzz $(SECONDS) $(TARGET)
fuzz-corpus: ## keep the least that covers what make fuzz has gathered, in tests/fuzz/corpus
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) MODE=fuzz CC='$(FUZZ_CC)' fuzzers
	@tools/fuzz.sh corpus build/fuzz $(TARGET)

.PHONY: check-kvm check-kvm-nested
check-kvm: ## accelerator and engine tests under KVM
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) tests
	@T=accel tools/check.sh $(B) quick
	@ATHANOR_RIG=kvm T=engine tools/check.sh $(B) quick
check-kvm-nested: ## the same accelerator tests and a boot under an emulated AMD SVM, in qemu-system-x86_64
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) tests
	@T=kvm-nested tools/check.sh $(B) quick

.PHONY: fuzz-isa
FUZZ_ISA_PROGRAMS ?= 20000
FUZZ_ISA_SEED ?= 1
FUZZ_ISA_LLVM ?= 1000
fuzz-isa: ## random bare-metal programs in every engine and under QEMU; FUZZ_ISA_PROGRAMS=n FUZZ_ISA_SEED=n FUZZ_ISA_LLVM=n
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) tests
	@FUZZ_ISA_PRINT=1 FUZZ_ISA_PROGRAMS=$(FUZZ_ISA_PROGRAMS) FUZZ_ISA_SEED=$(FUZZ_ISA_SEED) FUZZ_ISA_LLVM=$(FUZZ_ISA_LLVM) \
		ATHANOR_BIN=$(B)/bin $(B)/tests/fuzz-isa

.PHONY: bench
bench: ## dbt cold, dbt warm and QEMU on the same guest; ROUNDS=n; BOARD=pb1500: starts, network, disk
	$(call one_of,BOARD,malta pb1500)
	@tools/setup.sh --if-needed check
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) programs $(CONSOLE) $(if $(filter pb1500,$(BOARD)),firmware)
	@$(if $(filter pb1500,$(BOARD)),tools/bench-pb1500.sh,tools/bench.sh) $(B)

.PHONY: asan debug
asan: ## build with sanitizers into build/asan
	@tools/setup.sh --if-needed build
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) MODE=asan programs
debug: ## build without optimisation into build/debug
	@tools/setup.sh --if-needed build
	$(ALONE) $(MAKE) --no-print-directory $(JOBS) MODE=debug programs

.PHONY: firmware
ifneq ($(HAVE_MIPS_CC),)
firmware: build/firmware/monitor.elf ## the boot monitor of the Pb1500, build/firmware/monitor.elf
else
firmware:
	@echo 'make firmware: no $(MIPS_CC): install gcc-mipsel-linux-gnu (make doctor)' >&2; exit 1
endif

.PHONY: lint analyze fmt doctor setup guest guest-pb1500 help
lint: $(GEN) ## layers, headers, licence lines, length, forbidden calls, style
	@CC='$(CC)' LLVM_CFLAGS='$(LLVM_CFLAGS)' tools/lint.sh
analyze: $(GEN) ## static analysis: gcc -fanalyzer, clang-tidy, cppcheck (ten minutes)
	@tools/setup.sh --if-needed analyze
	@LLVM_CFLAGS='$(LLVM_CFLAGS)' tools/analyze.sh
fmt: ## reformat with clang-format
	@tools/fmt.sh
doctor: ## each tool and library: version, whether it suffices, how to get it
	@LLVM_CONFIG='$(LLVM_CONFIG)' tools/doctor.sh
setup: ## install what is missing (apt-get, as root or through sudo -n)
	@tools/setup.sh all
guest: ## fetch the guest kernel and busybox, build the initial RAM disk into build/guest
	@tools/setup.sh --if-needed guest
	@tools/fetch-guest.sh
guest-pb1500: ## build Linux 6.1 for the Alchemy Pb1500 from Debian's source, and a RAM disk, into build/guest-pb1500 (first time: minutes)
	@tools/setup.sh --if-needed guest-pb1500
	@tools/guest-pb1500.sh
help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 26
	@echo '  variables: MODE=release|debug|asan V=1 T=suite ROUNDS=n BOARD=malta|pb1500 PREFIX=/usr/local DESTDIR=dir ATHANOR_GUEST=dir'

.PHONY: install clean
install: programs ## install tools and man pages below PREFIX
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 $(BINS) '$(DESTDIR)$(PREFIX)/bin'
	install -d '$(DESTDIR)$(PREFIX)/share/man/man1'
	install -m 644 $(PROGRAMS:%=docs/man/%.1) '$(DESTDIR)$(PREFIX)/share/man/man1'
clean: ## remove build/
	rm -rf build

# --- rules ---
STAMP := $(B)/flags
FLAGS_NOW := $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LLVM_CFLAGS) $(LLVM_LIBS)
.PHONY: FORCE
$(STAMP): FORCE
	@mkdir -p $(@D); printf '%s\n' '$(FLAGS_NOW)' | cmp -s - $@ || printf '%s\n' '$(FLAGS_NOW)' >$@

$(B)/obj/%.o: %.c $(STAMP) | $(GEN)
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(CPPFLAGS) $(OBJ_CFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<
$(B)/obj/sbt/%.o: OBJ_CFLAGS = $(LLVM_CFLAGS)
# Services of translated code run with EFLAGS.AC set: base/alignment.h.
$(call obj,$(F_SRC)): OBJ_CFLAGS = -mgeneral-regs-only -fno-tree-vectorize -fno-tree-slp-vectorize $(if $(findstring clang,$(CC)),,-fno-store-merging)
$(B)/obj/tests/lift/%.o: OBJ_CFLAGS = $(LLVM_CFLAGS)
# The engine's image is a part of dbt.
$(B)/obj/dbt-runtime/accel/kvm_image.o: OBJ_CFLAGS = -DENGINE_IMAGE='"$(B)/engine.elf"'
$(B)/obj/dbt-runtime/accel/kvm_image.o: $(B)/engine.elf
# These functions are what the compiler turns loops into.  To clang -ffreestanding says as much.
$(B)/obj/base/memfn.o: OBJ_CFLAGS = -ffreestanding $(if $(findstring clang,$(CC)),,-fno-tree-loop-distribute-patterns)

# An archive also depends on the list of its members, so that a removed source leaves it.
define archive
$(call lib,$(1)): $(call obj,$(2)) $(B)/lib/$(1).list
	$$(call say,AR,$$@)rm -f $$@ && $(AR) rcsD $$@ $(call obj,$(2))
$(B)/lib/$(1).list: FORCE
	@mkdir -p $$(@D); echo '$(2)' | cmp -s - $$@ || echo '$(2)' >$$@
endef
$(eval $(call archive,base,$(BASE_SRC)))
$(eval $(call archive,isa,$(wildcard isa/*.c)))
$(eval $(call archive,emit,$(wildcard emit/*.c)))
$(eval $(call archive,pcmap,$(PCMAP_SRC)))
$(eval $(call archive,sbt,$(SBT_SRC)))
$(eval $(call archive,runtime,$(RUNTIME_SRC)))
# What knows no hardware of the boot monitor's, for its tests.
$(eval $(call archive,firmware,$(wildcard firmware/image*.c) $(addprefix firmware/,net.c tftp.c env.c format.c line.c shell.c words.c \
	cmd_env.c cmd_help.c cmd_ping.c)))
$(foreach d,$(HELPER_DIRS),$(eval $(call archive,test-$(d),$(call helpers,$(d)))))

link = $(call say,LD,$@)mkdir -p $(@D) && $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@
$(B)/bin/pcmap: $(call obj,pcmap/tool.c) $(CORE)
	$(link) $< -Wl,--start-group $(CORE) -Wl,--end-group $(HOST_LIBS)
$(B)/bin/dbt: $(call obj,dbt-runtime/main.c) $(RUNTIME)
	$(link) $< -Wl,--start-group $(RUNTIME) -Wl,--end-group $(HOST_LIBS) $(RUNTIME_LIBS)
$(B)/bin/sbt: $(call obj,sbt/main.c) $(SBT)
	$(link) $< -Wl,--start-group $(SBT) -Wl,--end-group $(SBT_LIBS) $(HOST_LIBS) -pthread
$(CONSOLE): $(call obj,tests/harness/console.c)
	$(link) $< -lutil

# The freestanding objects, linked alone: a symbol left undefined is a call they must not make.
$(B)/engine.elf: $(call obj,$(F_SRC) $(INSIDE_SRC) $(wildcard base/memfn.c)) tools/check-freestanding.sh linker-scripts/engine.ld
	$(call say,CHECK,$@)tools/check-freestanding.sh $(MODE) $@ $(filter %.o,$^)

# Test programs.  Those of LLVM_TEST_DIRS are linked with sbt and LLVM.
define test_program
$(B)/obj/tests/$(1)/suites.c: tests/harness/suites.sh $$(wildcard tests/$(1)/test_*.c)
	@mkdir -p $$(@D); tests/harness/suites.sh $(1) $$(filter %.c,$$^) >$$@
$(B)/tests/$(1): $(call obj,$(wildcard tests/$(1)/test_*.c) tests/harness/main.c) $(B)/obj/tests/$(1)/suites.c \
		$(foreach d,$(call helper_dirs,$(1)),$(call lib,test-$(d))) $(RUNTIME) $(if $(filter $(LLVM_TEST_DIRS),$(1)),$(call lib,sbt)) \
		$(if $(filter firmware fuzz,$(1)),$(call lib,firmware))
	$$(link) $(CPPFLAGS) $$(filter %.o %.c,$$^) -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group \
		$(if $(filter $(LLVM_TEST_DIRS),$(1)),$(SBT_LIBS)) $(CHECK_LIBS) $(HOST_LIBS) $(RUNTIME_LIBS) -pthread
endef
$(foreach d,$(TEST_DIRS),$(eval $(call test_program,$(d))))

# Fuzzers: the target's function, libFuzzer's main program.
.PHONY: fuzzers
fuzzers: $(FUZZ_TARGETS:%=$(B)/bin/fuzz-%)
$(B)/bin/fuzz-%: tests/fuzz/libfuzzer/main.c $(foreach d,fuzz $(call helper_dirs,fuzz),$(call lib,test-$(d))) $(SBT) $(RUNTIME) \
		$(call lib,firmware)
	$(link) $(CPPFLAGS) -DFUZZ_TARGET=fuzz_$* -fsanitize=fuzzer $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(SBT_LIBS) \
		$(HOST_LIBS) $(RUNTIME_LIBS) -pthread

# --- the boot monitor: a program for the guest's processor ---
FW := build/firmware
FW_SRC := $(wildcard firmware/*.c firmware/*.S)
FW_OBJ := $(patsubst %,$(FW)/%.o,$(FW_SRC))
FW_FLAGS := -march=mips32 -EL -msoft-float -G0 -mno-abicalls -fno-pic -ffreestanding -nostdlib
FW_CFLAGS := -std=gnu11 -O2 -g $(FW_FLAGS) -fno-stack-protector -fno-strict-aliasing -fno-tree-loop-distribute-patterns $(WARN)

$(FW)/%.o: % Makefile
	$(call say,MIPS_CC,$<)mkdir -p $(@D) && $(MIPS_CC) -I. $(FW_CFLAGS) -MMD -MP -c -o $@ $<
$(FW)/monitor.elf: $(FW_OBJ) linker-scripts/monitor.ld
	$(call say,MIPS_LD,$@)$(MIPS_CC) $(FW_FLAGS) -static -no-pie -Wl,-T,linker-scripts/monitor.ld -Wl,--build-id=none -o $@ $(FW_OBJ)

# --- generated sources ---
HOSTCC ?= $(CC)
build/gen/gen_decode: tools/gen_decode.c $(wildcard isa/*.def isa/insn.h base/types.h)
	$(call say,HOSTCC,$<)mkdir -p $(@D) && $(HOSTCC) $(CPPFLAGS) -std=gnu11 -O1 $(WARN) -o $@ $<
build/gen/isa/decode.inc: build/gen/gen_decode
	$(call say,GEN,$@)mkdir -p $(@D) && build/gen/gen_decode >$@
ISA_HASHED := $(sort $(wildcard isa/*.[ch] isa/*.def isa/*.inc emit/*.[ch] emit/*.def pcmap/xabi* pcmap/unit.h sbt/lift*.[ch] sbt/opt.[ch]))
build/gen/isa_hash.h: $(ISA_HASHED) FORCE
	@mkdir -p $(@D); h=$$(cat $(ISA_HASHED) | sha256sum | cut -c1-64); \
	printf '/* generated */\n#define ATHANOR_ISA_HASH "%s"\n' "$$h" | tools/update-if-changed.sh $@
build/gen/version.h: FORCE
	@mkdir -p $(@D); v=$$(git describe --always --dirty 2>/dev/null || echo unknown); \
	printf '/* generated */\n#define ATHANOR_VERSION "0.1 (%s)"\n' "$$v" | tools/update-if-changed.sh $@

-include $(wildcard $(FW)/firmware/*.d)
-include $(shell [ -d $(B)/obj ] && find $(B)/obj -name '*.d')
