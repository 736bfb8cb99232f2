#pragma once
// A page of code that the kernel gives to programs: what their signal handlers return to, for instance.

#include "lib/address.hpp"
#include "memory/memory_object.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace memory {

class AddressSpace;

/// One frame, filled at its first use, kept for ever, mapped read-execute wherever it is wanted.
class CodePage {
public:
    using Bytes = std::span<std::byte, page_size>;

    /// `fill` writes the code; the page is zero before.
    explicit constexpr CodePage(void (*fill)(Bytes to)) : fill_(fill) {}

    /// Maps it where there is room and returns where. Process context, no locks. Errors: no_memory.
    Result<std::uintptr_t> map(AddressSpace& space);
    /// Maps it at `address`. Process context, no locks. Errors: no_memory, exists.
    Result<> map_at(AddressSpace& space, std::uintptr_t address);

private:
    Result<MemoryObject*> create() const;
    Result<MemoryObject*> object();

    void (*fill_)(Bytes to);
    std::atomic<MemoryObject*> made_{nullptr};
};

} // namespace memory
