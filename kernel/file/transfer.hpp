#pragma once
// Where the bytes of a read go and where those of a write come from: one user buffer, a list of them, or kernel memory.
// A file sees only a Sink or a Source. Copies to and from user memory may fault and sleep: no spin lock held, and no
// lock that resolving a page fault takes (an address space's, a file's page lock).

#include "lib/address.hpp"

#include <cstddef>
#include <span>

namespace file {

/// One piece of a scattered buffer.
struct Segment {
    std::uintptr_t address;
    std::size_t bytes;
};

/// What Sink and Source share: a position in a list of segments.
class Transfer {
public:
    /// Bytes not yet moved.
    std::size_t remaining() const { return remaining_; }
    /// True once a user address could not be reached; nothing more moves then.
    bool faulted() const { return faulted_; }
    /// Makes the rest at most `bytes` long.
    void limit(std::size_t bytes) { remaining_ = bytes < remaining_ ? bytes : remaining_; }

    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

protected:
    Transfer(std::uintptr_t address, std::size_t bytes, bool user)
        : single_{address, bytes}, segments_(&single_), remaining_(bytes), user_(user) {}
    Transfer(std::span<const Segment> segments);

    /// The contiguous rest of the current segment, at most `wanted` bytes and never empty while remaining() > 0.
    Segment current(std::size_t wanted);
    void advance(std::size_t bytes);
    bool is_user() const { return user_; }
    void set_faulted() { faulted_ = true; }

private:
    Segment single_;
    const Segment* segments_;
    std::size_t done_in_segment_ = 0;
    std::size_t remaining_;
    bool user_;
    bool faulted_ = false;
};

/// Takes bytes from the kernel.
class Sink : public Transfer {
public:
    /// A user buffer of the current thread.
    Sink(UserAddr to, std::size_t bytes) : Transfer(to.value, bytes, true) {}
    /// Kernel memory.
    explicit Sink(std::span<std::byte> to) : Transfer(reinterpret_cast<std::uintptr_t>(to.data()), to.size(), false) {}
    /// User buffers; the list itself lies in kernel memory and outlives the sink.
    explicit Sink(std::span<const Segment> user_segments) : Transfer(user_segments) {}

    /// Stores up to `bytes` bytes (never more than remaining()). Returns how many arrived; fewer than both only after a
    /// fault.
    std::size_t put(const void* from, std::size_t bytes);
    /// The same with zeros.
    std::size_t put_zeros(std::size_t bytes);
};

/// Gives bytes to the kernel.
class Source : public Transfer {
public:
    Source(UserAddr from, std::size_t bytes) : Transfer(from.value, bytes, true) {}
    explicit Source(std::span<const std::byte> from)
        : Transfer(reinterpret_cast<std::uintptr_t>(from.data()), from.size(), false) {}
    explicit Source(std::span<const Segment> user_segments) : Transfer(user_segments) {}

    /// Fetches up to `bytes` bytes (never more than remaining()). Returns how many came; fewer than both only after a
    /// fault.
    std::size_t take(void* to, std::size_t bytes);
    /// Moves past `bytes` bytes without reading them (a device that throws everything away).
    void skip(std::size_t bytes);
};

} // namespace file
