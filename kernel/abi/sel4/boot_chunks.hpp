#pragma once
// Extra boot information: chunks of {identifier, bytes with this header} and contents, one behind the other. libsel4:
// bootinfo_types.h.

#include "abi/sel4/message.hpp"

#include <cstddef>
#include <span>

namespace abi::sel4 {

enum class ChunkId : Word {
    memory_map = 2, // of multiboot
    acpi_root_pointer = 3,
    tsc_frequency = 5, // MHz
    device_tree = 6,
};

class BootChunks {
public:
    /// Without room it only counts.
    explicit BootChunks(std::span<std::byte> room) : room_(room) {}

    /// Begins a chunk. Returns where its contents go: `bytes` of them, or nothing without room.
    std::span<std::byte> add(ChunkId id, std::size_t bytes);
    void add(ChunkId id, std::span<const std::byte> contents);
    std::size_t used() const { return used_; } // bytes

private:
    std::span<std::byte> room_;
    std::size_t used_ = 0;
};

} // namespace abi::sel4
