#pragma once
// What DebugPutChar prints: collected by the calls, written by the system's own process.

#include <array>
#include <cstddef>
#include <span>

namespace abi::sel4 {

/// Guarded by its owner.
class Console {
public:
    /// Takes one character. False: it is full, the character is lost.
    bool put(char character);
    /// Takes out what there is. Returns how much.
    std::size_t take(std::span<char> to);
    bool empty() const { return used_ == 0; }
    bool nearly_full() const { return used_ > size / 2; }

private:
    static constexpr std::size_t size = 32768;
    std::array<char, size> text_{};
    std::size_t first_ = 0, used_ = 0;
};

} // namespace abi::sel4
