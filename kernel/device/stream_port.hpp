#pragma once
// Byte streams between the guest and its host, each with a name (virtio-console ports). The files under
// /dev/virtio-ports stand on this.

#include <cstddef>
#include <span>
#include <string_view>

namespace device {

class StreamPort {
public:
    /// Told of bytes that came, of room to send, and of the host's end coming and going. Called with interrupts off and
    /// no lock of the driver held.
    struct Listener {
        virtual void changed() = 0;

    protected:
        ~Listener() = default;
    };

    virtual std::string_view name() const = 0;
    /// Lets bytes flow in (and the host know that somebody is here). Before it the host's bytes wait there. Errors:
    /// none that matter: without memory nothing comes. May allocate.
    virtual void open(bool reads, bool writes) = 0;
    virtual void set_listener(Listener* listener) = 0;

    /// The oldest bytes that came, contiguous; they stay until consume(). One reader at a time.
    virtual std::span<const std::byte> received() = 0;
    virtual void consume(std::size_t bytes) = 0;
    /// False: the host's end is closed. What was received can still be read.
    virtual bool is_connected() = 0;

    /// Takes what fits and sends it; returns how many bytes were taken. Never blocks. Any context.
    virtual std::size_t send(std::span<const std::byte> bytes) = 0;
    virtual bool can_send() = 0;
    /// True when the host has taken everything.
    virtual bool is_drained() = 0;

    StreamPort* next = nullptr; // in the list of all

protected:
    ~StreamPort() = default;
};

/// All ports, in no order; null at the end. The list is complete once the devices were started.
StreamPort* first_stream_port();
void add_stream_port(StreamPort& port);
/// The port of that name; null: none.
StreamPort* find_stream_port(std::string_view name);

/// Asks the drivers for ports that the host has named but that are not in the list yet; waits a little for the answers.
/// On a thread, interrupts on, after the devices were started.
void wait_for_stream_ports();
void set_stream_port_scan(void (*scan)());

} // namespace device
