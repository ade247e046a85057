/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sbt and pcmap as users meet them: images of every format to a .xo that pcmap verifies, the same bytes each time; every bad
 * input is one line and status 1, and leaves nothing behind.  The programs are taken from $ATHANOR_BIN (default build/release/bin).
 */
#include <elf.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "pcmap/profile.h"
#include "pcmap/xo_file.h"
#include "tests/harness/suites.h"
#include "tests/harness/temp_dir.h"

static char bin[512], said[65536], complained[4096];

static void set_up(void)
{
	const char *b = getenv("ATHANOR_BIN");

	ck_assert_ptr_nonnull(realpath(b ? b : "build/release/bin", bin));
	temp_dir_make();
}

static void slurp(const char *name, char *to, size_t size)
{
	struct file_bytes b;

	ck_assert_int_eq(file_read(temp_path(name), size - 1, &b, NULL), ST_OK);
	memcpy(to, b.at, b.size + 1);
	file_bytes_free(&b);
	ck_assert_int_eq(unlink(temp_path(name)), 0);
}

/* Run a tool in the directory; returns its status.  */
static int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int run(const char *fmt, ...)
{
	char args[512], cmd[2048];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(args, sizeof args, fmt, ap);
	va_end(ap);
	snprintf(cmd, sizeof cmd, "cd '%s' && '%s'/%s >.out 2>.err </dev/null", temp_dir, bin, args);
	status = system(cmd);
	slurp(".out", said, sizeof said);
	slurp(".err", complained, sizeof complained);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

#define ASSERT_REFUSED(why, ...) do { \
	unsigned before = temp_dir_entries(); \
	ck_assert_int_eq(run(__VA_ARGS__), 1); \
	ck_assert_msg(strstr(complained, why) != NULL, "'%s' instead of '%s'", complained, why); \
	ck_assert_ptr_eq(strchr(complained, '\n'), complained + strlen(complained) - 1); \
	ck_assert_str_eq(said, ""); \
	ck_assert_uint_eq(temp_dir_entries(), before); \
} while (0)

#define ASSERT_DONE(...) do { \
	int status_ = run(__VA_ARGS__); \
	ck_assert_msg(status_ == 0, "status %d: %s", status_, complained); \
	ck_assert_str_eq(complained, ""); \
} while (0)

/* --- a guest: a loop that calls a function --- */

#define AT 0x80100000u

static const uint32_t words[] = {
	0x24040005, /* 00 addiu a0, zero, 5 */
	0x0c040008, /* 04 jal   0x80100020 */
	0x00000000,
	0x1480fffd, /* 0c bnez  a0, 04 */
	0x2484ffff, /* 10 addiu a0, a0, -1 */
	0x08040005, /* 14 j     14 */
	0x00000000, 0x00000000,
	0x03e00008, /* 20 jr    ra */
	0x8c820000, /* 24 lw    v0, 0(a0) */
};

static size_t elf_make(uint8_t *b)
{
	Elf32_Ehdr eh = { .e_type = ET_EXEC, .e_machine = EM_MIPS, .e_version = EV_CURRENT, .e_entry = AT, .e_phoff = sizeof eh,
			  .e_flags = EF_MIPS_ARCH_32R2, .e_ehsize = sizeof eh, .e_phentsize = sizeof(Elf32_Phdr), .e_phnum = 1 };
	Elf32_Phdr ph = { .p_type = PT_LOAD, .p_offset = 0x60, .p_vaddr = AT, .p_paddr = AT, .p_filesz = sizeof words,
			  .p_memsz = sizeof words, .p_flags = PF_R | PF_X };

	memcpy(eh.e_ident, ELFMAG, SELFMAG);
	eh.e_ident[EI_CLASS] = ELFCLASS32;
	eh.e_ident[EI_DATA] = ELFDATA2LSB;
	eh.e_ident[EI_VERSION] = EV_CURRENT;
	memset(b, 0, 0x60);
	memcpy(b, &eh, sizeof eh);
	memcpy(b + sizeof eh, &ph, sizeof ph);
	memcpy(b + 0x60, words, sizeof words);
	return 0x60 + sizeof words;
}

