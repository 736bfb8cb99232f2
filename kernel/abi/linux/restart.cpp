#include "abi/linux/convention.hpp"
#include "abi/linux/thread_state.hpp"
#include "abi/linux/time_values.hpp"

namespace abi::linux {

void request_restart(thread::Thread& thread) {
    state_of(thread).restart_requested = true;
    thread.work.fetch_or(thread::work_signal, std::memory_order_relaxed); // before_return decides
}

bool restart_requested(thread::Thread& thread) {
    return state_of(thread).restart_requested;
}

std::unexpected<Error> restart_unless_handled(thread::Thread& thread) {
    state_of(thread).restart_unless_handled = true;
    return fail(Error::restart);
}

thread::Time resume_deadline(thread::Thread& thread, thread::Time span) {
    auto& kept = state_of(thread).deadline;
    const thread::Time deadline = kept ? *kept : after(thread::now(), span);
    kept.reset();
    return deadline;
}

std::unexpected<Error> restart_at_deadline(thread::Thread& thread, thread::Time deadline) {
    state_of(thread).deadline = deadline;
    return fail(Error::restart);
}

} // namespace abi::linux
