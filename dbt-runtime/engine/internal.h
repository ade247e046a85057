/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The engine's own structures, shared by its files and nobody else.
 *
 *   window.c     windows: which guest pages are mapped where, protection, eviction
 *   wmap.c       records of what windows show
 *   codepage.c   physical pages that hold code, virtual pages they were translated at, invalidation
 *   place.c      code cache: placing units, linking, finding a unit by host address
 *   translate.c  making code for a guest address: .xo, template, profile
 *   fault.c      what a host fault means
 *   disturb.c    fault injection
 *   engine.c     creation, hooks of the processor, the run loop
 *
 * All structures live in arrays carved from the arena at creation and name each other by index; index 0 is "none".
 */
#ifndef ATHANOR_ENGINE_INTERNAL_H
#define ATHANOR_ENGINE_INTERNAL_H

#include "dbt-runtime/engine/engine.h"
#include "dbt-runtime/engine/event.h"
#include "emit/template.h"
#include "isa/interp.h"
#include "isa/tlb.h"
#include "pcmap/profile_page.h"
#include "pcmap/xabi.h"
#include "pcmap/xo.h"

#define WINDOW_KERNEL 0u
#define WINDOW_BOOT 1u
#define WINDOW_FIRST_USER 2u

/* A guest page as one window shows it: data mapping, mirror binding, or both.  */
struct wmap {
	uint32_t pfn;            /* RAM page index */
	uint32_t vpn;            /* gva >> 12 */
	uint32_t vpage;          /* bound virtual code page: its entries are in the window's mirror; 0 none */
	uint32_t hash_next;
	uint32_t page_next, page_prev;     /* all of one physical page */
	uint32_t window_next, window_prev; /* all of one window */
	uint8_t window;
	uint8_t prot;            /* of the data mapping: enum host_prot; HOST_NONE: the page is not shown */
	bool mapped;             /* the host has a mapping here, of this page; not shown, it is kept without access */
	bool doubt;              /* a TLB entry for it has gone; whether another one says the same has not been looked at */
} COPIED_ALIGNED;

struct window {
	bool used;
	uint8_t asid;
	uint32_t first;          /* list of struct wmap; of a window without owner: what it keeps */
	uint32_t doubts;         /* pages with struct wmap.doubt: before the window is used again they are checked */
	uint32_t mapped;         /* pages with struct wmap.mapped */
	uint32_t binds;          /* mirror pages bound since the mirror's memory was given back */
	uint64_t last_used;
};

/* A physical page that translations were made from.  */
struct cpage {
	uint32_t pfn;
	uint32_t vpages;         /* list of struct vpage */
	uint32_t covered[GUEST_PAGE_WORDS / 32]; /* words some live unit was made from */
	uint16_t writes;         /* guest writes since the last translation from here */
	uint16_t drops;          /* times all translations were thrown away because the page is written often */
	uint32_t cool;           /* misses still to be interpreted before translating here again */
	bool code;               /* PAGE_CODE is set and the page is write-protected */
};

/* A physical page seen at one guest virtual page in one mode: what the mirrors show.  */
struct vpage {
	uint32_t cpage;
	uint32_t next;           /* of the same physical page */
	gva page;
	uint32_t flags;          /* UNIT_KERNEL, UNIT_MAPPED, UNIT_BE */
	uint64_t windows;        /* bit per window whose mirror is bound to this page */
	uint32_t units;          /* list of struct punit */
	uint32_t profile;        /* index of its struct profile_page, 0 none */
	uint32_t xo_asked;       /* page records of .xo files that have been asked since the page last changed, in order; XO_ALL_ASKED */
	uint32_t mirror[GUEST_PAGE_WORDS]; /* code offset of the M entry */
	uint32_t link[GUEST_PAGE_WORDS];   /* code offset of the L entry */
	uint8_t sites[GUEST_PAGE_WORDS];   /* enum site_flag, and those below */
};
#define XO_ALL_ASKED UINT32_MAX
#define SITE_RESUMED 0x40u /* a unit begins here in the middle of a block: no reason for others to end here */
#define SITE_SEEN 0x80u /* one device access or repeated fault met here: the next one makes the site SITE_SLOW */

/* A placed unit.  Ordered by code offset, because placing is sequential.  */
struct punit {
	uint32_t code, code_len; /* offset in the code cache */
	uint32_t vpage;
	uint32_t next;           /* of the same virtual page */
	uint32_t flags;          /* enum unit_flag */
	uint16_t first, nwords;
	uint32_t incoming;       /* links that lead here */
	uint32_t nfaults;
	const struct unit_fault *faults;
	bool live;
};

/* A direct jump between units.  */
struct link {
	uint32_t site;           /* offset of the rel32 in the code cache */
	uint32_t stub;           /* offset it leads to while unlinked */
	gva target;
	uint32_t from;           /* vpage the jump stands in */
	uint32_t next;           /* of the pending bucket, or of the target unit's incoming list */
};

