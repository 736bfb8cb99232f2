// Copies between the kernel and user memory. `rep movsq` keeps its progress in registers, so after a fault rcx says
// exactly what is left; what a word-wise copy could not do is tried once more by bytes, so that everything before the
// first bad byte is transferred. SMAP is open (EFLAGS.AC) between stac and clac; without SMAP both become nops.

#include <arch/x86_64/alternative.h>

.macro may_fault fixup, instruction:vararg
881:    \instruction
    .pushsection .exception_table, "a"
882:    .long 881b - 882b
883:    .long \fixup - 883b
    .popsection
.endm

.macro open_user_memory
    only_with ALTERNATIVE_SMAP, stac
.endm
.macro close_user_memory
    only_with ALTERNATIVE_SMAP, clac
.endm

.text
// size_t copy_from_user(void* to, uintptr_t from, size_t n)
// size_t copy_to_user(uintptr_t to, const void* from, size_t n)
    .global copy_from_user, copy_to_user
    .balign 16
copy_from_user:
copy_to_user:
    movq %rdx, %rcx
    andl $7, %edx
    shrq $3, %rcx
    open_user_memory
    may_fault 2f, rep movsq
    movl %edx, %ecx
1:  may_fault 3f, rep movsb
3:  close_user_memory
    movq %rcx, %rax
    ret
2:  leaq (%rdx, %rcx, 8), %rcx
    jmp 1b

// size_t clear_user(uintptr_t to, size_t n)
    .global clear_user
    .balign 16
clear_user:
    movq %rsi, %rcx
    movl %esi, %edx
    andl $7, %edx
    shrq $3, %rcx
    xorl %eax, %eax
    open_user_memory
    may_fault 2f, rep stosq
    movl %edx, %ecx
1:  may_fault 3f, rep stosb
3:  close_user_memory
    movq %rcx, %rax
    ret
2:  leaq (%rdx, %rcx, 8), %rcx
    jmp 1b

// ptrdiff_t copy_string_from_user(char* to, uintptr_t from, size_t max)
// Eight bytes at a time from the first aligned address on (an aligned word never crosses into a page that the string
// does not reach); the word with the NUL and the ends go by bytes.
    .global copy_string_from_user
    .balign 16
copy_string_from_user:
    xorl %eax, %eax
    movabsq $0x0101010101010101, %r8
    movabsq $0x8080808080808080, %r9
    open_user_memory
1:  cmpq %rdx, %rax
    jae 4f
    leaq (%rsi, %rax), %rcx
    testb $7, %cl
    jz 3f
2:  may_fault 5f, movb (%rsi, %rax), %cl
    movb %cl, (%rdi, %rax)
    testb %cl, %cl
    jz 4f
    incq %rax
    jmp 1b
3:  leaq 8(%rax), %rcx
    cmpq %rdx, %rcx
    ja 2b
    may_fault 5f, movq (%rsi, %rax), %r10
    movq %r10, %rcx
    movq %r10, %r11
    subq %r8, %rcx
    notq %r11
    andq %r11, %rcx
    testq %r9, %rcx
    jnz 2b                          // a NUL is among them
    movq %r10, (%rdi, %rax)
    addq $8, %rax
    jmp 1b
5:  movq $-1, %rax
4:  close_user_memory
    ret

// int load_user_word(uintptr_t from, uint32_t* value)
    .global load_user_word
    .balign 16
load_user_word:
    xorl %eax, %eax
    open_user_memory
    may_fault 1f, movl (%rdi), %ecx
    close_user_memory
    movl %ecx, (%rsi)
    ret
1:  close_user_memory
    movl $-1, %eax
    ret

// int compare_exchange_user_word(uintptr_t at, uint32_t* expected, uint32_t desired)
    .global compare_exchange_user_word
    .balign 16
compare_exchange_user_word:
    movl (%rsi), %eax
    open_user_memory
    may_fault 1f, lock cmpxchgl %edx, (%rdi)
    close_user_memory
    movl %eax, (%rsi)
    sete %al
    movzbl %al, %eax
    ret
1:  close_user_memory
    movl $-1, %eax
    ret
