/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for assembling the Malta board from the rows of malta.def: regions, wires, reset.  What its monitor does is
 * malta_boot.c.
 * Wires: 8259 INT to IP2, CBUS UART to IP4; the processor's timer (IP7) is its own affair.
 */
#include "dbt-runtime/board/malta.h"

#include <stdlib.h>

#define RAM_UNIT (UINT64_C(1) << 20)
#define UART_ISA_HZ 1843200u
#define UART_CBUS_HZ 3686400u

enum bus { BUS_PHYS, BUS_ISA };

struct row {
	enum status (*add)(struct malta *, const struct row *, struct err *);
	const char *name;
	enum bus bus;
	uint32_t base;
	int irq;
	uint32_t cfg; /* size of a hole */
};

static struct malta *self(struct board *b) { return (struct malta *)b; }

/* --- wires --- */

static struct irq wire(struct malta *m, const struct row *r)
{
	if (r->irq < 0)
		return (struct irq){ NULL, NULL, 0 };
	if (r->bus == BUS_PHYS)
		return board_cpu_wire(&m->board, (unsigned)r->irq);
	return (struct irq){ i8259_pair_set, &m->pic[0], (unsigned)r->irq };
}

/* --- rows --- */

static enum status put(struct malta *m, const struct row *r, struct dev *d, struct err *e)
{
	m->dev[m->ndevs++] = d;
	return mem_add_io(r->bus == BUS_PHYS ? m->board.map : m->isa, r->base, &d->io, e);
}

static uint8_t iack(void *opaque) { return i8259_ack(&((struct malta *)opaque)->pic[0]); }

static uint32_t other_read(void *opaque, gpa pa, unsigned width, bool pci)
{
	struct malta *m = opaque;

	return mem_load(pci ? m->pci_memory : m->local, pa, width);
}

static void other_write(void *opaque, gpa pa, unsigned width, uint32_t val, bool pci)
{
	struct malta *m = opaque;

	mem_store(pci ? m->pci_memory : m->local, pa, width, val);
}

static enum status add_gt64120(struct malta *m, const struct row *r, struct err *e)
{
	gt64120_init(&m->gt, &(struct gt64120_cfg){ .name = r->name, .base = r->base, .span = r->cfg, .big_endian = m->board.cfg.big_endian,
		.pci = &m->pci, .iack = iack, .other_read = other_read, .other_write = other_write, .opaque = m });
	return put(m, r, &m->gt.dev, e);
}

static enum status add_cfi_flash(struct malta *m, const struct row *r, struct err *e)
{
	cfi_flash_init(&m->flash, r->name, r->cfg);
	return put(m, r, &m->flash.dev, e);
}

static enum status add_malta_fpga(struct malta *m, const struct row *r, struct err *e)
{
	struct irq reset = board_request_wire(&m->board, BOARD_RESET);
	enum status s;

	malta_fpga_init(&m->fpga, r->name, m->board.cfg.big_endian, &reset);
	s = put(m, r, &m->fpga.dev, e);
	return s == ST_OK ? mem_add_io(m->board.map, r->base + MALTA_FPGA_UART + MALTA_FPGA_UART_SPAN, &m->fpga.above, e) : s;
}

static enum status add_ns16550(struct malta *m, const struct row *r, struct err *e)
{
	bool cbus = r->bus == BUS_PHYS;

	ns16550_init(&m->uart[r->cfg], &(struct ns16550_cfg){ .name = r->name, .clock = m->board.cfg.clock,
		.chardev = m->board.cfg.serial[r->cfg], .irq = wire(m, r), .hz = cbus ? UART_CBUS_HZ : UART_ISA_HZ,
		.stride_log2 = cbus ? 3 : 0, .wide = cbus });
	return put(m, r, &m->uart[r->cfg].dev, e);
}

static enum status add_i8237(struct malta *m, const struct row *r, struct err *e)
{
	i8237_init(&m->dma[r->cfg], r->name, r->cfg);
	return put(m, r, &m->dma[r->cfg].dev, e);
}

static enum status add_dma_page(struct malta *m, const struct row *r, struct err *e)
{
	dma_page_init(&m->dma_page, r->name);
	return put(m, r, &m->dma_page.dev, e);
}

static enum status add_i8259(struct malta *m, const struct row *r, struct err *e)
{
	struct i8259_cfg cfg = { .name = r->name, .elcr_name = "ELCR" };

	if (r->cfg) { /* inputs 8 and 13 are edge-triggered for good, so are 0, 1 and 2 of the master (290562, ELCR) */
		cfg.elcr_mask = 0xde;
		cfg.intr = (struct irq){ i8259_set, &m->pic[0], (unsigned)r->irq };
	} else {
		cfg.elcr_mask = 0xf8;
		cfg.intr = board_cpu_wire(&m->board, (unsigned)r->irq);
		cfg.slave = &m->pic[1];
	}
	i8259_init(&m->pic[r->cfg], &cfg);
	return put(m, r, &m->pic[r->cfg].dev, e);
}

