#include "device/stream_port.hpp"

namespace device {

namespace {

StreamPort* ports = nullptr;
void (*scan_ports)() = nullptr;

} // namespace

StreamPort* first_stream_port() {
    return ports;
}

void add_stream_port(StreamPort& port) {
    port.next = ports;
    ports = &port;
}

StreamPort* find_stream_port(std::string_view name) {
    for (StreamPort* port = ports; port; port = port->next)
        if (port->name() == name)
            return port;
    return nullptr;
}

void wait_for_stream_ports() {
    if (scan_ports)
        scan_ports();
}

void set_stream_port_scan(void (*scan)()) {
    scan_ports = scan;
}

} // namespace device