static void put(const char *name, const void *bytes, size_t n)
{
	ck_assert_int_eq(file_write(temp_path(name), bytes, n, NULL), ST_OK);
}

static void put_elf(const char *name)
{
	uint8_t b[512];

	put(name, b, elf_make(b));
}

static void put_srec(const char *name, bool big_endian)
{
	char text[1024];
	int n = snprintf(text, sizeof text, "S0030000FC\n");

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		uint32_t at = AT + 4 * (uint32_t)i;
		unsigned sum = 9;
		uint8_t b[8];

		for (unsigned k = 0; k < 4; k++) {
			b[k] = (uint8_t)(at >> (24 - 8 * k));
			b[4 + k] = (uint8_t)(words[i] >> (big_endian ? 24 - 8 * k : 8 * k));
		}
		n += snprintf(text + n, sizeof text - (size_t)n, "S309");
		for (unsigned k = 0; k < 8; k++) {
			n += snprintf(text + n, sizeof text - (size_t)n, "%02X", b[k]);
			sum += b[k];
		}
		n += snprintf(text + n, sizeof text - (size_t)n, "%02X\n", ~sum & 0xffu);
	}
	n += snprintf(text + n, sizeof text - (size_t)n, "S705801000006A\n");
	put(name, text, (size_t)n);
}

static void put_profile(const char *name, uint16_t samples, uint32_t extra_flags)
{
	static struct profile_page page;
	struct profile p = PROFILE_INIT(ISA_R2);

	memset(&page, 0, sizeof page);
	page.page = AT;
	page.flags = UNIT_KERNEL | extra_flags;
	memcpy(page.bytes, words, sizeof words);
	page_bit_set(page.leaders, 0);
	page_bit_set(page.leaders, 1);
	page.samples[1] = samples;
	page.sites[9] = SITE_USER;
	ck_assert_int_eq(profile_add(&p, &page, NULL), ST_OK);
	ck_assert_int_eq(profile_write(temp_path(name), &p, NULL), ST_OK);
	profile_free(&p);
}

/* Of a loop, 00 to 10, with a leader in its middle.  */
static void put_split_loop(const char *name)
{
	static const uint32_t loop[] = { 0x8c820000, 0x24840004, 0x8c830000, 0x1443fffc, 0x00000000, 0x03e00008, 0x00000000 };
	static struct profile_page page;
	struct profile p = PROFILE_INIT(ISA_R2);

	memset(&page, 0, sizeof page);
	page.page = AT;
	page.flags = UNIT_KERNEL;
	memcpy(page.bytes, loop, sizeof loop);
	page_bit_set(page.leaders, 0);
	page_bit_set(page.leaders, 2);
	page.samples[0] = 1000;
	ck_assert_int_eq(profile_add(&p, &page, NULL), ST_OK);
	ck_assert_int_eq(profile_write(temp_path(name), &p, NULL), ST_OK);
	profile_free(&p);
}

static void assert_same(const char *a, const char *b)
{
	struct file_bytes x, y;

	ck_assert_int_eq(file_read(temp_path(a), 1 << 24, &x, NULL), ST_OK);
	ck_assert_int_eq(file_read(temp_path(b), 1 << 24, &y, NULL), ST_OK);
	ck_assert_uint_eq(x.size, y.size);
	ck_assert_mem_eq(x.at, y.at, x.size);
	file_bytes_free(&x);
	file_bytes_free(&y);
}

/* --- what works --- */

START_TEST(elf_to_xo)
{
	put_elf("guest");
	ASSERT_DONE("sbt guest -o a.xo");
	ASSERT_DONE("pcmap verify a.xo");
	ck_assert_ptr_nonnull(strstr(said, "good: 1 pages"));
	ASSERT_DONE("pcmap lookup a.xo 0x80100000 0x80100004 0x80100024");
	ck_assert_ptr_nonnull(strstr(said, "addiu a0, zero, 5"));
	ck_assert_ptr_nonnull(strstr(said, "lw v0, 0(a0)"));
	ASSERT_DONE("pcmap dump a.xo 0x80100000");
	ck_assert_ptr_nonnull(strstr(said, "jal 0x80100020"));
	ASSERT_DONE("sbt guest"); /* guest.xo is the default */
	assert_same("a.xo", "guest.xo");
}
END_TEST

