#include "abi/linux/calls/signal_file.hpp"

#include "abi/linux/file_arguments.hpp"
#include "abi/linux/signals.hpp"
#include "process/send.hpp"

#include <linux/signalfd.h>
#include <new>

namespace abi::linux {

namespace {

struct signalfd_siginfo to_record(const process::SignalInfo& signal) {
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
    return record;
}

/// Reads take what is pending for whoever reads.
class SignalFile final : public file::AnonymousFile {
public:
    SignalFile(process::SignalSet wanted, std::uint32_t flags)
        : AnonymousFile(file::Positioning::stream, flags | file::open_read | file::open_write, "[signalfd]"),
          wanted_(wanted.bits) {}

    void set_wanted(process::SignalSet wanted) { wanted_.store(wanted.bits, std::memory_order_relaxed); }
    std::uint32_t poll(file::Poller* poller) override {
        if (poller)
            poller->listen(process::current().signal_event);
        bool pending = !(process::pending_signals(thread::current()) & wanted()).empty();
        return pending ? file::event_readable : 0u;
    }

protected:
    Result<std::size_t> do_read(std::uint64_t, file::Sink& to) override {
        if (to.remaining() < sizeof(struct signalfd_siginfo))
            return fail(Error::invalid_argument);
        thread::Thread& self = thread::current();
        std::size_t done = 0;
        while (to.remaining() >= sizeof(struct signalfd_siginfo)) {
            process::SignalInfo signal = process::try_take_signal(self, wanted());
            if (signal.signal == process::Signal::none) {
                if (done)
                    break;
                if (is_nonblocking())
                    return fail(Error::would_block);
                signal = TRY(process::wait_for_signal(self, wanted(), thread::never));
            }
            const struct signalfd_siginfo record = to_record(signal);
            done += to.put(&record, sizeof record);
            if (to.faulted())
                return done ? Result<std::size_t>(done) : fail(Error::bad_address);
        }
        return done;
    }
    Result<std::size_t> do_write(std::uint64_t&, file::Source&) override { return fail(Error::invalid_argument); }

private:
    process::SignalSet wanted() const { return {wanted_.load(std::memory_order_relaxed)}; }
    std::atomic<std::uint64_t> wanted_;
};

/// What tells signal files from others without run-time types: only they describe themselves so.
bool is_signal_file(const file::OpenFile& opened) {
    char name[32];
    return std::string_view(name, opened.describe(name)) == "anon_inode:[signalfd]";
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
        if (!is_signal_file(*opened))
            return fail(Error::invalid_argument);
        static_cast<SignalFile&>(*opened).set_wanted(wanted);
        return descriptor;
    }
    std::uint32_t open_flags = to_open_flags(flags.bits & SFD_NONBLOCK) & file::open_nonblock;
    auto* made = new (std::nothrow) SignalFile(wanted, open_flags);
    if (!made)
        return fail(Error::no_memory);
    return add_descriptor(Ref<file::OpenFile>::adopt(made), flags.bits & SFD_CLOEXEC);
}

} // namespace abi::linux
