#pragma once
// Pages that mappings can share: a file's contents, shared anonymous memory, device registers.

#include "lib/address.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"

namespace memory {

class MemoryObject : public RefCounted<MemoryObject> {
public:
    virtual ~MemoryObject() = default;

    /// The frame that holds page `index`, with a reference added for the caller. May allocate, read from a disk and sleep.
    /// Errors: out_of_range (behind the end), io, no_memory.
    virtual Result<PhysAddr> page(std::uint64_t index, bool for_write) = 0;
    /// Frames are RAM counted in memory/frame.hpp; false for device registers.
    virtual bool is_ram() const { return true; }
};

/// `bytes` of zeroed memory that several address spaces may map. Errors: no_memory.
Result<Ref<MemoryObject>> create_shared_memory(std::uint64_t bytes);

} // namespace memory
