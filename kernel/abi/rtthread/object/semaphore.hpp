#pragma once
// Counting semaphores.

#include "abi/rtthread/object/waiters.hpp"

namespace abi::rtthread {

class Semaphore final : public Object {
public:
    static constexpr Kind object_kind = Kind::semaphore;
    static constexpr std::uint32_t max_value = 65535; // RT_SEM_VALUE_MAX

    Semaphore(std::string_view name, std::uint32_t value, WaitOrder order)
        : Object(object_kind, name), order_(order), value_(value) {}

    /// `timeout` in ticks: 0 tries, negative waits for ever. Errors: timed_out, interrupted, plain_error (deleted).
    Result<> take(std::int32_t timeout) EXCLUDES(lock_);
    /// Any context. Errors: full (65535 are free), plain_error (deleted).
    Result<> release() EXCLUDES(lock_);
    void close() override EXCLUDES(lock_);

private:
    Spinlock lock_;
    const WaitOrder order_;
    bool closed_ GUARDED_BY(lock_) = false;
    std::uint32_t value_ GUARDED_BY(lock_);
    Waiters waiters_ GUARDED_BY(lock_);
};

} // namespace abi::rtthread
