#pragma once
// Timers that release a semaphore when they end.

#include "abi/rtthread/object/semaphore.hpp"
#include "abi/rtthread/ticks.hpp"
#include "thread/mutex.hpp"
#include "thread/timer.hpp"

namespace abi::rtthread {

class TimerObject final : public Object {
public:
    static constexpr Kind object_kind = Kind::timer;
    static constexpr std::uint32_t max_ticks = 0x7fff'ffff; // half of what a tick counter holds
    static constexpr unsigned max_periodic = 256;           // that run at a time: their ends are interrupts' time

    TimerObject(std::string_view name, Ref<Semaphore> released, std::uint32_t ticks, bool periodic)
        : Object(object_kind, name), semaphore_(std::move(released)), ticks_(ticks), periodic_(periodic) {}
    ~TimerObject() override { static_cast<void>(stop()); }

    void start() EXCLUDES(lock_);
    /// Errors: plain_error (it does not run).
    Result<> stop() EXCLUDES(lock_);
    void close() override EXCLUDES(lock_) { static_cast<void>(stop()); }

    std::uint32_t ticks() EXCLUDES(lock_);
    /// From the next start on.
    void set_ticks(std::uint32_t ticks) EXCLUDES(lock_);
    void set_periodic(bool periodic) EXCLUDES(lock_);
    bool is_running() EXCLUDES(lock_);
    /// Ticks until it ends; 0 when it does not run.
    std::uint32_t remaining() EXCLUDES(lock_);

private:
    struct Alarm : thread::Timer {
        explicit Alarm(TimerObject& of) : Timer(fire), owner(of) {}
        static void fire(Timer& timer);
        TimerObject& owner;
    };

    /// Takes, or gives back, one of the places of periodic timers. False: there is none.
    bool take_place() REQUIRES(lock_);
    void give_place_back() REQUIRES(lock_);

    thread::Mutex setting_; // one start or stop at a time
    Spinlock lock_;
    const Ref<Semaphore> semaphore_;
    std::uint32_t ticks_ GUARDED_BY(lock_);
    bool periodic_ GUARDED_BY(lock_);
    bool has_place_ GUARDED_BY(lock_) = false;
    thread::Time deadline_ GUARDED_BY(lock_) = 0; // 0: does not run
    Alarm alarm_{*this};
};

} // namespace abi::rtthread
