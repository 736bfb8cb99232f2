#include "device/virtio/console.hpp"

#include "device/virtio/console_port.hpp"
#include "lib/log.hpp"
#include "memory/frame.hpp"
#include "thread/wait_queue.hpp"

#include <arch/page_table.hpp>
#include <cstring>
#include <new>

namespace device::virtio {

namespace {

constexpr std::uint64_t feature_multiport = 1u << 1;
constexpr std::uint16_t control_receive_queue = 2;
constexpr std::uint16_t control_send_queue = 3;

// Control messages (5.3.6.2).
enum class Event : std::uint16_t {
    device_ready = 0,
    port_add = 1,
    port_remove = 2,
    port_ready = 3,
    console_port = 4,
    resize = 5,
    port_open = 6,
    port_name = 7,
};
struct Message {
    std::uint32_t port;
    Event event;
    std::uint16_t value;
};

constexpr std::size_t control_buffer_bytes = 64; // a message, and a name behind it
constexpr std::size_t control_buffers = page_size / control_buffer_bytes;
constexpr std::uint32_t max_ports = 8; // that we have queues for; the host may offer more

} // namespace

/// One device.
class Console final : public PortOwner {
public:
    explicit Console(Transport& transport) : transport_(transport) {}
    Result<> start();
    /// Until every port has its name, or nothing has come for a while.
    void wait_for_names() EXCLUDES(lock_);

    // PortOwner
    Spinlock& lock() override RETURN_CAPABILITY(lock_) { return lock_; }
    void notify(std::uint16_t queue) override { transport_.notify(queue); }
    void tell_open(std::uint32_t port, bool open) override REQUIRES(lock_) {
        send_message({port, Event::port_open, open});
    }

    Console* next = nullptr;

private:
    static void handle_interrupt(void* self) { static_cast<Console*>(self)->handle_interrupt(); }
    void handle_interrupt() EXCLUDES(lock_);
    Result<> start_queue(std::uint16_t index, Virtqueue& queue);
    void start_port(std::uint32_t id) REQUIRES(lock_);
    void send_message(const Message& message) REQUIRES(lock_);
    void take_control_messages() REQUIRES(lock_);
    void obey(const Message& message, std::string_view rest) REQUIRES(lock_);
    void offer_control_buffer(std::uint16_t index) REQUIRES(lock_);

