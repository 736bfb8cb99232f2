set(TETRAPYLON_ISA x86_64)
set(TETRAPYLON_TRIPLE x86_64-none-elf)
# No SSE or MMX in the kernel (x87 types stay known: <limits> needs long double). Interrupts use the kernel's stack,
# so nothing may live below the stack pointer. Linked in the top 2 GiB.
set(TETRAPYLON_ISA_FLAGS -mno-sse -mno-mmx -mno-red-zone -mcmodel=kernel)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-kernel.cmake)
