#include "abi/linux/table.hpp"

#include "abi/call_sites.hpp"
#include "abi/linux/calls/attributes.hpp"
#include "abi/linux/calls/descriptor.hpp"
#include "abi/linux/calls/directory.hpp"
#include "abi/linux/calls/event.hpp"
#include "abi/linux/calls/exec.hpp"
#include "abi/linux/calls/file.hpp"
#include "abi/linux/calls/futex.hpp"
#include "abi/linux/calls/identity.hpp"
#include "abi/linux/calls/ids.hpp"
#include "abi/linux/calls/memory.hpp"
#include "abi/linux/calls/poll.hpp"
#include "abi/linux/calls/process.hpp"
#include "abi/linux/calls/scheduling.hpp"
#include "abi/linux/calls/signal.hpp"
#include "abi/linux/calls/signal_file.hpp"
#include "abi/linux/calls/system.hpp"
#include "abi/linux/calls/time.hpp"
#include "abi/linux/calls/timer.hpp"
#include "abi/linux/names.hpp"
#include "abi/trace.hpp"
#include "lib/log.hpp"

#include <linux_isa/legacy_calls.hpp>

namespace abi::linux {
namespace {

/// Above every number in use; Linux adds new ones to all ISAs at 4xx.
constexpr std::size_t table_size = 512;

template <std::size_t... N>
consteval auto concatenate(const std::array<Call, N>&... families) {
    std::array<Call, (N + ...)> rows{};
    std::size_t next = 0;
    const auto append = [&](const auto& family) {
        for (const Call& row : family)
            rows[next++] = row;
    };
    (append(families), ...);
    return rows;
}

constexpr auto sys_call_table = make_table<table_size>(concatenate(
    attribute_calls, descriptor_calls, directory_calls, event_calls, exec_calls, file_calls, futex_calls, id_calls,
    identity_calls, memory_calls, poll_calls, process_calls, scheduling_calls, signal_calls, signal_file_calls,
    system_family_calls, time_calls, timer_calls, legacy_calls));

constinit CallSites reported;

/// What C libraries ask for at every start and do without, as on a Linux built without it: nothing is missing that a
/// report could tell of.
constexpr bool is_optional(std::uint64_t number) {
    return number == __NR_rseq;
}

void report_unsupported(const thread::Thread& thread, const arch::UserFrame& frame, std::uint64_t number) {
    if (is_optional(number) || !reported.is_new(number, frame.program_counter))
        return;
    const std::string_view name = call_name(number);
    klog::warning(
        "linux: call {} {}({:x}, {:x}, {:x}, {:x}, {:x}, {:x}) is not supported; from pc {:x} in {} ({})", number,
        name.empty() ? "unknown" : name, Convention::argument(frame, 0), Convention::argument(frame, 1),
        Convention::argument(frame, 2), Convention::argument(frame, 3), Convention::argument(frame, 4),
        Convention::argument(frame, 5), frame.program_counter, std::string_view(thread.name), thread.id);
}

void unsupported_call(thread::Thread& thread, arch::UserFrame& frame, std::uint64_t number) {
    report_unsupported(thread, frame, number);
    Convention::set_error(thread, frame, Error::no_system_call);
}

} // namespace

void handle_syscall(thread::Thread& thread) {
    arch::enable_interrupts();
    dispatch<Convention, sys_call_table, unsupported_call>(thread);
    arch::disable_interrupts();
}

void handle_traced_syscall(thread::Thread& thread) {
    traced<Convention, sys_call_table, handle_syscall, call_name>(thread);
}

std::span<const Call> system_calls() {
    return sys_call_table;
}

} // namespace abi::linux
