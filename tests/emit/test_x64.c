/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The x86-64 encoder against bytes from an assembler, and its behaviour at the end of its buffer.
 * Not responsible for whether the emitter chooses the right instruction: test_template.c.
 */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "emit/x64.h"

Suite *x64_suite(void);

static void bytes_text(const struct x64 *x, char *text, size_t size)
{
	size_t n = 0;

	text[0] = 0;
	for (uint32_t i = 0; i < x->len && n < size; i++)
		n += (size_t)snprintf(text + n, size - n, "%s%02x", i ? " " : "", x->buf[i]);
}

/* The instruction as an assembler's listing has it, its bytes, and the call that must make them.  */
#define BYTES(listing, hex, call) do { \
	uint8_t buf[64]; \
	char text[64]; \
	struct x64 enc, *x = &enc; \
	x64_init(x, buf, sizeof(buf)); \
	call; \
	bytes_text(x, text, sizeof(text)); \
	ck_assert_msg(strcmp(text, hex) == 0, "%s: made %s, should be %s", listing, text, hex); \
} while (0)

START_TEST(moves)
{
	BYTES("mov ecx, r15d", "44 89 f9", x64_mov_rr(x, X64_W32, X64_RCX, X64_R15));
	BYTES("mov rbp, rsp", "48 89 e5", x64_mov_rr(x, X64_W64, X64_RBP, X64_RSP));
	BYTES("mov eax, 0x12345678", "b8 78 56 34 12", x64_mov_ri(x, X64_RAX, 0x12345678));
	BYTES("mov r10d, 1", "41 ba 01 00 00 00", x64_mov_ri(x, X64_R10, 1));
	BYTES("movabs rax, 0x123456789abcdef0", "48 b8 f0 de bc 9a 78 56 34 12", x64_mov_ri64(x, X64_RAX, 0x123456789abcdef0u));
	BYTES("mov r10d, 1", "41 ba 01 00 00 00", x64_mov_ri64(x, X64_R10, 1));
	BYTES("mov esi, dword [r12 + 4]", "41 8b 74 24 04", x64_mov_rm(x, X64_W32, X64_RSI, x64_at(X64_R12, 4)));
	BYTES("mov rbp, qword [r12 - 128]", "49 8b 6c 24 80", x64_mov_rm(x, X64_W64, X64_RBP, x64_at(X64_R12, -128)));
	BYTES("mov dword [r12 + 124], r11d", "45 89 5c 24 7c", x64_mov_mr(x, X64_W32, x64_at(X64_R12, 124), X64_R11));
	BYTES("mov qword [rsp], rax", "48 89 04 24", x64_mov_mr(x, X64_W64, x64_at(X64_RSP, 0), X64_RAX));
	BYTES("mov eax, dword [r13]", "41 8b 45 00", x64_mov_rm(x, X64_W32, X64_RAX, x64_at(X64_R13, 0)));
	BYTES("mov eax, dword [rbp]", "8b 45 00", x64_mov_rm(x, X64_W32, X64_RAX, x64_at(X64_RBP, 0)));
	BYTES("mov eax, dword [rsp + 8]", "8b 44 24 08", x64_mov_rm(x, X64_W32, X64_RAX, x64_at(X64_RSP, 8)));
	BYTES("mov eax, dword [r12 + 128]", "41 8b 84 24 80 00 00 00", x64_mov_rm(x, X64_W32, X64_RAX, x64_at(X64_R12, 128)));
	BYTES("mov eax, dword [r11 - 129]", "41 8b 83 7f ff ff ff", x64_mov_rm(x, X64_W32, X64_RAX, x64_at(X64_R11, -129)));
	BYTES("mov eax, dword [r11 + r13]", "43 8b 04 2b", x64_mov_rm(x, X64_W32, X64_RAX, x64_at_index(X64_R11, X64_R13, 0, 0)));
	BYTES("mov eax, dword [rbp + r13]", "42 8b 44 2d 00", x64_mov_rm(x, X64_W32, X64_RAX, x64_at_index(X64_RBP, X64_R13, 0, 0)));
	BYTES("mov eax, dword [rbp + 4*rax]", "8b 44 85 00", x64_mov_rm(x, X64_W32, X64_RAX, x64_at_index(X64_RBP, X64_RAX, 2, 0)));
	BYTES("mov r15d, [r13 + r12 + 4660]", "47 8b bc 25 34 12 00 00", x64_mov_rm(x, X64_W32, X64_R15, x64_at_index(X64_R13, X64_R12, 0, 4660)));
	BYTES("mov dword [r12 - 96], 0x80100000", "41 c7 44 24 a0 00 00 10 80", x64_mov_mi(x, x64_at(X64_R12, -96), 0x80100000u));
	BYTES("lea eax, [rbx + rsi]", "8d 04 33", x64_lea(x, X64_W32, X64_RAX, x64_at_index(X64_RBX, X64_RSI, 0, 0)));
	BYTES("lea r8d, [r8 + 1]", "45 8d 40 01", x64_lea(x, X64_W32, X64_R8, x64_at(X64_R8, 1)));
	BYTES("lea rax, [rcx + rcx + 1]", "48 8d 44 09 01", x64_lea(x, X64_W64, X64_RAX, x64_at_index(X64_RCX, X64_RCX, 0, 1)));
	BYTES("movsxd rbp, r8d", "49 63 e8", x64_movsxd_rr(x, X64_RBP, X64_R8));
	BYTES("movsxd rax, dword [r12 - 88]", "49 63 44 24 a8", x64_movsxd_rm(x, X64_RAX, x64_at(X64_R12, -88)));
	BYTES("movzx edi, dil", "40 0f b6 ff", x64_ext_rr(x, 1, false, X64_RDI, X64_RDI));
	BYTES("movzx eax, r9b", "41 0f b6 c1", x64_ext_rr(x, 1, false, X64_RAX, X64_R9));
	BYTES("movzx eax, al", "0f b6 c0", x64_ext_rr(x, 1, false, X64_RAX, X64_RAX));
	BYTES("movsx r15d, sil", "44 0f be fe", x64_ext_rr(x, 1, true, X64_R15, X64_RSI));
	BYTES("movsx esi, cx", "0f bf f1", x64_ext_rr(x, 2, true, X64_RSI, X64_RCX));
	BYTES("movzx edi, byte [rdi + r13]", "42 0f b6 3c 2f", x64_load(x, 1, false, X64_RDI, x64_at_index(X64_RDI, X64_R13, 0, 0)));
	BYTES("movsx r9d, word [rax + r13 - 2]", "46 0f bf 4c 28 fe", x64_load(x, 2, true, X64_R9, x64_at_index(X64_RAX, X64_R13, 0, -2)));
	BYTES("mov eax, dword [r11 + r13]", "43 8b 04 2b", x64_load(x, 4, true, X64_RAX, x64_at_index(X64_R11, X64_R13, 0, 0)));
	BYTES("mov byte [rax + r13], sil", "42 88 34 28", x64_store(x, 1, x64_at_index(X64_RAX, X64_R13, 0, 0), X64_RSI));
	BYTES("mov byte [rax + r13], bl", "42 88 1c 28", x64_store(x, 1, x64_at_index(X64_RAX, X64_R13, 0, 0), X64_RBX));
	BYTES("mov byte [rax + r13 + 1], r15b", "46 88 7c 28 01", x64_store(x, 1, x64_at_index(X64_RAX, X64_R13, 0, 1), X64_R15));
	BYTES("mov word [r9 + r13], cx", "66 43 89 0c 29", x64_store(x, 2, x64_at_index(X64_R9, X64_R13, 0, 0), X64_RCX));
	BYTES("mov word [r9 + r13], r8w", "66 47 89 04 29", x64_store(x, 2, x64_at_index(X64_R9, X64_R13, 0, 0), X64_R8));
	BYTES("mov dword [r12 + 124], r11d", "45 89 5c 24 7c", x64_store(x, 4, x64_at(X64_R12, 124), X64_R11));
	BYTES("mov byte [r12 - 72], 1", "41 c6 44 24 b8 01", x64_store_imm(x, 1, x64_at(X64_R12, -72), 1));
	BYTES("mov word [rax + r13 + 2], 0x1234", "66 42 c7 44 28 02 34 12", x64_store_imm(x, 2, x64_at_index(X64_RAX, X64_R13, 0, 2), 0x1234));
}
END_TEST