START_TEST(same_bytes_whatever_the_threads)
{
	put_elf("guest");
	put_profile("p", 100, 0);
	ASSERT_DONE("sbt guest -o a.xo --opt all --profile p");
	ASSERT_DONE("sbt guest -o b.xo --opt all --profile p --jobs 1");
	ASSERT_DONE("sbt guest -o c.xo --opt all --profile p --jobs 3");
	assert_same("a.xo", "b.xo");
	assert_same("a.xo", "c.xo");
	ASSERT_DONE("pcmap verify a.xo");
}
END_TEST

START_TEST(formats_agree)
{
	put_elf("guest");
	put_srec("srec", false);
	put("raw", words, sizeof words);
	ASSERT_DONE("sbt guest -o a.xo");
	ASSERT_DONE("sbt srec -o b.xo");
	ASSERT_DONE("sbt raw --format raw --base 0x80100000 -o c.xo");
	assert_same("a.xo", "b.xo");
	assert_same("a.xo", "c.xo");
	put_srec("srec", true);
	ASSERT_DONE("sbt srec -EB -o big.xo");
	ASSERT_DONE("pcmap stat big.xo");
	ck_assert_ptr_nonnull(strstr(said, "big-endian"));
	ASSERT_DONE("pcmap lookup big.xo 0x80100000");
	ck_assert_ptr_nonnull(strstr(said, "addiu a0, zero, 5"));
	ASSERT_DONE("pcmap lookup big.xo 80100000"); /* as dump shows it */
	ck_assert_ptr_nonnull(strstr(said, "addiu a0, zero, 5"));
	ASSERT_DONE("pcmap verify big.xo");
}
END_TEST

START_TEST(for_another_host)
{
	put_elf("guest");
	ASSERT_DONE("sbt guest --host baseline -o a.xo");
	ASSERT_DONE("pcmap stat a.xo");
	ck_assert_ptr_nonnull(strstr(said, "host features  none"));
	ASSERT_DONE("sbt guest --host bmi2 -o b.xo");
	ASSERT_DONE("pcmap stat b.xo");
	ck_assert_ptr_nonnull(strstr(said, "host features  bmi2"));
}
END_TEST

START_TEST(profile_alone)
{
	struct xo_tables t;
	struct xo_view v;
	struct xo_file *f;

	put_profile("p", 100, 0);
	ASSERT_DONE("sbt --profile p -o a.xo --report");
	ck_assert_ptr_nonnull(strstr(said, "blocks PROFILE"));
	ASSERT_DONE("pcmap verify a.xo");
	ck_assert_int_eq(xo_open(temp_path("a.xo"), NULL, &v, &f, NULL), ST_OK);
	ck_assert_int_eq(xo_read(f, 0, &t, NULL), ST_OK);
	ck_assert_uint_eq(xo_site_flags(&t, 9), SITE_USER);
	xo_close(f);
}
END_TEST

/* Where an exception came back to has a unit of its own, up to the next block, and cuts no loop in two.  */
START_TEST(middles_of_blocks_have_units)
{
	struct xo_tables t;
	struct xo_view v;
	struct xo_file *f;

	put_split_loop("p");
	ASSERT_DONE("sbt --profile p -o a.xo --report");
	ck_assert_ptr_nonnull(strstr(said, "1 to which a recorded run came back"));
	ASSERT_DONE("pcmap verify a.xo");
	ck_assert_int_eq(xo_open(temp_path("a.xo"), NULL, &v, &f, NULL), ST_OK);
	ck_assert_int_eq(xo_read(f, 0, &t, NULL), ST_OK);
	ck_assert_uint_eq(t.nunits, 2);
	ck_assert(t.units[0].first == 0 && t.units[0].nwords == 7 && (t.units[0].flags & UNIT_LLVM));
	for (unsigned i = 0; i < t.units[0].nentries; i++)
		ck_assert_uint_ne(t.entries[t.units[0].entry + i].word, 2);
	ck_assert(t.units[1].first == 2 && t.units[1].nwords == 3 && t.units[1].nentries == 1 && !(t.units[1].flags & UNIT_LLVM));
	xo_close(f);
}
END_TEST

