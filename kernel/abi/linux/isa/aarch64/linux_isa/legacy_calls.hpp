#pragma once
// Calls that this ISA has besides the generic ones.

#include "abi/linux/calls/legacy_files.hpp"
#include "abi/linux/row.hpp"

namespace abi::linux {

inline constexpr std::array legacy_calls{LINUX_CALL(renameat)};

} // namespace abi::linux