    Transport& transport_;
    Spinlock lock_;
    Virtqueue control_receive_ GUARDED_BY(lock_);
    Virtqueue control_send_ GUARDED_BY(lock_);
    PhysAddr receive_page_{};
    PhysAddr send_page_{};
    Port* ports_[max_ports] = {}; // set once
    std::uint32_t port_limit_ = 1;
    std::uint32_t messages_ GUARDED_BY(lock_) = 0; // ever received
    std::uint16_t next_send_buffer_ GUARDED_BY(lock_) = 0;
};

namespace {

Console* consoles = nullptr;

void wait_for_all_names() {
    for (Console* console = consoles; console; console = console->next)
        console->wait_for_names();
}

} // namespace

Result<> Console::start_queue(std::uint16_t index, Virtqueue& queue) {
    TRY(queue.create(transport_.max_queue_size(index)));
    return transport_.start_queue(index, queue);
}

Result<> Console::start() {
    std::uint64_t features = TRY(negotiate(transport_, feature_version_1 | feature_multiport));
    if (!(features & feature_multiport))
        return fail(Error::not_supported);
    constexpr std::size_t config_max_ports = 4;
    port_limit_ = transport_.read_config32(config_max_ports);
    if (port_limit_ > max_ports)
        port_limit_ = max_ports;
    TRY(transport_.start_interrupts(handle_interrupt, this));
    receive_page_ = TRY(memory::allocate_frame());
    send_page_ = TRY(memory::allocate_frame());

    SpinlockGuard guard(lock_);
    TRY(start_queue(control_receive_queue, control_receive_));
    TRY(start_queue(control_send_queue, control_send_));
    control_send_.want_interrupts(false);
    for (std::uint32_t id = 0; id < port_limit_; ++id) {
        // All queues of a device are there before it may work.
        auto* port = new (std::nothrow) Port(*this, id);
        if (!port)
            return fail(Error::no_memory);
        ports_[id] = port;
        TRY(start_queue(port->receive_index(), port->receive_queue()));
        TRY(start_queue(port->send_index(), port->send_queue()));
    }
    finish(transport_);
    for (std::uint16_t i = 0; i < control_buffers; ++i)
        offer_control_buffer(i);
    if (control_receive_.publish())
        transport_.notify(control_receive_queue);
    send_message({0, Event::device_ready, 1});
    return {};
}

void Console::offer_control_buffer(std::uint16_t index) {
    Buffer buffer{receive_page_ + index * control_buffer_bytes, control_buffer_bytes, true};
    (void)control_receive_.add({&buffer, 1}, index); // there are never more than fit
}

void Console::send_message(const Message& message) {
    while (control_send_.take())
        ;
    if (control_send_.free_descriptors() == 0)
        return; // a host that does not read what it asked for
    // Messages that are under way lie in other places: there are as many places as descriptors.
    std::uint16_t index = next_send_buffer_++ % Virtqueue::max_size;
    PhysAddr at = send_page_ + index * sizeof(Message);
    std::memcpy(arch::phys_to_virt<std::byte>(at), &message, sizeof message);
    Buffer buffer{at, sizeof(Message), false};
    (void)control_send_.add({&buffer, 1}, index);
    if (control_send_.publish())
        transport_.notify(control_send_queue);
}

void Console::take_control_messages() {
    bool any = false;
    while (auto done = control_receive_.take()) {
        const auto* bytes = arch::phys_to_virt<const char>(receive_page_ + done->token * control_buffer_bytes);
        if (done->bytes >= sizeof(Message)) {
            Message message;
            std::memcpy(&message, bytes, sizeof message);
            obey(message, {bytes + sizeof message, done->bytes - sizeof message});
            ++messages_;
        }
        offer_control_buffer(done->token);
        any = true;
    }
    if (any && control_receive_.publish())
        transport_.notify(control_receive_queue);
}

void Console::obey(const Message& message, std::string_view rest) {
    if (message.port >= port_limit_)
        return;
    Port& port = *ports_[message.port];
    switch (message.event) {
    case Event::port_add:
        port.set_added();
        send_message({message.port, Event::port_ready, 1});
        break;
    case Event::port_name:
        port.set_name(rest);
        break;
    case Event::port_open:
        port.set_connected(message.value != 0);
        break;
    default:
        break; // console ports and sizes are not what our ports are used for; removal is not offered
    }
}

void Console::handle_interrupt() {
    bool changed[max_ports] = {};
    {
        SpinlockGuard guard(lock_);
        take_control_messages();
        for (std::uint32_t id = 0; id < port_limit_; ++id)
            changed[id] = ports_[id]->take_completions();
    }
    for (std::uint32_t id = 0; id < port_limit_; ++id)
        if (changed[id])
            ports_[id]->tell_listener();
}

void Console::wait_for_names() {
    constexpr thread::Time pause = 2'000'000; // 2 ms without a message: that was all
    constexpr thread::Time longest = 1'000'000'000;
    thread::Time end = thread::now() + longest;
    std::uint32_t seen = 0;
    for (bool first = true; thread::now() < end; first = false) {
        bool missing = false;
        std::uint32_t messages;
        {
            SpinlockGuard guard(lock_);
            take_control_messages();
            messages = messages_;
            for (std::uint32_t id = 0; id < port_limit_; ++id)
                missing |= ports_[id]->is_added() && ports_[id]->name().empty();
        }
        if (!missing && !first && messages == seen)
            break;
        seen = messages;
        (void)thread::sleep_until(thread::now() + pause);
    }
    SpinlockGuard guard(lock_);
    for (std::uint32_t id = 0; id < port_limit_; ++id)
        if (ports_[id]->is_added() && !ports_[id]->name().empty())
            add_stream_port(*ports_[id]);
}

Result<> start_console(Transport& transport) {
    auto* console = new (std::nothrow) Console(transport);
    if (!console)
        return fail(Error::no_memory);
    if (auto started = console->start(); !started) {
        // Ports and queues that the device may know of stay; the device is told to stop by the caller.
        return started;
    }
    console->next = consoles;
    consoles = console;
    set_stream_port_scan(wait_for_all_names);
    return {};
}

} // namespace device::virtio
