#pragma once
// Putting an ELF image's segments into an address space.

#include "process/elf_image.hpp"

#include <cstdint>

namespace memory {
class AddressSpace;
}
namespace file {
class Inode;
}

namespace abi::rtthread {

/// Maps the load segments, each address plus `bias`. A segment whose place in the file does not fit the pages (the
/// vendor's ld.so) is copied. Errors: no_memory, io, not_executable.
Result<>
map_segments(memory::AddressSpace& space, file::Inode& inode, const process::ElfImage& image, std::uint64_t bias);

} // namespace abi::rtthread