START_TEST(hot_code_is_for_llvm)
{
	put_elf("guest");
	put_profile("cold", 0, 0);
	put_profile("hot", 1000, 0);
	ASSERT_DONE("sbt guest --profile cold -o a.xo");
	ASSERT_DONE("pcmap stat a.xo");
	ck_assert_ptr_nonnull(strstr(said, "LLVM     units      0"));
	ASSERT_DONE("sbt guest --profile cold --profile hot -o b.xo");
	ASSERT_DONE("pcmap stat b.xo");
	ck_assert_ptr_nonnull(strstr(said, "LLVM     units      1"));
	ASSERT_DONE("sbt guest --profile hot --opt none -o c.xo");
	ASSERT_DONE("pcmap stat c.xo");
	ck_assert_ptr_nonnull(strstr(said, "LLVM     units      0"));
}
END_TEST

START_TEST(symbols_add_code)
{
	static const char map[] = "8010001c t dead\n00000000 A none\n\nffffffff80100020 T callee\n";

	put_elf("guest");
	ASSERT_DONE("sbt guest -o a.xo");
	ASSERT_REFUSED("nothing for 0x8010001c", "pcmap lookup a.xo 0x8010001c");
	put("map", map, sizeof map - 1);
	ASSERT_DONE("sbt guest -o b.xo --symbols map");
	ASSERT_DONE("pcmap lookup b.xo 0x8010001c");
	put("map", "8010001c t dead\nfrom here on: prose\n", 36);
	ASSERT_REFUSED("map: line 2: ", "sbt guest -o c.xo --symbols map");
}
END_TEST

/* A page that was seen with two contents: what both have in common is stored once.  */
START_TEST(records_do_not_repeat)
{
	static struct profile_page page;
	static const uint32_t more[] = { 0x03e00008, 0x24420001 }; /* jr ra; addiu v0, v0, 1 */
	struct profile p = PROFILE_INIT(ISA_R2);
	uint32_t nunits[2], first[64], n = 0;
	struct xo_tables t;
	struct xo_view v;
	struct xo_file *f;

	put_elf("guest");
	put_profile("p", 3, 0);
	ck_assert_int_eq(profile_read(temp_path("p"), &p, NULL), ST_OK);
	page = p.pages[0];
	profile_free(&p);
	p.rev = ISA_R2;
	memcpy(page.bytes + 0x800, more, sizeof more);
	page_bit_set(page.leaders, 0x200);
	ck_assert_int_eq(profile_add(&p, &page, NULL), ST_OK);
	ck_assert_int_eq(profile_write(temp_path("p"), &p, NULL), ST_OK);
	profile_free(&p);
	ASSERT_DONE("sbt guest --profile p --opt none -o a.xo");
	ck_assert_int_eq(xo_open(temp_path("a.xo"), NULL, &v, &f, NULL), ST_OK);
	ck_assert_uint_eq(v.npages, 2);
	ck_assert_ptr_eq(xo_find(&v, AT, UNIT_KERNEL), &v.pages[0]);
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_int_eq(xo_read(f, i, &t, NULL), ST_OK);
		nunits[i] = t.nunits;
		for (uint32_t k = 0; k < t.nunits && n < ARRAY_LEN(first); k++)
			first[n++] = t.units[k].first;
	}
	for (uint32_t i = 0; i < n; i++)
		for (uint32_t k = 0; k < i; k++)
			ck_assert(first[i] != first[k]);
	ck_assert_uint_eq(nunits[0] == 1 || nunits[1] == 1, 1);
	xo_close(f);
}
END_TEST

/* --- what does not --- */

START_TEST(every_cut_elf)
{
	uint8_t b[512];
	size_t n = elf_make(b);

	for (size_t i = 0; i < n; i++) {
		put("cut", b, i);
		ASSERT_REFUSED("cut: ", "sbt cut --format elf -o a.xo");
	}
}
END_TEST

