#include "abi/xv6/calls/process.hpp"

#include "abi/xv6/limits.hpp"
#include "abi/xv6/xv6.hpp"
#include "process/lifecycle.hpp"
#include "process/send.hpp"
#include "process/table.hpp"

namespace abi::xv6 {

using process::ChildEvent;

Result<std::int32_t> sys_fork(thread::Thread& thread) {
    if (process::count_processes(personality) >= max_processes)
        return fail(Error::try_again);
    const process::CloneRequest request;
    const Ref<thread::Thread> child = TRY(process::clone(thread, request));
    Convention::set_result(*child, *child->frame, 0);
    return process::launch(*child, request);
}

Result<> sys_exit(std::int32_t status) {
    process::exit_process({ChildEvent::exited, status});
}

Result<std::int32_t> sys_wait(memory::UserPtr<std::int32_t> status) {
    process::Process& self = process::current();
    // The child goes only when its status has arrived.
    process::WaitFor whom{.keep = static_cast<bool>(status), .all = true};
    process::WaitResult ended = TRY(process::wait(self, whom));
    if (!status)
        return ended.id;
    TRY(status.write(ended.event == ChildEvent::exited ? ended.value : -1));
    whom = {.who = process::WaitFor::Who::process, .id = ended.id, .no_hang = true, .all = true};
    TRY(process::wait(self, whom));
    return ended.id;
}

Result<> sys_kill(ProcessId pid) {
    if (pid.value <= 0)
        return fail(Error::no_process);
    process::Process& self = process::current();
    return process::kill(
        self, pid.value, {.signal = process::Signal::kill, .source = process::SignalSource::user, .sender = self.id});
}

Result<std::int32_t> sys_getpid(thread::Thread& thread) {
    return thread.process->id;
}

Result<UserAddr> sys_sbrk(thread::Thread& thread, std::int32_t bytes) {
    memory::AddressSpace& space = *thread.address_space;
    const std::uintptr_t old = space.set_break(~std::uintptr_t{0}); // impossible: answers the one in force
    if (bytes < 0) {
        const auto less = static_cast<std::uintptr_t>(-std::int64_t{bytes});
        if (less <= old && space.set_break(old - less) != old - less)
            return fail(Error::no_memory);
        return UserAddr{old}; // more than there is: xv6 leaves the size as it was, and says nothing
    }
    const std::uintptr_t wanted = old + static_cast<std::uintptr_t>(bytes);
    if (space.set_break(wanted) != wanted)
        return fail(Error::no_memory);
    const std::uintptr_t first = align_up(old, page_size), end = align_up(wanted, page_size);
    // xv6 gives the memory at once: what cannot be had is told here, and not at the first touch.
    if (first < end && !space.populate(first, end - first)) {
        space.set_break(old);
        return fail(Error::no_memory);
    }
    return UserAddr{old};
}

Result<> sys_sleep(std::int32_t ticks) {
    if (ticks <= 0)
        return {};
    return thread::sleep_until((thread::now() / tick_ns + static_cast<std::uint64_t>(ticks)) * tick_ns);
}

Result<std::uint32_t> sys_uptime() {
    return static_cast<std::uint32_t>(thread::now() / tick_ns);
}

} // namespace abi::xv6
