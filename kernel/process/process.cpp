#include "process/process.hpp"

#include "process/send.hpp"

namespace process {

Spinlock tree_lock;

Process::~Process() {
    real_timer.stop();
    posix_timers.clear();
    if (executable)
        executable.inode().end_execution();
}

Ref<memory::AddressSpace> Process::address_space_of() {
    SpinlockGuard guard(lock);
    return address_space;
}

Ref<file::FileTable> Process::files_of() {
    SpinlockGuard guard(lock);
    return files;
}

Ref<file::WorkingDirectory> Process::directory_of() {
    SpinlockGuard guard(lock);
    return directory;
}

file::Path Process::executable_of() {
    SpinlockGuard guard(lock);
    return executable;
}

Credentials Process::credentials_of() {
    SpinlockGuard guard(lock);
    return credentials;
}

Limit Process::limit(Resource resource) {
    SpinlockGuard guard(lock);
    return limits[resource];
}

void Usage::add(const Usage& other) {
    user += other.user;
    system += other.system;
    minor_faults += other.minor_faults;
    major_faults += other.major_faults;
    voluntary_switches += other.voluntary_switches;
    involuntary_switches += other.involuntary_switches;
    if (other.max_resident_pages > max_resident_pages)
        max_resident_pages = other.max_resident_pages;
}

IntervalTimer::Setting IntervalTimer::get_locked() {
    if (deadline_ == 0)
        return {};
    const thread::Time now = thread::now();
    // A timer that is due but has not fired yet still has a moment left: 0 would say that it is not running.
    return {deadline_ > now ? deadline_ - now : 1, interval_};
}

IntervalTimer::Setting IntervalTimer::get() {
    SpinlockGuard guard(lock_);
    return get_locked();
}

IntervalTimer::Setting IntervalTimer::set(Setting setting) {
    thread::MutexGuard one(setting_);
    alarm_.cancel(); // not under the lock, which its function takes
    SpinlockGuard guard(lock_);
    const Setting former = get_locked();
    interval_ = setting.interval;
    deadline_ = setting.left == 0 ? 0 : thread::now() + setting.left;
    if (deadline_ != 0)
        alarm_.arm(deadline_);
    return former;
}

void IntervalTimer::Alarm::fire(Timer& timer) {
    IntervalTimer& owner = static_cast<Alarm&>(timer).owner;
    {
        SpinlockGuard guard(owner.lock_);
        if (owner.deadline_ == 0)
            return;
        if (owner.interval_ == 0) {
            owner.deadline_ = 0;
        } else {
            // Missed periods are not made up for.
            const thread::Time now = thread::now();
            const thread::Time late = now > owner.deadline_ ? now - owner.deadline_ : 0;
            owner.deadline_ += owner.interval_ * (late / owner.interval_ + 1);
            timer.arm(owner.deadline_);
        }
    }
    send(owner.process_, SignalInfo{.signal = Signal::alarm, .source = SignalSource::kernel});
}

} // namespace process
