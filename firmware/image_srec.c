/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Motorola S-records: "S", a type, and bytes in hexadecimal: how many follow, an address, data, and the complement of the sum of all
 * before it.  S1 to S3 carry data, S7 to S9 end the image and say where it starts, S5 says how many carried data, S0 is a title.
 * Reading digits is what takes the time of a load.
 */
#include "firmware/image.h"

#define DIGIT 0x10u
#define D(c, v) [c] = DIGIT | (v)
static const uint8_t digits[256] = {
	D('0', 0), D('1', 1), D('2', 2), D('3', 3), D('4', 4), D('5', 5), D('6', 6), D('7', 7), D('8', 8), D('9', 9),
	D('a', 10), D('b', 11), D('c', 12), D('d', 13), D('e', 14), D('f', 15),
	D('A', 10), D('B', 11), D('C', 12), D('D', 13), D('E', 14), D('F', 15),
};

/* Bytes of address; 0: no such type.  */
static const uint8_t address_size[10] = { 2, 2, 3, 4, 0, 2, 0, 4, 3, 2 };

static uint32_t address_of(const struct image_srec *s, unsigned n)
{
	uint32_t a = 0;

	for (unsigned i = 1; i <= n; i++)
		a = a << 8 | s->bytes[i];
	return a;
}

static enum image_state record_end(struct image *im)
{
	struct image_srec *s = &im->srec;
	unsigned type = s->type - '0', n = address_size[type];
	uint32_t address = address_of(s, n);

	if ((s->sum & 0xffu) != 0xffu)
		return image_fail(im, "its checksum is wrong");
	s->type = 0;
	switch (type) {
	case 1: case 2: case 3:
		s->carriers++;
		return s->want > n + 2 ? image_put(im, address, s->bytes + 1 + n, s->want - n - 2) : IMAGE_MORE;
	case 5:
		return address == (s->carriers & 0xffffu) ? IMAGE_MORE : image_fail(im, "it counts more or fewer data records than came");
	case 7: case 8: case 9:
		im->entry = address;
		return im->state = IMAGE_DONE;
	default:
		return IMAGE_MORE;
	}
}

/* Returns the first character not taken: @end, or one behind the bytes wanted, or one that is no digit.  */
static const uint8_t *bytes_take(struct image_srec *s, const uint8_t *p, const uint8_t *end)
{
	uint8_t *to = s->bytes + s->have, *full = s->bytes + s->want;
	unsigned sum = s->sum, pairs;

	if (s->half && p < end) {
		if (!digits[*p])
			return p;
		sum += *to++ = (uint8_t)(s->half << 4 | (digits[*p++] & 15u));
		s->half = 0;
	}
	pairs = (unsigned)(end - p) / 2;
	if (pairs > (unsigned)(full - to))
		pairs = (unsigned)(full - to);
	for (; pairs; pairs--, p += 2) {
		unsigned high = digits[p[0]], low = digits[p[1]];

		if (!(high & low))
			break;
		high = high << 4 | (low & 15u);
		sum += high;
		*to++ = (uint8_t)high;
	}
	s->have = (unsigned)(to - s->bytes);
	s->sum = sum;
	if (to < full && p < end && digits[*p])
		s->half = digits[*p++];
	return p;
}

static enum image_state bytes_bad(struct image *im, uint8_t c)
{
	return image_fail(im, c == '\r' || c == '\n' ? "it is shorter than its count says" : "it has a character that is no hexadecimal digit");
}

/* The next character outside the digits of a record.  */
static enum image_state between(struct image *im, uint8_t c)
{
	struct image_srec *s = &im->srec;

	if (!s->type && c == 'S') {
		s->type = c;
		im->place = ++s->record;
		return IMAGE_MORE;
	}
	if (!s->type) {
		if (c == '\n' || c == '\r' || c == ' ' || c == '\t')
			return IMAGE_MORE;
		im->place = s->record;
		return image_fail(im, "something else comes behind it");
	}
	if (c < '0' || c > '9' || !address_size[c - '0'])
		return image_fail(im, "it has an unknown type");
	s->type = c;
	s->have = s->half = s->sum = 0;
	s->want = 1;
	return IMAGE_MORE;
}

enum image_state image_srec_feed(struct image *im, const uint8_t *p, uint32_t n)
{
	struct image_srec *s = &im->srec;
	const uint8_t *end = p + n;

	while (p < end && im->state == IMAGE_MORE) {
		if (!s->type || s->type == 'S') {
			between(im, *p++);
			continue;
		}
		p = bytes_take(s, p, end);
		if (s->have < s->want) {
			if (p < end)
				bytes_bad(im, *p);
		} else if (s->want > 1) {
			record_end(im);
		} else if (s->bytes[0] < address_size[s->type - '0'] + 1u) {
			image_fail(im, "its count is too small");
		} else {
			s->want = 1u + s->bytes[0];
		}
	}
	return im->state;
}
