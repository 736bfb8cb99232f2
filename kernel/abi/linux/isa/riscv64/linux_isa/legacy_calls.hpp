#pragma once
// Calls that this ISA has besides the generic ones.

#include "abi/linux/row.hpp"

namespace abi::linux {

inline constexpr std::array<Call, 0> legacy_calls{};

} // namespace abi::linux