/* Byte @at of the file becomes @value.  */
static const struct { unsigned at; uint8_t value; const char *why; } wrong_elf[] = {
	{ EI_CLASS, ELFCLASS64, "wrong: " }, { EI_DATA, ELFDATA2MSB, "wrong: " }, { EI_DATA, 7, "wrong: " },
	{ 18, EM_ARM, "wrong: " },           { 16, ET_CORE, "wrong: " },          { 52 + 16, 0xff, "wrong: " }, /* p_filesz */
	{ 52 + 4, 0xff, "wrong: " },         { 52 + 11, 0xff, "wrong: " },        /* p_offset; p_vaddr: beyond the end */
};

START_TEST(wrong_elf_refused)
{
	uint8_t b[512];
	size_t n = elf_make(b);

	b[wrong_elf[_i].at] = wrong_elf[_i].value;
	if (wrong_elf[_i].at == 52 + 11) /* and the rest of the address */
		memset(b + 52 + 8, 0xff, 4);
	put("wrong", b, n);
	ASSERT_REFUSED(wrong_elf[_i].why, "sbt wrong -o a.xo");
}
END_TEST

START_TEST(every_cut_srec)
{
	struct file_bytes b;

	put_srec("srec", false);
	ck_assert_int_eq(file_read(temp_path("srec"), 4096, &b, NULL), ST_OK);
	for (size_t i = 0; i + 1 < b.size; i += 9) {
		put("cut", b.at, i);
		ASSERT_REFUSED("cut: ", "sbt cut --format srec -o a.xo");
	}
	b.at[20] ^= 1; /* a digit of the first record */
	put("cut", b.at, b.size);
	ASSERT_REFUSED("cut: offset 0xb: the record's checksum", "sbt cut -o a.xo");
	file_bytes_free(&b);
}
END_TEST

START_TEST(cut_profile)
{
	struct file_bytes b;

	put_profile("p", 3, 0);
	ck_assert_int_eq(file_read(temp_path("p"), 1 << 20, &b, NULL), ST_OK);
	for (size_t i = 0; i < b.size; i += 7) {
		put("cut", b.at, i);
		ASSERT_REFUSED("cut: offset 0x", "sbt --profile cut -o a.xo");
	}
	file_bytes_free(&b);
}
END_TEST

static const struct { const char *why, *args; } refusals[] = {
	{ "an image or --profile", "sbt" },
	{ "-o FILE is needed", "sbt --profile p" },
	{ "did you mean '--profile'", "sbt --profil p" },
	{ "did you mean '--report'", "sbt guest --reprot" },
	{ "none of hot|all|none", "sbt guest --opt warm" },
	{ "none of elf|srec|raw", "sbt guest --format coff" },
	{ "none of native|baseline|bmi2", "sbt guest --host 486" },
	{ "unknown model 'r4000'", "sbt guest --cpu r4000" },
	{ "there is one image already", "sbt guest guest" },
	{ "must follow", "sbt guest -o" },
	{ "--base: 'x' is not a number", "sbt guest --base x" },
	{ "not a multiple of 4", "sbt guest --base 0x80000002" },
	{ "needs --base", "sbt raw --format raw" },
	{ "--base is for a raw image", "sbt guest --base 0x80100000" },
	{ "--base is for a raw image", "sbt srec --base 0x80100000" },
	{ "an ELF file says it itself", "sbt guest --entry 0x80100000" },
	{ "an ELF file says it itself", "sbt guest --EL" },
	{ "there is none", "sbt --profile p --EB -o a.xo" },
	{ "--budget goes with --opt hot", "sbt guest --opt all --budget 5" },
	{ "neither ELF nor S-records", "sbt text" },
	{ "cannot open: No such file", "sbt missing" },
	{ "Is a directory", "sbt . --format elf -o a.xo" },
	{ "none/a.xo: cannot create", "sbt guest -o none/a.xo" },
	{ "/dev/full: cannot write", "sbt guest -o /dev/full" },
	{ "not a profile", "sbt guest --profile text -o a.xo" },
	{ "big-endian machine", "sbt guest --profile pbig -o a.xo" },
	{ "ISA release 2, needed is release 1", "sbt guest --cpu au1500 --profile p -o a.xo" },
	{ "text: offset 0x0: not an S-record", "sbt text --format srec -o a.xo" },
	{ "a command is needed", "pcmap" },
	{ "did you mean 'lookup'", "pcmap lokup guest 0" },
	{ "needs a file", "pcmap stat" },
	{ "guest: offset 0x0: not a .xo", "pcmap stat guest" },
	{ "cannot open", "pcmap stat missing" },
	{ "not an address", "pcmap lookup good.xo 80100000x" },
	{ "not an address", "pcmap lookup good.xo 0x" },
	{ "beyond 32 bits", "pcmap lookup good.xo 0x0801000000" },
	{ "multiple of 4", "pcmap lookup good.xo 0x80100002" },
	{ "nothing for 0x90000000", "pcmap lookup good.xo 0x90000000" },
	{ "no page 0x90000000", "pcmap dump good.xo 0x90000010" },
};

