/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for assembling the Pb1500 board from the rows of pb1500.def: regions, wires, reset.  What its monitor does is
 * pb1500_boot.c, or the monitor.
 * Wires: IC0 to IP2 and IP3, IC1 to IP4 and IP5; the processor's timer (IP7) is its own affair.
 */
#include "dbt-runtime/board/pb1500.h"

#include <stdio.h>
#include <stdlib.h>

#define RAM_UNIT (UINT64_C(1) << 20)
#define UART_HZ 99000000u /* half of the system bus at 198 MHz */

/* Inputs that are active low, or pulled up: PCI INTA-D and USB host of IC0; every pin of IC1.  */
#define IC0_IDLE 0x04000036u
#define PINS_IDLE 0xffffffffu
/* GPIO 0-15, 20, 23-28 are inputs of IC1 of the same number.  */
#define GPIO1_TO_IC1 0x1f90ffffu

enum { TOY_MATCH0 = 15, RTC_MATCH0 = 19 }; /* of IC0 */

#define NO_IRQ (-1)
#define LOW_FLAG 0x100
#define IC0(n) (n)
#define IC1(n) (32 + (n))
#define GPIO2(n) (64 + (n))
#define LOW(irq) ((irq) | LOW_FLAG)

struct row {
	enum status (*add)(struct pb1500 *, const struct row *, struct err *);
	const char *name;
	gpa base;
	int irq;
	uint64_t cfg; /* size of a hole */
};

static struct pb1500 *self(struct board *b) { return (struct pb1500 *)b; }

/* --- wires --- */

static struct irq wire(struct pb1500 *m, int irq)
{
	if (irq < 0)
		return (struct irq){ NULL, NULL, 0 };
	if (irq & GPIO2(0))
		return (struct irq){ irq & LOW_FLAG ? au1x00_gpio2_set_low : au1x00_gpio2_set, &m->gpio2, (unsigned)irq & 31 };
	return (struct irq){ irq & LOW_FLAG ? au1x00_ic_set_low : au1x00_ic_set, &m->ic[irq >> 5 & 1], (unsigned)irq & 31 };
}

static void gpio(void *opaque, unsigned pin, bool level)
{
	struct pb1500 *m = opaque;

	if (GPIO1_TO_IC1 >> pin & 1)
		au1x00_ic_set(&m->ic[1], pin, level);
}

/* --- rows --- */

static enum status put(struct pb1500 *m, const struct row *r, struct dev *d, struct err *e)
{
	m->dev[m->ndevs++] = d;
	return mem_add_io(m->board.map, r->base, &d->io, e);
}

static enum status add_ic(struct pb1500 *m, const struct row *r, struct err *e)
{
	unsigned n = (unsigned)r->cfg;

	au1x00_ic_init(&m->ic[n], &(struct au1x00_ic_cfg){ .name = r->name, .idle = n ? PINS_IDLE : IC0_IDLE,
		.req = { board_cpu_wire(&m->board, 2 * n), board_cpu_wire(&m->board, 2 * n + 1) } });
	return put(m, r, &m->ic[n].dev, e);
}

static enum status add_sys(struct pb1500 *m, const struct row *r, struct err *e)
{
	struct au1x00_sys_cfg cfg = { .name = r->name, .clock = m->board.cfg.clock, .rtc_base = m->board.cfg.rtc_base,
		.big_endian = m->board.cfg.big_endian, .gpio = { gpio, m, 0 }, .pins_idle = PINS_IDLE };

	for (unsigned i = 0; i < AU1X00_SYS_MATCHES; i++) {
		cfg.match[AU1X00_TOY][i] = wire(m, IC0(TOY_MATCH0 + (int)i));
		cfg.match[AU1X00_RTC][i] = wire(m, IC0(RTC_MATCH0 + (int)i));
	}
	au1x00_sys_init(&m->sys, &cfg);
	return put(m, r, &m->sys.dev, e);
}

static enum status add_uart(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_uart_init(&m->uart[r->cfg], &(struct ns16550_cfg){ .name = r->name, .clock = m->board.cfg.clock,
		.chardev = m->board.cfg.serial[r->cfg], .irq = wire(m, r->irq), .hz = UART_HZ });
	return put(m, r, &m->uart[r->cfg].core.dev, e);
}

static enum status add_bcsr(struct pb1500 *m, const struct row *r, struct err *e)
{
	pb1500_bcsr_init(&m->bcsr, &(struct pb1500_bcsr_cfg){ .name = r->name, .hex_name = "hex LEDs", .big_endian = m->board.cfg.big_endian,
		.reset = board_request_wire(&m->board, BOARD_RESET), .poweroff = board_request_wire(&m->board, BOARD_POWEROFF) });
	return put(m, r, &m->bcsr.dev, e);
}

