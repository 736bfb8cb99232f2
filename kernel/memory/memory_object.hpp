#pragma once
// Pages that mappings can share: a file's contents, shared anonymous memory, device registers.

#include "lib/address.hpp"
#include "lib/ref.hpp"
#include "lib/result.hpp"

#include <optional>
#include <span>

namespace memory {

/// page() is called with the address space's lock held. So nobody may touch user memory while holding a lock that
/// page() takes.
class MemoryObject : public RefCounted<MemoryObject> {
public:
    virtual ~MemoryObject() = default;

    /// The frame that holds page `index`, with a reference added for the caller. May allocate, read from a disk and
    /// sleep. Errors: out_of_range (behind the end), io, no_memory.
    virtual Result<PhysAddr> page(std::uint64_t index, bool for_write) = 0;
    /// The same only when the frame is there already and to be had at once: a fault maps such neighbours too.
    virtual std::optional<PhysAddr> resident_page(std::uint64_t index) {
        static_cast<void>(index);
        return std::nullopt;
    }
    /// True: page() wants to hear of the first write through a shared mapping (dirty pages). False: shared pages are
    /// writable at once.
    virtual bool tracks_writes() const { return false; }
    /// Frames are RAM counted in memory/frame.hpp; false for device registers.
    virtual bool is_ram() const { return true; }

    /// For /proc/PID/maps: writes the name (cut at its size), returns its length; and the numbers of the file behind
    /// it.
    virtual std::size_t name(std::span<char> to) const {
        static_cast<void>(to);
        return 0;
    }
    struct Identity {
        std::uint64_t device = 0, inode = 0;
    };
    virtual Identity identity() const { return {}; }
};

/// `bytes` of zeroed memory that several address spaces may map. Errors: no_memory.
Result<Ref<MemoryObject>> create_shared_memory(std::uint64_t bytes);

} // namespace memory
