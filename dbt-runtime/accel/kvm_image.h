/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * engine.elf, as linked by linker-scripts/engine.ld, inside this program.  Empty in builds with sanitizers.
 */
#ifndef ATHANOR_ACCEL_KVM_IMAGE_H
#define ATHANOR_ACCEL_KVM_IMAGE_H

#include "base/types.h"

const uint8_t *kvm_image(size_t *size);

#endif
