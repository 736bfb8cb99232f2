#pragma once
// What is done for a thread that ends while others may go on.

namespace thread {
class Thread;
}

namespace abi::rtthread {

/// abi::Personality::thread_ended: its mutexes pass on, its handle is stale, its stack goes, clear_child_tid is
/// cleared, the critical section is left, the robust list walked.
void end_thread(thread::Thread& thread);

} // namespace abi::rtthread
