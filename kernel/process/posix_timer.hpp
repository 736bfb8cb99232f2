#pragma once
// Timers that a process makes as many as it likes of (timer_create(2)).

#include "lib/ref.hpp"
#include "lib/result.hpp"
#include "lib/spinlock.hpp"
#include "process/signal.hpp"
#include "thread/mutex.hpp"
#include "thread/timer.hpp"

#include <boost/intrusive/list.hpp>

namespace process {

class Process;

/// One timer. It ends with its process or at exec.
class PosixTimer : public RefCounted<PosixTimer> {
public:
    struct Setting {
        thread::Time left = 0;     // ns until it fires; 0: not running
        thread::Time interval = 0; // ns
    };
    /// What happens when it fires.
    struct Notice {
        Signal signal = Signal::none; // none: nothing
        std::uint64_t value = 0;
        Id thread = 0; // this thread of the process; 0: any
    };

    PosixTimer(Process& of, std::int32_t number, const Notice& what) : process_(of), number_(number), notice_(what) {}

    std::int32_t number() const { return number_; }
    /// `deadline` of the monotonic clock, 0: stop. Returns the former setting.
    Setting set(thread::Time deadline, thread::Time interval) EXCLUDES(lock_);
    Setting get() EXCLUDES(lock_);
    /// Firings that the last signal stands for besides its own.
    std::int32_t overruns() EXCLUDES(lock_);
    /// It fires no more. The process's locks are not held.
    void stop() EXCLUDES(lock_);

    boost::intrusive::list_member_hook<> hook; // in PosixTimers

private:
    struct Alarm : thread::Timer {
        explicit Alarm(PosixTimer& of) : Timer(fire), owner(of) {}
        static void fire(Timer& timer);
        PosixTimer& owner;
    };
    Setting get_locked() REQUIRES(lock_);
    void notify(std::int32_t missed) EXCLUDES(lock_);

    Process& process_;
    const std::int32_t number_;
    const Notice notice_;
    thread::Mutex setting_; // one set() at a time
    Spinlock lock_;
    thread::Time deadline_ GUARDED_BY(lock_) = 0;
    thread::Time interval_ GUARDED_BY(lock_) = 0;
    std::int32_t overruns_ GUARDED_BY(lock_) = 0;
    Alarm alarm_{*this};
};

/// The timers of one process.
class PosixTimers {
public:
    static constexpr unsigned max_timers = 1024;

    /// Errors: no_memory, try_again (too many).
    Result<Ref<PosixTimer>> create(Process& process, const PosixTimer::Notice& notice) EXCLUDES(lock_);
    /// Null: no such timer.
    Ref<PosixTimer> find(std::int32_t number) EXCLUDES(lock_);
    /// False: no such timer.
    bool remove(std::int32_t number) EXCLUDES(lock_);
    void clear() EXCLUDES(lock_);

private:
    using List = boost::intrusive::list<
        PosixTimer, boost::intrusive::member_hook<PosixTimer, boost::intrusive::list_member_hook<>, &PosixTimer::hook>>;
    Spinlock lock_;
    List timers_ GUARDED_BY(lock_); // each holds a reference
    std::int32_t next_ GUARDED_BY(lock_) = 0;
};

} // namespace process
