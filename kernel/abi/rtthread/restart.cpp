#include "abi/rtthread/convention.hpp"
#include "abi/rtthread/thread_state.hpp"

namespace abi::rtthread {

void request_restart(thread::Thread& thread) {
    state_of(thread).restart_requested = true;
    thread.work.fetch_or(thread::work_signal, std::memory_order_relaxed); // before_return decides
}

void remember_error(thread::Thread& thread, std::int32_t number) {
    state_of(thread).last_error = number;
}

thread::Time resume_deadline(thread::Thread& thread, thread::Time span) {
    auto& kept = state_of(thread).deadline;
    const thread::Time now = thread::now();
    const thread::Time deadline = kept ? *kept : span >= thread::never - now ? thread::never : now + span;
    kept.reset();
    return deadline;
}

std::unexpected<Error> restart_at_deadline(thread::Thread& thread, thread::Time deadline) {
    state_of(thread).deadline = deadline;
    return fail(Error::restart);
}

} // namespace abi::rtthread
