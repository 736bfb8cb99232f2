#pragma once
// Text formatting without allocation: a checked subset of std::format over integers and strings
// (std::format itself needs floating point, which the kernel does not use).

#include "lib/address.hpp"
#include "lib/error.hpp"

#include <array>
#include <concepts>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace format {

/// One argument with its kind forgotten to three cases.
struct Argument {
    enum class Kind : std::uint8_t { unsigned_integer, signed_integer, text } kind;
    std::uint64_t number = 0;
    std::string_view text;
};

template <typename T>
constexpr Argument argument(const T& value) {
    using Kind = Argument::Kind;
    if constexpr (std::is_same_v<T, bool>)
        return {Kind::text, 0, value ? "true" : "false"};
    else if constexpr (std::is_same_v<T, Error>)
        return {Kind::text, 0, error_name(value)};
    else if constexpr (std::is_same_v<T, PhysAddr> || std::is_same_v<T, UserAddr>)
        return {Kind::unsigned_integer, value.value, {}};
    else if constexpr (std::is_enum_v<T>)
        return {Kind::unsigned_integer, static_cast<std::uint64_t>(value), {}};
    else if constexpr (std::is_convertible_v<T, std::string_view>)
        return {Kind::text, 0, std::string_view(value)};
    else if constexpr (std::is_pointer_v<T>)
        return {Kind::unsigned_integer, reinterpret_cast<std::uintptr_t>(value), {}};
    else if constexpr (std::signed_integral<T>)
        return {Kind::signed_integer, static_cast<std::uint64_t>(static_cast<std::int64_t>(value)), {}};
    else {
        static_assert(std::unsigned_integral<T>, "this type cannot be formatted");
        return {Kind::unsigned_integer, value, {}};
    }
}

template <typename... Args>
constexpr std::array<Argument, sizeof...(Args)> arguments(const Args&... args) {
    return {argument(args)...};
}

/// Counts the fields of a format string; not callable at run time when it is malformed, so a bad one is a compile
/// error.
consteval std::size_t count_fields(std::string_view text) {
    std::size_t fields = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '{')
            continue;
        std::size_t end = text.find('}', i);
        std::string_view inside = text.substr(i + 1, end - i - 1);
        if (end == std::string_view::npos || !(inside.empty() || inside == ":x"))
            __builtin_trap();
        ++fields;
    }
    return fields;
}

/// A format string that was checked against its arguments at compile time.
template <typename... Args>
struct Format {
    std::string_view text;
    template <std::size_t N>
    consteval Format(const char (&literal)[N]) : text(literal, N - 1) {
        if (count_fields(text) != sizeof...(Args))
            __builtin_trap(); // wrong number of arguments for this format string
    }
};

/// Writes the text into `to`, cut at its size (no NUL is added). Returns the number of bytes written.
std::size_t write(std::span<char> to, std::string_view text, std::span<const Argument> arguments);

/// The same with checked arguments: `print(buffer, "{} of {}", a, b)`.
template <typename... Args>
std::size_t print(std::span<char> to, Format<std::type_identity_t<Args>...> text, const Args&... args) {
    return write(to, text.text, arguments(args...));
}

} // namespace format
