#pragma once
// O_* that musl numbers by ISA (arch/*/bits/fcntl.h).

#include <cstdint>

namespace abi::rtthread::isa {

inline constexpr std::uint32_t o_directory = 0200000, o_nofollow = 0400000, o_direct = 040000;

} // namespace abi::rtthread::isa
