/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * See the header.  The build defines ENGINE_IMAGE, the file's name.
 */
#include "dbt-runtime/accel/kvm_image.h"

__asm__(".section .rodata\n"
	".balign 16\n"
	"engine_image: .incbin \"" ENGINE_IMAGE "\"\n"
	"engine_image_end:\n"
	".text\n");

extern const uint8_t engine_image[], engine_image_end[];

const uint8_t *kvm_image(size_t *size)
{
	*size = (size_t)(engine_image_end - engine_image);
	return engine_image;
}
