/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  Our engines run in the rig of tests/engine; LLVM's code is made by the sbt program from the profile of a run with
 * template code; QEMU is a process whose guest RAM is a file.
 */
#define _GNU_SOURCE
#include "tests/fuzz-isa/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dbt-runtime/vm/translations.h"
#include "tests/engine/rig.h"
#include "tests/fuzz-isa/system.h"
#include "tests/oracle/emulator.h"

#define CAUSE_CE 0x30000000u
#define INSNS_MAX 1000000u /* of one program and what is around it: far more than a dry run allows */

static const char *const names[COLUMNS] = { "dry", "ref", "template", "kvm", "llvm", "qemu" };

const char *column_name(enum column k) { return names[k]; }

static const char *sbt_path(void)
{
	static char path[512];
	const char *bin = getenv("ATHANOR_BIN");

	snprintf(path, sizeof path, "%s/sbt", bin ? bin : "build/release/bin");
	return path;
}

const char *column_missing(enum column k, bool big_endian)
{
	static struct err e;

	if (k == COLUMN_KVM && accel_kvm.probe(&e) != ST_OK)
		return e.text;
	if (k == COLUMN_LLVM && access(sbt_path(), X_OK))
		return "sbt is not built (it needs LLVM)";
	if (k == COLUMN_QEMU && !emulator_exists(system_name(big_endian)))
		return "QEMU's system emulator is not installed";
	return NULL;
}

void outcome_free(struct outcome *o)
{
	free(o->ram);
	o->ram = NULL;
}

/* --- our engines --- */

/* What the machine that runs now has told.  */
static struct now { const struct program *p; unsigned n, at, irqs; bool inside; uint64_t began; struct outcome *out; } now;

static void port_done(struct rig *g)
{
	uint64_t insns = cpu_insns(g->cpu);

	ck_assert_uint_lt(now.at, now.n);
	if (now.inside)
		now.out->insns[now.p[now.at++].slot] = insns - now.began;
	now.inside = !now.inside;
	if (now.inside)
		g->cpu->lfsr = RANDOM_START;
	for (unsigned i = 0; i < 6; i++) /* an interrupt may have come too late to be taken */
		cpu_set_irq(g->cpu, i, false);
	now.irqs = 0;
	now.began = insns;
}

static struct rig *rig_for(enum column k, const struct image *m, const struct translations *t, bool profile)
{
	struct rig_opts o = { .big_endian = m->big_endian, .kicked = port_done, .xo = t->views, .xo_files = t->file, .nxo = t->n,
			      .profile = profile };
	struct rig *g = rig_open(k == COLUMN_REF ? &accel_ref : k == COLUMN_KVM ? &accel_kvm : &accel_inproc, &o);

	_Static_assert(RIG_RAM == IMAGE_RAM && RIG_ROM == IMAGE_ROM, "an image fits");
	memcpy(g->ram, m->ram, IMAGE_RAM + IMAGE_ROM);
	return g;
}

/* The next thing that happens from outside, as instructions from now; at most INSNS_MAX.  */
static uint64_t until_event(const struct rig *g)
{
	const uint32_t *irq = now.inside ? now.p[now.at].irq : NULL;
	uint64_t insns = cpu_insns(g->cpu), left = INSNS_MAX;

	if (g->timer_ns > insns && g->timer_ns - insns < left)
		left = g->timer_ns - insns;
	if (irq && now.irqs < ARRAY_LEN(now.p->irq) && irq[now.irqs] && irq[now.irqs] + now.began - insns < left)
		left = irq[now.irqs] + now.began - insns;
	return left;
}

static void events(struct rig *g)
{
	uint64_t insns = cpu_insns(g->cpu);

	if (insns >= g->timer_ns)
		cpu_timer_expired(g->cpu);
	for (; now.inside && now.irqs < ARRAY_LEN(now.p->irq); now.irqs++) {
		uint32_t at = now.p[now.at].irq[now.irqs];

		if (!at || now.began + at > insns)
			break;
		cpu_set_irq(g->cpu, now.irqs, true);
	}
	__atomic_store_n(&g->cpu->attention, 0, __ATOMIC_RELAXED);
}

