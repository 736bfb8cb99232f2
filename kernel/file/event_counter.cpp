#include "file/event_counter.hpp"

#include <new>

namespace file {

namespace {

/// Reads and writes move one 64-bit number.
Result<std::size_t> put_number(Sink& to, std::uint64_t value) {
    if (to.put(&value, sizeof value) != sizeof value)
        return fail(Error::bad_address);
    return sizeof value;
}

class EventCounter final : public AnonymousFile {
public:
    EventCounter(std::uint64_t initial, bool semaphore, std::uint32_t flags)
        : AnonymousFile(Positioning::stream, flags | open_read | open_write, "[eventfd]"), semaphore_(semaphore),
          value_(initial) {}

    std::uint32_t poll(Poller* poller) override {
        if (poller) {
            poller->listen(readers_);
            poller->listen(writers_);
        }
        SpinlockGuard guard(lock_);
        return (value_ > 0 ? event_readable : 0u) | (value_ < largest ? event_writable : 0u);
    }

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override {
        if (to.remaining() < sizeof(std::uint64_t))
            return fail(Error::invalid_argument);
        std::uint64_t taken;
        {
            SpinlockGuard guard(lock_);
            while (value_ == 0) {
                if (is_nonblocking())
                    return fail(Error::would_block);
                TRY(readers_.wait(lock_));
            }
            taken = semaphore_ ? 1 : value_;
            value_ -= taken;
            writers_.wake_all();
        }
        return put_number(to, taken);
    }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override {
        std::uint64_t added;
        if (from.remaining() < sizeof added)
            return fail(Error::invalid_argument);
        if (from.take(&added, sizeof added) != sizeof added)
            return fail(Error::bad_address);
        if (added > largest)
            return fail(Error::invalid_argument);
        SpinlockGuard guard(lock_);
        while (added > largest - value_) {
            if (is_nonblocking())
                return fail(Error::would_block);
            TRY(writers_.wait(lock_));
        }
        value_ += added;
        readers_.wake_all();
        return sizeof added;
    }

private:
    static constexpr std::uint64_t largest = ~std::uint64_t{0} - 1;
    const bool semaphore_;
    Spinlock lock_;
    thread::WaitQueue readers_;
    thread::WaitQueue writers_;
    std::uint64_t value_ GUARDED_BY(lock_);
};

} // namespace

Result<Ref<OpenFile>> create_event_counter(std::uint64_t initial, bool semaphore, std::uint32_t flags) {
    auto* made = new (std::nothrow) EventCounter(initial, semaphore, flags);
    if (!made)
        return fail(Error::no_memory);
    return Ref<OpenFile>::adopt(made);
}

// Timers

Result<Ref<TimerFile>> TimerFile::create(std::uint32_t flags) {
    auto made = Ref<TimerFile>::adopt(new (std::nothrow) TimerFile(flags));
    if (!made)
        return fail(Error::no_memory);
    return made;
}

TimerFile::~TimerFile() {
    alarm_.cancel();
}

void TimerFile::fire(thread::Timer& timer) {
    TimerFile& self = static_cast<Alarm&>(timer).file;
    SpinlockGuard guard(self.lock_);
    thread::Time now = thread::now();
    Setting& setting = self.setting_;
    if (setting.deadline > now) // it was set anew in between
        return;
    std::uint64_t ends = 1;
    if (setting.interval == 0)
        setting.deadline = thread::never;
    else {
        ends += (now - setting.deadline) / setting.interval;
        setting.deadline += ends * setting.interval;
        timer.arm(setting.deadline);
    }
    self.count_ += ends;
    self.ended_.wake_all();
}

TimerFile::Setting TimerFile::set(const Setting& setting) {
    thread::MutexGuard one(setting_lock_);
    alarm_.cancel(); // not under the lock, which its function takes
    SpinlockGuard guard(lock_);
    Setting old = setting_;
    setting_ = setting;
    count_ = 0;
    if (setting.deadline != thread::never)
        alarm_.arm(setting.deadline);
    return old;
}

TimerFile::Setting TimerFile::get() {
    SpinlockGuard guard(lock_);
    return setting_;
}

std::uint32_t TimerFile::poll(Poller* poller) {
    if (poller)
        poller->listen(ended_);
    SpinlockGuard guard(lock_);
    return count_ ? event_readable : 0u;
}

Result<std::size_t> TimerFile::do_read(std::uint64_t, Sink& to) {
    if (to.remaining() < sizeof(std::uint64_t))
        return fail(Error::invalid_argument);
    std::uint64_t taken;
    {
        SpinlockGuard guard(lock_);
        while (count_ == 0) {
            if (is_nonblocking())
                return fail(Error::would_block);
            TRY(ended_.wait(lock_));
        }
        taken = std::exchange(count_, 0);
    }
    return put_number(to, taken);
}

} // namespace file
