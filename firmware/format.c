/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for the formatted output of console.h.
 */
#include "firmware/console.h"
#include "firmware/string.h"

/* Where characters go: into buf, counting those that do not fit, or with no buf to the console.  */
struct sink {
	char *buf;
	size_t size, n;
};

struct field {
	bool left, zero;
	unsigned width;
	int precision; /* -1: none */
};

static void put(struct sink *s, char c)
{
	if (!s->buf)
		con_write(&c, 1);
	else if (s->n + 1 < s->size)
		s->buf[s->n] = c;
	s->n++;
}

static void put_field(struct sink *s, const struct field *f, const char *text, size_t n)
{
	size_t pad = f->width > n ? f->width - n : 0;

	if (f->zero && !f->left) {
		if (n && *text == '-') {
			put(s, *text++);
			n--;
		}
		for (; pad; pad--)
			put(s, '0');
	}
	for (; pad && !f->left; pad--)
		put(s, ' ');
	while (n--)
		put(s, *text++);
	for (; pad; pad--)
		put(s, ' ');
}

static void put_number(struct sink *s, const struct field *f, uint32_t v, unsigned radix, bool upper, bool negative)
{
	const char *digit = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char text[12];
	size_t at = sizeof(text);

	do {
		text[--at] = digit[v % radix];
		v /= radix;
	} while (v);
	if (negative)
		text[--at] = '-';
	put_field(s, f, text + at, sizeof(text) - at);
}

static void put_mac(struct sink *s, const uint8_t *mac)
{
	static const struct field two = { .zero = true, .width = 2, .precision = -1 };

	for (unsigned i = 0; i < 6; i++) {
		if (i)
			put(s, '.');
		put_number(s, &two, mac[i], 16, false, false);
	}
}

static void put_ip(struct sink *s, uint32_t ip)
{
	static const struct field any = { .precision = -1 };

	for (unsigned i = 0; i < 4; i++, ip <<= 8) {
		if (i)
			put(s, '.');
		put_number(s, &any, ip >> 24, 10, false, false);
	}
}

static unsigned number(const char **fmt)
{
	unsigned n = 0;

	for (; **fmt >= '0' && **fmt <= '9'; ++*fmt)
		n = n * 10 + (unsigned)(**fmt - '0');
	return n;
}

static void format(struct sink *s, const char *fmt, va_list ap)
{
	for (; *fmt; fmt++) {
		struct field f = { .precision = -1 };
		const char *text;
		size_t n;
		char c;
		int d;

		if (*fmt != '%') {
			put(s, *fmt);
			continue;
		}
		for (fmt++; *fmt == '-' || *fmt == '0'; fmt++)
			*(*fmt == '-' ? &f.left : &f.zero) = true;
		if (*fmt == '*') {
			f.width = va_arg(ap, unsigned);
			fmt++;
		} else {
			f.width = number(&fmt);
		}
		if (*fmt == '.' && *++fmt == '*') {
			f.precision = va_arg(ap, int);
			fmt++;
		} else if (fmt[-1] == '.') {
			f.precision = (int)number(&fmt);
		}
		switch (*fmt) {
		case 'd':
			d = va_arg(ap, int);
			put_number(s, &f, d < 0 ? 0u - (uint32_t)d : (uint32_t)d, 10, false, d < 0);
			break;
		case 'u': put_number(s, &f, va_arg(ap, uint32_t), 10, false, false); break;
		case 'x': put_number(s, &f, va_arg(ap, uint32_t), 16, false, false); break;
		case 'X': put_number(s, &f, va_arg(ap, uint32_t), 16, true, false); break;
		case 'c':
			c = (char)va_arg(ap, int);
			put_field(s, &f, &c, 1);
			break;
		case 's':
			text = va_arg(ap, const char *);
			for (n = 0; text[n] && (f.precision < 0 || n < (size_t)f.precision); n++)
				;
			put_field(s, &f, text, n);
			break;
		case 'M': put_mac(s, va_arg(ap, const uint8_t *)); break;
		case 'I': put_ip(s, va_arg(ap, uint32_t)); break;
		case '\0': return;
		default: put(s, *fmt);
		}
	}
}

void con_vprintf(const char *fmt, va_list ap)
{
	struct sink s = { 0 };

	format(&s, fmt, ap);
}

void con_printf(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	con_vprintf(fmt, ap);
	va_end(ap);
}

size_t con_format(char *buf, size_t size, const char *fmt, ...)
{
	struct sink s = { .buf = buf, .size = size };
	va_list ap;

	va_start(ap, fmt);
	format(&s, fmt, ap);
	va_end(ap);
	if (size)
		buf[s.n < size ? s.n : size - 1] = 0;
	return s.n;
}
