#pragma once
// A spin lock that keeps interrupts off while it is held, and its guards.
// Holders never sleep; for anything that may block use thread::Mutex.

#include "lib/thread_safety.hpp"

#include <arch/cpu.hpp>
#include <atomic>
#include <cstdint>

class CAPABILITY("spinlock") Spinlock {
public:
    constexpr Spinlock() = default;
    Spinlock(const Spinlock&) = delete;
    Spinlock& operator=(const Spinlock&) = delete;

    /// Takes the lock; interrupts must be off already (SpinlockGuard sees to it).
    void acquire() ACQUIRE() {
        while (locked_.exchange(1, std::memory_order_acquire) != 0) [[unlikely]]
            while (is_locked())
                arch::spin_hint();
    }
    bool try_acquire() TRY_ACQUIRE(true) { return locked_.exchange(1, std::memory_order_acquire) == 0; }
    void release() RELEASE() { locked_.store(0, std::memory_order_release); }
    /// Tells the compiler's analysis what it cannot see: the caller holds this lock.
    void assert_held() const ASSERT_CAPABILITY(this) {}
    bool is_locked() const { return locked_.load(std::memory_order_relaxed) != 0; }

private:
    std::atomic<std::uint32_t> locked_{0}; // a word: riscv64 has no atomic operation on bytes
};

/// Holds a Spinlock and keeps this CPU's interrupts off for the scope's length; restores the former interrupt state.
class SCOPED_CAPABILITY SpinlockGuard {
public:
    explicit SpinlockGuard(Spinlock& lock) ACQUIRE(lock)
        : lock_(lock), interrupts_(arch::save_and_disable_interrupts()) {
        lock_.acquire();
    }
    ~SpinlockGuard() RELEASE() {
        lock_.release();
        arch::restore_interrupts(interrupts_);
    }
    SpinlockGuard(const SpinlockGuard&) = delete;
    SpinlockGuard& operator=(const SpinlockGuard&) = delete;

private:
    Spinlock& lock_;
    arch::InterruptState interrupts_;
};

/// Keeps this CPU's interrupts off for the scope's length.
class InterruptGuard {
public:
    InterruptGuard() : interrupts_(arch::save_and_disable_interrupts()) {}
    ~InterruptGuard() { arch::restore_interrupts(interrupts_); }
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

private:
    arch::InterruptState interrupts_;
};
