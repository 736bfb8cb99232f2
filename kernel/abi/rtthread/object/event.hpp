#pragma once
// Sets of 32 events.

#include "abi/rtthread/object/waiters.hpp"

namespace abi::rtthread {

class Event final : public Object {
public:
    static constexpr Kind object_kind = Kind::event;
    enum Option : std::uint8_t { all = 1, any = 2, clear = 4 }; // RT_EVENT_FLAG_AND, _OR, _CLEAR

    Event(std::string_view name, WaitOrder order) : Object(object_kind, name), order_(order) {}

    /// Errors: plain_error (an empty set, or deleted).
    Result<> send(std::uint32_t set) EXCLUDES(lock_);
    /// Waits for all or any of `wanted`; returns those of it that were set. Errors: timed_out, interrupted,
    /// plain_error (an empty set, an option without all or any, or deleted).
    Result<std::uint32_t> receive(std::uint32_t wanted, std::uint8_t option, std::int32_t timeout) EXCLUDES(lock_);
    void close() override EXCLUDES(lock_);

private:
    static bool meets(std::uint32_t set, std::uint32_t wanted, std::uint8_t option) {
        return option & all ? (set & wanted) == wanted : (set & wanted) != 0;
    }

    Spinlock lock_;
    const WaitOrder order_;
    bool closed_ GUARDED_BY(lock_) = false;
    std::uint32_t set_ GUARDED_BY(lock_) = 0;
    Waiters waiters_ GUARDED_BY(lock_);
};

} // namespace abi::rtthread
