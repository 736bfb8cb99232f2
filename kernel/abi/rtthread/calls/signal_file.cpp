// Signals as something to read.

#include "file/signal_file.hpp"
#include "abi/rtthread/calls/signal.hpp"
#include "abi/rtthread/paths.hpp"

#include <bit>

namespace abi::rtthread {
namespace {

/// musl's struct signalfd_siginfo.
struct SignalFileRecord {
    std::uint32_t signal;
    std::int32_t error, code;
    std::uint32_t sender, user;
    std::int32_t descriptor;
    std::uint32_t timer, band, overruns, trap;
    std::int32_t status, small_value;
    std::uint64_t value, user_time, system_time, address;
    std::array<std::uint8_t, 48> padding;
};
static_assert(sizeof(SignalFileRecord) == sizeof(file::SignalFile::Record));

file::SignalFile::Record to_file_record(const process::SignalInfo& signal) {
    constexpr process::SignalSource timer = process::SignalSource::timer;
    constexpr std::uint64_t clock_tick = 10'000'000; // ns
    const SignalInfoRecord info = to_record(signal);
    SignalFileRecord record{};
    record.signal = static_cast<std::uint32_t>(info.signal);
    record.code = info.code;
    record.sender = static_cast<std::uint32_t>(signal.sender);
    record.user = signal.user;
    if (signal.source == timer) {
        record.timer = static_cast<std::uint32_t>(signal.status);
        record.overruns = static_cast<std::uint32_t>(signal.code);
    } else {
        record.status = signal.status;
    }
    record.small_value = static_cast<std::int32_t>(signal.value);
    record.value = signal.value;
    record.user_time = signal.user_time / clock_tick;
    record.system_time = signal.system_time / clock_tick;
    record.address = signal.address;
    return std::bit_cast<file::SignalFile::Record>(record);
}

} // namespace

Result<Descriptor> sys_signalfd(Descriptor descriptor, memory::UserPtr<const SignalBits> set, Flags flags) {
    const process::SignalSet wanted = process::SignalSet{TRY(set.read())} - process::unblockable;
    if (flags.bits & ~(open_nonblock_bit | open_close_on_exec_bit))
        return fail(Error::invalid_argument);
    if (descriptor.value != -1) {
        const auto opened = TRY(open_file(descriptor));
        if (!opened->signal_file())
            return fail(Error::invalid_argument);
        opened->signal_file()->set_wanted(wanted);
        return descriptor;
    }
    const std::uint32_t nonblock = flags.bits & open_nonblock_bit ? file::open_nonblock : 0u;
    return add_descriptor(
        TRY(file::SignalFile::create(wanted, nonblock, to_file_record)), flags.bits & open_close_on_exec_bit);
}

} // namespace abi::rtthread
