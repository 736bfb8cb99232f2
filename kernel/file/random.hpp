#pragma once
// Random bytes for programs: /dev/random, /dev/urandom, getrandom, AT_RANDOM. A ChaCha20 stream (RFC 8439) whose key is
// replaced after each request (fast key erasure), seeded from what the boot protocol gave and the time at which
// interrupts come. On a machine that gives no seed, what the first seconds yield can be guessed by somebody who knows
// the exact timing.

#include "lib/result.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace file {

class Sink;

/// Mixes entropy in; any amount, any quality. Any context.
void add_entropy(std::span<const std::uint64_t> words);

/// Fills the buffer. Any context; not with interrupts off for large buffers.
void fill_random(std::span<std::byte> to);

/// Fills the sink, in parts so that a signal can end it between two. Returns how many bytes arrived. Errors:
/// bad_address (none did). Process context, no locks.
Result<std::size_t> put_random(Sink& to);

} // namespace file
