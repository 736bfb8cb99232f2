#pragma once
// The machine's name, as programs see and set it.

#include "lib/result.hpp"
#include "lib/spinlock.hpp"

#include <array>
#include <span>
#include <string_view>

namespace process {

/// A name of up to `max_length` bytes under a lock of its own.
class SystemName {
public:
    static constexpr std::size_t max_length = 64;

    constexpr explicit SystemName(std::string_view initial) : length_(initial.size()) {
        initial.copy(text_.data(), text_.size());
    }
    /// Copies the name into `to`, cut at its size; returns the part written.
    std::string_view get(std::span<char> to);
    /// Errors: invalid_argument (longer than max_length).
    Result<> set(std::string_view name);

private:
    Spinlock lock_;
    std::array<char, max_length> text_ GUARDED_BY(lock_){};
    std::size_t length_ GUARDED_BY(lock_) = 0;
};

SystemName& host_name();
SystemName& domain_name();

} // namespace process
