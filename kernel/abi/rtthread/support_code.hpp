#pragma once
// The page with the code that ends signal handlers and threads, one frame mapped read-execute into every program. The
// original writes the same instructions onto the user's stack; they are there too, but nothing has to run from there.

#include "abi/rtthread/generation.hpp"
#include "lib/result.hpp"

#include <cstdint>

namespace memory {
class AddressSpace;
}

namespace abi::rtthread {

/// Offsets into the page.
inline constexpr std::uintptr_t signal_return_offset = 0, signal_return_5_0_offset = 16, thread_exit_offset = 32;

/// Maps it at `address`. Errors: no_memory, exists.
Result<> map_support_code(memory::AddressSpace& space, std::uintptr_t address);

} // namespace abi::rtthread