START_TEST(arithmetic)
{
	BYTES("add eax, ecx", "01 c8", x64_alu_rr(x, X64_W32, X64_ADD, X64_RAX, X64_RCX));
	BYTES("cmp r15d, r8d", "45 39 c7", x64_alu_rr(x, X64_W32, X64_CMP, X64_R15, X64_R8));
	BYTES("or rsp, rbp", "48 09 ec", x64_alu_rr(x, X64_W64, X64_OR, X64_RSP, X64_RBP));
	BYTES("sub r14d, 10", "41 83 ee 0a", x64_alu_ri(x, X64_W32, X64_SUB, X64_R14, 10));
	BYTES("sub r14d, 1000", "41 81 ee e8 03 00 00", x64_alu_ri(x, X64_W32, X64_SUB, X64_R14, 1000));
	BYTES("and eax, -4", "83 e0 fc", x64_alu_ri(x, X64_W32, X64_AND, X64_RAX, ~3u));
	BYTES("cmp rax, -128", "48 83 f8 80", x64_alu_ri(x, X64_W64, X64_CMP, X64_RAX, (uint32_t)-128));
	BYTES("add rax, 0x40000000", "48 05 00 00 00 40", x64_alu_ri(x, X64_W64, X64_ADD, X64_RAX, 0x40000000));
	BYTES("xor ecx, dword [r12 + 32]", "41 33 4c 24 20", x64_alu_rm(x, X64_W32, X64_XOR, X64_RCX, x64_at(X64_R12, 32)));
	BYTES("add dword [r12 + 32], r9d", "45 01 4c 24 20", x64_alu_mr(x, X64_W32, X64_ADD, x64_at(X64_R12, 32), X64_R9));
	BYTES("xor dword [rax], r10d", "44 31 10", x64_alu_mr(x, X64_W32, X64_XOR, x64_at(X64_RAX, 0), X64_R10));
	BYTES("and qword [rsp], -262145", "48 81 24 24 ff ff fb ff", x64_alu_mi(x, X64_W64, X64_AND, x64_at(X64_RSP, 0), ~0x40000u));
	BYTES("add dword [r12 + 32], 8", "41 83 44 24 20 08", x64_alu_mi(x, X64_W32, X64_ADD, x64_at(X64_R12, 32), 8));
	BYTES("cmp dword [r12 + 32], 4096", "41 81 7c 24 20 00 10 00 00", x64_alu_mi(x, X64_W32, X64_CMP, x64_at(X64_R12, 32), 4096));
	BYTES("cmp byte [r12 - 72], 1", "41 80 7c 24 b8 01", x64_alu_mi8(x, X64_CMP, x64_at(X64_R12, -72), 1));
	BYTES("test r15d, r15d", "45 85 ff", x64_test_rr(x, X64_W32, X64_R15, X64_R15));
	BYTES("test rax, rcx", "48 85 c8", x64_test_rr(x, X64_W64, X64_RAX, X64_RCX));
	BYTES("test sil, 4", "40 f6 c6 04", x64_test_ri(x, X64_RSI, 4));
	BYTES("test eax, 128", "a9 80 00 00 00", x64_test_ri(x, X64_RAX, 128));
	BYTES("test r9d, 128", "41 f7 c1 80 00 00 00", x64_test_ri(x, X64_R9, 128));
}
END_TEST

