#pragma once
// The page with the code that returns from signal handlers, for programs whose C library brings none. One frame, mapped
// read-execute into every program; there is no vDSO.

#include "lib/result.hpp"

#include <cstdint>

namespace memory {
class AddressSpace;
}

namespace abi::linux {

/// Maps it where there is room and returns where; 0 on an ISA that needs none. Errors: no_memory.
Result<std::uintptr_t> map_signal_return_page(memory::AddressSpace& space);

} // namespace abi::linux
