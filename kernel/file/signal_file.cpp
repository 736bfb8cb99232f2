#include "file/signal_file.hpp"

#include "process/send.hpp"

#include <new>

namespace file {

SignalFile::SignalFile(process::SignalSet wanted, std::uint32_t flags, Encoder encoder)
    : AnonymousFile(Positioning::stream, flags | open_read | open_write, "[signalfd]"), wanted_(wanted.bits),
      encoder_(encoder) {}

Result<Ref<SignalFile>> SignalFile::create(process::SignalSet wanted, std::uint32_t flags, Encoder encoder) {
    auto made = Ref<SignalFile>::adopt(new (std::nothrow) SignalFile(wanted, flags, encoder));
    if (!made)
        return fail(Error::no_memory);
    return made;
}

std::uint32_t SignalFile::poll(Poller* poller) {
    if (poller)
        poller->listen(process::current().signal_event);
    const bool pending = !(process::pending_signals(thread::current()) & wanted()).empty();
    return pending ? event_readable : 0u;
}

Result<std::size_t> SignalFile::do_read(std::uint64_t, Sink& to) {
    if (to.remaining() < sizeof(Record))
        return fail(Error::invalid_argument);
    thread::Thread& self = thread::current();
    std::size_t done = 0;
    while (to.remaining() >= sizeof(Record)) {
        process::SignalInfo signal = process::try_take_signal(self, wanted());
        if (signal.signal == process::Signal::none) {
            if (done)
                break;
            if (is_nonblocking())
                return fail(Error::would_block);
            signal = TRY(process::wait_for_signal(self, wanted(), thread::never));
        }
        const Record record = encoder_(signal);
        done += to.put(record.data(), record.size());
        if (to.faulted())
            return done ? Result<std::size_t>(done) : fail(Error::bad_address);
    }
    return done;
}

} // namespace file
