#pragma once
// The services' errors as this kernel's numbers: errno (musl's generic list) for POSIX-like calls, RT_E* for calls on
// its own objects.

#include "abi/rtthread/generation.hpp"
#include "lib/error.hpp"

#include <cstdint>

namespace abi::rtthread {

/// The positive errno.
std::int32_t error_number(Error error);

/// The positive RT_E*. 5.0.x counts them from 1; the newest takes them from errno and keeps RT_ERROR = 255.
std::int32_t object_error(Error error, Generation generation);

/// What calls on objects answer with RT_ERROR: the object is gone, is not the caller's to release, or is not in the
/// state for it.
inline constexpr Error plain_error = Error::not_permitted;
/// RT_EFULL.
inline constexpr Error full = Error::no_space;

} // namespace abi::rtthread