START_TEST(shifts_and_products)
{
	BYTES("shl ecx, 3", "c1 e1 03", x64_shift_ri(x, X64_W32, X64_SHL, X64_RCX, 3));
	BYTES("ror r15d, 2", "41 c1 cf 02", x64_shift_ri(x, X64_W32, X64_ROR, X64_R15, 2));
	BYTES("rol rax, 32", "48 c1 c0 20", x64_shift_ri(x, X64_W64, X64_ROL, X64_RAX, 32));
	BYTES("shr dword [r12 + 32], 5", "41 c1 6c 24 20 05", x64_shift_mi(x, X64_SHR, x64_at(X64_R12, 32), 5));
	BYTES("sar r10d, cl", "41 d3 fa", x64_shift_cl(x, X64_SAR, X64_R10));
	BYTES("rol ax, 8", "66 c1 c0 08", x64_rol16(x, X64_RAX, 8));
	BYTES("rol r10w, 8", "66 41 c1 c2 08", x64_rol16(x, X64_R10, 8));
	BYTES("shlx r15d, eax, ecx", "c4 62 71 f7 f8", x64_shiftx(x, X64_SHL, X64_R15, X64_RAX, X64_RCX));
	BYTES("shrx eax, r9d, r10d", "c4 c2 2b f7 c1", x64_shiftx(x, X64_SHR, X64_RAX, X64_R9, X64_R10));
	BYTES("sarx edi, r15d, edx", "c4 c2 6a f7 ff", x64_shiftx(x, X64_SAR, X64_RDI, X64_R15, X64_RDX));
	BYTES("rorx eax, r15d, 2", "c4 c3 7b f0 c7 02", x64_rorx(x, X64_RAX, X64_R15, 2));
	BYTES("not eax", "f7 d0", x64_unary_r(x, X64_W32, X64_NOT, X64_RAX));
	BYTES("neg r10d", "41 f7 da", x64_unary_r(x, X64_W32, X64_NEG, X64_R10));
	BYTES("idiv ebp", "f7 fd", x64_unary_r(x, X64_W32, X64_IDIV, X64_RBP));
	BYTES("div r10d", "41 f7 f2", x64_unary_r(x, X64_W32, X64_DIV, X64_R10));
	BYTES("imul rax, rbp", "48 0f af c5", x64_imul_rr(x, X64_W64, X64_RAX, X64_RBP));
	BYTES("imul r15d, ecx", "44 0f af f9", x64_imul_rr(x, X64_W32, X64_R15, X64_RCX));
	BYTES("imul ecx, dword [r12 + 32]", "41 0f af 4c 24 20", x64_imul_rm(x, X64_RCX, x64_at(X64_R12, 32)));
	BYTES("imul eax, r9d, 10", "41 6b c1 0a", x64_imul_rri(x, X64_RAX, X64_R9, 10));
	BYTES("imul eax, r9d, 1000", "41 69 c1 e8 03 00 00", x64_imul_rri(x, X64_RAX, X64_R9, 1000));
	BYTES("bsr rax, rax", "48 0f bd c0", x64_bsr(x, X64_W64, X64_RAX, X64_RAX));
	BYTES("bsr r10d, r9d", "45 0f bd d1", x64_bsr(x, X64_W32, X64_R10, X64_R9));
	BYTES("bswap eax", "0f c8", x64_bswap(x, X64_RAX));
	BYTES("bswap r15d", "41 0f cf", x64_bswap(x, X64_R15));
	BYTES("cdq", "99", x64_cdq(x));
	BYTES("xchg ecx, r10d", "41 87 ca", x64_xchg_rr(x, X64_RCX, X64_R10));
}
END_TEST

