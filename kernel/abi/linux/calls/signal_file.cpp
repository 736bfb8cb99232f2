#include "abi/linux/calls/signal_file.hpp"

#include "abi/linux/file_arguments.hpp"
#include "abi/linux/signals.hpp"
#include "file/signal_file.hpp"

#include <bit>
#include <linux/signalfd.h>

namespace abi::linux {

namespace {

file::SignalFile::Record to_record(const process::SignalInfo& signal) {
    const siginfo_t info = to_siginfo(signal);
    struct signalfd_siginfo record{};
    record.ssi_signo = static_cast<std::uint32_t>(info.si_signo);
    record.ssi_errno = info.si_errno;
    record.ssi_code = info.si_code;
    record.ssi_pid = static_cast<std::uint32_t>(signal.sender);
    record.ssi_uid = signal.user;
    record.ssi_status = signal.status;
    record.ssi_int = static_cast<std::int32_t>(signal.value);
    record.ssi_ptr = signal.value;
    constexpr std::uint64_t clock_tick = 10'000'000; // ns, USER_HZ
    record.ssi_utime = signal.user_time / clock_tick;
    record.ssi_stime = signal.system_time / clock_tick;
    record.ssi_addr = signal.address;
    return std::bit_cast<file::SignalFile::Record>(record);
}

} // namespace

Result<Descriptor> sys_signalfd4(Descriptor descriptor, UserAddr mask, std::uint64_t mask_bytes, Flags flags) {
    constexpr std::uint32_t known = SFD_CLOEXEC | SFD_NONBLOCK;
    if (mask_bytes != sizeof(std::uint64_t))
        return fail(Error::invalid_argument);
    process::SignalSet wanted{TRY(memory::UserPtr<const std::uint64_t>(mask).read())};
    wanted = wanted - process::unblockable;
    if (flags.bits & ~known)
        return fail(Error::invalid_argument);
    if (descriptor.value != -1) {
        auto opened = TRY(open_file(descriptor));
        file::SignalFile* signals = opened->signal_file();
        if (!signals)
            return fail(Error::invalid_argument);
        signals->set_wanted(wanted);
        return descriptor;
    }
    std::uint32_t open_flags = to_open_flags(flags.bits & SFD_NONBLOCK) & file::open_nonblock;
    return add_descriptor(TRY(file::SignalFile::create(wanted, open_flags, to_record)), flags.bits & SFD_CLOEXEC);
}

} // namespace abi::linux
