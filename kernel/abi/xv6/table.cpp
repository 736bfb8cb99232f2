#include "abi/xv6/table.hpp"

#include "abi/call_sites.hpp"
#include "abi/trace.hpp"
#include "abi/xv6/calls/exec.hpp"
#include "abi/xv6/calls/file.hpp"
#include "abi/xv6/calls/name.hpp"
#include "abi/xv6/calls/process.hpp"
#include "abi/xv6/console.hpp"
#include "lib/log.hpp"

namespace abi::xv6 {
namespace {

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

constexpr auto sys_call_table = make_table<number_end>(concatenate(exec_calls, file_calls, name_calls, process_calls));

constinit CallSites reported;

void unsupported_call(thread::Thread& thread, arch::UserFrame& frame, std::uint64_t number) {
    if (reported.is_new(number, frame.program_counter)) {
        const auto shown = static_cast<std::int32_t>(number);
        const std::string_view name(thread.name);
        klog::warning(
            "xv6: unknown call {}({:x}, {:x}, {:x}); from pc {:x} in {} ({})", shown, Convention::argument(frame, 0),
            Convention::argument(frame, 1), Convention::argument(frame, 2), frame.program_counter, name, thread.id);
        say("{} {}: unknown sys call {}\n", thread.id, name, shown);
    }
    Convention::set_result(thread, frame, -1);
}

/// xv6 has no calls besides those in its table.
std::string_view call_name(std::uint64_t) {
    return {};
}

} // namespace

void syscall(thread::Thread& thread) {
    arch::enable_interrupts();
    dispatch<Convention, sys_call_table, unsupported_call>(thread);
    arch::disable_interrupts();
}

void traced_syscall(thread::Thread& thread) {
    traced<Convention, sys_call_table, syscall, call_name>(thread);
}

std::span<const Call> system_calls() {
    return sys_call_table;
}

} // namespace abi::xv6
