set(TETRAPYLON_ISA riscv64)
set(TETRAPYLON_TRIPLE riscv64-none-elf)
# No F or D in the kernel: user floating-point state stays in its registers until the lazy switch.
# medany, because the kernel is linked at the top of the address space.
# Unaligned words are one load: QEMU does them, and the firmware does them for a CPU that cannot.
set(TETRAPYLON_ISA_FLAGS -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-relax -mno-strict-align)
include(${CMAKE_CURRENT_LIST_DIR}/toolchain-kernel.cmake)
