#pragma once
// Files that count: events that programs post (eventfd), and ends of a timer (timerfd).

#include "file/open_file.hpp"

namespace file {

/// `semaphore`: each read takes one instead of all. Errors: no_memory.
Result<Ref<OpenFile>> create_event_counter(std::uint64_t initial, bool semaphore, std::uint32_t flags);

/// A timer whose reads tell how often it has ended since the last one.
class TimerFile final : public AnonymousFile {
public:
    /// Errors: no_memory.
    static Result<Ref<TimerFile>> create(std::uint32_t flags);
    ~TimerFile() override;

    /// Monotonic time of the first end (never: off), and ns between later ones (0: none).
    struct Setting {
        thread::Time deadline = thread::never;
        thread::Time interval = 0;
    };
    /// Returns the former one.
    Setting set(const Setting& setting) EXCLUDES(lock_);
    Setting get() EXCLUDES(lock_);
    /// For whoever sets it: absolute times are meant as dates. Set once.
    bool wall_clock_times = false;

    std::uint32_t poll(Poller* poller) override;
    TimerFile* timer() override { return this; }

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override;

private:
    explicit TimerFile(std::uint32_t flags) : AnonymousFile(Positioning::stream, flags | open_read, "[timerfd]") {}
    static void fire(thread::Timer& timer);

    struct Alarm : thread::Timer {
        explicit Alarm(TimerFile& of) : Timer(fire), file(of) {}
        TimerFile& file;
    };
    thread::Mutex setting_lock_; // one set() at a time
    Spinlock lock_;
    thread::WaitQueue ended_;
    Setting setting_ GUARDED_BY(lock_);
    std::uint64_t count_ GUARDED_BY(lock_) = 0;
    Alarm alarm_{*this};
};

} // namespace file
