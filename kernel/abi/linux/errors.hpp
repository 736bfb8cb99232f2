#pragma once
// Error -> errno, once.

#include "lib/error.hpp"

#include <cstdint>

namespace abi::linux {

/// The positive errno of this ISA for an error of the shared services.
std::int32_t error_number(Error error);

} // namespace abi::linux
