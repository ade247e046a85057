/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What assembly and C agree upon.
 */
#ifndef ATHANOR_FIRMWARE_LAYOUT_H
#define ATHANOR_FIRMWARE_LAYOUT_H

/* A word in the page of the exception vectors: the monitor is in RAM and can report exceptions.  */
#define ALIVE_AT 0xffc
#define ALIVE    0x41544e52

/* SYS_WAKESRC: this reset is the end of a sleep (Au1500 data book, "sys_wakesrc": SW) */
#define WAKESRC_SLEEP 2

/* struct exception, in words */
#define EXCEPTION_STATUS   (4 * 32)
#define EXCEPTION_CAUSE    (4 * 33)
#define EXCEPTION_EPC      (4 * 34)
#define EXCEPTION_BADVADDR (4 * 35)
#define EXCEPTION_ERROREPC (4 * 36)
#define EXCEPTION_HI       (4 * 37)
#define EXCEPTION_LO       (4 * 38)
#define EXCEPTION_SIZE     (4 * 40)

#define STACK_SIZE           0x8000
#define EXCEPTION_STACK_SIZE 0x2000
#define APP_STACK_SIZE       0x4000

#endif
