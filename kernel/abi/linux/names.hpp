#pragma once
// The names of all Linux calls of this ISA, also of those that have no row in the table.

#include <cstdint>
#include <string_view>

namespace abi::linux {

/// Empty when Linux has no call of that number here.
std::string_view call_name(std::uint64_t number);

} // namespace abi::linux