START_TEST(conditions_and_control)
{
	BYTES("setl r15b", "41 0f 9c c7", x64_setcc(x, X64_L, X64_R15));
	BYTES("setb dil", "40 0f 92 c7", x64_setcc(x, X64_B, X64_RDI));
	BYTES("sete al", "0f 94 c0", x64_setcc(x, X64_E, X64_RAX));
	BYTES("cmovne eax, r15d", "41 0f 45 c7", x64_cmov_rr(x, X64_NE, X64_RAX, X64_R15));
	BYTES("cmovns r10, qword [r12 - 112]", "4d 0f 49 54 24 90", x64_cmov_rm(x, X64_W64, X64_NS, X64_R10, x64_at(X64_R12, -112)));
	BYTES("push rbp", "55", x64_push(x, X64_RBP));
	BYTES("push r12", "41 54", x64_push(x, X64_R12));
	BYTES("pop r15", "41 5f", x64_pop(x, X64_R15));
	BYTES("pushfq", "9c", x64_pushf(x));
	BYTES("popfq", "9d", x64_popf(x));
	BYTES("ret", "c3", x64_ret(x));
	BYTES("jmp rax", "ff e0", x64_jmp_r(x, X64_RAX));
	BYTES("jmp r10", "41 ff e2", x64_jmp_r(x, X64_R10));
	BYTES("call rax", "ff d0", x64_call_r(x, X64_RAX));
}
END_TEST

START_TEST(jumps_are_patched)
{
	uint8_t buf[64];
	struct x64 x;
	uint32_t back, over;
	static const uint8_t want[] = {
		0x90, 0xe9, 0x06, 0, 0, 0,          /* 1: jmp 12 */
		0x0f, 0x8c, 0xf4, 0xff, 0xff, 0xff, /* 6: jl 0 */
		0xe8, 0xf6, 0xff, 0xff, 0xff,       /* 12: call 7 */
	};

	x64_init(&x, buf, sizeof(buf));
	x64_byte(&x, 0x90);
	over = x64_jmp(&x);
	back = x64_jcc(&x, X64_L);
	x64_patch(&x, over, x.len);
	x64_patch(&x, back, 0);
	x64_patch(&x, x64_call(&x), 7);
	ck_assert_uint_eq(x.len, sizeof(want));
	ck_assert_mem_eq(buf, want, sizeof(want));
}
END_TEST

