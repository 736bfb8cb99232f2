#pragma once
// The only way to user memory. A user pointer is an address that a program gave us: nothing is believed of it until the
// copy, which checks the range, allows user access for its own duration only and turns faults into Error::bad_address.
// All copies act on the current thread's address space and may sleep (demand paging): no spin lock held.

#include "lib/address.hpp"
#include "lib/result.hpp"

#include <arch/page_table.hpp>
#include <arch/user_copy.hpp>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace memory {

/// True when [address, address + bytes) lies in the user half and does not wrap.
constexpr bool is_user_range(std::uintptr_t address, std::size_t bytes) {
    return bytes <= arch::user_top && address <= arch::user_top - bytes;
}

/// Copies all bytes or fails with bad_address (then part of the target may be written).
inline Result<> copy_in(void* to, UserAddr from, std::size_t bytes) {
    if (!is_user_range(from.value, bytes) || arch::copy_from_user(to, from.value, bytes) != 0) [[unlikely]]
        return fail(Error::bad_address);
    return {};
}
inline Result<> copy_out(UserAddr to, const void* from, std::size_t bytes) {
    if (!is_user_range(to.value, bytes) || arch::copy_to_user(to.value, from, bytes) != 0) [[unlikely]]
        return fail(Error::bad_address);
    return {};
}

template <typename T>
concept UserCopyable = std::is_trivially_copyable_v<T>;

/// Points to one T in user memory. UserPtr<const T> can only be read.
template <UserCopyable T>
class UserPtr {
public:
    using Value = std::remove_const_t<T>;

    constexpr UserPtr() = default;
    constexpr explicit UserPtr(UserAddr address) : address_(address) {}

    constexpr UserAddr address() const { return address_; }
    constexpr explicit operator bool() const { return address_.value != 0; }
    /// The n-th T behind this one.
    constexpr UserPtr operator+(std::size_t n) const { return UserPtr(address_ + n * sizeof(T)); }

    Result<Value> read() const {
        Value value;
        TRY(copy_in(&value, address_, sizeof(Value)));
        return value;
    }
    Result<> write(const Value& value) const
        requires(!std::is_const_v<T>)
    {
        return copy_out(address_, &value, sizeof(Value));
    }

private:
    UserAddr address_;
};

/// `count` Ts in user memory.
template <UserCopyable T>
class UserSpan {
public:
    using Value = std::remove_const_t<T>;

    constexpr UserSpan() = default;
    constexpr UserSpan(UserAddr address, std::size_t count) : address_(address), count_(count) {}

    constexpr UserAddr address() const { return address_; }
    constexpr std::size_t size() const { return count_; }

    /// Copies the first to.size() values; bad_address too when there are fewer here.
    Result<> read(std::span<Value> to, std::size_t first = 0) const {
        if (to.size() > count_ - first || first > count_)
            return fail(Error::bad_address);
        return copy_in(to.data(), address_ + first * sizeof(T), to.size_bytes());
    }
    Result<> write(std::span<const Value> from, std::size_t first = 0) const
        requires(!std::is_const_v<T>)
    {
        if (from.size() > count_ - first || first > count_)
            return fail(Error::bad_address);
        return copy_out(address_ + first * sizeof(T), from.data(), from.size_bytes());
    }

private:
    UserAddr address_;
    std::size_t count_ = 0;
};

using UserBytes = UserSpan<std::byte>;            // a buffer the kernel fills
using ConstUserBytes = UserSpan<const std::byte>; // a buffer the kernel reads

/// A NUL-terminated string in user memory.
class UserString {
public:
    constexpr UserString() = default;
    constexpr explicit UserString(UserAddr address) : address_(address) {}

    constexpr UserAddr address() const { return address_; }
    constexpr explicit operator bool() const { return address_.value != 0; }

    /// Copies the string with its NUL into `to` and returns it without. Errors: bad_address; name_too_long (no NUL
    /// within to.size()).
    Result<std::string_view> read(std::span<char> to) const;

private:
    UserAddr address_;
};

} // namespace memory
