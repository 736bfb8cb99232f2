#include "thread/futex.hpp"

#include "memory/user_ptr.hpp"
#include "thread/no_paging.hpp"
#include "thread/wait_queue.hpp"

#include <array>

namespace thread {
namespace {

struct Bucket;

struct Waiter {
    Waiter(FutexKey on, std::uint32_t wanted) : key(on), bits(wanted) {}

    FutexKey key;
    std::uint32_t bits;
    std::atomic<Bucket*> bucket{nullptr}; // whose list it is in; changed with both buckets' locks held
    bool woken = false;                   // bucket's lock
    WaitQueue queue;
    QueueHook hook;
};

struct Bucket {
    Spinlock lock;
    intrusive::list<
        Waiter, intrusive::member_hook<Waiter, QueueHook, &Waiter::hook>, intrusive::constant_time_size<false>>
        waiters GUARDED_BY(lock);
};

constexpr std::size_t bucket_count = 256;

Bucket& bucket_of(FutexKey key) {
    alignas(Bucket) static constinit std::array<std::byte, sizeof(Bucket) * bucket_count> storage{};
    static Bucket* const buckets = new (storage.data()) Bucket[bucket_count];
    const std::uint64_t mixed =
        (reinterpret_cast<std::uintptr_t>(key.object) ^ (key.offset >> 2)) * 0x9e37'79b9'7f4a'7c15;
    return buckets[mixed >> 56];
}

/// The word at a user address, or bad_address also when it is not in memory right now.
Result<std::uint32_t> load_resident(UserAddr address) {
    NoPaging no_paging;
    std::uint32_t value;
    if (!memory::is_user_range(address.value, sizeof value) || arch::load_user_word(address.value, &value) != 0)
        return fail(Error::bad_address);
    return value;
}

/// Compares the word with the lock held; where the page is absent, brings it in with the lock released and says
/// try_again.
Result<> expect_word(Spinlock& lock, UserAddr address, std::uint32_t expected) REQUIRES(lock) {
    if (const auto value = load_resident(address)) {
        if (*value != expected)
            return fail(Error::would_block);
        return {};
    }
    lock.release();
    std::uint32_t word;
    const auto present = memory::copy_in(&word, address, sizeof word);
    lock.acquire();
    return fail(present ? Error::try_again : Error::bad_address);
}

/// Sleeps until woken; follows the waiter when it is moved to another bucket.
Result<> sleep(Waiter& waiter, Time deadline) NO_THREAD_SAFETY_ANALYSIS {
    for (;;) {
        Bucket& bucket = *waiter.bucket.load();
        SpinlockGuard guard(bucket.lock);
        if (waiter.bucket.load() != &bucket)
            continue;
        if (waiter.woken)
            return {};
        const auto waited = waiter.queue.wait(bucket.lock, deadline);
        if (waited || waiter.bucket.load() != &bucket)
            continue;
        if (waiter.woken)
            return {};
        bucket.waiters.erase(bucket.waiters.iterator_to(waiter));
        return waited;
    }
}

void wake_waiter(Bucket& bucket, Waiter& waiter) REQUIRES(bucket.lock) {
    bucket.waiters.erase(bucket.waiters.iterator_to(waiter));
    waiter.woken = true;
    waiter.queue.wake_one();
}

} // namespace

Result<> futex_wait(FutexKey key, UserAddr address, std::uint32_t expected, std::uint32_t bits, Time deadline) {
    Waiter waiter(key, bits);
    Bucket& bucket = bucket_of(key);
    for (;;) {
        SpinlockGuard guard(bucket.lock);
        const auto holds = expect_word(bucket.lock, address, expected);
        if (!holds && holds.error() == Error::try_again)
            continue;
        TRY(holds);
        waiter.bucket.store(&bucket);
        bucket.waiters.push_back(waiter);
        break;
    }
    return sleep(waiter, deadline);
}

unsigned futex_wake(FutexKey key, unsigned count, std::uint32_t bits) {
    Bucket& bucket = bucket_of(key);
    SpinlockGuard guard(bucket.lock);
    unsigned woken = 0;
    for (auto next = bucket.waiters.begin(); next != bucket.waiters.end() && woken < count;) {
        Waiter& waiter = *next++;
        if (waiter.key != key || (waiter.bits & bits) == 0)
            continue;
        wake_waiter(bucket, waiter);
        ++woken;
    }
    return woken;
}

namespace {

/// Wakes and moves with both locks held (they may be the same one).
unsigned requeue_locked(Bucket& from, Bucket& to, const FutexRequeue& request) NO_THREAD_SAFETY_ANALYSIS {
    unsigned woken = 0, moved = 0;
    for (auto next = from.waiters.begin(); next != from.waiters.end();) {
        Waiter& waiter = *next++;
        if (waiter.key != request.from)
            continue;
        if (woken < request.wake) {
            wake_waiter(from, waiter);
            ++woken;
        } else if (moved < request.move) {
            waiter.key = request.to;
            if (&from != &to) {
                from.waiters.erase(from.waiters.iterator_to(waiter));
                to.waiters.push_back(waiter);
                waiter.bucket.store(&to);
            }
            ++moved;
        } else {
            break;
        }
    }
    return woken + moved;
}

} // namespace

Result<unsigned> futex_requeue(const FutexRequeue& request) NO_THREAD_SAFETY_ANALYSIS {
    Bucket& from = bucket_of(request.from);
    Bucket& to = bucket_of(request.to);
    Bucket& first = &from < &to ? from : to; // in the order of addresses, against deadlock
    Bucket& second = &from < &to ? to : from;
    for (;;) {
        SpinlockGuard first_guard(first.lock);
        if (&second != &first)
            second.lock.acquire();
        Result<> holds;
        if (request.expected) {
            if (const auto value = load_resident(request.address); !value)
                holds = fail(Error::try_again);
            else if (*value != *request.expected)
                holds = fail(Error::would_block);
        }
        unsigned affected = 0;
        if (holds)
            affected = requeue_locked(from, to, request);
        if (&second != &first)
            second.lock.release();
        if (holds)
            return affected;
        if (holds.error() != Error::try_again)
            return fail(holds.error());
        first.lock.release();
        std::uint32_t word;
        const auto present = memory::copy_in(&word, request.address, sizeof word);
        first.lock.acquire();
        TRY(present);
    }
}

} // namespace thread
