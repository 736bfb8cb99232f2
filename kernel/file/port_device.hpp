#pragma once
// Streams to the host as files: /dev/virtio-ports/<name>.

#include "file/tree.hpp"

namespace file {

/// Makes the nodes for the ports that the devices have found; sends the kernel log to the one called "tetrapylon.log".
/// After the devices were started, on a thread. Errors: no_memory.
Result<> start_ports();

/// Waits until the host has taken what was written to any port, at most a few seconds. Before the machine goes off.
void drain_ports();

} // namespace file