static enum status add_elcr(struct malta *m, const struct row *r, struct err *e)
{
	m->pic[r->cfg].elcr_dev.io.name = r->name;
	return mem_add_io(m->isa, r->base, &m->pic[r->cfg].elcr_dev.io, e);
}

static enum status add_i8254(struct malta *m, const struct row *r, struct err *e)
{
	i8254_init(&m->pit, &(struct i8254_cfg){ .name = r->name, .clock = m->board.cfg.clock, .out0 = wire(m, r) });
	return put(m, r, &m->pit.dev, e);
}

static enum status add_i8042(struct malta *m, const struct row *r, struct err *e)
{
	enum status s;

	i8042_init(&m->kbc, &(struct i8042_cfg){ .name = r->name, .command_name = "8042 command", .kbd = wire(m, r),
		.aux = { i8259_pair_set, &m->pic[0], r->cfg }, .reset = board_request_wire(&m->board, BOARD_RESET) });
	s = put(m, r, &m->kbc.dev, e);
	return s == ST_OK ? mem_add_io(m->isa, r->base + 4, &m->kbc.command_dev.io, e) : s;
}

static enum status add_mc146818(struct malta *m, const struct row *r, struct err *e)
{
	mc146818_init(&m->rtc, &(struct mc146818_cfg){ .name = r->name, .clock = m->board.cfg.clock, .irq = wire(m, r),
		.base = m->board.cfg.rtc_base });
	return put(m, r, &m->rtc.dev, e);
}

static enum status add_apm(struct malta *m, const struct row *r, struct err *e) { return mem_add_io(m->isa, r->base, &m->piix4.apm.io, e); }
static enum status add_rcr(struct malta *m, const struct row *r, struct err *e) { return mem_add_io(m->isa, r->base, &m->piix4.rcr.io, e); }

static enum status add_hole(struct malta *m, const struct row *r, struct err *e)
{
	return mem_add_hole(r->bus == BUS_PHYS ? m->board.map : m->isa, r->name, r->base, r->cfg, e);
}

static const struct row rows[] = {
#define DEV(kind, name, bus, base, irq, cfg) { add_##kind, name, BUS_##bus, base, irq, cfg },
#define HOLE(name, bus, base, size) { add_hole, name, BUS_##bus, base, -1, size },
#include "dbt-runtime/board/malta.def"
};

/* --- the board --- */

static uint32_t isa_read(void *opaque, uint32_t port, unsigned width) { return mem_load(((struct malta *)opaque)->isa, port, width); }
static void isa_write(void *opaque, uint32_t port, unsigned width, uint32_t val)
{
	mem_store(((struct malta *)opaque)->isa, port, width, val);
}

static enum status add_memory(struct malta *m, struct err *e)
{
	struct mem_map *map = m->board.map;
	uint64_t size = m->board.cfg.ram_size, low = malta_low_ram(m), beyond = UINT64_C(512) << 20;
	enum status s = mem_add_ram(map, "RAM", MALTA_RAM_LOW, low, e);

	if (s == ST_OK && size > low)
		s = mem_add_ram(map, "high RAM", MALTA_RAM_HIGH, size - low, e);
	if (s == ST_OK)
		s = mem_add_alias(map, "RAM alias", MALTA_RAM_ALIAS, low, MALTA_RAM_LOW, e);
	if (s == ST_OK && size > beyond)
		s = mem_add_alias(map, "RAM alias above 512 MiB", MALTA_RAM_ALIAS2, size - beyond, MALTA_RAM_HIGH + (beyond - low), e);
	if (s == ST_OK)
		s = mem_add_rom(map, "boot ROM", MALTA_ROM, MALTA_ROM_SIZE, e);
	return s;
}

static enum status create_maps(struct malta *m, struct err *e)
{
	const struct mem_cfg isa = { .name = "I/O port", .unmapped = UINT32_MAX }, memory = { .name = "PCI memory", .unmapped = UINT32_MAX };
	const struct mem_cfg local = { .name = "GT-64120" }, map = { .name = "malta", .big_endian = m->board.cfg.big_endian };
	enum status s = mem_create(&map, &m->board.map, e);

	if (s == ST_OK)
		s = mem_create(&isa, &m->isa, e);
	if (s == ST_OK)
		s = mem_create(&memory, &m->pci_memory, e);
	if (s == ST_OK)
		s = mem_create(&local, &m->local, e);
	if (s != ST_OK)
		return s;
	mem_share_site(m->isa, m->board.map);
	mem_share_site(m->pci_memory, m->board.map);
	mem_share_site(m->local, m->board.map);
	return ST_OK;
}

