/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A filter on the system calls of this process, for the time a guest runs: who breaks out of a device finds no program to start, no
 * socket to open (with a network: none to listen at), no other process to look into, and no memory to make executable.
 */
#ifndef ATHANOR_VM_SANDBOX_H
#define ATHANOR_VM_SANDBOX_H

#include "base/err.h"
#include "base/types.h"

/* Was it built in?  It needs libseccomp.  */
bool sandbox_built(void);

/**
 * sandbox_enter - from now on refuse what a running machine does not need; refused calls fail with EPERM
 * @network: sockets for IPv4 connections are needed
 * There is no way back.  Files may still be opened: statistics and profiles are written at the end.  Errors: ST_HOST
 */
enum status sandbox_enter(bool network, struct err *e) MUST_CHECK;

#endif
