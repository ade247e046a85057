/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Responsible for line.h.  The keys are YAMON's: Ctrl-A/E start and end, Ctrl-B/F and the arrows left and right, Ctrl-P/N and the
 * arrows older and newer lines, Ctrl-H and Del rub out, Ctrl-D deletes, Ctrl-K and Ctrl-U delete to the end and everything, TAB
 * completes the name of a command.
 */
#include "firmware/line.h"

#include "firmware/console.h"
#include "firmware/shell.h"
#include "firmware/string.h"

#define HISTORY 32u
#define CTRL(c) ((c) & 31)
#define ESC 27
#define DEL 127

enum key { KEY_UP = 256, KEY_DOWN, KEY_RIGHT, KEY_LEFT, KEY_HOME, KEY_END, KEY_DELETE, KEY_NONE };

struct line {
	const char *prompt;
	char *text;
	size_t size, n, at;
};

static struct {
	char text[HISTORY][SHELL_LINE_MAX];
	unsigned n, next; /* next: where the next line goes */
} history;

/* The @back-th line before the one that is typed; 1 is the last.  */
static const char *history_line(unsigned back) { return history.text[(history.next + HISTORY - back) % HISTORY]; }

static void history_add(const char *text)
{
	if (!*text || (history.n && !strcmp(history_line(1), text)))
		return;
	strput(history.text[history.next], SHELL_LINE_MAX, text);
	history.next = (history.next + 1) % HISTORY;
	if (history.n < HISTORY)
		history.n++;
}

static int wait_key(void)
{
	int c;

	while ((c = con_getc(0)) < 0)
		con_wait();
	return c;
}

/* What follows ESC [ or ESC O.  */
static int escape(void)
{
	int c = wait_key();

	if (c != '[' && c != 'O')
		return KEY_NONE;
	c = wait_key();
	switch (c) {
	case 'A': return KEY_UP;
	case 'B': return KEY_DOWN;
	case 'C': return KEY_RIGHT;
	case 'D': return KEY_LEFT;
	case 'H': return KEY_HOME;
	case 'F': return KEY_END;
	}
	if (c < '0' || c > '9')
		return KEY_NONE;
	for (int d = wait_key(); d != '~'; d = wait_key())
		if ((d < '0' || d > '9') && d != ';')
			return KEY_NONE;
	return c == '3' ? KEY_DELETE : c == '1' || c == '7' ? KEY_HOME : c == '4' || c == '8' ? KEY_END : KEY_NONE;
}

static void back(size_t n)
{
	while (n--)
		con_putc(0, '\b');
}

/* Shows the text from @from on, what was @old characters long before, and puts the cursor to l->at.  It is at @from now.  */
static void redraw(const struct line *l, size_t from, size_t old)
{
	size_t shown = l->n;

	con_write(l->text + from, l->n - from);
	for (; shown < old; shown++)
		con_putc(0, ' ');
	back(shown - l->at);
}

static void move_to(struct line *l, size_t at)
{
	if (at < l->at)
		back(l->at - at);
	else
		con_write(l->text + l->at, at - l->at);
	l->at = at;
}

static void insert(struct line *l, const char *s, size_t n)
{
	size_t from = l->at;

	if (n >= l->size - l->n) {
		con_putc(0, '\a');
		return;
	}
	memmove(l->text + l->at + n, l->text + l->at, l->n - l->at);
	memcpy(l->text + l->at, s, n);
	l->n += n;
	l->at += n;
	redraw(l, from, l->n);
}

static void delete(struct line *l, size_t from, size_t n)
{
	size_t old = l->n;

	move_to(l, from);
	memmove(l->text + from, l->text + from + n, l->n - from - n);
	l->n -= n;
	redraw(l, from, old);
}

static void replace(struct line *l, const char *text)
{
	delete(l, 0, l->n);
	insert(l, text, strlen(text));
}

/* The name under the cursor is that of a command if nothing, or ';', is before it.  One candidate is completed; of several what they
   have in common, and if that is nothing new they are listed.  */
static void complete(struct line *l)
{
	size_t start = l->at, len, common = 0;
	const struct command *c;
	const char *first = NULL;
	unsigned found = 0;

	while (start && l->text[start - 1] != ';')
		start--;
	while (start < l->at && l->text[start] == ' ')
		start++;
	len = l->at - start;
	for (size_t i = start; i < l->at; i++)
		if (l->text[i] == ' ')
			return;
	for (unsigned i = 0; (c = shell_command(i)); i++) {
		if (strncmp(c->name, l->text + start, len))
			continue;
		if (!found++) {
			first = c->name;
			common = strlen(first);
		}
		while (strncmp(c->name, first, common))
			common--;
	}
	if (found == 1) {
		insert(l, first + len, common - len);
		insert(l, " ", 1);
	} else if (found && common > len) {
		insert(l, first + len, common - len);
	} else if (found) {
		con_printf("\n");
		for (unsigned i = 0; (c = shell_command(i)); i++)
			if (!strncmp(c->name, l->text + start, len))
				con_printf("%s  ", c->name);
		con_printf("\n%s", l->prompt);
		redraw(l, 0, l->n);
	}
}

static void recall(struct line *l, unsigned *depth, int step, char *typed)
{
	unsigned to = *depth + (unsigned)step;

	if (step > 0 ? *depth == history.n : *depth == 0)
		return;
	if (*depth == 0) {
		l->text[l->n] = 0;
		strput(typed, SHELL_LINE_MAX, l->text);
	}
	*depth = to;
	replace(l, to ? history_line(to) : typed);
}

static void edit(struct line *l, int key)
{
	char c = (char)key;

	switch (key) {
	case CTRL('A'): case KEY_HOME: move_to(l, 0); break;
	case CTRL('E'): case KEY_END: move_to(l, l->n); break;
	case CTRL('B'): case KEY_LEFT: move_to(l, l->at ? l->at - 1 : 0); break;
	case CTRL('F'): case KEY_RIGHT: move_to(l, l->at < l->n ? l->at + 1 : l->n); break;
	case CTRL('K'): delete(l, l->at, l->n - l->at); break;
	case CTRL('U'): delete(l, 0, l->n); break;
	case CTRL('H'): case DEL:
		if (l->at)
			delete(l, l->at - 1, 1);
		break;
	case CTRL('D'): case KEY_DELETE:
		if (l->at < l->n)
			delete(l, l->at, 1);
		break;
	case '\t': complete(l); break;
	default:
		if (key >= ' ' && key < DEL)
			insert(l, &c, 1);
	}
}

bool line_read(const char *prompt, char *buf, size_t size, bool keep)
{
	static char typed[SHELL_LINE_MAX];
	struct line l = { .prompt = prompt, .text = buf, .size = size };
	unsigned depth = 0;

	con_printf("%s", prompt);
	for (;;) {
		int key = wait_key();

		if (key == ESC)
			key = escape();
		switch (key) {
		case '\r': case '\n':
			move_to(&l, l.n);
			buf[l.n] = 0;
			con_printf("\n");
			if (keep)
				history_add(buf);
			return true;
		case CTRL('C'):
			buf[0] = 0;
			con_printf("^C\n");
			return false;
		case CTRL('P'): case KEY_UP: recall(&l, &depth, 1, typed); break;
		case CTRL('N'): case KEY_DOWN: recall(&l, &depth, -1, typed); break;
		default: edit(&l, key);
		}
	}
}
