#pragma once
// Signals as something to read (signalfd): reads take what is pending for whoever reads.

#include "file/open_file.hpp"
#include "process/signal.hpp"

#include <array>

namespace file {

class SignalFile final : public AnonymousFile {
public:
    /// struct signalfd_siginfo, which Linux and musl lay out alike; its words are the personality's.
    using Record = std::array<std::byte, 128>;
    using Encoder = Record (*)(const process::SignalInfo& signal);

    /// `flags`: open_nonblock. Errors: no_memory.
    static Result<Ref<SignalFile>> create(process::SignalSet wanted, std::uint32_t flags, Encoder encoder);

    void set_wanted(process::SignalSet wanted) { wanted_.store(wanted.bits, std::memory_order_relaxed); }
    std::uint32_t poll(Poller* poller) override;
    SignalFile* signal_file() override { return this; }

protected:
    /// As many records as there are signals and room; waits for the first. Errors: invalid_argument (no room for one),
    /// would_block, restart, bad_address.
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override;
    Result<std::size_t> do_write(std::uint64_t&, Source&) override { return fail(Error::invalid_argument); }

private:
    SignalFile(process::SignalSet wanted, std::uint32_t flags, Encoder encoder);
    process::SignalSet wanted() const { return {wanted_.load(std::memory_order_relaxed)}; }

    std::atomic<std::uint64_t> wanted_;
    const Encoder encoder_;
};

} // namespace file
