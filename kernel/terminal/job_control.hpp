#pragma once
// Which process may do what with its controlling terminal.

#include "lib/result.hpp"
#include "process/signal.hpp"

namespace terminal {

/// A process of a background group did what only the foreground may. Its group gets `signal` and the call is to be
/// made again (Error::restart); or, when it blocks or ignores the signal: Error::io for reads, success otherwise;
/// and Error::io when its group is orphaned.
Result<> stop_background(process::Signal signal, bool is_read);

} // namespace terminal