static enum status add_bcsr_hex(struct pb1500 *m, const struct row *r, struct err *e) { return put(m, r, &m->bcsr.hex, e); }

static enum status add_gpio2(struct pb1500 *m, const struct row *r, struct err *e)
{
	struct irq ic1 = wire(m, IC1(0));

	au1x00_gpio2_init(&m->gpio2, r->name, &ic1);
	return put(m, r, &m->gpio2.dev, e);
}

static enum status add_ac97(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_ac97_init(&m->ac97, r->name);
	return put(m, r, &m->ac97.dev, e);
}

static enum status add_usbh(struct pb1500 *m, const struct row *r, struct err *e)
{
	struct irq irq = wire(m, r->irq);

	au1x00_usbh_init(&m->usbh, r->name, m->board.cfg.clock, &irq);
	return put(m, r, &m->usbh.dev, e);
}

static enum status add_sdram(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_sdram_init(&m->sdram, r->name);
	return put(m, r, &m->sdram.dev, e);
}

static enum status add_static(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_static_init(&m->chips, r->name);
	return put(m, r, &m->chips.dev, e);
}

static enum status add_dma(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_dma_init(&m->dma, r->name);
	return put(m, r, &m->dma.dev, e);
}

static uint8_t *borrow(void *opaque, gpa pa, uint64_t len, bool write)
{
	return mem_borrow(((struct pb1500 *)opaque)->board.map, pa, len, write);
}

static enum status add_mac(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1000_mac_init(&m->mac[r->cfg], &(struct au1000_mac_cfg){ .name = r->name, .clock = m->board.cfg.clock, .irq = wire(m, r->irq),
		.memory = { borrow, m }, .nic = m->board.cfg.nic[r->cfg] });
	return put(m, r, &m->mac[r->cfg].dev, e);
}

/* A part of a MAC, which resets and ends it; here it gets its name.  */
static enum status put_part(struct pb1500 *m, const struct row *r, struct dev *d, struct err *e)
{
	d->name = d->io.name = r->name;
	return mem_add_io(m->board.map, r->base, &d->io, e);
}

static enum status add_mac_enable(struct pb1500 *m, const struct row *r, struct err *e)
{
	return put_part(m, r, &m->mac[r->cfg].enable_dev, e);
}

static enum status add_mac_dma(struct pb1500 *m, const struct row *r, struct err *e) { return put_part(m, r, &m->mac[r->cfg].dma_dev, e); }

static enum status add_pci(struct pb1500 *m, const struct row *r, struct err *e)
{
	au1x00_pci_init(&m->pci, r->name);
	return put(m, r, &m->pci.dev, e);
}

static enum status add_pci_memory(struct pb1500 *m, const struct row *r, struct err *e)
{
	return mem_add_io(m->board.map, r->base, &m->pci.memory, e);
}

static enum status add_pci_io(struct pb1500 *m, const struct row *r, struct err *e)
{
	return mem_add_io(m->board.map, r->base, &m->pci.bus.io, e);
}

static enum status add_pci_config(struct pb1500 *m, const struct row *r, struct err *e)
{
	return mem_add_io(m->board.map, r->base, &m->pci.config[r->cfg], e);
}

static enum status add_ds1693(struct pb1500 *m, const struct row *r, struct err *e)
{
	ds1693_init(&m->rtc, &(struct mc146818_cfg){ .name = r->name, .clock = m->board.cfg.clock, .base = m->board.cfg.rtc_base });
	return put(m, r, &m->rtc.dev, e);
}

static enum status add_virtio_blk(struct pb1500 *m, const struct row *r, struct err *e)
{
	char id[VIRTIO_BLK_ID_SIZE + 1];

	snprintf(id, sizeof id, "athanor-%u", (unsigned)r->cfg);
	virtio_blk_init(&m->disk[r->cfg], &(struct virtio_mmio_cfg){ .name = r->name, .clock = m->board.cfg.clock, .irq = wire(m, r->irq),
		.memory = { borrow, m } }, m->board.cfg.disk[r->cfg], id);
	return put(m, r, &m->disk[r->cfg].virtio.dev, e);
}

static enum status add_amd_flash(struct pb1500 *m, const struct row *r, struct err *e)
{
	struct amd_flash *f = &m->flash[r->cfg];
	const uint32_t size = PB1500_FLASH_SIZE / PB1500_FLASHES;

	amd_flash_init(f, &(struct amd_flash_cfg){ .name = r->name, .big_endian = m->board.cfg.big_endian, .size = size,
		.clock = m->board.cfg.clock, .image = m->board.cfg.pflash, .image_at = r->cfg * size });
	m->dev[m->ndevs++] = &f->dev;
	return mem_add_flash(m->board.map, r->base, &f->dev.io, &f->array, e);
}

