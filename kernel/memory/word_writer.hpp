#pragma once
// Words for a program that does not run yet: its argument vectors.

#include "memory/address_space.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace memory {

/// Writes words upwards into another address space, through a small buffer. The last ones arrive with flush().
class WordWriter {
public:
    WordWriter(AddressSpace& space, std::uintptr_t at) : space_(space), at_(at) {}

    /// Errors: those of AddressSpace::write_foreign.
    Result<> put(std::uint64_t word) {
        buffer_[used_++] = word;
        return used_ == buffer_.size() ? flush() : Result<>();
    }
    Result<> flush() {
        const auto bytes = std::as_bytes(std::span(buffer_).first(used_));
        TRY(space_.write_foreign(at_, bytes));
        at_ += bytes.size();
        used_ = 0;
        return {};
    }

private:
    AddressSpace& space_;
    std::uintptr_t at_;
    std::array<std::uint64_t, 64> buffer_{};
    std::size_t used_ = 0;
};

} // namespace memory
