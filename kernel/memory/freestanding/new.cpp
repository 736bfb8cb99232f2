// `new (std::nothrow)` and `delete` over the pools. There is no throwing new in the kernel: it does not link.

#include "memory/pool.hpp"

#include <new>

namespace std {
const nothrow_t nothrow{};
} // namespace std

void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
    return memory::allocate(bytes);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
    return memory::allocate(bytes);
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return memory::allocate(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
    return memory::allocate(bytes, static_cast<std::size_t>(alignment));
}

void operator delete(void* object) noexcept {
    memory::release(object);
}
void operator delete[](void* object) noexcept {
    memory::release(object);
}
void operator delete(void* object, std::size_t bytes) noexcept {
    memory::release(object, bytes);
}
void operator delete[](void* object, std::size_t bytes) noexcept {
    memory::release(object, bytes);
}
void operator delete(void* object, std::align_val_t) noexcept {
    memory::release(object);
}
void operator delete[](void* object, std::align_val_t) noexcept {
    memory::release(object);
}
void operator delete(void* object, std::size_t bytes, std::align_val_t) noexcept {
    memory::release(object, bytes);
}
void operator delete[](void* object, std::size_t bytes, std::align_val_t) noexcept {
    memory::release(object, bytes);
}
void operator delete(void* object, const std::nothrow_t&) noexcept {
    memory::release(object);
}
void operator delete[](void* object, const std::nothrow_t&) noexcept {
    memory::release(object);
}
