set(TETRAPYLON_ISA aarch64)
set(TETRAPYLON_TRIPLE aarch64-none-elf)
# No FPU or SIMD register in the kernel: user state stays in them until the lazy switch. Atomics inline: there is no helper library.
set(TETRAPYLON_ISA_FLAGS -mgeneral-regs-only -mno-outline-atomics)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-kernel.cmake)
