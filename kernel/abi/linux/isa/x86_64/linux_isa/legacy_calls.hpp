#pragma once
// Calls that x86_64 has besides the generic ones: older forms of them.

#include "abi/linux/calls/time.hpp"
#include "abi/linux/row.hpp"

namespace abi::linux {

inline constexpr std::array legacy_calls{
    LINUX_CALL(time),
};

} // namespace abi::linux
