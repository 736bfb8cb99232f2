#pragma once
// The kernel's own mappings besides the image and the direct map: device registers and stacks with guard pages.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <cstdint>

namespace memory {

inline constexpr std::size_t kernel_stack_size = 16 * 1024;

/// Maps device registers, read-write, strongly ordered. Never unmapped. Errors: no_memory.
Result<volatile void*> map_device(PhysAddr start, std::size_t bytes);

/// A stack with an unmapped page below it, aligned to twice its size so that an overflow shows in one address bit.
/// Returns its top. Errors: no_memory.
Result<std::uintptr_t> allocate_kernel_stack();
void free_kernel_stack(std::uintptr_t top);

} // namespace memory
