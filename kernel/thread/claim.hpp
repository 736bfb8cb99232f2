#pragma once
// Taking a thread from the CPU that it belongs to.

#include <cstdint>

namespace thread {

class Thread;

/// Where a thread was: in its queue, from which it is now taken and blocked; running; or `absent`, neither ready nor
/// running, and no CPU is still busy with leaving it.
enum class Taken : std::uint8_t { absent, from_queue, running };
/// Takes a ready thread out of its queue, as take_from_queue() does, or says that it is running.
Taken take_unless_running(Thread& thread);

} // namespace thread
