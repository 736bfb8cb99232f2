#pragma once
// What Linux does for a thread that ends while others go on: its locks are marked, whoever joins it is woken.

namespace thread {
class Thread;
}

namespace abi::linux {

/// abi::Personality::thread_ended: the robust list (get_robust_list(2)), then clear_child_tid (set_tid_address(2)).
/// Touches user memory.
void end_thread(thread::Thread& thread);

} // namespace abi::linux
