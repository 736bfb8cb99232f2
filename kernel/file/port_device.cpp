#include "file/port_device.hpp"

#include "device/stream_port.hpp"
#include "file/device_file.hpp"
#include "file/operations.hpp"
#include "lib/format.hpp"
#include "lib/log.hpp"
#include "lib/log_sink.hpp"

#include <new>

namespace file {

namespace {

constexpr std::uint32_t port_major = 248; // of the range for local use
constexpr std::uint32_t max_ports = 8;
constexpr std::string_view log_port_name = "tetrapylon.log";
constexpr std::string_view trace_port_name = "tetrapylon.trace"; // the kernel's own (abi/trace.hpp)
constexpr std::size_t chunk = 1024;                              // bytes copied from a program at a time

/// What all open files of a port share.
class SharedPort final : public device::StreamPort::Listener {
public:
    explicit SharedPort(device::StreamPort& stream) : stream_(stream) {}

    void changed() override {
        SpinlockGuard guard(lock_);
        changed_.wake_all();
    }

    Result<std::size_t> read(Sink& to, bool nonblocking) EXCLUDES(reading_, lock_);
    Result<std::size_t> write(Source& from, bool nonblocking) EXCLUDES(lock_);
    std::uint32_t poll(Poller* poller) EXCLUDES(lock_);
    Result<> wait_until_drained(thread::Time deadline) EXCLUDES(lock_);
    device::StreamPort& stream() { return stream_; }

private:
    device::StreamPort& stream_;
    thread::Mutex reading_; // the oldest bytes stay in place while they are copied
    Spinlock lock_;         // sleepers look at the stream with it held; changed() takes it
    thread::WaitQueue changed_;
};

Result<std::size_t> SharedPort::read(Sink& to, bool nonblocking) {
    if (to.remaining() == 0)
        return std::size_t{0};
    for (;;) {
        {
            thread::MutexGuard guard(reading_);
            std::size_t done = 0;
            while (to.remaining() && !to.faulted()) {
                std::span<const std::byte> bytes = stream_.received();
                if (bytes.empty())
                    break;
                std::size_t n = to.put(bytes.data(), bytes.size());
                stream_.consume(n);
                done += n;
            }
            if (done)
                return done;
            if (to.faulted())
                return fail(Error::bad_address);
        }
        SpinlockGuard guard(lock_);
        while (stream_.received().empty()) {
            if (!stream_.is_connected()) {
                // What came together with the end of the connection is still to be read.
                if (stream_.received().empty())
                    return std::size_t{0};
                break;
            }
            if (nonblocking)
                return fail(Error::would_block);
            TRY(changed_.wait(lock_));
        }
    }
}

Result<std::size_t> SharedPort::write(Source& from, bool nonblocking) {
    std::byte bytes[chunk];
    std::size_t done = 0;
    while (from.remaining()) {
        std::size_t count = from.take(bytes, chunk);
        for (std::size_t sent = 0; sent < count;) {
            if (!stream_.is_connected())
                return done ? Result<std::size_t>(done) : fail(Error::broken_pipe);
            std::size_t n = stream_.send({bytes + sent, count - sent});
            sent += n;
            done += n;
            if (sent == count)
                break;
            if (nonblocking)
                return done ? Result<std::size_t>(done) : fail(Error::would_block);
            SpinlockGuard guard(lock_);
            while (!stream_.can_send() && stream_.is_connected())
                if (auto waited = changed_.wait(lock_); !waited)
                    return done ? Result<std::size_t>(done) : fail(waited.error());
        }
        if (from.faulted())
            return done ? Result<std::size_t>(done) : fail(Error::bad_address);
    }
    return done;
}

std::uint32_t SharedPort::poll(Poller* poller) {
    if (poller)
        poller->listen(changed_);
    SpinlockGuard guard(lock_);
    bool connected = stream_.is_connected();
    std::uint32_t events = 0;
    if (!stream_.received().empty() || !connected)
        events |= event_readable;
    if (stream_.can_send() || !connected)
        events |= event_writable;
    if (!connected)
        events |= event_hang_up;
    return events;
}

Result<> SharedPort::wait_until_drained(thread::Time deadline) {
    SpinlockGuard guard(lock_);
    while (!stream_.is_drained() && stream_.is_connected())
        TRY(changed_.wait(lock_, deadline));
    return {};
}

SharedPort* ports[max_ports];

class PortFile final : public OpenFile {
public:
    PortFile(SharedPort& port, std::uint32_t flags) : OpenFile(Positioning::stream, flags), port_(port) {
        port_.stream().open(can_read(), can_write());
    }
    std::uint32_t poll(Poller* poller) override {
        std::uint32_t events = port_.poll(poller);
        return events & ~((can_read() ? 0u : event_readable) | (can_write() ? 0u : event_writable));
    }
    Result<> sync() override { return port_.wait_until_drained(thread::never); }

protected:
    Result<std::size_t> do_read(std::uint64_t, Sink& to) override { return port_.read(to, is_nonblocking()); }
    Result<std::size_t> do_write(std::uint64_t&, Source& from) override { return port_.write(from, is_nonblocking()); }

private:
    SharedPort& port_;
};

Result<Ref<OpenFile>> open_port(DeviceNumber number, const Path& path, std::uint32_t flags) {
    SharedPort* port = number.minor < max_ports ? ports[number.minor] : nullptr;
    if (!port)
        return fail(Error::no_device);
    auto* made = new (std::nothrow) PortFile(*port, flags);
    if (!made)
        return fail(Error::no_memory);
    made->path = path;
    return Ref<OpenFile>::adopt(made);
}

constinit DeviceKind port_devices{.major = port_major, .first_minor = 0, .minors = max_ports, .open = open_port};

// The kernel log

device::StreamPort* log_port = nullptr;

/// A line; when the host does not keep up, it is lost (the ring buffer has it).
void write_log(std::string_view text) {
    (void)log_port->send(std::as_bytes(std::span(text)));
}

void start_log_port(device::StreamPort& port) {
    port.open(false, true);
    log_port = &port;
    klog::set_sink(write_log);
}

} // namespace

Result<> start_ports() {
    device::wait_for_stream_ports();
    if (!device::first_stream_port())
        return {};
    Ref<WorkingDirectory> place = TRY(WorkingDirectory::create(tree_root(), tree_root(), 0));
    Identity kernel{};
    Walk walk{.place = *place, .start = nullptr, .who = kernel};
    register_device(port_devices);
    TRY(make_directory(walk, "dev/virtio-ports", 0755));
    std::uint32_t minor = 0;
    for (device::StreamPort* port = device::first_stream_port(); port && minor < max_ports; port = port->next) {
        if (port->name() == log_port_name) {
            start_log_port(*port);
            continue;
        }
        if (port->name() == trace_port_name)
            continue;
        auto* shared = new (std::nothrow) SharedPort(*port);
        if (!shared)
            return fail(Error::no_memory);
        ports[minor] = shared;
        port->set_listener(shared);
        char path[128];
        std::size_t length = format::print(path, "dev/virtio-ports/{}", port->name());
        auto made = make_node(walk, {path, length}, Type::character_device, 0600, {port_major, minor});
        if (!made)
            klog::warning("port {}: {}", port->name(), made.error());
        ++minor;
    }
    return {};
}

void drain_ports() {
    constexpr thread::Time longest = 5'000'000'000;
    thread::Time deadline = thread::now() + longest;
    for (SharedPort* port : ports)
        if (port)
            (void)port->wait_until_drained(deadline);
}

} // namespace file
