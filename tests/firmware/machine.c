/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Responsible for machine.h.  */
#include "tests/firmware/machine.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "isa/interp.h"
#include "isa/tlb.h"

#include "firmware/pb1500.h" /* macros: behind the headers of the host's devices, which use the same names */

#define MONITOR "build/firmware/monitor.elf"
#define LOOK 64u               /* steps between two looks at timers and wires */
#define NAP_NS UINT64_C(1000000000)
#define NAPS_MAX 8u
#define ANSWER_INSNS 20000000u /* eighty seconds of the board's */

static struct machine *owner(struct cpu *c) { return c->owner; }

static uint64_t now(struct machine *m) { return m->rig.time.now = m->insns << MACHINE_NS_LOG2; }

/* --- the processor's surroundings --- */

static uint32_t io_load(struct cpu *c, gpa pa, unsigned size)
{
	now(owner(c));
	return mem_load(owner(c)->rig.map, pa, size);
}

/* What the console has put out since.  */
static void listen(struct machine *m)
{
	struct fake_serial *s = &m->rig.serial[0];

	for (size_t i = 0; i < s->out_n; i++) {
		if (m->nsaid == sizeof m->said - 1) {
			memmove(m->said, m->said + m->nsaid / 2, m->nsaid - m->nsaid / 2);
			m->nsaid -= m->nsaid / 2;
		}
		if (s->out[i] != '\r')
			m->said[m->nsaid++] = (char)s->out[i];
	}
	s->out_n = 0;
	m->said[m->nsaid] = 0;
}

static void io_store(struct cpu *c, gpa pa, unsigned size, uint32_t value)
{
	now(owner(c));
	mem_store(owner(c)->rig.map, pa, size, value);
	if (owner(c)->rig.serial[0].out_n)
		listen(owner(c));
}

static void code_write(struct cpu *c, gpa pa, unsigned size)
{
	(void)c;
	(void)pa;
	(void)size;
}

static void tlb_entry(struct cpu *c, const struct tlb_entry *e)
{
	(void)c;
	(void)e;
}

static void mode_changed(struct cpu *c) { (void)c; }
static uint64_t now_ns(struct cpu *c) { return now(owner(c)); }

static void cpu_timer(struct cpu *c, uint64_t when) /* the monitor does not use the processor's timer */
{
	(void)c;
	(void)when;
}

static const struct cpu_hooks hooks = {
	.io_load = io_load, .io_store = io_store, .code_write = code_write, .tlb_dropped = tlb_entry, .tlb_written = tlb_entry,
	.mode_changed = mode_changed, .now_ns = now_ns, .timer_set = cpu_timer,
};

static void ram_changes(void *opaque, gpa pa, uint64_t len)
{
	(void)pa;
	(void)len;
	interp_flush(opaque);
}

/* --- life --- */

static uint32_t symbol(const struct machine *m, const char *name)
{
	for (unsigned i = 0; i < m->elf->nsymbols; i++)
		if (!strcmp(m->elf->symbols[i].name, name))
			return m->elf->symbols[i].value;
	ck_abort_msg("%s: no symbol %s", MONITOR, name);
	return 0;
}

bool machine_open(struct machine *m)
{
	struct err e = ERR_INIT;

	memset(m, 0, sizeof *m);
	if (elf32_open(MONITOR, &m->elf, &e) != ST_OK)
		return false;
	rig_init_board(&m->rig, &board_pb1500, MACHINE_RAM, false);
	m->rig.board->ops->reset(m->rig.board, RESET_COLD);
	for (unsigned i = 0; i < m->elf->nsegments; i++) {
		const struct elf32_segment *s = &m->elf->segments[i];

		ck_assert_int_eq(mem_write(m->rig.map, s->paddr & PHYS_MASK, s->bytes, s->filesz, &e), ST_OK);
	}
	m->text = symbol(m, "image_start");
	m->text_end = symbol(m, "text_end");
	m->cpu.nbanks = mem_banks(m->rig.map);
	for (unsigned i = 0; i < m->cpu.nbanks; i++)
		mem_bank(m->rig.map, i, &m->cpu.bank[i]);
	cpu_init(&m->cpu, cpu_model_find("au1500"), false, malloc(tlb_sizeof()), &hooks, m);
	mem_set_notify(m->rig.map, ram_changes, &m->cpu);
	return true;
}

void machine_close(struct machine *m)
{
	mem_set_notify(m->rig.map, NULL, NULL);
	rig_fini(&m->rig);
	free(m->cpu.tlb);
	elf32_close(m->elf);
}

/* --- running --- */

/* As fast as a line of the usual speed is: what does not fit waits.  */
static void type_some(struct machine *m)
{
	struct fake_serial *s = &m->rig.serial[0];

	if (s->in_at == s->in_n && m->nkeys) {
		s->in[0] = (uint8_t)*m->keys++;
		s->in_at = 0;
		s->in_n = 1;
		m->nkeys--;
	}
	if (s->in_at < s->in_n)
		chardev_input(&s->chardev);
}

static void look_around(struct machine *m)
{
	now(m);
	if (clock_next_deadline(&m->rig.time.clock) <= m->rig.time.now)
		clock_run_due(&m->rig.time.clock);
	if (m->around)
		m->around(m);
	type_some(m);
	for (unsigned i = 0; i < ARRAY_LEN(m->rig.cpu_line); i++)
		cpu_set_irq(&m->cpu, i, m->rig.cpu_line[i]);
}

/* The processor sleeps.  True: nothing will wake it but a key, or nothing for a long time.  */
static bool sleeps(struct machine *m)
{
	for (unsigned naps = 0; naps < NAPS_MAX; naps++) {
		uint64_t due = clock_next_deadline(&m->rig.time.clock);

		look_around(m);
		if (m->cpu.cause & m->cpu.status & CAUSE_IP) {
			m->cpu.waiting = false;
			return false;
		}
		if (due == CLOCK_NEVER || due > m->rig.time.now + NAP_NS)
			return !m->nkeys;
		m->insns = (due >> MACHINE_NS_LOG2) + 1;
	}
	return !m->nkeys;
}

/* The start in flash, the vectors, or the image in RAM.  */
static bool is_monitor(const struct machine *m, gva pc)
{
	return pc - 0x80000000u < VECTORS_SIZE || (pc >= m->text && pc < m->text_end) || pc - 0xbfc00000u < FLASH_BLOCK;
}

/* False: it does not come to wait for a key.  */
static bool run(struct machine *m, uint64_t insns)
{
	uint64_t end = m->insns + insns;
	struct cpu *c = &m->cpu;

	while (m->insns < end) {
		look_around(m);
		if (c->waiting && sleeps(m))
			return true;
		for (unsigned i = 0; i < LOOK && !c->waiting; i++) {
			if (cpu_irq_ready(c))
				cpu_interrupt(c);
			m->insns += interp_step(c);
			if (!is_monitor(m, c->pc))
				return false;
		}
		if (m->rig.resets)
			return false;
	}
	return false;
}

const char *machine_says(struct machine *m, const char *line)
{
	static const char prompt[] = "YAMON> ";

	m->nsaid = 0;
	m->keys = line;
	m->nkeys = strlen(line);
	if (!run(m, ANSWER_INSNS) || m->nsaid < sizeof prompt - 1)
		return NULL;
	return !strcmp(m->said + m->nsaid - (sizeof prompt - 1), prompt) ? m->said : NULL;
}
