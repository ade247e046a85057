/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A bare machine around an accelerator: RAM, a ROM, a few device registers, virtual time that is the number of instructions
 * executed.  The same program runs on `ref` and on `inproc`, and everything the guest could see is compared.
 */
#ifndef ATHANOR_TESTS_ENGINE_RIG_H
#define ATHANOR_TESTS_ENGINE_RIG_H

#include <check.h>

#include "dbt-runtime/accel/accel.h"
#include "dbt-runtime/engine/internal.h"
#include "pcmap/xo_file.h"
#include "tests/engine/asm.h"

#define RIG_RAM 0x1000000u
#define RIG_ROM_PA 0x1fc00000u
#define RIG_ROM 0x10000u
#define RIG_CODE 0x80010000u   /* where programs start */
#define RIG_DATA 0x80100000u
#define RIG_PTES 0x80800000u   /* page tables of the refill handler */
#define RIG_REFILLS 0x80000f00u /* word: refills taken */
#define RIG_LOG 0x80f00000u    /* records of the general handler: Cause, EPC, BadVAddr, Status */
#define RIG_LOG_AT 0x80000f04u /* word: where the next record goes */

#define RIG_FLASH_QUERY 0x98u  /* loads and fetches ask the device, which answers as any address without a register does */
#define RIG_FLASH_ARRAY 0xf0u  /* and no longer */
#define RIG_FLASH_BANK 0x8000u  /* there are two */
#define RIG_FLASH_BLANK 0xc000u /* from here on nobody has looked at it: PAGE_BLANK */

/* Device registers, physical.  */
#define DEV 0x1f000000u
#define DEV_KSEG1 0xbf000000u
#define DEV_STOP 0x00          /* store: the run is over */
#define DEV_COUNTER 0x04       /* load: 1, 2, 3 ... */
#define DEV_LINES 0x0c         /* store: levels of the hardware interrupt inputs */
#define DEV_KICK 0x10          /* store: the outside wants attention */
#define DEV_DMA 0x14           /* store: physical address to which the device writes DEV_DMA_WORD */
#define DEV_DMA_WORD 0x18

struct rig;

struct rig_opts {
	bool big_endian;
	const char *model;           /* NULL: 24Kc */
	unsigned ram_size;           /* 0: RIG_RAM */
	const struct xo_view *const *xo;
	struct xo_file *const *xo_files; /* of these views */
	unsigned nxo;
	const struct xo_tables *(*xo_read)(void *rig, unsigned file, uint32_t page); /* NULL: what stands in xo_files */
	bool profile;
	bool flash;                  /* the ROM takes words as commands: RIG_FLASH_QUERY, RIG_FLASH_ARRAY, others are programmed */
	bool misaligned;             /* each store to a device makes it access misaligned data of the host */
	unsigned code_room;          /* bytes of code cache; 0: all of it */
	void (*kicked)(struct rig *);                   /* at each DEV_KICK */
	void (*created)(struct rig *);                  /* the engine is there, the program too */
	uint64_t slice_ns;           /* how far the deadlines lie apart; 0: 1 ms of guest time, i.e. 1,000,000 instructions */
	uint64_t insns_max;          /* 0: 20 million */
};

struct rig {
	struct rig_opts opts;
	struct cpu *cpu;
	const struct accel_ops *ops;
	struct accel_cfg cfg;
	struct accel *accel;
	int fd;
	unsigned ram_size;
	uint8_t *ram, *rom, *flags, *rom_flags;
	uint64_t timer_ns, skipped_ns;    /* skipped: time that passed in WAIT */
	uint64_t io_hash, io_count;
	uint32_t counter, dma_word;
	struct xo_tables tables;          /* read last */
	unsigned xo_reads[4];             /* by file */
	unsigned exits[8], waits;
	bool is_ref;
};

/* Assembles words at physical @pa that will run at @va.  */
struct code { struct rig *g; gpa pa; gva va; };

struct rig *rig_open(const struct accel_ops *ops, const struct rig_opts *o); /* kernel mode, pc = RIG_CODE, Status 0 */
void rig_close(struct rig *g);
void rig_migrate(struct rig *g, const struct accel_ops *to);
enum accel_exit rig_exit(struct rig *g, uint64_t ns); /* one run of the accelerator, for @ns at most */
void rig_interpret(struct rig *g, uint64_t insns);    /* ref: step by step until so many have been executed since reset */
void rig_run(struct rig *g);           /* until DEV_STOP; fails the test after insns_max instructions or on an internal error */
uint32_t rig_get(const struct rig *g, gva kseg);
void rig_put(struct rig *g, gva kseg, uint32_t word);

/* The two vectors: a refill handler over RIG_PTES, and a general one that writes a record, then resumes at s7; or stops if s7 is 0 or
   for SYSCALL with v0 = RIG_SYS_STOP.  Both keep to k0, k1.  */
#define RIG_SYS_STOP 0x5709u
void rig_handlers(struct rig *g);
/* The same with a general handler that always resumes at s7, in kernel mode.  */
void rig_handlers_to_kernel(struct rig *g);
/* What the refill handler finds for the page pair of @va (bits 18:13 count) in @asid.  */
void rig_pte(struct rig *g, uint8_t asid, gva va, uint32_t lo0, uint32_t lo1);
gva rig_pte_address(uint8_t asid, gva va);
#define LO(pa, bits) ((uint32_t)((pa) >> 12 << 6) | (bits))

struct code code_at(struct rig *g, gva kseg);
struct code code_mapped(struct rig *g, gpa pa, gva va);
gva code_put(struct code *c, insn_word w);                    /* returns its address */
void code_li(struct code *c, unsigned reg, uint32_t value);   /* always two words */
gva code_branch(struct code *c, insn_word branch, gva target);
gva code_forward(struct code *c, insn_word branch);           /* target to come */
void code_land(struct code *c, gva branch);                   /* the branch at @branch (same page table position) leads here */
void code_stop(struct code *c);                               /* kernel mode */
void code_sys_stop(struct code *c);                           /* any mode, with rig_handlers */
#define EMIT(c, ...) code_emit(c, sizeof((insn_word[]){ __VA_ARGS__ }) / 4, (insn_word[]){ __VA_ARGS__ })
void code_emit(struct code *c, unsigned n, const insn_word *words);

/* Run @build's program on `ref` and on @ops (pair_run: what the environment calls ATHANOR_RIG, else `inproc`); everything the guest can
   see must be equal.  Both stay open for more questions.  */
struct pair { struct rig *ref, *in; };
typedef void build_fn(struct rig *g);
struct pair pair_run_on(const struct accel_ops *ops, build_fn *build, const struct rig_opts *o);
struct pair pair_run(build_fn *build, const struct rig_opts *o);
void pair_close(struct pair *p);
void rig_compare_cpu(const struct rig *a, const struct rig *b); /* registers and counts */
void rig_compare(const struct rig *a, const struct rig *b);
/* The tiers of @g add up to what was executed; @least of it as translated code.  */
void rig_tiers(const struct rig *g, uint64_t least);
struct engine *rig_engine(const struct rig *g);

#endif