START_TEST(short_jumps_go_back_as_far_as_a_byte)
{
	uint8_t buf[512];
	struct x64 x;

	x64_init(&x, buf, sizeof(buf));
	x64_byte(&x, 0x90);
	ck_assert(x64_jmp_back(&x, 0));             /* eb fd */
	ck_assert(x64_jcc_back(&x, X64_NE, 1));     /* 75 fc */
	ck_assert_uint_eq(x.len, 5);
	ck_assert_mem_eq(buf, "\x90\xeb\xfd\x75\xfc", 5);
	while (x.len < 126)
		x64_byte(&x, 0x90);
	ck_assert(x64_jmp_back(&x, 0));             /* 126 + 2: exactly -128 */
	ck_assert_uint_eq(buf[127], 0x80);
	ck_assert(!x64_jmp_back(&x, 1));            /* -129 */
	ck_assert(!x64_jmp_back(&x, x.len + 1));    /* forward */
	ck_assert_uint_eq(x.len, 128);
}
END_TEST

/* A full buffer stays full, and no byte behind its end changes.  */
START_TEST(a_full_buffer_is_never_overrun)
{
	for (uint32_t cap = 0; cap < 80; cap++) {
		uint8_t buf[128];
		struct x64 x;
		uint32_t len;

		memset(buf, 0xa5, sizeof(buf));
		x64_init(&x, buf, cap);
		for (unsigned i = 0; i < 20; i++) {
			x64_alu_mi(&x, X64_W32, X64_ADD, x64_at_index(X64_R12, X64_R13, 3, 0x12345678), 0x12345678);
			x64_patch(&x, x64_jmp(&x), 0);
		}
		ck_assert(x.full);
		ck_assert_uint_le(x.len, cap);
		for (unsigned i = cap; i < sizeof(buf); i++)
			ck_assert_uint_eq(buf[i], 0xa5);
		len = x.len;
		x64_byte(&x, 0);
		ck_assert_uint_eq(x.len, len);
	}
}
END_TEST

/* What the emitter relies on to reuse flags.  */
START_TEST(flag_changes_are_counted)
{
	uint8_t buf[256];
	struct x64 x;

	x64_init(&x, buf, sizeof(buf));
	x64_mov_rr(&x, X64_W32, X64_RAX, X64_RCX);
	x64_lea(&x, X64_W32, X64_RAX, x64_at(X64_RCX, 4));
	x64_setcc(&x, X64_E, X64_RAX);
	x64_ext_rr(&x, 1, false, X64_RAX, X64_RAX);
	x64_cmov_rr(&x, X64_E, X64_RAX, X64_RCX);
	x64_shiftx(&x, X64_SHL, X64_RAX, X64_RCX, X64_RDX);
	x64_unary_r(&x, X64_W32, X64_NOT, X64_RAX);
	x64_bswap(&x, X64_RAX);
	ck_assert_uint_eq(x.flags_gen, 0);
	x64_alu_ri(&x, X64_W32, X64_ADD, X64_RAX, 1);
	x64_test_rr(&x, X64_W32, X64_RAX, X64_RAX);
	x64_shift_ri(&x, X64_W32, X64_SHL, X64_RAX, 1);
	x64_unary_r(&x, X64_W32, X64_NEG, X64_RAX);
	x64_imul_rr(&x, X64_W32, X64_RAX, X64_RCX);
	x64_bsr(&x, X64_W32, X64_RAX, X64_RCX);
	ck_assert_uint_eq(x.flags_gen, 6);
}
END_TEST

Suite *x64_suite(void)
{
	Suite *s = suite_create("x64");
	TCase *t = tcase_create("encoder");

	tcase_add_test(t, moves);
	tcase_add_test(t, arithmetic);
	tcase_add_test(t, shifts_and_products);
	tcase_add_test(t, conditions_and_control);
	tcase_add_test(t, jumps_are_patched);
	tcase_add_test(t, short_jumps_go_back_as_far_as_a_byte);
	tcase_add_test(t, a_full_buffer_is_never_overrun);
	tcase_add_test(t, flag_changes_are_counted);
	suite_add_tcase(s, t);
	return s;
}
