/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Where the monitor finds the hardware of a Pb1500, and the registers it uses.  For C and for the assembler.
 *
 * Typed here, and not taken from the emulator's table of the board: a monitor that is made from that table could not show that the
 * table is wrong.  Sources: the headers of Linux 6.1 (arch/mips/include/asm/mach-au1x00/au1000.h, mach-db1x00/bcsr.h,
 * arch/mips/alchemy/devboards) and, for values of the memory controllers, U-Boot's board/pb1x00/lowlevel_init.S.
 */
#ifndef ATHANOR_FIRMWARE_PB1500_H
#define ATHANOR_FIRMWARE_PB1500_H

#define KSEG0_BASE 0x80000000
#define KSEG1_BASE 0xa0000000
#define PHYS_MASK  0x1fffffff /* what kseg0 and kseg1 reach */

/* --- memory --- */
#define RAM_MAX_SIZE    0x0c000000 /* the clock chip follows */
#define RAM_STEP        0x00100000 /* memories are multiples of it */
#define FLASH_BASE      0x1c000000
#define FLASH_SIZE      0x04000000
#define FLASH_BANK_SIZE 0x02000000 /* commands reach one bank: two 16-bit chips, side by side */
#define FLASH_BLOCK     0x00040000 /* what one erase command erases, of both chips */
#define FLASH_MONITOR      0x1fc00000
#define FLASH_MONITOR_SIZE 0x00100000
#define FLASH_ENV_SPARE    0x1fcc0000 /* the monitor's last block: the environment while its own is erased */
#define FLASH_KERNEL       0x1fd00000
#define FLASH_KERNEL_SIZE  0x002c0000
#define FLASH_ENV          0x1ffc0000
#define FLASH_ENV_SIZE     0x00040000

#define VECTORS_SIZE    0x1000     /* exception vectors, in RAM from 0 */
#define APP_BASE        0x80100000 /* programs start here; the monitor is below */
#define HANDOFF_SIZE    0x10000    /* arguments and environment for a program */
#define HANDOFF_BASE    (APP_BASE - HANDOFF_SIZE)

/* --- registers; physical --- */
#define PB_BCSR  0x0e000000
#define AU_IC0   0x10400000
#define AU_UART0 0x11100000
#define AU_UART3 0x11400000
#define AU_MAC0  0x11500000
#define AU_MAC1  0x11510000
#define AU_MACEN 0x11520000
#define AU_GPIO2 0x11700000
#define AU_IC1   0x11800000
#define AU_SYS   0x11900000
#define AU_SDRAM 0x14000000
#define AU_STATIC 0x14001000
#define AU_MACDMA0 0x14004000
#define AU_MACDMA1 0x14004200
#define AU_PCI   0x14005000
#define PB_VIRTIO 0x16000000 /* three windows of 0x1000 */

/* SYS */
#define SYS_TOYTRIM   0x00
#define SYS_TOYWRITE  0x04
#define SYS_CNTRCTRL  0x14
#define SYS_SCRATCH1  0x1c
#define SYS_WAKEMSK   0x34
#define SYS_POWERCTRL 0x3c
#define SYS_TOYREAD   0x40
#define SYS_RTCTRIM   0x44
#define SYS_RTCREAD   0x58
#define SYS_WAKESRC   0x5c
#define SYS_CPUPLL    0x60
#define SYS_AUXPLL    0x64
#define SYS_PININPUTEN 0x110

#define CNTRCTRL_T1S 0x00100000 /* a write of RTCTRIM, RTCWRITE, TOYTRIM, TOYWRITE is still under way */
#define CNTRCTRL_T0S 0x00000010
#define CNTRCTRL_EN1 0x00002000
#define CNTRCTRL_EN0 0x00000800
#define CNTRCTRL_E0  0x00000100
#define CNTRCTRL_32S 0x00000020

#define SYS_OSC_HZ 12000000
#define CPUPLL_396MHZ 0x21
#define AUXPLL_96MHZ 8
#define RTC_HZ 32768

/* Interrupt controllers: a bit per source; bit 0 of IC0 is UART0 */
#define IC_CFG0SET   0x40
#define IC_CFG1CLR   0x4c
#define IC_CFG2SET   0x50
#define IC_SRCSET    0x58
#define IC_ASSIGNSET 0x60 /* request 0: of IC0 this is Cause.IP2 */
#define IC_MASKSET   0x70
#define IC_MASKCLR   0x74
#define IC0_UART0    0x00000001
#define STATUS_IM2   0x00000400

/* UARTs */
#define UART_RX  0x00
#define UART_TX  0x04
#define UART_IER 0x08
#define UART_FCR 0x10
#define UART_LCR 0x14
#define UART_MCR 0x18
#define UART_LSR 0x1c
#define UART_DIV 0x28
#define UART_MODULE 0x100
#define LSR_DR   0x01
#define LSR_THRE 0x20
#define LSR_TEMT 0x40

/* Board registers, 16 bits each */
#define BCSR_WHOAMI   0x00
#define BCSR_STATUS   0x04
#define BCSR_SWITCHES 0x08
#define BCSR_RESETS   0x0c
#define BCSR_SYSTEM   0x1c
#define RESETS_PHY0   0x0001
#define RESETS_PHY1   0x0002
#define RESETS_DC     0x0004

/* GPIO2 */
#define GPIO2_ENABLE 0x14

/* PCI */
#define PCI_CMEM    0x000
#define PCI_CONFIG  0x004
#define PCI_MWMASK  0x014
#define PCI_MWBASE  0x018
#define PCI_STATCMD 0x104
#define PCI_PARAM   0x10c
#define PCI_MBAR    0x110

#endif
