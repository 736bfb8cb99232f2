#include "process/signal.hpp"

#include <new>

namespace process {

DefaultAction default_action(Signal signal) {
    switch (signal) {
    case Signal::child:
    case Signal::urgent:
    case Signal::window:
        return DefaultAction::ignore;
    case Signal::resume:
        return DefaultAction::resume;
    case Signal::stop:
    case Signal::terminal_stop:
    case Signal::terminal_input:
    case Signal::terminal_output:
        return DefaultAction::stop;
    case Signal::quit:
    case Signal::illegal:
    case Signal::trap:
    case Signal::abort:
    case Signal::bus:
    case Signal::floating_point:
    case Signal::segmentation:
    case Signal::cpu_limit:
    case Signal::file_limit:
    case Signal::bad_call:
        return DefaultAction::dump;
    default:
        return DefaultAction::terminate;
    }
}

Result<Ref<SignalActions>> SignalActions::create() {
    auto* actions = new (std::nothrow) SignalActions;
    if (!actions)
        return fail(Error::no_memory);
    return Ref<SignalActions>::adopt(actions);
}

Result<Ref<SignalActions>> SignalActions::copy() {
    Ref<SignalActions> other = TRY(create());
    SpinlockGuard guard(lock_);
    copy_into(*other);
    return other;
}

// The copy is not shared yet: its lock guards nothing from anybody.
void SignalActions::copy_into(SignalActions& other) NO_THREAD_SAFETY_ANALYSIS {
    other.actions_ = actions_;
}

SignalAction SignalActions::get(Signal signal) {
    SpinlockGuard guard(lock_);
    return actions_[static_cast<std::size_t>(signal) - 1];
}

SignalAction SignalActions::set(Signal signal, const SignalAction& action) {
    SpinlockGuard guard(lock_);
    return std::exchange(actions_[static_cast<std::size_t>(signal) - 1], action);
}

void SignalActions::reset_handlers() {
    SpinlockGuard guard(lock_);
    for (SignalAction& action : actions_)
        if (action.kind == SignalAction::Kind::ignore)
            action = {.kind = SignalAction::Kind::ignore};
        else
            action = {};
}

bool SignalActions::is_ignored(Signal signal) {
    const SignalAction action = get(signal);
    return action.kind == SignalAction::Kind::ignore
           || (action.kind == SignalAction::Kind::standard && default_action(signal) == DefaultAction::ignore);
}

QueuedSignal* PendingSignals::add(const SignalInfo& info, QueuedSignal* entry) {
    const bool queued = static_cast<unsigned>(info.signal) >= first_queued_signal;
    if (!queued && set_.contains(info.signal))
        return entry;
    set_.add(info.signal);
    if (!entry)
        return nullptr;
    entry->info = info;
    queue_.push_back(*entry);
    return nullptr;
}

Signal PendingSignals::next(SignalSet wanted) const {
    const SignalSet candidates = set_ & wanted;
    const SignalSet faults = candidates & synchronous_signals;
    return (faults.empty() ? candidates : faults).first();
}

SignalInfo PendingSignals::take(SignalSet wanted) {
    const Signal signal = next(wanted);
    if (signal == Signal::none)
        return {};

    SignalInfo info{.signal = signal}; // stays so when the entry was lost for want of memory
    bool taken = false, more = false;
    for (auto before = queue_.before_begin(), at = queue_.begin(); at != queue_.end(); at = std::next(before)) {
        if (at->info.signal != signal) {
            before = at;
            continue;
        }
        if (taken) {
            more = true;
            break;
        }
        QueuedSignal* entry = &*at;
        info = entry->info;
        taken = true;
        queue_.erase_after(before);
        delete entry;
    }
    if (!more)
        set_.remove(signal);
    return info;
}

void PendingSignals::discard(SignalSet which) {
    for (auto before = queue_.before_begin(), at = queue_.begin(); at != queue_.end(); at = std::next(before)) {
        if (!which.contains(at->info.signal)) {
            before = at;
            continue;
        }
        QueuedSignal* entry = &*at;
        queue_.erase_after(before);
        delete entry;
    }
    set_ = set_ - which;
}

} // namespace process
