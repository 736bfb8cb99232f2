#pragma once
// lwp_arch.h of aarch64: 5.0.1 and the newest.

#include "abi/rtthread/program_map.hpp"

#include <array>

namespace abi::rtthread::isa {

inline constexpr AddressMap map_5_0{
    .load = 0x20'0000,
    .interpreter = 0x6000'0000,
    .heap_start = 0xffff'8000'0000,
    .heap_end = 0xffff'b000'0000,
    .stack_start = 0xffff'7000'0000,
    .stack_end = 0xffff'8000'0000,
    .arguments = 0,
    .top = 0x1'0000'0000'0000,
    .search_start = 0xffff'7000'0000,
    .search_down = true,
};
inline constexpr AddressMap map_newest{
    .load = 0x20'0000,
    .interpreter = 0x6000'0000,
    .heap_start = 0xffff'4000'0000,
    .heap_end = 0xffff'7000'0000,
    .stack_start = 0xffff'7000'0000,
    .stack_end = 0xffff'8000'0000,
    .arguments = 0xffff'8000'0000,
    .top = 0x1'0000'0000'0000,
    .search_start = 0xffff'4000'0000,
    .search_down = true,
};

/// mov x8, #0xe000; svc #0: the end of a signal handler.
inline constexpr std::array<std::uint32_t, 2> signal_return_code{0xd29c0008, 0xd4000001};
/// mov x8, #0xfe; svc #0: the same before 5.1.
inline constexpr std::array<std::uint32_t, 2> signal_return_code_5_0{0xd2801fc8, 0xd4000001};
/// mov x0, #0; mov x8, #1; svc #0: the end of a thread.
inline constexpr std::array<std::uint32_t, 3> thread_exit_code{0xd2800000, 0xd2800028, 0xd4000001};

} // namespace abi::rtthread::isa
