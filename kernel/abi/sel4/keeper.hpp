#pragma once
// The process that a seL4 system belongs to: the system's end is its end, and the reverse. Its one thread never goes to
// user mode; it writes what the system prints and takes signals.

#include "lib/result.hpp"

namespace thread {
class Thread;
}

namespace abi::sel4 {

// abi::Personality's.
void entered(thread::Thread& thread);
Result<> keeper_created(thread::Thread& child, thread::Thread* parent);
void keeper_ended(thread::Thread& thread);
void keeper_freed(thread::Thread& thread);

/// What the process does instead of running a program. Interrupts on.
[[noreturn]] void keep_system(thread::Thread& thread);

} // namespace abi::sel4
