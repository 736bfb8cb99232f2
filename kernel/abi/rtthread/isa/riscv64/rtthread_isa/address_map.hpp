#pragma once
// lwp_arch.h of riscv64: 5.0.1 and the newest. USER_VADDR_TOP lies in the half that is the kernel's here: what stands
// below it (5.0.x: the arguments; both: program headers and random bytes) stands below the end of Sv39's user half.

#include "abi/rtthread/program_map.hpp"

#include <array>

namespace abi::rtthread::isa {

inline constexpr AddressMap map_5_0{
    .load = 0x2'0000'0000,
    .interpreter = 0x2'6000'0000,
    .heap_start = 0x3'0000'0000,
    .heap_end = 0x10'0000'0000,
    .stack_start = 0x2'7000'0000,
    .stack_end = 0x3'0000'0000,
    .arguments = 0,
    .top = 0x3f'0000'0000,
    .search_start = 0x10'0000'0000,
    .search_down = false,
};
inline constexpr AddressMap map_newest{
    .load = 0x2'0000'0000,
    .interpreter = 0x2'6000'0000,
    .heap_start = 0x3'0000'0000,
    .heap_end = 0x3'7000'0000,
    .stack_start = 0x3'7000'0000,
    .stack_end = 0x4'0000'0000,
    .arguments = 0x4'0000'0000,
    .top = 0x3f'0000'0000,
    .search_start = 0x10'0000'0000,
    .search_down = false,
};

/// li a7, 0xfe; ecall: the end of a signal handler, in both generations.
inline constexpr std::array<std::uint32_t, 2> signal_return_code{0x0fe00893, 0x00000073};
inline constexpr std::array<std::uint32_t, 2> signal_return_code_5_0 = signal_return_code;
/// li a0, 0; li a7, 1; ecall: the end of a thread.
inline constexpr std::array<std::uint32_t, 3> thread_exit_code{0x00000513, 0x00100893, 0x00000073};

} // namespace abi::rtthread::isa