static void run_rig(struct rig *g, const struct program *p, unsigned n, struct outcome *out)
{
	now = (struct now){ .p = p, .n = n, .out = out };
	while (rig_exit(g, until_event(g)) != EXIT_STOP) {
		if (cpu_insns(g->cpu) - now.began > INSNS_MAX) {
			snprintf(out->failed, sizeof out->failed, "program %u does not end: pc 0x%08x", now.at, g->cpu->pc);
			break;
		}
		events(g);
	}
	rig_tiers(g, 0);
	out->ended = out->failed[0] ? now.at : n;
	memcpy(out->tiers, g->cpu->tier_insns, sizeof out->tiers);
	out->io_count = g->io_count;
	out->io_hash = g->io_hash;
	out->ram = malloc(IMAGE_RAM);
	ck_assert_ptr_nonnull(out->ram);
	memcpy(out->ram, g->ram, IMAGE_RAM);
}

static void run_sbt(const char *profile, const char *xo)
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		execl(sbt_path(), "sbt", "--profile", profile, "--opt", "all", "-q", "-o", xo, (char *)NULL);
		_exit(127);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && !WEXITSTATUS(status), "sbt ended with status 0x%x", status);
}

/* The first run teaches, sbt translates, the second run counts.  */
static void run_llvm(const struct image *m, const struct program *p, unsigned n, struct outcome *out)
{
	char dir[64], profile[96], xo[96];
	const char *paths[1] = { xo };
	struct translations t = { 0 };
	struct err e = ERR_INIT;
	struct rig *g = rig_for(COLUMN_TEMPLATE, m, &t, true);

	snprintf(dir, sizeof dir, "%s/fuzz-isa-XXXXXX", P_tmpdir);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(profile, sizeof profile, "%s/profile", dir);
	snprintf(xo, sizeof xo, "%s/xo", dir);
	run_rig(g, p, n, out);
	outcome_free(out);
	ck_assert_msg(profile_save(profile, rig_engine(g), ISA_R2, &e) == ST_OK, "%s", e.text);
	rig_close(g);
	run_sbt(profile, xo);
	translations_open(&t, paths, 1, cpu_model_find("24Kc"), m->big_endian);
	ck_assert_uint_eq(t.n, 1);
	g = rig_for(COLUMN_LLVM, m, &t, false);
	run_rig(g, p, n, out);
	rig_close(g);
	translations_close(&t);
	unlink(profile);
	unlink(xo);
	rmdir(dir);
}

void column_run(enum column k, const struct image *m, const struct program *p, unsigned n, struct outcome *out)
{
	*out = (struct outcome){ 0 };
	if (k == COLUMN_QEMU) {
		system_run(m, out);
	} else if (k == COLUMN_LLVM) {
		run_llvm(m, p, n, out);
	} else {
		struct rig *g = rig_for(k, m, &(struct translations){ 0 }, false);

		run_rig(g, p, n, out);
		rig_close(g);
	}
}

/* --- comparing --- */

static const char *const log_names[LOG_WORDS] = {
	[LOG_HI] = "HI", [LOG_LO] = "LO", [LOG_CAUSE] = "Cause", [LOG_EPC] = "EPC", [LOG_BADVADDR] = "BadVAddr", [LOG_STATUS] = "Status",
	[LOG_ENTRYHI] = "EntryHi", [LOG_CONTEXT] = "Context", [LOG_INDEX] = "Index", [LOG_LO0] = "EntryLo0", [LOG_LO1] = "EntryLo1",
	[LOG_PAGEMASK] = "PageMask", [LOG_WIRED] = "Wired", [LOG_ERROREPC] = "ErrorEPC", [LOG_HWRENA] = "HWREna", [LOG_EBASE] = "EBase",
};

static char text[320];

static uint32_t word_of(const struct image *m, const struct outcome *o, gva at)
{
	struct image view = { .big_endian = m->big_endian, .ram = o->ram };

	return image_get(&view, at);
}

/* Where in the slot, in words.  */
static const char *describe(const struct image *m, const struct program *p, const struct outcome *want, const struct outcome *got,
			    unsigned off)
{
	gva s = slot_address(p->slot);
	uint32_t a = word_of(m, want, s + off), b = word_of(m, got, s + off);
	size_t n = 0;

	if (off < SLOT_END) {
		unsigned record = (off - SLOT_LOG) / (4 * LOG_WORDS), word = (off - SLOT_LOG) / 4 % LOG_WORDS;
		gva at = s + SLOT_LOG + record * 4 * LOG_WORDS;

		n = (size_t)snprintf(text, sizeof text, "exception %u (cause %08x, EPC %08x; %08x, %08x): ", record, word_of(m, want, at + 4 * LOG_CAUSE),
				     word_of(m, want, at + 4 * LOG_EPC), word_of(m, got, at + 4 * LOG_CAUSE), word_of(m, got, at + 4 * LOG_EPC));
		if (word < 32)
			n += (size_t)snprintf(text + n, sizeof text - n, "$%u", word);
		else
			n += (size_t)snprintf(text + n, sizeof text - n, "%s", log_names[word]);
	} else if (off < SLOT_CODE) {
		n = (size_t)snprintf(text, sizeof text, off < SLOT_TLB_END ? "end[%u]" : "TLB[%u]", (off & 0xff) / 4);
	} else {
		n = (size_t)snprintf(text, sizeof text, off < SLOT_DATA ? "code+%03x" : "data+%03x", off - (off < SLOT_DATA ? SLOT_CODE : SLOT_DATA));
	}
	snprintf(text + n, sizeof text - n, " is %08x, not %08x", b, a);
	return text;
}

