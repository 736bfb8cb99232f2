#include "abi/rtthread/table.hpp"

#include "abi/call_sites.hpp"
#include "abi/rtthread/calls/channel.hpp"
#include "abi/rtthread/calls/device.hpp"
#include "abi/rtthread/calls/directory.hpp"
#include "abi/rtthread/calls/file.hpp"
#include "abi/rtthread/calls/futex.hpp"
#include "abi/rtthread/calls/memory.hpp"
#include "abi/rtthread/calls/objects.hpp"
#include "abi/rtthread/calls/posix_queue.hpp"
#include "abi/rtthread/calls/process.hpp"
#include "abi/rtthread/calls/scheduling.hpp"
#include "abi/rtthread/calls/semaphore.hpp"
#include "abi/rtthread/calls/signal.hpp"
#include "abi/rtthread/calls/system.hpp"
#include "abi/rtthread/calls/thread.hpp"
#include "abi/rtthread/calls/time.hpp"
#include "abi/rtthread/signals.hpp"
#include "lib/log.hpp"

namespace abi::rtthread {
namespace {

/// Calls with a name and no handler: they answer -ENOSYS.
constexpr Call absent(unsigned number, const char* name, const char* note) {
    return {.run = nullptr, .name = name, .note = note, .number = static_cast<std::uint16_t>(number)};
}

constexpr const char* no_network = "there is no network";
constexpr const char* never_there = "the original answers -ENOSYS too";
constexpr std::array absent_calls{
    absent(60, "rt_device_register", "drivers are the kernel's"),
    absent(69, "accept", no_network),
    absent(70, "bind", no_network),
    absent(71, "shutdown", no_network),
    absent(72, "getpeername", no_network),
    absent(73, "getsockname", no_network),
    absent(74, "getsockopt", no_network),
    absent(75, "setsockopt", no_network),
    absent(76, "connect", no_network),
    absent(77, "listen", no_network),
    absent(78, "recv", no_network),
    absent(79, "recvfrom", no_network),
    absent(80, "send", no_network),
    absent(81, "sendto", no_network),
    absent(82, "socket", no_network),
    absent(83, "closesocket", no_network),
    absent(84, "getaddrinfo", no_network),
    absent(85, "gethostbyname2_r", no_network),
    absent(86, "sendmsg", no_network),
    absent(87, "recvmsg", no_network),
    absent(88, "network_88", never_there),
    absent(89, "network_89", never_there),
    absent(90, "network_90", never_there),
    absent(91, "network_91", never_there),
    absent(92, "network_92", never_there),
    absent(93, "network_93", never_there),
    absent(95, "lock", never_there),
    absent(96, "unlock", never_there),
    absent(99, "rt_delayed_work_init", never_there),
    absent(100, "rt_work_submit", never_there),
    absent(101, "rt_wqueue_wakeup", never_there),
    absent(108, "thread_setaffinity", never_there),
    absent(109, "thread_control", never_there),
    absent(132, "pmutex", "of 5.0.x alone, and answered there"),
    absent(189, "reserved_189", never_there),
    absent(190, "reserved_190", never_there),
    absent(195, "reserved_195", never_there),
    absent(204, "syslog", "part of the original's network configuration"),
    absent(205, "socketpair", no_network),
};

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

constexpr std::size_t table_size = 256;
constexpr unsigned last_call = 214, last_call_5_0 = 174, log_call = 255, user_mutex_call = 132;

constexpr auto all_rows = concatenate(
    channel_calls, device_calls, directory_calls, file_calls, futex_calls, memory_calls, object_calls,
    posix_queue_calls, process_calls, scheduling_calls, semaphore_calls, signal_calls, system_family_calls,
    thread_calls, time_calls, absent_calls);
static_assert(all_rows.size() == last_call + 1, "every number up to the last, and the log call, has a row");

constexpr auto sys_call_table = make_table<table_size>(all_rows);

/// The table of 5.0.x: what came later is not there, and pmutex is.
consteval std::array<Call, table_size> make_table_5_0() {
    std::array<Call, table_size> table{};
    for (const Call& row : all_rows)
        if (row.number <= last_call_5_0 || row.number == log_call)
            table[row.number] = row;
    table[user_mutex_call] = RTTHREAD_CALL(user_mutex_call, pmutex);
    return table;
}
constexpr auto calls_5_0 = make_table_5_0();

constinit CallSites reported;

void sys_notimpl(thread::Thread& thread, arch::UserFrame& frame, std::uint64_t number) {
    if (reported.is_new(number, frame.program_counter)) {
        const char* name = number < table_size ? sys_call_table[number].name : nullptr;
        klog::warning(
            "rtthread: call {} {}({:x}, {:x}, {:x}, {:x}) is not supported; from pc {:x} in {} ({})", number,
            name ? std::string_view(name) : "unknown", Convention::argument(frame, 0), Convention::argument(frame, 1),
            Convention::argument(frame, 2), Convention::argument(frame, 3), frame.program_counter,
            std::string_view(thread.name), thread.id);
    }
    Convention::set_error(thread, frame, Error::no_system_call);
}

/// The row of a number; null: there is none.
template <const auto& Table>
const Call* lwp_get_sys_api(std::uint64_t number) {
    if (number >= Table.size()) [[unlikely]]
        return nullptr;
    const Call& row = Table[clamp_index(number, Table.size())];
    return row.run ? &row : nullptr;
}

/// The original's path, step by step; what it saves and restores around this is the vector's here.
template <const auto& Table, Generation Of>
void handle(thread::Thread& thread) {
    arch::enable_interrupts();
    arch::UserFrame& frame = *thread.frame;
    if (isa::is_signal_return(frame[isa::number_register], Of)) [[unlikely]] {
        arch_signal_quit(thread);
    } else if (const Call* api = lwp_get_sys_api<Table>(Convention::number(frame))) [[likely]] {
        api->run(thread, frame);
    } else {
        sys_notimpl(thread, frame, Convention::number(frame));
    }
    // svc_exit: interrupts off, work is looked at, registers come back
    arch::disable_interrupts();
}

} // namespace

void SVC_Handler(thread::Thread& thread) {
    handle<sys_call_table, Generation::newest>(thread);
}

void SVC_Handler_5_0(thread::Thread& thread) {
    handle<calls_5_0, Generation::v5_0>(thread);
}

std::span<const Call> system_calls() {
    return sys_call_table;
}

std::span<const Call> system_calls_5_0() {
    return calls_5_0;
}

} // namespace abi::rtthread
