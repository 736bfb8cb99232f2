#include "abi/rtthread/calls/futex.hpp"

#include "abi/rtthread/object/user_mutex.hpp"
#include "memory/address_space.hpp"
#include "thread/futex.hpp"
#include "thread/wall_clock.hpp"

namespace abi::rtthread {
namespace {

using memory::UserPtr;
using thread::FutexKey;
using thread::Time;

enum Operation : std::int32_t { wait = 0, wake = 1, requeue = 3, compare_requeue = 4 };
constexpr std::int32_t private_flag = 128, realtime_flag = 256;

/// Errors: invalid_argument (not on a word boundary), bad_address.
Result<FutexKey> key_of(thread::Thread& thread, UserAddr word, bool is_private) {
    if (word.value % sizeof(std::uint32_t) != 0)
        return fail(Error::invalid_argument);
    if (!memory::is_user_range(word.value, sizeof(std::uint32_t)))
        return fail(Error::bad_address);
    if (is_private)
        return FutexKey{thread.address_space, word.value};
    const auto place = TRY(thread.address_space->shared_place(word.value));
    return FutexKey{place.object, place.offset};
}

/// 5.0.x: only plain WAIT (until a date) and WAKE (which answers 0); a word that differs is -RT_EINTR.
Result<std::int64_t>
futex_5_0(thread::Thread& thread, UserAddr word, std::int32_t operation, std::uint32_t value, UserAddr timeout) {
    if (operation == wake) {
        thread::futex_wake(TRY(key_of(thread, word, true)), value, thread::any_futex_bit);
        return 0;
    }
    if (operation != wait)
        return fail(Error::no_system_call);
    Time deadline = thread::never;
    if (timeout.value != 0)
        deadline = date_to_deadline(TRY(to_time(TRY(UserPtr<const Timespec>(timeout).read()))));
    const auto waited =
        thread::futex_wait(TRY(key_of(thread, word, true)), word, value, thread::any_futex_bit, deadline);
    if (waited)
        return 0;
    if (waited.error() != Error::would_block)
        return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
    remember_error(thread, error_number(Error::would_block));
    return -object_error(Error::interrupted, Generation::v5_0);
}

Result<std::uint32_t>
futex_wait(thread::Thread& thread, UserAddr word, bool is_private, std::uint32_t value, UserAddr timeout) {
    Time deadline = thread::never;
    if (timeout.value != 0)
        deadline = after(thread::now(), TRY(to_time(TRY(UserPtr<const Timespec>(timeout).read()))));
    const auto waited =
        thread::futex_wait(TRY(key_of(thread, word, is_private)), word, value, thread::any_futex_bit, deadline);
    if (waited)
        return 0;
    return fail(waited.error() == Error::restart ? Error::interrupted : waited.error());
}

} // namespace

Result<std::int64_t> sys_futex(
    thread::Thread& thread, UserAddr word, std::int32_t operation, std::uint32_t value, std::uint64_t timeout_or_count,
    UserAddr second, std::uint32_t third) {
    if (generation_of(thread) == Generation::v5_0)
        return futex_5_0(thread, word, operation, value, {timeout_or_count});
    const bool is_private = (operation & private_flag) != 0;
    const std::int32_t command = operation & ~(private_flag | realtime_flag);
    switch (command) {
    case wait:
        return futex_wait(thread, word, is_private, value, {timeout_or_count});
    case wake:
        return thread::futex_wake(TRY(key_of(thread, word, is_private)), value, thread::any_futex_bit);
    case requeue:
    case compare_requeue:
        if (static_cast<std::int32_t>(value) < 0 || static_cast<std::int32_t>(timeout_or_count) < 0)
            return fail(Error::invalid_argument);
        return thread::futex_requeue(
            {.from = TRY(key_of(thread, word, is_private)),
             .to = TRY(key_of(thread, second, is_private)),
             .address = word,
             .expected = command == compare_requeue ? std::optional(third) : std::nullopt,
             .wake = value,
             .move = static_cast<std::uint32_t>(timeout_or_count)});
    default:
        return fail(Error::no_system_call);
    }
}

namespace {

enum MutexOperation : std::int32_t { initialise = 0, lock = 1, unlock = 2, destroy = 3 };
constexpr std::size_t mutex_words = 6, owner_word = 1;

/// musl's pthread_mutex_t begins with its type; the second word is the owner of those that keep one.
Result<UserMutexes::Type> type_of(UserAddr mutex) {
    const std::uint32_t type = TRY(UserPtr<const std::uint32_t>(mutex).read()) & 3;
    if (type > static_cast<std::uint32_t>(UserMutexes::Type::error_check))
        return fail(Error::invalid_argument);
    return static_cast<UserMutexes::Type>(type);
}

Result<> set_owner(const UserMutex& mutex, std::uint32_t owner) {
    if (mutex.type == UserMutexes::Type::normal)
        return {};
    return UserPtr<std::uint32_t>(mutex.address + owner_word * sizeof(owner)).write(owner);
}

Result<> lock_mutex(thread::Thread& thread, UserMutexes& mutexes, UserAddr address, UserAddr timeout) {
    Time deadline = thread::never;
    if (timeout.value != 0)
        deadline = date_to_deadline(TRY(to_time(TRY(UserPtr<const Timespec>(timeout).read()))));
    const Ref<UserMutex> mutex = TRY(mutexes.find_or_create(address, TRY(type_of(address))));
    const auto taken = mutex->take(thread, deadline);
    if (!taken && deadline == 0 && taken.error() == Error::timed_out)
        return fail(Error::busy); // a try
    TRY(taken);
    return set_owner(*mutex, thread.id);
}

} // namespace

Result<> sys_pmutex(thread::Thread& thread, UserAddr address, std::int32_t operation, UserAddr argument) {
    UserMutexes& mutexes = state_of(thread).process->user_mutexes;
    using Words = std::array<std::uint64_t, mutex_words>;
    const Words checked = TRY(UserPtr<const Words>(address).read());
    static_cast<void>(checked);
    switch (operation) {
    case initialise: {
        mutexes.remove(address);
        const Ref<UserMutex> made = TRY(mutexes.find_or_create(address, TRY(type_of(address))));
        return {};
    }
    case lock:
        return lock_mutex(thread, mutexes, address, argument);
    case unlock: {
        const Ref<UserMutex> mutex = mutexes.find(address);
        if (!mutex)
            return fail(Error::invalid_argument);
        TRY(mutex->release(thread));
        return mutex->is_held(thread) ? Result<>() : set_owner(*mutex, 0);
    }
    case destroy:
        return mutexes.remove(address) ? Result<>() : fail(Error::invalid_argument);
    default:
        return fail(Error::invalid_argument);
    }
}

} // namespace abi::rtthread