/* What QEMU need not have in common: explained.def.  */
static uint32_t mask_of(const uint32_t *record, unsigned word, bool hidden)
{
	uint32_t code = record[LOG_CAUSE] >> 2 & 31u;

	switch (word) {
	case LOG_CAUSE:
		return (code == EXC_CPU ? ~0u : ~CAUSE_CE) & (hidden ? ~(CAUSE_TI | 0xfc00u) : ~0u);
	case LOG_BADVADDR:
		return code < EXC_MOD || code > EXC_ADES || (code == EXC_ADEL && record[LOG_EPC] & 3u) ? 0 : ~0u;
	case LOG_ENTRYHI:
		return code == EXC_ADEL || code == EXC_ADES ? 0x1fffu : ~0u;
	case LOG_INDEX:
		return record[LOG_INDEX] >> 31 ? 0x80000000u : ~0u;
	case LOG_CONTEXT:
		return code == EXC_MOD || code == EXC_TLBL || code == EXC_TLBS ? ~0u : 0xff800000u;
	default:
		return ~0u;
	}
}

/* The same word for both?  */
static bool equal_for_qemu(const struct image *m, const struct program *p, const struct outcome *a, const struct outcome *b, unsigned off)
{
	gva s = slot_address(p->slot);
	unsigned record = (off - SLOT_LOG) / (4 * LOG_WORDS), word = (off - SLOT_LOG) / 4 % LOG_WORDS;
	uint32_t x[LOG_WORDS];

	if (off >= SLOT_END)
		return false;
	for (unsigned i = 0; i < LOG_WORDS; i++)
		x[i] = word_of(m, a, s + SLOT_LOG + 4 * (record * LOG_WORDS + i));
	return !((x[word] ^ word_of(m, b, s + off)) & mask_of(x, word, p->flags & (FUZZ_ASYNC | FUZZ_TIMER)));
}

bool outcome_ended(const struct image *m, const struct program *p, const struct outcome *o)
{
	return word_of(m, o, slot_address(p->slot) + SLOT_END + 4 * END_DONE);
}

const char *outcome_difference(const struct image *m, const struct program *p, const struct outcome *want, const struct outcome *got,
			       bool qemu)
{
	gva s = slot_address(p->slot);
	const uint8_t *a = want->ram + (s - 0x80000000u), *b = got->ram + (s - 0x80000000u);

	if (!outcome_ended(m, p, got))
		return "it did not end";
	for (unsigned off = SLOT_LOG; memcmp(a + SLOT_LOG, b + SLOT_LOG, SLOT_SIZE - SLOT_LOG) && off < SLOT_SIZE; off += 4)
		if (memcmp(a + off, b + off, 4) && !(qemu && equal_for_qemu(m, p, want, got, off)))
			return describe(m, p, want, got, off);
	if (!qemu && want->insns[p->slot] != got->insns[p->slot]) {
		snprintf(text, sizeof text, "%llu instructions, not %llu", (unsigned long long)got->insns[p->slot],
			 (unsigned long long)want->insns[p->slot]);
		return text;
	}
	return NULL;
}

const char *outcome_machine_difference(const struct outcome *want, const struct outcome *got)
{
	if (want->io_count != got->io_count || want->io_hash != got->io_hash)
		return "device accesses differ";
	for (unsigned i = 0; memcmp(want->ram, got->ram, IMAGE_RAM) && i < IMAGE_RAM; i++)
		if (want->ram[i] != got->ram[i]) {
			snprintf(text, sizeof text, "memory at %08x is %02x, not %02x", i, got->ram[i], want->ram[i]);
			return text;
		}
	return NULL;
}
