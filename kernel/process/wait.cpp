#include "process/lifecycle.hpp"
#include "process/notify.hpp"
#include "process/table.hpp"
#include "process/tree.hpp"

namespace process {

bool matches(const WaitFor& whom, Id child, Id child_group, Signal exit_signal) {
    switch (whom.who) {
    case WaitFor::Who::any:
        break;
    case WaitFor::Who::process:
        if (child != whom.id)
            return false;
        break;
    case WaitFor::Who::group:
        if (child_group != whom.id)
            return false;
        break;
    }
    return whom.all || (exit_signal != Signal::child) == whom.clones;
}

namespace {

WaitResult describe(Process& child, ChildEvent event, int value) REQUIRES(tree_lock) {
    WaitResult result{.id = child.id, .event = event, .value = value, .usage = usage_locked(child)};
    result.usage.add(child.children_usage);
    SpinlockGuard guard(child.lock);
    result.user = child.credentials.user;
    return result;
}

/// True: `result` tells of the child. A zombie is not removed here.
bool look_at(Process& child, const WaitFor& whom, WaitResult& result) REQUIRES(tree_lock) {
    if (child.state == State::zombie && whom.ended) {
        result = describe(child, child.exit_status.event, child.exit_status.value);
        return true;
    }
    if (child.state == State::stopped && whom.stopped && !child.stop_reported) {
        result = describe(child, ChildEvent::stopped, static_cast<int>(child.stop_signal));
        child.stop_reported = !whom.keep;
        return true;
    }
    if (child.continue_pending && whom.continued) {
        result = describe(child, ChildEvent::continued, static_cast<int>(Signal::resume));
        child.continue_pending = whom.keep;
        return true;
    }
    return false;
}

/// One round over the children. `gone` gets the zombie that was taken.
Result<WaitResult> search(Process& parent, const WaitFor& whom, GroupChange& change, Ref<Process>& gone)
    REQUIRES(tree_lock) {
    bool any = false;
    WaitResult result;
    for (Process& child : parent.children) {
        if (!matches(whom, child.id, child.group_id.load(std::memory_order_relaxed), child.exit_signal))
            continue;
        any = true;
        if (!look_at(child, whom, result))
            continue;
        if (child.state == State::zombie && !whom.keep) {
            parent.children_usage.add(result.usage);
            leave_group(child, change);
            gone = remove(child);
        }
        return result;
    }
    if (!any)
        return fail(Error::no_child);
    return result;
}

} // namespace

Result<WaitResult> wait(Process& parent, const WaitFor& whom) {
    GroupChange change;
    Ref<Process> gone; // dropped behind the lock
    SpinlockGuard guard(tree_lock);
    for (;;) {
        const WaitResult result = TRY(search(parent, whom, change, gone));
        if (result.id != 0 || whom.no_hang)
            return result;
        TRY(parent.child_event.wait(tree_lock));
    }
}

} // namespace process
