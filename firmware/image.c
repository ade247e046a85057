/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which format an image has, what is common to all, and bytes as they are.  The others: image_srec.c, image_elf.c.  */
#include "firmware/image.h"
#include "firmware/string.h"

enum image_state image_fail(struct image *im, const char *why)
{
	im->why = why;
	return im->state = IMAGE_BAD;
}

enum image_state image_fail_at(struct image *im, const char *why, uint32_t address)
{
	im->has_address = true;
	im->address = address;
	return image_fail(im, why);
}

enum image_state image_put(struct image *im, uint32_t va, const uint8_t *bytes, uint32_t n)
{
	const char *why = im->sink->store(va, bytes, n);

	if (why)
		return image_fail_at(im, why, va);
	if (va < im->low)
		im->low = va;
	if (va + (n - 1) > im->high)
		im->high = va + (n - 1);
	return im->state;
}

void image_open(struct image *im, const struct image_sink *sink, const uint32_t *raw)
{
	memset(im, 0, sizeof(*im));
	im->sink = sink;
	im->low = UINT32_MAX;
	im->unit = "offset";
	if (raw) {
		im->format = "BIN";
		im->entry = *raw;
	}
}

static enum image_state identify(struct image *im, uint8_t first)
{
	switch (first) {
	case 0x7f:
		im->format = "ELF";
		return IMAGE_MORE;
	case 'S': case ' ': case '\t': case '\r': case '\n':
		im->format = "SREC";
		im->unit = "S-record";
		return IMAGE_MORE;
	default:
		return image_fail(im, "neither S-records nor an ELF file");
	}
}

enum image_state image_feed(struct image *im, const uint8_t *bytes, uint32_t n)
{
	if (im->state != IMAGE_MORE || !n)
		return im->state;
	if (!im->format && identify(im, bytes[0]) == IMAGE_BAD)
		return IMAGE_BAD;
	switch (im->format[0]) {
	case 'S': return image_srec_feed(im, bytes, n);
	case 'E': return image_elf_feed(im, bytes, n);
	default:
		im->place = im->at;
		if (image_put(im, im->entry + im->at, bytes, n) != IMAGE_BAD)
			im->at += n;
		return im->state;
	}
}

enum image_state image_close(struct image *im)
{
	if (im->state != IMAGE_MORE)
		return im->state;
	if (!im->format || (im->format[0] == 'B' && !im->at))
		return image_fail(im, "it is empty");
	switch (im->format[0]) {
	case 'S':
		im->place = im->srec.record;
		return image_fail(im, im->srec.type ? "the file ends inside it" : "the file ends behind it, without an S7, S8 or S9 record");
	case 'E':
		im->place = im->elf.parsed ? im->at : im->elf.have;
		return image_fail(im, im->elf.parsed ? "the file ends inside a segment" : "the file ends inside its headers");
	default:
		return im->state = IMAGE_DONE;
	}
}