#define WMAP_HASH_LOG2 16
#define WMAPS_MAX (1u << 17)
#define CPAGES_MAX (1u << 15)
#define VPAGES_MAX (1u << 14)
#define UNITS_MAX (1u << 20)
#define LINKS_MAX (1u << 21)
#define LINK_HASH_LOG2 16
#define FAULTS_MAX (1u << 22)
#define PROFILE_MAX (1u << 14)
#define HEAT_LOG2 16
#define SLICE 20000u         /* instructions between two looks at the clock: 10 to 20 us of translated code */
#define RAM_PAGES_MAX 0x90000u /* 2 GiB of RAM and what flash and ROM add */

struct fault_note {
	uint32_t vpage;
	uint16_t word;
	uint8_t site;            /* flag to learn, 0 none */
	bool valid;
};

struct engine {
	struct cpu *cpu;
	const struct engine_host *host;
	struct engine_stats stats;
	uint32_t log;            /* bit per log category that is on */
	bool translate, bmi2, profiling;
	bool failed;
	bool poll_due;           /* translated code came back because its next block does not fit into the budget */
	bool tail;               /* nor will it: so few instructions are left until stop_insns that they are interpreted */
	uint64_t deadline_ns, stop_insns;
	uint32_t slice;          /* instructions between two looks at the clock */
	bool interpret, xo_off;  /* engine_disturb: no translated code, no .xo, for the time being */
	uint32_t unit_flags;     /* UNIT_BE or 0: in every unit of this machine */
	const struct xo_view *const *xo;
	unsigned nxo;

	/* code cache */
	uint8_t *code;           /* writable view */
	uint32_t code_cap, code_len;
	struct xabi_stubs stubs;

	/* arrays */
	uint32_t *page_cpage;    /* RAM page -> cpage */
	uint32_t *page_wmaps;    /* RAM page -> list of wmaps */
	uint32_t npages;
	struct wmap *wmaps;      uint32_t nwmaps, free_wmap;
	uint32_t *wmap_hash;
	struct cpage *cpages;    uint32_t ncpages;
	struct vpage *vpages;    uint32_t nvpages;
	struct punit *units;     uint32_t nunits;
	struct link *links;      uint32_t nlinks;
	uint32_t *link_hash;
	struct unit_fault *faults; uint32_t nfaults;
	struct profile_page *profile; uint32_t nprofile;
	uint8_t *heat;

	struct window windows[XABI_WINDOWS_MAX];
	uint8_t asid_window[256]; /* 0: none */
	uint32_t nmapped;        /* data mappings made one by one: each may cost the host two VMAs */
	uint32_t nkept;          /* those of them that show nothing */
	uint32_t nprotected;     /* pages with struct cpage.code: likewise */
	uint64_t clock;          /* for last_used */
	unsigned user_window;    /* what user code and SITE_USER see; cpu->user_base is WINDOW_VOID while it has doubts */
	bool show;               /* the TLB has been given an entry for the address that was missed last: */
	gva show_va;
	bool show_store;         /* and the access was a store */
	bool again;              /* the next instruction runs into the same exception once more: a host fault would only say what is known */

	struct fault_note note;
	struct run run;          /* scratch */
	struct unit scratch;
	insn_word words[GUEST_PAGE_WORDS];
};

static inline uint64_t window_data(unsigned w) { return XABI_WINDOW_BASE + w * XABI_WINDOW_STRIDE + XABI_WINDOW_DATA; }
static inline uint64_t window_mirror(unsigned w) { return XABI_WINDOW_BASE + w * XABI_WINDOW_STRIDE + XABI_WINDOW_MIRROR; }

/* Between data and mirror of window 0: nothing is ever mapped for 4 GiB from here on.  */
#define WINDOW_VOID (XABI_WINDOW_BASE + 0x280000000ull)

static inline uint64_t page_addr(unsigned w, uint32_t vpn) { return window_data(w) + ((uint64_t)vpn << GUEST_PAGE_LOG2); }

static inline bool gva_unmapped_seg(gva a) { return a >= 0x80000000u && a < 0xc0000000u; }

static inline bool event_on(const struct engine *e, enum event_kind k) { return e->log >> event_category(k) & 1u; }

/* Tell the log, if it wants to know.  Inlined so that an event which nobody wants to know costs a test and is not even put together.  */
static inline __attribute__((always_inline)) void event_put(struct engine *e, struct engine_event v)
{
	if (__builtin_expect(event_on(e, (enum event_kind)v.kind), 0))
		e->host->log(e->host->opaque, &v);
}

/* The same with the number of a RAM page's frame for arg[0].  */
void event_put_page(struct engine *e, uint32_t pfn, struct engine_event v);

/* Units killed since stats.units_disabled was @before.  */
static inline uint32_t killed_since(const struct engine *e, uint64_t before) { return (uint32_t)(e->stats.units_disabled - before); }