static enum status add_pci(struct malta *m, struct err *e)
{
	enum status s = pci_add(&m->pci, PCI_DEVFN(0, 0), &m->gt.fn, e);

	for (unsigned i = 0; s == ST_OK && i < PIIX4_FUNCTIONS; i++)
		s = pci_add(&m->pci, PCI_DEVFN(MALTA_PIIX4_SLOT, i), &m->piix4.fn[i], e);
	return s;
}

static enum status assemble(struct malta *m, struct err *e)
{
	enum status s = create_maps(m, e);

	if (s == ST_OK)
		s = add_memory(m, e);
	pci_bus_init(&m->pci, isa_read, isa_write, m);
	piix4_init(&m->piix4, &(struct piix4_cfg){ .clock = m->board.cfg.clock, .pic = { i8259_pair_set, &m->pic[0], 0 },
		.sci = { i8259_pair_set, &m->pic[0], 9 }, .reset = board_request_wire(&m->board, BOARD_RESET),
		.poweroff = board_request_wire(&m->board, BOARD_POWEROFF) });
	for (unsigned i = 0; s == ST_OK && i < ARRAY_LEN(rows); i++)
		s = rows[i].add(m, &rows[i], e);
	if (s == ST_OK)
		s = add_pci(m, e);
	if (s == ST_OK)
		s = mem_freeze(m->isa, e);
	if (s == ST_OK)
		s = mem_freeze(m->pci_memory, e);
	if (s == ST_OK)
		s = mem_freeze(m->local, e);
	if (s == ST_OK)
		s = mem_freeze(m->board.map, e);
	return s == ST_OK ? malta_rom_write(m, e) : s;
}

static void malta_reset(struct board *b, enum reset_kind kind)
{
	struct malta *m = self(b);

	for (unsigned i = 0; i < m->ndevs; i++)
		dev_reset(m->dev[i], kind);
	piix4_reset(&m->piix4, kind);
}

static void malta_destroy(struct board *b)
{
	struct malta *m = self(b);

	if (!m)
		return;
	for (unsigned i = 0; i < m->ndevs; i++)
		dev_fini(m->dev[i]);
	mem_destroy(m->isa);
	mem_destroy(m->pci_memory);
	mem_destroy(m->local);
	mem_destroy(m->board.map);
	free(m);
}

static enum status malta_create(const struct board_cfg *cfg, struct board **out, struct err *e)
{
	struct malta *m;
	enum status s;

	if (!cfg->ram_size || cfg->ram_size % RAM_UNIT || cfg->ram_size > board_malta.max_ram)
		return err_set(e, ST_USAGE, "malta: %llu bytes of RAM: must be a multiple of 1 MiB up to %llu MiB",
			(unsigned long long)cfg->ram_size, (unsigned long long)(board_malta.max_ram >> 20));
	m = calloc(1, sizeof *m);
	if (!m)
		return err_set(e, ST_NOMEM, "malta: board");
	m->board.ops = &board_malta;
	m->board.cfg = *cfg;
	s = assemble(m, e);
	if (s != ST_OK) {
		malta_destroy(&m->board);
		return s;
	}
	malta_reset(&m->board, RESET_COLD);
	*out = &m->board;
	return ST_OK;
}

/*
 * At the top of low RAM, 64 KiB aligned, with 64 KiB free above it: the kernel puts its bootmap there, and a device tree
 * finds a place.
 */
static enum status malta_place_initrd(struct board *b, uint64_t low, uint64_t size, gpa *at, struct err *e)
{
	uint64_t top = malta_low_ram(self(b)) - 0x10000;

	if (size > top || ((top - size) & ~UINT64_C(0xffff)) < low)
		return err_set(e, ST_FULL, "%llu bytes of initial RAM disk do not fit between the kernel and the end of %llu MiB",
			(unsigned long long)size, (unsigned long long)(malta_low_ram(self(b)) >> 20));
	*at = (top - size) & ~UINT64_C(0xffff);
	return ST_OK;
}

static enum status malta_place_dtb(struct board *b, uint64_t low, uint64_t size, gpa *at, struct err *e)
{
	uint64_t top = malta_low_ram(self(b)) - 0x10000;

	if (size > 0x10000 || top < low)
		return err_set(e, ST_FULL, "%llu bytes of device tree; there is room for 65536", (unsigned long long)size);
	*at = top;
	return ST_OK;
}

const struct board_ops board_malta = {
	.name = "malta", .description = "MIPS Malta (GT-64120, PIIX4)", .default_cpu = "24Kc",
	.default_ram = UINT64_C(128) << 20, .max_ram = UINT64_C(2) << 30, .serials = MALTA_SERIALS,
	.create = malta_create, .destroy = malta_destroy, .reset = malta_reset,
	.place_initrd = malta_place_initrd, .place_dtb = malta_place_dtb, .boot = malta_boot,
};
