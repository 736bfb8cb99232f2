#pragma once
// Physical and user addresses are types of their own, so that neither can be dereferenced by mistake nor passed for the
// other. A kernel virtual address is an ordinary pointer or std::uintptr_t.

#include <compare>
#include <cstddef>
#include <cstdint>

inline constexpr std::size_t page_shift = 12;
inline constexpr std::size_t page_size = std::size_t{1} << page_shift;

struct PhysAddr {
    std::uint64_t value = 0;

    constexpr auto operator<=>(const PhysAddr&) const = default;
    constexpr PhysAddr operator+(std::uint64_t bytes) const { return {value + bytes}; }
    constexpr std::uint64_t operator-(PhysAddr other) const { return value - other.value; }
    constexpr std::uint64_t frame_number() const { return value >> page_shift; }
};

struct UserAddr {
    std::uintptr_t value = 0;

    constexpr auto operator<=>(const UserAddr&) const = default;
    constexpr UserAddr operator+(std::uintptr_t bytes) const { return {value + bytes}; }
    constexpr std::uintptr_t operator-(UserAddr other) const { return value - other.value; }
};

constexpr std::uint64_t align_down(std::uint64_t value, std::uint64_t alignment) {
    return value & ~(alignment - 1);
}
constexpr std::uint64_t align_up(std::uint64_t value, std::uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}