/* --- wmap.c --- */
uint32_t wmap_find(const struct engine *e, unsigned w, uint32_t vpn); /* 0: there is none */
uint32_t wmap_new(struct engine *e, unsigned w, uint32_t vpn, uint32_t pfn); /* 0: out of records */
/* The record says @pfn from now on; the caller maps it, or drops the record.  */
void wmap_repoint(struct engine *e, uint32_t i, uint32_t pfn);
void wmap_unbind(struct engine *e, struct wmap *m);
/* Its TLB entry has gone: before its window is used it must be checked; it is found at the front of the window's list / it need not.  */
void wmap_doubt(struct engine *e, uint32_t i);
void wmap_trust(struct engine *e, struct wmap *m);
/* The host has no mapping for it any more.  */
void wmap_unmapped(struct engine *e, struct wmap *m);
/* Unlink from all lists; the host side has been undone.  */
void wmap_free(struct engine *e, uint32_t i);
/* Take one page out of a window altogether.  */
void wmap_drop(struct engine *e, uint32_t i);

/* --- window.c --- */
bool windows_init(struct engine *e);
/* Point cpu->mem_base, user_base and mirror at the windows of the current mode and ASID.  */
void windows_select(struct engine *e);
/* A TLB mapping is gone: so are its pages from every window, if no other mapping says the same.  In user windows they are only marked,
   because most are not looked at again, and what a kernel drops it often writes anew: nothing leads there before windows_settle.  */
void windows_drop(struct engine *e, const struct tlb_entry *t);
/* Check what has been marked in the current user window.  */
void windows_settle(struct engine *e);
void windows_drop_all(struct engine *e);
/* Show the page of @va in window @w for @store or load; false: not RAM, or write-protected code, or out of host mappings.
   The translation @r has succeeded.  */
bool window_map(struct engine *e, unsigned w, gva va, const struct mmu_result *r, bool store);
/* Show the page that a handler of the guest has just supplied for an access @a, instead of at the fault that would follow.  False: it has
   supplied none, and the access will raise an exception.  */
bool window_show(struct engine *e, gva va, enum access a);
/* Bind the mirror page of @va in window @w to @vpage.  */
void window_bind(struct engine *e, unsigned w, gva va, uint32_t vpage);
/* Make every mapping of a RAM page read-only (false: the host is out of mappings; stores may fault, nothing else has changed) /
   let kseg0 write it again.  */
bool window_protect(struct engine *e, uint32_t pfn);
void window_unprotect(struct engine *e, uint32_t pfn);
/* Is an access to @pa a device's, and will the next one be?  Stores to what only reads as memory are.  */
bool window_device(const struct engine *e, gpa pa, bool store);
/* If a device answers at @pa now: no window shows the page any more, and nothing translated from it is left.  */
void window_hide(struct engine *e, gpa pa);
/* Give host mappings back: those of the address space used longest ago; if there is no other, the current one's and the kernel's.
   Slots stay with their owners, so translated code may be running.  False: there was nothing to give.  */
bool windows_evict(struct engine *e);
/* The window that shows @va to the code that runs now; false: none may.  */
bool window_of(struct engine *e, gva va, unsigned *w);
/* RAM page index of a physical address; false: no RAM, or a device answers in its place for now (PAGE_DEVICE).  */
bool ram_pfn(const struct engine *e, gpa pa, uint32_t *pfn);
uint8_t *pfn_host(const struct engine *e, uint32_t pfn, struct ram_bank **bank, uint32_t *index);

/* --- codepage.c --- */
uint32_t vpage_get(struct engine *e, uint32_t pfn, gva page, uint32_t flags);
uint32_t vpage_find(const struct engine *e, uint32_t pfn, gva page, uint32_t flags);
bool codepage_protect(struct engine *e, struct cpage *c);   /* false: the host is out of mappings */
void codepage_written(struct engine *e, uint32_t pfn, unsigned offset, unsigned size);
void codepage_drop(struct engine *e, struct cpage *c);   /* every translation of the page */
void unit_kill(struct engine *e, uint32_t unit);
void codepage_recover_cover(struct engine *e, struct cpage *c);

/* --- place.c --- */
bool place_init(struct engine *e, const struct xabi_services *svc);
/* Place @u (relocs complete) for @vpage; false: the cache is full, or too many pages are protected; nothing was done.  */
bool place_unit(struct engine *e, const struct unit *u, uint32_t vpage);
void place_unlink(struct engine *e, struct punit *u);
uint32_t place_find(const struct engine *e, uint32_t code_off); /* unit that holds the host address, 0 none */
void cache_flush(struct engine *e);

/* --- translate.c --- */
/* Code for cpu->pc: its offset in the code cache, or 0: interpret.  */
uint32_t code_for_pc(struct engine *e);
void profile_sample(struct engine *e, gva pc);
void site_learn(struct engine *e, uint32_t vpage, unsigned word, uint8_t flag);

#endif