static enum status add_hole(struct pb1500 *m, const struct row *r, struct err *e)
{
	return mem_add_hole(m->board.map, r->name, r->base, r->cfg, e);
}

static const struct row rows[] = {
#define DEV(kind, name, base, irq, cfg) { add_##kind, name, base, irq, cfg },
#define HOLE(name, base, size) { add_hole, name, base, NO_IRQ, size },
#include "dbt-runtime/board/pb1500.def"
};
_Static_assert(ARRAY_LEN(rows) <= PB1500_DEVS_MAX, "room for a device in each row");

/* --- the board --- */

static enum status assemble(struct pb1500 *m, struct err *e)
{
	const struct mem_cfg map = { .name = "pb1500", .big_endian = m->board.cfg.big_endian };
	enum status s = mem_create(&map, &m->board.map, e);

	if (s == ST_OK)
		s = mem_add_ram(m->board.map, "RAM", PB1500_RAM, m->board.cfg.ram_size, e);
	for (unsigned i = 0; s == ST_OK && i < ARRAY_LEN(rows); i++)
		s = rows[i].add(m, &rows[i], e);
	if (s == ST_OK)
		s = mem_freeze(m->board.map, e);
	for (unsigned i = 0; s == ST_OK && i < PB1500_FLASHES; i++)
		s = amd_flash_load(&m->flash[i], e);
	return s;
}

static void pb1500_reset(struct board *b, enum reset_kind kind)
{
	struct pb1500 *m = self(b);

	for (unsigned i = 0; i < m->ndevs; i++)
		dev_reset(m->dev[i], kind);
}

static void pb1500_destroy(struct board *b)
{
	struct pb1500 *m = self(b);

	if (!m)
		return;
	for (unsigned i = 0; i < m->ndevs; i++)
		dev_fini(m->dev[i]);
	mem_destroy(m->board.map);
	free(m);
}

static enum status pb1500_create(const struct board_cfg *cfg, struct board **out, struct err *e)
{
	struct pb1500 *m;
	enum status s;

	if (!cfg->ram_size || cfg->ram_size % RAM_UNIT || cfg->ram_size > board_pb1500.max_ram)
		return err_set(e, ST_USAGE, "pb1500: %llu bytes of RAM: must be a multiple of 1 MiB up to %llu MiB",
			(unsigned long long)cfg->ram_size, (unsigned long long)(board_pb1500.max_ram >> 20));
	m = calloc(1, sizeof *m);
	if (!m)
		return err_set(e, ST_NOMEM, "pb1500: board");
	m->board.ops = &board_pb1500;
	m->board.cfg = *cfg;
	s = assemble(m, e);
	if (s != ST_OK) {
		pb1500_destroy(&m->board);
		return s;
	}
	pb1500_reset(&m->board, RESET_COLD);
	*out = &m->board;
	return ST_OK;
}

/* Below the arguments, on a page boundary as the kernel wants it.  */
static enum status pb1500_place_initrd(struct board *b, uint64_t low, uint64_t size, gpa *at, struct err *e)
{
	uint64_t top = pb1500_args(self(b));

	if (size > top || ((top - size) & ~UINT64_C(0xffff)) < low)
		return err_set(e, ST_FULL, "%llu bytes of initial RAM disk do not fit between the kernel and the end of %llu MiB",
			(unsigned long long)size, (unsigned long long)(b->cfg.ram_size >> 20));
	*at = (top - size) & ~UINT64_C(0xffff);
	return ST_OK;
}

static enum status pb1500_place_dtb(struct board *b, uint64_t low, uint64_t size, gpa *at, struct err *e)
{
	(void)b;
	(void)low;
	(void)size;
	(void)at;
	return err_set(e, ST_UNSUPPORTED, "kernels of board pb1500 take no device tree");
}

const struct board_ops board_pb1500 = {
	.name = "pb1500", .description = "AMD Alchemy Pb1500", .default_cpu = "au1500", .release2_cpu = "au1500-r2",
	.default_ram = UINT64_C(64) << 20, .max_ram = PB1500_RAM_SIZE, .serials = PB1500_SERIALS,
	.disks = PB1500_DISKS, .nics = PB1500_NICS, .pflash_size = PB1500_FLASH_SIZE,
	.monitor = PB1500_MONITOR, .monitor_size = PB1500_MONITOR_SIZE,
	.create = pb1500_create, .destroy = pb1500_destroy, .reset = pb1500_reset,
	.place_initrd = pb1500_place_initrd, .place_dtb = pb1500_place_dtb, .boot = pb1500_boot,
};
