/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The guest processor: the only register file there is.  Whoever ran last, `struct cpu` is exact
 * whenever control is outside translated code (invariant I1).
 *
 * The first 256 bytes are the hot part.  Translated code holds the address of `gpr` (the address of
 * the struct plus CPU_BIAS) in a host register, so that every hot field and every guest register
 * is one signed byte of displacement away.  Offsets are asserted in isa/cpu.c; pcmap/xabi.h gives
 * them to both translators, and they are part of a translation's key.
 *
 * The processor never stops between a branch and its delay slot: the pair is one step (I3).
 */
#ifndef ATHANOR_ISA_CPU_H
#define ATHANOR_ISA_CPU_H

#include "base/types.h"
#include "isa/insn.h"

#define CPU_BIAS 128

enum cpu_tier { TIER_XO, TIER_TEMPLATE, TIER_INTERP, TIER_COUNT };

/* Exception codes of Cause.ExcCode, and pseudo-codes above 31 that choose a vector.  List: exc.def.  */
enum exc {
#define EXC(name, code, text, ref) EXC_##name = (code),
#include "isa/exc.def"
#undef EXC
	EXC_NONE = 255
};

struct cpu;
struct tlb;
struct tlb_entry;

/* A processor model: a constant row of isa/models.c.  */
struct cpu_model {
	const char *name;       /* as after -cpu */
	const char *description;
	enum isa_rev rev;
	uint32_t prid, config, config1, config2, config3, config7;
	uint32_t config_rw;     /* writable bits of Config */
	uint32_t status_rw;     /* writable bits of Status */
	uint32_t intctl;        /* reset value: IPTI, IPPCI */
	uint32_t tlb_entries;
	uint32_t pa_bits;       /* 32 or 36 */
	uint32_t count_divisor; /* Count runs at cpu clock / this */
	uint32_t clock_hz;      /* nominal cpu clock */
	uint32_t watch_pairs;
	uint32_t pagemask_rw;   /* PageMask bits that exist */
	uint32_t synci_step;    /* as RDHWR shows it */
};

/*
 * What the processor asks of its surroundings.  All are called with `struct cpu` exact (pc is the
 * address of the instruction, or of its branch if it stands in a delay slot).
 */
struct cpu_hooks {
	/* Device or unmapped physical access; @size is 1, 2 or 4 bytes, naturally aligned; the value is as the guest register sees it.  */
	uint32_t (*io_load)(struct cpu *, gpa, unsigned size);
	void (*io_store)(struct cpu *, gpa, unsigned size, uint32_t value);
	/* A store of @size bytes to RAM at @pa is about to happen and the page's PAGE_CODE flag is set.  */
	void (*code_write)(struct cpu *, gpa pa, unsigned size);
	/* CACHE, SYNCI: a hint that code at @va changed (never the only means).  May be NULL.  */
	void (*cache_hint)(struct cpu *, gva va);
	/* A mapping the guest could use is gone, or narrowed; @e is what it was; NULL: all that are not in the array may be.  */
	void (*tlb_dropped)(struct cpu *, const struct tlb_entry *e);
	/* A TLB entry was written by TLBWR or TLBWI.  May be NULL.  */
	void (*tlb_written)(struct cpu *, const struct tlb_entry *e);
	/* For whoever keeps a log; may be NULL.  An exception was entered from @pc, the instruction or the branch whose slot it stands in: CP0 and
	   c->pc are what the handler finds.  ERET was executed: c->pc is where it led.  */
	void (*exception_taken)(struct cpu *, enum exc e, gva pc);
	void (*exception_left)(struct cpu *);
	/* Status, EntryHi.ASID or Debug changed: kernel/user mode, ERL or address space may differ.  */
	void (*mode_changed)(struct cpu *);
	uint64_t (*now_ns)(struct cpu *);                   /* guest time */
	void (*timer_set)(struct cpu *, uint64_t when_ns);  /* call cpu_timer_expired() at that guest time; UINT64_MAX: never */
};

/* Guest RAM, as the processor reaches it: at most RAM_BANKS_MAX banks, page aligned, no overlap.  */
#define RAM_BANKS_MAX 4
#define PAGE_CODE 1u /* flag byte of a RAM page: translations were made from it */
#define PAGE_ROM  2u /* guest stores have no effect on memory and go to hooks->io_store */
#define PAGE_DEVICE 4u /* with PAGE_ROM: loads and fetches go to hooks->io_load.  May come and go; then interp_flush */
#define PAGE_BLANK 8u /* with PAGE_DEVICE: until the first access, which makes memory of the page */
struct ram_bank {
	gpa base;
	uint64_t size;      /* bytes; multiple of the page size */
	uint64_t offset;    /* of its first byte in the backing file */
	uint8_t *host;      /* readable and writable by the host process or the engine */
	uint8_t *flags;     /* one byte a page */
};

