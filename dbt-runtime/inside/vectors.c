/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The few instructions at CPL 0, and the way from a fault to inside_fault (CPL 3) and back.  A software KVM emulates CPL 0 one
 * instruction at a time, so CPL 0 notes what only it can see and returns into CPL 3 at once.
 *
 *   #PF, #AC   the processor pushes to stack0, which CPL 3 can read; CR2 is kept; iretq takes a frame made in advance, which
 *              leads to fault_page or fault_align on a stack of their own
 *   #UD        a request of inside itself: rdi is an address whose translation is forgotten; 0: all are
 *   others     the end: the vector goes to INSIDE_PORT_FATAL
 *
 * Faults nest a few levels deep (what answers a fault may touch a mirror that is not there): each level takes FAULT_STACK bytes.
 * Memory CPL 0 uses is written by CPL 3 at will; what is protected is the VMM, not one half of this VM from the other.
 */
#include "dbt-runtime/inside/box.h"
#include "dbt-runtime/inside/inside.h"

#define STR2(x) #x
#define STR(x) STR2(x)

#define FAULT_STACK 16384
#define FAULT_LEVELS 4

__asm__(".bss\n"
	".balign 4096\n"
	"stack0: .skip 4096\n"
	"stack0_top:\n"
	"fault_stacks: .skip " STR(FAULT_STACK) " * " STR(FAULT_LEVELS) "\n"
	"fault_stacks_top:\n"
	".data\n"
	".balign 16\n"
	"cr2: .quad 0\n"
	"resume_rip: .quad 0\n"
	"resume_rsp: .quad 0\n"
	"frame_page: .quad fault_page, " STR(INSIDE_USER_CODE) ", " STR(INSIDE_RFLAGS) ", fault_stacks_top, " STR(INSIDE_USER_DATA) "\n"
	"frame_align: .quad fault_align, " STR(INSIDE_USER_CODE) ", " STR(INSIDE_RFLAGS) ", fault_stacks_top, " STR(INSIDE_USER_DATA) "\n"
	".text\n");

/* CPL 0.  Vectors 6, 14 and 17 have more to do than fits into their place.  */
__asm__(".balign 32\n"
	"vectors:\n"
	"vector = 0\n"
	".rept " STR(INSIDE_VECTORS) "\n"
	".balign " STR(INSIDE_VECTOR_STRIDE) "\n"
	".if vector == 6\n"
	"	jmp request\n"
	".elseif vector == 14\n"
	"	movq %rax, cr2(%rip)\n" /* rax for a moment */
	"	movq %cr2, %rax\n"
	"	xchgq %rax, cr2(%rip)\n"
	"	leaq frame_page(%rip), %rsp\n"
	"	iretq\n"
	".elseif vector == 17\n"
	"	leaq frame_align(%rip), %rsp\n"
	"	iretq\n"
	".else\n"
	"	movb $vector, %al\n"
	"	outb %al, $" STR(INSIDE_PORT_FATAL) "\n"
	"	hlt\n"
	".endif\n"
	"vector = vector + 1\n"
	".endr\n"
	".balign 32\n"
	"request:\n"
	"	addq $2, (%rsp)\n" /* behind the ud2 */
	"	testq %rdi, %rdi\n"
	"	jz 1f\n"
	"	invlpg (%rdi)\n"
	"	iretq\n"
	"1:	movq %cr3, %rdi\n"
	"	movq %rdi, %cr3\n"
	"	iretq\n");

/* CPL 3, interrupts of the fault's own kind still possible from the call on.  Builds struct box_fault, then the SSE state.  */
__asm__(".macro build vec\n"
	"	pushq %r15\n	pushq %r14\n	pushq %r13\n	pushq %r12\n	pushq %r11\n	pushq %r10\n	pushq %r9\n	pushq %r8\n"
	"	pushq %rdi\n	pushq %rsi\n	pushq %rbp\n"
	"	pushq stack0_top-16(%rip)\n" /* rsp */
	"	pushq %rbx\n	pushq %rdx\n	pushq %rcx\n	pushq %rax\n"
	"	pushq stack0_top-24(%rip)\n" /* flags */
	"	pushq stack0_top-40(%rip)\n" /* rip */
	"	pushq cr2(%rip)\n"
	"	pushq stack0_top-48(%rip)\n" /* error */
	"	pushq $\\vec\n"
	".endm\n"
	"fault_page:\n"
	"	build 14\n"
	"	jmp 1f\n"
	"fault_align:\n"
	"	build 17\n"
	"1:	subq $" STR(FAULT_STACK) ", frame_page+24(%rip)\n"
	"	subq $" STR(FAULT_STACK) ", frame_align+24(%rip)\n"
	"	movq %rsp, %rdi\n"
	"	movq %rsp, %rbx\n"
	"	subq $512, %rsp\n"
	"	andq $-16, %rsp\n"
	"	fxsave64 (%rsp)\n"
	"	call inside_fault\n"
	"	fxrstor64 (%rsp)\n"
	"	movq %rbx, %rsp\n"
	"	addq $" STR(FAULT_STACK) ", frame_page+24(%rip)\n"
	"	addq $" STR(FAULT_STACK) ", frame_align+24(%rip)\n"
	"	addq $24, %rsp\n"
	"	popq resume_rip(%rip)\n"
	"	popq %rdi\n" /* flags: last, since AC may be among them */
	"	popq %rax\n	popq %rcx\n	popq %rdx\n	popq %rbx\n"
	"	popq resume_rsp(%rip)\n"
	"	pushq %rdi\n" /* where rsp was */
	"	popfq\n"
	"	popq %rbp\n	popq %rsi\n	popq %rdi\n"
	"	popq %r8\n	popq %r9\n	popq %r10\n	popq %r11\n	popq %r12\n	popq %r13\n	popq %r14\n	popq %r15\n"
	"	movq resume_rsp(%rip), %rsp\n"
	"	jmpq *resume_rip(%rip)\n");

__asm__(".section .inside_header, \"a\"\n"
	".quad " STR(INSIDE_MAGIC) ", inside_start, vectors, stack0_top\n"
	".text\n"
	".globl inside_start\n"
	"inside_start:\n"
	"	call inside_main\n"
	"	ud2\n");

void inside_forget(uint64_t addr)
{
	__asm__ volatile("ud2" : "+D"(addr) : : "memory");
}