START_TEST(refused)
{
	put_elf("guest");
	put("raw", words, sizeof words);
	put("text", "Some text that is no image at all, and no profile either.\n", 58);
	put_profile("p", 3, 0);
	put_profile("pbig", 3, UNIT_BE);
	put_srec("srec", false);
	ASSERT_DONE("sbt guest -o good.xo");
	ASSERT_REFUSED(refusals[_i].why, "%s", refusals[_i].args);
}
END_TEST

START_TEST(earlier_output_survives)
{
	put_elf("guest");
	put("text", "Some text\n", 10);
	ASSERT_DONE("sbt guest -o a.xo");
	put("b.xo", "x", 1);
	ASSERT_REFUSED("text: ", "sbt text -o a.xo");
	ASSERT_DONE("pcmap verify a.xo");
}
END_TEST

START_TEST(damaged_xo)
{
	struct file_bytes b;

	put_elf("guest");
	ASSERT_DONE("sbt guest -o a.xo");
	ck_assert_int_eq(file_read(temp_path("a.xo"), 1 << 20, &b, NULL), ST_OK);
	b.at[b.size / 2] ^= 4;
	put("a.xo", b.at, b.size);
	ASSERT_REFUSED("a.xo: offset 0x", "pcmap verify a.xo");
	ASSERT_REFUSED("the file is damaged", "pcmap lookup a.xo 0x80100000");
	file_bytes_free(&b);
}
END_TEST

START_TEST(binutils_read_it)
{
	char cmd[512];

	put_elf("guest");
	ASSERT_DONE("sbt guest -o a.xo");
	snprintf(cmd, sizeof cmd, "cd '%s' && objdump -dr a.xo >o 2>&1 && grep -q '<u_80100000>:' o && "
		 "grep -q 'R_X86_64_PLT32.*xabi_MISS' o", temp_dir);
	ck_assert_int_eq(system(cmd), 0);
	snprintf(cmd, sizeof cmd, "cd '%s' && readelf -aW a.xo >o 2>&1 && ! grep -E 'Warning:|Error:' o", temp_dir);
	ck_assert_int_eq(system(cmd), 0);
}
END_TEST

Suite *sbt_cli_suite(void);
Suite *sbt_cli_suite(void)
{
	Suite *s = suite_create("sbt_cli");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, set_up, temp_dir_drop);
	tcase_set_timeout(t, 120);
	tcase_add_test(t, elf_to_xo);
	tcase_add_test(t, same_bytes_whatever_the_threads);
	tcase_add_test(t, formats_agree);
	tcase_add_test(t, for_another_host);
	tcase_add_test(t, profile_alone);
	tcase_add_test(t, middles_of_blocks_have_units);
	tcase_add_test(t, hot_code_is_for_llvm);
	tcase_add_test(t, records_do_not_repeat);
	tcase_add_test(t, symbols_add_code);
	tcase_add_test(t, every_cut_elf);
	tcase_add_loop_test(t, wrong_elf_refused, 0, (int)ARRAY_LEN(wrong_elf));
	tcase_add_test(t, every_cut_srec);
	tcase_add_test(t, cut_profile);
	tcase_add_loop_test(t, refused, 0, (int)ARRAY_LEN(refusals));
	tcase_add_test(t, earlier_output_survives);
	tcase_add_test(t, damaged_xo);
	tcase_add_test(t, binutils_read_it);
	suite_add_tcase(s, t);
	return s;
}