/*
 * What the interpreter remembers.  Pages: host addresses of RAM pages by virtual page and access; the tag holds the generation and
 * the mode in its low 12 bits, so that forgetting all of them is one addition.  Words: decoded instructions by instruction
 * word, which never go stale.
 */
#define INTERP_PAGES_LOG2 8
#define INTERP_WORDS_LOG2 10
struct interp_page { gva tag; uint8_t *host; };
struct interp_word { struct insn insn; uint32_t flags; };
struct interp_cache {
	uint32_t generation;     /* multiple of 4, 4..4092: an empty tag has 0; bits 1:0 of a tag are ERL and user mode */
	struct interp_page page[3][1u << INTERP_PAGES_LOG2]; /* by enum access */
	struct interp_word word[1u << INTERP_WORDS_LOG2];
};

struct cpu {
	/* --- hot fields: offsets fixed by xabi --- */
	uint64_t mirror;      /*   0 PC-mapping mirror of the current mode's window */
	uint64_t mem_base;    /*   8 data window of the current mode */
	uint64_t user_base;   /*  16 data window for kuseg accesses made by kernel code at marked sites */
	uint64_t host_sp;     /*  24 the engine's stack while translated code runs */
	uint32_t pc;          /*  32 next instruction; in translated code valid only where xabi says so */
	int32_t budget;       /*  36 instructions left until the next poll; a host register inside translated code */
	uint32_t lo, hi;      /*  40 44 one little-endian quadword */
	uint32_t ll_bit;      /*  48 1 between LL and whatever breaks the link */
	uint32_t ll_addr;     /*  52 LLAddr as CP0 sees it */
	uint8_t tier;         /*  56 enum cpu_tier of the translated code that runs */
	uint8_t leave;        /*  57 set by an engine service: do not go back into the block that called */
	uint8_t pad0[2];
	int32_t tier_mark;    /*  60 budget when `tier` last changed */
	uint64_t tier_insns[TIER_COUNT]; /* 64 instructions executed, by tier */
	uint32_t attention;   /*  88 written by other threads or signal handlers, relaxed atomic: look outside soon */
	uint32_t host_exc;    /*  92 why translated code was left: enum xabi_leave */
	uint64_t pad1[4];     /*  96 */
	uint32_t gpr[32];     /* 128 gpr[0] is always 0 */

	/* --- CP0 (names as in the MIPS32 privileged manual) --- */
	uint32_t index, random, entrylo0, entrylo1, context, pagemask, wired, hwrena;
	uint32_t badvaddr, entryhi, compare, status, intctl, srsctl, cause, epc;
	uint32_t ebase, config, watchlo[8], watchhi[8], debug, depc, taglo, datalo, taghi, datahi, errctl, errorepc, desave;

	uint32_t entrylo_rw;     /* writable bits of EntryLo0 and EntryLo1 */
	uint32_t count_offset;   /* Count = count_offset + guest time in Count ticks (mod 2^32) */
	uint32_t lfsr;           /* state behind Random and TLBWR */
	uint32_t slice;          /* value `budget` had at the last refill */
	uint64_t insns;          /* instructions executed before the last refill; total = insns + (slice - budget) */
	bool big_endian;
	bool stopped;            /* set by hooks to leave the run loop after this step */
	bool waiting;            /* WAIT was executed, and no interrupt has been pending since */

	struct tlb *tlb;
	const struct cpu_model *model;
	const struct cpu_hooks *hooks;
	void *owner;             /* for the hooks */
	unsigned nbanks;
	struct ram_bank bank[RAM_BANKS_MAX];

	/* --- private to isa/ --- */
	uint64_t timer_ns;       /* guest time of the next match of Count and Compare */
	uint8_t irq_lines;       /* hardware inputs: bit n is Cause.IP(2 + n) */
	bool timer_hit;          /* Count has met Compare: Cause.TI, and IP7 where there is no TI */
	struct interp_cache interp;
};

/* Status, Cause and Config bits used across modules.  */
#define ST_IE   0x00000001u
#define ST_EXL  0x00000002u
#define ST_ERL  0x00000004u
#define ST_UM   0x00000010u
#define ST_IM   0x0000ff00u
#define ST_NMI  0x00080000u
#define ST_SR   0x00100000u
#define ST_BEV  0x00400000u
#define ST_CU0  0x10000000u
#define ST_CU1  0x20000000u
#define HI_ASID 0x000000ffu
#define HI_RW   0xffffe0ffu
#define CAUSE_EXC 0x0000007cu
#define CAUSE_IP 0x0000ff00u
#define CAUSE_IV 0x00800000u
#define CAUSE_TI 0x40000000u
#define CAUSE_BD 0x80000000u

static inline bool cpu_user_mode(const struct cpu *c)
{
	return (c->status & (ST_UM | ST_EXL | ST_ERL)) == ST_UM;
}

/* An enabled interrupt is pending now.  */
static inline bool cpu_irq_ready(const struct cpu *c)
{
	return (c->status & (ST_IE | ST_EXL | ST_ERL)) == ST_IE && (c->cause & c->status & CAUSE_IP) != 0;
}

