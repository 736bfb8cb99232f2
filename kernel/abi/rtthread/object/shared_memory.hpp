#pragma once
// Shared memory by number and key (shmget and its like). One table for all processes.

#include "lib/result.hpp"

#include <cstdint>

namespace memory {
class AddressSpace;
}

namespace abi::rtthread {

struct ProcessState;

inline constexpr unsigned shared_memory_count = 64; // RT_LWP_SHM_MAX_NR

/// The segment of that key. `create`: made when there is none, for `owner`. Errors: invalid_argument (no size),
/// not_found, no_space (all in use), no_memory, out_of_range (there is one, but smaller).
Result<std::int32_t> get_shared_memory(std::uint64_t key, std::uint64_t bytes, bool create, const ProcessState* owner);
/// It goes when nobody has it mapped; else nothing happens. Errors: invalid_argument.
Result<> remove_shared_memory(std::int32_t number);
/// Maps it at `address` (0: anywhere). Errors: invalid_argument, no_memory, exists.
Result<std::uintptr_t> attach_shared_memory(memory::AddressSpace& space, std::int32_t number, std::uintptr_t address);
/// Takes out what was attached at `address`. Errors: invalid_argument.
Result<> detach_shared_memory(memory::AddressSpace& space, std::uintptr_t address);
/// The owner ends: its segments go as soon as nobody has them mapped.
void disown_shared_memory(const ProcessState* owner);

} // namespace abi::rtthread
