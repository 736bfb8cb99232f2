#pragma once
// How register words become typed arguments. A handler states its types; ArgumentTraits says for each type how many
// registers it takes, how it is decoded (high bits that the type does not have are cut off, as each psABI leaves them
// undefined) and how a trace shows it.

#include "lib/address.hpp"
#include "memory/user_ptr.hpp"

#include <concepts>
#include <cstdint>
#include <type_traits>

namespace abi {

enum class ArgumentKind : std::uint8_t {
    signed_integer,
    unsigned_integer,
    address,    // a user address that is not followed
    pointer,    // to a structure
    string,     // NUL-terminated
    buffer_in,  // address and length, read by the kernel
    buffer_out, // address and length, written by the kernel
    descriptor,
    flags,
    mode,
    process_id,
    signal,
    size,
    offset,
};

/// A file descriptor.
struct Descriptor {
    std::int32_t value;
};
/// A bit set that a trace shows in hexadecimal.
struct Flags {
    std::uint32_t bits;
};
struct FileMode {
    std::uint32_t bits;
};
struct ProcessId {
    std::int32_t value;
};
struct SignalNumber {
    std::int32_t value;
};
struct FileOffset {
    std::int64_t value;
};

template <typename T>
struct ArgumentTraits;

/// Common shape of the types that take one register.
template <typename T, ArgumentKind K>
struct OneRegister {
    static constexpr unsigned registers = 1;
    static constexpr ArgumentKind kind = K;
};

template <std::integral T>
struct ArgumentTraits<T>
    : OneRegister<T, std::is_signed_v<T> ? ArgumentKind::signed_integer : ArgumentKind::unsigned_integer> {
    static constexpr T decode(const std::uint64_t* words) { return static_cast<T>(words[0]); }
};
template <>
struct ArgumentTraits<UserAddr> : OneRegister<UserAddr, ArgumentKind::address> {
    static constexpr UserAddr decode(const std::uint64_t* words) { return {words[0]}; }
};
template <typename T>
struct ArgumentTraits<memory::UserPtr<T>> : OneRegister<memory::UserPtr<T>, ArgumentKind::pointer> {
    static constexpr std::size_t bytes = sizeof(T);
    static constexpr memory::UserPtr<T> decode(const std::uint64_t* words) { return memory::UserPtr<T>({words[0]}); }
};
template <>
struct ArgumentTraits<memory::UserString> : OneRegister<memory::UserString, ArgumentKind::string> {
    static constexpr memory::UserString decode(const std::uint64_t* words) { return memory::UserString({words[0]}); }
};
template <typename T>
struct ArgumentTraits<memory::UserSpan<T>> {
    static constexpr unsigned registers = 2;
    static constexpr std::size_t bytes = sizeof(T);
    static constexpr ArgumentKind kind = std::is_const_v<T> ? ArgumentKind::buffer_in : ArgumentKind::buffer_out;
    static constexpr memory::UserSpan<T> decode(const std::uint64_t* words) { return {{words[0]}, words[1]}; }
};
template <>
struct ArgumentTraits<Descriptor> : OneRegister<Descriptor, ArgumentKind::descriptor> {
    static constexpr Descriptor decode(const std::uint64_t* words) { return {static_cast<std::int32_t>(words[0])}; }
};
template <>
struct ArgumentTraits<Flags> : OneRegister<Flags, ArgumentKind::flags> {
    static constexpr Flags decode(const std::uint64_t* words) { return {static_cast<std::uint32_t>(words[0])}; }
};
template <>
struct ArgumentTraits<FileMode> : OneRegister<FileMode, ArgumentKind::mode> {
    static constexpr FileMode decode(const std::uint64_t* words) { return {static_cast<std::uint32_t>(words[0])}; }
};
template <>
struct ArgumentTraits<ProcessId> : OneRegister<ProcessId, ArgumentKind::process_id> {
    static constexpr ProcessId decode(const std::uint64_t* words) { return {static_cast<std::int32_t>(words[0])}; }
};
template <>
struct ArgumentTraits<SignalNumber> : OneRegister<SignalNumber, ArgumentKind::signal> {
    static constexpr SignalNumber decode(const std::uint64_t* words) { return {static_cast<std::int32_t>(words[0])}; }
};
template <>
struct ArgumentTraits<FileOffset> : OneRegister<FileOffset, ArgumentKind::offset> {
    static constexpr FileOffset decode(const std::uint64_t* words) { return {static_cast<std::int64_t>(words[0])}; }
};

} // namespace abi
