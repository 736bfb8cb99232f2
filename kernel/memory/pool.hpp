#pragma once
// Kernel objects: size-class slabs over frames behind `new (std::nothrow)` and `delete`. Larger requests are whole blocks of frames.
// Empty slabs go back to the frame allocator at once when more than one per class is empty, so that leak tests see exact counts (drain_pools()).

#include <cstddef>

namespace memory {

/// Null when there is no memory. At least 16-byte aligned; sizes of a power of two are aligned to themselves up to a page.
void* allocate(std::size_t bytes, std::size_t alignment = 16);
void release(void* object, std::size_t bytes);

/// Gives all empty slabs back.
void drain_pools();

} // namespace memory
