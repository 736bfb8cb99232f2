#pragma once
// Calls that this ISA has besides the generic ones.

#include "abi/linux/row.hpp"

#include <linux_isa/flush_icache.hpp>

namespace abi::linux {

inline constexpr std::array legacy_calls{LINUX_CALL(riscv_flush_icache)};

} // namespace abi::linux
