#pragma once
// Mailboxes: words in order, a fixed number of places.

#include "abi/rtthread/object/waiters.hpp"

namespace abi::rtthread {

class Mailbox final : public Object {
public:
    static constexpr Kind object_kind = Kind::mailbox;
    static constexpr std::size_t max_places = 65535;

    /// Errors: invalid_argument (no place, or more than max_places), no_memory.
    static Result<Ref<Mailbox>> create(std::string_view name, std::size_t places, WaitOrder order);
    ~Mailbox() override { delete[] words_; }

    /// `timeout` as everywhere. Errors: full (timeout 0), timed_out, interrupted, plain_error (deleted).
    Result<> send(std::uint64_t word, std::int32_t timeout) EXCLUDES(lock_);
    /// Errors: timed_out, interrupted, plain_error.
    Result<std::uint64_t> receive(std::int32_t timeout) EXCLUDES(lock_);
    void close() override EXCLUDES(lock_);

private:
    Mailbox(std::string_view name, std::uint64_t* words, std::size_t places, WaitOrder order)
        : Object(object_kind, name), words_(words), places_(places), order_(order) {}
    void push(std::uint64_t word) REQUIRES(lock_);

    std::uint64_t* const words_; // a ring, under lock_
    const std::size_t places_;
    Spinlock lock_;
    const WaitOrder order_;
    bool closed_ GUARDED_BY(lock_) = false;
    std::size_t first_ GUARDED_BY(lock_) = 0, count_ GUARDED_BY(lock_) = 0;
    Waiters receivers_ GUARDED_BY(lock_), senders_ GUARDED_BY(lock_);
};

} // namespace abi::rtthread
