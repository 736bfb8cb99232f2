#pragma once
// What xv6's kernel prints on its console when a program did something unexpected.

#include "lib/format.hpp"

namespace abi::xv6 {

/// Writes to the machine's console; lost when there is none. May sleep.
void print_on_console(std::string_view text);

template <typename... Args>
void say(format::Format<std::type_identity_t<Args>...> text, const Args&... args) {
    std::array<char, 192> line;
    const std::size_t length = format::print(line, text, args...);
    print_on_console({line.data(), length});
}

/// A number as xv6's printf shows "%p": 0x and 16 digits.
struct Pointer {
    explicit Pointer(std::uint64_t value);
    operator std::string_view() const { return {text, sizeof text}; }
    char text[18];
};

} // namespace abi::xv6
