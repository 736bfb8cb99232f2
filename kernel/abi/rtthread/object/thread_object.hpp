#pragma once
// A thread as its handle leads to it. The handle goes with the thread.

#include "abi/rtthread/object/object.hpp"
#include "process/signal.hpp"
#include "thread/wait_queue.hpp"

namespace abi::rtthread {

class ThreadObject final : public Object {
public:
    static constexpr Kind object_kind = Kind::thread;

    ThreadObject(std::string_view name, process::Id number) : Object(object_kind, name), id(number) {}

    const process::Id id;
    std::uint64_t handle = 0; // written before others know the thread

    /// A thread that was made waits for its start. Errors: restart (a signal or the end comes first).
    Result<> wait_for_start() EXCLUDES(lock_) {
        SpinlockGuard guard(lock_);
        while (!started_)
            TRY(starts_.wait(lock_));
        return {};
    }
    /// False: it had started.
    bool start() EXCLUDES(lock_) {
        SpinlockGuard guard(lock_);
        const bool first = !std::exchange(started_, true);
        starts_.wake_all();
        return first;
    }

    process::SignalSet mask; // its own, from the start on

private:
    Spinlock lock_;
    thread::WaitQueue starts_;
    bool started_ GUARDED_BY(lock_) = false;
};

} // namespace abi::rtthread
