#pragma once

#include <stdexcept>
#include <string>

namespace host {

/// Exit statuses that pylon itself gives; any other one is the program's own.
enum ExitStatus : int {
    timed_out = 124,
    own_failure = 125,
    not_executable = 126,
    not_found = 127,
    signal_base = 128, ///< plus the signal's number
};

/// Ends the command: main() prints the message on stderr and returns the status.
class Failure : public std::runtime_error {
public:
    Failure(int status, const std::string& message) : std::runtime_error(message), status_(status) {}
    [[nodiscard]] int status() const { return status_; }

private:
    int status_;
};

} // namespace host
