#pragma once
// Waiting on a word of user memory (futex(7)): the fast path is the program's own atomic access, the kernel only keeps
// the sleepers.

#include "lib/address.hpp"
#include "lib/result.hpp"
#include "thread/timer.hpp"

#include <cstdint>
#include <optional>

namespace thread {

/// What tells two futexes apart: a place in memory that processes share, or an address of one address space.
struct FutexKey {
    const void* object = nullptr;
    std::uint64_t offset = 0;
    bool operator==(const FutexKey&) const = default;
};

inline constexpr std::uint32_t any_futex_bit = ~std::uint32_t{0};

/// Sleeps while the word at `address` holds `expected`, until a wake whose bits meet `bits`.
/// Errors: would_block (the word differs), bad_address, timed_out, restart.
Result<> futex_wait(FutexKey key, UserAddr address, std::uint32_t expected, std::uint32_t bits, Time deadline);

/// Wakes up to `count` sleepers whose bits meet `bits`, the oldest first. Returns how many.
unsigned futex_wake(FutexKey key, unsigned count, std::uint32_t bits);

/// Wakes up to `wake` sleepers and moves up to `move` of the others to `to`. With `expected`: only while the word at
/// `address` (of `from`) holds it. Returns woken + moved. Errors: would_block, bad_address.
struct FutexRequeue {
    FutexKey from, to;
    UserAddr address;
    std::optional<std::uint32_t> expected;
    unsigned wake = 0, move = 0;
};
Result<unsigned> futex_requeue(const FutexRequeue& request);

} // namespace thread
