#pragma once
// The system calls of a debug build (CONFIG_PRINTING, CONFIG_DEBUG_BUILD): answered when the system was started so.

#include "abi/sel4/lock.hpp"

#include <cstdint>

namespace abi::sel4 {

struct Tcb;

/// False: there is no such call.
bool handle_debug_call(Tcb& caller, std::int64_t number) REQUIRES(lock);

} // namespace abi::sel4
