#pragma once
// Kernel objects: size-class slabs over frames behind `new (std::nothrow)` and `delete`. Larger requests are whole
// blocks of frames. One empty slab per class is kept; it counts as free (memory::count_reserve) and is given back when
// frames are short.

#include <cstddef>

namespace memory {

/// Null when there is no memory. At least 16-byte aligned; sizes of a power of two are aligned to themselves up to a
/// page. Any lock held, also in interrupt handlers. Contents undefined.
void* allocate(std::size_t bytes, std::size_t alignment = 16);
/// Takes back what allocate() gave; null is nothing. `bytes` as then.
void release(void* object, std::size_t bytes);
/// The same for those who do not know the size.
void release(void* object);

/// Gives all empty slabs back.
void drain_pools();

} // namespace memory