/* Instructions executed since reset; exact outside translated code.  */
static inline uint64_t cpu_insns(const struct cpu *c)
{
	return c->insns + (uint64_t)((int64_t)c->slice - c->budget);
}

const struct cpu_model *cpu_model_find(const char *name); /* NULL: unknown */
const struct cpu_model *cpu_model_at(unsigned index);     /* NULL past the end; for listings */

/**
 * cpu_init - tie a processor to its model, TLB memory and surroundings, and reset it
 * @tlb: memory of tlb_sizeof() bytes, owned by the caller, outliving @c
 * Banks are the caller's to fill, before or after.  Never fails.
 */
void cpu_init(struct cpu *c, const struct cpu_model *model, bool big_endian, struct tlb *tlb, const struct cpu_hooks *hooks, void *owner);

/**
 * cpu_resume - go on as another processor left off
 * @c:    just initialised with the same model and byte order; keeps its own surroundings: TLB memory, hooks, owner, banks
 * @from, @tlb: copies of a struct cpu and of its TLB memory, taken between two steps
 * Calls hooks->mode_changed, and hooks->timer_set for the moment that was asked for last.
 */
void cpu_resume(struct cpu *c, const struct cpu *from, const struct tlb *tlb);

/* cpu_reset - the reset exception: pc 0xbfc00000, Status BEV|ERL, TLB unspecified-but-fixed.  */
void cpu_reset(struct cpu *c);

/**
 * cpu_raise - enter an exception
 * @e:        cause; address errors and TLB exceptions set BadVAddr, Context, EntryHi from @badvaddr
 * @in_slot:  the instruction stands in a delay slot; c->pc is its branch: EPC = c->pc, Cause.BD = 1
 * @refill:   for EXC_TLBL/TLBS: no entry matched, use the refill vector when EXL was 0
 * @ce:       coprocessor number for EXC_CPU
 * Sets c->pc to the vector and calls hooks->mode_changed.
 */
void cpu_raise(struct cpu *c, enum exc e, bool in_slot, gva badvaddr, bool refill, unsigned ce);

/* cpu_interrupt - take the pending interrupt (caller checked cpu_irq_ready).  */
void cpu_interrupt(struct cpu *c);

/* cpu_set_irq - level of hardware interrupt input @n (0..5 = Cause.IP2..IP7).  */
void cpu_set_irq(struct cpu *c, unsigned n, bool level);

/* cpu_timer_expired - Count reached Compare: set Cause.TI and its IP bit, arm the next match 2^32 ticks on.  */
void cpu_timer_expired(struct cpu *c);

/* cp0_plain - offset in struct cpu of a register that MFC0 merely copies in kernel mode, on every model; -1: there is more to it.  */
int cp0_plain(unsigned reg, unsigned sel);

/* insn_plain_in_kernel - an IF_ENGINE row whose semantics need no engine when the code is known to run in kernel mode:
   MFC0 of a plain register, MTC0 to EPC, EntryHi, EntryLo0 and EntryLo1, DI, EI, CACHE.  */
bool insn_plain_in_kernel(const struct insn *i);

uint32_t cp0_read(struct cpu *c, unsigned reg, unsigned sel);
void cp0_write(struct cpu *c, unsigned reg, unsigned sel, uint32_t value);
void cpu_eret(struct cpu *c);  /* sets pc, clears ll_bit */

/* --- address translation --- */
enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_FETCH };

struct mmu_result {
	gpa pa;          /* of the very byte asked for */
	bool writable;   /* a store would succeed too */
	bool global;     /* the mapping holds for every ASID */
	bool mapped;     /* went through the TLB (not kseg0/kseg1/ERL-kuseg) */
	enum exc exc;    /* EXC_NONE: pa is valid */
	bool refill;
};

/**
 * mmu_translate - what the processor does with one address; alignment is the caller's business
 * May drop an extended TLB entry that the guest must not see (isa/tlb.h).  Never raises.
 */
void mmu_translate(struct cpu *c, gva va, enum access a, struct mmu_result *out);

/* mmu_lookup - the same as a mere look: nothing is dropped, and so nothing changes for a guest whose access then ends otherwise
   (an address error comes before a TLB exception).  Returns the extended entry mmu_translate would drop, or NULL.  */
const struct tlb_entry *mmu_lookup(const struct cpu *c, gva va, enum access a, struct mmu_result *out);

/* mmu_lookup_mapped - a mere look at what the TLB says of a load from @va in address space @asid, whatever the mode now.  */
void mmu_lookup_mapped(const struct cpu *c, gva va, uint8_t asid, struct mmu_result *out);

/* ram_at - host pointer to guest RAM at @pa, or NULL if no bank holds it.  @bank may be NULL.  */
uint8_t *ram_at(struct cpu *c, gpa pa, struct ram_bank **bank);

#endif
