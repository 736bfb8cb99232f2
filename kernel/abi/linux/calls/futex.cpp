#include "abi/linux/calls/futex.hpp"

#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"
#include "thread/futex.hpp"
#include "thread/wall_clock.hpp"

#include <algorithm>

namespace abi::linux {
namespace {

using memory::UserPtr;
using thread::FutexKey;
using thread::Time;

struct Operation {
    std::int32_t command;
    bool is_private;
    bool wall_clock;
};

constexpr Operation decode(std::int32_t operation) {
    return {
        .command = operation & FUTEX_CMD_MASK,
        .is_private = (operation & FUTEX_PRIVATE_FLAG) != 0,
        .wall_clock = (operation & FUTEX_CLOCK_REALTIME) != 0};
}

/// What the futex at `address` is known by. Errors: invalid_argument (not on a word boundary), bad_address.
Result<FutexKey> key_of(thread::Thread& thread, UserAddr address, bool is_private) {
    if (address.value % sizeof(std::uint32_t) != 0)
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(address.value, sizeof(std::uint32_t)))
        return fail(Error::bad_address);
    if (is_private)
        return FutexKey{thread.address_space, address.value};
    const auto place = TRY(thread.address_space->shared_place(address.value));
    return FutexKey{place.object, place.offset};
}

Result<std::uint32_t> wait(
    thread::Thread& thread, UserAddr address, Operation op, std::uint32_t expected, UserAddr timeout,
    std::uint32_t bits) {
    if (bits == 0)
        return fail(Error::invalid_argument);
    const bool absolute = op.command == FUTEX_WAIT_BITSET;
    Time deadline = thread::never;
    if (timeout.value != 0) {
        const Time time = TRY(to_time(TRY(UserPtr<const __kernel_timespec>(timeout).read())));
        if (!absolute)
            deadline = resume_deadline(thread, time);
        else
            deadline = op.wall_clock ? time - std::min(time, thread::boot_time()) : time;
    }
    const auto result =
        thread::futex_wait(TRY(key_of(thread, address, op.is_private)), address, expected, bits, deadline);
    if (result)
        return 0;
    if (result.error() == Error::restart && timeout.value != 0 && !absolute)
        return restart_at_deadline(thread, deadline);
    return fail(result.error());
}

Result<std::uint32_t> requeue(
    thread::Thread& thread, UserAddr from, UserAddr to, Operation op, std::uint32_t wake, std::uint64_t move,
    std::optional<std::uint32_t> expected) {
    if (static_cast<std::int32_t>(wake) < 0 || static_cast<std::int32_t>(move) < 0)
        return fail(Error::invalid_argument);
    return thread::futex_requeue(
        {.from = TRY(key_of(thread, from, op.is_private)),
         .to = TRY(key_of(thread, to, op.is_private)),
         .address = from,
         .expected = expected,
         .wake = wake,
         .move = static_cast<std::uint32_t>(move)});
}

/// The arithmetic of FUTEX_WAKE_OP: new value of the second word. Errors: no_system_call (unknown operation).
Result<std::uint32_t> apply(std::uint32_t encoded, std::uint32_t old_value) {
    std::uint32_t operand = static_cast<std::uint32_t>(static_cast<std::int32_t>(encoded << 8) >> 20);
    if (encoded & (std::uint32_t{FUTEX_OP_OPARG_SHIFT} << 28))
        operand = std::uint32_t{1} << (operand & 31);
    switch ((encoded >> 28) & 7) {
    case FUTEX_OP_SET:
        return operand;
    case FUTEX_OP_ADD:
        return old_value + operand;
    case FUTEX_OP_OR:
        return old_value | operand;
    case FUTEX_OP_ANDN:
        return old_value & ~operand;
    case FUTEX_OP_XOR:
        return old_value ^ operand;
    default:
        return fail(Error::no_system_call);
    }
}

Result<bool> compare(std::uint32_t encoded, std::uint32_t old_value) {
    const auto left = static_cast<std::int32_t>(old_value);
    const auto right = static_cast<std::int32_t>(encoded << 20) >> 20;
    switch ((encoded >> 24) & 15) {
    case FUTEX_OP_CMP_EQ:
        return left == right;
    case FUTEX_OP_CMP_NE:
        return left != right;
    case FUTEX_OP_CMP_LT:
        return left < right;
    case FUTEX_OP_CMP_GE:
        return left >= right;
    case FUTEX_OP_CMP_LE:
        return left <= right;
    case FUTEX_OP_CMP_GT:
        return left > right;
    default:
        return fail(Error::no_system_call);
    }
}

/// Changes the word in one atomic step; returns what it held.
Result<std::uint32_t> change_word(UserAddr address, std::uint32_t encoded) {
    std::uint32_t old_value = TRY(UserPtr<const std::uint32_t>(address).read());
    for (;;) {
        const std::uint32_t wanted = TRY(apply(encoded, old_value));
        const std::uint32_t seen = old_value;
        const int stored = arch::compare_exchange_user_word(address.value, &old_value, wanted);
        if (stored < 0)
            return fail(Error::bad_address);
        if (stored > 0)
            return seen;
    }
}

Result<std::uint32_t> wake_op(
    thread::Thread& thread, UserAddr first, UserAddr second, Operation op, std::uint32_t count,
    std::uint64_t second_count, std::uint32_t encoded) {
    const FutexKey first_key = TRY(key_of(thread, first, op.is_private));
    const FutexKey second_key = TRY(key_of(thread, second, op.is_private));
    const std::uint32_t old_value = TRY(change_word(second, encoded));
    std::uint32_t woken = thread::futex_wake(first_key, count, thread::any_futex_bit);
    if (TRY(compare(encoded, old_value)))
        woken += thread::futex_wake(second_key, static_cast<std::uint32_t>(second_count), thread::any_futex_bit);
    return woken;
}

} // namespace

Result<std::uint32_t> sys_futex(
    thread::Thread& thread, UserAddr address, std::int32_t operation, std::uint32_t value,
    std::uint64_t timeout_or_count, UserAddr second, std::uint32_t third) {
    const Operation op = decode(operation);
    if (op.wall_clock && op.command != FUTEX_WAIT_BITSET && op.command != FUTEX_WAIT)
        return fail(Error::no_system_call);
    switch (op.command) {
    case FUTEX_WAIT:
        return wait(thread, address, op, value, {timeout_or_count}, thread::any_futex_bit);
    case FUTEX_WAIT_BITSET:
        return wait(thread, address, op, value, {timeout_or_count}, third);
    case FUTEX_WAKE:
        return thread::futex_wake(TRY(key_of(thread, address, op.is_private)), value, thread::any_futex_bit);
    case FUTEX_WAKE_BITSET:
        if (third == 0)
            return fail(Error::invalid_argument);
        return thread::futex_wake(TRY(key_of(thread, address, op.is_private)), value, third);
    case FUTEX_REQUEUE:
        return requeue(thread, address, second, op, value, timeout_or_count, std::nullopt);
    case FUTEX_CMP_REQUEUE:
        return requeue(thread, address, second, op, value, timeout_or_count, third);
    case FUTEX_WAKE_OP:
        return wake_op(thread, address, second, op, value, timeout_or_count, third);
    default:
        return fail(Error::no_system_call);
    }
}

} // namespace abi::linux
