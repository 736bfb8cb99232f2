#pragma once
// x86_64 has no original: the map is the newest one of riscv64.

#include "abi/rtthread/program_map.hpp"

#include <array>

namespace abi::rtthread::isa {

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
inline constexpr AddressMap map_5_0 = map_newest;

/// mov eax, 0xfe; syscall; nop: the end of a signal handler.
inline constexpr std::array<std::uint32_t, 2> signal_return_code{0x0000feb8, 0x90050f00};
inline constexpr std::array<std::uint32_t, 2> signal_return_code_5_0 = signal_return_code;
/// xor edi, edi; mov eax, 1; syscall; nops: the end of a thread.
inline constexpr std::array<std::uint32_t, 3> thread_exit_code{0x01b8ff31, 0x0f000000, 0x90909005};

} // namespace abi::rtthread::isa
