#pragma once
// O_* that musl numbers by ISA (arch/*/bits/fcntl.h).

#include <cstdint>

namespace abi::rtthread::isa {

inline constexpr std::uint32_t o_directory = 040000, o_nofollow = 0100000, o_direct = 0200000;

} // namespace abi::rtthread::isa
